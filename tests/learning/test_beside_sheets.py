"""While the worker brings a large sheet of a platform in, or takes it back, nobody waits beside it for longer than seconds."""

from datetime import datetime, timedelta
from functools import partial

import pytest
from django.db import connection, transaction

from tests.races import answers
from weineng.kernel.clock import CIVIL
from weineng.learning.actions import (
    _records,
    accept_records,
    admit_provider,
    bring_hours,
    change_provider,
    take_back_hours,
    void_record,
)
from weineng.learning.models import HoursSheet, Provider, Record
from weineng.learning.rules import RecordRow

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]
NOW = datetime(2026, 3, 10, 9, 0, tzinfo=CIVIL)


@pytest.fixture(autouse=True)
def _impatient(world, set_clock, monkeypatch):
    set_clock(NOW)
    monkeypatch.setattr(_records, "PATIENCE", "200ms")


def rows(member, *names):
    starts = NOW - timedelta(days=1)
    return [
        RecordRow(
            name, "id-card", member.number, member.name, "online", name, "微课", starts, starts + timedelta(hours=2), 60
        )
        for name in names
    ]


def worker(done, of):
    """Whoever hears how far it has come does not wait beside it."""


def bring(world, *names, provider="qingyun", **options):
    found = rows(world.teacher, *names)
    return bring_hours(by=world.office.actor, provider=provider, rows=found, name="三月.xlsx", **options)


def deliver(world, *names, **options):
    return accept_records(by=world.provider, provider="qingyun", rows=rows(world.colleague, *names), **options)


def test_others_of_the_platform_hear_that_a_sheet_goes_in(world):
    bring(world, "old")
    small = HoursSheet.objects.get().pk
    source = Provider.objects.get(code="qingyun")
    admit_provider(by=world.office.actor, unit=world.district, code="other", name="另一平台")
    renamed = partial(change_provider, by=world.office.actor, provider=source.pk, name="新名", period_minutes=0)
    with transaction.atomic():
        bring(world, "a", told=worker)
        assert answers(lambda: deliver(world, "b")) == ["provider-busy"]
        assert answers(lambda: bring(world, "c")) == ["provider-busy"]
        assert answers(lambda: take_back_hours(by=world.office.actor, sheet=small, reason="错")) == ["provider-busy"]
        assert answers(lambda: renamed(active=True)) == ["provider-busy"]
        assert answers(lambda: bring(world, "d", provider="other")) == [None]
    standing = sorted(Record.objects.in_force().values_list("provider__code", "source_id"))
    assert standing == [("other", "d"), ("qingyun", "a"), ("qingyun", "old")]
    assert Provider.objects.get(pk=source.pk).name == source.name


def test_a_look_does_not_wait(world):
    with transaction.atomic():
        bring(world, "a", told=worker)
        seen = []
        assert answers(lambda: seen.extend(deliver(world, "b", dry_run=True))) == [None]
        assert answers(lambda: seen.extend(bring(world, "c", dry_run=True))) == [None]
        assert [(row.source_id, row.status) for row in seen] == [("b", "created"), ("c", "created")]
        assert answers(lambda: deliver(world, "a", dry_run=True)) == [
            "provider-busy"
        ]  # whether it is new is just settled
    assert list(Record.objects.values_list("source_id", flat=True)) == ["a"]


def test_who_voids_a_record_of_a_sheet_that_is_taken_back_hears_it(world):
    bring(world, "a")
    with transaction.atomic():
        take_back_hours(by=world.office.actor, sheet=HoursSheet.objects.get().pk, reason="错", told=worker)
        record = Record.objects.get(void_of__isnull=True).pk
        assert answers(lambda: void_record(by=world.office.actor, record=record, reason="错")) == ["provider-busy"]
        with connection.cursor() as cursor:
            cursor.execute("show lock_timeout")
            assert cursor.fetchone() == ("0",)
    assert Record.objects.in_force().count() == 0


def test_the_machine_of_a_platform_is_told_when_to_come_back(world, client):
    from tests.rest.conftest import URL
    from weineng.learning.actions import issue_api_key

    fields = {"unit": world.district, "provider": "qingyun", "label": "x", "scopes": ["records.write"]}
    _row, plain = issue_api_key(by=world.office.actor, **fields)
    body = {
        "records": [
            {
                "id": "b", "person_type": "id-card", "person_number": world.colleague.number, "person_name": world.colleague.name,
                "mode": "online", "course": "b", "title": "微课", "starts_at": "2026-03-09T09:00:00+08:00",
                "ends_at": "2026-03-09T11:00:00+08:00", "minutes": 60,
            }
        ]
    }  # fmt: skip
    heard = []

    def send():
        headers = {"Authorization": f"Bearer {plain}", "Accept-Language": "zh-Hans"}
        answer = client.post(URL, body, content_type="application/json", headers=headers)
        heard.append((answer.status_code, answer.headers["Retry-After"], answer.json()))

    with transaction.atomic():
        bring(world, "a", told=worker)
        assert answers(send) == [None]
    message = "正在导入或撤回这个平台的表格。没有任何改动，请一分钟后再试。"
    assert heard == [(503, "60", {"code": "provider-busy", "message": message, "params": {"seconds": 60}})]
    assert list(Record.objects.values_list("source_id", flat=True)) == ["a"]
