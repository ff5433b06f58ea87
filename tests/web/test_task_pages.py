"""What a task page and the record of a session tell their reader, in words of theirs."""

import re
from dataclasses import replace

import pytest

from tests.evidence.conftest import here, look_in_this_process, put  # noqa: F401 (files are looked into in this process)
from tests.files import samples
from tests.files.conftest import files_in, places  # noqa: F401 (a place for files of each test's own)
from tests.p4 import publish_p4
from tests.web.scenes import NOW, middle_of_the_year
from weineng.accounts.models import Grant
from weineng.evidence import queries
from weineng.evidence.models import Submission
from weineng.evidence.queries import recording_rule
from weineng.kernel.ids import seal_id
from weineng.learning.models import Record
from weineng.web.evidence import tasks

pytestmark = pytest.mark.slow

PIECE = re.compile(r"<h2>(\d)\. (\S+)\s+<span[^>]*>(?:<svg.*?</svg>)?(?:<span>)?([^<]+)", re.DOTALL)
SAID = re.compile(r"<h3>(\S+) <span class=\"label\">(\S+)</span></h3>\s*<ul[^>]*>(.*?)</ul>", re.DOTALL)
FACT = re.compile(r"<dt>([^<]+)</dt>\s*<dd[^>]*>(.*?)</dd>", re.DOTALL)


@pytest.fixture(scope="module")
def middle(once, tmp_path_factory):
    def build(world, set_clock):
        return middle_of_the_year(world, publish_p4(world), set_clock, samples.pdf(2))

    with pytest.MonkeyPatch.context() as patch, files_in(tmp_path_factory.mktemp("files")):
        look_in_this_process(patch)
        return once(build)


@pytest.fixture
def school(middle, world, set_clock):
    set_clock(NOW)
    return middle


@pytest.fixture
def read(client, sign_in, world):
    def get(path):
        answer = sign_in(client, world.teacher).get(path)
        assert answer.status_code == 200
        return answer.content.decode()

    return get


def test_a_file_that_is_not_accepted_is_not_called_missing(world, school, read):
    put(world.teacher.actor, school.draft, 3, samples.cut(samples.video(2)), "学生体会.mp4")
    page = read(f"/evidence/{seal_id('evidence.submission', school.draft.pk)}/")
    assert PIECE.findall(page) == [
        ("1", "主题说明", "已有"),
        ("2", "演示文稿", "缺少"),
        ("3", "学生体会", "文件不符合要求"),
    ]


@pytest.mark.parametrize(("level", "offered"), [("pass", True), ("excellent", False)])
def test_what_is_excellent_already_is_not_offered_to_be_improved(school, read, level, offered):
    Submission.objects.filter(pk=school.reviewed.pk).update(state="decided", level=level)
    page = read(f"/evidence/{seal_id('evidence.submission', school.reviewed.pk)}/")
    assert ("再次提交以提高等级" in page) == offered


def test_a_teacher_with_a_post_finds_the_way_into_it_on_the_first_page(world, school, client, sign_in):
    grant = Grant.objects.get(person=world.leader.person, role="group-leader")
    way = f'<button class="button plain" name="post" value="grant:{grant.pk}">'
    assert way in sign_in(client, world.leader).get("/my/").content.decode()
    assert "other-posts" not in sign_in(client, world.teacher).get("/my/").content.decode()


def test_what_was_said_is_told_piece_by_piece(school, read):
    page = read(f"/evidence/{seal_id('evidence.submission', school.reviewed.pk)}/")
    assert [(piece, version, len(re.findall("<li>", said))) for piece, version, said in SAID.findall(page)] == [
        ("学情分析方案", "第1版", 3),
        ("学情分析报告", "第1版", 3),
    ]


def test_the_record_of_a_session_leads_to_it_and_one_of_a_platform_says_its_number(world, school, read):
    mine = Record.objects.filter(person=world.teacher.person)
    ours = mine.get(title="同课异构：一次函数的图象")
    page = read(f"/learning/{seal_id('learning.record', ours.pk)}/")
    session = seal_id("activities.session", school.sessions["second"].pk)
    assert FACT.findall(page)[0] == ("活动", f'<a href="/sessions/{session}/">{ours.title}</a>')
    assert "session:" not in page
    theirs = mine.get(source_id="teacher-2")
    facts = dict(FACT.findall(read(f"/learning/{seal_id('learning.record', theirs.pk)}/")))
    assert (facts["来源"], facts["在来源平台的编号"], facts["课程"]) == ("青云研修平台", "teacher-2", "c2")


def test_the_recording_says_its_length_and_size_before_and_how_long_a_short_one_runs(
    world, school, client, sign_in, read
):
    asked = "可上传视频（mp4），每个不超过1 GB。时长至少15分钟，不超过47分钟。"
    assert "另外提交一次课堂实录，完整一节课，体现至少2个能力点。" in read("/evidence/")
    begin = read("/evidence/item/recording/-/")
    assert asked in begin
    assert "能看到至少2个所选的能力点" in begin
    task = sign_in(client, world.teacher).post("/evidence/item/recording/-/").url
    page = read(task)
    assert asked in page
    assert PIECE.findall(page) == [("1", "综合应用能力点课堂实录", "缺少")]
    row = Submission.objects.get(item="recording", person=world.teacher.person)
    put(world.teacher.actor, row, 1, samples.video(3), "课堂实录.mp4")
    page = read(task)
    assert PIECE.findall(page) == [("1", "综合应用能力点课堂实录", "时长不足")]
    assert page.count("时长0:03") == 2  # beside the piece, and before the handing in
    assert "缺少" not in page
    answer = sign_in(client, world.teacher).post(f"{task}do/", {"do": "seal"})
    assert answer.status_code == 422
    assert "时长0:03" in answer.content.decode()


def test_the_least_length_is_that_of_the_programme(world, school, client, sign_in, read, monkeypatch):
    ruled = replace(recording_rule(Submission.objects.first().enrolment), least_minutes=40, declared_minimum=3)
    for place in (queries, tasks):
        monkeypatch.setattr(place, "recording_rule", lambda _enrolment: ruled)
    begin = read("/evidence/item/recording/-/")
    assert "时长至少40分钟，不超过47分钟。" in begin
    assert "能看到至少3个所选的能力点" in begin
