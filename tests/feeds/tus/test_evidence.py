"""A teacher hands in through the door: what arrives is in its piece of evidence, and nobody reaches another's."""

import pytest

from tests.evidence.conftest import document, draft, enrol, enrolment, fill, here, item_of, programme  # noqa: F401 (fixtures)
from tests.feeds.tus.conftest import Tus
from tests.files import samples
from weineng.evidence.actions import seal_submission
from weineng.evidence.queries import checklist
from weineng.feeds.tus.answers import token_for
from weineng.files.models import Upload
from weineng.kernel.ids import seal_id

pytestmark = pytest.mark.django_db


def purpose(item):
    return f"evidence.item:{seal_id('evidence.item', item.pk)}"


@pytest.fixture
def phone(world, sign_in):
    return Tus(sign_in, world.teacher)


def test_what_arrives_is_in_its_piece(phone, draft):  # noqa: F811
    for seq, data, name in ((1, samples.pdf(), "方案.pdf"), (2, samples.video(2), "报告.mp4")):
        word = purpose(item_of(draft, seq))
        told = phone.overview(word).json()
        assert told["limits"]["max_seconds"] == {1: None, 2: 300}[seq]
        path = phone.create(data, name, purpose=word).headers["Location"]
        assert phone.patch(path, 0, data)["Upload-Receipt"]
        assert phone.http.get(path).json()["used"]
    assert [[have.use.file_name for have in check.files] for check in checklist(draft).checks] == [
        ["方案.pdf"],
        ["报告.mp4"],
    ]


def test_what_cannot_be_used_says_so_at_once(phone, draft):  # noqa: F811
    data = samples.video(8)[:-1500]
    word = purpose(item_of(draft, 2))
    phone.overview(word)
    path = phone.create(data, "报告.mp4", purpose=word).headers["Location"]
    assert phone.patch(path, 0, data)["Upload-Receipt"]
    assert phone.http.get(path).json()["problem"]["code"] == "unreadable-video"


def test_limits_of_the_piece_hold_before_the_first_byte(phone, draft):  # noqa: F811
    word = purpose(item_of(draft, 2))
    phone.overview(word)
    assert phone.create(b"x", "方案.docx", purpose=word).json()["code"] == "file-wrong-kind"
    assert phone.create(b"x", "报告.mp4", purpose=word, size=(500 << 20) + 1).json()["code"] == "file-too-big"
    assert Upload.objects.count() == 0


def test_nobody_brings_files_for_another_or_for_what_is_handed_in(phone, draft, world, sign_in):  # noqa: F811
    word = purpose(item_of(draft, 1))
    for member in (world.colleague, world.wu, world.cio, world.office):
        other = Tus(sign_in, member)
        answer = other.overview(word)
        assert answer.status_code == 404
        other.token = token_for(answer.wsgi_request)
        assert other.create(b"x", purpose=word).status_code == 404
    phone.overview(word)
    path = phone.create(b"late", "晚.txt", purpose=word).headers["Location"]
    fill(world.teacher.actor, draft)
    assert phone.http.get(path).json()["offset"] == 0
    phone.send("DELETE", path)
    seal_submission(by=world.teacher.actor, submission=draft.pk)
    assert phone.overview(word).status_code == 404
    assert phone.create(b"x", purpose=word).status_code == 404
