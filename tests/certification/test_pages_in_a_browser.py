"""Certificates' pages in a real browser: no accessibility violation, nothing wider than a phone; the office's dialog works."""

import pytest

from tests.certification.conftest import SETTLE
from tests.web.signing import signed_in
from tests.web.test_browser import look
from weineng.accounts.models import Grant
from weineng.certification.actions import award_due, revoke_certificate
from weineng.certification.models import Certificate
from weineng.kernel.ids import seal_id

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def revoked(certificate, scene, world):
    """The colleague's: revoked by the office."""
    other = scene.enrol(world.colleague.person)
    scene.finish(other)
    scene.recount(other)
    award_due(by=SETTLE)
    row = Certificate.objects.get(enrolment=other)
    return revoke_certificate(by=world.office.actor, certificate=row.pk, because="misconduct", reason="test")


@pytest.mark.parametrize(
    ("width", "language", "theme"), [(360, "zh-hans", "light"), (1440, "zh-hant", "dark"), (360, "en", "dark")]
)
def test_anybody_checks_on_any_screen(live_server, page, certificate, revoked, width, language, theme):
    for path in (
        "/verify/",
        f"/verify/{certificate.code}/",
        f"/verify/{revoked.code}/",
        "/verify/?number=519000-2026-0000-0000",
    ):
        assert (path, look(page, live_server.url + path, width, theme, language)) == (path, ([], 0))


@pytest.mark.parametrize(("width", "theme"), [(360, "dark"), (1440, "light")])
def test_the_pages_inside_fit_every_screen(live_server, page, certificate, revoked, world, scene, width, theme):
    scene.programme.title = {"zh-hans": "P4"}
    scene.programme.save()
    one = f"/certificates/{seal_id('certification.certificate', certificate.pk)}/"
    signed_in(page.context, live_server, world.teacher)
    for path in ("/certificates/", one):
        assert (path, look(page, live_server.url + path, width, theme, "zh-hans")) == (path, ([], 0))
    page.context.clear_cookies()
    signed_in(
        page.context,
        live_server,
        world.office,
        f"grant:{Grant.objects.get(person=world.office.person, role='office').pk}",
    )
    school = f"/certificates/school/{seal_id('organisations.unit', world.nine_year)}/"
    for path in ("/certificates/schools/", school, one):
        assert (path, look(page, live_server.url + path, width, theme, "en")) == (path, ([], 0))


def test_the_office_revokes_with_keyboard_and_reason(live_server, page, certificate, world):
    signed_in(
        page.context,
        live_server,
        world.office,
        f"grant:{Grant.objects.get(person=world.office.person, role='office').pk}",
    )
    page.context.add_cookies([{"name": "weineng_language", "value": "en", "url": live_server.url}])
    page.goto(f"{live_server.url}/certificates/{seal_id('certification.certificate', certificate.pk)}/")
    page.locator("#revoke > summary").focus()
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog", name="Revoke this certificate?")
    dialog.get_by_label("It was issued in error.").check()
    dialog.get_by_label("In your own words").fill("mistaken")
    dialog.get_by_role("button", name="Revoke").click()
    page.get_by_text("The certificate is revoked.").wait_for()
    certificate.refresh_from_db()
    assert (certificate.revoked_because, certificate.revoke_reason) == ("issued-in-error", "mistaken")
