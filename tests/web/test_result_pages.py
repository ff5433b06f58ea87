"""Results in the browser's words: what follows is said before it is done, and then it is what happens."""

import re

import pytest

from tests.certification.conftest import certificate, p4, passed, scene  # noqa: F401 (somebody who has passed)
from tests.settling import run_once
from tests.web.reading import text
from weineng.accounts.models import Grant
from weineng.assessment.models import Assignment, Result
from weineng.audit.models import Line
from weineng.certification.models import Certificate
from weineng.notices.models import Message
from weineng.organisations.models import Person
from weineng.programmes.models import Touched
from weineng.progress.models import Standing, StandingHistory
from weineng.web.shell.addresses import oid

pytestmark = pytest.mark.slow


@pytest.fixture
def visit(client, sign_in, certificate):  # noqa: F811 (fixture)
    def go(member, url, data=None, role=""):
        post = f"grant:{Grant.objects.get(person=member.person, role=role).pk}" if role else ""
        sign_in(client, member, post)
        return client.post(url, data) if data is not None else client.get(url)

    return go


def url(row, tail=""):
    return f"/results/{oid(row)}/{tail}"


def stored():
    """Everything that overturning and counting write."""
    models = (Result, Certificate, Standing, StandingHistory, Touched, Line, Message)
    return [list(model.objects.order_by("pk").values()) for model in models]


def overall():
    return Standing.objects.get(demand="overall").verdict


def point(code="A1"):
    return Result.objects.get(point=code, overturned_at__isnull=True)


def test_what_follows_is_said_before_and_then_happens_and_is_taken_back(world, visit, certificate):  # noqa: F811
    row, before = point(), stored()
    page = text(visit(world.office, url(row), role="office"))
    assert 'value="fail"' in page
    assert 'value="pass"' not in page
    sent = {"level": "fail", "reason": "抽查不符"}
    told = text(visit(world.office, url(row, "overturn/"), sent | {"do": "look"}, "office"))
    assert stored() == before
    assert certificate.number in told
    verdicts = re.findall(r"status (done|waiting)", told.split("facts follows")[1].split("</dd>")[0])
    assert verdicts == ["done", "waiting"]  # from a pass to in progress
    done = visit(world.office, url(row, "overturn/"), sent | {"do": "overturn"}, "office")
    assert done.headers["Location"] == url(point())
    run_once()
    certificate.refresh_from_db()
    assert (overall(), certificate.revoked_because) == ("in-progress", "result-overturned")
    page = text(visit(world.office, url(row), role="office"))  # the old address shows what stands now
    assert "抽查不符" in page
    assert world.office.name in page
    back = {"level": "pass", "reason": "复核属实"}
    told = text(visit(world.office, url(point(), "overturn/"), back | {"do": "look"}, "office"))
    assert certificate.number not in told
    assert 'class="status done"' in told.split("facts follows")[1]  # a certificate is issued
    assert visit(world.office, url(point(), "overturn/"), back | {"do": "overturn"}, "office").status_code == 302
    run_once()
    assert (overall(), Certificate.objects.filter(revoked_at__isnull=True).count()) == ("pass", 1)


def test_the_teacher_reads_why_in_their_language(world, visit, client):
    row = point()
    visit(world.office, url(row, "overturn/"), {"level": "fail", "reason": "抽查不符", "do": "overturn"}, "office")
    message = Message.objects.get(event="result-overturned")
    assert message.person == world.teacher.person
    assert (message.params["level"]["zh-hans"], message.params["level"]["en"]) == ("不合格", "not passed")
    assert message.params["item"]["zh-hans"].startswith("A1 ")
    assert client.get(message.link).status_code == 200
    page = text(visit(world.teacher, url(row)))
    assert "抽查不符" in page
    assert world.office.name not in page
    assert "overturn/" not in page


def test_what_cannot_be_done_is_said_beside_the_form(world, visit):
    row = point()
    for sent in ({"level": "fail", "reason": ""}, {"level": "pass", "reason": "x"}, {"reason": "x"}):
        for do in ("look", "overturn"):
            assert visit(world.office, url(row, "overturn/"), sent | {"do": do}, "office").status_code == 422
    Result.objects.filter(pk=row.pk).update(person=world.office.person)
    own = visit(world.office, url(row, "overturn/"), {"level": "fail", "reason": "x", "do": "look"}, "office")
    assert own.status_code == 422
    assert Result.objects.filter(source="overturn").count() == 0


def test_who_reaches_it(world, visit):
    row = point()
    for member, role in ((world.cio, "cio"), (world.principal, "principal"), (world.auditor, "auditor")):
        assert "overturn/" not in text(visit(member, url(row), role=role))
        sent = {"level": "fail", "reason": "x", "do": "overturn"}
        assert visit(member, url(row, "overturn/"), sent, role).status_code == 404
    for member, role in ((world.wu, "office"), (world.colleague, ""), (world.leader, "group-leader")):
        assert visit(member, url(row), role=role).status_code == 404
        assert visit(member, url(row, "overturn/"), {"level": "fail", "reason": "x"}, role).status_code == 404
    assert Assignment.objects.count() == 0
    assert point() == row


def names(page):
    return re.findall(r'<th scope="row" class="name"><a href="[^"]+">([^<]+)', page)


def test_the_list_finds_by_name_and_narrows_to_what_was_changed(world, visit):
    name = Person.objects.get(pk=world.teacher.person).name
    assert set(names(text(visit(world.office, "/results/", role="office")))) == {name}
    assert names(text(visit(world.office, "/results/?q=lxl", role="office"))) == [name] * 4
    assert names(text(visit(world.office, "/results/?q=zzz", role="office"))) == []
    assert names(text(visit(world.office, "/results/?state=changed", role="office"))) == []
    visit(world.office, url(point(), "overturn/"), {"level": "fail", "reason": "抽查不符", "do": "overturn"}, "office")
    assert names(text(visit(world.office, "/results/?state=changed", role="office"))) == [name]
    assert names(text(visit(world.office, "/results/?state=fail&q=lxl", role="office"))) == [name]
    assert names(text(visit(world.wu, "/results/", role="office"))) == []
    assert set(names(text(visit(world.teacher, "/results/")))) == {name}
