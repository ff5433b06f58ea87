"""The log: every act is sealed once, in one chain, and any change to it is found without the server."""

import json
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from weineng.audit import chain
from weineng.audit.actions import anchor_head, seal_lines
from weineng.audit.effects import record, record_each
from weineng.audit.models import Line, PersonKey, Seal
from weineng.audit.queries import anchor_entries, export_entries, head, personal_values, reasons_of
from weineng.kernel.actors import Actor, platform
from weineng.kernel.refusals import Refused

LOOP = platform("sealer")
BAI = Actor(person=7, door="web")


def write_lines(count):
    return [record(by=BAI, verb="planning.return", facts={"n": n}, reason="太短") for n in range(count)]


@pytest.fixture
def anchors(settings, tmp_path):
    settings.ANCHORS = str(tmp_path / "out" / "anchors.jsonl")
    return Path(settings.ANCHORS)


@pytest.mark.django_db
def test_every_line_is_sealed_once_and_the_chain_is_whole():
    lines = write_lines(5)
    assert head().unsealed == 5
    assert seal_lines(by=LOOP) == 5
    assert seal_lines(by=LOOP) == 0
    late = write_lines(2)
    assert seal_lines(by=LOOP) == 2
    found = chain.check_lines(export_entries())
    assert (found.sealed, found.unsealed, found.faults) == (7, 0, [])
    assert list(Seal.objects.order_by("position").values_list("line", flat=True)) == [x.pk for x in lines + late]


@pytest.mark.django_db
def test_an_unsealed_line_is_named_as_such():
    write_lines(3)
    seal_lines(by=LOOP)
    write_lines(1)
    found = chain.check_lines(export_entries())
    assert (found.sealed, found.unsealed) == (3, 1)


@pytest.mark.django_db
@pytest.mark.parametrize("column", ["facts", "reason", "person", "verb", "personal_digest"])
def test_a_changed_line_is_found(column):
    write_lines(3)
    seal_lines(by=LOOP)
    second = Line.objects.order_by("pk")[1]
    value = {"facts": {"n": 9}, "person": 8}.get(column, "anders")
    Line.objects.filter(pk=second.pk).update(**{column: value})
    assert chain.check_lines(export_entries()).faults == ["position 2: the line or one before it was changed"]


@pytest.mark.django_db
def test_a_removed_line_and_a_rewritten_tail_are_found(anchors):
    write_lines(4)
    seal_lines(by=LOOP)
    anchor_head(by=LOOP)
    Seal.objects.all().delete()
    with connection.cursor() as cursor:  # somebody with the database's key rewrites the whole chain without line 2
        cursor.execute("delete from audit_line where id = (select min(id) + 1 from audit_line)")
        cursor.execute("insert into audit_unsealed select id from audit_line on conflict do nothing")
    seal_lines(by=LOOP)
    outside = [json.loads(text) for text in anchors.read_text().splitlines()]
    found = chain.check_lines(export_entries(), outside)
    assert found.faults == [f"anchor of {outside[0]['at']} at position 4 does not fit"]


@pytest.mark.slow
@pytest.mark.django_db
def test_the_checker_needs_only_python(anchors, tmp_path):
    write_lines(3)
    seal_lines(by=LOOP)
    anchor_head(by=LOOP)
    export = tmp_path / "export.jsonl"
    export.write_text("".join(json.dumps(entry, ensure_ascii=False) + "\n" for entry in export_entries()))
    command = [sys.executable, "-I", "-S", chain.__file__, str(export), str(anchors)]
    good = subprocess.run(command, capture_output=True, text=True)
    assert (good.returncode, good.stdout.split(",")[0]) == (0, "whole: 3 sealed")
    export.write_text(export.read_text().replace("太短", "太長", 1))
    bad = subprocess.run(command, capture_output=True, text=True)
    assert (bad.returncode, bad.stdout.splitlines()[0]) == (
        1,
        "BROKEN position 1: the line or one before it was changed",
    )
    for text in (
        "{not json", "[]", '{"position": null, "digest": "x", "line": {}}', '{"position": true, "digest": "x", "line": {}}',
        '{"position": 1, "digest": "x", "line": {}, "more": 1}', '{"digest": "x", "line": {}}', '{"unsealed": {}, "more": 1}',
        '{"unsealed": ' + "[" * 200_000 + "]" * 200_000 + "}",
    ):  # fmt: skip
        export.write_text(text)
        read = subprocess.run(command, capture_output=True, text=True)
        assert (read.returncode, read.stdout.startswith("cannot be read: "), read.stderr) == (2, True, ""), text[:60]


@pytest.mark.django_db
def test_what_is_missing_after_a_restored_log_is_counted(anchors):
    write_lines(4)
    seal_lines(by=LOOP)
    anchor_head(by=LOOP)
    outside = [json.loads(text) for text in anchors.read_text().splitlines()]
    restored = [entry for entry in export_entries() if entry.get("position", 0) in (1, 2)]
    found = chain.check_lines(restored, outside)
    assert found.faults == [
        f"anchor of {outside[0]['at']} at position 4: the log ends at 2, the 2 lines after it are missing"
    ]


@pytest.mark.django_db
def test_an_anchor_is_laid_once_for_one_head(anchors):
    write_lines(1)
    seal_lines(by=LOOP)
    first = anchor_head(by=LOOP)
    seal_lines(by=LOOP)  # the anchor's own line
    second = anchor_head(by=LOOP)
    assert (first.position, second.position) == (1, 2)
    assert [entry["position"] for entry in anchor_entries()] == [1, 2]
    assert len(anchors.read_text().splitlines()) == 2


@pytest.mark.django_db
def test_an_anchor_that_cannot_be_written_is_refused(settings, tmp_path):
    (tmp_path / "taken").write_text("a file, not a folder")
    settings.ANCHORS = str(tmp_path / "taken" / "anchors.jsonl")
    write_lines(1)
    seal_lines(by=LOOP)
    with pytest.raises(Refused) as refusal:
        anchor_head(by=LOOP)
    assert refusal.value.code == "anchor-unwritable"


def erase(person):
    assert PersonKey.objects.filter(person=person).update(key_cipher=None) == 1


@pytest.mark.django_db
def test_a_destroyed_key_hides_personal_values_and_the_chain_stays_whole():
    line = record(
        by=BAI,
        verb="organisations.change",
        subject=42,
        personal={"phone": "19900001234"},
    )
    seal_lines(by=LOOP)
    assert personal_values(line) == {"phone": "19900001234"}
    assert "19900001234" not in json.dumps(list(export_entries()))
    erase(42)
    assert personal_values(line) is None
    seal_lines(by=LOOP)
    assert chain.check_lines(export_entries()).faults == []
    with pytest.raises(Refused) as erased:
        record(by=BAI, verb="organisations.change", subject=42, personal={"phone": "1"})
    assert erased.value.code == "person-erased"


@pytest.mark.django_db
def test_a_reason_is_erased_with_the_person_it_is_about():
    about = [SimpleNamespace(pk=person, _meta=Line._meta) for person in (42, 43)]
    one = record(by=BAI, verb="organisations.merge_people", subject=42, reason="病假 42", personal={"phone": "1990000"})
    many = record_each(by=BAI, verb="organisations.export_roster", things=about, subject_field="pk", reason="核对名册")
    nobody = record(by=BAI, verb="organisations.close_unit", unit=3, reason="撤点")
    lines = [one, *many, nobody]
    assert reasons_of(lines) == {one.pk: "病假 42", many[0].pk: "核对名册", many[1].pk: "核对名册", nobody.pk: "撤点"}
    assert personal_values(one) == {"phone": "1990000", "reason": "病假 42"}
    seal_lines(by=LOOP)
    stored = json.dumps(list(export_entries()), ensure_ascii=False)
    assert [text in stored for text in ("病假 42", "核对名册", "1990000", "撤点")] == [False, False, False, True]
    with connection.cursor() as cursor:
        cursor.execute("select string_agg(line::text, '') from audit_line line")
        assert [text in cursor.fetchone()[0] for text in ("病假 42",)] == [False]
    erase(42)
    assert reasons_of(Line.objects.filter(pk__in=[x.pk for x in lines])) == {
        one.pk: "", many[0].pk: "", many[1].pk: "核对名册", nobody.pk: "撤点",
    }  # fmt: skip
    seal_lines(by=LOOP)
    assert chain.check_lines(export_entries()).faults == []


@pytest.mark.django_db
def test_what_is_done_about_somebody_erased_is_told_without_its_reason():
    line = record(by=BAI, verb="organisations.change", subject=42, personal={"phone": "1"})
    erase(42)
    [late] = record_each(
        by=BAI,
        verb="programmes.let_leave",
        things=[SimpleNamespace(pk=42, _meta=Line._meta)],
        subject_field="pk",
        reason="why",
    )
    last = record(by=BAI, verb="programmes.let_leave", subject=42, reason="why")
    assert reasons_of([line, late, last]) == {line.pk: "", late.pk: "", last.pk: ""}
    assert "why" not in json.dumps(list(export_entries()))


@pytest.mark.django_db
def test_as_many_queries_for_many_people_as_for_one(django_assert_num_queries):
    def write(people):
        things = [SimpleNamespace(pk=person, _meta=Line._meta) for person in people]
        return record_each(by=BAI, verb="accounts.open", things=things, subject_field="pk", reason="why")

    for people in (range(1), range(1, 40)):
        with CaptureQueriesContext(connection) as wrote:
            lines = write(people)
        with django_assert_num_queries(1):
            assert set(reasons_of(lines).values()) == {"why"}
        if people == range(1):
            few = len(wrote)
    assert len(wrote) == few


@pytest.mark.django_db
def test_only_the_platform_seals():
    with pytest.raises(Refused) as refusal:
        seal_lines(by=BAI)
    assert refusal.value.code == "platform-only"


@pytest.mark.django_db(transaction=True)
def test_a_line_of_a_rolled_back_act_is_never_sealed():
    try:
        with transaction.atomic():
            write_lines(1)
            raise ZeroDivisionError
    except ZeroDivisionError:
        pass
    write_lines(1)
    assert seal_lines(by=LOOP) == 1
