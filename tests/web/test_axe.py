"""What a walk through the pages rests on: text that is too pale is found on every page, also where it was seen before."""

import pytest

from tests.web.axe import violations

pytestmark = pytest.mark.browser

PAGE = """<html lang="zh-Hans"><title>颜色</title><body style="background: rgb(255, 255, 255)"><main><h1>名册</h1>
<div style="background: {ground}"><p style="color: {colour}">三十学时</p></div>{more}</main>"""


@pytest.mark.parametrize(
    ("colour", "ground", "found"),
    [
        ("rgb(20, 20, 20)", "rgb(250, 250, 250)", False),
        ("rgb(200, 200, 200)", "rgb(250, 250, 250)", True),
        ("rgb(20, 20, 20)", "rgb(40, 40, 40)", True),
        ("rgb(20, 20, 20)", "rgba(0, 0, 0, 0.8)", True),
    ],
)
def test_pale_text_is_found_each_time(page, colour, ground, found):
    for _page in range(2):
        page.set_content(PAGE.format(colour=colour, ground=ground, more=""))
        expected = [f'color-contrast: <p style="color: {colour}">三十学时</p>'] if found else []
        assert violations(page) == expected


def test_what_is_wrong_beside_colours_is_found_without_them(page):
    page.set_content(PAGE.format(colour="rgb(20, 20, 20)", ground="transparent", more="<img src='data:,'>"))
    assert violations(page) == ['image-alt: <img src="data:,">']
