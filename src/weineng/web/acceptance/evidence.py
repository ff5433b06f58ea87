"""What one person's results rest on, for those who accept them: levels, what reviewers said, the evidence with its files."""

from django.http import HttpResponse

from weineng.assessment.models import Result
from weineng.assessment.permissions import ACCEPT
from weineng.assessment.queries import PersonToAccept, item_words, person_to_accept
from weineng.evidence.queries import submission_page
from weineng.web.evidence.tasks import advice_of
from weineng.web.review.showing import shown_file
from weineng.web.shell.actors import Asked
from weineng.web.shell.pages import page, show


@page(ACCEPT)
def show_person(request: Asked, programme: int, stage: str, unit: int, enrolment: int) -> HttpResponse:
    """One person's results as those who decide about them see them."""
    found = person_to_accept(request.actor, programme, stage, unit, enrolment)
    context = {"found": found, "results": [_result(request, found, row) for row in found.results]}
    return show(request, "acceptance/evidence.html", context)


def _result(request: Asked, found: PersonToAccept, row: Result) -> dict[str, object]:
    """A result with the version it was decided on."""
    told: dict[str, object] = {"row": row, "item": item_words(row), "parts": [], "advice": [], "note": ""}
    if row.submission is None:
        return told
    versions = submission_page(request.actor, row.submission.pk, found.evidence).versions
    parts = [
        (piece.asked, [shown_file(request.actor, use, use.file_name) for use in piece.files])
        for piece in (versions[0].pieces if versions else ())
    ]
    return told | {"parts": parts, "advice": advice_of(row.submission), "note": row.submission.note}
