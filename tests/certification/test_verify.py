"""Anybody can check a certificate; whatever was changed in it is found."""

import copy
import string
from datetime import datetime, timedelta

import pytest
from django.core.management import call_command
from hypothesis import given
from hypothesis import strategies as st

from tests.certification.conftest import SETTLE
from tests.progress.scene import ZONE
from weineng.audit.models import Line
from weineng.certification.actions import award_due, check_certificate, checking, rotate_signing_key
from weineng.certification.models import Certificate, Guesses, SigningKey
from weineng.certification.queries import certificates_within, own_certificates, verified
from weineng.certification.rules import GUESSES, as_code, as_number, new_number
from weineng.kernel.actors import Actor
from weineng.kernel.addresses import asker
from weineng.kernel.ids import ALPHABET
from weineng.kernel.refusals import Refused


def look(typed, address="192.0.2.1"):
    return check_certificate(by=Actor(door="web"), typed=typed, address=address)


def mistyped(number):
    """With another last character: no number at all (one that is cut short may happen to be one)."""
    return number[:-1] + ("0" if number[-1] != "0" else "1")


def leaves(plain, path=()):
    """Every signed value with its place in the claim."""
    if isinstance(plain, dict | list):
        items = plain.items() if isinstance(plain, dict) else enumerate(plain)
        for key, value in items:
            yield from leaves(value, (*path, key))
    else:
        yield path, plain


def changed(plain, path, value):
    other = copy.deepcopy(plain)
    spot = other
    for key in path[:-1]:
        spot = spot[key]
    spot[path[-1]] = value
    return other


def test_any_changed_field_is_found(certificate):
    claim = certificate.claim
    places = list(leaves(claim))
    assert len(places) > 25
    for path, value in places:
        for other in (value + 1 if isinstance(value, int) else f"{value}x", None):
            certificate.claim = changed(claim, path, other)
            assert (verified(certificate).state, verified(certificate).claim) == ("forged", None), path
    for path, _value in places:
        certificate.claim = copy.deepcopy(claim)
        spot = certificate.claim
        for key in path[:-1]:
            spot = spot[key]
        del spot[path[-1]]
        assert verified(certificate).state == "forged", path
    certificate.claim = claim | {"more": 1}
    assert verified(certificate).state == "forged"
    certificate.claim = claim
    assert verified(certificate).state == "valid"


def test_any_changed_signature_or_key_is_found(certificate):
    signature = certificate.signature
    for place, sign in enumerate(signature.rstrip("=")[:-1]):  # the last character has bits to spare
        other = next(c for c in string.ascii_letters if c != sign)
        certificate.signature = signature[:place] + other + signature[place + 1 :]
        assert verified(certificate).state == "forged"
    for wrong in ("", "x", "五"):
        certificate.signature = wrong
        assert verified(certificate).state == "forged"
    certificate.signature = signature
    certificate.key.public = bytes(32)
    assert verified(certificate).state == "forged"


@pytest.mark.parametrize(
    "change",
    [{"level": "excellent"}, {"code": "0" * 16}, {"number": "519000-2026-0000-0000"}, {"issued_on": "2026-01-01"}],
)
def test_what_stands_beside_the_claim_must_agree_with_it(certificate, change):
    Certificate.objects.filter(pk=certificate.pk).update(**change)
    assert verified(Certificate.objects.get(pk=certificate.pk)).state == "forged"


def test_a_certificate_is_found_as_people_type_and_scan_it(certificate):
    full_width = "".join(chr(ord(c) + 0xFEE0) for c in certificate.number)
    for typed in (
        certificate.number, certificate.number.lower().replace("-", " "), full_width, certificate.code,
        f" {certificate.code.upper()} ", f"http://127.0.0.1:8000/verify/{certificate.code}",
        f"http://127.0.0.1:8000/verify/{certificate.code}/",
    ):  # fmt: skip
        assert look(typed).number == certificate.number
    for typed in ("", "林晓岚", "0" * 16, certificate.number[:-1], certificate.code[1:], "'; drop table", "x" * 5000):
        assert look(typed) is None


@given(st.integers(0, 7), st.sampled_from(ALPHABET))
def test_a_mistyped_number_is_noticed_without_asking_the_database(place, sign):
    number = new_number("519000", 2026)
    assert as_number(number) == number
    at = [i for i, c in enumerate(number) if c != "-"][-8:][place]
    wrong = number[:at] + sign.upper() + number[at + 1 :]
    assert as_number(wrong) == (number if wrong == number else None)
    assert as_code(number) is None or len(as_code(number)) == 16


def test_a_new_key_signs_and_the_old_one_still_proves(certificate, scene, world):
    old = certificate.key
    assert bytes(old.private_cipher)
    key = rotate_signing_key(by=SETTLE)
    other = scene.enrol(world.colleague.person)
    scene.finish(other)
    scene.recount(other)
    assert award_due(by=SETTLE) == 1
    second = Certificate.objects.select_related("key").get(enrolment=other)
    assert (second.key_id, verified(second).state, look(certificate.code).state) == (key.pk, "valid", "valid")
    old.refresh_from_db()
    assert (old.private_cipher, SigningKey.objects.filter(retired_at__isnull=True).get().pk) == (None, key.pk)
    with pytest.raises(Refused):
        rotate_signing_key(by=world.office.actor)


def test_one_sees_ones_own_and_those_of_ones_units(certificate, world):
    for who in (world.teacher, world.cio, world.principal, world.office, world.auditor):
        assert [c.pk for c in certificates_within(who.actor)] == [certificate.pk], who.key
    for who in (world.colleague, world.leader, world.wu, world.kindergarten_cio, *world.panel):
        assert list(certificates_within(who.actor)) == [], who.key
    assert [c.pk for c in own_certificates(world.teacher.actor)] == [certificate.pk]
    assert list(own_certificates(world.cio.actor)) == []


def test_the_command_finds_what_was_changed_and_changes_the_key(certificate, capsys):
    call_command("certificates", "check")
    assert capsys.readouterr().out == "1 checked, 0 not what was signed\n"
    Certificate.objects.filter(pk=certificate.pk).update(claim=certificate.claim | {"minutes": 9000})
    with pytest.raises(SystemExit):
        call_command("certificates", "check")
    assert capsys.readouterr().out.splitlines()[0] == f"FORGED {certificate.number}"
    call_command("certificates", "rotate-key")
    assert capsys.readouterr().out == "key 2026-2 signs from now on\n"


# --- Guessing --------------------------------------------------------------------------------------------------------
def test_numbers_cannot_be_tried_out(certificate, monkeypatch):
    """After so many that do not exist an address learns nothing more by number in this hour; codes are always answered."""
    noon = datetime(2026, 11, 2, 12, tzinfo=ZONE)
    monkeypatch.setattr(checking, "now", lambda: noon)
    for _guess in range(GUESSES):
        assert look(new_number("519000", 2026)) is None
    for typed in (certificate.number, new_number("519000", 2026)):
        with pytest.raises(Refused) as refusal:
            look(typed)
        assert (refusal.value.code, refusal.value.params["seconds"]) == ("too-many-guesses", 3601)
    assert look(certificate.code).state == "valid"
    assert look(mistyped(certificate.number)) is None
    assert look(certificate.number, "192.0.2.2").state == "valid"
    monkeypatch.setattr(checking, "now", lambda: noon + timedelta(hours=1))
    assert look(certificate.number).state == "valid"
    assert look(new_number("519000", 2026)) is None
    assert list(Guesses.objects.values_list("count", flat=True)) == [1]  # of this hour; the others are forgotten


def test_only_what_could_be_a_number_and_is_none_is_counted(certificate):
    for typed in ("", "x", "1" + "0" * 15, mistyped(certificate.number), certificate.number, certificate.code, "\0"):
        look(typed)
    assert Guesses.objects.count() == 0


def test_what_is_found_leaves_no_trace(certificate):
    before = Line.objects.count()
    look(certificate.number)
    look(new_number("519000", 2026), "192.0.2.1")
    assert Line.objects.count() == before
    assert "192.0.2.1" not in str(list(Guesses.objects.values()))


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("192.0.2.1", "192.0.2.1", True), ("192.0.2.1", "192.0.2.2", False),
        ("2001:db8:0:1::1", "2001:db8:0:1:ffff::2", True), ("2001:db8:0:1::1", "2001:db8:0:2::1", False),
    ],
)  # fmt: skip
def test_who_is_one_asker(one, other, same):
    assert (asker(one) == asker(other)) is same
