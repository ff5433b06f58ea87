"""April to July: groups plan, teachers choose, the first hours and the first evidence come in."""

from weineng.ops.demo import handing_in, research
from weineng.ops.demo.cast import BEGAN, GROUPS, POINTS, Teacher
from weineng.ops.demo.year import Stage


def plan_groups(stage: Stage) -> None:
    """Group leaders publish their plans."""
    stage.forward("2026-03-23")
    groups = [(school, group) for school, known in GROUPS.items() for group, *_rest in known]
    count = stage.everybody(lambda where: plan_group(stage, *where), groups)
    stage.say(f"{count} groups published their plans")


def plan_group(stage: Stage, school: str, group: str) -> None:
    """One leader: points, meetings, who helps whom."""
    members = stage.of(school=school, group=group)
    leader = next((one for one in members if one.role == "group-leader"), members[0])
    page = stage.as_(leader.name, "组长").get(f"/plans/group/{stage.units[f'{school}/{group}']}/")
    helped = page.form(do="publish")
    page.send(
        {
            "theme": f"{group}：用好身边的数据", "points": POINTS[school][:2], "title_0": "磨课",
            "on_0": "2026-04-22", "form_0": "lesson-study",
            "title_1": "案例研讨", "on_1": "2026-05-20", "form_1": "case-discussion",
            "helper_0": helped.option("helper_0", members[0].name), "helped_0": helped.option("helped_0", members[-1].name),
        },
        do="publish", stay=True,
    )  # fmt: skip


def choose(stage: Stage) -> None:
    """Teachers choose their points; a few have not by the end."""
    stage.forward("2026-04-01")
    willing = [one for one in stage.people if one.way != "nothing"]
    count = stage.everybody(lambda one: choose_points(stage, one), willing)
    stage.say(f"{count} teachers chose their points")


def choose_points(stage: Stage, one: Teacher) -> None:
    """One teacher: a look at oneself, then three points."""
    page = stage.as_(one.name, "").get("/points/")
    form = page.form(holds="points")
    scores = {
        name: str(1 + (one.place + place) % 4)
        for place, name in enumerate(sorted(n for n in form.names if n.startswith("score_")))
    }
    page.send(scores | {"points": POINTS[one.school]}, holds="points", stay=True)


def first_hours(stage: Stage) -> None:
    """The platforms deliver for the first time."""
    research.deliver(stage, "2026-04-20", 0.3, "四月学时")


def april_sessions(stage: Stage) -> None:
    """The groups meet."""
    research.month_of_sessions(stage, "2026-04-22", 0)


def may_evidence(stage: Stage) -> None:
    """Evidence of the first point."""
    stage.forward("2026-05-11")
    ready = [one for one in stage.people if one.way in BEGAN]
    count = stage.everybody(lambda one: handing_in.hand_in(stage, one, 0), ready)
    stage.say(f"{count} teachers handed in evidence of their first point")


def may_reviews(stage: Stage) -> None:
    """Who looks at it; some comes back."""
    handing_in.review_all(stage, ("2026-05-13", "2026-05-19", "2026-06-03"), share=4, returns=True)


def june(stage: Stage) -> None:
    """What came back goes in again."""
    handing_in.hand_in_again(stage, "2026-06-08")


def june_sessions(stage: Stage) -> None:
    """The groups meet once more before summer; the hours of the half-year."""
    research.month_of_sessions(stage, "2026-06-17", 2)
    research.deliver(stage, "2026-07-01", 0.7, "上半年学时")


SCENES = (plan_groups, choose, first_hours, april_sessions, may_evidence, may_reviews, june, june_sessions)
