"""A school in the middle of its year, for looking at pages: one scene that every journey passes through.

The nine-year school has a plan in force. 林晓岚 has one point under review (a real document, a real film), one returned
and one begun; 曾国强 has finished and holds a certificate; 陈亦舟 has not chosen yet; the others have not begun. The group
has held two sessions, one is open now, one is coming. Another district is there too and must not be seen.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from tests.assessment.panel import enrolled, hand_in, rate, through_advice, waiting
from tests.evidence.conftest import put
from tests.files import samples
from tests.planning.plans import approve, enrol
from tests.progress.scene import Here
from tests.settling import run_once
from weineng.activities.actions import (
    SessionPlan,
    add_product,
    close_session,
    open_session,
    plan_session,
    sign_in,
    write_minutes,
)
from weineng.activities.models import Session
from weineng.assessment.actions import open_review, return_dossier
from weineng.assessment.models import Assignment
from weineng.certification.models import Certificate
from weineng.evidence.actions import describe_submission, draft_submission, seal_submission
from weineng.evidence.models import Submission
from weineng.kernel.clock import CIVIL
from weineng.learning.actions import accept_records
from weineng.learning.rules import RecordRow
from weineng.planning.actions import choose_points
from weineng.planning.models import SchoolPlan
from weineng.programmes.models import Enrolment

NOW = datetime(2026, 9, 1, 9, tzinfo=CIVIL)
COURSES = (
    "数据驱动的学情分析方法与工具",
    "混合式学习环境下的教学设计",
    "演示文稿设计与制作",
    "微课程设计与制作",
    "技术支持的测验与练习",
)


@dataclass(frozen=True)
class School:
    """What the pages are opened with."""

    enrolments: dict[str, Enrolment]
    plan: SchoolPlan
    reviewed: Submission  # waits for the panel
    returned: Submission
    draft: Submission
    assignment: Assignment  # of the panel, not opened
    sessions: dict[str, Session]
    certificate: Certificate


def middle_of_the_year(world, p4, set_clock, pdf):
    """Build it; `pdf` is the document that is handed in."""
    set_clock(NOW - timedelta(days=20))
    plan = approve(
        world, p4, world.nine_year, world.cio,
        goals="全校教师会用数据看学情，每学期每人至少完成一次基于证据的课例改进。\n两年内，各教研组都有自己的课例库。",
        timetable=(
            {"step": "启动与自我诊断", "from": "2026-03-01", "to": "2026-03-20", "who": "信息长 沈一鸣"},
            {"step": "分组研修与应用实践", "from": "2026-03-21", "to": "2026-10-31", "who": "各教研组长"},
            {"step": "校内评审", "from": "2026-11-01", "to": "2026-11-30", "who": "校评审组"},
        ),
        needs="学情分析工具的使用；课堂实录的拍摄与标注。", assessment="自评、组内互评、评审组评审，三轮独立进行。",
    )  # fmt: skip
    enrolments = {}
    for member in world.everybody:
        if member.school == world.nine_year and member.key not in ("retired", "unplaced"):
            enrolments[member.key] = enrol(p4, member)
    sessions = _hold_sessions(world, set_clock)
    _learn(world, world.teacher, 5)
    _learn(world, world.colleague, 2)
    _finish(world, enrolments["leader"])
    reviewed, returned, draft = _hand_in(world, p4, pdf)
    set_clock(NOW)
    Here(None, owner=world.district, leaf=world.maths, school=world.nine_year).recount(
        *(row.pk for row in enrolments.values())
    )
    run_once()
    run_once()
    assignment = Assignment.objects.filter(run__dossier__submission=reviewed, role="panel").order_by("pk").first()
    return School(
        enrolments, plan, reviewed, returned, draft, assignment, sessions,
        Certificate.objects.get(enrolment=enrolments["leader"], point=""),
    )  # fmt: skip


def _hold_sessions(world, set_clock):
    found = {}
    titles = {"first": ("用数据看学情：三个班前测的比较", 16), "second": ("同课异构：一次函数的图象", 9)}
    for key, (title, days) in titles.items():
        starts = NOW - timedelta(days=days) + timedelta(hours=5)
        set_clock(starts - timedelta(days=2))
        session = _plan(world, title, starts)
        set_clock(starts + timedelta(minutes=5))
        session = open_session(by=world.leader.actor, session=session.pk)
        for who in (world.teacher, world.colleague, world.two_posts):
            sign_in(by=who.actor, session=session.pk, code=session.code)
        write_minutes(
            by=world.leader.actor, session=session.pk, text="讨论了三个班的前测数据，确定两个共同的薄弱点。", revision=0
        )
        add_product(by=world.leader.actor, session=session.pk, title="学情分析表（七年级）")
        set_clock(starts + timedelta(minutes=101))
        found[key] = close_session(by=world.leader.actor, session=session.pk)
    set_clock(NOW - timedelta(days=5))
    found["coming"] = _plan(world, "期中试卷的数据分析", NOW + timedelta(days=8, hours=5))
    found["today"] = _plan(world, "磨课：用几何画板探究平行四边形的性质", NOW + timedelta(minutes=10))
    return found


def _plan(world, title, starts):
    plan = SessionPlan(
        kind="school-research", form="lesson-study", title=title, starts_at=starts, ends_at=starts + timedelta(minutes=100),
        duration=90, points=("A1",), place_name="四号楼录播教室",
    )  # fmt: skip
    return plan_session(by=world.leader.actor, unit=world.maths, programme="p4-district", plan=plan)


def _learn(world, member, count):
    starts = NOW - timedelta(days=19)
    rows = [
        RecordRow(
            f"{member.key}-{n}", "id-card", member.number, member.name, "online", f"c{n}", COURSES[n], starts + timedelta(days=n),
            starts + timedelta(days=n, hours=2), 120,
        )
        for n in range(count)
    ]  # fmt: skip
    accept_records(by=world.provider, provider="qingyun", rows=rows)


def _finish(world, enrolment):
    here = Here(None, owner=world.district, leaf=world.maths, school=world.nine_year)
    here.finish(enrolment.pk)
    here.recount(enrolment.pk)


def _hand_in(world, p4, pdf):
    by = world.teacher.actor
    row = enrolled(p4, world.teacher)
    choose_points(by=by, enrolment=row.pk, points={"A1", "A2", "A3"}, diagnosis={})
    reviewed = draft_submission(by=by, enrolment=row.pk, item="point", point="A1")
    put(by, reviewed, 1, pdf, "七年级数学学情分析方案（第二稿）.pdf")
    put(by, reviewed, 2, samples.video(4), "学情分析报告讲解.mp4")
    describe_submission(by=by, submission=reviewed.pk, consent="none-visible", note="第三页的表是两个班合起来算的。")
    reviewed = seal_submission(by=by, submission=reviewed.pk)
    through_advice(world, reviewed)
    returned = hand_in(p4, world.teacher, "A2")
    through_advice(world, returned)
    first = waiting(returned, "panel")[0]
    panelist = world.member(first.reviewer_id).actor
    open_review(by=panelist, assignment=first.pk)
    return_dossier(by=panelist, assignment=first.pk, advice="教学设计里没有写明技术在哪一步、解决什么问题，请补上。")
    draft = draft_submission(by=by, enrolment=row.pk, item="point", point="A3")
    put(by, draft, 1, pdf, "演示文稿设计说明.pdf")
    return reviewed, returned, draft


def rate_first_panel(world, submission):
    """One of the two of the panel answers."""
    rate(world, waiting(submission, "panel")[0], "pass")
