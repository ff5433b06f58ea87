"""What a large store of statements costs: bytes, rates, questions, the settle pass, upkeep, dump. Writes into an empty data folder.

WEINENG_DATA=/tmp/weineng-bench-size PYTHONPATH=src:. python bench/size.py --stops 1000000,2000000,5000000

The first million comes through the store's own code from the statement on, by two processes (rows, hashes, agents, activities, COPY of
1,000 in one transaction). Left out: HTTP, the check of each statement's form, the look for ids that were there before, the line of each
call in the log. The others are a hundred thousand of them again and again, with new ids, times and registrations, written by the
database itself into the same tables and indexes. All of them are taken as read. At each stop 20,000 more come over HTTP, in batches of 100
with four in flight, and are read by the settle step as an agreement has it (one in six becomes a record); everything is asked.

A store of 5,000,000 takes 8.6 GB, and 2 more for its dump and for what the database writes ahead. What was found: docs/adr/0096.
"""

import argparse
import asyncio
import subprocess
import sys
import time
from itertools import islice
from pathlib import Path
from typing import Any

from bench.statements import BATCH, HOME, Times, ask, batches, end, key_of_platform, send, start, statements

# isort: split
import httpx
from django.conf import settings
from django.core.management import call_command
from django.db import connection, transaction

from weineng.accounts.models import Account
from weineng.accounts.queries import actor_for
from weineng.accounts.roles import SOURCE
from weineng.kernel.actors import Actor, platform
from weineng.learning.actions import agree_home, agree_rule, read_statements
from weineng.learning.models import Provider, StatementRule
from weineng.learning.queries import own_accounts
from weineng.learning.rules import AgreedRule
from weineng.ops.postgres.server import stop
from weineng.statements.actions import accepting, open_source
from weineng.statements.describing import describe, meet
from weineng.statements.measures import writing
from weineng.statements.models import Pending, Source, Statement
from weineng.statements.rules.rows import row_of
from weineng.statements.rules.times import TURNS, microseconds

JOBS = 2
AT_ONCE = 1_000  # statements of a transaction of the fill
SAID = 1_000_000  # through the store's own code; the others are copies …
PATTERN = 100_000  # … of so many
MORE = 20_000  # over HTTP at each stop
A_YEAR = 200_000_000
COMPLETED = "http://adlnet.gov/expapi/verbs/completed"
# The id and the registration are hashes of the copy's number, so they fall anywhere in their indexes.
COPY = """
insert into statements_statement
    (seq, source_id, sid, body, digest, actor_id, verb, activity, registration, target, voids)
select %(first)s + n * %(turns)s, source_id, fresh, replace(body, sid::text, fresh::text), decode(md5(fresh::text), 'hex'),
       actor_id, verb, activity, hashtextextended(fresh::text, 0), target, voids
  from (select *, md5(n::text || ' ' || %(seed)s::text)::uuid as fresh from said where n <= %(most)s order by n) again
"""
# What nothing has: an index is read from its root to one leaf.
PROBES = {
    "statements_statement_pkey": "seq = 1",
    "statement_once": "source_id = {source} and sid = '00000000-0000-0000-0000-000000000001'",
    "statement_of_actor": "actor_id = 1",
    "statement_registered": "registration = 1",
    "statement_of_activity": "activity = 1",
}


# --- The fill --------------------------------------------------------------------------------------------------------
def fill(count: int, seed: int) -> None:
    """So many statements, in this process."""
    source, made = Source.objects.get(), statements(seed)
    while count > 0:
        rows = [row_of(source.pk, one["id"], one) for one in islice(made, min(AT_ONCE, count))]
        with transaction.atomic():
            turn = writing.announce(microseconds(accepting.now()) // 1000)
            first = accepting._take_time(len(rows))
            meet(source.pk, rows)
            describe(source.pk, rows)
            placed = [(accepting._seq(first, turn, place), row) for place, row in enumerate(rows)]
            accepting._write(source, placed, {}, new=True)
            Pending.objects.all().delete()
        count -= len(rows)


def fill_to(wanted: int, seed: int) -> None:
    """As many as are wanted in all, by several processes; prints the rate."""
    missing = wanted - Statement.objects.count()
    if missing <= 0:
        return
    began = time.perf_counter()
    command = [sys.executable, __file__, "--fill", str(-(-missing // JOBS))]
    jobs = [subprocess.Popen([*command, "--seed", str(seed + number)]) for number in range(JOBS)]
    if sum(abs(job.wait()) for job in jobs):
        raise RuntimeError("the fill failed")
    took = time.perf_counter() - began
    print(f"filled {missing:,} in {took:.0f} s: {missing / took:,.0f} a second, {JOBS} processes", flush=True)


def copy_to(wanted: int) -> None:
    """As many as are wanted in all, by copies of some that are there; prints the rate."""
    missing, began = wanted - Statement.objects.count(), time.perf_counter()
    with connection.cursor() as cursor:
        cursor.execute(
            f"create temp table said as select *, row_number() over () as n from statements_statement limit {PATTERN}"
        )
        cursor.execute(
            "create temp table around as select r.key, said.n from statements_relation r join said on said.seq = r.statement_id"
        )
    for done in range(0, missing, PATTERN):
        first, seed = microseconds(accepting.now()) * TURNS, time.time_ns()
        given = {"first": first, "turns": TURNS, "seed": seed, "most": min(PATTERN, missing - done)}
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(COPY, given)
            cursor.execute(
                "insert into statements_relation (key, statement_id)"
                " select key, %(first)s + n * %(turns)s from around where n <= %(most)s",
                given,
            )
    with connection.cursor() as cursor:
        cursor.execute("drop table said, around")
    if missing > 0:
        took = time.perf_counter() - began
        print(f"copied {missing:,} in {took:.0f} s: {missing / took:,.0f} a second", flush=True)


def agree() -> None:
    """The office's agreement: what was completed counts, accounts are the platform's own."""
    if StatementRule.objects.exists():
        return
    source = Provider.objects.get(code="qingyun")
    by = actor_for(Account.objects.get(name="office"), "web")
    agree_home(by=by, provider=source.pk, home_page=HOME, person_type=own_accounts(source))
    rule = AgreedRule(verbs=frozenset({COMPLETED}), mode="online", below=True)
    agree_rule(by=by, provider=source.pk, rule=rule)


# --- What it costs ---------------------------------------------------------------------------------------------------
def rows_of(sql: str) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return cursor.fetchall()


def timed(what: str, sql: str) -> None:
    began = time.perf_counter()
    with connection.cursor() as cursor:
        cursor.execute(sql)
    print(f"{what}: {time.perf_counter() - began:.1f} s", flush=True)


def sizes(count: int) -> None:
    """Bytes a statement, by table and index; what it comes to in a year; how deep the indexes are."""
    found = rows_of(
        "select c.relname, pg_table_size(c.oid), coalesce(i.name, ''), coalesce(pg_relation_size(i.oid), 0) from pg_class c"
        " left join lateral (select x.indexrelid as oid, x.indexrelid::regclass::text as name from pg_index x"
        " where x.indrelid = c.oid) i on true where c.relkind = 'r' and c.relname like 'statements_%' order by 1, 3"
    )
    tables = {name: size for name, size, _index, _bytes in found}
    indexes = {index: size for _name, _size, index, size in found if index}
    for name, size in (tables | indexes).items():
        if size / count >= 0.5:
            print(f"  {size / count:8.1f} B a statement  {name}")
    whole = sum(tables.values()) + sum(indexes.values())
    print(
        f"  {whole / count:8.1f} B a statement in all, {whole / 1e9:.2f} GB; {A_YEAR * whole / count / 1e9:.0f} GB a year"
    )
    source = Source.objects.get().pk
    for name, probe in PROBES.items():
        print(f"  pages read to find nothing: {pages(probe.format(source=source))}  {name}")


def pages(probe: str) -> str:
    """Pages that a lookup by this condition reads, and by which index."""
    sql = f"explain (analyze, buffers, format json) select seq from statements_statement where {probe}"
    plan = rows_of(sql)[0][0][0]["Plan"]
    return f"{plan['Shared Hit Blocks'] + plan['Shared Read Blocks']} by {plan.get('Index Name', plan['Node Type'])}"


def settle() -> None:
    """The step that reads statements, until nothing waits."""
    took, read = list[float](), 0
    while True:
        began = time.perf_counter()
        done = read_statements(by=platform("bench"))
        if not done:
            break
        read += done
        took.append(1000 * (time.perf_counter() - began))
    took.sort()
    print(
        f"read {read:,} statements in {sum(took) / 1000:.1f} s; 1,000 in {took[len(took) // 2]:.0f} ms, most {took[-1]:.0f}"
    )


def upkeep() -> None:
    """Vacuum, analyze, dump."""
    timed("vacuum of what came since", "vacuum statements_statement, statements_relation, statements_pending")
    timed("analyze", "analyze statements_statement, statements_relation")
    file, began = Path(settings.DATA) / "size.dump", time.perf_counter()
    call_command("pg", "dump", str(file), stdout=sys.stderr)
    took, size = time.perf_counter() - began, file.stat().st_size
    file.unlink()
    print(
        f"pg_dump: {took:.0f} s, {size / 1e6:,.0f} MB, {size / Statement.objects.count():.0f} B a statement", flush=True
    )


async def talk(url: str, key: str, seed: int, count: int) -> dict[str, Times]:
    """Send `MORE`, print how fast, and ask."""
    headers = {"X-Experience-API-Version": "2.0.0", "Content-Type": "application/json"}
    async with httpx.AsyncClient(base_url=f"{url}/", auth=("qingyun", key), headers=headers, timeout=60) as client:
        times, took = await send(client, batches(seed, MORE // BATCH), 4, 0.0)
        print(f"sent {MORE:,} over HTTP: {MORE / took:,.0f} a second; POST of {BATCH}: {times}", flush=True)
        return await ask(client, seed, count)


def look(given: argparse.Namespace, wanted: int) -> None:
    """Everything that is measured of a store of this size."""
    print(f"--- {wanted:,} statements")
    fill_to(min(wanted, SAID), given.seed + wanted)
    copy_to(wanted)
    upkeep()
    server = start(given.port)
    try:
        found = asyncio.run(
            talk(f"http://127.0.0.1:{given.port}/xapi/2.0", key_of_platform(), given.seed - wanted, given.ask)
        )
    finally:
        end(server)
    for kind, times in found.items():
        print(f"GET {kind}: {times}")
    settle()
    sizes(Statement.objects.count())


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--stops", default="1000000,2000000,5000000", help="sizes at which everything is measured")
    parser.add_argument("--port", type=int, default=8130)
    parser.add_argument("--ask", type=int, default=50, help="questions of each kind")
    parser.add_argument("--seed", type=int, default=int(time.time()))
    parser.add_argument("--fill", type=int, default=0, help="only add so many statements")
    given = parser.parse_args()
    if given.fill:
        fill(given.fill, given.seed)
        return
    call_command("migrate", verbosity=0, interactive=False)
    key_of_platform()
    agree()
    code = frozenset({"qingyun"})
    open_source(by=Actor(door="xapi", sources=code, source_permissions=SOURCE))
    for wanted in map(int, given.stops.split(",")):
        look(given, wanted)
    connection.close()
    stop(settings.POSTGRES)


if __name__ == "__main__":
    main()
