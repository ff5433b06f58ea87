"""Who can pass under a document: for each kind of teacher how, proven by counting, or which lines contradict each other."""

from typing import Any

from django.http import HttpResponse
from django.utils.translation import gettext as _

from weineng.programmes.documents import from_json
from weineng.programmes.models import Programme
from weineng.programmes.permissions import PUBLISH
from weineng.programmes.proving import TeacherKind, kind_text, kinds_of, line_texts, notes, witness_texts
from weineng.programmes.queries import document_of, find_points, kinds_below, latest_version
from weineng.programmes.rules import Document
from weineng.progress.queries import Told, counted_texts, prove, told
from weineng.web.programmes.documents import parts_of
from weineng.web.programmes.drafts import crumbs_of as crumbs_of_draft
from weineng.web.programmes.drafts import draft_of
from weineng.web.programmes.looking import Look
from weineng.web.programmes.versions import crumbs_of, held_proposal, run_here
from weineng.web.shell.actors import Asked
from weineng.web.shell.pages import done, page, show


@page(PUBLISH)
def reach(request: Asked, programme: int) -> HttpResponse:
    """Under the version in force for new enrolments."""
    row = run_here(request, programme)
    document = document_of(latest_version(programme).pk)
    tabs = parts_of(request, row, "programmes:reach")
    return show(
        request,
        "programmes/reach.html",
        {"programme": row, "tabs": tabs} | _answers(document, kinds_below(document, row.pk, row.owner_id or 0)),
    )


@page(PUBLISH)
def proposal_reach(request: Asked, proposal: int) -> HttpResponse:
    """Under a document that was proposed."""
    row = held_proposal(request, proposal)
    crumbs = crumbs_of(row.programme, _("Who could pass under it"), row)
    document = from_json(row.document)
    answers = _answers(document, kinds_below(document, row.programme_id, row.programme.owner_id or 0))
    return show(request, "programmes/reach.html", {"programme": row.programme, "crumbs": crumbs} | answers)


@page(PUBLISH)
def draft_reach(request: Asked, draft: int) -> HttpResponse:
    """Under a document that is still being written; as long as it has other problems they come first."""
    row = draft_of(request, draft)
    document = Look(row).reading.draft
    if document is None:
        return done(
            request,
            _("As long as a line cannot be read, nobody can be held against it."),
            "programmes:draft",
            draft=row,
        )
    programme = Programme.objects.filter(code=row.code, owner=row.owner_id).first()
    below = kinds_below(
        document, programme.pk if programme else None, programme.owner_id or 0 if programme else row.owner_id
    )
    context = {"programme": row, "crumbs": crumbs_of_draft(row, _("Who could pass under it"))}
    return show(request, "programmes/reach.html", context | _answers(document, below))


def _answers(document: Document, roster: dict[TeacherKind, tuple[int, int]]) -> dict[str, Any]:
    proven = prove(document, dict.fromkeys([*roster, *kinds_of(document)]))
    there = [_shown(document, one, roster) for one in told(one for one in proven if one.answer.kind in roster)]
    elsewhere = [_shown(document, one, roster) for one in told(one for one in proven if one.answer.kind not in roster)]
    remarks = [
        {"text": note.text, "lines": line_texts(document, note.lines)}
        for note in notes(document, find_points(document.standard) or {})
    ]
    return {
        "there": there, "elsewhere": elsewhere, "remarks": remarks,
        "people": sum(people for people, _schools in roster.values()),
        "stuck": any(not one["reached"] for one in there if one["goal"] == "pass"),
    }  # fmt: skip


def _shown(document: Document, one: Told, roster: dict[Any, tuple[int, int]]) -> dict[str, Any]:
    said = one.proven.answer
    return {
        "kinds": [(kind_text(kind), *roster.get(kind, (0, 0))) for kind in one.kinds],
        "goal": said.goal,
        "reached": said.witness is not None,
        "proven": one.proven.holds,
        "steps": witness_texts(document, said.witness) if said.witness else (),
        "counted": list(counted_texts(document, one.proven.counted).values()) if one.proven.counted else [],
        "contradictions": [line_texts(document, lines) for lines in said.contradictions],
    }
