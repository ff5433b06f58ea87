"""What an upload may be for: who says its limits, and who takes the file once it has arrived.

A purpose is written `kind:word`, the word being the opaque id of the thing (`evidence.item:7k3…`). To take files for
another kind, add a line: a query that gives its limits within the reader's reach, and the action that takes the file.
"""

from collections.abc import Callable
from dataclasses import dataclass

from weineng.activities.actions import attach_product_file
from weineng.activities.queries import limits_for_product
from weineng.evidence.actions import attach_file
from weineng.evidence.queries import limits_for_item
from weineng.files.models import Upload
from weineng.files.rules import Limits
from weineng.kernel.actors import Actor
from weineng.kernel.ids import open_id, seal_id
from weineng.kernel.refusals import NotFound


@dataclass(frozen=True)
class Kind:
    """`limits(by, thing)` refuses `not-found` outside reach; `take(by, thing, upload)` may run twice."""

    limits: Callable[[Actor, int], Limits]
    take: Callable[[Actor, int, int], object]


KINDS: dict[str, Kind] = {
    "evidence.item": Kind(limits_for_item, lambda by, item, upload: attach_file(by=by, item=item, upload=upload)),
    "activities.product": Kind(
        limits_for_product, lambda by, product, upload: attach_product_file(by=by, product=product, upload=upload)
    ),
}


@dataclass(frozen=True)
class Purpose:
    """One purpose: `text` is what is stored with the upload, `word` what stands in addresses."""

    kind: str
    thing: int

    @property
    def text(self) -> str:
        return f"{self.kind}:{self.thing}"

    @property
    def word(self) -> str:
        return f"{self.kind}:{seal_id(self.kind, self.thing)}"

    def limits(self, by: Actor) -> Limits:
        """What may be uploaded here; refuses `not-found`."""
        return KINDS[self.kind].limits(by, self.thing)

    def take(self, by: Actor, upload: Upload) -> None:
        """Give the arrived file to what it is for."""
        KINDS[self.kind].take(by, self.thing, upload.pk)


def purpose_from(word: str) -> Purpose:
    """From an address; refuses `not-found`."""
    kind, _, name = word.partition(":")
    try:
        if kind in KINDS:
            return Purpose(kind, open_id(kind, name))
    except ValueError:
        pass
    raise NotFound("files.purpose")


def purpose_of(upload: Upload) -> Purpose:
    """Of an upload, from what is stored with it."""
    kind, _, thing = upload.purpose.rpartition(":")
    return Purpose(kind, int(thing))
