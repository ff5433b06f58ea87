"""Take what a source delivers: every row gets its answer, nothing is stored twice, order does not matter."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from weineng.accounts.rules import SANDBOX
from weineng.audit.effects import record
from weineng.kernel.actors import Actor
from weineng.kernel.ciphers import decrypt
from weineng.kernel.clock import now
from weineng.kernel.planner import weigh_grown
from weineng.kernel.refusals import NotFound, Refused
from weineng.kernel.sets import Hears, in_parts
from weineng.learning.actions._changes import merges_met, people_changed, tell_platforms
from weineng.learning.actions._delivery import Delivery
from weineng.learning.actions._records import beside_sheets, placed
from weineng.learning.models import HoursSheet, Provider, Record, RecordChange
from weineng.learning.permissions import DELIVER, IMPORT
from weineng.learning.queries import doubtful_now, resolvable_now
from weineng.learning.rules import RecordRow, RowResult
from weineng.organisations.queries import find_people
from weineng.organisations.reach import units_within
from weineng.programmes.effects import touch_people

MOST = 1_000  # rows a call
WAITING_AT_ONCE = 5_000  # records whose person has appeared, a round


@transaction.atomic
def accept_records(
    *, by: Actor, provider: str, rows: Sequence[RecordRow | RowResult], dry_run: bool = False, name: str = ""
) -> list[RowResult]:
    """Store a delivery of 1 to 1,000 rows; answers row by row, in input order. A row that the door could not read comes with
    its refusal: it is counted and kept like the others.

    `created`; `unchanged` (same id, same content); `conflict` (same id, other content, no `supersedes`); `refused` with
    the code of the shape's refusal (`check_row`, `minutes_of`), `supersedes-unknown`, `supersedes-void`,
    `already-superseded`, `void-unknown`, `person-erased`, `own-record` (nobody brings in, corrects or voids their own). A row that is not
    created changes nothing. `dry_run` answers the same, stores nothing, and looks on while another delivery goes in. Refuses
    as a whole: `no-rows`, `too-many-rows`, `provider-suspended`; `provider-busy` where a sheet of the platform goes in for
    longer than seconds; `not-found` for a provider not one's own.
    """
    with beside_sheets():
        return _accept(by, _source(by, provider, look=dry_run), rows, name, dry_run=dry_run)


def _accept(
    by: Actor, source: Provider, rows: Sequence[RecordRow | RowResult], name: str, *, dry_run: bool
) -> list[RowResult]:
    if not rows:
        raise Refused("no-rows", _("The delivery is empty."))
    if len(rows) > MOST:
        raise Refused("too-many-rows", _("At most %(most)s records a call."), most=MOST)
    delivery = Delivery(by, source, rows)
    with transaction.atomic():
        results = delivery.take(name)
        if dry_run:
            transaction.set_rollback(True)
        else:
            tell_platforms(delivery.told)
    return [replace(result, record=None) for result in results] if dry_run else results


@transaction.atomic
def bring_hours(
    *, by: Actor, provider: str, rows: Sequence[RecordRow], name: str, left_out: int = 0, dry_run: bool = False,
    told: Hears | None = None,
) -> list[RowResult]:  # fmt: skip
    """Store the rows of a sheet, however many, all in one transaction; answers like `accept_records`, row by row. `left_out`:
    rows of the file that were wrong already when it was read, which the sheet counts among those refused. `told` hears how many
    are stored; without it, somebody waits and `provider-busy` is refused where another sheet of the platform goes in for longer
    than seconds.

    What a sheet brings can be taken back as a whole (`take_back_hours`). Refuses as a whole: `no-rows`,
    `provider-suspended`; `not-found` for a provider not one's own.
    """
    with beside_sheets(patient=told is not None):
        return _bring(by, _source(by, provider, look=dry_run), rows, name, told, left_out=left_out, dry_run=dry_run)


def _bring(
    by: Actor,
    source: Provider,
    rows: Sequence[RecordRow],
    name: str,
    told: Hears | None,
    *,
    left_out: int,
    dry_run: bool,
) -> list[RowResult]:
    if not rows:
        raise Refused("no-rows", _("The delivery is empty."))
    with transaction.atomic():
        sheet = HoursSheet.objects.create(
            provider=source, name=name[:200], by=by.person, at=now(), rows=len(rows) + left_out
        )
        results: list[RowResult] = []
        met: list[RecordChange] = []
        for part in in_parts(rows, MOST):
            weigh_grown()
            delivery = Delivery(by, source, part, sheet)
            results += delivery.take(name)
            met += delivery.told
            if told is not None:
                told(len(results), len(rows))
        tally = Counter("refused" if one.status == "conflict" else one.status for one in results)
        sheet.created, sheet.unchanged = tally["created"], tally["unchanged"]
        sheet.refused = tally["refused"] + left_out
        sheet.save(update_fields=["created", "unchanged", "refused"])
        facts = {"provider": source.code, "rows": sheet.rows, "created": sheet.created}
        record(by=by, verb="learning.bring_sheet", thing=sheet, unit=source.owner_id, facts=facts)
        if dry_run:
            transaction.set_rollback(True)
        else:
            tell_platforms(met)
    return [replace(result, record=None) for result in results] if dry_run else results


@transaction.atomic
def resolve_records(*, by: Actor) -> int:
    """Give records whose person was unknown to the person who has appeared since; returns how many people.

    Of those of whom it is not certain that they can be found, some thousands a round take their turns, so that none that cannot
    holds the others up."""
    found: list[Record] = []
    waiting = list(resolvable_now()[:WAITING_AT_ONCE]) + _next_doubtful()
    for kind in sorted({row.person_type for row in waiting}):
        numbers = {row: decrypt(row.person_cipher or b"").decode() for row in waiting if row.person_type == kind}
        people = find_people(kind, sorted(set(numbers.values())))
        for row, number in numbers.items():
            if number in people:
                row.person_id = people[number]
                found.append(row)
    if not found:
        return 0
    Record.objects.bulk_update(placed(found), ("person", "unit"), batch_size=1_000)
    solved = {row.person_id for row in found if row.person_id is not None}
    touch_people(people=solved, lane=1)
    record(by=by, verb="learning.resolve", facts={"people": len(solved)})
    tell_platforms([*people_changed("person-found", found), *merges_met(found)])
    return len(solved)


_looked_up_to = 0  # the last record that this process looked at in vain


def _next_doubtful() -> list[Record]:
    """The next records of whom only a look can tell whether they are known; after the last one the first again."""
    global _looked_up_to  # noqa: PLW0603 (whose turn it is here)
    waiting = doubtful_now()
    rows = list(waiting.filter(pk__gt=_looked_up_to)[:WAITING_AT_ONCE])
    if room := WAITING_AT_ONCE - len(rows):
        rows += list(waiting.filter(pk__lte=_looked_up_to)[:room])
    _looked_up_to = rows[-1].pk if rows else 0
    return rows


def _source(by: Actor, code: str, *, look: bool = False) -> Provider:
    """The provider, through reach: one's own platform (source), or one admitted in one's part of the tree (unit), or its
    sandbox. No other delivery of it meanwhile, unless one only has a look."""
    rows = Provider.objects.all() if look else Provider.objects.select_for_update(of=("self",), no_key=True)
    row = rows.filter(code=code).first()
    own = row is not None and (by.system or (DELIVER.code in by.source_permissions and code in by.sources))
    office = Provider.objects.filter(code=code.removesuffix(SANDBOX), owner__in=units_within(by, IMPORT)).exists()
    if row is None or not (own or office):
        raise NotFound("learning.provider")
    if not row.active:
        raise Refused("provider-suspended", _("This platform is suspended; ask the office."))
    return row
