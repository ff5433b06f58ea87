"""Calls of one platform that meet, and what a reader may rely on while somebody writes."""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from functools import partial
from uuid import uuid4

import pytest
from django.db import connection

from tests.races import race
from weineng.statements.actions import accept_statements
from weineng.statements.describing import lately
from weineng.statements.models import Activity, Agent, Pending, Statement
from weineng.statements.queries import Asked, consistent_through, page_of
from weineng.statements.rules.times import instant

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]


@pytest.fixture(autouse=True)
def _unremembered():
    lately.forget()
    yield
    lately.forget()


def said(name, lesson="1"):
    about = {"id": f"https://platform.example/{lesson}", "definition": {"name": {"en": f"Lesson {lesson}"}}}
    return {
        "id": str(uuid4()), "actor": {"mbox": f"mailto:{name}@example.com"}, "verb": {"id": "https://x.example/did"}, "object": about,
        "timestamp": datetime.now().astimezone().isoformat(),
    }  # fmt: skip


def accept(world, *statements):
    return partial(accept_statements, by=world.provider, statements=[dict(one) for one in statements], new=True)


def test_calls_with_the_same_statements_in_any_order_store_them_once(world):
    accept(world, said("first"))()
    one, two, three = said("wang", "1"), said("li", "2"), said("zhang", "3")
    acts = [
        accept(world, two, one),
        accept(world, three, two),
        accept(world, one | {"actor": two["actor"]}),
        accept(world, three),
    ]
    assert race(accept(world, one, two, three), *acts) == ["conflict", "done", "done", "done"]
    assert (Statement.objects.count(), Pending.objects.count(), Agent.objects.count(), Activity.objects.count()) == (
        4,
        4,
        4,
        3,
    )
    found = page_of(world.provider, Asked(ascending=True))
    assert [*found.bodies] == sorted(Statement.objects.values_list("seq", flat=True))


def test_what_may_still_appear_is_later_than_what_readers_were_told(world):
    accept(world, said("first"))()
    told = []

    def elsewhere():
        told.append(consistent_through())
        connection.close()

    def write_and_look():
        accept(world, said("wang"))()
        with ThreadPoolExecutor(1) as pool:
            pool.submit(elsewhere).result()

    race(write_and_look)
    last = instant(Statement.objects.latest("seq").seq)
    assert told[0] <= last < consistent_through()
