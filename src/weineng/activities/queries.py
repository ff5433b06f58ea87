"""What can be asked of sessions: who belongs to one, who was there, what is missing before it can be closed."""

from dataclasses import dataclass
from datetime import date

from django.db.models import Count, Q, QuerySet

from weineng.activities.models import Product, Session, SignIn
from weineng.activities.permissions import HOLD
from weineng.files.rules import MB, Limits
from weineng.kernel.actors import Actor
from weineng.kernel.clock import civil_date
from weineng.kernel.sets import get_or_refuse
from weineng.organisations.models import Closure, Person, Posting


def members_on(unit: int, on: date) -> QuerySet[Person]:
    """The people with a post at or below the session's unit on its day: they may sign in."""
    below = Closure.objects.filter(ancestor=unit, during__contains=on).values("unit")
    return Person.objects.filter(pk__in=Posting.objects.filter(unit__in=below, during__contains=on).values("person"))


def members_of_session(session: Session) -> QuerySet[Person]:
    """As `members_on`, for a session's unit and day."""
    return members_on(session.unit_id, civil_date(session.starts_at))


def present(session: int) -> QuerySet[SignIn]:
    """Who was there: sign-ins that were not struck."""
    return SignIn.objects.filter(session=session, struck_at__isnull=True).select_related("person").order_by("at", "pk")


def with_attendance(sessions: QuerySet[Session]) -> QuerySet[Session]:
    """Adds `attending`, the number of people who were there."""
    return sessions.annotate(attending=Count("sign_ins", filter=Q(sign_ins__struck_at__isnull=True)))


@dataclass(frozen=True)
class Missing:
    """What a session still lacks before it can be closed; each is a refusal code of `close_session`."""

    minutes: bool
    product: bool
    people: bool
    not_over: bool


def missing_in(session: Session, *, over: bool) -> Missing:
    """What is missing; `over` says whether its end has passed."""
    return Missing(
        minutes=not session.minutes_text.strip(),
        product=not session.products.exists(),
        people=not present(session.pk).exists(),
        not_over=not over,
    )


PRODUCT = "activities.product"  # holder of its files, and the kind of purpose of uploads
PRODUCT_LIMITS = Limits(
    {"document": 50 * MB, "image": 50 * MB, "video": 500 * MB, "audio": 50 * MB, "archive": 50 * MB}
)


def products_held(by: Actor) -> QuerySet[Product]:
    """The products of sessions that `by` holds and that are not closed yet."""
    mine = Session.objects.within(by, HOLD, changing=True).filter(state__in=("planned", "open"))
    return Product.objects.filter(session__in=mine).select_related("session")


def limits_for_product(by: Actor, product: int) -> Limits:
    """What may be uploaded for a product of a session one holds; refuses `not-found`."""
    get_or_refuse(products_held(by), pk=product)
    return PRODUCT_LIMITS
