"""Requirement in plain words, a checklist that ticks itself, one submit with what happens next."""

from datetime import date
from itertools import groupby
from operator import itemgetter
from zoneinfo import ZoneInfo

from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from weineng.assessment.models import Assignment
from weineng.assessment.queries import advice_for
from weineng.evidence import actions
from weineng.evidence.models import Submission
from weineng.evidence.permissions import SUBMIT, VIEW
from weineng.evidence.queries import (
    HOLDER,
    asked_for,
    checklist,
    item_states,
    recording_limits,
    recording_rule,
    submission_page,
)
from weineng.evidence.rules import Span
from weineng.files.links import link_word
from weineng.insight.queries import follows_person
from weineng.kernel.clock import today
from weineng.kernel.ids import seal_id
from weineng.kernel.refusals import NotFound, Refused
from weineng.kernel.sets import get_or_refuse
from weineng.kernel.words import word_for
from weineng.organisations.reach import behind
from weineng.planning.queries import chosen_points
from weineng.programmes.models import Enrolment
from weineng.programmes.queries import document_of
from weineng.standards.models import Point
from weineng.web.shell.actors import Asked
from weineng.web.shell.pages import done, page, show
from weineng.web.shell.programmes import programme_of
from weineng.web.templatetags.words import duration

EDITABLE = ("draft", "returned")


def _own_enrolments(request: Asked) -> QuerySet[Enrolment]:
    programme = programme_of(request)
    return Enrolment.objects.filter(person__in=behind(request.actor), programme=programme).standing_first()


def own_enrolment(request: Asked) -> Enrolment:
    """One's own enrolment in the programme looked at; refuses `not-found`."""
    return get_or_refuse(_own_enrolments(request), programme=programme_of(request))


@page(SUBMIT)
def list_items(request: Asked) -> HttpResponse:
    """Each chosen point and the recording, with how far it is."""
    enrolment = _own_enrolments(request).first()
    if enrolment is None:
        return show(request, "progress/outside.html", {"title": _("Evidence")})
    document = document_of(enrolment.version_id)
    titles = dict(Point.objects.filter(edition__code=document.edition).order_by("place").values_list("code", "title"))
    items = [(state, titles.get(state.point)) for state in item_states(enrolment)]
    context = {
        "items": items, "enrolment": enrolment, "recording": any(state.item == "recording" for state, _title in items),
        "declared": recording_rule(enrolment.pk).declared_minimum, "declares": document.choice.declare,
        "chosen": chosen_points(enrolment.pk).exists(),
    }  # fmt: skip
    return show(request, "evidence/list.html", context)


@page(SUBMIT)
def item(request: Asked, item: str, point: str) -> HttpResponse:
    """The task of a point or the recording: go on with what is begun, or begin."""
    enrolment, code = own_enrolment(request), "" if point == "-" else point
    state = next((s for s in item_states(enrolment) if (s.item, s.point) == (item, code)), None)
    if state is None:
        raise NotFound("evidence.submission")
    if request.method == "POST":
        if state.latest is not None and state.latest.state == "decided":
            row = actions.start_next_attempt(by=request.actor, submission=state.latest.pk)
        else:
            row = actions.draft_submission(by=request.actor, enrolment=enrolment.pk, item=item, point=code)
        return redirect("evidence:task", submission=row.pk)
    if state.latest is not None:
        return redirect("evidence:task", submission=state.latest.pk)
    standard = document_of(enrolment.version_id).edition
    context = {
        "item": item,
        "point": Point.objects.filter(edition__code=standard, code=code).first(),
        "edition": standard,
        "declared": recording_rule(enrolment.pk).declared_minimum,
        "limits": None if code else recording_limits(enrolment),
    }
    return show(request, "evidence/begin.html", context)


@page(SUBMIT, VIEW)
def task(request: Asked, submission: int) -> HttpResponse:
    """One submission: the checklist while it is written, what was handed in afterwards, the advice beside it."""
    return _task(request, submission)


def _task(request: Asked, submission: int, problem: Refused | None = None) -> HttpResponse:
    shown = submission_page(request.actor, submission)
    row = shown.submission
    mine = shown.mine
    editing = mine and row.state in EDITABLE
    points = Point.objects.filter(edition__code=row.edition)
    looking = Assignment.objects.filter(run__dossier__submission=row, role="self", reviewer__in=behind(request.actor))
    context = {
        "shown": shown, "row": row, "mine": mine, "editing": editing, "problem": problem,
        "point": points.filter(code=row.point).first(), "list": _checks(request, row) if editing else None,
        "pieces": [] if editing else _pieces(request, shown), "advice": advice_of(row) if mine else [],
        "chosen": points.filter(code__in=[p.point for p in chosen_points(row.enrolment)]).order_by("place"),
        "spans": {span["point"]: span for span in row.spans},
        "to_rate": looking.filter(state__in=("assigned", "opened")).first(), "edition": row.edition,
        "logged": row.handed_in_on is not None and follows_person(request.actor, row.person_id),
        "again_by": _last_day(row) if editing and row.state == "returned" else None,
    }  # fmt: skip
    return show(request, "evidence/task.html", context, status=422 if problem else None)


def _last_day(row: Submission) -> date | None:
    """The last day on which what was sent back can be handed in again; None once it is over."""
    document = document_of(Enrolment.objects.values_list("version", flat=True).get(pk=row.enrolment))
    last = document.cycle.late_until
    return last if today(ZoneInfo(document.time_zone)) <= last else None


def _checks(request: Asked, row: Submission) -> dict[str, object]:
    """The checklist with the purpose of each upload and links to what is there."""
    listed = checklist(row)
    checks = [
        {
            "check": check, "purpose": f"{HOLDER}:{seal_id(HOLDER, check.item.pk)}",
            "files": [
                (have, link_word(request.actor, have.use), duration(have.use.blob.seconds) if have.use.blob.seconds else "")
                for have in check.files
            ],
        }
        for check in listed.checks
    ]  # fmt: skip
    return {
        "checks": checks,
        "open": listed.texts,
        "ready": listed.ready,
        "consent": listed.consent_asked or bool(row.consent),
    }


def _pieces(request: Asked, shown) -> list[tuple[object, list[tuple[object, list[tuple[object, str]]]]]]:
    """What was handed in, version by version."""
    language = get_language() or ""
    return [
        (
            version,
            [
                (word_for(piece.asked.title, language), [(use, link_word(request.actor, use)) for use in piece.files])
                for piece in version.pieces
            ],
        )
        for version in shown.versions
    ]


def advice_of(row: Submission) -> list[tuple[int, str, list[dict[str, object]]]]:
    """What was said, the newest version first, piece by piece: version, the piece's title, who (by role) said what."""
    titles = {piece.seq: word_for(piece.title, get_language() or "") for piece in asked_for(row)}
    key = itemgetter("assignment__run__dossier__version", "seq")
    return [
        (version, titles.get(seq, str(seq)), list(said)) for (version, seq), said in groupby(advice_for(row), key=key)
    ]


@page(SUBMIT, methods=("POST",))
def act(request: Asked, submission: int) -> HttpResponse:
    """Save what is said of it; hand it in; take it back."""
    wanted = request.POST.get("do", "save")
    try:
        if wanted == "withdraw":
            actions.withdraw_submission(by=request.actor, submission=submission)
            return done(
                request,
                _("Taken back; you can change it and hand it in again."),
                "evidence:task",
                submission=submission,
            )
        _describe(request, submission)
        if wanted == "seal":
            row = actions.seal_submission(by=request.actor, submission=submission)
            said = _("Handed in. Receipt %(receipt)s. It now goes to you, your group and the panel.") % {
                "receipt": row.receipt
            }
            return done(request, said, "evidence:task", submission=submission)
    except Refused as refusal:
        if refusal.code == "not-found":
            raise
        return _task(request, submission, refusal)
    return done(request, _("Saved."), "evidence:task", submission=submission)


def _describe(request: Asked, submission: int) -> None:
    """Note, consent, declared points with their moments: what the form of the page holds."""
    sent = request.POST
    declared = sent.getlist("declared") if "declares" in sent else None
    spans = None
    if declared is not None:
        edges = [
            (point, _seconds(sent.get(f"from_{point}", "")), _seconds(sent.get(f"to_{point}", "")))
            for point in declared
        ]
        spans = [Span(point, start, end) for point, start, end in edges if start is not None and end is not None]
    consent = sent.get("consent") if "asks_consent" in sent else None
    actions.describe_submission(
        by=request.actor, submission=submission, note=sent.get("note"), consent=consent, declared=declared, spans=spans
    )


def _seconds(text: str) -> int | None:
    """`12:40` or `1:02:09` or seconds; None for anything else."""
    parts = text.strip().replace("\uff1a", ":").split(":")
    if not all(part.isdecimal() for part in parts) or len(parts) > 3:
        return None
    total = 0
    for part in parts:
        total = total * 60 + int(part)
    return total


@page(SUBMIT, methods=("POST",))
def drop(request: Asked, submission: int, use: int) -> HttpResponse:
    """Take a file out of a draft."""
    actions.detach_file(by=request.actor, use=use)
    return redirect(reverse("evidence:task", kwargs={"submission": submission}))
