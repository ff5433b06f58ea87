"""Two versions of a document, sentence by sentence: what another one would say instead."""

from dataclasses import dataclass

from weineng.programmes.documents.describing import describe
from weineng.programmes.rules import Document


@dataclass(frozen=True)
class Compared:
    """One line that differs, as `describe` says it. `before` '': the line is added; `after` '': it is taken away."""

    section: str
    path: str
    before: str
    after: str


def compare(before: Document, after: Document, language: str) -> tuple[Compared, ...]:
    """The lines that are other, added or taken away, in `language`, section by section in the order of the new document; what was
    taken away comes last in its section."""
    old = {line.path: line for line in describe(before, language)}
    new = {line.path: line for line in describe(after, language)}
    sections = list(dict.fromkeys(line.section for line in (*new.values(), *old.values())))
    paths = [*new, *(path for path in old if path not in new)]
    found = []
    for path in paths:
        was, becomes = old.get(path), new.get(path)
        line = becomes or was
        texts = (was.text if was else "", becomes.text if becomes else "")
        if line is not None and texts[0] != texts[1]:
            found.append(Compared(line.section, path, *texts))
    return tuple(sorted(found, key=lambda line: sections.index(line.section)))
