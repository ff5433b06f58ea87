"""The text of documents, for browsers that cannot show them; pages of PDFs as pictures."""

import io

import pytest
from PIL import Image

from tests.files import samples
from tests.files.conftest import bring
from weineng.files.actions import erase_unused
from weineng.files.models import BlobText, Upload
from weineng.files.probe import inspect, probe
from weineng.files.queries import page_of, sections_of
from weineng.kernel.actors import platform


def text(tmp_path, data):
    place = tmp_path / "file"
    place.write_bytes(data)
    return [(s["kind"], s["name"], s["lines"]) for s in inspect(place).sections]


@pytest.mark.parametrize(
    ("data", "sections"),
    [
        (
            samples.word_document("教学设计", "  ", "一、目标", rows=[("环节", "用时"), ("导入", "5分钟")]),
            [("whole", "", ["教学设计", "一、目标", "环节 | 用时", "导入 | 5分钟"])],
        ),
        (samples.slides("封面", "正文", ""), [("slide", "1", ["封面"]), ("slide", "2", ["正文"])]),
        (samples.slides(*(f"第{n}页" for n in range(1, 12))), [("slide", str(n), [f"第{n}页"]) for n in range(1, 12)]),
        (
            samples.sheet([("姓名", "分数"), ("代号甲", 95), ("代号乙", 88.5)]),
            [("sheet", "成绩", ["姓名 | 分数", "代号甲 | 95", "代号乙 | 88.5"])],
        ),
        (samples.open_text("一", "二"), [("whole", "", ["一", "二"])]),
        (samples.written_pdf("Lesson plan", "Aims"), [("page", "1", ["Lesson plan"]), ("page", "2", ["Aims"])]),
        ("第一行\r\n\r\n第二行".encode("gb18030"), [("whole", "", ["第一行", "第二行"])]),
        (samples.pdf(2), []),
        (samples.picture(), []),
        (samples.office(), []),
        (samples.laughs(), []),
        (samples.locked_pdf(), []),
    ],
)  # fmt: skip
def test_lines_in_their_order(tmp_path, data, sections):
    assert text(tmp_path, data) == sections


def test_a_document_whose_text_cannot_be_read_is_not_broken_for_that(tmp_path):
    place = tmp_path / "file"
    place.write_bytes(samples.laughs())
    assert (probe(place).broken, probe(place).family) == ("", "document")


def test_an_endless_text_is_cut(tmp_path):
    place = tmp_path / "file"
    place.write_bytes(("字" * 999 + "\n").encode() * 400)
    found = inspect(place)
    assert sum(len(line) for s in found.sections for line in s["lines"]) == 199_800
    assert found.facts == {"text_cut": True}


@pytest.mark.django_db
def test_text_and_pages_come_with_the_file_and_go_with_it(world, set_clock):
    from datetime import datetime, timedelta

    from weineng.kernel.clock import CIVIL

    start = set_clock(datetime(2026, 3, 1, 8, tzinfo=CIVIL))
    blob = bring(world.teacher.actor, samples.written_pdf("Lesson plan", "Aims"), "a.pdf").blob
    assert [(s.kind, s.name, s.lines) for s in sections_of(blob)] == [
        ("page", "1", ("Lesson plan",)),
        ("page", "2", ("Aims",)),
    ]
    with Image.open(io.BytesIO(page_of(blob, 2, 800))) as picture:
        assert (picture.format, picture.size) == ("JPEG", (800, 400))
    assert page_of(blob, 0, 800) is None
    assert page_of(blob, 3, 800) is None
    assert page_of(bring(world.teacher.actor, b"text").blob, 1, 800) is None
    again = bring(world.colleague.actor, samples.written_pdf("Lesson plan", "Aims"), "b.pdf").blob
    assert (again.pk, len(sections_of(again))) == (blob.pk, 2)
    set_clock(start + timedelta(days=31))
    assert erase_unused(by=platform("worker")) == 2
    assert BlobText.objects.count() == 0
    assert Upload.objects.count() == 3
