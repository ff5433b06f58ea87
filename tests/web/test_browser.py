"""Pages in a real browser: no accessibility violation, nothing wider than a phone, light and dark, three languages."""

from io import StringIO

import pytest
from django.conf import settings
from django.core.management import call_command

from tests.web.axe import violations
from tests.web.signing import signed_in

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PUBLIC = (
    "/",
    "/gallery/?toast=1",
    "/standards/",
    "/standards/ecnu-2019-unofficial/A2/",
    "/standards/ecnu-2019-unofficial/recording/",
    "/about/edition/",
    "/about/privacy/",
    "/about/accessibility/",
    "/no/such/page/",
)
INSIDE = ("/messages/", "/more/", "/standards/ecnu-2019-unofficial/A2/", "/no/such/page/")


def look(page, address, width, theme, language, *, again=False):
    """Open a page as chosen; returns what axe finds, and by how many pixels the page is too wide.

    `again`: axe has seen it in these colours, and another language has the same elements.
    """
    page.set_viewport_size({"width": width, "height": 800})
    origin = address.split("/", 3)[:3]
    for name, value in ((settings.LANGUAGE_COOKIE_NAME, language), ("weineng_theme", theme)):
        page.context.add_cookies([{"name": name, "value": value, "url": "/".join(origin)}])
    page.goto(address)
    return [] if again else violations(page), page.evaluate("document.documentElement.scrollWidth - innerWidth")


@pytest.fixture
def standard(db):
    call_command("standards", "load", stdout=StringIO())


# The last two have the colours of the first two.
LOOKS = ((360, "light", "zh-hans"), (1440, "dark", "zh-hant"), (360, "dark", "en"), (1440, "light", "zh-hans"))


def test_public_pages_are_open_to_everybody(live_server, page, settings, standard):
    settings.DEMO = True
    found = {
        (path, *how): look(page, live_server.url + path, *how, again=place > 1)
        for place, how in enumerate(LOOKS)
        for path in PUBLIC
    }
    assert {where: wrong for where, wrong in found.items() if wrong != ([], 0)} == {}


def test_the_frame_inside_is_open_to_everybody(live_server, page, world, standard):
    signed_in(page.context, live_server, world.teacher)
    for width, theme in ((360, "dark"), (1440, "light")):
        for path in INSIDE:
            assert (path, look(page, live_server.url + path, width, theme, "zh-hans")) == (path, ([], 0))
            assert page.locator(".inside").count() == 1


def test_a_question_is_a_dialog_and_gives_the_focus_back(live_server, page, settings, standard):
    settings.DEMO = True
    page.goto(live_server.url + "/gallery/")
    page.locator("#void-1 > summary").click()
    dialog = page.get_by_role("dialog", name="\u4f5c\u5e9f\u8fd9\u6761\u8bb0\u5f55\uff1f")
    assert dialog.is_visible()
    page.keyboard.press("Escape")
    assert dialog.count() == 0
    assert page.evaluate("document.activeElement === document.querySelector('#void-1 > summary')")
    page.locator("#void-1 > summary").click()  # it opens a second time, with its content
    dialog.get_by_role("button", name="取消").click()  # there is a way out without a keyboard
    assert dialog.count() == 0
    assert not page.locator("#void-1 .confirm-close").is_visible()
    # the page hears of the closing a moment after it, and puts the content back
    page.wait_for_function("document.querySelector('#void-1 .confirm-body').textContent.trim() !== ''")


def test_selecting_all_is_counted(live_server, page, settings, standard):
    settings.DEMO = True
    page.goto(live_server.url + "/gallery/")
    page.locator("[data-pick-all]").check()
    assert page.locator("[data-picked]").text_content() == "4"
    page.locator("tbody input[type=checkbox]").first.uncheck()
    assert page.locator("[data-picked]").text_content() == "3"


def test_pages_work_without_script(live_server, browser, settings, standard):
    settings.DEMO = True
    context = browser.new_context(java_script_enabled=False, locale="en-GB")
    page = context.new_page()
    page.goto(live_server.url + "/gallery/")
    page.locator("#void-1 > summary").click()
    assert page.locator("#void-1 .confirm-body").is_visible()
    page.locator("#form form button.primary").click()
    assert page.locator(".field.wrong").count() == 6  # what is required and was left empty
    page.get_by_role("button", name="Dark", exact=True).click()
    assert page.locator("html").get_attribute("data-theme") == "dark"
    context.close()


def test_the_whole_frame_can_be_walked_with_the_keyboard(live_server, page, world):
    signed_in(page.context, live_server, world.teacher)
    page.goto(live_server.url + "/messages/")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "content"
    person = page.locator(".person summary")
    person.focus()
    page.keyboard.press("Enter")
    assert page.locator(".person .menu").is_visible()
    page.keyboard.press("Escape")
    assert not page.locator(".person .menu").is_visible()
    assert person.evaluate("summary => document.activeElement === summary")
