"""What a person sees when something cannot be done, and that nothing they wrote is lost."""

import html
import re
from types import SimpleNamespace

import psycopg
import pytest
from django.contrib.sessions.backends.base import UpdateError
from django.db import OperationalError, connection
from django.db.transaction import TransactionManagementError
from django.test import Client
from django.test.utils import CaptureQueriesContext, override_settings

from tests.web import sample
from tests.web.signing import client_of
from weineng.accounts.models import BrowserSession
from weineng.web.shell import answers, once

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _sample_pages():
    sample.ACTS.clear()
    with override_settings(ROOT_URLCONF="tests.web.sample", LANGUAGE_CODE="en"):
        yield


@pytest.fixture
def client(world):
    client = client_of(world.teacher)
    client.cookies["weineng_language"] = "en"
    return client


def token_in(answer):
    return re.search(r'name="once" value="(\w+)"', answer.text)[1]


def test_a_refusal_stands_beside_its_field_and_what_was_written_stays(client):
    answer = client.post("/sample/", {"name": "taken", "place": "Room 3"})
    assert answer.status_code == 422
    field = re.search(r'<div class="field is-text wrong">.*?</div>\s*</div>', answer.text, re.DOTALL)[0]
    assert "taken is taken." in field
    assert 'id="id_name_error"' in field
    assert re.search(r'aria-describedby="id_name_helptext[^"]*"', field)
    assert 'aria-invalid="true"' in field
    assert 'value="Room 3"' in answer.text


def test_a_refusal_without_a_field_stands_on_top_of_the_form(client):
    for name, sentence in (("late", "The term is over."), ("bare", "Somewhere else.")):
        answer = client.post("/sample/", {"name": name})
        assert answer.status_code == 422
        assert f"<p>{sentence}</p>" in answer.text


def test_what_is_outside_reach_and_what_is_not_there_look_the_same(client):
    def page(answer):
        assert answer.status_code == 404
        return re.search(r"<main.*</main>", answer.text, re.DOTALL)[0]

    outside = page(client.post("/sample/", {"name": "outside"}))
    assert outside == page(client.get("/sample/nothing/"))
    assert outside == page(client.get("/sample/closed/"))


def test_a_refusal_outside_a_form_has_a_page_with_a_code_to_quote(client):
    answer = client.get("/sample/refuse/")
    assert answer.status_code == 422
    assert "The programme is closed." in answer.text
    assert "<code>closed-already</code>" in answer.text
    fragment = client.get("/sample/refuse/", headers={"HX-Request": "true"})
    assert fragment.status_code == 422
    assert "<html" not in fragment.text
    assert 'data-code="closed-already"' in fragment.text


def test_the_session_is_written_once_with_the_act(client):
    token = token_in(client.get("/sample/"))
    with CaptureQueriesContext(connection) as asked:
        client.post("/sample/", {"name": "Lin", "once": token})
    written = [one["sql"] for one in asked if one["sql"].startswith('UPDATE "accounts_browsersession"')]
    assert len(written) == 1


def test_a_database_that_goes_away_while_the_session_is_written_is_an_outage(client, monkeypatch):
    """Not "nothing was changed": what was done before may well be there."""

    def gone(*_args, **_kwargs):
        raise OperationalError("server closed the connection unexpectedly")

    monkeypatch.setattr(BrowserSession, "save", gone)
    client.raise_request_exception = False
    assert client.post("/sample/", {"name": "Lin"}).status_code == 503


class Meeting(list):
    """Acts of which the first ones meet another that waits for them."""

    def __init__(self, times, sqlstate):
        self.times, self.sqlstate = times, sqlstate

    def append(self, act):
        if self.times:
            self.times -= 1
            cause = psycopg.Error()
            cause.sqlstate = self.sqlstate
            raise OperationalError("two acts wait for each other") from cause
        super().append(act)


@pytest.mark.parametrize(
    ("times", "sqlstate", "status", "acts"), [(2, "40P01", 302, 1), (3, "40P01", 503, 0), (1, "08006", 503, 0)]
)
def test_an_act_that_waited_for_another_in_a_ring_begins_again(client, monkeypatch, times, sqlstate, status, acts):
    monkeypatch.setattr(sample, "ACTS", Meeting(times, sqlstate))
    client.raise_request_exception = False
    answer = client.post("/sample/", {"name": "Lin", "once": token_in(client.get("/sample/"))})
    assert (answer.status_code, len(sample.ACTS)) == (status, acts)


class Over(list):
    """An act of which a part has met an outage already."""

    def append(self, act):
        raise TransactionManagementError("An error occurred in the current transaction.")


@pytest.mark.parametrize(("closed", "status"), [(True, 503), (False, 500)])
def test_a_transaction_that_is_over_is_an_outage_where_its_connection_is_gone(client, monkeypatch, closed, status):
    monkeypatch.setattr(sample, "ACTS", Over())
    monkeypatch.setattr(answers, "connection", SimpleNamespace(connection=SimpleNamespace(closed=closed)))
    client.raise_request_exception = False
    answer = client.post("/sample/", {"name": "Lin", "once": token_in(client.get("/sample/"))})
    assert answer.status_code == status


def test_a_session_that_was_ended_elsewhere_meanwhile_is_told_as_that(client):
    session = client.session
    BrowserSession.objects.all().delete()
    with pytest.raises(UpdateError):
        session.save()


def test_what_other_sites_send_to_no_address_of_ours_is_not_repeated(client, world):
    said = {"name": "please call 400 123 456 and tell your password"}
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = client.cookies
    for visitor in (client, strict):
        answer = visitor.post("/nowhere/", said, headers={"Origin": "https://evil.example"})
        assert (answer.status_code, "400 123 456" in answer.text) == (404, False)
    broken = client.post("/nowhere/", b"x", content_type="multipart/form-data")
    assert broken.status_code == 404
    many = client.post("/nowhere/", {f"f{n}": "x" for n in range(5_000)})
    assert many.status_code == 404
    assert "400 123 456" in client.post("/sample/closed/", said).text
    signed_out = Client()
    assert "400 123 456" not in signed_out.post("/sample/closed/", said, follow=True).text


def test_two_forms_of_one_session_sent_at_once_are_both_remembered(client, monkeypatch):
    one, other = (token_in(client.get("/sample/")) for _form in range(2))
    wait, beside = once._wait_for, []

    def meanwhile(name):
        wait(name)
        if name == client.session.session_key and not beside:
            beside.append(name)
            client.post("/sample/", {"name": "Chen", "once": other})

    monkeypatch.setattr(once, "_wait_for", meanwhile)
    client.post("/sample/", {"name": "Lin", "once": one})
    assert len(beside) == 1
    for name, token in (("Lin", one), ("Chen", other)):
        client.post("/sample/", {"name": name, "once": token})
    assert sorted(sample.ACTS) == ["Chen", "Lin"]


def test_a_form_sent_twice_acts_once(client):
    token = token_in(client.get("/sample/"))
    first = client.post("/sample/", {"name": "Lin", "once": token})
    again = client.post("/sample/", {"name": "Lin", "once": token})
    assert (first.status_code, first["Location"]) == (302, "/sample/entered/1/")
    assert (again.status_code, again["Location"]) == (302, "/sample/entered/1/")
    assert sample.ACTS == ["Lin"]


def test_a_form_that_was_refused_can_be_sent_again_and_a_fresh_one_acts_again(client):
    token = token_in(client.get("/sample/"))
    client.post("/sample/", {"name": "taken", "once": token})
    client.post("/sample/", {"name": "Lin", "once": token})
    client.post("/sample/", {"name": "Lin", "once": token_in(client.get("/sample/"))})
    assert sample.ACTS == ["Lin", "Lin"]


def test_tokens_of_one_person_do_not_answer_for_another(client, world):
    token = token_in(client.get("/sample/"))
    client.post("/sample/", {"name": "Lin", "once": token})
    other = client_of(world.colleague)
    other.post("/sample/", {"name": "Chen", "once": token})
    assert sample.ACTS == ["Lin", "Chen"]


def test_signed_out_leads_to_sign_in_and_back(world):
    answer = Client().get("/sample/?a=1")
    assert (answer.status_code, answer["Location"]) == (302, "/sign-in/?next=%2Fsample%2F%3Fa%3D1")


def test_a_form_sent_while_signed_out_waits_and_is_sent_after_sign_in(client, world):
    token = token_in(client.get("/sample/"))
    session = client.session
    session["seen"] = 0.0  # not used for a very long time
    session.save()
    lost = client.post("/sample/", {"name": "Lin", "place": "Room <3>", "once": token, "password": "hush"})
    assert (lost.status_code, lost["Location"]) == (302, "/sign-in/?next=%2Fkept%2F")
    assert sample.ACTS == []
    assert "What you were sending waits" in client.get(lost["Location"]).text
    fresh = client_of(world.teacher)
    session = fresh.session
    session["kept"] = client.session["kept"]
    session.save()
    shown = fresh.get("/kept/").text
    assert "hush" not in shown
    fields = {n: html.unescape(v) for n, v in re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', shown)}
    assert (fields["name"], fields["place"]) == ("Lin", "Room <3>")
    sent = fresh.post("/sample/", fields)
    assert sent.status_code == 302
    assert sample.ACTS == ["Lin"]
    assert "kept" not in fresh.session


def test_whoever_was_signed_out_elsewhere_is_told_that_what_they_sent_is_not_there(client, world):
    token = token_in(client.get("/sample/"))
    BrowserSession.objects.filter(session_key=client.session.session_key).delete()
    lost = client.post("/sample/", {"name": "Lin", "place": "Room 3", "once": token})
    assert (lost.status_code, lost["Location"], sample.ACTS) == (302, "/sign-in/?next=%2F", [])
    assert "what you were sending could not be kept" in client.get(lost["Location"]).text


def test_a_fragment_asked_for_while_signed_out_says_so_in_place(world):
    answer = Client().post("/sample/", {"name": "Lin"}, headers={"HX-Request": "true"})
    assert answer.status_code == 401
    assert "<html" not in answer.text


def test_an_expired_form_is_offered_again_but_never_one_from_another_site(world):
    member = client_of(world.teacher)
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = member.cookies
    strict.cookies["weineng_language"] = "en"
    own = strict.post("/sample/", {"name": "Lin", "password": "hush"}, headers={"Origin": "http://testserver"})
    assert own.status_code == 403
    assert 'name="name" value="Lin"' in own.text
    assert "Nothing was lost" in own.text
    assert "hush" not in own.text
    foreign = strict.post("/sample/", {"name": "Lin"}, headers={"Origin": "http://evil.example"})
    assert foreign.status_code == 403
    assert 'value="Lin"' not in foreign.text
    assert sample.ACTS == []


def test_a_fault_of_ours_has_a_code_that_stands_in_the_log(client, caplog):
    client.raise_request_exception = False
    answer = client.get("/sample/broken/")
    assert answer.status_code == 500
    code = re.search(r"<code>(\w{8})</code>", answer.text)[1]
    assert code in caplog.text
    assert "boom" not in answer.text


def test_a_database_that_went_away_is_no_fault_of_the_page_and_comes_back(client, caplog):
    client.raise_request_exception = False
    answer = client.get("/sample/cut-off/")
    assert (answer.status_code, answer["Retry-After"]) == (503, "5")
    assert re.search(r"<code>(\w{8})</code>", answer.text)[1] in caplog.text


def test_a_method_no_page_knows_is_refused(client):
    assert client.delete("/sample/").status_code == 405
