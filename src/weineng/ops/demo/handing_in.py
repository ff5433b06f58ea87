"""Evidence: uploaded in parts, handed in, looked at by oneself, by the group and by the panel, returned, handed in again."""

import base64
import re
from html import unescape

from weineng.ops.demo import papers
from weineng.ops.demo.cast import POINTS, Teacher
from weineng.ops.demo.visitor import Page, Unexpected, Visitor
from weineng.ops.demo.year import AT_ONCE, Stage

PART = 64 * 1024  # bytes sent at once: a recording goes in several parts
TUS = {"Tus-Resumable": "1.0.0"}
_PURPOSE = re.compile(r'data-purpose="([^"]+)"')
TITLES = ("资源管理方案", "实施过程与案例说明", "数据图表与解读", "测验与练习设计", "教学反思", "学生体会摘录")


def hand_in(stage: Stage, one: Teacher, number: int) -> None:
    """Hand in the evidence of the point of this number among one's own."""
    visitor = stage.as_(one.name, "")
    page = begin(visitor, f"/evidence/item/point/{POINTS[one.school][number]}/")
    for place, purpose in enumerate(_PURPOSE.findall(page.html)):
        title = TITLES[(number * 2 + place) % len(TITLES)]
        send_up(visitor, unescape(purpose), f"{one.name}-{title}.pdf", paper(title))
    consent(page)


def record_lesson(stage: Stage, one: Teacher) -> None:
    """Hand in the recording of a lesson, with where its points can be seen."""
    visitor = stage.as_(one.name, "")
    page = begin(visitor, "/evidence/item/recording/-/")
    [purpose] = _PURPOSE.findall(page.html)
    send_up(visitor, unescape(purpose), f"{one.name}-课堂实录.mp4", papers.film(2400, 60 + one.place % 3 * 40))
    page = visitor.get(page.url)
    first, second = POINTS[one.school][:2]
    said = {
        "declared": (first, second),
        f"from_{first}": "3:10",
        f"to_{first}": "12:00",
        f"from_{second}": "20:00",
        f"to_{second}": "31:30",
    }
    page.send(said | {"consent": "consent-held"}, do="seal", stay=True)


def begin(visitor: Visitor, address: str) -> Page:
    """The task page of an item; begun if it was not."""
    page = visitor.get(address)
    return page if "/item/" not in page.url else page.send(holds="once")


def paper(title: str) -> bytes:
    """A page of paper for a piece of evidence."""
    return papers.pdf(title, ("一、目标与对象", "二、实施步骤与时间", "三、所用工具", "四、结果与改进"))


def consent(page: Page) -> None:
    """Press hand in; where pupils may be seen, say so."""
    values = {"consent": "none-visible"} if "consent" in page.form(do="seal").names else {}
    page.send(values, do="seal", stay=True)


def send_up(visitor: Visitor, purpose: str, name: str, data: bytes) -> None:
    """Upload by tus 1.0, in parts."""
    if not visitor.upload_token:
        visitor.upload_token = checked(visitor, "GET", "/feeds/uploads/", params={"purpose": purpose}).json()["token"]
    told = ",".join(
        f"{key} {base64.b64encode(value.encode()).decode()}"
        for key, value in (("purpose", purpose), ("filename", name))
    )
    headers = TUS | {"Upload-Token": visitor.upload_token}
    made = checked(
        visitor, "POST", "/feeds/uploads/", headers=headers | {"Upload-Length": str(len(data)), "Upload-Metadata": told}
    )
    for offset in range(0, len(data), PART):
        sent = checked(
            visitor, "PATCH", made.headers["Location"], content=data[offset : offset + PART],
            headers=headers | {"Upload-Offset": str(offset), "Content-Type": "application/offset+octet-stream"},
        )  # fmt: skip
    if "Upload-Receipt" not in sent.headers:
        raise Unexpected(f"{name}: no receipt: {dict(sent.headers)}")


def checked(visitor: Visitor, method: str, address: str, **what):
    """A call of the upload door that must succeed."""
    answer = visitor.http.request(method, address, **what)
    if answer.status_code >= 300:
        raise Unexpected(f"{visitor.name}: {method} {address}: {answer.status_code} {answer.text[:800]}")
    return answer


# --- Looking at it ---
def review_all(stage: Stage, days: tuple[str, str, str], *, share: int = 1, returns: bool = False) -> None:
    """Everybody looks at their own, then the groups, then the panels, each some days later.

    `share`: one in so many does it in time; stages that only advise end at their due date with what is there.
    """
    some = [one for one in stage.people if one.way != "nothing" and one.place % share == 0]
    panel = [one for one in stage.people if one.panel]
    counts = []
    for number, (day, whom) in enumerate(zip(days, (some, some, panel), strict=True)):
        stage.place.settle()
        stage.forward(day, "16:00")
        stage.place.settle()
        counts.append(_look(stage, whom, returns=returns and number == 2))
    stage.place.settle()
    thirds = _look(stage, panel, returns=False)  # where two of the panel differ
    stage.place.settle()
    stage.say(
        f"reviews done: {counts[0]} and {counts[1]} by themselves and colleagues, {counts[2]} by panels, {thirds} by a third"
    )


def _look(stage: Stage, whom: list[Teacher], *, returns: bool) -> int:
    done: list[int] = []
    # What one gives back is taken from the other's hands: where that may happen, one after the other.
    stage.everybody(
        lambda one: done.append(review(stage, one, returns=returns)), whom, at_once=1 if returns else AT_ONCE
    )
    return sum(done)


def review(stage: Stage, one: Teacher, *, returns: bool) -> int:
    """Work off what waits; returns how many."""
    visitor = stage.as_(one.name)
    page = visitor.get("/review/")
    done = 0
    while any(form.action.endswith("/next/") for form in page.read.forms) and done < 60:
        page = page.send(action="/next/")
        while "/review/" in page.url and any(form.action.endswith("/save/") for form in page.read.forms):
            page = judge(page, one, done, returns=returns)
            done += 1
    return done


def judge(page: Page, one: Teacher, number: int, *, returns: bool) -> Page:
    """Tick what is reached: mostly all of the pass lines, often the excellent ones, seldom too little."""
    form = page.form(do="finish")
    pieces = sorted(name.partition("-")[2] for name in form.names if name.startswith("revision-"))
    luck = (one.place * 7 + number * 3) % 20
    if returns and luck == 4 and form.has_button("return"):
        return page.send({"advice": "请补充实施时间安排，并附上学生作品的说明。"}, do="return")
    values: dict[str, object] = {}
    for piece in pieces:
        name = f"tick-{piece}"
        keys = [value for value, _said in form.options.get(name, ())]
        passing = [key for key in keys if "excellent" not in key]
        wanted = passing[:1] if luck == 11 else keys if luck % 3 else passing
        if name in form.names:
            values[name] = wanted
        values[f"looked-{piece}"] = "1"
        values[f"comment-{piece}"] = ("步骤清楚，数据可信。", "可以再写明学生差异。", "工具选得合适，注意时间。", "")[
            (number + one.place) % 4
        ]
    return page.send(values, do="finish")


def hand_in_again(stage: Stage, day: str) -> None:
    """Whoever got something back adds to it and hands it in again."""
    stage.forward(day)
    again = []

    def once_more(one: Teacher) -> None:
        visitor = stage.as_(one.name, "")
        for point in POINTS[one.school]:
            page = visitor.get(f"/evidence/item/point/{point}/")
            if "/item/" not in page.url and page.html.count('value="seal"') and "退回" in page.text:
                send_up(
                    visitor, unescape(_PURPOSE.findall(page.html)[0]), f"{one.name}-补充说明.pdf", paper("补充说明")
                )
                consent(visitor.get(page.url))
                again.append(one.name)

    stage.everybody(
        once_more, [one for one in stage.people if one.way in ("all", "nearly", "no-recording", "half", "late")]
    )
    stage.say(f"{len(again)} handed in again what had come back")
