"""Versions of a programme: propose another document, see whom it would concern, confirm or refuse it as a second person."""

from collections.abc import Iterable
from itertools import groupby
from typing import Any
from urllib.parse import urlencode

from django.db.models import F, QuerySet
from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from weineng.kernel.ids import open_id
from weineng.kernel.refusals import NotFound, Refused
from weineng.kernel.sets import get_or_refuse
from weineng.organisations.models import Person
from weineng.organisations.reach import is_behind
from weineng.programmes import actions
from weineng.programmes.documents import DocumentRefused, compare, from_json
from weineng.programmes.models import Previewed, PreviewedSchool, Programme, Proposal, Version
from weineng.programmes.permissions import PUBLISH
from weineng.programmes.queries import (
    document_of,
    latest_version,
    other_versions,
    programmes_within,
    proposals_within,
    stale_look,
    titles_of,
)
from weineng.progress.reasons import verdict_text
from weineng.web.components.tables import Column, Table
from weineng.web.programmes.documents import SECTIONS, TOLD_ABOVE, held, number_of, parts_of
from weineng.web.programmes.forms import ProposeForm, RefuseForm
from weineng.web.shell.actors import Asked
from weineng.web.shell.pages import done, page, refusals_on, show
from weineng.web.templatetags.words import in_language, oid


@page(PUBLISH)
def versions(request: Asked, programme: int) -> HttpResponse:
    """The change that waits, the versions with how many people each judges, and what became of earlier changes."""
    row = run_here(request, programme)
    found = proposals_within(request.actor, programme)
    table = Table(request, (Column("new", _("Newest first"), sort="pk"),), order="-new", size=20)
    table.cut(found.exclude(state="proposed"))
    context = {
        "programme": row, "tabs": parts_of(request, row, "programmes:versions"), "head": table,
        "waiting": _told(found.filter(state="proposed")), "over": _told(table.rows), "people": other_versions(programme),
        "versions": list(Version.objects.filter(programme=row).order_by("-number")), "last": latest_version(programme),
        "runs": row.started_on is not None and row.closed_on is None,
    }  # fmt: skip
    return show(request, "programmes/versions.html", context)


def run_here(request: Asked, programme: int) -> Programme:
    """A programme that the present post runs: whoever only takes part in it reads its document, not how it is changed."""
    row = get_or_refuse(programmes_within(request.actor, PUBLISH), pk=programme)
    if not held(request, programme):
        raise NotFound("programmes.programme")
    return row


def _told(proposals: Iterable[Proposal]) -> list[dict[str, Any]]:
    """Proposals with the names of who proposed and who decided; one query for all names."""
    rows = list(proposals)
    people = {pk for row in rows for pk in (row.proposed_by, row.proposed_for, row.decided_by, row.decided_for) if pk}
    names = dict(Person.objects.filter(pk__in=people).order_by("pk").values_list("pk", "name"))

    def said(person: int | None, principal: int | None) -> str:
        if person is None or principal is None:
            return names.get(person or 0, "")
        return _("%(name)s for %(principal)s") % {"name": names.get(person, ""), "principal": names.get(principal, "")}

    return [
        {"row": row, "by": said(row.proposed_by, row.proposed_for), "decided": said(row.decided_by, row.decided_for)}
        for row in rows
    ]


@page(PUBLISH)
def propose(request: Asked, programme: int) -> HttpResponse:
    """Propose another document for a programme that has started; what is wrong with it is listed with its place."""
    row = run_here(request, programme)
    form = ProposeForm(
        request.POST or None, request.FILES or None, initial={"source": latest_version(programme).source}
    )
    problems = []
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        with refusals_on(form):
            try:
                made = actions.propose_version(
                    by=request.actor, source=data["text"], everybody=data["everybody"] == "all", reason=data["reason"],
                    file=data["name"][:120], programme=programme,
                )  # fmt: skip
            except DocumentRefused as refused:
                problems = [problem.as_data() for problem in refused.problems]
                raise Refused(refused.code, TOLD_ABOVE) from refused
            return _proposed(request, made)
    context = {"programme": row, "form": form, "problems": problems, "crumbs": crumbs_of(row, _("Propose a change"))}
    return show(request, "programmes/propose.html", context)


@page(PUBLISH, methods=("POST",))
def propose_again(request: Asked, programme: int) -> HttpResponse:
    """The way back: a former version's document is proposed again."""
    made = actions.propose_former(
        by=request.actor, programme=programme, version=number_of(request) or 0, reason=request.POST.get("reason", ""),
        everybody=request.POST.get("everybody") == "all",
    )  # fmt: skip
    return _proposed(request, made)


def _proposed(request: Asked, made: Proposal) -> HttpResponse:
    text = _("Proposed. The platform looks whom it would concern; somebody else of the office has to confirm it.")
    return done(request, text, "programmes:proposal", proposal=made)


def crumbs_of(row: Programme, here: str, proposal: Proposal | None = None) -> list[dict[str, str]]:
    """The way to a page about a programme's versions, or about a proposed one."""
    above = [
        {"text": in_language(row.title), "url": reverse("programmes:document", kwargs={"programme": row})},
        {"text": _("Versions"), "url": reverse("programmes:versions", kwargs={"programme": row})},
    ]
    if proposal is not None:
        above.append(
            {"text": _("Change of the programme"), "url": reverse("programmes:proposal", kwargs={"proposal": proposal})}
        )
    return [*above, {"text": here}]


def held_proposal(request: Asked, proposal: int) -> Proposal:
    """A change that the present post may decide about."""
    rows = Proposal.objects.within(request.actor, PUBLISH).select_related("programme", "against", "version")
    return get_or_refuse(rows, pk=proposal)


@page(PUBLISH)
def proposal(request: Asked, proposal: int) -> HttpResponse:
    """What it changes line by line, whom it would concern, and the decision."""
    return _page(request, held_proposal(request, proposal), RefuseForm())


def _page(request: Asked, row: Proposal, refuse: RefuseForm) -> HttpResponse:
    waits = row.state == "proposed"
    own = is_behind(request.actor, row.proposed_by, row.proposed_for)
    looking = waits and row.looks_made < row.looks_asked
    stale = stale_look(row, row.look_mark) if waits and not looking else None
    kept = waits or (row.state == "confirmed" and row.applied_at is None)
    lines = compare(document_of(row.against_id), from_json(row.document), get_language() or "")
    context = {
        "row": row, "programme": row.programme, "told": _told([row])[0], "waits": waits, "own": own, "looking": looking,
        "stale": stale, "refuse": refuse, "decides": waits and not own,
        "sections": [(SECTIONS[code], list(found)) for code, found in groupby(lines, key=lambda line: line.section)],
        "look": _look(row, kept=kept) if row.looked_at and not looking else None,
        "crumbs": crumbs_of(row.programme, _("Change of the programme")),
        "kept": kept,
    }  # fmt: skip
    return show(request, "programmes/proposal.html", context, status=422 if refuse.errors else 200)


def _look(row: Proposal, *, kept: bool) -> dict[str, Any]:
    """The sums of a look, each with the address of the people behind it while they are kept."""
    people = reverse("programmes:proposal_people", kwargs={"proposal": row})

    def to(**asked: str) -> str:
        return f"{people}?{urlencode(asked)}" if kept else ""

    titles = titles_of(document_of(row.against_id)) | titles_of(from_json(row.document))
    look = row.look
    return {
        "people": look["people"], "changed": look["changed"], "schools": look["schools"], "issued": look["issued"], "ended": look["ended"],
        "issued_url": to(papers="issued"), "ended_url": to(papers="ended"), "changed_url": to(verdict="other"),
        "verdicts": [
            (verdict_text(was), verdict_text(becomes), count, to(was=was, becomes=becomes))
            for was, becomes, count in look["verdicts"]
        ],
        "demands": [
            (in_language(dict(titles.get(code, {}))) or code, met, lost, to(met=code), to(lost=code))
            for code, (met, lost) in look["demands"].items()
        ],
    }  # fmt: skip


@page(PUBLISH)
def people(request: Asked, proposal: int) -> HttpResponse:
    """The people behind one number of a look, as far as they are in the office's units."""
    row = held_proposal(request, proposal)
    rows = _asked_for(Previewed.objects.within(request.actor, PUBLISH).filter(proposal=row), request)
    columns = (
        Column("name", _("Name"), sort="person__name_order"), Column("school", _("School"), sort="school__name"),
        Column("was", _("Now")), Column("becomes", _("Then")), Column("papers", _("Certificates")),
    )  # fmt: skip
    head = Table(request, columns, order="name", size=50).cut(rows.select_related("person", "school"))
    titles = titles_of(document_of(row.against_id)) | titles_of(from_json(row.document))
    context = {
        "row": row, "head": head, "count": rows.count(), "crumbs": crumbs_of(row.programme, _("People"), row),
        "rows": [
            (one, verdict_text(one.was), verdict_text(one.becomes), _named(titles, one.met), _named(titles, one.lost)) for one in head.rows
        ],
    }  # fmt: skip
    return show(request, "programmes/proposal_people.html", context)


def _named(titles: Any, codes: list[str]) -> list[str]:
    return [in_language(dict(titles[code])) if code in titles else code for code in codes]


def _asked_for(rows: "QuerySet[Previewed]", request: Asked) -> "QuerySet[Previewed]":
    asked = request.GET
    if school := asked.get("school"):
        try:
            rows = rows.filter(school=open_id("organisations.unit", school))
        except ValueError:
            raise NotFound("organisations.unit") from None
    if asked.get("verdict") == "other":
        rows = rows.exclude(was=F("becomes"))
    for name, column in (("was", "was"), ("becomes", "becomes")):
        if value := asked.get(name):
            rows = rows.filter(**{column: value})
    for name in ("met", "lost"):
        if code := asked.get(name):
            rows = rows.filter(**{f"{name}__contains": [code[:40]]})
    papers = asked.get("papers")
    return rows.filter(**{f"{papers}__gt": 0}) if papers in ("issued", "ended") else rows


@page(PUBLISH)
def schools(request: Asked, proposal: int) -> HttpResponse:
    """Of how many people of each school the verdict or a certificate would be another one."""
    row = held_proposal(request, proposal)
    rows = PreviewedSchool.objects.within(request.actor, PUBLISH).filter(proposal=row).select_related("unit")
    rows = rows.exclude(verdicts=0, issued=0, ended=0)  # where only demands are other
    columns = (
        Column("school", _("School"), sort="unit__name"),
        Column("verdicts", _("Verdict changes"), number=True, sort="verdicts", descending_first=True),
        Column("gained", _("Would pass"), number=True, sort="gained", descending_first=True),
        Column("fallen", _("Would not have passed"), number=True, sort="fallen", descending_first=True),
        Column("issued", _("Certificates issued"), number=True), Column("ended", _("Certificates ended"), number=True),
    )  # fmt: skip
    head = Table(request, columns, order="-verdicts", size=50).cut(rows)
    behind = reverse("programmes:proposal_people", kwargs={"proposal": row})
    context = {
        "row": row, "head": head, "crumbs": crumbs_of(row.programme, _("Schools"), row),
        "rows": [(one, f"{behind}?{urlencode({'school': oid(one.unit)})}") for one in head.rows],
    }  # fmt: skip
    return show(request, "programmes/proposal_schools.html", context)


@page(PUBLISH, methods=("POST",))
def act(request: Asked, proposal: int) -> HttpResponse:
    """Confirm, refuse or withdraw a change, or have it looked at once more."""
    row, what = held_proposal(request, proposal), request.POST.get("do", "")
    if what == "confirm":
        made = actions.confirm_version(by=request.actor, proposal=proposal, look=request.POST.get("look", ""))
        text = (
            _("Confirmed. Everybody who takes part is moved to it now and counted again.")
            if made.everybody
            else _("Confirmed. Whoever is enrolled from now on starts under it.")
        )
        return done(request, text, "programmes:proposal", proposal=row)
    if what == "withdraw":
        actions.withdraw_version(by=request.actor, proposal=proposal)
        return done(request, _("Withdrawn; nothing was changed."), "programmes:proposal", proposal=row)
    if what == "look":
        actions.look_again(by=request.actor, proposal=proposal)
        return done(request, _("It is being looked at again."), "programmes:proposal", proposal=row)
    if what != "refuse":
        raise NotFound("programmes.proposal")
    form = RefuseForm(request.POST)
    if form.is_valid():
        with refusals_on(form):
            actions.refuse_version(by=request.actor, proposal=proposal, reason=form.cleaned_data["reason"])
            return done(request, _("Refused; nothing was changed."), "programmes:proposal", proposal=row)
    return _page(request, row, form)
