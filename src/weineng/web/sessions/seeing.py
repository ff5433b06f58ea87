"""What members see: sessions to come and past ones, one session, signing in."""

from django.http import HttpResponse
from django.utils.translation import gettext as _

from weineng.activities.actions import note_wrong_word, sign_in
from weineng.activities.models import Session
from weineng.activities.permissions import HOLD, SIGN_IN, VIEW, VOID
from weineng.activities.queries import members_of_session, missing_in, present, with_attendance
from weineng.files.links import link_word
from weineng.files.models import Use
from weineng.files.queries import files_of
from weineng.kernel.clock import now
from weineng.kernel.refusals import Refused
from weineng.kernel.sets import get_or_refuse
from weineng.organisations.reach import behind, same_people
from weineng.standards.models import Point
from weineng.web.components.tables import Column, Table
from weineng.web.sessions.forms import FORM_NAMES, SignInForm
from weineng.web.shell.actors import Asked
from weineng.web.shell.pages import done, page, refusals_on, show
from weineng.web.shell.programmes import programme_of
from weineng.web.units.picking import pick_units


@page(VIEW)
def list_sessions(request: Asked) -> HttpResponse:
    """What comes, what is open now, what was held; for a host also what still has to be closed."""
    mine = with_attendance(Session.objects.within(request.actor, VIEW)).select_related("unit")
    ahead = mine.filter(state__in=("planned", "open"))
    head = Table(
        request,
        (
            Column("day", _("Day"), sort="starts_at", descending_first=True),
            Column("title", _("Session"), sort="title"),
            Column("unit", _("Group or school")),
            Column("minutes", _("Earns"), number=True, unit=_("minutes")),
            Column("people", _("Were there"), number=True, unit=_("people")),
            Column("state", _("State")),
        ),
        order="-day",
        size=30,
    )
    head.cut(mine.filter(state__in=("closed", "void")))
    coming = Table(request, (Column("day", _("Day"), sort="starts_at"),), order="day", size=20, prefix="c-")
    context = {
        "open": ahead.filter(state="open").order_by("starts_at", "pk"),
        "to_close": ahead.filter(state="planned", ends_at__lte=now()).order_by("starts_at", "pk"),
        "coming": coming.cut(ahead.filter(state="planned", ends_at__gt=now())),
        "head": head,
        "picker": pick_units(request, HOLD, levels=("school", "group")),
        "plans": programme_of(request) is not None,
        "there": set(_signed_in(request)),
    }
    return show(request, "sessions/list.html", context)


def _signed_in(request: Asked) -> list[int]:
    mine = Session.objects.filter(
        sign_ins__person__in=same_people([request.actor.person]), sign_ins__struck_at__isnull=True
    )
    return list(mine.order_by("pk").values_list("pk", flat=True))


@page(VIEW)
def show_session(request: Asked, session: int) -> HttpResponse:
    """One session with what is missing before it can be closed."""
    return session_page(request, session)


def session_page(
    request: Asked, session: int, *, typed: str | None = None, refusal: Refused | None = None
) -> HttpResponse:
    """The page of a session; `typed` are minutes that were not saved, because of the `refusal`."""
    row = get_or_refuse(Session.objects.within(request.actor, VIEW).select_related("unit", "host"), pk=session)
    holds = Session.objects.within(request.actor, HOLD, changing=True).filter(pk=row.pk).exists()
    products = list(row.products.order_by("pk"))
    files: dict[int, list[tuple[Use, str]]] = {}
    for use in files_of("activities.product", [product.pk for product in products]):
        files.setdefault(use.holder_id, []).append((use, link_word(request.actor, use)))
    there = list(present(row.pk))
    context = {
        "session": row, "holds": holds, "there": there, "products": [(product, files.get(product.pk, [])) for product in products],
        "voids": Session.objects.within(request.actor, VOID, changing=True).filter(pk=row.pk).exists(),
        "missing": missing_in(row, over=row.ends_at <= now()) if holds else None,
        "points": Point.objects.filter(code__in=row.points).order_by("place", "pk"),
        "form_name": dict(FORM_NAMES).get(row.form, row.form), "am_there": row.pk in _signed_in(request),
        "is_member": members_of_session(row).filter(pk__in=behind(request.actor)).exists(), "over": row.ends_at <= now(),
        "begun": row.starts_at <= now(), "typed": typed, "refusal": refusal,
    }  # fmt: skip
    return show(request, "sessions/show.html", context, status=422 if refusal else None)


@page(SIGN_IN)
def sign_in_page(request: Asked, session: int) -> HttpResponse:
    """Type the word on the wall."""
    row = get_or_refuse(Session.objects.within(request.actor, SIGN_IN).select_related("unit"), pk=session)
    form = SignInForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        with refusals_on(form):
            _sign_in(request, session, form.cleaned_data["code"])
            return done(request, _("You are signed in."), "sessions:show", session=row)
    return show(request, "sessions/sign_in.html", {"form": form, "session": row})


def _sign_in(request: Asked, session: int, code: str) -> None:
    try:
        sign_in(by=request.actor, session=session, code=code)
    except Refused as refusal:
        if refusal.code == "wrong-code":
            note_wrong_word(by=request.actor, session=session)
        raise
