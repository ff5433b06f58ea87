"""What the words of a document are called in a form: labels, allowed values, hints; taken from the format where it says them."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext as say
from django.utils.translation import gettext_lazy as _

from weineng.kernel.words import LANGUAGES, word_for
from weineng.programmes.documents.labels import (
    ESTABLISHMENT_NAMES,
    FLAG_NAMES,
    IN_POST_NAMES,
    ISSUERS,
    KIND_NAMES,
    LEVELS_OF_DOCUMENTS,
    MODE_NAMES,
    STATES_OF_UNITS,
    STRATUM_NAMES,
    VERDICT_NAMES,
)
from weineng.programmes.documents.records import Field, Record, Rows, Table
from weineng.programmes.documents.shapes import Code, Day, Either, Flag, Hundredths, Many, OneOf, Whole
from weineng.programmes.queries import bases_there
from weineng.programmes.rules import APPROVING_LEVELS
from weineng.standards.models import Edition
from weineng.standards.rules import AXES, DIMENSIONS, ENVIRONMENTS

YES_NO: Mapping[str, object] = {"true": _("yes"), "false": _("no")}
LANGUAGE_NAMES: Mapping[str, object] = {
    "zh-hans": _("Simplified Chinese"), "zh-hant": _("Traditional Chinese"), "en": _("English"),
}  # fmt: skip
# Words of the format that mean the same wherever they stand.
WORDS: Mapping[str, object] = {
    **MODE_NAMES, **KIND_NAMES, **IN_POST_NAMES, **ESTABLISHMENT_NAMES, **STATES_OF_UNITS, **LEVELS_OF_DOCUMENTS,
    **STRATUM_NAMES, **VERDICT_NAMES, **DIMENSIONS, **ENVIRONMENTS, **ISSUERS,
    "records": _("delivered as records"), "results": _("earned by results"), "point": _("a capability point"),
    "recording": _("the classroom recording"), "record": _("each record"), "day": _("each day"),
    "course": _("each course"), "kind": _("all together"), "passed": _("when it is passed"),
    "handed_in": _("when it is handed in"), "keep": _("kept, and counted once it is open"),
    "not-counted": _("not counted"), "refuse": _("refused: nothing is chosen or handed in"),
    "dimension": _("dimension"), "environment": _("environment"),
    "minutes": _("hours of some kinds"), "share": _("a share of other hours"),
    "points": _("capability points"), "credits": _("credits"), "none-failed": _("that nothing failed"),
    "items": _("things that are done"), "handbook": _("tasks of the handbook"),
    "school-plan": _("the school's plan is approved"), "declaration": _("declared points"),
    "self-diagnosis": _("the self-diagnosis"), "required": _("of what it asks for"),
    "counted": _("of what is counted for it"), "choice": _("the chosen points"),
    "declared": _("the declared points"), "none": _("none"), "any": _("any"),
    "self": _("the teacher"), "group-peers": _("peers of the teaching group"),
    "panel": _("the school's panel"), "backbone": _("backbone teachers of the school"),
    "training-team": _("the training team"), "experts": _("experts"), "advises": _("advises"),
    "decides": _("decides"), "accepts": _("accepts, person by person"), "samples": _("looks at a sample"),
    "same-subject-in-school": _("same subject in the school"), "same-zone": _("same zone"),
    "may-replace": _("yes, it may"), "programme": _("the programme"), "group": _("leader of the group"),
    "counties": _("counties"), "schools": _("schools"), "teachers": _("teachers"),
    "period": _("in this time"), "cumulative": _("until then, in all"),
    "participants": _("those who take part"), "down": _("downwards"), "up": _("upwards"),
    "document": _("a document"), "video": _("a video"), "video_or_document": _("a video or a document"),
    "archive": _("an archive"), "file": _("any file"),
}  # fmt: skip
# Words that mean something else in one line than elsewhere.
ELSEWHERE: Mapping[tuple[str, str], object] = {
    ("confirmed_by", "school"): _("the school"), ("confirmed_by", "group"): _("leader of the group"),
    ("level", "town"): pgettext_lazy("a unit", "town"),
}  # fmt: skip
CODES = ("code", "programme", "extends", "track_of", "time_zone")  # words that are called what they are
FLAGS = ("periods_for_flag", "minimum_for_flag", "flag")


class Names:
    """The names of one draft: what its own rows are called is offered where another line refers to them."""

    def __init__(self, own: Mapping[str, Any], base: Mapping[str, Any], section: str = "") -> None:
        self.tongue, self.section = get_language() or "en", section
        self.own, self.base = own, base

    def rows(self, section: str) -> dict[str, str]:
        """Code → title of the rows of a list, those of the base first."""
        found: dict[str, str] = {}
        for document in (self.base, self.own):
            rows = document.get(section)
            for row in rows if isinstance(rows, list) else ():
                code = row.get("code") if isinstance(row, dict) else None
                if isinstance(code, str):
                    found[code] = self.title(row.get("title")) or found.get(code, "")
        return found

    def title(self, words: Any) -> str:
        """A text in the reader's language, if it is one."""
        said = {key: one for key, one in words.items() if isinstance(one, str)} if isinstance(words, dict) else {}
        return word_for(said, self.tongue)

    def label(self, spec: Field) -> str:
        """What a field is called: its line in the published schema, in the reader's language."""
        return say(spec.says)

    def hint(self, spec: Field) -> str:
        """What may stand in it."""
        shape = spec.shape
        if isinstance(shape, Whole) and shape.most == Whole().most:
            return say("A whole number, %(least)s or more.") % {"least": shape.least}
        if isinstance(shape, Whole):
            return say("A whole number from %(least)s to %(most)s.") % {"least": shape.least, "most": shape.most}
        if isinstance(shape, Hundredths):
            return say("A number, with two decimals at most.")
        if isinstance(shape, Day):
            return say("A day, as 2026-01-31.")
        if isinstance(shape, Code) and self.section != "tasks" and spec.says.startswith("Code of"):
            return say("Small letters, digits and hyphens, a letter first, at most %(longest)s.") % {
                "longest": shape.longest
            }
        return ""

    def yes(self) -> str:
        """That something is said."""
        return str(YES_NO["true"])

    def language(self, code: str) -> str:
        """The name of a language."""
        return str(LANGUAGE_NAMES[code])

    def languages(self) -> list[str]:
        """Every language, the reader's own first."""
        return sorted(LANGUAGES, key=lambda code: code != self.tongue)

    def marks(self, mark: str) -> list[tuple[str, str, bool]]:
        """What a refinement may make of a line."""
        if not mark and self.own.get("abstract") is not True:
            return [("", "", True)]
        found = [
            ("", say("A refinement may tighten it"), not mark),
            ("fixed", say("Fixed: no lower level may change it"), mark == "fixed"),
        ]
        for level in APPROVING_LEVELS:
            text = say("May be replaced with the approval of the %(level)s") % {"level": LEVELS_OF_DOCUMENTS[level]}
            found.append((level, text, mark == level))
        return found

    def said(self, word: str, value: Any) -> str:
        """A value in a few words."""
        if isinstance(value, dict):
            return self.title(value) or "; ".join(f"{key}: {self.said(key, one)}" for key, one in value.items())
        if isinstance(value, list | tuple):
            return ", ".join(self.said(word, one) for one in value)
        if isinstance(value, bool):
            return str(YES_NO["true" if value else "false"])
        if value is None or word in CODES:
            return str(value or "")
        return self.named(word, str(value))

    def named(self, word: str, value: str) -> str:
        """One word of the document, in the line called `word`."""
        refers = self._referred(word)
        if value in refers:
            return refers[value] or value
        return str(ELSEWHERE.get((word, value)) or WORDS.get(value) or value)

    def options(self, word: str, shape: Any, value: Any) -> list[tuple[str, str, bool]]:
        """What can be picked: words of the format, or the codes of other lines; what stands there stays among them."""
        if isinstance(shape, Flag):
            return [(key, str(name), value is (key == "true")) for key, name in YES_NO.items()]
        offered = self._offered(word, shape)
        on = (
            [value]
            if isinstance(value, str)
            else [one for one in value or () if isinstance(one, str)]
            if isinstance(value, list)
            else []
        )
        if not offered:
            return []
        words = [*offered, *(one for one in on if one not in offered)]
        return [(one, offered.get(one) or one, one in on) for one in words]

    def _offered(self, word: str, shape: Any) -> dict[str, str]:
        if isinstance(shape, Either):
            return {shape.word: self.named(word, shape.word), **self._offered(word, shape.other)}
        inner = shape.of if isinstance(shape, Many) else shape
        if isinstance(inner, OneOf):
            return {one: self.named(word, one) for one in inner.words}
        return {
            code: f"{title} ({code})" if title and title != code else code
            for code, title in self._referred(word).items()
        }

    def _referred(self, word: str) -> dict[str, str]:
        """Codes that a line of this name refers to, with what they are called."""
        if word in FLAGS:
            return {code: str(name) for code, name in FLAG_NAMES.items()}
        if word == "values":
            return {code: str(name) for axis in AXES.values() for code, name in axis.items()}
        if word == "standard":
            return {
                code: self.title(title) for code, title in Edition.objects.order_by("code").values_list("code", "title")
            }
        if word == "extends":
            return dict.fromkeys(bases_there(), "")
        if word == "due_for_batch":
            return self.rows("phases")
        if word == "code" and self.section == "tasks":
            return {"choose": say("Choose capability points"), **self.rows("demands")}
        if word == "of" and self.section == "demands":
            return {"choice": str(WORDS["choice"]), "declared": str(WORDS["declared"]), **self.rows("demands")}
        refers = word in ("kinds", "opens", "kind", "excess_to") and self.section != "scope"
        return self.rows("kinds") if refers and self.section != "certificates" else {}


def short(row: Mapping[str, Any], fields: Mapping[str, Field], names: Names) -> list[tuple[str, str]]:
    """What a line says, field by field, where no sentence can be made of it yet."""
    lines = []
    for name, said in row.items():
        spec = fields.get(name)
        value = said["value"] if isinstance(said, dict) and "value" in said else said
        if spec is not None and not isinstance(spec.shape, Record | Rows | Table):
            lines.append((names.label(spec), names.said(name, value)))
    return lines
