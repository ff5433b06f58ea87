"""A roster is read once; a small one goes in while one waits, a large one by the worker, in the name of who asked."""

from datetime import timedelta
from threading import Thread

import pytest
from django.db import OperationalError, connection

from tests.insight.sheets import LOOP, cells, counts, refusal_of, row, sheet_of
from tests.organisations.rosters import whole
from tests.races import race
from tests.world import id_number
from weineng.accounts.actions import delegate, revoke_delegation
from weineng.accounts.models import Account, Grant
from weineng.accounts.queries import actor_for
from weineng.audit.models import Line
from weineng.insight.actions import (
    _coming,
    _work,
    ask_for_intake,
    cancel_intake,
    carry_out_sheets,
    forget_intakes,
    intakes,
    read_intake,
)
from weineng.insight.models import Intake
from weineng.insight.queries import intake_of, intakes_under_way
from weineng.insight.rules import AT_ONCE, MOST_ROWS
from weineng.insight.sheets import RosterSheet, pack_sheet, read_roster_file, unpack_sheet
from weineng.kernel.actors import platform
from weineng.kernel.clock import now, today
from weineng.kernel.refusals import NotFound, Refused
from weineng.organisations.actions import end_posting, merge_people, undo_roster
from weineng.organisations.models import Person, Posting, Roster
from weineng.sheets import say, sentence

pytestmark = pytest.mark.slow


def test_what_was_understood_is_kept_whole(world):
    data = sheet_of(row(1), row(2, card="519901199001010000"), row(1), row(3, name=world.wu.name, card=world.wu.number))
    read = read_roster_file(world.office.actor, world.district, data, "a.csv")
    kept = unpack_sheet(pack_sheet(read))
    assert (kept.unit, kept.about, list(kept.rows), kept.counts) == (
        read.unit,
        read.about,
        list(read.rows),
        read.counts,
    )
    assert kept.outcome == read.outcome.__class__(**{**vars(read.outcome), "problems": ()})
    told = [[sentence(i, say) for i in (*row.errors, *row.warnings)] for row in kept.judged]
    assert told == [[sentence(i, say) for i in (*row.errors, *row.warnings)] for row in read.judged]
    assert sum(map(bool, told)) == 3
    assert cells(kept.annotated(data)) == cells(read.annotated(data))
    assert len({row[5] for row in cells(kept.annotated(data))[1:]}) == 4


def test_numbers_are_not_kept_in_the_clear(world, bring):
    intake = bring(sheet_of(row(1)))
    with connection.cursor() as cursor:
        cursor.execute("select intake::text from insight_intake intake")
        assert id_number(601) not in cursor.fetchone()[0]
    assert id_number(601).encode() not in bytes(intake.reading)
    assert "新人" not in str(Line.objects.filter(verb__startswith="insight.").values_list("facts", flat=True))


def test_a_file_is_read_once(world, bring, monkeypatch):
    intake = bring(sheet_of(row(1)))
    monkeypatch.setattr(intakes, "read_roster_file", None)
    assert read_intake(by=world.office.actor, unit=world.district, upload=intake.upload_id) == intake
    ask_for_intake(by=world.office.actor, intake=intake.pk)
    assert counts(intake)["new"] == 1


@pytest.mark.parametrize(("more", "state"), [(0, "done"), (1, "waiting")])
def test_so_many_go_in_while_one_waits(world, bring, more, state, monkeypatch):
    monkeypatch.setattr(intakes, "AT_ONCE", 3)
    intake = bring(sheet_of(*(row(n) for n in range(3 + more))))
    assert ask_for_intake(by=world.office.actor, intake=intake.pk).state == state
    assert Person.objects.filter(name__startswith="新人").count() == (3 if state == "done" else 0)
    assert AT_ONCE == 500


def test_the_worker_brings_in_what_is_large(world, bring, large):
    intake = bring(sheet_of(row(1), row(2), row(3, card="519901199001010000")))
    before = whole()
    assert ask_for_intake(by=world.office.actor, intake=intake.pk).state == "waiting"
    assert whole() == before
    assert [one.pk for one in intakes_under_way(world.office.actor)] == [intake.pk]
    assert carry_out_sheets(by=LOOP) == 1
    assert carry_out_sheets(by=LOOP) == 0
    assert counts(intake) == {"new": 2, "changed": 0, "same": 0, "wrong": 1, "warning": 0, "twice": 0}
    assert (intake.state, intake.gone, intake.roster) == ("done", 2, Roster.objects.get().pk)
    assert Roster.objects.get().by == world.office.person
    line = Line.objects.get(verb="organisations.apply_roster", thing_type="organisations.roster")
    assert (line.person, line.door) == (world.office.person, "web")
    assert not intakes_under_way(world.office.actor)
    undo_roster(by=world.office.actor, roster=intake.roster)
    assert not Person.objects.filter(name__startswith="新人").exists()


def test_asked_twice_it_goes_in_once(world, bring, large):
    intake = bring(sheet_of(row(1), row(2)))
    for _time in range(2):
        assert ask_for_intake(by=world.office.actor, intake=intake.pk).state == "waiting"
    carry_out_sheets(by=LOOP)
    assert ask_for_intake(by=world.office.actor, intake=intake.pk).state == "done"
    assert carry_out_sheets(by=LOOP) == 0
    assert Roster.objects.count() == 1


def test_those_who_asked_first_come_first(world, bring, large, noon_clock):
    late, soon = bring(sheet_of(row(1), row(2))), bring(sheet_of(row(3), row(4)), world.cio.actor, world.nine_year)
    noon_clock(0)
    ask_for_intake(by=world.cio.actor, intake=soon.pk)
    noon_clock(1)
    ask_for_intake(by=world.office.actor, intake=late.pk)
    carry_out_sheets(by=LOOP)
    assert [Intake.objects.get(pk=one.pk).state for one in (soon, late)] == ["done", "waiting"]
    assert Roster.objects.get().by == world.cio.person


@pytest.fixture
def noon_clock(at):
    start = now()
    return lambda seconds: at(start + timedelta(seconds=seconds))


def test_what_changed_meanwhile_keeps_its_row_out_and_the_others_go_in(world, bring, large):
    """Somebody else brought the same person into another school between the reading and the applying."""
    intake = bring(sheet_of(row(1), row(2), row(3)))
    ask_for_intake(by=world.office.actor, intake=intake.pk)
    other = bring(sheet_of(row(2, name="别人")), world.cio.actor, world.nine_year)
    ask_for_intake(by=world.cio.actor, intake=other.pk)
    carry_out_sheets(by=LOOP)
    assert counts(intake) == {"new": 2, "changed": 0, "same": 0, "wrong": 1, "warning": 0, "twice": 0}
    wrong = [(one.name, issue.code) for one in unpack_sheet(intake.reading).judged for issue in one.errors]
    assert wrong == [("新人2", "name-differs")]


def test_whoever_may_no_longer_do_it_does_not(world, bring, large):
    intake = bring(sheet_of(row(1), row(2)))
    ask_for_intake(by=world.office.actor, intake=intake.pk)
    grant = Grant.objects.filter(person=world.office.person)
    grant.update(ends_on=today())
    before = whole()
    assert carry_out_sheets(by=LOOP) == 1
    assert carry_out_sheets(by=LOOP) == 0
    intake.refresh_from_db()
    assert (intake.state, intake.refused_for, whole()) == ("refused", "not-found", before)
    assert Line.objects.get(verb="insight.refuse_sheet").facts == {"kind": "roster", "code": "not-found"}
    grant.update(ends_on=None)
    assert ask_for_intake(by=world.office.actor, intake=intake.pk).state == "waiting"
    carry_out_sheets(by=LOOP)
    assert counts(intake)["new"] == 2


def test_who_was_merged_meanwhile_is_still_who_asked(world, bring, large):
    """The grant and the account are the other record's now; so is what was on its way, and its page."""
    intake, read = bring(sheet_of(row(1), row(2))), bring(sheet_of(row(3)))
    ask_for_intake(by=world.office.actor, intake=intake.pk)
    merge_people(
        by=platform("merge"), kept=world.colleague.person, gone=world.office.person, reason="同一人", end_numbers=True
    )
    carry_out_sheets(by=LOOP)
    assert counts(intake)["new"] == 2
    assert Roster.objects.get().by == world.colleague.person
    account = Account.objects.select_related("person").get(pk=world.office.account)
    now_known = actor_for(account, "web")
    assert intake_of(now_known, world.district, intake.upload_id) == intake
    assert [one.pk for one in intakes_under_way(now_known)] == [read.pk]
    with pytest.raises(NotFound):
        intake_of(world.wu.actor, world.district, intake.upload_id)


@pytest.mark.parametrize("still", [True, False])
def test_a_deputy_brings_in_what_is_lent_while_it_is_lent(world, bring, large, still):
    grant = Grant.objects.get(person=world.office.person, role="office")
    lent = delegate(
        by=world.office.actor, grant=grant.pk, agent=world.teacher.person, ends_on=today() + timedelta(days=3)
    )
    account = Account.objects.select_related("person").get(pk=world.teacher.account)
    deputy = actor_for(account, "web", lent.pk)
    intake = bring(sheet_of(row(1), row(2)), deputy)
    ask_for_intake(by=deputy, intake=intake.pk)
    with pytest.raises(NotFound):
        intake_of(world.teacher.actor, world.district, intake.upload_id)
    if not still:
        revoke_delegation(by=world.office.actor, delegation=lent.pk)
    carry_out_sheets(by=LOOP)
    intake.refresh_from_db()
    assert intake.state == ("done" if still else "refused")
    assert Roster.objects.count() == int(still)
    if still:
        line = Line.objects.get(verb="organisations.apply_roster", thing_type="organisations.roster")
        assert (line.person, line.on_behalf_of) == (world.teacher.person, world.office.person)


def test_one_that_breaks_holds_no_other_up(world, bring, large, monkeypatch):
    broken, good = bring(sheet_of(row(1), row(2))), bring(sheet_of(row(3), row(4)))
    for intake in (broken, good):
        ask_for_intake(by=world.office.actor, intake=intake.pk)
    real = _coming.unpack_sheet

    def unpack(reading):
        sheet = real(reading)
        if sheet.rows[0].name == "新人1":
            Posting.objects.filter(person=world.teacher.person).update(
                person=0
            )  # no such person: found at the end only
        return sheet

    monkeypatch.setattr(_coming, "unpack_sheet", unpack)
    assert [carry_out_sheets(by=LOOP) for _time in range(3)] == [1, 1, 0]
    for intake in (broken, good):
        intake.refresh_from_db()
    assert [(one.state, one.refused_for) for one in (broken, good)] == [("refused", "broken"), ("done", "")]
    assert Person.objects.filter(name__startswith="新人").count() == 2
    assert Posting.objects.filter(person=world.teacher.person).exists()


def test_what_nobody_thought_of_is_refused_and_the_next_goes_in(world, bring, large, monkeypatch):
    broken, good = bring(sheet_of(row(1), row(2))), bring(sheet_of(row(3), row(4)))
    for intake in (broken, good):
        ask_for_intake(by=world.office.actor, intake=intake.pk)
    real = _coming.unpack_sheet

    def unpack(reading):
        sheet = real(reading)
        return sheet if sheet.rows[0].name != "新人1" else sheet.no_such_thing

    monkeypatch.setattr(_coming, "unpack_sheet", unpack)
    assert [carry_out_sheets(by=LOOP) for _time in range(3)] == [1, 1, 0]
    assert list(Intake.objects.order_by("pk").values_list("state", "refused_for")) == [
        ("refused", "broken"),
        ("done", ""),
    ]


def test_while_the_database_is_away_it_waits(world, bring, large, monkeypatch):
    intake = bring(sheet_of(row(1), row(2)))
    ask_for_intake(by=world.office.actor, intake=intake.pk)

    def away(_reading):
        raise OperationalError("the server closed the connection unexpectedly")

    with monkeypatch.context() as patch:
        patch.setattr(_coming, "unpack_sheet", away)
        with pytest.raises(OperationalError):
            carry_out_sheets(by=LOOP)
    intake.refresh_from_db()
    assert intake.state == "waiting"
    carry_out_sheets(by=LOOP)
    assert counts(intake)["new"] == 2


@pytest.mark.parametrize(("begun", "state"), [(4, "done"), (5, "refused")])
def test_one_that_the_worker_never_outlives_is_refused_at_last(world, bring, large, begun, state):
    intake = bring(sheet_of(row(1), row(2)))
    ask_for_intake(by=world.office.actor, intake=intake.pk)
    Intake.objects.update(begun=begun)
    assert [carry_out_sheets(by=LOOP) for _time in range(2)] == [1, 0]
    intake.refresh_from_db()
    assert intake.state == state
    if state == "refused":
        assert (intake.refused_for, Person.objects.filter(name__startswith="新人").exists()) == ("broken", False)
        assert ask_for_intake(by=world.office.actor, intake=intake.pk).begun == 0


@pytest.mark.django_db(transaction=True)
def test_others_see_how_far_it_is_and_what_was_killed_begins_anew(world, bring, large, monkeypatch):
    """The worker dies at the first row it tells of: nothing is in, what it told stays, and the next one begins from nothing."""
    monkeypatch.setattr(_work, "_TOLD_EVERY", 0)
    intake = bring(sheet_of(*(row(n, card=id_number(n)) for n in range(600, 750))))
    ask_for_intake(by=world.office.actor, intake=intake.pk)
    real = RosterSheet.apply

    def dying(sheet, by, told):
        def tell(done, of):
            told(done, of)
            raise SystemExit

        return real(sheet, by, tell)

    with monkeypatch.context() as patch:
        patch.setattr(RosterSheet, "apply", dying)
        with pytest.raises(SystemExit):
            carry_out_sheets(by=LOOP)
    intake.refresh_from_db()
    assert (intake.state, intake.begun, intake.gone) == ("waiting", 1, 18)
    assert not Person.objects.filter(name__startswith="新人").exists()
    assert carry_out_sheets(by=LOOP) == 1
    intake.refresh_from_db()
    assert (intake.state, intake.begun, intake.gone) == ("done", 2, 150)
    assert Person.objects.filter(name__startswith="新人").count() == 150
    assert Roster.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_who_apply_the_same_at_once_bring_it_in_once(world, bring):
    intake = bring(sheet_of(row(1), row(2)))

    def hold():
        Intake.objects.select_for_update().get(pk=intake.pk)

    def act():
        ask_for_intake(by=world.office.actor, intake=intake.pk)

    assert race(hold, act, act) == ["done", "done"]
    assert (Roster.objects.count(), Person.objects.filter(name__startswith="新人").count()) == (1, 2)
    assert Line.objects.filter(verb="insight.put_in_sheet").count() == 1


def test_progress_is_told_on_the_way(world):
    told = []
    data = sheet_of(*(row(n, card=id_number(n)) for n in range(600, 900)))
    sheet = read_roster_file(world.office.actor, world.district, data, "a.csv")
    sheet.apply(world.office.actor, lambda done, of: told.append((done, of)))
    assert {of for _, of in told} == {2400}
    assert [done for done, _ in told] == [300, 400, 500, 600, 800, 1000, 1200, 1800, 2100]  # the last part is the log


@pytest.mark.parametrize("who", ["wu", "cio", "colleague", "auditor"])
def test_nobody_sees_or_applies_anothers(world, bring, large, who):
    intake = bring(sheet_of(row(1), row(2)))
    other = world.people[who].actor
    for call in (
        lambda: intake_of(other, world.district, intake.upload_id),
        lambda: ask_for_intake(by=other, intake=intake.pk),
        lambda: read_intake(by=other, unit=world.district, upload=intake.upload_id),
    ):
        with pytest.raises(NotFound):
            call()
    assert not intakes_under_way(other)


def test_an_upload_is_for_the_unit_it_was_brought_for(world, bring):
    intake = bring(sheet_of(row(1)))
    with pytest.raises(NotFound):
        read_intake(by=world.office.actor, unit=world.nine_year, upload=intake.upload_id)


@pytest.mark.parametrize(("rows", "code"), [(MOST_ROWS, None), (MOST_ROWS + 1, "too-many-rows")])
def test_a_roster_is_a_district_and_no_more(world, rows, code, monkeypatch):
    """The rows are counted before any of them is judged; an unreadable school makes judging them cheap."""
    data = sheet_of(*["甲,1,无此校,," for _ in range(rows)])
    if code is None:
        assert read_roster_file(world.office.actor, world.district, data, "a.csv").counts["wrong"] == MOST_ROWS
        return
    with pytest.raises(Refused) as refused:
        read_roster_file(world.office.actor, world.district, data, "a.csv")
    assert (refused.value.code, refused.value.params) == (code, {"limit": 20_000})
    assert "20000" in str(refused.value)


def test_what_waits_can_be_cancelled_before_it_begins(world, bring, large):
    intake = bring(sheet_of(row(1), row(2)))
    assert cancel_intake(by=world.office.actor, intake=intake.pk).state == "read"  # nobody had asked
    ask_for_intake(by=world.office.actor, intake=intake.pk)
    for who in (world.wu, world.cio):
        with pytest.raises(NotFound):
            cancel_intake(by=who.actor, intake=intake.pk)
    cancel_intake(by=world.office.actor, intake=intake.pk)
    intake.refresh_from_db()
    assert (intake.state, intake.asked_at, carry_out_sheets(by=LOOP)) == ("read", None, 0)
    assert not Person.objects.filter(name__startswith="新人").exists()
    ask_for_intake(by=world.office.actor, intake=intake.pk)
    carry_out_sheets(by=LOOP)
    assert counts(intake)["new"] == 2
    assert refusal_of(cancel_intake, by=world.office.actor, intake=intake.pk) == "sheet-gone-in"


@pytest.mark.django_db(transaction=True)
def test_what_is_cancelled_in_the_instant_the_worker_takes_it_does_not_go_in(world, bring, large, monkeypatch):
    intake = bring(sheet_of(row(1), row(2)))
    ask_for_intake(by=world.office.actor, intake=intake.pk)
    real = _work._telling

    def late(row, *, reads):
        def cancel():
            cancel_intake(by=world.office.actor, intake=intake.pk)
            connection.close()

        beside = Thread(target=cancel)
        beside.start()
        beside.join()
        return real(row, reads=reads)

    monkeypatch.setattr(_work, "_telling", late)
    assert carry_out_sheets(by=LOOP) == 1
    intake.refresh_from_db()
    assert (intake.state, intake.begun, Person.objects.filter(name__startswith="新人").count()) == ("read", 0, 0)


def test_only_the_platform_brings_in_what_waits(world):
    for step in (carry_out_sheets, forget_intakes):
        assert refusal_of(step, by=world.office.actor) == "platform-only"


def test_whose_post_has_ended_may_be_brought_in_later(world, bring):
    """What was read is applied to the register of today, not to that of the reading."""
    home = Posting.objects.get(person=world.colleague.person)
    intake = bring(sheet_of(row(7, name=world.colleague.name, card=world.colleague.number)))
    assert counts(intake)["changed"] == 1  # the staff number
    end_posting(by=world.office.actor, posting=home.pk, on=today())
    ask_for_intake(by=world.office.actor, intake=intake.pk)
    assert counts(intake)["changed"] == 1
    assert Posting.objects.filter(person=world.colleague.person, during__contains=today()).get().staff_number == "N7"
