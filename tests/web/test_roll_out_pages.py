"""The roll-out on pages: every number leads to as many schools or counties, on the same day, and only within reach."""

import re
from html import unescape

import pytest

from tests.insight.province import half_way
from tests.web.reading import text
from weineng.insight.queries import StatesOn
from weineng.kernel.ids import seal_id
from weineng.organisations.models import Unit

pytestmark = pytest.mark.slow

NUMBER = re.compile(r'<a href="([^"]*roll-out/units/[^"]*)">(?:<span>[^<]*</span><b>)?([\d,]+)<')
ROWS = re.compile(r'<th scope="row"><a href="[^"]*">([^<]+)</a>')


@pytest.fixture
def page(world, set_clock, visitor):
    """`page(member, role, unit, query)`: the roll-out of a unit half-way through the programme."""
    half_way(world, set_clock)
    world.grant(world.loner.person, "office", world.province)

    def go(member, role, unit, query="", status=200):
        url = f"/progress/unit/{seal_id('organisations.unit', world.units[unit])}/roll-out/"
        return text(visitor(member, url + query, role=role), status)

    go.get = lambda member, role, url, status=200: text(visitor(member, url, role=role), status)
    return go


def test_every_number_leads_to_as_many_units(page, world):
    for query in ("", "?on=2026-04-20", "?on=2025-12-31"):
        found = NUMBER.findall(page(world.loner, "office", "province", query))
        assert len(found) >= 2
        for url, number in found:
            behind = page.get(world.loner, "office", unescape(url))
            assert len(ROWS.findall(behind)) == int(number) > 0, url
            assert re.search(rf"<h1[^>]*>\s*{number}(所学校|个县区)", behind), url


def test_the_page_says_what_is_there_what_is_late_and_what_each_school_lacks(page, world):
    province = page(world.loner, "office", "province")
    assert re.findall(r"(已达到|到期未达到|进行中|尚未开始)", province) == [
        "已达到",
        "到期未达到",
        "进行中",
        "进行中",
        "进行中",
        "尚未开始",
    ]
    assert "以数量为准；按5的30%计应为2。" in province
    assert "锦霖区：" in province
    district = page(world.office, "office", "district")
    names = [
        name
        for name in ROWS.findall(district)
        if name in set(Unit.objects.filter(level="school").values_list("name", flat=True))
    ]
    assert names == ["锦霖区职业教育中心", "锦霖区第一幼儿园", "锦霖区白石镇九年一贯制学校"]  # behind first
    assert "尚未参加；没有已通过的规划；须有50%的人完成" in district
    assert "教学应用优秀案例和工程实施典型案例" in province
    assert "教学应用优秀案例和工程实施典型案例" not in district  # a city sends on


def test_it_opens_for_a_school_and_for_nobody_outside(page, world):
    assert ROWS.findall(page(world.cio, "cio", "nine_year")) == ["锦霖区白石镇九年一贯制学校"]
    for member, role, unit in (
        (world.wu, "office", "district"),
        (world.cio, "cio", "district"),
        (world.office, "office", "province"),
    ):
        page(member, role, unit, status=404)
        page(member, role, unit, "units/?of=schools&state=completed", status=404)
    page(world.office, "office", "district", "units/?step=nothing&place=x", status=404)
    page(world.office, "office", "district", "units/?step=people&place=x", status=404)
    assert "没有" in page(world.office, "office", "district", "units/?of=counties&state=completed")


def test_a_long_list_goes_on(page, world, monkeypatch):
    monkeypatch.setattr("weineng.web.progress.roll_out.AT_ONCE", 2)
    first = page(world.loner, "office", "province", "units/?of=schools")
    [further] = re.findall(r'rel="next" href="([^"]+)"', first)
    second = page(world.loner, "office", "province", f"units/{unescape(further)}")
    [further] = re.findall(r'rel="next" href="([^"]+)"', second)
    third = page(world.loner, "office", "province", f"units/{unescape(further)}")
    names = [name for answer in (first, second, third) for name in ROWS.findall(answer)]
    assert (len(names), len(set(names)), 'rel="next"' in third) == (5, 5, False)


def test_a_list_works_out_no_day_but_those_that_it_shows(page, world, monkeypatch):
    steps = [
        unescape(url) for url, _number in NUMBER.findall(page(world.loner, "office", "province")) if "step=" in url
    ]
    assert len(steps) > 3
    days, rows = [], StatesOn._rows
    monkeypatch.setattr(StatesOn, "_rows", lambda states: days.append(states.on) or rows(states))
    page(world.loner, "office", "province", "units/?of=schools&state=completed")
    assert len(days) == 1
    page(world.loner, "office", "province")
    whole = len(set(days))
    for url in steps:
        days.clear()
        page.get(world.loner, "office", url)
        assert len(days) <= 3 < whole, url  # the first day, the last, and the eve of a period


def test_the_overview_leads_there_on_the_same_day(page, world):
    unit = f"/progress/unit/{seal_id('organisations.unit', world.district)}/"
    assert f'href="{unit}roll-out/"' in page.get(world.office, "office", unit)
    assert f'href="{unit}roll-out/?on=2026-04-20"' in page.get(world.office, "office", f"{unit}?on=2026-04-20")
    group = f"/progress/unit/{seal_id('organisations.unit', world.maths)}/"
    assert "roll-out" not in page.get(world.leader, "group-leader", group)
