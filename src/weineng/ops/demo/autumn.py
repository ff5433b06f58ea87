"""September to November: the remaining points and the recordings, what goes wrong and is put right, certificates."""

import re

from weineng.ops.demo import handing_in, research
from weineng.ops.demo.cast import AUDITOR, FINISH, OFFICE, Teacher
from weineng.ops.demo.visitor import Page
from weineng.ops.demo.year import Stage

RECORD = re.compile(r"/learning/[0-9a-z]{13}/$")


def september(stage: Stage) -> None:
    """Second and third points at once, from whoever means to be done by November."""
    research.month_of_sessions(stage, "2026-09-09", 3)
    stage.forward("2026-09-14")

    def further(one: Teacher) -> None:
        for number in (1,) if one.way == "nearly" else (1, 2):
            handing_in.hand_in(stage, one, number)

    count = stage.everybody(further, [one for one in stage.people if one.way in FINISH])
    stage.say(f"second and third points handed in by {count} teachers")


def record_lessons(stage: Stage) -> None:
    """Recordings of whole lessons."""
    research.deliver(stage, "2026-09-21", 1.0, "秋季学时")
    stage.forward("2026-09-22")
    ready = [one for one in stage.people if one.way == "all"]
    count = stage.everybody(lambda one: handing_in.record_lesson(stage, one), ready)
    stage.say(f"{count} recordings of a lesson uploaded in parts and handed in")


def autumn_reviews(stage: Stage) -> None:
    """Some look at their own in time, some colleagues too; where nobody did in time the panel goes on."""
    handing_in.review_all(stage, ("2026-09-28", "2026-10-06", "2026-10-23"), share=6)


def october(stage: Stage) -> None:
    """A last meeting; late evidence that waits for the panel at the end, and evidence that is not so far yet."""
    research.month_of_sessions(stage, "2026-10-28", 4)
    for day, way in (("2026-10-29", "late"), ("2026-11-10", "half")):
        stage.place.settle()  # what was handed in before begins its way on its own day …
        stage.forward(day)
        stage.place.settle()  # … and has gone on meanwhile
        late = stage.everybody(lambda one: handing_in.hand_in(stage, one, 1), [p for p in stage.people if p.way == way])
        stage.say(f"{late} teachers handed in late; their evidence waits for colleagues and reviewers")


def put_right(stage: Stage) -> None:
    """The office voids a record that a platform sent by mistake, and restores one; the auditor looks at the figures."""
    stage.place.settle()
    stage.forward("2026-11-26")
    teachers = [one for one in stage.people if one.way == "all"][:2]
    found = [_last_course(stage.as_(one.name, "").get("/learning/")) for one in teachers]
    office = stage.as_(OFFICE)
    for address in found:
        office.get(address).send({"reason": "平台误报：该课程当日停开。"}, do="void", stay=True)
    office.get(found[0]).send({"reason": "平台更正：课程照常进行。"}, do="restore", stay=True)
    stage.place.settle()
    auditor = stage.as_(AUDITOR)
    auditor.get("/")
    page = office.get("/certificates/schools/")
    number = re.search(r"(\d+)份证书", page.text)
    stage.say(f"{len(found)} records voided, one restored; {number[1] if number else 'no'} certificates so far")


def _last_course(page: Page) -> str:
    """Where the newest record of a platform stands on somebody's list, between those of their own group's sessions."""
    return next(
        href for href, said in page.read.links if RECORD.search(href) and said.strip().startswith(research.COURSES)
    )


def last_word(stage: Stage) -> None:
    """Who can be visited: the accounts that the sign-in page offers."""
    stage.place.settle()
    finished = [one for one in stage.people if one.way == "all" and not one.role and not one.panel]
    certified = (p for p in finished if stage.as_(p.name, "").get("/certificates/").has_link(address="/certificates/"))
    done = next(certified, finished[0])
    half = next(one for one in stage.people if one.way == "nearly" and not one.role)
    roles: tuple[tuple[str, str, str, str, str], ...] = (
        (done.name, "教师（已获证书）", "教師（已獲證書）", "Teacher with a certificate", ""),
        (half.name, "教师（还差一些）", "教師（還差一些）", "Teacher, not done yet", ""),
        (_one(stage, role="group-leader").name, "教研组长", "教研組長", "Group leader", "group-leader"),
        (_one(stage, role="cio").name, "学校首席信息官", "學校資訊長", "School CIO", "cio"),
        (_busy_reviewer(stage), "评审组成员", "評審組成員", "Reviewer", "panel-member"),
        (OFFICE, "区项目办公室", "區專案辦公室", "District office", "office"),
        (AUDITOR, "审计员", "稽核員", "Auditor", "auditor"),
    )
    rows = [
        {
            "account": stage.accounts[name],
            "name": name,
            "role": role,
            "says": {"zh-hans": hans, "zh-hant": hant, "en": says},
        }
        for name, hans, hant, says, role in roles
    ]
    stage.place.offer(rows)


def _busy_reviewer(stage: Stage) -> str:
    """Somebody of a panel for whom something waits, and who has finished something, if there is one."""
    waiting = []
    for one in [one for one in stage.people if one.panel]:
        page = stage.as_(one.name, "").get("/review/")
        if handing_in.has_next(page):
            waiting.append(one.name)
            if "已完成" in page.text:
                return one.name
    return waiting[0] if waiting else next(one.name for one in stage.people if one.panel)


def _one(stage: Stage, *, role: str) -> Teacher:
    return stage.of(role=role)[-1]


SCENES = (september, record_lessons, autumn_reviews, october, put_right, last_word)
