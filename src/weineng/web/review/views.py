"""The queue and the review page. Saving works with a button; where scripts run it happens by itself."""

from collections.abc import Sequence
from dataclasses import replace

from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from weineng.assessment.actions import (
    add_phrase,
    drop_phrase,
    finish_review,
    open_review,
    reopen_review,
    return_dossier,
    save_ratings,
)
from weineng.assessment.models import Assignment, Rating
from weineng.assessment.permissions import REVIEW
from weineng.assessment.queries import (
    FEW,
    FEW_OTHERS,
    EvidencePage,
    ReviewPage,
    assigned_to,
    in_line,
    may_reopen,
    own_ratings,
    own_recusals,
    review_ended,
    review_page,
    waiting_for,
)
from weineng.assessment.rules import RatingDraft
from weineng.evidence.models import Submission
from weineng.files.models import Use
from weineng.files.queries import files_of
from weineng.kernel.refusals import NotFound, Refused
from weineng.programmes.models import Enrolment
from weineng.programmes.queries import document_of
from weineng.standards.models import Point
from weineng.web.components.tables import Column, Table
from weineng.web.review.showing import Shown, shown_file
from weineng.web.shell.actors import Asked
from weineng.web.shell.pages import done, page, show

TRIED = 5  # dossiers looked at for one that can still be opened
GONE = ("not-found", "dossier-closed")  # what a review that ended meanwhile answers


@page(REVIEW)
def queue(request: Asked) -> HttpResponse:
    """What waits for me, soonest due first; and what I have done."""
    head = Table(
        request,
        columns=(
            Column("item", _("Evidence for")),
            Column("role", _("As")),
            Column("due", _("Due"), sort="due_on,assigned_at"),
            Column("state", _("State")),
        ),
        order="due",
        size=60,
    ).cut(waiting_for(request.actor))
    finished = assigned_to(request.actor).filter(state="done")
    over = Table(request, (Column("done", _("Finished"), sort="done_at"),), order="-done", size=20, prefix="f-").cut(
        finished
    )
    context = {
        "head": head, "left": waiting_for(request.actor).count(), "over": over, "finished_count": finished.count(),
        "titles": _titles([*head.rows, *over.rows]),
        "first": waiting_for(request.actor).first() if head.previous or head.sorted_by != "due" else next(iter(head.rows), None),
        "in_line": in_line(request.actor), "few": FEW, "few_others": FEW_OTHERS, "compared": _comparing(request),
        "recusals": own_recusals(request.actor),
    }  # fmt: skip
    return show(request, "review/queue.html", context)


def _comparing(request: Asked) -> Table:
    """The columns of the table of how a reviewer's levels compare."""
    columns = (
        Column("what", _("Compared")),
        Column("count", _("Pieces rated"), number=True),
        Column("same", _("The same"), number=True),
        Column("stricter", _("Stricter"), number=True),
        Column("milder", _("Milder"), number=True),
    )
    return Table(request, columns, prefix="line-")


@page(REVIEW, methods=("POST",))
def open_next(request: Asked) -> HttpResponse:
    """Open the dossier that is due first."""
    opened = _open_first(request)
    if opened is None:
        return done(request, _("Nothing waits for your review."), "review:queue")
    return redirect("review:dossier", pk=opened.pk)


def _open_first(request: Asked, but: int = 0) -> Assignment | None:
    """Open what is due first and still there: what ended in this very moment, by another reviewer's return, is passed by."""
    for row in waiting_for(request.actor).exclude(pk=but)[:TRIED]:
        try:
            return open_review(by=request.actor, assignment=row.pk)
        except Refused as refusal:
            if refusal.code not in GONE:
                raise
    return None


@page(REVIEW, methods=("POST",))
def open_one(request: Asked, pk: int) -> HttpResponse:
    """Open this dossier: from now on its author can no longer take it back."""
    if over := _over(request, pk):
        return over
    open_review(by=request.actor, assignment=pk)
    return redirect("review:dossier", pk=pk)


@page(REVIEW)
def dossier(request: Asked, pk: int) -> HttpResponse:
    """Evidence on one side, the rubric on the other."""
    return _over(request, pk) or _dossier(request, pk)


def _over(request: Asked, pk: int) -> HttpResponse | None:
    """The page of a review that ended while one was at it: what happened, what was kept, and on to the next one."""
    ended = review_ended(request.actor, pk)
    if ended is None:
        return None
    kept = {f"comment-{rating.seq}": rating.comment for rating in ended.saved}
    written = [
        (name.removeprefix("comment-"), text)
        for name, sent in request.POST.items()
        if (name.startswith("comment-") or name == "advice")
        and (text := str(sent).replace("\r\n", "\n").strip()) not in ("", kept.get(name, "").strip())
    ]
    context = {
        "ended": ended, "title": _title(ended.submission), "written": written, "left": waiting_for(request.actor).count(),
    }  # fmt: skip
    return show(request, "review/over.html", context, status=422 if request.method == "POST" else None)


def _dossier(request: Asked, pk: int, problem: Refused | None = None) -> HttpResponse:
    found = assigned_to(request.actor).filter(pk=pk).select_related("run__dossier").first()
    returns = document_of(Enrolment.objects.get(pk=found.run.dossier.enrolment).version_id).returns if found else 0
    shown = review_page(request.actor, pk, returns)
    context = {
        "note": shown.shown(shown.submission.note),
        "said": [(one, shown.shown(one.comment)) for one in shown.advice],
        "page": shown, "title": _titles([shown.assignment]).get(shown.assignment.pk), "problem": problem,
        "parts": [(_as_sent(request, part) if problem else part, files) for part, files in _parts(request, shown)],
        "stored": {part.seq: part for part in shown.evidence} if problem else {}, "declared": _declared(shown),
        "advice": request.POST.get("advice", "") if problem else "",
        "may_reopen": may_reopen(shown.assignment),
        "readonly": shown.assignment.state != "opened" or shown.assignment.run.dossier.state != "open",
    }  # fmt: skip
    return show(request, "review/dossier.html", context, status=422 if problem else None)


def _as_sent(request: Asked, part: EvidencePage) -> EvidencePage:
    """A piece as it was ticked and written when a refusal came; its revision is the stored one, shown beside it."""
    if part.final or f"revision-{part.seq}" not in request.POST:
        return part
    ticks = request.POST.getlist(f"tick-{part.seq}")
    lines = [replace(line, ticked=line.key in ticks) for line in part.lines]
    return replace(part, lines=lines, comment=request.POST.get(f"comment-{part.seq}", "").replace("\r\n", "\n"))


@page(REVIEW, methods=("POST",))
def save(request: Asked, pk: int) -> HttpResponse:
    """Save all ratings of the page; then, by the button pressed, stay, finish and go on, return with advice; or take a
    finished review back."""
    wanted = request.POST.get("do", "save")
    if over := _told_over(request, pk, wanted):
        return over
    try:
        if wanted == "reopen":
            reopen_review(by=request.actor, assignment=pk)
            return done(request, _("Taken back; you can change it and finish again."), "review:dossier", pk=pk)
        saved = _save_all(request, pk)
        if wanted == "finish":
            return _finish(request, pk)
        if wanted == "return":
            return_dossier(by=request.actor, assignment=pk, advice=request.POST.get("advice", ""))
            return _go_on(request, pk, _("Returned with your advice."))
    except Refused as refusal:
        if refusal.code in GONE and (over := _told_over(request, pk, wanted)):
            return over  # it ended in this very moment
        if refusal.code == "not-found":
            raise
        if wanted == "auto":
            return JsonResponse({"code": refusal.code, "message": str(refusal)}, status=422)
        return _dossier(request, pk, refusal)
    if wanted == "auto":
        return JsonResponse({"saved": saved})
    return done(request, _("Saved."), "review:dossier", pk=pk)


def _told_over(request: Asked, pk: int, wanted: str) -> HttpResponse | None:
    over = _over(request, pk)
    if over is None or wanted != "auto":
        return over
    gone = {"code": "dossier-closed", "message": _("this dossier is no longer yours to review"), "over": True}
    return JsonResponse(gone, status=422)


@page(REVIEW, methods=("POST",))
def phrases(request: Asked) -> HttpResponse:
    """Keep or forget a phrase."""
    if forget := request.POST.get("forget"):
        drop_phrase(by=request.actor, phrase=int(forget) if forget.isdecimal() else 0)
        return done(request, _("Forgotten."), "review:queue")
    add_phrase(by=request.actor, text=request.POST.get("text", ""))
    return done(request, _("Kept for reuse."), "review:queue")


def _save_all(request: Asked, pk: int) -> dict[str, dict[str, object]]:
    """Save each piece of evidence whose ticks or comment differ from what is stored; answers level and revision."""
    stored = own_ratings(request.actor, pk)
    names = (name.removeprefix("revision-") for name in request.POST if name.startswith("revision-"))
    seqs = [int(seq) for seq in names if seq.isdecimal()]
    drafts = [draft for seq in seqs if _says_more(draft := _draft(request, seq), stored.get(seq))]
    if not drafts and not assigned_to(request.actor).filter(pk=pk).exists():
        raise NotFound("assessment.assignment")
    told = save_ratings(by=request.actor, assignment=pk, drafts=drafts) if drafts else {}
    for refusal in told.values():
        if isinstance(refusal, Refused):
            raise refusal
    return {
        str(seq): {"level": one.level, "revision": one.revision} for seq, one in told.items() if isinstance(one, Rating)
    }


def _draft(request: Asked, seq: int) -> RatingDraft:
    comment = request.POST.get(f"comment-{seq}", "").replace("\r\n", "\n")
    sent = request.POST.get(f"revision-{seq}", "")
    ticks, looked = request.POST.getlist(f"tick-{seq}"), f"looked-{seq}" in request.POST
    return RatingDraft(seq, ticks, comment, int(sent) if sent.isdecimal() else -1, looked)


def _says_more(draft: RatingDraft, stored: Rating | None) -> bool:
    """Whether there is anything to save; nothing ticked means 'fail' only once the reviewer says that they have looked."""
    if stored is None:
        return bool(draft.ticks or draft.comment or draft.revision or draft.looked)
    same = sorted(draft.ticks) == sorted(stored.ticks) and draft.comment == stored.comment
    rated = bool(draft.ticks or draft.looked) == bool(stored.level)
    return not (same and rated and draft.revision == stored.revision)


def _finish(request: Asked, pk: int) -> HttpResponse:
    finish_review(by=request.actor, assignment=pk)
    return _go_on(request, pk, _("Handed in."))


def _go_on(request: Asked, pk: int, said: str) -> HttpResponse:
    """The next one, now."""
    following = _open_first(request, but=pk)
    if following is None:
        return done(request, said, "review:queue")
    return done(request, said, "review:dossier", pk=following.pk)


def _parts(request: Asked, shown: ReviewPage) -> list[tuple[EvidencePage, list[Shown]]]:
    """Each piece of evidence with its files."""
    items = {item.seq: item.pk for item in shown.submission.items.filter(version=shown.assignment.run.dossier.version)}
    uses: dict[int, list[Use]] = {}
    for use in files_of("evidence.item", list(items.values())):
        uses.setdefault(use.holder_id, []).append(use)
    return [
        (
            part,
            [
                shown_file(request.actor, use, shown.shown(use.file_name))
                for use in uses.get(items.get(part.seq, 0), [])
            ],
        )
        for part in shown.evidence
    ]


def _title(submission: Submission) -> dict[str, str] | None:
    """The title of the point that one piece of work is about."""
    points = Point.objects.filter(edition__code=submission.edition, code=submission.point)
    return points.values_list("title", flat=True).first()


def _titles(rows: Sequence[Assignment]) -> dict[int, dict[str, str] | None]:
    """The title of what each dossier is about: the point's, or none for the recording."""
    wanted = {(row.run.dossier.submission.edition, row.run.dossier.submission.point) for row in rows}
    points = Point.objects.filter(edition__code__in={e for e, _p in wanted}, code__in={p for _e, p in wanted})
    titles = {
        (edition, code): title
        for edition, code, title in points.order_by("pk").values_list("edition__code", "code", "title")
    }
    return {row.pk: titles.get((row.run.dossier.submission.edition, row.run.dossier.submission.point)) for row in rows}


def _declared(shown: ReviewPage) -> list[dict[str, object]]:
    """For the recording: each declared point with the moments where it can be seen."""
    spans: dict[str, list[dict[str, object]]] = {}
    for span in shown.submission.spans:
        spans.setdefault(span["point"], []).append(span)
    points = Point.objects.filter(edition__code=shown.submission.edition, code__in=shown.submission.declared).order_by(
        "place"
    )
    return [{"point": point, "spans": spans.get(point.code, [])} for point in points]
