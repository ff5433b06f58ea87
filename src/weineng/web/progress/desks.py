"""A desk in words: each thing that waits with the page where it is done, each person with what holds them up."""

from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import ngettext

from weineng.insight.queries import Behind, Desk, Waiting
from weineng.organisations.models import Unit
from weineng.programmes.models import Programme


@dataclass(frozen=True)
class Line:
    """Something to do, as a sentence that leads to its page."""

    text: str
    url: str


@dataclass(frozen=True)
class DeskView:
    """What the page shows of a desk."""

    lines: tuple[Line, ...]
    behind: tuple[Behind, ...]


def desk_view(desk: Desk, programme: Programme, unit: Unit) -> DeskView:
    """The desk of a unit in the reader's language."""
    lines = tuple(Line(_text(line), _url(line.code, programme, unit)) for line in desk.waiting)
    return DeskView(lines, desk.behind)


def _text(line: Waiting) -> str:
    n = line.count
    texts = {
        "plans": ngettext("%(n)s school plan waits for your decision", "%(n)s school plans wait for your decision", n),
        "school-plan-missing": ngettext("Your school's plan has not been begun", "Your school's plan has not been begun", n),
        "school-plan-returned": ngettext("Your school's plan was returned: improve it", "Your school's plan was returned: improve it", n),
        "school-plan-draft": ngettext("Your school's plan is a draft: hand it in", "Your school's plan is a draft: hand it in", n),
        "group-plans": ngettext("%(n)s group has not published its plan", "%(n)s groups have not published their plans", n),
        "answers": ngettext(
            "%(n)s declared point or task of the handbook waits for your answer",
            "%(n)s declared points or tasks of the handbook wait for your answer", n,
        ),
        "silent": ngettext("%(n)s teacher has declared no point yet", "%(n)s teachers have declared no point yet", n),
        "sessions": ngettext("%(n)s session is over and not closed", "%(n)s sessions are over and not closed", n),
        "reviewers": ngettext(
            "%(n)s piece of work waits for a reviewer",
            "%(n)s pieces of work wait for a reviewer",
            n,
        ),
        "own-modes": ngettext(
            "%(n)s school proposes a mode of assessment of its own", "%(n)s schools propose modes of assessment of their own", n
        ),
        "acceptance": ngettext("The school's results were not accepted", "The school's results were not accepted", n),
        "exemptions": ngettext("%(n)s exemption waits for a second person", "%(n)s exemptions wait for a second person", n),
        "approvals": ngettext("%(n)s request for an approval waits for you", "%(n)s requests for an approval wait for you", n),
        "erasures": ngettext("%(n)s erasure waits for a second person", "%(n)s erasures wait for a second person", n),
        "reviews": ngettext("%(n)s piece of work waits for your review", "%(n)s pieces of work wait for your review", n),
    }  # fmt: skip
    return texts[line.code] % {"n": n}


def _url(code: str, programme: Programme, unit: Unit) -> str:
    if code.startswith("school-plan-"):
        return reverse("plans:school", kwargs={"unit": unit})
    names = {
        "plans": "plans:queue", "group-plans": "plans:groups", "sessions": "sessions:list", "reviews": "review:queue",
        "erasures": "units:erasures", "approvals": "programmes:approvals", "answers": "plans:answers", "silent": "plans:answers",
    }  # fmt: skip
    if code in names:
        return reverse(names[code])
    if code == "exemptions":
        return reverse("programmes:exemptions", kwargs={"programme": programme})
    return reverse("review:stalled", kwargs={"unit": unit})
