import pytest

from tests.organisations.rosters import AS_OF, apply, new_row
from tests.world import id_number
from weineng.audit.models import Line
from weineng.audit.queries import reasons_of
from weineng.kernel.refusals import NotFound
from weineng.organisations.actions import export_roster
from weineng.organisations.queries import home_leaves, school_register


def test_what_is_exported_and_applied_again_changes_nothing(world):
    apply(
        world, new_row(world, 2), new_row(world, 3, name="查慧2", id_number=id_number(602), school=world.kindergarten)
    )
    rows = export_roster(by=world.office.actor, unit=world.district, on=AS_OF, reason="yearly check")
    outcome = apply(world, *rows)
    assert (outcome.problems, outcome.new, outcome.changed, len(outcome.same)) == ((), [], [], len(rows))
    masked = export_roster(by=world.office.actor, unit=world.district, on=AS_OF)
    assert apply(world, *masked).same == outcome.same
    reached = {row["person"] for row in home_leaves(None, AS_OF) if row["leaf_kind"] != "unplaced"}
    assert len({row.id_number for row in rows}) == len(reached) - 3  # wu, his colleague, the one who moved away


def test_numbers_leave_in_full_only_with_a_reason_in_the_log(world):
    (masked,) = [r for r in export_roster(by=world.cio.actor, unit=world.maths, on=AS_OF) if r.name == "林晓岚"]
    assert masked.id_number == f"519{'*' * 13}{world.teacher.number[-2:]}"
    assert Line.objects.get(verb="organisations.export_roster").facts["numbers"] == "masked"
    (full,) = [
        r for r in export_roster(by=world.cio.actor, unit=world.maths, on=AS_OF, reason="filing") if r.name == "林晓岚"
    ]
    assert full.id_number == world.teacher.number
    lines = Line.objects.filter(verb="organisations.export_roster", subject__isnull=False)
    assert set(lines.values_list("subject", flat=True)) == {
        member.person for member in (world.teacher, world.colleague, world.leader, world.two_posts)
    }
    assert set(reasons_of(lines).values()) == {"filing"}
    assert not lines.exclude(reason="").exists()


def test_the_register_of_schools(world):
    entries = {entry.id: entry for entry in school_register(by=world.office.actor, unit=world.district)}
    assert entries.keys() == {world.district, *world.schools}
    assert entries[world.nine_year].stages == ("primary", "junior")
    assert entries[world.nine_year].official_code == "3151990032"


def test_outside_ones_reach(world):
    for who in (world.wu, world.kindergarten_cio, world.teacher, world.principal, world.auditor):
        with pytest.raises(NotFound):
            export_roster(by=who.actor, unit=world.nine_year)
        with pytest.raises(NotFound):
            school_register(by=who.actor, unit=world.nine_year)
