"""The sample teacher beside a draft: what is set of them with a few fields, and where they would stand under it, at once."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.http import HttpResponse, QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from weineng.kernel.clock import today
from weineng.kernel.ids import open_id
from weineng.kernel.sets import get_or_refuse
from weineng.programmes.documents.labels import FLAG_NAMES
from weineng.programmes.models import Draft, Enrolment
from weineng.programmes.permissions import PUBLISH
from weineng.programmes.queries import titles_of
from weineng.programmes.rules import Document, in_periods
from weineng.progress.permissions import VIEW
from weineng.progress.queries import PRESETS, Sample, SampleStanding, points_of, preset, stand_of_sample, stand_under
from weineng.standards.rules import AXES
from weineng.web.programmes.looking import Look
from weineng.web.shell.actors import Asked
from weineng.web.shell.addresses import oid
from weineng.web.shell.pages import done, page, show
from weineng.web.templatetags.words import in_language

SESSION, KEPT = "samples", 10
SEPARATORS = r"[,\uff0c\u3001\s]+"
PEOPLE = 50  # of the programme that can be picked
WORDS: Mapping[str, object] = {
    "passed": gettext_lazy("Points passed"), "excellent": gettext_lazy("Points excellent"),
    "failed": gettext_lazy("Points failed"), "waiting": gettext_lazy("Points handed in, not decided"),
    "chosen": gettext_lazy("Points chosen, nothing more"),
}  # fmt: skip
RECORDINGS: Mapping[str, object] = {
    "": gettext_lazy("not handed in"), "waiting": gettext_lazy("handed in, not decided"),
    "passed": gettext_lazy("passed"), "failed": gettext_lazy("failed"),
}  # fmt: skip
BUTTONS: Mapping[str, object] = {
    "nothing": gettext_lazy("Nothing yet"), "half": gettext_lazy("Half way"),
    "short": gettext_lazy("Just too little"), "enough": gettext_lazy("Just enough"),
}  # fmt: skip
ITEMS: Mapping[str, object] = {
    "handbook": gettext_lazy("Tasks of the handbook that are confirmed"),
    "school-plan": gettext_lazy("The school's plan is approved"),
    "self-diagnosis": gettext_lazy("The self-diagnosis is handed in"),
}  # fmt: skip


@dataclass(frozen=True)
class Panel:
    """What stands beside a draft. `standing` None: the draft has problems, or is a base, so nobody can be judged by it."""

    draft: Draft
    document: Document | None
    sample: Sample | None = None
    standing: SampleStanding | None = None
    people: tuple[tuple[str, str, bool], ...] = ()

    @property
    def buttons(self) -> list[tuple[str, object]]:
        """What a sample can begin with."""
        return [(name, BUTTONS[name]) for name in PRESETS]

    @property
    def hours(self) -> list[tuple[str, str, str, int]]:
        """Kinds that are delivered: code, title, periods, days."""
        if self.document is None or self.sample is None:
            return []
        length, said = self.document.period_minutes, self.sample.minutes
        return [
            (kind.code, in_language(kind.title), in_periods(said.get(kind.code, (0, 0))[0], length), said.get(kind.code, (0, 0))[1])
            for kind in self.document.kinds
            if kind.source == "records"
        ]  # fmt: skip

    @property
    def points(self) -> list[tuple[str, object, str]]:
        """Points by what became of them, as codes in one field each."""
        said = self.sample.points if self.sample else {}
        return [
            (word, label, " ".join(code for code, one in said.items() if one == word)) for word, label in WORDS.items()
        ]

    @property
    def known(self) -> str:
        """The points that can be chosen, by their codes."""
        return " ".join(points_of(self.document)) if self.document else ""

    @property
    def opened(self) -> list[tuple[str, object, bool]]:
        """Values that the school has opened, where schools open any."""
        if self.document is None or self.sample is None or not self.document.choice.opened_minimum:
            return []
        return [(code, name, code in self.sample.opened) for code, name in AXES[self.document.choice.axis].items()]

    @property
    def recordings(self) -> list[tuple[str, object, bool]]:
        """What became of the recording, where the document speaks of one."""
        if self.document is None or self.sample is None:
            return []
        asked = [d.item for d in self.document.demands] + [e.item for e in self.document.earnings]
        said = self.sample.recording
        return [(word, label, word == said) for word, label in RECORDINGS.items()] if "recording" in asked else []

    @property
    def items(self) -> list[tuple[str, object, int]]:
        """Other things that are demanded, with how many of them are done."""
        if self.document is None or self.sample is None:
            return []
        asked = {d.item for d in self.document.demands}
        return [(item, label, self.sample.done.get(item, 0)) for item, label in ITEMS.items() if item in asked]

    @property
    def flags(self) -> list[tuple[str, object, bool]]:
        """Flags of the school that some minimum depends on."""
        if self.document is None or self.sample is None:
            return []
        flags = dict.fromkeys(flag for d in self.document.demands for flag in d.minimum_for_flag)
        return [(flag, FLAG_NAMES.get(flag, flag), flag in self.sample.flags) for flag in flags]

    @property
    def exempt(self) -> list[tuple[str, str, bool]]:
        """Demands and gates somebody can be exempted from."""
        if self.document is None or self.sample is None:
            return []
        said = self.sample.exempt
        return [(code, in_language(title), code in said) for code, title in titles_of(self.document).items()]


def panel_of(request: Asked, look: Look) -> Panel:
    """The sample as it was set last, judged by the draft as it stands."""
    document = look.reading.document
    if document is None:
        return Panel(look.draft, None)
    kept = request.session.get(SESSION, {}).get(str(look.draft.pk), {})
    sample = _sample(document, kept)
    people, person = _people(request, look.draft, kept.get("person", ""))
    with transaction.atomic():
        real = stand_under(request.actor, document, person) if person is not None else None
        standing = real or stand_of_sample(document, sample)
    return Panel(look.draft, document, sample, standing, people)


def _people(request: Asked, draft: Draft, picked: str) -> tuple[tuple[tuple[str, str, bool], ...], int | None]:
    """Who takes part in the programme already and is within reach: (id, name, picked), and the one that is picked."""
    if not request.actor.holds(VIEW) or not draft.code:
        return (), None
    rows = Enrolment.objects.within(request.actor, VIEW).filter(
        programme__code=draft.code, person__merged_into__isnull=True
    )
    found = list(rows.select_related("person").order_by("person__name_order", "pk")[:PEOPLE])
    mine = [row.pk for row in found if oid(row) == picked]
    return tuple((oid(row), row.person.name, oid(row) == picked) for row in found), mine[0] if mine else None


def _sample(document: Document, kept: Mapping[str, Any]) -> Sample:
    """The sample that was kept, as far as the document still knows what it says."""
    on = _day(kept.get("on", ""), document)
    if not kept.get("minutes") and "points" not in kept:
        return preset(document, "half", on)
    kinds = {kind.code for kind in document.kinds if kind.source == "records"}
    there = points_of(document)
    return Sample(
        on=on, opened=tuple(kept["opened"]), recording=kept["recording"], done=kept["done"], flags=tuple(kept["flags"]),
        minutes={kind: (said[0], said[1]) for kind, said in kept["minutes"].items() if kind in kinds},
        points={code: word for code, word in kept["points"].items() if code in there}, exempt=tuple(kept["exempt"]),
    )  # fmt: skip


def _day(word: str, document: Document) -> date:
    """The day that was set, within the cycle; else today, or its middle where today lies outside."""
    cycle = document.cycle
    on = date.fromisoformat(word) if re.fullmatch(r"\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d)", word) else today()
    if cycle.start <= on <= cycle.late_until:
        return on
    return cycle.start + timedelta(days=(cycle.cut_off - cycle.start).days // 2)


@page(PUBLISH, methods=("POST",))
def sample(request: Asked, draft: int) -> HttpResponse:
    """Set the sample teacher: with fields, or begin anew with one of the few to begin with."""
    row = get_or_refuse(Draft.objects.within(request.actor, PUBLISH), pk=draft)
    look = Look(row)
    document = look.reading.document
    if document is not None:
        kept = dict(request.session.get(SESSION, {}))
        kept[str(row.pk)] = _set(document, request.POST)
        request.session[SESSION] = dict(list(kept.items())[-KEPT:])
    if request.htmx:
        return show(request, "programmes/_sample.html", {"panel": panel_of(request, look), "draft": row})
    back = request.POST.get("back", "")
    if back.startswith(f"/programmes/drafts/{oid(row)}/") and "//" not in back:
        return done(request, _("The sample is set."), f"{back}#sample")
    return done(request, _("The sample is set."), "programmes:draft", draft=row)


def _set(document: Document, sent: QueryDict) -> dict[str, Any]:
    word = sent.get("preset", "")
    if word in PRESETS:
        made = preset(document, word, _day(sent.get("on", ""), document))
        return {
            "on": made.on.isoformat(), "minutes": made.minutes, "points": made.points, "opened": made.opened,
            "recording": made.recording, "done": made.done, "flags": sent.getlist("flag"), "exempt": (), "person": "",
        }  # fmt: skip
    said = [(code, word) for word in WORDS for code in re.split(SEPARATORS, sent.get(word, "")) if code]
    recording = sent.get("recording", "")
    return {
        "on": sent.get("on", ""), "minutes": {kind.code: _hours(document, sent, kind.code) for kind in document.kinds},
        "points": dict(said), "opened": sent.getlist("opened"), "recording": recording if recording in RECORDINGS else "",
        "done": {item: _number(sent.get(f"done.{item}", ""), 99) for item in ITEMS}, "flags": sent.getlist("flag"),
        "exempt": sent.getlist("exempt"), "person": _person(sent.get("person", "")),
    }  # fmt: skip


def _person(word: str) -> str:
    try:
        open_id("programmes.enrolment", word)
    except ValueError:
        return ""
    return word


def _hours(document: Document, sent: QueryDict, kind: str) -> tuple[int, int]:
    word = sent.get(f"hours.{kind}", "").strip()
    periods = Decimal(word) if re.fullmatch(r"\d{1,4}(\.\d{1,2})?", word) else Decimal(0)
    minutes = int(periods * document.period_minutes)
    days = _number(sent.get(f"days.{kind}", ""), 1_000)
    return minutes, days or max(1, -(-minutes // (2 * document.period_minutes)))


def _number(word: str, most: int) -> int:
    return min(int(word), most) if word.isascii() and word.isdecimal() and len(word) < 6 else 0
