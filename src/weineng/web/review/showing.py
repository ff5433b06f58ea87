"""How a piece of evidence is shown to those who judge or accept it."""

from collections.abc import Sequence
from dataclasses import dataclass

from weineng.files.links import link_word
from weineng.files.models import Use
from weineng.kernel.actors import Actor


@dataclass(frozen=True)
class Shown:
    """A file as the page shows it: how, and where from (a private link for this reader)."""

    use: Use
    how: str  # image, video, audio, pages, text, file
    word: str
    name: str  # of the file, as this reviewer may read it
    pages: Sequence[int]


def shown_file(by: Actor, use: Use, name: str) -> Shown:
    """How a page shows a file of evidence to whom it has found in reach: a private, short-lived link, under a name they may read."""
    family, word = use.blob.family, link_word(by, use)
    how = {"image": "image", "video": "video", "audio": "audio"}.get(family, "file")
    if use.blob.media_type == "application/pdf" and use.blob.pages:
        return Shown(use, "pages", word, name, range(1, min(use.blob.pages, 60) + 1))
    if family == "document":
        how = "text"
    return Shown(use, how, word, name, ())
