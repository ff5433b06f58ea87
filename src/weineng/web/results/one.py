"""One result: how it came about, what reviewers said, and the decision to put another level in its place."""

from django.http import HttpResponse
from django.utils.translation import gettext as _

from weineng.assessment.actions import overturn_result
from weineng.assessment.models import Result
from weineng.assessment.permissions import OVERTURN, VIEW_RESULTS
from weineng.assessment.queries import ResultPage, may_overturn, result_page, submissions_assigned
from weineng.audit.models import Line
from weineng.evidence.models import Submission
from weineng.evidence.permissions import VIEW as VIEW_EVIDENCE
from weineng.evidence.rules import LEVEL_NAMES
from weineng.kernel.clock import today
from weineng.kernel.refusals import NotFound
from weineng.organisations.models import Person
from weineng.organisations.reach import is_behind
from weineng.progress.queries import standing_of
from weineng.web.evidence.tasks import advice_of
from weineng.web.progress.overviews import crumbs_to
from weineng.web.results.following import what_follows
from weineng.web.results.forms import OverturnForm
from weineng.web.shell.actors import Asked
from weineng.web.shell.addresses import oid
from weineng.web.shell.pages import done, page, refusals_on, show

SHAPES = {"fail": "refused", "pass": "done", "excellent": "done"}


@page(VIEW_RESULTS)
def one(request: Asked, result: int) -> HttpResponse:
    """A result with its history; for those who may decide, the form."""
    return _page(request, result_page(request.actor, result), None)


def _page(request: Asked, found: ResultPage, form: OverturnForm | None) -> HttpResponse:
    gone = found.present.overturned_at is not None  # with the sheet that had brought it
    decides = may_overturn(request.actor, found.present) and not gone
    own = is_behind(request.actor, found.result.person_id)
    back = {"level": found.before.level} if found.before else {}
    context = {
        "found": found, "history": _history(found, inside=decides), "decides": decides and not own, "own": own, "gone": gone,
        "form": form or OverturnForm(None, present=found.present.level),
        "back": OverturnForm(None, present=found.present.level, initial=back) if back else None,
        "advice": _advice(found.result) if own or _sees_evidence(request, found.result) else [],
        "opens": not own and _sees_evidence(request, found.result), "crumbs": _crumbs(request, found, own=own),
    }  # fmt: skip
    return show(request, "results/one.html", context)


def _advice(row: Result) -> list[tuple[int, str, list[dict[str, object]]]]:
    return advice_of(row.submission) if row.submission is not None else []


def _sees_evidence(request: Asked, row: Result) -> bool:
    reached = Submission.objects.within(request.actor, VIEW_EVIDENCE, assigned=submissions_assigned(request.actor))
    return row.submission_id is not None and reached.filter(pk=row.submission_id).exists()


def _crumbs(request: Asked, found: ResultPage, *, own: bool) -> list[dict[str, object]]:
    """Down to the person, as far as one may see where they stand."""
    if own:
        return []
    try:
        standing = standing_of(request.actor, found.result.enrolment)
    except NotFound:
        return []
    above = crumbs_to(request, standing.leaf, today(), last=found.result.person.name) if standing.leaf else []
    if above:
        above[-1]["url"] = f"/progress/{oid(found.result.enrolment, 'programmes.enrolment')}/"
    return above


def _history(found: ResultPage, *, inside: bool) -> list[dict[str, object]]:
    """Newest first; who decided is told to offices only."""
    changed = {row.pk for row in found.history if row.source == "overturn"}
    acts = Line.objects.filter(thing_type="assessment.result", thing__in=changed, verb="assessment.overturn")
    lines = {line.thing: line for line in acts.order_by("pk")}
    people = Person.objects.filter(pk__in={line.person for line in lines.values() if line.person})
    names = dict(people.order_by("pk").values_list("pk", "name")) if inside else {}
    events = []
    for row in found.history:
        line = lines.get(row.pk)
        text = {
            "overturn": _("The project office set it to “%(level)s”"), "sheet": _("“%(level)s”, brought in from a sheet"),
            "sample": _("A sample set it to “%(level)s”"),
            "acceptance": _("Those who accept set it to “%(level)s”"),
        }.get(row.source, _("The panel decided “%(level)s”"))  # fmt: skip
        events.append(
            {
                "at": line.at if line else row.decided_at, "text": text % {"level": LEVEL_NAMES[row.level]},
                "state": SHAPES[row.level], "more": row.reason, "who": names.get(line.person or 0, "") if line else "",
            }
        )  # fmt: skip
    last = found.present
    if last.overturned_at is not None and last.sheet is not None:
        gone = {
            "at": last.overturned_at,
            "text": _("Taken back with its sheet"),
            "state": "closed",
            "more": last.sheet.reason,
        }
        events.append(gone | {"who": ""})
    return events[::-1]


@page(OVERTURN, methods=("POST",))
def overturn(request: Asked, result: int) -> HttpResponse:
    """First say what would follow; pressed again, do it."""
    found = result_page(request.actor, result)
    row = found.present
    form = OverturnForm(request.POST, present=row.level)
    if form.is_valid():
        chosen = form.cleaned_data
        with refusals_on(form):
            if request.POST.get("do") == "overturn":
                new = overturn_result(by=request.actor, result=row.pk, **chosen)
                said = _("The result is “%(level)s” now; the teacher is told.") % {"level": LEVEL_NAMES[new.level]}
                return done(request, said, "results:one", result=new)
            context = {
                "found": found, "form": form, "following": what_follows(request.actor, row, **chosen), "level": chosen["level"],
                "level_name": LEVEL_NAMES[chosen["level"]], "crumbs": _crumbs(request, found, own=False),
                "person": row.person.name,
            }  # fmt: skip
            return show(request, "results/following.html", context)
    return _page(request, found, form)
