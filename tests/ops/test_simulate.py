"""The synthetic province: the same for the same seed, consistent in every constraint, counted, and only where there is nobody."""

from collections import Counter

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from weineng.kernel.actors import platform
from weineng.kernel.ciphers import decrypt
from weineng.learning.models import Record
from weineng.ops.simulated import names, size_of
from weineng.organisations.models import ExternalIdentifier, Person, Posting, Unit
from weineng.organisations.rules import digest_of, name_order
from weineng.programmes.models import Enrolment, Programme
from weineng.progress.actions import compare_with_recount
from weineng.progress.models import Standing
from weineng.progress.queries import overview

pytestmark = pytest.mark.slow
BY = platform("keep")
PICTURE = """
    select p.name, i.digest, u.name, s.name, o.subject, r.source_id, r.course, r.minutes, r.starts_at, x.point, x.level, x.decided_on
      from organisations_person p
      join organisations_externalidentifier i on i.person_id = p.id
      join organisations_posting o on o.person_id = p.id
      join organisations_unit u on u.id = o.unit_id
      join organisations_unit s on s.id = o.school_id
      left join learning_record r on r.person_id = p.id
      left join assessment_result x on x.person_id = p.id"""


@pytest.fixture
def empty(db):
    """A database in which nobody stands; what was there is there again afterwards."""

    def clear():
        with connection.cursor() as cursor:
            cursor.execute("set constraints all immediate")
            cursor.execute(
                "truncate organisations_unit, organisations_person, programmes_programme, learning_provider cascade"
            )

    clear()
    return clear


def simulate(**options):
    call_command("simulate", **{"teachers": 120, "seed": 7, **options})


def picture():
    with connection.cursor() as cursor:
        cursor.execute(PICTURE)
        return Counter(cursor.fetchall())


def test_the_same_seed_gives_the_same_province_and_another_one_another(empty, capsys):
    seen = []
    for seed in (7, 7, 8):
        simulate(seed=seed)
        seen.append(picture())
        empty()
    assert seen[0] == seen[1]
    assert seen[0] != seen[2]
    assert len(seen[0]) > 120


def test_everybody_is_counted_once_and_every_number_is_a_sum(empty, capsys):
    simulate(teachers=260)
    said = capsys.readouterr().out
    assert "ready: 260 teachers in 6 schools (counties: 1, cities: 1)" in said
    programme = Programme.objects.get(code="p4-district")
    root = Unit.objects.get(level="province")
    assert Standing.objects.filter(demand="overall").count() == Enrolment.objects.count() == 260
    found = overview(BY, programme.pk, root.pk)
    assert found.total.people == 260
    assert {verdict for verdict, count in found.total.verdicts.items() if count} >= {"in-progress", "pass", "not-begun"}
    assert compare_with_recount(by=BY, programme=programme.pk) == []
    assert Counter(Unit.objects.values_list("level", flat=True)) == {
        "province": 1,
        "city": 1,
        "county": 1,
        "school": 6,
        "group": 30,
    }
    assert Record.objects.exclude(unit__in=Posting.objects.values("unit")).count() == 0


def test_people_are_found_by_name_and_number(empty, capsys):
    simulate()
    for row in ExternalIdentifier.objects.all():
        assert digest_of("id-card", decrypt(row.cipher).decode()) == row.digest
    assert [p.name for p in Person.objects.all() if p.name_order != name_order(p.name)] == []
    assert Person.objects.filter(name_index__contains=[Person.objects.earliest("pk").name[0]]).exists()


def test_never_among_others_and_only_what_there_is(empty, capsys):
    for wrong, said in (
        ({"teachers": 0}, "--teachers 0"),
        ({"seed": -1}, "--seed -1"),
        ({"programme": "p9"}, "p1-town, p2-province"),
    ):
        with pytest.raises(CommandError, match=said):
            simulate(**wrong)
    assert not Unit.objects.exists()
    simulate(uncounted=True)
    assert not Standing.objects.exists()
    before = (Person.objects.count(), Unit.objects.count())
    with pytest.raises(CommandError, match="never mixed"):
        simulate()
    assert (Person.objects.count(), Unit.objects.count()) == before


def test_a_million_has_the_size_of_a_province_and_names_of_its_own():
    size = size_of(1_000_000)
    assert (size.schools, size.counties, size.cities) == (20_000, 120, 12)
    places = [*names.places(12, "city"), *names.places(120, "county", skip=12)]
    assert len(set(places)) == 132
    some = list(names.numbers(40_000))
    assert len(set(some)) == 40_000
    assert {len(number) for number in some} == {18}
