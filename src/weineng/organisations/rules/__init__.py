"""What a name, a number, a post and a roster row are, without the database."""

from weineng.organisations.rules.names import name_index, name_order, same_name, search_tokens
from weineng.organisations.rules.numbers import (
    ID_CARD,
    MAIL_SHA1,
    Number,
    check_number,
    digest_of,
    digests_of,
    mail_digest,
    mail_sha1,
    mask,
    plain_number,
)
from weineng.organisations.rules.posts import Post
from weineng.organisations.rules.rosters import RosterOutcome, RosterProblem, RosterRow

__all__ = [
    "ID_CARD",
    "MAIL_SHA1",
    "Number",
    "Post",
    "RosterOutcome",
    "RosterProblem",
    "RosterRow",
    "check_number",
    "digest_of",
    "digests_of",
    "mail_digest",
    "mail_sha1",
    "mask",
    "name_index",
    "name_order",
    "plain_number",
    "same_name",
    "search_tokens",
]
