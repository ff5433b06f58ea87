"""tus 1.0 at /feeds/uploads/, word for word; what is ours beside it; and who gets nothing."""

import os

import pytest
from django.test import Client

from tests.feeds.tus.conftest import Tus, packed, purpose_word, sha256
from tests.files import samples
from tests.files.conftest import edges_of
from weineng.files.models import Upload
from weineng.files.queries import bytes_of
from weineng.files.rules import MB

pytestmark = pytest.mark.django_db


def test_a_whole_upload_in_parts(phone, taken):
    data = samples.pdf(3) + os.urandom(5000)
    made = phone.create(data, "学情分析方案.pdf")
    assert (made.status_code, made.content) == (201, b"")
    path = made["Location"]
    assert made["Upload-Offset"] == "0"
    assert "GMT" in made["Upload-Expires"]
    first = phone.patch(path, 0, data[:3000])
    assert (first.status_code, first["Upload-Offset"], first.content) == (204, "3000", b"")
    assert "Upload-Receipt" not in first
    where = phone.head(path)
    assert (where.status_code, where["Upload-Offset"], where["Upload-Length"]) == (200, "3000", str(len(data)))
    assert where["Cache-Control"] == "no-store"
    last = phone.patch(path, 3000, data[3000:])
    assert (last.status_code, last["Upload-Offset"]) == (204, str(len(data)))
    assert last["Upload-Receipt"].startswith("F-")
    upload = Upload.objects.get()
    assert taken == [upload.pk]
    assert b"".join(bytes_of(upload.blob)) == data
    again = phone.patch(path, len(data), b"")
    assert (again.status_code, again["Upload-Receipt"]) == (204, last["Upload-Receipt"])
    state = phone.http.get(path).json()
    assert (state["receipt"], state["type"], state["name"]) == (
        last["Upload-Receipt"],
        "application/pdf",
        "学情分析方案.pdf",
    )
    for answer in (made, first, where, last, again):
        assert answer["Tus-Resumable"] == "1.0.0"


def test_options_say_what_is_spoken_here(phone):
    for path in ("/feeds/uploads/", "/feeds/uploads/0000000000000"):
        answer = Client().options(path)
        assert (answer.status_code, answer.content) == (204, b"")
        assert answer["Tus-Version"] == "1.0.0"
        assert answer["Tus-Extension"] == "creation,checksum,expiration,termination"
        assert answer["Tus-Checksum-Algorithm"] == "sha1,sha256"
        assert int(answer["Tus-Max-Size"]) > 0


def test_the_page_learns_limits_and_what_is_on_its_way(phone):
    assert phone.overview().json()["open"] == []
    phone.create(b"x" * 100, "一.txt")
    told = phone.overview().json()
    assert told["limits"]["max_bytes"] == {"document": 50 * MB, "image": 50 * MB, "video": 500 * MB}
    assert told["limits"]["max_seconds"] == 600
    assert "500 MB" in told["limits"]["text"]
    assert "10分钟" in told["limits"]["text"]
    assert ".docx" in told["accept"]
    (on_its_way,) = told["open"]
    assert (on_its_way["name"], on_its_way["size"], on_its_way["offset"]) == ("一.txt", 100, 0)


def test_from_another_device_of_the_same_person(phone, world, sign_in):
    data = os.urandom(200_000)
    path = phone.create(data, "IMG_0001.MOV").headers["Location"]
    phone.patch(path, 0, data[:150_000])
    tablet = Tus(sign_in, world.teacher)
    (found,) = tablet.overview().json()["open"]
    assert (found["address"], found["offset"], found["edges"]) == (path, 150_000, edges_of(data))
    again = tablet.create(data, "video.mov", resume=path)
    assert (again.status_code, again["Location"], again["Upload-Offset"]) == (200, path, "150000")
    other = tablet.create(data[:-1] + b"!", resume=path)
    assert (other.status_code, other.json()["code"]) == (422, "not-the-same-file")
    assert tablet.patch(path, 150_000, data[150_000:])["Upload-Receipt"]


# --- Errors as the protocol has them -------------------------------------------------------------------------------
@pytest.fixture
def path(phone):
    return phone.create(b"0123456789").headers["Location"]


def test_another_version_is_412(phone, path):
    for version in (None, "0.2.2", "1.0.1"):
        for method in ("HEAD", "PATCH", "DELETE"):
            answer = phone.send(method, path, Tus_Resumable=version, Upload_Offset=0)
            assert (answer.status_code, answer["Tus-Version"]) == (412, "1.0.0")
    assert phone.send("POST", "/feeds/uploads/", Tus_Resumable=None, Upload_Length=1).status_code == 412


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Upload_Offset": 1}, 409),
        ({"Upload_Offset": None}, 400),
        ({"Upload_Offset": "-1"}, 400),
        ({"Upload_Offset": "1e3"}, 400),
        ({"Upload_Offset": "٣"}, 400),
        ({"Upload_Offset": "9" * 30}, 400),
        ({"Content-Type": "application/octet-stream"}, 415),
        ({"Content-Type": ""}, 415),
        ({"Upload_Checksum": "md5 AAAA"}, 400),
        ({"Upload_Checksum": "sha256 ???"}, 400),
        ({"Upload_Checksum": "sha256"}, 400),
        ({"Upload_Checksum": sha256(b"other")}, 460),
        ({"Upload_Token": "0" * 40}, 403),
        ({"Upload_Token": ""}, 403),
    ],
)  # fmt: skip
def test_a_part_that_is_wrong_changes_nothing(phone, path, headers, status):
    answer = phone.send("PATCH", path, b"0123", **({"Upload_Offset": 0} | headers))
    assert answer.status_code == status
    assert answer["Tus-Resumable"] == "1.0.0"
    assert phone.head(path)["Upload-Offset"] == "0"
    assert phone.patch(path, 0, b"0123", Upload_Checksum=sha256(b"0123")).status_code == 204


def test_more_than_was_announced_is_413(phone, path):
    assert phone.patch(path, 0, b"0123456789x").status_code == 413


@pytest.mark.parametrize(
    ("size", "name", "status", "code"),
    [
        (0, "a.txt", 422, "file-empty"),
        (500 * MB + 1, "a.mp4", 413, "file-too-big"),
        (10, "a.exe", 422, "file-wrong-kind"),
        ("", "a.txt", 400, "malformed"),
        ("ten", "a.txt", 400, "malformed"),
    ],
)
def test_what_cannot_be_taken_is_refused_at_once(phone, size, name, status, code):
    answer = phone.create(b"x", name, size=size)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert answer.json()["message"]
    assert Upload.objects.count() == 0


@pytest.mark.parametrize(
    "metadata",
    [
        "filename ???",
        "filename 4pi",
        "a YQ==,a YQ==",
        "é YQ==",
        "filename /w==",
        "x " + "A" * 9000,
        ",",
        "a b c",
    ],
)
def test_metadata_that_cannot_be_read_is_400(phone, metadata):
    answer = phone.send("POST", "/feeds/uploads/", Upload_Length=5, Upload_Metadata=metadata)
    assert answer.status_code == 400


@pytest.mark.parametrize(
    "metadata", ["", "is_confidential", packed({"filename": "a.txt"}), packed({"purpose": "evidence.item:x"})]
)
def test_metadata_without_a_purpose_of_ones_own_is_404(phone, metadata):
    assert phone.send("POST", "/feeds/uploads/", Upload_Length=5, Upload_Metadata=metadata).status_code == 404


def test_length_may_not_be_deferred(phone):
    assert phone.send("POST", "/feeds/uploads/", Upload_Defer_Length=1).status_code == 400


def test_verbs_that_do_not_exist_are_405_and_a_verb_may_be_overridden(phone, path):
    assert phone.send("PUT", path).status_code == 405
    assert phone.send("PATCH", "/feeds/uploads/").status_code == 405
    answer = phone.send("POST", path, b"0123", Upload_Offset=0, X_HTTP_Method_Override="PATCH")
    assert (answer.status_code, answer["Upload-Offset"]) == (204, "4")
    assert phone.send("POST", path, X_HTTP_Method_Override="DELETE").status_code == 204


def test_given_up_is_410_and_unknown_is_404(phone, path):
    assert phone.send("DELETE", path).status_code == 204
    for method in ("HEAD", "PATCH", "DELETE"):
        answer = phone.send(method, path, Upload_Offset=0)
        assert answer.status_code == 410
    assert phone.head(path).content == b""
    for word in ("0000000000000", "x", "%E8%AF%BE", "..", "1"):
        assert phone.head(f"/feeds/uploads/{word}").status_code == 404


# --- Who gets nothing ----------------------------------------------------------------------------------------------
def test_signed_out_is_401_and_nothing_is_lost(phone, path, world, sign_in):
    phone.patch(path, 0, b"01234")
    phone.http.logout()
    for method in ("HEAD", "PATCH", "DELETE"):
        assert phone.send(method, path, b"56789", Upload_Offset=5).status_code == 401
    assert phone.http.get("/feeds/uploads/", {"purpose": purpose_word()}).json()["code"] == "signed-out"
    again = Tus(sign_in, world.teacher)
    again.overview()
    assert again.patch(path, 5, b"56789")["Upload-Receipt"]


def test_another_persons_upload_and_purpose_are_not_found(phone, path, world, sign_in):
    for member in (world.colleague, world.wu, world.cio, world.office):
        other = Tus(sign_in, member)
        assert other.overview().status_code == 404
        other.token = ""
        from weineng.feeds.tus.answers import token_for  # their own right token: only reach can stop them

        request = other.http.get("/feeds/uploads/", {"purpose": purpose_word()}).wsgi_request
        other.token = token_for(request)
        assert other.create(b"x").status_code == 404
        for method in ("HEAD", "PATCH", "DELETE"):
            assert other.send(method, path, Upload_Offset=0).status_code == 404
        assert other.http.get(path).status_code == 404
        assert phone.http.get(path).json()["name"] not in other.http.get(path).content.decode()


def test_a_token_of_another_session_is_wrong(phone, path, world, sign_in):
    other = Tus(sign_in, world.teacher)
    other.overview()
    assert other.token != phone.token
    phone.token = other.token
    assert phone.patch(path, 0, b"0123").status_code == 403


# --- Without script ------------------------------------------------------------------------------------------------
def test_an_ordinary_form_brings_a_file_whole(phone, taken, tmp_path):
    from django.core.files.uploadedfile import SimpleUploadedFile

    data = samples.pdf()
    file = SimpleUploadedFile("方案.pdf", data)
    answer = phone.http.post("/feeds/uploads/form", {"purpose": purpose_word(), "file": file, "next": "/back"})
    assert (answer.status_code, answer["Location"]) == (302, "/back")
    upload = Upload.objects.get()
    assert taken == [upload.pk]
    assert b"".join(bytes_of(upload.blob)) == data
    for wrong in ({"file": SimpleUploadedFile("a.exe", b"MZ")}, {}, {"file": SimpleUploadedFile("a.pdf", b"")}):
        answer = phone.http.post(
            "/feeds/uploads/form", {"purpose": purpose_word(), "next": "https://evil.example/"} | wrong
        )
        assert (answer.status_code, answer["Location"]) == (302, "/")
    assert Upload.objects.count() == 1
    assert phone.http.post("/feeds/uploads/form", {"purpose": purpose_word(5), "file": file}).status_code == 404


def test_the_form_needs_the_tokens_of_forms(world, taken, sign_in):
    strict = Tus(sign_in, world.teacher, Client(enforce_csrf_checks=True))
    assert strict.http.post("/feeds/uploads/form", {"purpose": purpose_word()}).status_code == 403
    strict.overview()
    assert strict.create(b"x").status_code == 201
