"""Slips for a whole school: everybody on them, in staff order, eight to a page, good in every language."""

import pypdfium2
import pytest
from django.utils import translation

from weineng.accounts.actions import issue_codes
from weineng.accounts.papers import slips_paper
from weineng.accounts.queries import accounts_at
from weineng.organisations.models import Unit


def pages(pdf):
    texts = [page.get_textpage().get_text_bounded() for page in pypdfium2.PdfDocument(pdf)]
    return [text.replace("\r\n", "").replace("\x02", "-") for text in texts]


@pytest.fixture
def printed(world):
    unit = Unit.objects.get(pk=world.nine_year)
    rows = accounts_at(world.office.actor, unit.pk)
    slips = issue_codes(by=world.office.actor, accounts=[row.account for row in rows])
    return slips, lambda: pages(slips_paper(unit=unit, slips=slips))


def test_everybody_in_staff_order_with_code_and_names(printed):
    slips, paper = printed
    first, second = paper()
    assert len(slips) == 10
    places = [(first + second).index(slip.code) for slip in slips]
    assert places == sorted(places)
    assert sum(first.count(slip.code) for slip in slips) == 8
    for slip in slips:
        text = first if slip.code in first else second
        assert slip.sign_in_name in text
        assert slip.name in text
    assert "数学教研组" in second


@pytest.mark.slow
@pytest.mark.parametrize("language", ["zh-hans", "zh-hant", "en"])
def test_nothing_is_cut_off_in_any_language(printed, language):
    _slips, paper = printed
    with translation.override(language):
        assert len(paper()) == 2


def test_long_and_rare_names_fit(world):
    unit = Unit.objects.get(pk=world.maths)
    member = world.enter(
        "阿卜杜热合曼·艾合买提江·吐尔逊",
        world.maths,
        key="a-very-long-sign-in-name-of-somebody",
        staff_number="1234567890",
    )
    slips = issue_codes(by=world.office.actor, accounts=[member.account])
    [text] = pages(slips_paper(unit=unit, slips=slips))
    assert "阿卜杜热合曼·艾合买提江·吐尔逊" in text
    assert "a-very-long-sign-in-name-of-somebody" in text
