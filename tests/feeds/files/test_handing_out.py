"""Files are handed out in whole and in part, by a link of one's own, and never as a page that could do something."""

import re
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.evidence.conftest import here  # noqa: F401 (files are looked into in this process)
from tests.feeds.tus.conftest import Tus
from tests.files import samples
from tests.files.conftest import bring, places  # noqa: F401 (a fixture)
from tests.gateways.test_storage import s3_server  # noqa: F401 (a fixture)
from weineng.audit.effects import record
from weineng.feeds.files.ranges import Unsatisfiable, wanted
from weineng.files.effects import attach, drop
from weineng.files.links import link_word
from weineng.gateways import storage
from weineng.kernel.actors import platform
from weineng.kernel.clock import CIVIL

pytestmark = [pytest.mark.django_db, pytest.mark.slow]


def body(answer):
    return b"".join(answer.streaming_content) if answer.streaming else answer.content


def cause():
    return record(by=platform("test"), verb="evidence.attach")


@pytest.fixture
def given_file(world, sign_in):
    """`given_file(data, name)`: the teacher's signed-in browser, the address of the link, the use."""

    def make(data, name="课堂实录.mp4", member=world.teacher):
        use = attach(cause=cause(), upload=bring(member.actor, data, name), holder="evidence.item", holder_id=1)
        return Tus(sign_in, member).http, f"/feeds/files/{link_word(member.actor, use)}/{name}", use

    return make


def test_a_file_comes_whole_and_bare_of_power(given_file):
    data = samples.video(3)
    http, address, use = given_file(data)
    answer = http.get(address, headers={"Accept-Encoding": "gzip, br"})
    assert (answer.status_code, body(answer)) == (200, data)
    assert answer["Content-Type"] == "video/mp4"
    assert answer["Content-Length"] == str(len(data))
    assert answer["Accept-Ranges"] == "bytes"
    assert answer["ETag"] == f'"{use.blob.digest}"'
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Content-Security-Policy"].startswith("sandbox; default-src 'none'")
    assert answer["Cache-Control"] == "private, no-store"
    assert answer["Content-Disposition"] == "inline; filename*=utf-8''%E8%AF%BE%E5%A0%82%E5%AE%9E%E5%BD%95.mp4"
    assert "Content-Encoding" not in answer
    assert http.get(address + "?save")["Content-Disposition"].startswith("attachment; filename*=utf-8''")
    head = http.head(address)
    assert (head.status_code, head.content, head["Content-Length"]) == (200, b"", str(len(data)))


@pytest.mark.parametrize(
    ("header", "status", "first", "last"),
    [
        ("bytes=0-0", 206, 0, 0),
        ("bytes=0-", 206, 0, 9999),
        ("bytes=100-199", 206, 100, 199),
        ("bytes=9999-20000", 206, 9999, 9999),
        ("bytes=-1", 206, 9999, 9999),
        ("bytes=-20000", 206, 0, 9999),
        ("Bytes = 5-6", 206, 5, 6),
        ("bytes=0-0,20000-", 206, 0, 0),
        ("bytes=0-0,5-6", 200, 0, 9999),
        ("bytes=5-4", 200, 0, 9999),
        ("bytes=-", 200, 0, 9999),
        ("bytes=a-b", 200, 0, 9999),
        ("bytes=٣-٤", 200, 0, 9999),
        ("items=0-1", 200, 0, 9999),
        ("", 200, 0, 9999),
        ("bytes=10000-", 416, None, None),
        (f"bytes=0-{'9' * 5_000}", 206, 0, 9999),
        (f"bytes={'9' * 5_000}-", 416, None, None),
        (f"bytes=-{'9' * 5_000}", 206, 0, 9999),
        ("bytes=-0", 416, None, None),
    ],
)
def test_parts(given_file, header, status, first, last):
    data = bytes(range(256)) * 40
    data = data[:10_000]
    http, address, _use = given_file(b"\0" + data[1:])
    answer = http.get(address, headers={"Range": header})
    assert answer.status_code == status
    if status == 416:
        assert (answer["Content-Range"], answer.content) == ("bytes */10000", b"")
        return
    assert body(answer) == (b"\0" + data[1:])[first : last + 1]
    assert answer["Content-Length"] == str(last - first + 1)
    assert answer.get("Content-Range") == (f"bytes {first}-{last}/10000" if status == 206 else None)


def test_conditions(given_file):
    http, address, _use = given_file(samples.pdf(), "方案.pdf")
    whole = http.get(address)
    part = {"Range": "bytes=0-3"}
    assert http.get(address, headers=part | {"If-Range": whole["ETag"]}).status_code == 206
    assert http.get(address, headers=part | {"If-Range": whole["Last-Modified"]}).status_code == 206
    assert http.get(address, headers=part | {"If-Range": '"other"'}).status_code == 200
    assert http.get(address, headers=part | {"If-Range": "W/" + whole["ETag"]}).status_code == 200
    assert http.get(address, headers={"If-None-Match": whole["ETag"]}).status_code == 304
    assert http.head(address, headers=part).status_code == 200
    assert http.post(address).status_code == 405


@given(size=st.integers(1, 50), first=st.none() | st.integers(0, 60), last=st.none() | st.integers(0, 60))
def test_a_part_is_what_python_calls_it(size, first, last):
    data = bytes(range(size))
    header = f"bytes={'' if first is None else first}-{'' if last is None else last}"
    try:
        span = wanted(header, size)
    except Unsatisfiable:
        assert (first is not None and first >= size) or (first is None and last == 0)
        return
    found = data if span is None else data[span.first : span.last + 1]
    if first is not None and (last is None or last >= first):
        assert found == data[first : None if last is None else last + 1]
    elif first is None and last is not None:
        assert found == data[-last:]
    else:
        assert found == data


@pytest.mark.parametrize(
    ("data", "name", "kind", "disposition"),
    [
        (b"<html><script>alert(1)</script></html>", "a.html", "text/plain; charset=utf-8", "inline"),
        (
            b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>",
            "a.svg",
            "text/plain; charset=utf-8",
            "inline",
        ),
        (samples.office(), "教案.html", "application/octet-stream", "attachment"),
        (samples.program(), "a.pdf", "application/octet-stream", "attachment"),
        (samples.pdf(), "a.exe", "application/pdf", "inline"),
        (samples.picture("PNG"), "a.html", "image/png", "inline"),
    ],
)
def test_only_what_can_do_nothing_is_shown(given_file, data, name, kind, disposition):
    http, address, use = given_file(data, "file")
    use.file_name = name
    use.save()
    answer = http.get(address)
    assert (answer["Content-Type"], answer["Content-Disposition"].partition(";")[0]) == (kind, disposition)
    assert "script-src" not in answer["Content-Security-Policy"]
    assert "default-src 'none'" in answer["Content-Security-Policy"]


@pytest.mark.parametrize("name", ['a"b;c.txt', "a\\b.txt", "课件（一）.txt", "a'b.txt", "%0d%0aX: y.txt", "é.txt"])
def test_names_of_any_kind_stay_inside_their_header(given_file, name):
    http, address, use = given_file(b"text", "a.txt")
    use.file_name = name
    use.save()
    value = http.get(address)["Content-Disposition"]
    assert re.fullmatch(r"inline; (filename=\"([^\"\\\r\n]|\\.)*\"|filename\*=utf-8''[\w%.!~*'()-]+)", value, re.ASCII)


def test_a_borrowed_expired_or_dropped_link_is_not_found(given_file, world, set_clock, sign_in):
    start = set_clock(datetime(2026, 3, 1, 8, tzinfo=CIVIL))
    http, address, use = given_file(b"SECRET-7f3a", "机密.txt")
    assert http.get(address).status_code == 200
    for member in (world.colleague, world.wu, world.cio, world.office, world.auditor):
        other = Tus(sign_in, member)
        for wrong in (address, address.replace("/feeds/files/", "/feeds/files//"), "/feeds/files/x/y", "/feeds/files/"):
            answer = other.http.get(wrong)
            assert answer.status_code == 404
            assert b"SECRET-7f3a" not in answer.content
    http.logout()
    assert http.get(address).status_code == 404
    again = Tus(sign_in, world.teacher).http
    assert again.get(address).status_code == 200
    drop(cause=cause(), uses=[use.pk])
    assert again.get(address).status_code == 404
    set_clock(start + timedelta(minutes=16))
    other, address, _ = given_file(b"SECRET-7f3a", "机密.txt")
    set_clock(start + timedelta(minutes=32))
    assert other.get(address).status_code == 404


def test_a_store_with_addresses_of_its_own_hands_out_what_plays(given_file, monkeypatch):
    http, address, _ = given_file(samples.video(2))
    other, text, _ = given_file(b"text", "a.txt")
    monkeypatch.setattr(
        storage.FolderStore,
        "address",
        lambda self, digest, *, seconds, media_type, disposition: (
            f"https://store.example/{digest}?{seconds}&{media_type}"
        ),
    )
    answer = http.get(address)
    assert (answer.status_code, answer["Location"].partition("?")[2]) == (302, "906&video/mp4")
    assert other.get(text).status_code == 200
    assert other.get(text + "?save").status_code == 302


def test_pages_and_words_come_by_the_same_link(given_file, world, sign_in):
    http, address, _ = given_file(samples.written_pdf("Lesson plan <b>"), "方案.pdf")
    link = address.rpartition("/")[0]
    picture = http.get(f"{link}/pages/1.jpg")
    assert (picture.status_code, picture["Content-Type"], picture.content[:2]) == (200, "image/jpeg", b"\xff\xd8")
    words = http.get(f"{link}/text.html")
    assert b"Lesson plan &lt;b&gt;" in words.content
    assert "script" not in words["Content-Security-Policy"]
    for answer in (picture, words):
        assert answer["Cache-Control"] == "private, no-store"
    assert http.get(f"{link}/pages/2.jpg").status_code == 404
    for path in ("pages/1.jpg", "text.html"):
        assert Tus(sign_in, world.colleague).http.get(f"{link}/{path}").status_code == 404
        assert http.post(f"{link}/{path}").status_code == 404
    http.logout()
    assert http.get(f"{link}/pages/1.jpg").status_code == 404
    assert http.get(f"{link}/text.html").status_code == 404


def test_everything_works_alike_with_an_s3_store(s3_server, settings, given_file):  # noqa: F811
    options = {
        "bucket": "weineng",
        "endpoint": s3_server,
        "region": "us-east-1",
        "key": "a",
        "secret": "b",
        "folder": "files",
    }
    settings.FILE_STORE = {"class": "weineng.gateways.s3.S3Store", "options": options}
    storage.store.cache_clear()
    data = samples.video(3)
    http, address, use = given_file(data)
    assert use.blob.seconds == 3
    whole = http.get(address)
    assert (whole.status_code, body(whole)) == (200, data)
    part = http.get(address, headers={"Range": "bytes=100-199"})
    assert (part.status_code, body(part), part["Content-Range"]) == (206, data[100:200], f"bytes 100-199/{len(data)}")
