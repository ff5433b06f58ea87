"""What groups and platforms do month after month: sessions with sign-in, and hours delivered through the API."""

import re
from datetime import date, datetime, time, timedelta

import httpx

from weineng.kernel import clock
from weineng.ops.demo.cast import GROUPS, Teacher
from weineng.ops.demo.visitor import Unexpected
from weineng.ops.demo.year import Stage

# Periods of school-based research and of online courses that each way of living through the year asks for.
ONLINE = {"few-hours": 9, "slow": 8, "nothing": 0, "late": 14, "half": 16, "nearly": 21, "no-recording": 22, "all": 22}
THEMES = (
    "用数据看学情",
    "一节课的三次打磨",
    "资源库怎样建才好用",
    "录像课切片分析",
    "课堂即时反馈的得失",
    "期末复习的个别化指导",
    "跨班共用一份课件",
)
FORMS = ("lesson-study", "case-discussion", "recording-analysis")
COURSES = ("信息化教学设计", "学情分析工具实务", "数据可视化入门", "微课制作", "在线研讨组织", "数字资源版权")


def hold_session(stage: Stage, school: str, group: str, day: str, number: int) -> tuple[str, str]:
    """A group's session: announced, opened, signed in to, minuted. Returns its host and address."""
    leader_of = stage.of(school=school, group=group)
    leader = next((one for one in leader_of if one.role == "group-leader"), leader_of[0])
    host = stage.as_(leader.name, "组长")
    unit = stage.units[f"{school}/{group}"]
    page = host.get(f"/sessions/plan/{unit}/")
    starts, minutes = "14:00", (135, 90, 120, 135)[number % 4]
    ends = (datetime.fromisoformat(f"{day}T{starts}") + timedelta(minutes=minutes)).strftime("%H:%M")
    page = page.send(
        {
            "title": THEMES[number % len(THEMES)], "kind": "school-research", "form": FORMS[number % len(FORMS)],
            "day": day, "starts": starts, "ends": ends, "duration": str(minutes), "place_name": "会议室",
        },
        holds="duration",
    )  # fmt: skip
    address = page.url
    page = page.send(do="open")
    code = re.search(r'class="wall-word">(\d{6})<', page.html)
    if code is None:
        raise Unexpected(f"{page.url}: no word to sign in with: {page.text[:1500]}")
    there = [one for one in leader_of if takes_part(one, number)]
    for one in there[1:3]:
        if one.role not in ("cio", "principal"):
            stage.as_(one.name, "").get(f"{address}sign-in/").send({"code": code[1]}, holds="code", stay=True)
    page = host.get(f"{address}people/")
    form = page.form(holds="pick")
    picked = [value for value, said in form.options["pick"] if any(one.name in said for one in there)]
    if not picked:
        raise Unexpected(f"{page.url}: none of those who were there can be ticked: {page.text[:1500]}")
    page = page.send({"pick": picked}, holds="pick")
    page.send(
        {"minutes_text": f"主题：{THEMES[number % len(THEMES)]}。听课、评课、形成改进清单，下次由两位老师汇报。"},
        do="minutes", stay=True,
    )  # fmt: skip
    page.send({"title": f"{THEMES[number % len(THEMES)]}·课例一份"}, do="product", stay=True)
    return leader.name, address


def takes_part(one: Teacher, number: int) -> bool:
    """Whether somebody comes to the session of this number."""
    return {"nothing": False, "slow": number % 2 == 0, "few-hours": number < 3}.get(one.way, True)


def month_of_sessions(stage: Stage, day: str, number: int) -> None:
    """Every group meets once, then the sessions are closed."""
    stage.forward(day, "15:00")
    groups = [(school, group) for school, known in GROUPS.items() for group, *_rest in known]
    held: list[tuple[str, str]] = []
    stage.everybody(lambda where: held.append(hold_session(stage, *where, day, number)), groups)
    stage.forward(day, "18:00")
    stage.everybody(lambda one: stage.as_(one[0], "组长").get(one[1]).send(do="close", stay=True), held)
    stage.say(f"{len(held)} groups met for school-based research; minutes and products written, sessions closed")


def deliver(stage: Stage, day: str, share: float, name: str) -> None:
    """The platforms deliver the hours of their members so far: the same ids again are unchanged."""
    stage.forward(day, "02:00")
    told = {}
    for place, (code, key) in enumerate(sorted(stage.keys.items())):
        rows = [
            row
            for one in stage.people
            if one.place % 2 == place
            for row in records(one, date.fromisoformat(day), share)
        ]
        if not rows:
            continue
        back = {"starts_at": rows[0]["ends_at"], "ends_at": rows[0]["starts_at"]}
        wrong = [rows[0] | back | {"id": f"{rows[0]['id']}-x"}][place:]  # one platform's clock went backwards once
        answer = httpx.post(
            f"{stage.place.address}/api/v1/providers/{code}/records", json={"records": [*rows, *wrong], "name": name},
            headers={"Authorization": f"Bearer {key}"}, timeout=120,
        )  # fmt: skip
        if answer.status_code != 200 or answer.json()["refused"] != len(wrong) or answer.json()["conflict"]:
            raise Unexpected(f"{code}: {answer.status_code} {answer.text[:1500]}")
        told[code] = (answer.json()["created"], answer.json()["unchanged"], len(wrong))
    stage.say(
        "platforms delivered: "
        + ", ".join(f"{code} {new} new, {same} unchanged, {off} refused" for code, (new, same, off) in told.items())
    )


def records(one: Teacher, until: date, share: float) -> list[dict[str, object]]:
    """The online lessons somebody has taken by a day: two periods each, on evenings from April on."""
    count = round(ONLINE[one.way] * share / 2)
    found: list[dict[str, object]] = []
    for number in range(count):
        day = date(2026, 4, 7) + timedelta(days=number * 9 + one.place % 5)
        if day >= until:
            break
        ends = datetime.combine(day, time(20, 30), clock.CIVIL)
        found.append({
            "id": f"{one.staff_number}-{number + 1}", "person_type": "id-card", "person_number": one.number, "person_name": one.name,
            "mode": "online", "course": f"KC-{number % len(COURSES) + 1:02}", "title": COURSES[number % len(COURSES)],
            "starts_at": (ends - timedelta(minutes=95)).isoformat(), "ends_at": ends.isoformat(), "minutes": 90,
        })  # fmt: skip
    return found
