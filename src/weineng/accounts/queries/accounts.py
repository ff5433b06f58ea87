"""What can be asked of accounts: who acts here and what they may do, whose code this is, who of a unit is activated."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from types import MappingProxyType
from typing import Any

from django.contrib.auth.hashers import check_password
from django.db import connection
from django.db.models import Count, F, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from weineng.accounts.models import Account, ActivationCode, BrowserSession, Delegation, Factor, Grant
from weineng.accounts.permissions import GRANT, MANAGE, giving
from weineng.accounts.roles import ASSIGNED, DEPUTY, OWN, ROLES, Role
from weineng.accounts.rules import code_digests, plain_name
from weineng.gateways.mail import mail_configured
from weineng.kernel.actors import Actor
from weineng.kernel.clock import now, today
from weineng.kernel.refusals import NotFound, Refused
from weineng.organisations.models import Closure, Person, Posting, Unit
from weineng.organisations.queries import current_person
from weineng.organisations.reach import people_within, same_people, units_below, units_within


# --- Who acts ------------------------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Post:
    """A role at a unit that somebody may act in: a grant of their own, or (`delegation`) one of `principal`'s."""

    grant: int
    role: Role
    unit: int
    unit_name: str
    level: str
    until: date | None  # first day without it
    delegation: int | None = None
    principal: int | None = None
    principal_name: str = ""


# Read for every request: written out, since composing it anew would cost more than asking.
_POSTS = """
with me as (select id from organisations_person where merged_into_id = %(person)s or id = %(person)s and merged_into_id is null)
select g.id, g.role, g.unit_id, u.name, u.level, g.ends_on, null::bigint as delegation, null::bigint, ''
from accounts_grant g join organisations_unit u on u.id = g.unit_id
where g.person_id in (select id from me) and g.starts_on <= %(on)s and (g.ends_on is null or g.ends_on > %(on)s)
union all
select g.id, g.role, g.unit_id, u.name, u.level, least(d.ends_on, g.ends_on), d.id, d.principal_id, p.name
from accounts_delegation d
join accounts_grant g on g.id = d.grant_id join organisations_unit u on u.id = g.unit_id
join organisations_person p on p.id = d.principal_id
where d.agent_id in (select id from me) and d.revoked_at is null and d.starts_on <= %(on)s and d.ends_on > %(on)s
  and g.starts_on <= %(on)s and (g.ends_on is null or g.ends_on > %(on)s)
order by delegation nulls first, 1
"""


def posts_of(person: int, on: date | None = None) -> tuple[Post, ...]:
    """Everything a person may act in on a date (default: today), own roles first; one query."""
    with connection.cursor() as cursor:
        cursor.execute(_POSTS, {"person": person, "on": on or today()})
        rows = cursor.fetchall()
    return tuple(Post(grant, ROLES[role], *more) for grant, role, *more in rows if role in ROLES)


def actor_in(person: int, posts: Iterable[Post], door: str, delegation: int | None = None) -> Actor:
    """The Actor of a person with these posts: in all own roles, or in the one that `delegation` lends, and no other.

    Refuses `not-found` for a delegation that is not (or no longer) among the posts.
    """
    if delegation is None:
        return Actor(
            person=person, door=door, nodes=_nodes(p for p in posts if p.delegation is None), own=OWN, assigned=ASSIGNED
        )
    post = next((post for post in posts if post.delegation == delegation), None)
    if post is None:
        raise NotFound("accounts.delegation")
    return Actor(person=person, door=door, on_behalf_of=post.principal, nodes=_nodes([post]), own=DEPUTY)


def _nodes(posts: Iterable[Post]) -> Mapping[str, Mapping[int, int]]:
    nodes: dict[str, dict[int, int]] = {}
    for post in posts:
        for code in post.role.codes if post.delegation is None else post.role.lent_codes:
            nodes.setdefault(code, {})[post.unit] = post.grant
    return MappingProxyType({code: MappingProxyType(units) for code, units in nodes.items()})


def actor_for(account: Account, door: str, delegation: int | None = None) -> Actor:
    """The Actor of a request or job: grants and delegations that hold today, in one query (two for a merged record).

    `delegation` (its id) makes them act in the principal's role, in both names; refuses `not-found` if it does not hold.
    """
    person = person_of(account)
    return actor_in(person, posts_of(person), door, delegation)


def person_of(account: Account) -> int:
    """The person who signs in with an account: of two records of one person, the one that was kept."""
    person = account.person
    return person.pk if person.merged_into_id is None else current_person(person.pk)


def own_account(by: Actor) -> Account:
    """The account of the person who acts, locked for this transaction; nobody touches another's while acting for them.

    Refuses `not-found` for machines, loops, and people without an account.
    """
    rows = Account.objects.select_for_update(of=("self",)).select_related("person")
    row = rows.filter(person__in=same_people([by.person])).order_by("-is_active", "pk").first() if by.person else None
    if row is None:
        raise NotFound("accounts.account")
    return row


def roles_of(person: int, on: date | None = None) -> tuple[Post, ...]:
    """The roles a person holds in their own name on a date (default: today)."""
    return tuple(post for post in posts_of(person, on) if post.delegation is None)


# --- Who stands at the door ----------------------------------------------------------------------------------------
def account_by_password(name: str, password: str) -> Account | None:
    """The account that a sign-in name and a password open now; None whatever the reason.

    A password is hashed in every case, so neither answer nor delay tells whether the account exists or is locked.
    """
    account = Account.objects.select_related("person").filter(name=plain_name(name)).first()
    right = check_password(password, account.password if account else "")
    return account if account and right and account.is_active and not is_locked(account) else None


def joined_name(name: str, password: str) -> str:
    """The sign-in name to use instead, for who comes with the right password of an account that gave way to another one
    of the same person; else '', also while failures keep it locked."""
    account = Account.objects.select_related("yields_to").filter(name=plain_name(name), is_active=False).first()
    other = account.yields_to if account else None
    if account is None or other is None or is_locked(account) or not check_password(password, account.password):
        return ""
    return other.name if other.is_active else ""


def is_locked(account: Account, at: datetime | None = None) -> bool:
    """Whether too many failures keep an account closed at an instant (default: now)."""
    return account.locked_until is not None and account.locked_until > (at or now())


def has_second_factor(account: int) -> bool:
    """Whether a confirmed second factor guards an account."""
    return Factor.objects.filter(account=account, confirmed_at__isnull=False).exists()


@dataclass(frozen=True)
class Holder:
    """Whose activation code it is, for the question "is this you?"."""

    account: int
    sign_in_name: str
    name: str
    school: str
    activated: bool


def live_codes(text: str) -> QuerySet[ActivationCode]:
    """The activation code as typed, if it is still good."""
    rows = ActivationCode.objects.filter(digest__in=code_digests(text), used_at__isnull=True, revoked_at__isnull=True)
    return rows.filter(expires_at__gt=now(), account__is_active=True)


def holder_of(text: str) -> Holder | None:
    """Whose code this is; None for one that is unknown, used, replaced or expired."""
    code = live_codes(text).select_related("account__person").first()
    if code is None:
        return None
    account = code.account
    post = Posting.objects.filter(person=person_of(account), during__contains=today()).order_by("-home", "pk")
    school = post.values_list("school__name", flat=True).first()
    return Holder(account.pk, account.name, account.person.name, school or "", account.activated_at is not None)


def mail_possible() -> bool:
    """Whether codes can be sent by mail here at all."""
    return mail_configured()


# --- Accounts of a unit --------------------------------------------------------------------------------------------
@dataclass(frozen=True)
class AccountRow:
    """Somebody of a unit and how far their account is.

    `state`: none (no account yet), new (no code yet or it expired), waiting (a code is out), active, locked, closed.
    `mine_to_manage` is False where the person holds a role that the reader may not give.
    """

    person: int
    name: str
    group: str
    staff_number: str
    mail: bool
    account: int | None
    sign_in_name: str
    state: str
    code_until: datetime | None
    last_login: datetime | None
    mine_to_manage: bool


def people_at(unit: Unit, on: date | None = None) -> QuerySet[Posting]:
    """Posts of a school or group with all below it, of an office only its own, in staff order; one a person."""
    when = on or today()
    below = Closure.objects.filter(ancestor=unit, during__contains=when).values("unit")
    here = Q(unit__in=below) if unit.level in ("school", "group") else Q(unit=unit)
    first = Posting.objects.filter(here, person=OuterRef("person"), during__contains=when).order_by("-home", "pk")
    return Posting.objects.filter(pk=Subquery(first.values("pk")[:1])).order_by(*STAFF_ORDER)


STAFF_ORDER = ("unit__place", "unit__name", "staff_number", "person__name_order", "person")


def manageable(by: Actor) -> QuerySet[Account]:
    """The accounts that `by` may activate, unlock and close: of people within reach, except of those who hold, were lent or
    will hold a strong role that `by` may not give (else a slip would be a way into it)."""
    if by.system:
        return Account.objects.all()
    mine = Account.objects.filter(person__in=same_people(people_within(by, MANAGE).values("pk")))
    return mine.exclude(person__in=strong_people(besides=by))


def strong_people(besides: Actor | None = None) -> QuerySet[Any, Any]:
    """Ids of every record of the people who hold or were lent a strong role, now or later; `besides` leaves out the roles
    that this actor may give."""
    return _holders([role for role in ROLES.values() if role.strong], besides)


def refuse_greater(by: Actor, people: Iterable[int]) -> None:
    """Refuse `role-not-yours` where one of these people holds or was lent a role, now or later, that `by` may not give: whoever
    makes such a record one with another, or parts it again, would hand that role on."""
    if by.system:
        return
    held = Person.objects.filter(pk__in=people).filter(pk__in=_holders(ROLES.values(), by))
    name = held.order_by("pk").values_list("name", flat=True).first()
    if name is not None:
        text = _(
            "%(name)s holds a role that you may not give. An office further up, or the one whose role was lent, does this."
        )
        raise Refused("role-not-yours", text, name=name)


def holders_among(people: Iterable[int]) -> set[int]:
    """Those of these people, by the record in force, who hold or were lent a role, now or later."""
    rows = Person.objects.filter(pk__in=people).filter(pk__in=_holders(ROLES.values(), None))
    return set(rows.order_by().values_list(Coalesce("merged_into", "pk"), flat=True))


def _holders(roles: Iterable[Role], besides: Actor | None) -> QuerySet[Any, Any]:
    """Ids of every record of the people who hold or were lent one of these roles, but where `besides` may give it."""
    wanted, when = list(roles), today()
    held = Grant.objects.filter(_not_over(when), role__in=[role.code for role in wanted])
    if besides is not None:
        for role in wanted:
            held = held.exclude(role=role.code, unit__in=_where_to_give(besides, role))
    lent = Delegation.objects.filter(grant__in=held.values("pk"), revoked_at__isnull=True, ends_on__gt=when)
    holders = held.values(holder=Coalesce("person__merged_into", "person"))
    deputies = lent.values(holder=Coalesce("agent__merged_into", "agent"))
    return same_people(holders.union(deputies))


def _not_over(when: date) -> Q:
    return Q(ends_on__isnull=True) | Q(ends_on__gt=when)


def accounts_at(by: Actor, unit: int) -> list[AccountRow]:
    """Everybody of a unit within reach, in staff order, with the state of their account; refuses `not-found`."""
    place = units_within(by, MANAGE).filter(pk=unit).first()
    if place is None:
        raise NotFound("organisations.unit")
    posts = list(people_at(place).select_related("unit", "person"))
    accounts = _accounts_of([post.person_id for post in posts])
    codes = _live_code_ends(account.pk for account in accounts.values())
    mine = set(manageable(by).filter(pk__in=[a.pk for a in accounts.values()]).values_list("pk", flat=True))
    return [_account_row(post, accounts.get(post.person_id), codes, mine) for post in posts]


def _accounts_of(people: Iterable[int]) -> dict[int, Account]:
    """Person → the account they sign in with, of any of their records: an open one before a closed one."""
    rows = Account.objects.filter(person__in=same_people(people)).annotate(
        who=Coalesce("person__merged_into", "person")
    )
    return {account.who: account for account in rows.order_by("is_active", "-pk")}


def account_within(by: Actor, account: int) -> AccountRow:
    """One account within reach as its row on the list; refuses `not-found`."""
    row = Account.objects.filter(pk=account, person__in=same_people(people_within(by, MANAGE).values("pk")))
    found = row.select_related("person").first()
    if found is None:
        raise NotFound("accounts.account")
    person = person_of(found)
    posts = Posting.objects.filter(person=person).select_related("unit", "person")
    post = posts.order_by("-home", F("during__endswith").desc(nulls_first=True), "pk").first()
    if post is None:
        raise NotFound("accounts.account")
    mine = set(manageable(by).filter(pk=account).values_list("pk", flat=True))
    return _account_row(post, found, _live_code_ends([account]), mine)


def _live_code_ends(accounts: Iterable[int]) -> dict[int, datetime]:
    rows = ActivationCode.objects.filter(account__in=list(accounts), used_at__isnull=True, revoked_at__isnull=True)
    return dict(rows.filter(expires_at__gt=now()).values_list("account", "expires_at"))


def _account_row(post: Posting, account: Account | None, codes: Mapping[int, datetime], mine: set[int]) -> AccountRow:
    return AccountRow(
        person=post.person_id,
        name=post.person.name,
        group=post.unit.name,
        staff_number=post.staff_number,
        mail=bool(post.person.mail),
        account=account.pk if account else None,
        sign_in_name=account.name if account else "",
        state=_state(account, codes),
        code_until=codes.get(account.pk) if account else None,
        last_login=account.last_login if account else None,
        mine_to_manage=account is None or account.pk in mine,
    )


def _state(account: Account | None, codes: Mapping[int, datetime]) -> str:
    if account is None:
        return "none"
    if not account.is_active:
        return "closed"
    if is_locked(account):
        return "locked"
    if account.activated_at is None:
        return "waiting" if account.pk in codes else "new"
    return "active"


@dataclass(frozen=True)
class UnitCount:
    """How many people a unit below has, and how many of them have activated their account."""

    unit: int
    name: str
    people: int
    activated: int


def activation_below(by: Actor, unit: int) -> list[UnitCount]:
    """The units directly below one within reach, with all their people counted; refuses `not-found`."""
    if not units_within(by, MANAGE).filter(pk=unit).exists():
        raise NotFound("organisations.unit")
    when = today()
    children = Closure.objects.filter(ancestor=unit, depth=1, during__contains=when).select_related("unit")
    children = children.filter(Q(unit__closed_on__isnull=True) | Q(unit__closed_on__gt=when)).exclude(
        unit__level="group"
    )
    here = Q(unit__postings__during__contains=when)
    owners = Account.objects.filter(activated_at__isnull=False).values(who=Coalesce("person__merged_into", "person"))
    staff, active = "unit__postings__person", Q(unit__postings__person__in=owners)
    rows = Closure.objects.filter(ancestor__in=children.values("unit"), during__contains=when).values("ancestor")
    counts = {
        row["ancestor"]: (row["people"], row["activated"])
        for row in rows.annotate(
            people=Count(staff, filter=here, distinct=True), activated=Count(staff, filter=here & active, distinct=True)
        )
    }
    return [
        UnitCount(row.unit_id, row.unit.name, *counts.get(row.unit_id, (0, 0)))
        for row in children.order_by("unit__place", "unit__name", "unit")
    ]


# --- Roles, delegations, sessions, keys ----------------------------------------------------------------------------
def grants_at(by: Actor, unit: int, on: date | None = None) -> QuerySet[Grant]:
    """Roles held at a unit and below it, now or later, that `by` may see; by unit, role and name."""
    if not units_within(by, GRANT).filter(pk=unit).exists():
        raise NotFound("organisations.unit")
    when = on or today()
    rows = Grant.objects.filter(unit__in=units_below({unit}, when).values("pk"))
    rows = rows.filter(_not_over(when)).select_related("person", "unit")
    return rows.order_by("unit__level", "unit__place", "unit__name", "role", "person__name_order", "pk")


def givable_roles(by: Actor, unit: int) -> list[Role]:
    """The roles that `by` may give at a unit, in the order of the page of roles."""
    level = Unit.objects.filter(pk=unit).values_list("level", flat=True).first()
    return [role for role in ROLES.values() if level in role.levels and may_give(by, role, unit)]


def may_give(by: Actor, role: Role, unit: int) -> bool:
    """Whether `by` may give (and end) a role at a unit: held there or above; a role `from_above` strictly above."""
    return by.system or _where_to_give(by, role).filter(unit=unit).exists()


def _where_to_give(by: Actor, role: Role) -> QuerySet[Any, Any]:
    least = 1 if role.from_above else 0
    nodes = by.units(giving(role.code))
    below = Closure.objects.filter(ancestor__in=nodes, depth__gte=least, during__contains=today())
    return below.values("unit")


def needs_second_factor(account: Account) -> bool:
    """Whether a role that the person of an account holds or was lent today is a strong one."""
    return any(post.role.strong for post in posts_of(person_of(account)))


def delegations_given(person: int) -> QuerySet[Delegation]:
    """What a person has lent that still holds or will hold."""
    rows = Delegation.objects.filter(principal__in=same_people([person]), revoked_at__isnull=True, ends_on__gt=today())
    return rows.select_related("agent", "grant__unit").order_by("ends_on", "pk")


def sessions_of(account: int) -> QuerySet[BrowserSession]:
    """Where somebody is signed in, last used first."""
    return BrowserSession.objects.filter(account=account).order_by(F("seen_at").desc(nulls_last=True), "session_key")
