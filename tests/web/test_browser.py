"""Pages in a real browser: no accessibility violation, nothing wider than a phone, light and dark, three languages."""

from io import StringIO

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from django.core.management import call_command

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


def look(page, address, width, theme, language):
    """Open a page as chosen; returns what axe finds, and by how many pixels the page is too wide."""
    page.set_viewport_size({"width": width, "height": 800})
    origin = address.split("/", 3)[:3]
    for name, value in ((settings.LANGUAGE_COOKIE_NAME, language), ("weineng_theme", theme)):
        page.context.add_cookies([{"name": name, "value": value, "url": "/".join(origin)}])
    page.goto(address)
    found = Axe().run(page).response["violations"]
    wrong = [f"{v['id']}: {node['html'][:120]}" for v in found for node in v["nodes"]]
    return wrong, page.evaluate("document.documentElement.scrollWidth - innerWidth")


@pytest.fixture
def standard(db):
    call_command("standards", "load", stdout=StringIO())


@pytest.mark.parametrize(
    ("width", "language", "theme"),
    [(360, "zh-hans", "light"), (1440, "zh-hant", "dark"), (360, "en", "dark"), (1440, "zh-hans", "light")],
)
def test_public_pages_are_open_to_everybody(live_server, page, settings, standard, width, language, theme):
    settings.DEMO = True
    for path in PUBLIC:
        assert (path, look(page, live_server.url + path, width, theme, language)) == (path, ([], 0))


@pytest.mark.parametrize(("width", "theme"), [(360, "dark"), (1440, "light")])
def test_the_frame_inside_is_open_to_everybody(live_server, page, world, standard, width, theme):
    signed_in(page.context, live_server, world.teacher)
    for path in INSIDE:
        assert (path, look(page, live_server.url + path, width, theme, "zh-hans")) == (path, ([], 0))
        assert page.locator(".inside").count() == 1
