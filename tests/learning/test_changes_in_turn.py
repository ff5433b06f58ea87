"""Whoever reads on from the last change misses none: changes become visible in the order of their numbers."""

from datetime import datetime
from threading import Thread
from time import monotonic, sleep

import pytest
from django.db import connection, connections, transaction

from tests.learning.test_accept_records import row, send
from weineng.kernel.clock import CIVIL
from weineng.learning.actions import void_record
from weineng.learning.models import Record, RecordChange

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]
NOW = datetime(2026, 3, 10, 9, 0, tzinfo=CIVIL)
PATIENCE = 20  # seconds


def test_an_act_that_tells_a_platform_waits_for_the_one_before_it(world, set_clock):
    set_clock(NOW)
    send(world, row(world.teacher, "a"), row(world.colleague, "b"))
    first, second = Record.objects.order_by("pk").values_list("pk", flat=True)

    def later():
        void_record(by=world.office.actor, record=second, reason="重复申报")
        connections.close_all()

    with transaction.atomic():
        void_record(by=world.office.actor, record=first, reason="重复申报")
        beside = Thread(target=later)
        beside.start()
        assert somebody_waits()
        assert [change.record_id for change in RecordChange.objects.all()] == [first]
    beside.join(PATIENCE)
    told = list(RecordChange.objects.order_by("pk").values_list("record", flat=True))
    assert told == [first, second]


def somebody_waits():
    """Whether another connection comes to wait for a turn."""
    until = monotonic() + PATIENCE
    while monotonic() < until:
        with connection.cursor() as cursor:
            cursor.execute("select exists(select from pg_locks where locktype = 'advisory' and not granted)")
            if cursor.fetchone()[0]:
                return True
        sleep(0.02)
    return False
