"""A document is held against a roster: which kinds of teachers there are, and that none of them is asked for what nobody can do."""

import pytest
from django.core.management import CommandError, call_command

from tests.district import SOURCE, enrol_nine_year, publish_p4, start_p4
from tests.planning.plans import approve
from weineng.kernel.clock import today
from weineng.kernel.refusals import Refused
from weineng.organisations.actions import set_flag
from weineng.organisations.models import Posting
from weineng.planning.queries import environments_in_force
from weineng.programmes.actions import propose_version, publish_programme
from weineng.programmes.models import Proposal, Version
from weineng.programmes.proving import TeacherKind
from weineng.programmes.queries import document_of, kinds_in_roster

LINES = "caps.both.periods, demands.online.periods, demands.research.periods"
# What no single line shows: 20 online and 10 of research are demanded, of both together 29 count.
TIGHT = SOURCE.replace(
    "\ncaps:", "\ncaps:\n  - {code: both, per: kind, kinds: [online, research], periods: 29}\n#", 1
).replace("\n#  # consumed", "\n  # consumed")
# … for teachers of one flag only.
FLAGGED = TIGHT.replace("periods: 29}", "periods: 30}").replace(
    "kinds: [research], periods: 10,", "kinds: [research], periods: 10, periods_for_flag: {rural: 11},"
)


@pytest.fixture
def rural(world, standard):
    set_flag(by=world.office.actor, unit=world.kindergarten, flag="rural", held=True)


def publish(world, source):
    return publish_programme(by=world.office.actor, source=source, owner=world.district)


def staff_of(school):
    return Posting.objects.filter(school=school, home=True, during__contains=today()).count()


def refused(call, **params):
    with pytest.raises(Refused) as caught:
        call(**params)
    return caught.value.code, caught.value.params


def test_who_is_in_the_roster_by_what_the_document_looks_at(world, rural):
    document = document_of(publish_p4(world).pk)
    assert kinds_in_roster(document, world.district) == {TeacherKind(): (17, 3)}
    rural = document_of(publish(world, FLAGGED.replace("periods: 30}", "periods: 31}")).version.pk)
    people = staff_of(world.kindergarten)
    assert kinds_in_roster(rural, world.district) == {
        TeacherKind(): (17 - people, 2),
        TeacherKind(("rural",)): (people, 1),
    }
    assert kinds_in_roster(rural, world.nine_year) == {
        TeacherKind(): (staff_of(world.nine_year) - 1, 1)
    }  # one is retired
    in_smart = kinds_in_roster(rural, world.district, {world.kindergarten: "smart"})
    assert in_smart == {TeacherKind(): (17 - people, 2), TeacherKind(("rural",), "smart"): (people, 1)}


def test_a_document_that_nobody_of_the_roster_could_pass_is_not_published(world, standard):
    code, params = refused(publish, world=world, source=TIGHT)
    assert (code, params["people"], params["lines"]) == ("lines-contradict", 17, LINES)
    assert Version.objects.count() == 0


def test_it_is_enough_that_one_kind_of_teacher_could_not(world, rural):
    code, params = refused(publish, world=world, source=FLAGGED)
    assert (code, params["people"]) == ("lines-contradict", staff_of(world.kindergarten))
    assert params["lines"] == LINES.replace("research.periods", "research.periods_for_flag.rural")
    set_flag(by=world.office.actor, unit=world.kindergarten, flag="rural", held=False)
    assert publish(world, FLAGGED).version.number == 1


def test_nor_is_it_proposed_once_the_programme_runs(world, standard):
    start_p4(world)
    asked = {"by": world.office.actor, "everybody": True, "reason": "与省里一致"}
    assert refused(propose_version, source=TIGHT, **asked)[0] == "lines-contradict"
    assert Proposal.objects.count() == 0


def test_the_command_says_it_for_a_clerk(world, rural, capsys, tmp_path):
    file = tmp_path / "plan.yaml"
    file.write_text(FLAGGED, encoding="utf-8")
    call_command("programme", "check", str(file), "--language", "en")
    said = capsys.readouterr().out.replace(f"{file}:", "").splitlines()
    assert said[:10] == [
        "p4-district: right (7 demands, 34 assumed lines)",
        "Teachers in general",
        "Teachers of a school that works in: Multimedia teaching environment",
        "Teachers of a school that works in: Blended learning environment",
        "    “pass” can be reached, for example so:",
        "    - 20 periods of Online courses on 3 days",
        "    - 10 periods of School-based research on 3 days",
        "    - the school opens: Learner analysis, Teaching design",
        "    - these points are chosen, handed in and judged “pass”: A1 A2 A3",
        "    - a recording is passed",
    ]
    place = said.index("Teachers of a school with the flag “rural”")
    end = next(n for n, line in enumerate(said[place:], place) if line.startswith("    1."))
    assert said[end - 1 : end + 3] == [
        "    “pass” cannot be reached; these lines contradict each other:",
        "    1. 126:65: caps.both.periods: Of Online courses, School-based research at most 30 periods count in all.",
        "    1. 188:14: demands.online.periods: Online courses: at least 20 periods.",
        (
            "    1. 195:95: demands.research.periods_for_flag.rural: School-based research on the points: at least 10 periods. "
            "For people whose school bore the flag “rural” when they were enrolled: at least 11."
        ),
    ]


def test_held_against_a_roster_it_ends_in_failure_where_somebody_could_not_pass(world, rural, capsys, tmp_path):
    file = tmp_path / "plan.yaml"
    file.write_text(FLAGGED, encoding="utf-8")
    with pytest.raises(SystemExit) as caught:
        call_command("programme", "check", str(file), "--against", "519901", "--language", "zh-hant")
    assert caught.value.code == 1
    said = capsys.readouterr().out.splitlines()
    people = staff_of(world.kindergarten)
    assert f"學校帶有「鄉村」標記的教師（{people}人）" in said
    assert f"一般教師（{17 - people}人）" in said
    with pytest.raises(CommandError):
        call_command("programme", "check", str(file), "--against", "999999")


def test_nor_where_the_environment_of_a_schools_plan_is_what_hinders(world, standard):
    """What a school may open is told by its plan; the pages that say who can pass and those that propose ask the same roster."""
    programme = start_p4(world)
    enrol_nine_year(world, programme)
    approve(world, programme, world.nine_year, world.cio)
    found = environments_in_force(programme.pk)
    assert found == {world.nine_year: "multimedia"}
    by_environment = f"{SOURCE}\nchoice:\n  axis: environment\n"
    code, params = refused(
        propose_version, by=world.office.actor, source=by_environment, everybody=True, reason="与省里一致"
    )
    assert (code, params["people"]) == ("lines-contradict", staff_of(world.nine_year) - 1)
    assert Proposal.objects.count() == 0
