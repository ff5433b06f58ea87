"""Somebody with a whole life here is erased through the pages: nothing of them is left in any table, file or answer; every sum
stays; everybody else's stays.

What is looked for is not listed by hand: it is every value of every column that a model declares personal (`personal`) in the
rows that it says are theirs (`whose`). A model of which the life has no row fails, so that a new one is thought of.
"""

import re
from collections import Counter
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.db import transaction
from django.test import Client
from django.urls import reverse
from django.utils import translation

from tests.district import second_office
from tests.reach.crawling import addresses, clients, filled, words_of
from tests.reach.districts import NOW
from tests.reach.whole_life import SHARED, Life, dump, personal_models, secrets_of, sums
from tests.settling import run_once
from weineng.accounts.actions import grant_role
from weineng.accounts.models import Account
from weineng.assessment.actions import overturn_result
from weineng.assessment.models import Result
from weineng.audit import chain
from weineng.audit.actions import seal_lines
from weineng.audit.models import Line, PersonKey
from weineng.audit.queries import export_entries, personal_values, reasons_of
from weineng.certification.actions import revoke_certificate
from weineng.certification.models import Certificate
from weineng.certification.queries import verified
from weineng.files.models import Blob, BlobText, Use
from weineng.gateways import storage
from weineng.kernel.actors import platform
from weineng.kernel.refusals import Refused
from weineng.learning.actions import decide_overlap, end_decision, restore_record, void_record
from weineng.learning.models import Record
from weineng.notices.models import Message
from weineng.organisations.actions import ask_erasure, confirm_erasure
from weineng.organisations.models import Erasure, Person
from weineng.programmes.actions import ask_exemption, detach_host, end_exemption, let_leave, undo_leave
from weineng.programmes.effects import touch
from weineng.programmes.models import Exemption
from weineng.progress.actions import compare_with_recount
from weineng.web.shell.addresses import oid

pytestmark = pytest.mark.slow

REASON = "request 2026-17"


@pytest.fixture(scope="module")
def lived(built, django_db_blocker, sign_in):
    """(who is erased, a neighbour with as full a life, the office's second person), and what lies in the folders then."""
    with django_db_blocker.unblock():
        translation.activate(settings.LANGUAGE_CODE)
        second = second_office(built.world)
        one = Life(built, built.world.enter("甲", built.ours.group), second, "privq").live()
        near = Life(built, built.world.enter("乙", built.ours.group), second, "nearq").live()
        for life in (one, near):
            sign_in(Client(), life.member).get("/accounts/")
            life.plant()
        run_once()
        seal_lines(by=platform("seal"))
    return (one, near, second), {path: path.read_bytes() for path in files()}


@pytest.fixture
def lives(lived, districts):
    """As they lived; what a test erases or brings is taken back, in the folders too, where nothing rolls back."""
    lives, there = lived
    yield lives
    for path in files() - there.keys():
        path.unlink()
    for path, content in there.items():
        if not path.exists() or path.read_bytes() != content:
            path.write_bytes(content)


def store():
    return [Path(settings.UPLOADS), Path(settings.FILE_STORE["options"]["folder"])]


def files():
    return {path for folder in store() for path in folder.rglob("*") if path.is_file()}


def through_the_pages(sign_in, office, second, person):
    """Asked for by the one, confirmed by the other, erased by the worker."""
    ask = sign_in(Client(), office).post(
        f"/units/people/{oid(person, 'organisations.person')}/erase/", {"reason": REASON}
    )
    assert ask.status_code == 302, ask.content.decode()
    asked = Erasure.objects.get(person=person, state="asked")
    confirm = sign_in(Client(), second).post(f"/units/erasures/{oid(asked)}/", {"do": "confirm"})
    assert confirm.status_code == 302, confirm.content.decode()
    run_once()
    return asked


def test_nothing_is_left_of_somebody_erased_and_everything_of_everybody_else(
    districts, lives, sign_in, django_capture_on_commit_callbacks
):
    one, near, second = lives
    before, theirs = dump(store()), secrets_of(near)
    kept_before = dump(store()[1:])  # what has arrived is swept out of the folder of what is on its way
    secrets = {where: words - theirs[where] for where, words in secrets_of(one).items()}  # what they alone have
    holders = {f"{model._meta.label}" for model in personal_models()}
    assert {label for label, _column in secrets} == holders
    empty = [where for where, words in secrets.items() if not words]
    assert empty == [("organisations.Roster", "wrote")]  # in another's roster: found by its tokens
    tokens = re.findall(r"nearq\d+x", before)
    assert len(set(tokens)) > 60
    assert "privq" in before
    counted, sealed = sums(), {line.pk: line.personal_digest for line in Line.objects.all()}
    assert counted["waiting"] == 0
    with django_capture_on_commit_callbacks(execute=True):
        through_the_pages(sign_in, districts.world.office, second, one.member.person)
    after = dump(store())
    for model in personal_models():
        if model not in (Line, BlobText):  # unreadable; of a file that somebody else brought as well
            assert_empty(one, model)
    assert re.findall(r".{0,80}privq.{0,40}", after) == []
    assert (one.sent in before, one.sent in after, near.sent in after) == (True, False, True)
    kept = {("audit.Line", "personal_cipher")}  # stays as it is; the key to it does not
    left = {where: word for where, words in secrets.items() for word in words if word.lower() in after}
    assert {where for where in left if where not in kept} == set()
    assert not PersonKey.objects.filter(person__in=one.records, key_cipher__isnull=False).exists()
    assert {str(personal_values(line)) for line in one.rows(Line) if line.personal_cipher} == {"None"}
    gone = {where for where, words in theirs.items() for word in words if word.lower() not in after}
    assert gone == set()
    assert about(kept_before, "nearq") - about(dump(store()[1:]), "nearq") == Counter()
    assert sums() == counted
    seal_lines(by=platform("seal"))
    assert chain.check_lines(export_entries()).faults == []
    assert {line.pk: line.personal_digest for line in Line.objects.filter(pk__in=sealed)} == sealed


def about(text, mark):
    """Every place at which a token stands, with what stands around it."""
    return Counter(re.findall(rf".{{0,30}}{mark}\d+x.{{0,30}}", text))


def assert_empty(life, model):
    """Every personal column of a row that stays holds nothing, or what stands in its place."""
    for row in life.rows(model):
        for name in model.personal - {"claim", "wrote"}:
            value = getattr(row, name)
            words = ("", [], {}, None, "~", "已清除人员", f"erased-{row.pk}")
            assert value in words or (name == "password" and value.startswith("!")), (model, name, value)


def test_from_the_confirmation_on_nobody_writes_about_them(districts, lives):
    """Neither before the worker erased anything nor afterwards."""
    one, near, second = lives
    office, enrolment = one.office, one.enrolment.pk
    records = Record.objects.filter(person=one.member.person, void_of__isnull=True).order_by("pk")
    record, until = records[0].pk, NOW.date() + timedelta(days=5)
    result = Result.objects.filter(person=one.member.person, overturned_at__isnull=True)[0]
    exempted = Exemption.objects.filter(enrolment=enrolment)[0].pk
    said = {"by": office, "reason": one.token()}
    acts = [
        (grant_role, {**said, "person": one.member.person, "role": "panel-member", "unit": one.side.school}),
        (let_leave, {**said, "enrolment": enrolment, "on": NOW.date()}),
        (undo_leave, {**said, "enrolment": enrolment}),
        (detach_host, {**said, "enrolment": enrolment}),
        (ask_exemption, {**said, "enrolment": enrolment, "demand": "*", "starts": NOW.date(), "ends": until}),
        (end_exemption, {**said, "exemption": exempted}),
        *((act, {**said, "record": record}) for act in (void_record, restore_record, decide_overlap, end_decision)),
        (overturn_result, {**said, "result": result.pk, "level": "fail"}),
    ]
    asked = ask_erasure(by=office, person=one.member.person, reason=REASON)
    confirm_erasure(by=second.actor, erasure=asked.pk)
    for _time in range(2):
        assert [code_of(act, **given) for act, given in acts] == ["person-erased"] * len(acts)
        run_once()
    assert Erasure.objects.get(pk=asked.pk).state == "done"
    others = Result.objects.filter(person=near.member.person, overturned_at__isnull=True)[0]
    assert overturn_result(**{**said, "result": others.pk, "level": "fail"}).level == "fail"


@pytest.mark.parametrize("done", [False, True])
def test_a_certificate_of_theirs_is_ended_without_a_word(districts, lives, done):
    one, near, second = lives
    said = {"by": one.office, "because": "misconduct"}
    asked = ask_erasure(by=one.office, person=one.member.person, reason=REASON)
    confirm_erasure(by=second.actor, erasure=asked.pk)
    if done:
        run_once()
    mine, theirs = (Certificate.objects.filter(person=life.member.person, revoked_at=None)[0] for life in (one, near))
    for row in (mine, theirs):
        revoke_certificate(**said, certificate=row.pk, reason="代学代考")
        row.refresh_from_db()
    assert [(row.revoked_because, row.revoke_reason) for row in (mine, theirs)] == [
        ("misconduct", ""),
        ("misconduct", "代学代考"),
    ]
    told = Message.objects.filter(event="certificate-revoked")
    assert near.member.person in told.filter(params__number=theirs.number).values_list("person", flat=True)
    assert not told.filter(params__number=mine.number).exists()
    lines = Line.objects.filter(verb="certification.revoke", subject__in=[one.member.person, near.member.person])
    words = {line.subject: reasons_of([line])[line.pk] for line in lines.order_by("pk")}
    assert words == {one.member.person: "", near.member.person: "代学代考"}


def code_of(action, **given):
    with pytest.raises(Refused) as why, transaction.atomic():
        action(**given)
    return why.value.code


def test_every_sum_equals_a_recount_afterwards(districts, lives, sign_in):
    one, near, second = lives
    counted = sums()
    through_the_pages(sign_in, districts.world.office, second, one.member.person)
    touch(enrolments=[one.enrolment.pk, near.enrolment.pk])
    run_once()
    assert sums() == counted
    assert compare_with_recount(by=platform("keep"), programme=one.programme.pk) == []


def test_bytes_that_somebody_else_brought_stay(districts, lives, sign_in):
    one, near, second = lives
    through_the_pages(sign_in, districts.world.office, second, one.member.person)
    assert storage.store().exists(near.shared.blob.digest)
    assert b"".join(storage.store().open(near.shared.blob.digest)) == SHARED.encode()
    assert Blob.objects.get(pk=near.shared.blob_id).erased_at is None
    assert not storage.store().exists(one.upload.blob.digest)
    assert Blob.objects.get(pk=one.upload.blob_id).erased_at is not None
    assert not Use.objects.live().filter(person__in=one.records).exists()


def test_a_certificate_goes_on_verifying_without_a_name(districts, lives, sign_in, client):
    one, _near, second = lives
    signed = {
        row.pk: (row.number, row.level, row.signature) for row in Certificate.objects.filter(person__in=one.records)
    }
    through_the_pages(sign_in, districts.world.office, second, one.member.person)
    rows = list(Certificate.objects.filter(person__in=one.records).select_related("key"))
    assert {row.pk: (row.number, row.level) for row in rows} == {pk: kept[:2] for pk, kept in signed.items()}
    assert {row.signature for row in rows} & {kept[2] for kept in signed.values()} == set()
    for row in rows:
        found = verified(row)
        assert (found.state in ("valid", "revoked"), found.claim.name, found.claim.identity, found.erased) == (
            True,
            "",
            "",
            True,
        )
    valid = next(row for row in rows if row.revoked_at is None)
    page = client.get(f"/verify/{valid.code}")
    assert "姓名已清除" in page.content.decode()
    answer = client.get(f"/api/v1/certificates/{valid.number}").json()
    assert (answer["state"], answer["claim"]["name"], answer["claim"]["level"]) == ("valid", "", valid.level)
    office = sign_in(Client(), districts.world.office)
    assert office.get(reverse("certificates:paper", kwargs={"certificate": valid})).status_code == 422
    with translation.override("en"):
        assert str(Person.objects.get(pk=one.member.person).name) == "Erased person"


def test_no_page_breaks_nor_tells(districts, lives, sign_in, frames_once):
    """Every address with the rows of whoever was erased, in each role, in each language."""
    one, _near, second = lives
    through_the_pages(sign_in, districts.world.office, second, one.member.person)
    found, opened = [], 0
    browsers = clients(districts, sign_in, ("office", "cio", "auditor", "teacher", "signed-out"))
    for place, (role, browser) in enumerate(browsers.items()):
        for number, (name, path, _view) in enumerate(addresses()):
            url = filled(path, lambda model: mine_first(districts, one, model))
            if url is None:
                continue
            language = ("zh-hans", "zh-hant", "en")[(place + number) % 3]
            answer = browser.get(url, headers={"accept-language": language})
            opened += answer.status_code == 200
            text = words_of(answer).lower()
            if answer.status_code >= 500 or "privq" in text or one.member.number in text:
                found.append((role, name, url, answer.status_code))
    assert found == []
    assert opened > 150


def mine_first(districts, life, model):
    """The rows of the person's, else others of ours."""
    keys = sorted(life.rows(model).values_list("pk", flat=True)) if getattr(model, "whose", ()) else []
    by_label = {"programmes.Enrolment": [life.enrolment.pk], "organisations.Person": [life.member.person]}
    return by_label.get(model._meta.label) or keys or districts.own(model)


def test_the_persons_page_says_why_and_by_whom(districts, lives, sign_in):
    one, _near, second = lives
    asked = through_the_pages(sign_in, districts.world.office, second, one.member.person)
    url = f"/units/people/{oid(one.member.person, 'organisations.person')}/"
    for member in (districts.world.office, districts.world.cio):
        text = sign_in(Client(), member).get(url).content.decode()
        for word in ("已清除人员", REASON, districts.world.office.name, second.name):
            assert word in text, word
    assert Erasure.objects.get(pk=asked.pk).state == "done"
    office = sign_in(Client(), districts.world.office)
    listed = office.get("/units/erasures/").content.decode()
    assert REASON in listed
    assert not Account.objects.get(pk=one.member.account).is_active
    assert office.post(f"{url}erase/", {"reason": REASON}).status_code == 422
