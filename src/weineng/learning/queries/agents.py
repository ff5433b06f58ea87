"""By which names platforms speak of somebody in their statements (xAPI): asked when somebody is erased. Whose an agent is follows
from numbers, mails and agreements of the day on which it is asked, so nothing has to be kept true until then."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from uuid import UUID

from django.db.models import Q, TextField, Value
from django.db.models.functions import Replace, Upper

from weineng.accounts.rules import source_code
from weineng.kernel.ciphers import decrypt
from weineng.learning.models import AccountHome, Record
from weineng.organisations.models import ExternalIdentifier, Person
from weineng.organisations.rules import MAIL_SHA1, mail_sha1, plain_number
from weineng.statements.models import Agent, Statement

AT_ONCE = 5_000
_MBOX, _HASHED = "mbox mailto:", "mbox_sha1sum "


def agents_of(people: Collection[int]) -> set[int]:
    """The keys of the agents that are these people (all ids of one person): by an account, an OpenID, a mail or its hash that is a
    number of theirs or that they are entered with, and those who are the actor of a statement of which a record of theirs was made.

    A number that had ended is theirs still, unless it names somebody else by now; an agent with records of somebody else is
    nobody's."""
    numbers = list(_numbers(people))
    keys = {*_by_accounts(numbers), *_by_mails(people, numbers), *_by_records(people)}
    return keys - _of_others(people, keys)


def _numbers(people: Collection[int]) -> Iterator[tuple[str, str]]:
    """Type and number, as they are compared."""
    rows = ExternalIdentifier.objects.filter(person__in=people).order_by("pk")
    others = ExternalIdentifier.objects.filter(valid_to__isnull=True).exclude(person__in=people)
    taken = set(others.filter(digest__in=rows.values("digest")).values_list("type", "digest"))
    for row in rows:
        if (row.type, row.digest) not in taken:
            yield row.type, plain_number(row.type, decrypt(row.cipher).decode())


def _by_accounts(numbers: Iterable[tuple[str, str]]) -> Iterator[int]:
    """Accounts of every home page of which it is, or was, agreed that their names are numbers of such a type; OpenIDs."""
    for kind, number in numbers:
        if kind == "openid":
            yield from _named(Q(), "openid ", number)
        for home in AccountHome.objects.filter(person_type=kind).select_related("provider").order_by("pk"):
            codes = [source_code(home.provider.code, sandbox=sandbox) for sandbox in (False, True)]
            yield from _named(Q(source__code__in=codes), f"account {home.home_page} ", number)


def _named(where: Q, before: str, number: str) -> Iterator[int]:
    """Agents with this number behind what stands `before` it, however it is written."""
    plain = Upper(Replace("identifier", Value(" "), Value(""), output_field=TextField()))
    wanted = before.replace(" ", "").upper() + number
    rows = Agent.objects.annotate(plain=plain).filter(where, plain=wanted).order_by("key")
    for key, identifier in rows.values_list("key", "identifier"):
        if identifier.startswith(before):
            yield key


def _by_mails(people: Collection[int], numbers: Iterable[tuple[str, str]]) -> Iterator[int]:
    """Agents with one of their mails, in whatever letters, or with its hash."""
    mails = set(Person.objects.filter(pk__in=people).exclude(mail="").order_by("pk").values_list("mail", flat=True))
    hashes = {mail_sha1(mail) for mail in mails}
    hashes |= {mail_sha1(number) for kind, number in numbers if kind == "mail"}
    hashes |= {number.lower() for kind, number in numbers if kind == MAIL_SHA1}
    if not hashes:
        return
    rows = Agent.objects.filter(identifier__startswith="mbox").order_by("key").values_list("key", "identifier")
    for key, identifier in rows.iterator(AT_ONCE):
        mail = identifier.removeprefix(_MBOX)
        if (identifier.removeprefix(_HASHED).lower() if mail == identifier else mail_sha1(mail)) in hashes:
            yield key


def _by_records(people: Collection[int]) -> Iterator[int]:
    made = Record.objects.filter(person__in=people, batch__door="xapi", void_of__isnull=True).order_by("pk")
    sids = defaultdict(list)
    for code, sid in made.values_list("provider__code", "source_id"):
        sids[code].append(UUID(sid))
    for code, theirs in sids.items():
        actors = Statement.objects.filter(source__code=code, sid__in=theirs, actor__isnull=False).order_by("pk")
        yield from actors.values_list("actor", flat=True)


def _of_others(people: Collection[int], keys: Collection[int]) -> set[int]:
    """Those of these agents of whose statements records of somebody else were made."""
    said = Statement.objects.filter(actor__in=keys).order_by("pk").values_list("actor", "source__code", "sid")
    actors = {(code, str(sid)): key for key, code, sid in said}
    codes, sids = {code for code, _sid in actors}, [sid for _code, sid in actors]
    made = Record.objects.filter(provider__code__in=codes, source_id__in=sids, person__isnull=False)
    others = made.exclude(person__in=people).order_by("pk").values_list("provider__code", "source_id")
    return {actors[one] for one in others if one in actors}
