"""Writes the province in sets: the tree, the people, their programme, and what happened to them."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.db import connection, transaction

from weineng.kernel.ciphers import encrypt, key_version
from weineng.ops.simulated import names
from weineng.organisations.models import Person, Unit
from weineng.organisations.rules import digest_of, name_index, name_order
from weineng.programmes.models import Programme, Version
from weineng.programmes.queries import document_of

Params = Mapping[str, Any]
AT = datetime(2026, 1, 1, tzinfo=UTC)
CHOSEN = {"A1": "learner-analysis", "A3": "teaching-design", "A5": "learning-guidance"}
A_SCHOOL, A_COUNTY, A_CITY, NAMES = 50, 8_300, 10, 20_000  # teachers, teachers, counties, different names at most


@dataclass(frozen=True)
class Size:
    """How much of everything there will be."""

    teachers: int
    schools: int
    counties: int
    cities: int


@dataclass(frozen=True)
class Province:
    """What was written: the programme, and how much of everything."""

    programme: int
    size: Size


def size_of(teachers: int) -> Size:
    """A million teachers stand in 20,000 schools of 120 counties; fewer in as many as that leaves, at least one of each."""
    schools = -(-teachers // A_SCHOOL)
    counties = max(1, min(round(teachers / A_COUNTY), schools))
    return Size(teachers, schools, counties, max(1, counties // A_CITY))


def fill(teachers: int, seed: int, publish: Callable[[int], Version], tell: Callable[[str], object]) -> Province:
    """Write a province of so many teachers; `publish` publishes and starts the programme of the unit it is given; `tell` is
    told what is done. The database has no people and no units."""
    size = size_of(teachers)
    with transaction.atomic():
        _draws(seed)
        base = {
            "unit": _take("organisations_unit", 1 + size.cities + size.counties + size.schools * 6),
            "person": _take("organisations_person", teachers),
            "enrolment": _take("programmes_enrolment", teachers),
            "choice": _take("planning_choice", teachers),
            "record": _take("learning_record", teachers * 8),
            "provider": _take("learning_provider", len(names.words()["platforms"])),
        }
        base["county"] = base["unit"] + 1 + size.cities
        base["school"] = base["county"] + size.counties
        base["group"] = base["school"] + size.schools
        params: dict[str, Any] = {
            **base, "teachers": teachers, "schools": size.schools, "at": AT, "province": names.words()["province"],
            "cities": names.places(size.cities, "city"), "counties": names.places(size.counties, "county", skip=size.cities),
            "chosen": list(CHOSEN), "dimensions": list(CHOSEN.values()), "points": [*CHOSEN, "A6"],
        }  # fmt: skip
        _run("tree", params)
        tell(f"{size.schools:,} schools")
        version = publish(base["unit"] + 1)
        batches = [phase.code for phase in document_of(version.pk).phases if phase.batch]
        params |= {"programme": version.programme_id, "version": version.pk, "batches": batches}
        _names(seed, min(teachers, NAMES))
        _run("people", params)
        _numbers(base["person"], teachers)
        tell(f"{teachers:,} teachers")
        _platforms(base["provider"], base["unit"] + 1)
        _run("facts", params)
        tell("hours, choices and results")
    with connection.cursor() as cursor:
        cursor.execute("analyze")
    return Province(version.programme_id, size)


def is_empty() -> bool:
    """Whether there is nobody and nothing that a province could be mixed with."""
    return not (
        Person.objects.exists() or Unit.objects.exists() or Programme.objects.filter(owner__isnull=False).exists()
    )


def _draws(seed: int) -> None:
    """`pg_temp.draw(n, what, most)`: a number below `most`, the same for the same seed, thing and use."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            create or replace function pg_temp.draw(n bigint, what int, most int) returns int language sql immutable as
            'select ((hashint8extended(n, {int(seed)}::bigint * 1000 + what) & 9223372036854775807) % most)::int'"""
        )


def _take(table: str, count: int) -> int:
    """The number after which so many ids of a table are ours."""
    with connection.cursor() as cursor:
        cursor.execute("select pg_get_serial_sequence(%s, 'id')", [table])
        (sequence,) = cursor.fetchone()
        cursor.execute("select nextval(%s)", [sequence])
        (first,) = cursor.fetchone()
        cursor.execute("select setval(%s, %s)", [sequence, first + count])
    return int(first)


def _run(name: str, params: Params) -> None:
    with connection.cursor() as cursor:
        cursor.execute(names.data(f"{name}.sql"), params)


def _names(seed: int, count: int) -> None:
    """The table that people's names are drawn from, with what they are sorted and found by."""
    with connection.cursor() as cursor:
        cursor.execute("drop table if exists pg_temp.simulated_name")
        cursor.execute(
            "create temp table simulated_name (place int primary key, name text, sorted text, tokens text[]) on commit drop"
        )
    with _copy("simulated_name (place, name, sorted, tokens)") as write:
        for place, name in enumerate(names.people(count, seed)):
            write((place, name, name_order(name), name_index(name)))


def _numbers(person: int, count: int) -> None:
    """An identity number for everybody."""
    version = key_version()
    with _copy("organisations_externalidentifier (person_id, type, cipher, digest, key_version)") as write:
        for place, number in enumerate(names.numbers(count), 1):
            write((person + place, "id-card", encrypt(number.encode()), digest_of("id-card", number), version))


def _platforms(provider: int, owner: int) -> None:
    with _copy("learning_provider (id, code, name, owner_id, period_minutes, active, created_at)") as write:
        for place, name in enumerate(names.words()["platforms"], 1):
            write((provider + place, f"platform-{place}", name, owner, 0, True, AT))


@contextmanager
def _copy(into: str) -> Iterator[Callable[[tuple[object, ...]], None]]:
    with connection.cursor() as cursor, cursor.copy(f"copy {into} from stdin") as copy:
        yield copy.write_row
