"""A programme of the whole invented province with a roll-out: schools, plans and people in few words."""

from dataclasses import replace
from datetime import date, datetime

from tests.progress.scene import START, ZONE, Scene, plan
from tests.standard import load_standard
from weineng.insight.queries import roll_out
from weineng.kernel.actors import platform
from weineng.planning.models import SchoolPlan
from weineng.programmes.models import EnrolledSchool
from weineng.programmes.rules import Quota, Target, UnitStates

ALL = platform("keep")
TITLE = {
    "zh-hans": "教学应用优秀案例和工程实施典型案例",
    "zh-hant": "教學應用優秀案例和工程實施典型案例",
    "en": "Best teaching and implementation cases",
}
NAMES = ("kindergarten", "nine_year", "vocational", "sibling_school", "moved")


def target(
    code="t",
    of="schools",
    state="completed",
    starts=date(2026, 1, 1),
    ends=date(2026, 12, 31),
    per="cumulative",
    **more,
):
    return Target(code, of, state, starts, ends, per, **more)


class Province(Scene):
    """A programme of the whole province; half of a school's people are enough."""

    def __init__(self, world, set_clock, **lines):
        self.world, self.set_clock = world, set_clock
        document = replace(plan("p4-district"), **{"completed_share": 50, **lines})
        super().__init__(document, owner=world.province, leaf=world.maths, school=world.nine_year)

    def at(self, day):
        self.set_clock(datetime.combine(day, datetime.min.time().replace(hour=9), ZONE))

    def takes_part(self, school, batch="pilot", since=date(2026, 1, 1), until=None):
        EnrolledSchool.objects.create(
            programme=self.programme, unit_id=self.world.units[school], batch=batch, since=since, until=until
        )

    def plans(self, school, state="approved", on=date(2026, 3, 2), number=1):
        SchoolPlan.objects.create(
            programme=self.programme,
            unit_id=self.world.units[school],
            number=number,
            state=state,
            approved_on=on,
            edited_at=START,
        )

    def people(self, *members, passed=0, day=date(2026, 5, 4)):
        """Enrolled; so many of them finish on the day."""
        self.at(day)
        rows = [self.enrol(member.person) for member in members]
        for row in rows[:passed]:
            self.finish(row)
        self.recount(*rows)
        return rows

    def look(self, unit="province", on=None):
        return roll_out(ALL, self.programme, self.world.units[unit], on)

    def states(self, unit="province", on=None):
        found = self.look(unit, on).schools
        return {key: (found[pk].state, found[pk].lacks) for key in NAMES if (pk := self.world.units[key]) in found}

    def counties(self, on=None):
        return {
            c.name: (c.state, c.schools, c.started, c.completed, c.plans) for c in self.look(on=on).counties.values()
        }

    def steps(self, unit="province", on=None):
        return [(s.target.code, s.name, s.of, s.have, s.need, s.state) for s in self.look(unit, on).steps]


def half_way(world, set_clock, **lines):
    """In the middle of a programme: steps of every sort, reached, missed, under way and to come; three schools take part."""
    steps = (
        target("counties", of="counties", state="started", share=50),
        target("spring", per="period", starts=date(2026, 3, 1), ends=date(2026, 4, 30), share=30, number=3),
        target("each", under="county", share=40, number=None),
        target("people", of="teachers", share=100),
        target("autumn", starts=date(2026, 9, 1), share=100),
    )
    quota = Quota("cases", TITLE, "city", year=True, share=1, round="down", least=1)
    load_standard()
    scene = Province(
        world, set_clock, targets=steps, quotas=(quota,), units=UnitStates(county_completed_schools=50), **lines
    )
    for school in ("kindergarten", "nine_year", "sibling_school"):
        scene.takes_part(school)
        scene.plans(school, on=date(2026, 2, 2))
    scene.people(world.teacher, world.colleague, passed=1, day=date(2026, 4, 10))
    scene.people(*world.kindergarten_teachers, world.kindergarten_cio, passed=1, day=date(2026, 5, 4))
    scene.at(date(2026, 6, 1))
    return scene
