"""The catalogues of messages: translators' parts merged, compiled, and what is missing named.

Message ids are English sentences in the source. A language's folder holds `django.po` and, beside it, `parts/*.po` that
translators hand in; a part wins over the catalogue. Compiled files are never committed.
"""

import ast
import os
import re
from collections.abc import Iterator
from pathlib import Path

import polib
from django.utils.translation.template import templatize

IN_CONTEXT = "\4"  # as compiled catalogues do: what stands before it is the context
CALLS = {"_": 1, "say": 1, "gettext": 1, "gettext_lazy": 1, "gettext_noop": 1, "ngettext": 2, "ngettext_lazy": 2}
HEADER = {"MIME-Version": "1.0", "Content-Type": "text/plain; charset=UTF-8", "Content-Transfer-Encoding": "8bit"}
PLURALS = {"en": "nplurals=2; plural=(n != 1);"}
WRITTEN_IN = "en"  # the language of the message ids: complete by itself


def catalogue_folders(locale: Path) -> list[Path]:
    """The `LC_MESSAGES` folders of all languages."""
    return sorted(place for place in locale.glob("*/LC_MESSAGES") if place.is_dir())


def merge(folder: Path) -> polib.POFile:
    """The catalogue of one language with its parts, entries in order of their ids."""
    entries: dict[tuple[str, str], polib.POEntry] = {}
    for place in [folder / "django.po", *sorted((folder / "parts").glob("*.po"))]:
        for entry in polib.pofile(str(place), encoding="utf-8") if place.exists() else []:
            if not entry.obsolete and (entry.msgstr or any(entry.msgstr_plural.values())):
                entries[entry.msgctxt or "", entry.msgid] = entry
    merged = polib.POFile(wrapwidth=118)
    language = folder.parent.name
    merged.metadata = {"Language": language, **HEADER, "Plural-Forms": PLURALS.get(language, "nplurals=1; plural=0;")}
    for _, entry in sorted(entries.items()):
        entry.occurrences = []
        merged.append(entry)
    return merged


def compile_catalogues(locale: Path) -> int:
    """Write `django.mo` for each language whose sources are newer; returns how many were written.

    Where the folder cannot be written (installed by somebody else) what is there is used.
    """
    written = 0
    for folder in catalogue_folders(locale):
        target, sources = folder / "django.mo", [*folder.glob("*.po"), *folder.glob("parts/*.po")]
        # >=: a copy made within one tick of the clock would otherwise stay old
        if not target.exists() or any(s.stat().st_mtime >= target.stat().st_mtime for s in sources):
            if not os.access(folder, os.W_OK):
                continue
            draft = target.with_suffix(f".{os.getpid()}")  # two commands may start at once
            merge(folder).save_as_mofile(str(draft))
            draft.replace(target)
            written += 1
    return written


def wanted(package: Path) -> Iterator[tuple[str, str]]:
    """Every message id in the sources of `package` (after its context, if any), with where it stands (`web/views.py:12`)."""
    for place in sorted(package.rglob("*.py")):
        if "migrations" not in place.parts:
            yield from _in_python(place.read_text(encoding="utf-8"), str(place.relative_to(package)))
    for place in sorted([*package.rglob("templates/**/*.html"), *package.rglob("templates/**/*.txt")]):
        text = templatize(place.read_text(encoding="utf-8"), origin=str(place))
        for line, call in enumerate(text.split("\n"), 1):
            # templatize leaves calls like gettext and ngettext with Python literals, everything else as X
            for found in re.finditer(
                r"\b(?:_|n?p?n?gettext)\((?:[^()'\"]|u?'(?:\\.|[^'\\])*'|u?\"(?:\\.|[^\"\\])*\")*\)", call
            ):
                yield from _in_python(found.group(), f"{place.relative_to(package)}:{line}", located=True)


def _in_python(source: str, where: str, *, located: bool = False) -> Iterator[tuple[str, str]]:
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.Call):
            continue
        name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
        first = node.args[0] if node.args else None
        if name == "say" and (len(node.args) > 1 or isinstance(node.func, ast.Attribute)):
            continue  # a code with its parameters, whose sentence stands elsewhere; or a method that prints to a console
        if name in CALLS and isinstance(first, ast.Constant) and isinstance(first.value, str) and first.value:
            yield first.value, where if located else f"{where}:{node.lineno}"
        elif name == "Field" and len(node.args) > 1 and isinstance(says := node.args[1], ast.Constant):
            yield (
                str(says.value),
                f"{where}:{node.lineno}",
            )  # a line of the documents' format: a form calls it by what it says
        elif name in ("pgettext", "pgettext_lazy") and all(isinstance(part, ast.Constant) for part in node.args):
            message = IN_CONTEXT.join(str(part.value) for part in node.args if isinstance(part, ast.Constant))
            yield message, where if located else f"{where}:{node.lineno}"


def missing(package: Path, folder: Path) -> dict[str, str]:
    """Message ids without a translation in the language of `folder`, each with the first place it stands at."""
    if folder.parent.name == WRITTEN_IN:
        return {}
    present = {IN_CONTEXT.join(filter(None, (entry.msgctxt, entry.msgid))) for entry in merge(folder)}
    lacking: dict[str, str] = {}
    for message, where in wanted(package):
        if message not in present:
            lacking.setdefault(message, where)
    return lacking


def misplaced(folder: Path) -> dict[str, str]:
    """Translations whose places differ from their message's: a name lost or misspelt there breaks the page that shows it."""
    wrong: dict[str, str] = {}
    for entry in merge(folder):
        needed = _places(entry.msgid_plural or entry.msgid)
        allowed = needed | _places(entry.msgid)
        for text in [entry.msgstr] if entry.msgstr else entry.msgstr_plural.values():
            if not needed <= _places(text) <= allowed:
                wrong[entry.msgid] = text
    return wrong


def _places(text: str) -> set[str]:
    """`%(name)s`, `%s` and `{name}` in a text; `%%` is a sign."""
    return set(re.findall(r"%(?:\(\w+\))?[sdf]|\{\w*\}", text.replace("%%", "")))
