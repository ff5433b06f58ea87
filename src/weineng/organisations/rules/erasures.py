"""How an erasure goes: who erases what is theirs, in which order, and how long a request waits for a second person."""

from datetime import timedelta

WAITS = timedelta(days=14)  # for a second person; then it has to be asked for anew

# The modules above that hold something of people, each with a step of the worker of its own. Names, since this page stands below
# them; a house rule checks that each has its step and that none is missing. The account comes first, so that nothing new is
# written by whoever is being erased; this module comes last, when all of them are done: until then it knows by which name and
# numbers they find what they hold. Who is meant by the names in statements is known to the module that makes records of them.
ERASERS = (
    "accounts", "files", "activities", "programmes", "planning", "learning", "statements", "evidence", "assessment",
    "certification", "insight",
)  # fmt: skip
BEFORE = {"statements": "learning"}  # who erases only after another one has, which tells it whom it holds
STEPS = len(ERASERS) + 1
