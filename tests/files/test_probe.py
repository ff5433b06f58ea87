"""What a file is by its content: good ones with their length and pages, bad ones with the code that says why."""

import os

import pytest

from tests.files import samples
from weineng.files.probe import Found, probe
from weineng.files.refusals import TEXTS

pytestmark = pytest.mark.slow

OFFICE = "application/vnd.openxmlformats-officedocument."
LOCKED_SHEET = b"\x09\x08\x04\x00" + bytes(4) + b"\x2f\x00" + bytes(60)  # FILEPASS after the first record


def look(tmp_path, data, name="教案", **kw):
    place = tmp_path / name
    place.write_bytes(data)
    return probe(place, **kw)


@pytest.mark.parametrize(
    ("data", "media_type", "family", "seconds", "pages"),
    [
        (lambda: samples.video(3), "video/mp4", "video", 3, None),
        (lambda: samples.video(3, faststart=True), "video/mp4", "video", 3, None),
        (lambda: samples.video(2, kind="webm"), "video/webm", "video", 2, None),
        (lambda: samples.sound(2), "audio/x-wav", "audio", 2, None),
        (lambda: samples.pdf(3), "application/pdf", "document", None, 3),
        (lambda: samples.picture(), "image/jpeg", "image", None, None),
        (lambda: samples.picture("PNG"), "image/png", "image", None, None),
        (lambda: samples.office(), OFFICE + "wordprocessingml.document", "document", None, None),
        (lambda: samples.office("ppt/presentation.xml"), OFFICE + "presentationml.presentation", "document", None, None),
        (lambda: samples.office("xl/workbook.xml"), OFFICE + "spreadsheetml.sheet", "document", None, None),
        (lambda: samples.old_word(), "application/msword", "document", None, None),
        (lambda: samples.compound({"Workbook": b"\x09\x08\x10\x00" + bytes(60)}), "application/vnd.ms-excel", "document", None, None),
        (lambda: samples.compound({"PowerPoint Document": b"x"}), "application/vnd.ms-powerpoint", "document", None, None),
        (lambda: "本课反思：导入环节用时偏长。".encode(), "text/plain; charset=utf-8", "document", None, None),
        (lambda: "本课反思：导入环节用时偏长。".encode("gb18030"), "text/plain; charset=gb18030", "document", None, None),
        (lambda: b"<html><script>alert(1)</script>", "text/plain; charset=utf-8", "document", None, None),
    ],
)  # fmt: skip
def test_good_files_are_known_by_their_content(tmp_path, data, media_type, family, seconds, pages):
    found = look(tmp_path, data(), "notes.exe")
    found.facts.clear(), found.sections.clear()
    assert found == Found(media_type, family, seconds, pages)


def test_a_video_says_its_codec_and_an_archive_its_entries(tmp_path):
    assert look(tmp_path, samples.video(1)).facts == {"codec": "h264", "width": 64, "height": 48}
    files = {"课件/一.txt": b"1", "课件/二.txt": b"2", "__MACOSX/._x": b"", "Thumbs.db": b"", "课件/": b""}
    found = look(tmp_path, samples.archive(files))
    assert (found.family, found.facts, found.broken) == ("archive", {"entries": 2}, "")


@pytest.mark.parametrize(
    ("data", "family", "broken"),
    [
        (lambda: samples.video(8)[:-1500], "video", "unreadable-video"),  # moov at the end, cut off
        (lambda: samples.cut(samples.video(60, faststart=True)), "video", "unreadable-video"),
        (lambda: b"\0\0\0\x18ftypmp42" + os.urandom(5000), "video", "unreadable-video"),
        (lambda: samples.pdf()[:300], "document", "unreadable-document"),
        (lambda: b"%PDF-1.7\n" + os.urandom(2000), "document", "unreadable-document"),
        (lambda: samples.locked_pdf(), "document", "password-protected"),
        (lambda: samples.old_word(locked=True), "document", "password-protected"),
        (lambda: samples.compound({"EncryptionInfo": b"x", "EncryptedPackage": b"y"}), "document", "password-protected"),
        (lambda: samples.compound({"Workbook": LOCKED_SHEET}), "document", "password-protected"),
        (lambda: samples.old_word()[:700], "document", "unreadable-document"),
        (lambda: samples.office()[:-40], "document", "unreadable-document"),
        (lambda: samples.picture()[:200], "image", "unreadable-image"),
        (lambda: samples.bomb(), "archive", "archive-bomb"),
        (lambda: samples.lying_bomb(), "archive", "unreadable-archive"),
        (lambda: samples.locked_archive(), "archive", "password-protected"),
        (lambda: samples.archive({"a/": b"", "__MACOSX/x": b""}), "archive", "archive-empty"),
        (lambda: samples.archive({"a.txt": b"1"})[:40], "archive", "unreadable-archive"),
        (lambda: b"Rar!\x1a\x07\x00" + bytes(50), "archive", "archive-not-zip"),
        (lambda: b"7z\xbc\xaf\x27\x1c" + bytes(50), "archive", "archive-not-zip"),
    ],
)  # fmt: skip
def test_bad_files_say_why(tmp_path, data, family, broken):
    found = look(tmp_path, data())
    assert (found.family, found.broken) == (family, broken)
    assert broken in TEXTS


def test_a_cut_off_office_file_is_a_broken_archive_or_document_never_a_good_one(tmp_path):
    whole = samples.office()
    assert {look(tmp_path, whole[:n]).broken for n in range(4, len(whole), 37)} <= {
        "unreadable-archive",
        "unreadable-document",
    }


@pytest.mark.parametrize("data", [samples.program(), os.urandom(4000) + b"\0", b"\x7fELF" + bytes(60), b"\0"])
def test_programs_and_noise_are_other_files(tmp_path, data):
    found = look(tmp_path, data, "课堂实录.mp4")
    assert (found.family, found.broken) == ("other", "")


def test_what_takes_too_long_is_said_to_be_unfinished(tmp_path):
    assert look(tmp_path, samples.video(2), seconds=0.001) == Found("video/mp4", "video", broken="check-unfinished")


def test_bytes_of_any_kind_never_fail_the_probe(tmp_path):
    signatures = [
        b"PK\x03\x04",
        b"%PDF-",
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
        b"\xff\xd8\xff\xe0",
        b"\x1aE\xdf\xa3",
        b"RIFF",
        b"ID3",
    ]
    for number, signature in enumerate(signatures):
        found = look(tmp_path, signature + os.urandom(3000), str(number))
        assert found.broken in TEXTS or found.family == "other"
