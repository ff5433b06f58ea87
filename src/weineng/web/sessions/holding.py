"""What the host does: plan, change, open, enter who was there, write the minutes, close; and take things back."""

from collections.abc import Callable

from django.http import HttpResponse
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from weineng.activities import actions
from weineng.activities.models import Session
from weineng.activities.permissions import HOLD, VOID
from weineng.activities.queries import members_of_session, present
from weineng.kernel.actors import Actor
from weineng.kernel.ids import open_id
from weineng.kernel.refusals import NotFound, Refused
from weineng.kernel.sets import get_or_refuse
from weineng.kernel.words import word_for
from weineng.organisations.queries import school_of
from weineng.organisations.reach import require_unit
from weineng.planning.queries import group_plan, plan_in_force, points_of_plan
from weineng.programmes.models import Programme
from weineng.standards.models import Point
from weineng.web.sessions.forms import PlanForm
from weineng.web.sessions.seeing import session_page
from weineng.web.shell.actors import Asked
from weineng.web.shell.pages import done, page, refusals_on, show
from weineng.web.shell.programmes import programme_of


@page(HOLD)
def plan(request: Asked, unit: int) -> HttpResponse:
    """Announce a session of a group or school."""
    place = require_unit(request.actor, HOLD, unit)
    programme = programme_of(request)
    if programme is None:
        raise NotFound("programmes.programme")
    form = PlanForm(request.POST or None, points=_points(programme, unit))
    if request.method == "POST" and form.is_valid():
        with refusals_on(form):
            row = actions.plan_session(by=request.actor, unit=unit, programme=programme.code, plan=form.plan())
            return done(request, _("Planned; the members are told."), "sessions:show", session=row)
    return show(request, "sessions/plan.html", {"form": form, "unit": place, "session": None, "theirs": None})


@page(HOLD)
def change(request: Asked, session: int) -> HttpResponse:
    """Change what is planned."""
    row = get_or_refuse(Session.objects.within(request.actor, HOLD, changing=True).select_related("unit"), pk=session)
    programme = Programme.objects.filter(code=row.programme).first()
    points = _points(programme, row.unit_id) if programme else []
    form = PlanForm(request.POST or None, initial=PlanForm.initial_of(row), points=points)
    if request.method == "POST" and form.is_valid():
        with refusals_on(form):
            sent = form.cleaned_data["revision"]
            actions.change_session(by=request.actor, session=session, plan=form.plan(), revision=sent)
            return done(request, _("Changed."), "sessions:show", session=row)
    theirs = None
    if request.method == "POST":
        row.refresh_from_db()
        if form.data.get("revision") != str(
            row.plan_revision
        ):  # somebody else changed it: shown above, and one goes on from there
            form.data, theirs = request.POST.copy(), row
            form.data["revision"] = str(row.plan_revision)
    return show(request, "sessions/plan.html", {"form": form, "unit": row.unit, "session": row, "theirs": theirs})


def _points(programme: Programme, unit: int) -> list[tuple[str, str]]:
    """The points a session can be about: those the school (or the group's plan) has opened."""
    group = group_plan(programme.pk, unit)
    school = plan_in_force(programme.pk, school_of(unit).pk)
    codes = group.points if group else points_of_plan(school) if school else []
    rows = Point.objects.filter(code__in=codes).order_by("place", "pk").values_list("code", "title")
    return [(code, f"{code} {word_for(title, get_language() or '')}") for code, title in rows]


Deed = Callable[[Actor, int, Asked], object]
DEEDS: dict[str, tuple[Deed, object]] = {
    "open": (lambda by, pk, _r: actions.open_session(by=by, session=pk), gettext_lazy("Open for signing in.")),
    "product": (
        lambda by, pk, r: actions.add_product(by=by, session=pk, title=r.POST.get("title", "")),
        gettext_lazy("Product added."),
    ),
    "drop_file": (
        lambda by, _pk, r: actions.detach_product_file(by=by, use=_opened("files.use", r.POST.get("use", ""))),
        gettext_lazy("The file was removed."),
    ),
    "close": (
        lambda by, pk, _r: actions.close_session(by=by, session=pk),
        gettext_lazy("Closed; those who were there earn its minutes."),
    ),
    "reopen": (
        lambda by, pk, r: actions.reopen_session(by=by, session=pk, reason=r.POST.get("reason", "")),
        gettext_lazy("Open again; its minutes do not count until you close it."),
    ),
    "void": (
        lambda by, pk, r: actions.void_session(by=by, session=pk, reason=r.POST.get("reason", "")),
        gettext_lazy("Void; what it earned is withdrawn."),
    ),
    "restore": (
        lambda by, pk, r: actions.restore_session(by=by, session=pk, reason=r.POST.get("reason", "")),
        gettext_lazy("Restored; it counts again."),
    ),
    "strike": (
        lambda by, pk, r: actions.strike_sign_in(
            by=by, session=pk, person=_person(r.POST.get("person", "")), reason=r.POST.get("reason", "")
        ),
        gettext_lazy("Struck."),
    ),
}


@page(HOLD, VOID, methods=("POST",))
def act(request: Asked, session: int) -> HttpResponse:
    """One deed of the session's page, named by the button."""
    if request.POST.get("do") == "minutes":
        return _save_minutes(request, session)
    deed = DEEDS.get(request.POST.get("do", ""))
    if deed is None:
        raise NotFound("activities.session")
    deed[0](request.actor, session, request)
    return done(request, deed[1], "sessions:show", session=session)


def _save_minutes(request: Asked, session: int) -> HttpResponse:
    """Save the minutes; where somebody else did so meanwhile, what was typed stays beside what they wrote."""
    text, sent = request.POST.get("minutes_text", ""), request.POST.get("revision", "")
    revision = int(sent) if sent.isascii() and sent.isdigit() and len(sent) < 10 else -1
    try:
        actions.write_minutes(by=request.actor, session=session, text=text, revision=revision)
    except Refused as refusal:
        if refusal.code != "stale-revision":
            raise
        return session_page(request, session, typed=text, refusal=refusal)
    return done(request, _("Minutes saved."), "sessions:show", session=session)


@page(HOLD)
def people(request: Asked, session: int) -> HttpResponse:
    """Enter who was there."""
    row = get_or_refuse(Session.objects.within(request.actor, HOLD, changing=True).select_related("unit"), pk=session)
    if request.method == "POST":
        picked = [_person(word) for word in request.POST.getlist("pick")]
        actions.enter_sign_ins(by=request.actor, session=session, people=picked)
        return done(request, _("Entered."), "sessions:show", session=row)
    there = {sign_in.person_id for sign_in in present(row.pk)}
    members = [(member, member.pk in there) for member in members_of_session(row).order_by("name_order", "pk")]
    return show(request, "sessions/people.html", {"session": row, "members": members})


def _person(word: str) -> int:
    return _opened("organisations.person", word)


def _opened(kind: str, word: str) -> int:
    try:
        return open_id(kind, word)
    except ValueError:
        raise NotFound(kind) from None
