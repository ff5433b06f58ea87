"""Hashes by which statements are found: 8 bytes of what a source calls something.

The source is hashed along, so that a key finds nothing of another one. Among a hundred million different names two share a key with
a chance of one in four thousand, and then one source sees a statement too many of its own; so hits are not compared again.
"""

from collections.abc import Mapping
from functools import lru_cache
from hashlib import blake2b
from typing import Any

# What identifies an agent, in the order of the specification.
IDENTIFIERS = ("mbox", "mbox_sha1sum", "openid", "account")


@lru_cache(maxsize=100_000)
def key_of(source: int, kind: str, text: str) -> int:
    """A signed 64-bit key for `text` of a kind: `agent`, `named` (an agent that is object or member), `related` (…anywhere),
    `verb`, `activity`, `around` (an activity anywhere but as the object), `registration`."""
    digest = blake2b(f"{source}\n{kind}\n{text}".encode(), digest_size=8).digest()
    return int.from_bytes(digest, signed=True)


def identity(agent: Mapping[str, Any]) -> str:
    """The identifier of a (valid) agent or group as one text; '' for an anonymous group. Case matters but in the address of a
    mailbox's host."""
    if mbox := agent.get("mbox"):
        name, _, host = mbox.rpartition("@")
        return f"mbox {name}@{host.lower()}"
    if account := agent.get("account"):
        return f"account {account['homePage']} {account['name']}"
    for kind in ("mbox_sha1sum", "openid"):
        if kind in agent:
            return f"{kind} {agent[kind]}"
    return ""
