"""Evidence: uploaded in parts, handed in, looked at by oneself, by the group and by the panel, returned, handed in again."""

import base64
import re
import zlib
from html import unescape

from weineng.ops.demo import papers
from weineng.ops.demo.cast import BEGAN, KINDERGARTEN, POINTS, VOCATIONAL, Teacher
from weineng.ops.demo.visitor import Page, Unexpected, Visitor
from weineng.ops.demo.year import Stage

PART = 64 * 1024  # bytes sent at once: a recording goes in several parts
TUS = {"Tus-Resumable": "1.0.0"}
_PURPOSE = re.compile(r'data-purpose="([^"]+)"')
_FILE = re.compile(r"<figcaption><a [^>]*>([^<]*)<")
RETURNED, FAILED = (5, 8, 17), 1  # of twenty kinds of dossiers
COMMENTS = ("步骤清楚，数据可信。", "可以再写明学生差异。", "工具选得合适，注意时间。", "案例完整，反思可再具体些。")
TITLES = {  # what is asked for each point, piece by piece
    "A3": ("主题说明", "演示文稿", "学生体会"),
    "A4": ("资源管理方案", "管理过程说明"),
    "A13": ("可视化图表", "解读报告"),
    "B1": ("测验与练习设计", "试题与工具截图", "结果分析报告"),
    "C6": ("数据分析报告", "应用反思"),
}


def hand_in(stage: Stage, one: Teacher, number: int) -> None:
    """Hand in the evidence of the point of this number among one's own."""
    visitor = stage.as_(one.name, "")
    point = POINTS[one.school][number]
    page = begin(visitor, f"/evidence/item/point/{point}/")
    for title, purpose in zip(TITLES[point], _PURPOSE.findall(page.html), strict=True):
        send_up(visitor, unescape(purpose), f"{title}-{class_of(one)}.pdf", paper(title))
    consent(page)


def record_lesson(stage: Stage, one: Teacher) -> None:
    """Hand in the recording of a lesson, with where its points can be seen."""
    visitor = stage.as_(one.name, "")
    page = begin(visitor, "/evidence/item/recording/-/")
    [purpose] = _PURPOSE.findall(page.html)
    send_up(visitor, unescape(purpose), f"课堂实录-{class_of(one)}.mp4", papers.film(2400, 60 + one.place % 3 * 40))
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


def class_of(one: Teacher) -> str:
    """The class a file is about; whose it is stays out of its name, since the panel must not know."""
    if one.school == KINDERGARTEN:
        return f"{'小中大'[one.place % 3]}{'一二三四'[one.place % 4]}班"
    if one.school == VOCATIONAL:
        return f"{24 + one.place % 2}级{one.subject}{1 + one.place % 4}班"
    return f"{'一二三四五六' if one.stage == '小学' else '七八九'}"[one.place % 3] + f"年级{1 + one.place % 4}班"


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
    stage.everybody(lambda one: done.append(review(stage, one, returns=returns)), whom)
    return sum(done)


def review(stage: Stage, one: Teacher, *, returns: bool) -> int:
    """Work off what waits; returns how many. What another one gave back meanwhile is no longer one's own."""
    visitor = stage.as_(one.name)
    page = visitor.get("/review/")
    done = 0
    while has_next(page) and done < 60:
        page = page.send(action="/next/", too_late=True)
        while any(form.action.endswith("/save/") for form in page.read.forms):
            page = judge(page, one, returns=returns)
            done += 1
        page = page if page.url.endswith("/review/") else visitor.get("/review/")
    return done


def has_next(page: Page) -> bool:
    """Whether something waits for one's review."""
    return any(form.action.endswith("/next/") for form in page.read.forms)


def judge(page: Page, one: Teacher, *, returns: bool) -> Page:
    """Tick what is reached: mostly all of the pass lines, often the excellent ones, seldom too little.

    What is handed in decides, so that reviewers mostly agree; each of them now and then sees it otherwise.
    """
    form = page.form(do="finish")
    pieces = sorted(name.partition("-")[2] for name in form.names if name.startswith("revision-"))
    files = zlib.crc32(" ".join(_FILE.findall(page.html)).encode())
    luck, otherwise = files % 20, (files // 20 + one.place) % 12 == 0
    if returns and luck in RETURNED and form.has_button("return"):
        return page.send({"advice": "请补充实施时间安排，并附上学生作品的说明。"}, do="return", too_late=True)
    values: dict[str, object] = {}
    for place, piece in enumerate(pieces):
        name = f"tick-{piece}"
        keys = [value for value, _said in form.options.get(name, ())]
        passing = [key for key in keys if "excellent" not in key]
        excellent = bool(luck % 3) != otherwise
        wanted = passing[:1] if luck == FAILED and place == 0 else keys if excellent else passing
        if name in form.names:
            values[name] = wanted
        values[f"looked-{piece}"] = "1"
        values[f"comment-{piece}"] = COMMENTS[(files + place + one.place) % len(COMMENTS)]
    return page.send(values, do="finish", too_late=True)


def hand_in_again(stage: Stage, day: str) -> None:
    """Whoever got something back adds to it and hands it in again."""
    stage.forward(day)
    again = []

    def once_more(one: Teacher) -> None:
        visitor = stage.as_(one.name, "")
        overview = visitor.get("/evidence/")
        links = {href for href, _said in overview.read.links if "/item/" in href} if "退回" in overview.text else ()
        for address in sorted(links):
            page = visitor.get(address)
            if page.html.count('value="seal"') and "退回" in page.text:
                send_up(
                    visitor,
                    unescape(_PURPOSE.findall(page.html)[0]),
                    f"补充说明-{class_of(one)}.pdf",
                    paper("补充说明"),
                )
                consent(visitor.get(page.url))
                again.append(one.name)

    stage.everybody(once_more, [one for one in stage.people if one.way in BEGAN])
    stage.say(f"{len(again)} handed in again what had come back")
