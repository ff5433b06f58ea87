"""The teacher's home: what is left, by when, am I finished; one next step."""

from dataclasses import dataclass
from datetime import date

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from weineng.activities.models import Session
from weineng.activities.permissions import SIGN_IN
from weineng.assessment.models import Result
from weineng.assessment.queries import waiting_for
from weineng.certification.models import Certificate
from weineng.certification.queries import certificates_waiting
from weineng.evidence.queries import ItemState, item_states
from weineng.kernel.clock import today
from weineng.kernel.refusals import NotFound
from weineng.kernel.words import word_for
from weineng.organisations.reach import behind, same_people
from weineng.planning.queries import Task, task_list
from weineng.programmes.models import Enrolment
from weineng.programmes.queries import document_of
from weineng.progress.permissions import VIEW
from weineng.progress.queries import StandingPage, shortest_ways, standing_of
from weineng.standards.models import Point
from weineng.web.shell.actors import Asked
from weineng.web.shell.pages import page, show
from weineng.web.shell.programmes import programme_of


@dataclass(frozen=True)
class Step:
    """The one next step, as a big button."""

    text: str
    url: str
    more: str = ""
    due: date | None = None


@dataclass(frozen=True)
class Line:
    """One line of the list: what, by when, how far, where to."""

    text: str
    due: date | None
    state: str  # of the status component
    word: str
    url: str = ""

    @property
    def late(self) -> bool:
        """Overdue, and it is the reader who is to act: what waits for others is not their delay."""
        return self.due is not None and self.due < today() and self.state not in ("done", "waiting", "closed")


@page(VIEW)
def home(request: Asked) -> HttpResponse:
    """Everything a teacher has to know between two lessons."""
    programme = programme_of(request)
    mine = Enrolment.objects.filter(person__in=behind(request.actor), programme=programme).standing_first().first()
    if programme is None or mine is None:
        return show(request, "progress/outside.html", {"title": _("My year")})
    document = document_of(mine.version_id)
    standing = _standing(request, mine.pk)
    items = {(state.item, state.point): state for state in item_states(mine)}
    titles = {p.code: p.title for p in Point.objects.filter(edition__code=document.edition).order_by("place")}
    levels = _levels(mine)
    lines = [*_reviews(request), *(_line(task, items, titles, standing, levels) for task in task_list(mine))]
    finished = standing is not None and standing.verdict in ("pass", "excellent")
    context = {
        "programme": programme, "enrolment": mine, "document": document, "standing": standing, "lines": lines,
        "step": _next_step(request, items, lines, standing), "ways": shortest_ways(request.actor, mine.pk) if standing else (),
        "certificates": Certificate.objects.filter(enrolment=mine, revoked_at__isnull=True).order_by("-issued_at", "pk"),
        "finished": finished, "waits": certificates_waiting([mine.pk]) if finished else [],
        "met_ratio": standing.met / standing.asked if standing and standing.asked else 0.0,
    }  # fmt: skip
    return show(request, "progress/home.html", context)


def _standing(request: Asked, enrolment: int) -> StandingPage | None:
    """None while nothing has been counted yet: the first seconds after enrolment."""
    try:
        return standing_of(request.actor, enrolment)
    except NotFound:
        return None


def _reviews(request: Asked) -> list[Line]:
    """What colleagues handed in and is given to the reader: somebody waits for it."""
    waiting = waiting_for(request.actor)
    if (first := waiting.first()) is None:
        return []
    count = waiting.count()
    text = ngettext("%(n)s piece of work waits for your review", "%(n)s pieces of work wait for your review", count)
    return [Line(text % {"n": count}, first.due_on, "open", _("not reviewed yet"), reverse("review:queue"))]


def _levels(enrolment: Enrolment) -> dict[tuple[str, str], str]:
    """The best level in force of each item, whether decided here or brought in by a sheet."""
    rank = ("fail", "pass", "excellent")
    rows = Result.objects.filter(enrolment=enrolment.pk, overturned_at__isnull=True).order_by("pk")
    levels: dict[tuple[str, str], str] = {}
    for item, point, level in rows.values_list("item", "point", "level"):
        levels[item, point] = max(levels.get((item, point), "fail"), level, key=rank.index)
    return levels


def _line(task: Task, items: dict, titles: dict, standing: StandingPage | None, levels: dict) -> Line:
    """A task with what planning, evidence and progress know of it."""
    if task.done is not True and (task.demand or task.code) in _exempt(standing):
        return Line(_named(task, titles), None, "closed", _("exempt from this"))
    if task.code == "choose":
        word = _("chosen") if task.done else _("not chosen yet")
        choose = reverse("plans:choose")
        return Line(_named(task, titles), task.due_on, "done" if task.done else "open", word, choose)
    if task.code in OWN_ACTS:
        return _own_line(task, titles)
    if task.code in ("point", "recording"):
        item = items.get(("point", task.point) if task.code == "point" else ("recording", ""))
        return _item_line(task, item, _named(task, titles), levels.get((task.code, task.point), ""))
    demand = next((d for d in standing.demands if d.code == task.code), None) if standing else None
    met = demand is not None and demand.met
    word = f"{demand.have_text} / {demand.need_text}" if demand else "–"
    title = demand.title if demand else _named(task, titles)
    url = {"research": reverse("sessions:list"), "online": reverse("learning:records")}.get(task.code, "")
    return Line(title, task.due_on, "done" if met else "open", word, url)


OWN_ACTS = {"declare": "plans:declare", "diagnose": "plans:diagnose", "handbook": "plans:handbook"}  # -> its page


def _own_line(task: Task, titles: dict) -> Line:
    """What the teacher does beside handing in; others may have to answer."""
    words: dict[str, dict[str, str]] = {
        "declare": {"done": _("agreed by the group"), "waiting": _("waits for the group"), "open": _("not declared yet")},
        "handbook": {"done": _("confirmed"), "waiting": _("waits to be confirmed"), "open": _("not done yet")},
        "diagnose": {"done": _("handed in"), "open": _("not done yet")},
    }  # fmt: skip
    shape = "done" if task.done else task.state or "open"
    word = _("returned with advice") if shape == "returned" else words[task.code][shape]
    return Line(_named(task, titles), task.due_on, shape, word, reverse(OWN_ACTS[task.code]))


def _exempt(standing: StandingPage | None) -> set[str]:
    """The demands somebody is exempt from, and `choose` where no points are asked."""
    found = [demand for demand in standing.demands if demand.verdict == "exempt"] if standing else []
    return {demand.code for demand in found} | {"choose" for demand in found if demand.type == "points"}


def _named(task: Task, titles: dict) -> str:
    """What a task is called."""
    if task.code == "choose":
        return _("Choose your points")
    if task.code == "declare":
        return _("Declare the points that are assessed")
    if task.code == "diagnose":
        return _("Answer the self-diagnosis")
    if task.code == "point":
        return f"{task.point} {word_for(titles.get(task.point, {}), get_language() or '')}"
    if task.code == "recording":
        return _("Classroom recording")
    return word_for(task.title, get_language() or "") or task.code


SHAPES = {"draft": "draft", "submitted": "waiting", "opened": "waiting", "returned": "returned"}


def _item_line(task: Task, item: ItemState | None, title: str, best: str) -> Line:
    url = reverse("evidence:item", kwargs={"item": task.code, "point": task.point or "-"})
    words = {
        "": _("not begun"), "draft": _("draft"), "submitted": _("handed in"), "opened": _("being reviewed"),
        "returned": _("returned with advice"), "withdrawn": _("not begun"),
    }  # fmt: skip
    levels = {"excellent": _("excellent"), "pass": _("pass"), "fail": _("not passed; hand in again")}
    latest = item.latest if item else None
    if best in ("pass", "excellent"):
        return Line(title, task.due_on, "done", levels[best], url)
    if latest is not None and latest.state == "decided":
        return Line(title, task.due_on, "refused", levels["fail"], url)
    state = latest.state if latest is not None else ""
    shape = SHAPES.get(state, "open")
    return Line(title, task.due_on, shape, words.get(state, words[""]), url)


def _next_step(request: Asked, items: dict, lines: list[Line], standing: StandingPage | None) -> Step | None:
    """In the order of urgency: an open session now, something returned, choosing, a draft, what is due first."""
    session = (
        Session.objects.within(request.actor, SIGN_IN)
        .filter(state="open")
        .exclude(sign_ins__person__in=same_people([request.actor.person]))
        .first()
    )
    if session is not None:
        return Step(
            _("Sign in to “%(title)s”") % {"title": session.title},
            reverse("sessions:sign_in", kwargs={"session": session}),
        )
    if standing is not None and standing.verdict in ("pass", "excellent", "left", "exempt"):
        return None
    for wanted in ("returned", "refused"):
        if line := next((line for line in lines if line.state == wanted and line.url), None):
            return Step(_("Improve: %(what)s") % {"what": line.text}, line.url, line.word)
    choose = next((line for line in lines if line.url == reverse("plans:choose")), None)
    if choose is not None and choose.state == "open":
        return Step(choose.text, choose.url, due=choose.due)
    if line := next((line for line in lines if line.state == "draft"), None):
        return Step(_("Go on with %(what)s") % {"what": line.text}, line.url, line.word, line.due)
    if line := next((line for line in lines if line.state == "open" and line.url), None):
        begin = _("Begin: %(what)s") if line.url.startswith(reverse("evidence:list")) else "%(what)s"
        return Step(begin % {"what": line.text}, line.url, line.word, line.due)
    return None
