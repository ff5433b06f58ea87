"""The page that says who can pass under a document, for each kind of teacher of the roster, and under a change that waits."""

import re
from datetime import datetime

import pytest

from tests.district import SOURCE, load_standard, publish_p4, start_p4
from tests.programmes.test_reach_in_roster import FLAGGED
from weineng.kernel.clock import CIVIL
from weineng.organisations.actions import set_flag
from weineng.programmes.actions import propose_version
from weineng.web.shell.addresses import oid

pytestmark = pytest.mark.slow

SMART = "学校带有“智慧教育学校”标记的教师"
HOW = [
    "在线课程20学时，用3天", "能力点校本研修10学时，用3天", "学校开放：学情分析、教学设计",
    "选择并提交以下能力点，评审结果为“合格”：A1 A2 A3", "课堂实录合格",
]  # fmt: skip


@pytest.fixture
def visit(visitor, world, set_clock):
    set_clock(datetime(2026, 1, 5, 9, tzinfo=CIVIL))
    load_standard()
    return lambda url, who=None, role="office": visitor(who or world.office, url, role=role)


def parts(answer):
    """What stands on the page: of the roster, of others, what is worth knowing."""
    assert answer.status_code == 200, answer.content.decode()[:2000]
    main = " ".join(answer.content.decode().split("<main")[1].split())
    there, _, rest = main.partition("方案加以区分、名册中没有的教师类型")
    elsewhere, _, remarks = rest.partition("值得注意")
    return there, elsewhere, remarks


def test_who_can_pass_under_the_version_in_force(world, visit):
    set_flag(by=world.office.actor, unit=world.kindergarten, flag="smart-education", held=True)
    row = publish_p4(world).programme
    there, elsewhere, remarks = parts(visit(f"/programmes/{oid(row)}/reach/"))
    assert "名册中：17人" in there
    assert '一般教师 <span class="label">14人，2所学校' in there
    assert f'{SMART} <span class="label">3人，1所学校' in there
    assert [step for step in HOW if f"<li>{step}</li>" in there] == HOW
    assert "在线网络课程 20/20" in there
    assert "无法达到" not in there + elsewhere
    assert "学校处于多媒体教学环境的教师" in elsewhere
    assert SMART + " " not in elsewhere
    assert "另一种理解（学校开放环境）：以下教师无法合格：学校处于多媒体教学环境的教师" in remarks


def test_lines_that_contradict_are_told_with_their_sentences(world, visit):
    row = publish_p4(world, FLAGGED).programme
    assert "无法达到" not in parts(visit(f"/programmes/{oid(row)}/reach/"))[0]
    set_flag(by=world.office.actor, unit=world.kindergarten, flag="rural", held=True)
    there, _elsewhere, _remarks = parts(visit(f"/programmes/{oid(row)}/reach/"))
    assert "名册中有人无法合格" in there
    stuck = there[there.index("无法达到") :]
    assert '学校带有“乡村”标记的教师 <span class="label">3人，1所学校' in stuck
    first = stuck.partition("矛盾1")[2].partition("矛盾2")[0]
    lines = ["caps.both.periods", "demands.online.periods", "demands.research.periods_for_flag.rural"]
    assert re.findall(r"<code>([^<]+)</code>", first) == lines
    assert "在线课程、能力点校本研修总共最多计30学时" in first


def test_who_could_pass_under_a_change_that_waits(world, visit):
    programme = start_p4(world)
    source = SOURCE.replace("periods: 10, title", "periods: 12, title")
    made = propose_version(by=world.office.actor, source=source, everybody=True, reason="与省里一致")
    page = visit(f"/programmes/proposals/{oid(made)}/")
    assert f"/programmes/proposals/{oid(made)}/reach/" in page.content.decode()
    there, _elsewhere, _remarks = parts(visit(f"/programmes/proposals/{oid(made)}/reach/"))
    assert "能力点校本研修12学时" in there
    assert "能力点校本研修10学时" in parts(visit(f"/programmes/{oid(programme)}/reach/"))[0]


def test_it_is_the_office_that_runs_the_programme_that_is_told(world, visit):
    row = start_p4(world)
    address = f"/programmes/{oid(row)}/reach/"
    assert address in visit(f"/programmes/{oid(row)}/").content.decode()
    assert visit(address, world.cio, "cio").status_code in (403, 404)
    assert visit(address, world.wu).status_code == 404
