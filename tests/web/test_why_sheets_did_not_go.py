"""Why a sheet was not read, brought in or taken back is said in the reader's language on each of its pages, never as a bare code."""

from datetime import timedelta

import pytest

from tests.insight.sheets import LOOP, hours_of, row, sheet_of
from tests.web.test_sheets_on_their_way import going_back, main_of, office, send  # noqa: F401 (fixtures)
from weineng.accounts.models import Grant
from weineng.insight.actions import carry_out_sheets, read_sheets
from weineng.insight.models import Intake, TakeBack
from weineng.kernel.clock import today
from weineng.kernel.ids import seal_id
from weineng.learning.models import HoursSheet

pytestmark = pytest.mark.slow

NO_MORE = "你已不能在那里导入或撤回表格，没有任何改动。"
BROKE = "处理时出错，没有任何改动。请再试一次；如仍不行，请告诉平台管理员：broken。"
BROKE_READING = "读取时出错。请重新上传；如仍不行，请告诉平台管理员：broken。"


@pytest.fixture
def refused_by_right(world, office):  # noqa: F811
    """`refused_by_right(step)`: the worker takes a step while the office may do nothing; then it may again."""

    def run(step):
        grant = Grant.objects.filter(person=world.office.person, role="office")
        grant.update(ends_on=today() - timedelta(days=1))
        assert step(by=LOOP) == 1
        grant.update(ends_on=None)

    return run


def sheets(world):
    """A roster and a sheet of hours: where each is sent, its file, what else is said of it."""
    return [
        ("/imports/", sheet_of(row(1)), {}),
        ("/imports/hours/", hours_of(world.teacher), {"provider": "qingyun"}),
    ]


@pytest.mark.parametrize("which", [0, 1])
def test_what_is_not_read_says_why(world, office, refused_by_right, which):  # noqa: F811
    start, data, more = sheets(world)[which]
    where = send(office, start, data, **more)
    refused_by_right(read_sheets)
    assert Intake.objects.values_list("state", "refused_for", "said").get() == ("unreadable", "not-found", "")
    assert NO_MORE in main_of(office.get(where))
    Intake.objects.update(refused_for="broken")
    assert BROKE_READING in main_of(office.get(where))


@pytest.mark.parametrize("which", [0, 1])
def test_what_does_not_go_in_says_why(world, office, refused_by_right, which):  # noqa: F811
    start, data, more = sheets(world)[which]
    where = send(office, start, data, **more)
    read_sheets(by=LOOP)
    office.post(where)
    refused_by_right(carry_out_sheets)
    assert Intake.objects.values_list("state", "refused_for", "said").get() == ("refused", "not-found", "")
    assert NO_MORE in main_of(office.get(where))
    Intake.objects.update(said="There is nothing here, or it is not within your reach.")  # written before
    assert "There is nothing here" not in main_of(office.get(where))
    Intake.objects.update(refused_for="broken", said="")
    assert BROKE in main_of(office.get(where))


def test_a_roster_that_is_not_taken_back_says_why(world, going_back, office, refused_by_right):  # noqa: F811
    refused_by_right(carry_out_sheets)
    assert TakeBack.objects.values_list("state", "refused_for", "said").get() == ("refused", "not-found", "")
    assert NO_MORE in main_of(office.get(going_back))
    TakeBack.objects.update(refused_for="broken")
    assert BROKE in main_of(office.get(going_back))


def test_a_sheet_of_hours_that_is_not_taken_back_says_why_on_both_its_pages(world, office, refused_by_right):  # noqa: F811
    where = send(office, "/imports/hours/", hours_of(world.teacher), provider="qingyun")
    read_sheets(by=LOOP)
    office.post(where)
    carry_out_sheets(by=LOOP)
    sheet = f"/imports/past/hours/{seal_id('learning.hourssheet', HoursSheet.objects.get().pk)}/"
    page = office.post(sheet, {"reason": "发错了"}).headers["Location"]
    refused_by_right(carry_out_sheets)
    for shown in (page, sheet):
        assert NO_MORE in main_of(office.get(shown))
    TakeBack.objects.update(refused_for="broken")
    for shown in (page, sheet):
        assert BROKE in main_of(office.get(shown))


@pytest.mark.parametrize("which", [0, 1])
def test_a_sheet_is_thrown_away_in_words_of_its_own(world, office, which):  # noqa: F811
    start, data, more = sheets(world)[which]
    where = send(office, start, data, **more)
    read_sheets(by=LOOP)
    page = main_of(office.get(where))
    assert "放弃草稿" not in page
    away = page.split(f'action="{where}throw-away/"')[1].split("</form>")[0]
    assert "<span>清除</span>" in away
