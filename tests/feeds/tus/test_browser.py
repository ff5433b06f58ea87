"""The uploader in a real browser: progress, pause, a broken line, another device, bad files, a strict page."""

import hashlib
import json
import re

import pytest
from django.template import engines

from tests.feeds.tus.conftest import purpose_word
from tests.files import samples
from tests.web.axe import violations
from weineng.feeds.tus import answers
from weineng.files.models import Upload

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'"
)


@pytest.fixture
def uploader(page, live_server, world, taken, sign_in, client, rf, settings):
    """A page with nothing but the uploader, signed in as the teacher, under a strict policy."""
    sign_in(client, world.teacher)
    page.context.add_cookies(
        [{"name": "weineng_session", "value": client.cookies["weineng_session"].value, "url": live_server.url}]
    )
    page.context.add_cookies([{"name": settings.LANGUAGE_COOKIE_NAME, "value": "en", "url": live_server.url}])
    text = '{% include "components/upload.html" with purpose=purpose id="file" label="Choose" %}'
    box = engines["django"].from_string(text).render({"purpose": purpose_word(), "reload": False}, rf.get("/test"))
    script = f'<script type="module" src="{live_server.url}/static/upload/upload.js"></script>'
    html = f'<!doctype html><html lang="en"><title>Upload</title><main><h1>Upload</h1>{box}</main>{script}'
    headers = {"Content-Security-Policy": POLICY, "Content-Type": "text/html; charset=utf-8"}
    page.route("**/test", lambda route: route.fulfill(body=html, headers=headers))

    def load():
        page.goto(f"{live_server.url}/test")
        page.wait_for_selector("[data-ready]")

    load()
    page.load = load
    return page


def choose(page, name, data, selector="#file"):
    page.set_input_files(selector, [{"name": name, "mimeType": "application/octet-stream", "buffer": data}])


def instead_of_a_part(answer):
    return lambda route: answer(route) if route.request.method == "PATCH" else route.continue_()


def says(page, text):
    page.wait_for_function(
        "(text) => document.querySelector('.upload').innerText.includes(text)", arg=text, timeout=20_000
    )


def test_a_file_arrives_whole_with_its_receipt(uploader):
    data = samples.video(4)
    arrived = "new Promise((done) => addEventListener('upload:arrived', (e) => done(e.detail.receipt)))"
    uploader.evaluate(f"() => {{ window.arrived = {arrived}; }}")
    choose(uploader, "课堂实录.mp4", data)
    says(uploader, "Receipt F-")
    receipt = uploader.evaluate("window.arrived")
    upload = Upload.objects.get()
    assert (upload.receipt, upload.blob.digest) == (receipt, hashlib.sha256(data).hexdigest())
    assert uploader.locator("[role=progressbar]").get_attribute("aria-valuenow") == "100"
    assert "500 MB" in uploader.inner_text("[data-upload-limits]")


def test_several_files_one_after_the_other(uploader):
    files = [{"name": f"{n}.txt", "mimeType": "text/plain", "buffer": b"%d" % n * 1000} for n in range(3)]
    uploader.set_input_files("#file", files)
    uploader.wait_for_function("() => document.querySelectorAll('.file.done').length === 3")
    assert Upload.objects.finished().count() == 3


def test_a_bad_file_is_refused_in_words(uploader):
    choose(uploader, "a.exe", b"MZ")
    says(uploader, "This did not work")
    choose(uploader, "b.docx", samples.archive({"a": b"1"}))
    says(uploader, "b.docx")
    uploader.wait_for_selector(".file.refused >> text=b.docx")
    assert Upload.objects.count() == 1


def test_a_broken_line_goes_on_by_itself_from_where_it_was(uploader):
    data = samples.pdf() + bytes(3 << 20)
    cuts = []

    def cut(route):
        if len(cuts) < 2 and route.request.method == "PATCH":
            cuts.append(route.request.headers["upload-offset"])
            route.abort() if len(cuts) != 2 else route.fulfill(status=503, body="<html>busy</html>")
        else:
            route.continue_()

    uploader.route("**/feeds/uploads/*", cut)
    choose(uploader, "a.pdf", data)
    says(uploader, "Receipt F-")
    assert len(cuts) == 2
    assert Upload.objects.get().blob.digest == hashlib.sha256(data).hexdigest()


def test_paused_and_continued_in_another_browser_that_chooses_the_same_file(uploader):
    data = samples.pdf() + bytes(range(256)) * (10 << 10)
    slow = []

    def hold(route):
        if route.request.method == "PATCH" and int(route.request.headers["upload-offset"]) > 0:
            slow.append(route)  # never answered: a line that hangs
        else:
            route.continue_()

    uploader.route("**/feeds/uploads/*", hold)
    choose(uploader, "IMG_1.pdf", data)
    uploader.wait_for_timeout(800)
    uploader.click("[data-do=pause]")
    says(uploader, "Paused at")
    begun = Upload.objects.get()
    assert 0 < begun.offset < len(data)
    uploader.unroute("**/feeds/uploads/*")

    uploader.load()  # nothing is kept in the browser
    says(uploader, "IMG_1.pdf")
    assert uploader.locator(".file").count() == 1
    choose(uploader, "other.pdf", data[:-1] + b"!", ".file input[type=file]")
    says(uploader, "another file than the one begun")
    choose(uploader, "renamed.pdf", data, ".file input[type=file]")
    says(uploader, "Receipt F-")
    upload = Upload.objects.get()
    assert (upload.pk, upload.blob.digest) == (begun.pk, hashlib.sha256(data).hexdigest())


def test_the_same_file_through_the_ordinary_choice_goes_on_too(uploader):
    data = samples.pdf() + bytes(2 << 20)
    uploader.route("**/feeds/uploads/*", instead_of_a_part(lambda route: route.abort()))
    choose(uploader, "a.pdf", data)
    says(uploader, "The line is broken")
    uploader.unroute("**/feeds/uploads/*")
    uploader.load()
    choose(uploader, "a.pdf", data)
    says(uploader, "Receipt F-")
    assert uploader.locator(".file").count() == 1
    assert Upload.objects.count() == 1


def test_given_up(uploader):
    uploader.route("**/feeds/uploads/*", instead_of_a_part(lambda route: route.abort()))
    choose(uploader, "a.pdf", samples.pdf())
    says(uploader, "The line is broken")
    uploader.on("dialog", lambda dialog: dialog.accept())
    uploader.click("[data-do=give_up]")
    uploader.wait_for_function("() => document.querySelectorAll('.file').length === 0")
    uploader.wait_for_timeout(200)
    assert Upload.objects.open().count() == 0


def test_signed_out_in_the_middle_and_in_again(uploader, client, world, sign_in, live_server):
    data = samples.pdf() + bytes(2 << 20)
    uploader.route("**/feeds/uploads/*", instead_of_a_part(lambda route: route.fulfill(status=401, body="{}")))
    choose(uploader, "a.pdf", data)
    says(uploader, "You are signed out")
    uploader.unroute("**/feeds/uploads/*")
    client.logout()
    sign_in(client, world.teacher)
    fresh = {"name": "weineng_session", "value": client.cookies["weineng_session"].value, "url": live_server.url}
    uploader.context.add_cookies([fresh])
    uploader.click("[data-do=continue]")
    says(uploader, "Receipt F-")
    assert Upload.objects.get().blob.digest == hashlib.sha256(data).hexdigest()


def test_its_own_sum_is_the_right_one(uploader):
    """Pages without a secure context (a school's http address) have no crypto.subtle."""
    for size in (0, 1, 55, 56, 63, 64, 65, 1000, 131072):
        data = bytes(n * 7 % 256 for n in range(size))
        found = uploader.evaluate(
            """async (data) => { const { sha256 } = await import('/static/upload/upload.js');
               return [...sha256(new Uint8Array(data))].map((b) => b.toString(16).padStart(2, '0')).join(''); }""",
            list(data),
        )
        assert found == hashlib.sha256(data).hexdigest(), size


def test_every_sentence_of_the_uploader_is_there(settings):
    script = (settings.PACKAGE / "web/static/upload/upload.js").read_text()
    named = set(re.findall(r"say\(\"(\w+)\"|texts\.(\w+)|\[\"(\w+)\", (?:async )?\(", script))
    assert {name for names in named for name in names if name} - answers.texts().keys() == set()
    assert json.dumps(answers.texts())


def test_open_to_everybody(uploader):
    """By keyboard, and for those who hear the page: while a file waits for its line, and after it has arrived."""
    uploader.route("**/feeds/uploads/*", instead_of_a_part(lambda route: route.abort()))
    uploader.focus("#file")
    assert uploader.evaluate("() => document.activeElement.id") == "file"
    choose(uploader, "a.pdf", samples.pdf())
    says(uploader, "The line is broken")
    waiting = violations(uploader)
    uploader.unroute("**/feeds/uploads/*")
    says(uploader, "Receipt F-")
    arrived = violations(uploader)
    assert [v for v in waiting + arrived if not v.startswith(("region:", "landmark-one-main:"))] == []
    assert uploader.inner_text("[data-upload-said]").startswith("a.pdf has arrived whole")
