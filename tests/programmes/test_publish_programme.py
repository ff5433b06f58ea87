"""A document becomes a version; the same again is none; who may, and what is refused."""

from datetime import date

import pytest
from django.core.management import call_command

from tests.district import CODE, SOURCE, publish_p4
from weineng.audit.models import Line
from weineng.kernel.actors import platform
from weineng.programmes.actions import publish_programme
from weineng.programmes.documents import DocumentRefused, shipped_points
from weineng.programmes.models import Programme, Refinement, Version
from weineng.programmes.queries import PLANS, document_in_force, document_of, find_points, programme
from weineng.standards.models import Edition, Evidence, Indicator, Point

BASE = (PLANS / "province-base.yaml").read_text(encoding="utf-8")


def publish(world, **changes):
    return publish_programme(**({"by": world.office.actor, "source": SOURCE, "owner": world.district} | changes))


def test_the_first_version(world, standard):
    done = publish(world)
    row = programme(CODE)
    assert (done.unchanged, done.version.number, done.version.programme_id) == (False, 1, row.pk)
    assert (row.owner_id, row.title["en"], row.started_on) == (
        world.district,
        "District ICT capability enhancement project 2.0",
        None,
    )
    assert document_of(done.version.pk).cycle.cut_off == date(2027, 6, 30)
    assert document_in_force(row.pk) == document_of(done.version.pk)
    line = Line.objects.get(verb="programmes.publish")
    assert (line.thing, line.person, line.unit) == (done.version.pk, world.office.person, world.district)


def test_the_same_document_again_is_unchanged(world, standard):
    first = publish(world).version
    again = publish(world, source=SOURCE + "\n# a remark\n")
    assert (again.unchanged, again.version) == (True, first)
    assert (Version.objects.count(), Line.objects.filter(verb="programmes.publish").count()) == (1, 1)


def test_a_document_that_was_published_before_the_format_had_all_its_lines_is_the_same_again(world, standard):
    first = publish(world).version
    older = {
        name: value
        for name, value in first.document.items()
        if name not in ("gates", "points", "targets", "replaceable")
    }
    Version.objects.filter(pk=first.pk).update(document=older, digest="older")
    assert (publish(world).unchanged, Version.objects.count()) == (True, 1)
    changed = publish(world, source=SOURCE.replace("value: 95", "value: 90"))
    assert (changed.unchanged, changed.version.number) == (False, 2)


def test_a_changed_document_is_the_next_version_and_the_old_one_stays(world, standard):
    first = publish(world).version
    second = publish(world, source=SOURCE.replace("periods: 20", "periods: 20").replace("value: 95", "value: 90"))
    assert (second.unchanged, second.version.number) == (False, 2)
    assert [document_of(v.pk).completed_share for v in (first, second.version)] == [95, 90]


def test_what_comes_from_the_base_is_written_down(world, standard):
    version = publish(world).version
    refinement = Refinement.objects.get(version=version)
    assert (refinement.base, refinement.base_code) == (None, "province-base")
    assert {"period_minutes", "choice.points.minimum", "stages.panel.reviewers"} <= set(refinement.lines)


def test_a_published_base_is_used_before_the_one_that_comes_along(world, standard):
    base = publish_programme(by=platform("ops"), source=BASE.replace("value: 45", "value: 40")).version
    assert base.programme.owner_id is None
    version = publish(world).version
    assert document_of(version.pk).period_minutes == 40
    assert Refinement.objects.get(version=version).base == base


def test_the_points_that_may_be_chosen_are_those_of_the_loaded_standard(world, standard):
    assert find_points("ecnu-2019-unofficial") == shipped_points("ecnu-2019-unofficial")
    for table in (Indicator, Evidence, Point):
        table.objects.all().delete()
    edition = Edition.objects.get()
    Point.objects.create(
        edition=edition, code="Z1", environment="smart", dimension="teaching-design", title={}, place=1
    )
    assert find_points("ecnu-2019-unofficial") == {"Z1": {"environment": "smart", "dimension": "teaching-design"}}
    assert find_points("elsewhere") is None
    smart = SOURCE.replace("levels:", "choice: {from: {environment: [smart]}}\nlevels:", 1)
    with pytest.raises(DocumentRefused) as caught:
        publish(world, source=smart)
    assert [p.code for p in caught.value.problems] == ["opened-unreachable", "opened-unreachable", "points-unreachable"]


def test_only_the_root_may_publish_a_base(world, standard, refusal):
    assert refusal(publish_programme, by=world.office.actor, source=BASE) == "not-found"
    world.grant(world.office.person, "office", world.province)
    assert publish_programme(by=world.office.actor, source=BASE).version.number == 1


def test_only_the_owners_office_may_publish(world, standard, refusal):
    for who in (world.teacher, world.cio, world.principal, world.auditor, world.wu):
        assert refusal(publish, world=world, by=who.actor) == "not-found"
    assert refusal(publish, world=world, owner=world.sibling) == "not-found"
    assert Programme.objects.count() == 0


def test_another_office_cannot_take_a_programme_over(world, standard, refusal):
    publish(world)
    assert refusal(publish, world=world, by=world.wu.actor, owner=world.sibling) == "owner-differs"
    assert refusal(publish, world=world, by=world.wu.actor, owner=None) == "not-found"
    assert publish(world, owner=None).unchanged


def test_refusals(world, early, refusal):
    for model in (Indicator, Evidence, Point, Edition):
        model.objects.all().delete()
    assert refusal(publish, world=world) == "standard-unknown"


@pytest.mark.parametrize(("excellent", "code"), [(30, None), (31, "points-above-standard")])
def test_no_more_points_are_asked_for_than_the_standard_has(world, standard, refusal, excellent, code):
    source = SOURCE.replace("points_excellent: {value: 2", f"points_excellent: {{value: {excellent}")
    if code is None:
        assert publish(world, source=source).version.number == 1
    else:
        assert refusal(publish, world=world, source=source) == code
    publish_p4(world)
    assert refusal(publish, world=world, source=SOURCE.replace(f"programme: {CODE}", "programme: p6"), owner=None) == (
        "owner-missing"
    )


def test_problems_are_told_with_their_places(world, standard):
    with pytest.raises(DocumentRefused) as caught:
        publish(world, source=SOURCE.replace("per: day", "per: daily"), file="mine.yaml")
    assert [(p.code, p.path, p.place.file) for p in caught.value.problems] == [
        ("not-one-of", "caps.day-online.per", "mine.yaml")
    ]
    assert Version.objects.count() == 0


def test_the_command_checks_and_loads(world, standard, capsys, tmp_path):
    file = tmp_path / "plan.yaml"
    file.write_text(SOURCE, encoding="utf-8")
    call_command("programme", "check", str(file))
    call_command("programme", "load", str(file), "--owner", "519901")
    call_command("programme", "load", str(file))
    said = capsys.readouterr().out.strip().split("\n")
    assert [line for line in said if line.startswith(CODE)] == [
        f"{CODE}: right (7 demands, 34 assumed lines)",
        f"{CODE}: version 1",
        f"{CODE}: version 1, unchanged",
    ]
    file.write_text(SOURCE.replace("per: day", "per: daily"), encoding="utf-8")
    with pytest.raises(SystemExit) as caught:
        call_command("programme", "check", str(file))
    assert caught.value.code == 1
    assert f"{file}:" in capsys.readouterr().out
