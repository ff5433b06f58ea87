"""January to March: the office sets up its district; schools write their plans."""

import re
from concurrent.futures import ThreadPoolExecutor
from importlib.resources import files

import pypdfium2

from weineng.ops.demo.cast import (
    AUDITOR,
    BATCHES,
    CODES,
    DIMENSIONS,
    DISTRICT,
    GROUPS,
    OFFICE,
    POINTS,
    SECOND_OFFICE,
    UNITS,
    VOCATIONAL,
    Teacher,
    roster,
)  # fmt: skip
from weineng.ops.demo.visitor import Page, Unexpected, Visitor
from weineng.ops.demo.year import Stage

PLAN = files("weineng") / "programmes" / "plans" / "p4-district.yaml"
PLATFORMS = {"qingyun": "青云研修平台", "zhixing": "知行在线"}
CODE = re.compile(r"\b[0-9A-Z]{4}[- ][0-9A-Z]{4}[- ][0-9A-Z]{4}\b")
_ROW = re.compile(
    r'<th scope="row" class="name">(?:<a [^>]*>)?([^<]+)(?:</a>)?</th>\s*<td[^>]*>[^<]*</td>\s*<td[^>]*>[^<]*</td>\s*<td[^>]*>([^<]*)</td>'
)
PASSWORD = "an invented pass phrase 2026"  # noqa: S105 (of people who do not exist)


def found(stage: Stage) -> None:
    """An operator's part: standard, units, the office's first people; then the doors open."""
    stage.forward("2026-01-05", "08:30")
    place = stage.place
    (place.folder / "units.csv").write_text(UNITS, encoding="utf-8")
    with ThreadPoolExecutor(2) as hands:
        standard = hands.submit(place.command, "standards", "load")
        place.command("units", str(place.folder / "units.csv"))
        slips = [
            hands.submit(place.command, "appoint", name, "--unit", DISTRICT, "--role", role)
            for name, role in ((OFFICE, "office"), (SECOND_OFFICE, "office"), (AUDITOR, "auditor"))
        ]
        told = [slip.result() for slip in slips]
        standard.result()
    place.serve()
    for name, slip in zip((OFFICE, SECOND_OFFICE, AUDITOR), told, strict=True):
        said = dict(re.findall(r"^(sign-in name|code)\s+(\S+)", slip, re.MULTILINE))
        stage.accounts[name] = said["sign-in name"]
        activate(Visitor(place.address, name=name), said["code"])
    stage.say("standard loaded, units founded, three people of the district's office activated with their codes")


def activate(visitor: Visitor, code: str) -> str:
    """Type the code of a slip, say that it is you, choose a password; returns whom the page greeted."""
    page = visitor.get("/sign-in/code/").send({"code": code}, holds="code")
    greeted = page.text
    page = page.send(do="me")
    page.send({"password": PASSWORD}, holds="password", stay=True)
    return greeted


def publish(stage: Stage) -> None:
    """The programme as a document, its assumptions read and confirmed."""
    office = stage.as_(OFFICE)
    page = office.get("/programmes/publish/")
    owner = page.form(holds="source").option("owner", "锦霖区")
    page = page.send({"owner": owner, "source": PLAN.read_text(encoding="utf-8")}, holds="source")
    page = office.get(page.link(address="/programmes/", words="2.0"))
    lines = page.html.count("<code>")
    page.send({"confirm_assumptions": "1"}, do="start")
    stage.say(f"P4 published and started; {lines} assumed lines read and confirmed")


def bring_roster(stage: Stage) -> None:
    """The roster as a spreadsheet through the import page."""
    stage.forward("2026-01-07")
    office = stage.as_(OFFICE)
    sheet = roster(stage.people).encode("utf-8-sig")
    page = office.get("/imports/")
    page = office.send_file(page, {}, {"file": ("2026年教师名册.csv", sheet, "text/csv")}, holds="once")
    page.send(holds="once")
    stage.say(f"roster of {len(stage.people)} people in three schools brought in")


def open_accounts(stage: Stage) -> None:
    """Accounts for everybody, roles for those who run something, slips for some."""
    office = stage.as_(OFFICE)
    top = office.get("/accounts/").url
    page = office.get(top)
    for school in CODES:
        stage.units[school] = word_of(page.link(school, "/accounts/at/"))
    for school in CODES:
        address = f"/accounts/at/{stage.units[school]}/"
        page = office.get(address).send(do="open")
        stage.accounts |= dict(_ROW.findall(page.html))
        below = office.get(f"/accounts/roles/at/{stage.units[school]}/")
        for group, *_rest in GROUPS[school]:
            stage.units[f"{school}/{group}"] = word_of(below.link(group, "/accounts/roles/at/"))
    lacking = [one.name for one in stage.people if one.name not in stage.accounts]
    if lacking:
        raise Unexpected(f"{page.url}: no account seen for {lacking}: {page.text[:1500]}")
    for school in CODES:
        for role in ("cio", "principal"):
            for one in stage.of(school=school, role=role):
                give(office, stage.units[school], one, role)
    stage.everybody(lambda school: give_roles(stage, school), CODES)


def give_roles(stage: Stage, school: str) -> None:
    """A CIO makes group leaders and panel members, and prints the slips."""
    cio = stage.as_(stage.of(school=school, role="cio")[0].name)
    for one in stage.of(school=school, role="group-leader"):
        give(cio, stage.units[f"{school}/{one.group}"], one, "group-leader")
    for one in stage.of(school=school):
        if one.panel:
            give(cio, stage.units[school], one, "panel-member")
    slips(stage, cio, school)


def word_of(address: str) -> str:
    """The opaque word at the end of an address."""
    return address.rstrip("/").rpartition("/")[2]


def give(giver: Visitor, unit: str, whom: Teacher, role: str) -> None:
    """Give a role on its page."""
    page = giver.get(f"/accounts/roles/at/{unit}/give/")
    page.send(
        {"person": page.form(holds="person").option("person", whom.name), "role": role}, holds="person", stay=True
    )


def slips(stage: Stage, cio: Visitor, school: str) -> None:
    """Print slips for all; the first two come at once and activate their account."""
    page = cio.get(f"/accounts/at/{stage.units[school]}/")
    form = page.form(do="slips-new")
    answer = cio.http.post(
        form.action or page.url, data=dict(form.fields) | {"do": "slips-new"}, headers={"Referer": page.url}
    )
    if not answer.content.startswith(b"%PDF"):
        raise Unexpected(f"{page.url}: no slips but {answer.status_code}: {answer.text[:1500]}")
    paper = pypdfium2.PdfDocument(answer.content)
    codes = CODE.findall("\n".join(sheet.get_textpage().get_text_range() for sheet in paper))
    if len(codes) < 2:
        raise Unexpected(f"{page.url}: {len(codes)} codes can be read off the slips")
    for code in codes[:2]:
        activate(Visitor(stage.place.address, name=school), code)
    stage.say(
        f"{school}: roles given, {len(codes)} slips printed, {len(codes[:2])} people activated theirs the same day"
    )


def enrol(stage: Stage) -> None:
    """Schools with their batch, then their people."""
    stage.forward("2026-01-12")
    office = stage.as_(OFFICE)
    programme = office.get("/programmes/").link("2.0", "/programmes/")
    page = office.get(f"{programme}schools/")
    for school, batch in BATCHES.items():
        page = page.send({"pick": stage.units[school], "batch": batch}, do="enrol")
    for school in BATCHES:
        office.get(f"{programme}schools/{stage.units[school]}/").send(holds="once", stay=True)
    stage.say("three schools and all their people take part")


def admit(stage: Stage) -> None:
    """Two training platforms and their keys."""
    stage.forward("2026-02-03")
    office = stage.as_(OFFICE)
    for code, name in PLATFORMS.items():
        office.get("/learning/providers/").send({"code": code, "name": name, "period_minutes": "45"}, holds="code")
        page = office.get("/accounts/keys/new/")
        page = page.send({"provider": code, "label": f"{name} 2026"}, holds="provider")
        shown = re.search(r'id="plain"[^>]*value="([^"]+)"', page.html)
        if shown is None:
            raise Unexpected(f"{page.url}: no key is shown: {page.text[:1500]}")
        stage.keys[code] = shown[1]
    stage.say("two training platforms admitted, their keys handed out")


def write_plans(stage: Stage) -> None:
    """Each school writes its plan; one comes back and goes in again."""
    stage.forward("2026-03-02")
    stage.everybody(lambda school: write_plan(stage, school), CODES)
    stage.forward("2026-03-09")
    office = stage.as_(OFFICE)
    returned = judge(office, VOCATIONAL, "return", "请把培训需求写得更具体，并说明各教研组的分工。")
    stage.say(f"{VOCATIONAL}: plan returned with a comment")
    stage.forward("2026-03-12")
    cio = stage.as_(stage.of(school=VOCATIONAL, role="cio")[0].name)
    page = cio.get(f"/plans/school/{stage.units[VOCATIONAL]}/")
    page = cio.get(page.link(address="/edit/"))
    page.send({"needs": "计算机组需要数据看板工具培训，机电组需要仿真软件培训；每组一名骨干负责。"}, do="submit")
    stage.forward("2026-03-16")
    office = stage.as_(OFFICE)
    for school in CODES:
        page = judge(office, school, "approve", "同意，按计划实施。")
        page.send(do="file", stay=True)
    stage.say(f"all plans approved and filed ({len(returned.html) // 1000} kB read on the way)")


def write_plan(stage: Stage, school: str) -> None:
    """The CIO fills the school's plan and hands it in."""
    cio = stage.as_(stage.of(school=school, role="cio")[0].name)
    page = cio.get(f"/plans/school/{stage.units[school]}/").send(holds="once")
    scores = {
        name: str(2 + (place % 3))
        for place, name in enumerate(sorted(n for n in page.form(do="submit").names if n.startswith("score_")))
    }
    page.send(
        scores | {
            "environment": "multimedia", "goals": "一年内全体教师能用数据了解学情，每个教研组形成两个可推广的课例。",
            "dimensions": DIMENSIONS[school], "points": POINTS[school],
            "theme_0": "数据支持的精准教学", "theme_points_0": POINTS[school][:2],
            "theme_1": "资源共建共享", "theme_points_1": POINTS[school][2:],
            "step_0": "启动与诊断", "from_0": "2026-03-16", "to_0": "2026-04-15", "who_0": "首席信息官",
            "step_1": "分组研修", "from_1": "2026-04-16", "to_1": "2026-10-31", "who_1": "教研组长",
            "step_2": "评审与总结", "from_2": "2026-11-01", "to_2": "2026-11-30", "who_2": "评审组",
            "needs": "工具应用与数据解读", "assessment": "自评、组内互评、学校评审组评审。",
        },
        do="submit", stay=True,
    )  # fmt: skip
    stage.say(f"{school}: plan written and handed in")


def judge(office: Visitor, school: str, verdict: str, comment: str) -> Page:
    """Decide on the plan of a school."""
    page = office.get("/plans/review/?state=submitted")
    page = office.get(page.link(school, "/judge/"))
    return page.send({"comment": comment}, do=verdict)


SCENES = (found, publish, bring_roster, open_accounts, enrol, admit, write_plans)
