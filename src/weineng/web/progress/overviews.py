"""A unit's figures against plan, one table of what is below; drilling is one gesture from province to person."""

from dataclasses import dataclass
from datetime import date
from urllib.parse import urlencode

from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from weineng.insight.permissions import VIEW as FIGURES
from weineng.insight.queries import desk_of, tracks_at
from weineng.kernel.clock import today
from weineng.kernel.refusals import NotFound
from weineng.kernel.words import word_for
from weineng.organisations.models import AREAS, Unit
from weineng.organisations.queries import first_below, path_of
from weineng.organisations.reach import require_unit, units_within
from weineng.programmes.queries import document_in_force
from weineng.progress.permissions import EXPORT, VIEW
from weineng.progress.queries import CutValue, Figures, OverviewRow, overview, people_behind, people_page
from weineng.progress.reasons import verdict_text
from weineng.web.components.tables import Column, Table
from weineng.web.progress.cutting import words_of
from weineng.web.progress.desks import desk_view
from weineng.web.shell.actors import Asked
from weineng.web.shell.addresses import oid
from weineng.web.shell.pages import page, show
from weineng.web.shell.programmes import programme_of

SHAPES = {
    "pass": "done", "excellent": "done", "met": "done", "not-passed": "refused", "not-begun": "open", "exempt": "closed", "left": "closed",
}  # fmt: skip
CUT_AT = AREAS  # units whose figures are shown by stage, subject and mark
BESIDE = 40  # siblings in one fold; of more, the list of the unit above has all
VERDICTS = ("not-begun", "in-progress", "pass", "excellent", "pending", "not-passed", "exempt", "left")


@page(FIGURES)
def own(request: Asked) -> HttpResponse:
    """The overview of the unit of the present post."""
    if request.post is not None and units_within(request.actor, FIGURES).filter(pk=request.post.unit).exists():
        return redirect("progress:unit", unit=request.post.unit)
    first = units_within(request.actor, FIGURES).order_by("pk").first()
    if first is None:
        raise NotFound("organisations.unit")
    return redirect("progress:unit", unit=first.pk)


@dataclass(frozen=True)
class Row:
    """One line of the table, with the addresses behind its numbers."""

    title: str
    url: str  # the next level; '' for people of the unit itself
    figures: Figures
    people_url: str
    cells: list[tuple[str, int, int, str]]  # demand title, met, asked, address

    @property
    def under_way(self) -> int:
        """Begun and not finished."""
        return self.figures.people - self.figures.passed - self.figures.verdicts["not-begun"]

    @property
    def passed_url(self) -> str:
        """The people who have finished: pass or better."""
        return self.url_of("finished")

    def url_of(self, verdict: str) -> str:
        """The people of this row with a verdict."""
        return f"{self.people_url}&{urlencode({'verdict': verdict})}"


@page(FIGURES, VIEW)
def figures(request: Asked, unit: int) -> HttpResponse:
    """The figures of a unit on a day; `?on=2026-05-01` looks back."""
    on = day_of(request)
    here = require_unit(request.actor, VIEW, unit, on)
    programme = programme_of(request)
    if programme is None:
        return show(request, "progress/no_programme.html")
    found = overview(request.actor, programme.pk, unit, on)
    rows = [_row(found.demands, row, on) for row in found.rows]
    rows.sort(key=lambda row: (row.figures.share(row.figures.passed), row.title))
    total = _row(found.demands, OverviewRow(unit, found.title, "", found.total), on)
    head = Table(
        request,
        (
            Column("unit", _("Unit")),
            Column("people", _("People"), number=True),
            Column("state", _("finished · under way · not begun")),
            Column("share", _("Finished"), number=True, unit="%"),
            *(Column(code, title, number=True, unit=_("people")) for code, title in found.demands),
        ),
    )
    context = {
        "found": found, "rows": rows, "total": total, "head": head, "on": on, "past": on != today(), "crumbs": crumbs_to(request, unit, on),
        "verdicts": [
            {"text": verdict_text(v), "count": found.total.verdicts[v], "url": total.url_of(v)}
            for v in VERDICTS
            if found.total.verdicts[v]
        ],
        "programme": programme, "exports": units_within(request.actor, EXPORT).filter(pk=unit).exists(),
        "tracks": [(t, oid(t.programme, "programmes.programme")) for t in tracks_at(request.actor, programme, unit, on)],
        "cuts_url": _cuts(unit, on) if here.level in CUT_AT else "",
        "roll_out_url": "" if here.level == "group" else _roll_out(unit, on),
        "desk": desk_view(desk_of(request.actor, programme, here), programme, here) if on == today() else None,
    }  # fmt: skip
    return show(request, "progress/overview.html", context)


def _row(demands: tuple[tuple[str, str], ...], row: OverviewRow, on: date) -> Row:
    here = reverse("progress:people", kwargs={"unit": row.unit})
    people = f"{here}?{urlencode({**on_day(on), 'leaf': row.leaf_kind})}"
    names = {"group": _("the group itself"), "no-group": _("without a group"), "unplaced": _("without a post")}
    url = "" if row.leaf_kind else _address(row.unit, on)
    cells = [
        (
            title,
            row.figures.met[code],
            row.figures.asked[code],
            f"{people}&{urlencode({'demand': code, 'verdict': 'met'})}",
        )
        for code, title in demands
    ]
    return Row(names.get(row.leaf_kind, row.title), url, row.figures, people, cells)


@page(FIGURES, VIEW)
def people(request: Asked, unit: int) -> HttpResponse:
    """The people behind one figure: exactly as many as it said."""
    programme = programme_of(request)
    if programme is None:
        raise NotFound("programmes.programme")
    on, asked = day_of(request), request.GET
    demand, verdict = asked.get("demand", "overall"), asked.get("verdict", "")
    cut = CutValue(asked["by"], asked.get("value", "")) if asked.get("by") else None
    rows = people_behind(
        request.actor, programme.pk, unit, demand=demand, verdict=verdict, participants=asked.get("participants") == "1",
        leaf_kind=asked.get("leaf", ""), cut=cut, on=on,
    )  # fmt: skip
    shown, following = people_page(rows, demand=demand, on=on, after=_after(request))
    names = dict(
        Unit.objects.filter(pk__in={row.leaf for row in shown if row.leaf}).order_by("pk").values_list("pk", "name")
    )
    again = {k: v for k, v in asked.items() if k not in ("after", "name")}
    context = {
        "count": rows.count(), "rows": [
            (row, names.get(row.leaf or 0, ""), SHAPES.get(row.verdict, "waiting"), verdict_text(row.verdict))
            for row in shown
        ],
        "next": f"?{urlencode({**again, 'name': following[0], 'after': following[1]})}" if following else "",
        "crumbs": crumbs_to(request, unit, on, last=_("People")), "on": on, "past": on != today(),
        "verdict": _("Finished") if verdict == "finished" else verdict_text(verdict) if verdict else "",
        "demand": _demand_title(programme.pk, demand), "cut": words_of(cut.by, cut.value) if cut else "",
    }  # fmt: skip
    return show(request, "progress/people.html", context)


def _demand_title(programme: int, code: str) -> str:
    if code == "overall":
        return ""
    titles = {demand.code: demand.title for demand in document_in_force(programme).demands}
    return word_for(titles[code], get_language() or "") if code in titles else code


def _after(request: Asked) -> tuple[str, int] | None:
    after = request.GET.get("after", "")
    return (request.GET.get("name", ""), int(after)) if after.isdecimal() else None


def day_of(request: Asked) -> date:
    """The day an address looks back to (`?on=2026-05-01`): today where it names none, or a day to come."""
    try:
        wanted = date.fromisoformat(request.GET.get("on", ""))
    except ValueError:
        return today()
    return min(wanted, today())


def _roll_out(unit: int, on: date) -> str:
    """The roll-out of a unit, on the same day as this page."""
    url = reverse("progress:roll_out", kwargs={"unit": unit})
    return f"{url}?{urlencode(on_day(on))}" if on_day(on) else url


def _cuts(unit: int, on: date) -> str:
    """The figures of a unit by stage, subject and mark, on the same day as this page."""
    url = reverse("progress:cuts", kwargs={"unit": unit})
    return f"{url}?{urlencode(on_day(on))}" if on_day(on) else url


def _address(unit: int, on: date) -> str:
    """The overview of a unit, on the same day as this page."""
    url = reverse("progress:unit", kwargs={"unit": unit})
    return f"{url}?{urlencode(on_day(on))}" if on_day(on) else url


def on_day(on: date) -> dict[str, str]:
    """The part of an address that looks back; none for today."""
    return {"on": on.isoformat()} if on != today() else {}


def crumbs_to(request: Asked, unit: int, on: date, last: str = "") -> list[dict[str, object]]:
    """Where in the tree, as far up as one may see; each opens sideways to its siblings."""
    way = path_of(unit, on)
    mine = set(
        units_within(request.actor, FIGURES, on).filter(pk__in=[step.pk for step in way]).values_list("pk", flat=True)
    )
    path = [step for step in way if step.pk in mine]
    crumbs: list[dict[str, object]] = []
    for above, step in zip([None, *path], path, strict=False):
        below = first_below(above.pk, BESIDE + 2, on) if above is not None else []
        siblings = [other for other in below if other.pk != step.pk]
        beside = [(other.name, _address(other.pk, on)) for other in siblings[:BESIDE]]
        if above is not None and len(siblings) > BESIDE:
            beside.append((_("All of them"), _address(above.pk, on)))
        crumbs.append({"text": step.name, "url": _address(step.pk, on), "siblings": beside})
    if last:
        crumbs.append({"text": last})
    elif crumbs:
        crumbs[-1]["url"] = ""
    return crumbs
