"""Private, short-lived links to files: made by a page that has checked the reader's reach, good for that reader only.

The word in the address names the use of a file, the instant until which it is good, and a keyed digest over both and the
reader. A wrong, expired or borrowed one, and one whose file was dropped meanwhile, is `not-found`.
"""

from datetime import UTC, datetime, timedelta

from django.utils.crypto import constant_time_compare, salted_hmac

from weineng.files.models import Use
from weineng.kernel.actors import Actor
from weineng.kernel.clock import now
from weineng.kernel.ids import open_id, seal_id
from weineng.kernel.refusals import NotFound

LIFETIME = timedelta(minutes=15)
KIND = "files.use"


def link_word(by: Actor, use: Use) -> str:
    """The word for a link to this file (with its blob) for this reader: fifteen minutes, and three times the length of
    what plays, since a player comes back for every part."""
    until = now() + LIFETIME + timedelta(seconds=3 * (use.blob.seconds or 0))
    stamp = f"{int(until.timestamp()):x}"
    return f"{seal_id(KIND, use.pk)}.{stamp}.{_proof(by, use.pk, stamp)}"


def open_link(by: Actor, word: str) -> Use:
    """The file that a word gives this reader; refuses `not-found`."""
    name, _, rest = word.partition(".")
    stamp, _, proof = rest.partition(".")
    try:
        pk, until = open_id(KIND, name), datetime.fromtimestamp(int(stamp, 16), UTC)
    except (ValueError, OverflowError, OSError):
        raise NotFound(KIND) from None
    if until <= now() or not constant_time_compare(proof, _proof(by, pk, stamp)):
        raise NotFound(KIND)
    use = Use.objects.live().filter(pk=pk, blob__erased_at__isnull=True).select_related("blob").first()
    if use is None:
        raise NotFound(KIND)
    return use


def _proof(by: Actor, use: int, stamp: str) -> str:
    """Bound to the reader, and to the person read for: a link that was passed on opens nothing."""
    return salted_hmac(KIND, f"{use}:{stamp}:{by.person}:{by.on_behalf_of}", algorithm="sha256").hexdigest()[:32]
