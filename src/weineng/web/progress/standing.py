"""One person's page: requirements on one side, what happened on the other; every minute with its reason."""

from django.http import HttpResponse

from weineng.assessment.models import Result
from weineng.assessment.queries import results_within
from weineng.assessment.rules import LEVELS
from weineng.audit.permissions import READ
from weineng.audit.queries import lines_of_subject
from weineng.evidence.queries import item_states
from weineng.kernel.clock import today
from weineng.kernel.sets import get_or_refuse
from weineng.learning.queries import records_within
from weineng.organisations.reach import is_behind, people_within
from weineng.programmes.models import Enrolment
from weineng.programmes.queries import document_of
from weineng.progress.permissions import VIEW
from weineng.progress.queries import shortest_ways, standing_of
from weineng.web.progress.overviews import crumbs_to
from weineng.web.shell.actors import Asked
from weineng.web.shell.deeds import STATES, told
from weineng.web.shell.pages import page, show

LINES = 30  # of the log beside the requirements; its own page has all


def _results(request: Asked, enrolment: int) -> dict[str, Result]:
    """The result that counts of each item, by its point ('' for the recording), for those who may see results."""
    rows = results_within(request.actor).filter(enrolment=enrolment, overturned_at__isnull=True)
    ranked = sorted(rows, key=lambda row: (LEVELS.index(row.level), row.pk))
    return {row.point: row for row in ranked}


@page(VIEW)
def person(request: Asked, enrolment: int) -> HttpResponse:
    """Where one person stands, for themselves and for the offices above them."""
    standing = standing_of(request.actor, enrolment)
    row = get_or_refuse(Enrolment.objects.select_related("person", "programme"), pk=enrolment)
    own = is_behind(request.actor, row.person_id)
    results = _results(request, enrolment)
    audits = not own and people_within(request.actor, READ).filter(pk=row.person_id).exists()
    log = told(lines_of_subject(row.person_id).filter(verb__in=STATES)[:LINES]) if audits else []
    own_records = {line.record for kind in standing.kinds for line in kind.lines if line.record}
    context = {
        "readable": set(records_within(request.actor, own_records).values_list("pk", flat=True)),
        "standing": standing, "enrolment": row, "document": document_of(row.version_id), "ways": shortest_ways(request.actor, enrolment),
        "items": [(item, results.get(item.point)) for item in item_states(row)], "own": own, "log": log,
        "crumbs": crumbs_to(request, standing.leaf, today(), last=row.person.name) if standing.leaf and not own else [],
    }  # fmt: skip
    return show(request, "progress/person.html", context)
