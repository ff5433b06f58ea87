"""Points that a programme's document has of its own: opened, chosen, handed in, judged, counted and shown like the standard's."""

import shutil
from datetime import datetime

import pytest
from django.urls import reverse

from tests.assessment.panel import decide, hand_in
from tests.district import SOURCE
from tests.p4 import publish_p4
from tests.planning.plans import approve, enrol, refusal
from tests.progress.scene import SETTLE, standing
from tests.web.reading import text
from weineng.evidence.actions import draft_submission
from weineng.evidence.queries import checklist
from weineng.kernel.actors import platform
from weineng.kernel.clock import CIVIL
from weineng.planning.actions import choose_points
from weineng.programmes.actions import publish_programme
from weineng.programmes.models import Programme
from weineng.programmes.queries import document_of
from weineng.progress.actions import recount
from weineng.progress.queries import standing_of
from weineng.standards.actions import load_edition
from weineng.standards.models import Edition, Evidence, Indicator, Point
from weineng.standards.queries import editions
from weineng.standards.rules import EDITIONS

pytestmark = pytest.mark.slow

NOW = datetime(2026, 4, 1, 9, tzinfo=CIVIL)
STANDARD = "ecnu-2019-unofficial"
LOCAL = """
points:
  local:
    - code: L1
      title: {zh-hans: 双师课堂, zh-hant: 雙師課堂, en: Two teachers one class}
      environment: blended
      dimension: teaching-design
      evidence:
        - {code: plan, title: {zh-hans: 双师教案, zh-hant: 雙師教案, en: Plan for two},
           requirement: {zh-hans: 写明分工, zh-hant: 寫明分工, en: Who does what}, media: document, at_least: 1, indicators: [
             {code: split, level: pass, text: {zh-hans: 分工明确, zh-hant: 分工明確, en: Clear split}},
             {code: better, level: excellent, text: {zh-hans: 互相补充, zh-hant: 互相補充, en: Complement each other}}]}
"""


@pytest.fixture(autouse=True)
def _today(set_clock):
    set_clock(NOW)


@pytest.fixture
def p4(world):
    """P4 with a local point as its second version, under which everybody starts."""
    programme = publish_p4(world)
    done = publish(world, SOURCE + LOCAL)
    assert (done.unchanged, done.version.number) == (False, 2)
    return programme


def publish(world, source):
    """As before the start, when a document is published, not proposed."""
    Programme.objects.update(started_on=None)
    done = publish_programme(by=world.office.actor, source=source, owner=world.district)
    Programme.objects.update(started_on=NOW.date())
    return done


def start(p4, member):
    row = enrol(p4, member)
    row.version = p4.versions.get(number=2)
    row.save()
    return row


def test_an_edition_of_its_own_has_the_standard_s_points_and_the_local_ones(world, p4):
    edition = Edition.objects.get(code=document_of(p4.versions.get(number=2).pk).edition)
    base = Edition.objects.get(code=STANDARD)
    assert (edition.made_of, edition.code.startswith(f"{STANDARD}-"), list(editions())) == (base, True, [base])
    assert [p.code for p in edition.points.order_by("place")] == [
        *(p.code for p in base.points.order_by("place")),
        "L1",
    ]
    same = [("evidence", Evidence.objects.filter(edition__in=[edition, base])),
            ("lines", Indicator.objects.filter(evidence__edition__in=[edition, base]))]  # fmt: skip
    for name, rows in same:
        path = "edition" if name == "evidence" else "evidence__edition"
        extra = 1 if name == "evidence" else 2
        assert rows.filter(**{path: edition}).count() == rows.filter(**{path: base}).count() + extra
    assert document_of(p4.versions.get(number=1).pk).edition == STANDARD


def test_another_version_with_the_same_local_points_has_the_same_edition(world, p4):
    changed = (SOURCE + LOCAL).replace("value: 95", "value: 90")
    again = publish(world, changed).version
    other = publish(world, changed.replace("双师教案", "教案")).version
    two, three, four = (document_of(version).edition for version in (p4.versions.get(number=2).pk, again.pk, other.pk))
    assert (two == three, three == four, Edition.objects.count()) == (True, False, 3)


def test_what_is_corrected_in_the_standard_is_corrected_there_too(world, p4, tmp_path):
    folder = shutil.copytree(EDITIONS / STANDARD, tmp_path / STANDARD)
    points = folder / "points.csv"
    points.write_text(
        points.read_text(encoding="utf-8").replace("技术支持的学情分析", "技术支持的学情诊断"), encoding="utf-8"
    )
    load_edition(by=platform("settle"), folder=folder)
    titles = Point.objects.filter(code="A1").values_list("title__zh-hans", flat=True)
    assert list(titles) == ["技术支持的学情诊断"] * 2
    assert Point.objects.get(code="L1").title["en"] == "Two teachers one class"


def test_it_is_opened_chosen_handed_in_judged_and_counted(world, p4):
    opened = ("A1", "A2", "B1", "L1")
    approve(world, p4, world.nine_year, world.cio, points=opened)
    mine = start(p4, world.teacher)
    first = {"by": world.teacher.actor, "enrolment": mine.pk}
    assert refusal(choose_points, **first, points=["A1", "B1", "L2"]) == "point-not-opened"
    choose_points(**first, points=["A1", "B1", "L1"])
    draft = draft_submission(**first, item="point", point="L1")
    assert [check.asked.title["en"] for check in checklist(draft).checks] == ["Plan for two"]
    draft.delete()
    submission = hand_in(p4, world.teacher, "L1")
    decide(world, submission, "excellent", "excellent")
    submission.refresh_from_db()
    assert submission.level == "excellent"
    recount(by=SETTLE)
    assert standing(mine.pk, "points").detail["passed"] == ["L1"]
    assert standing(mine.pk, "evidence").have == 5 * 45
    (line,) = [line for kind in standing_of(world.teacher.actor, mine.pk).kinds for line in kind.lines]
    assert line.title == "L1 双师课堂"


def test_it_is_shown_with_its_words_wherever_points_are(world, p4, client, sign_in):
    approve(world, p4, world.nine_year, world.cio, points=("A1", "A2", "B1", "L1"))
    mine = start(p4, world.teacher)
    sign_in(client, world.teacher)
    assert "双师课堂" in text(client.get(reverse("plans:choose")))
    choose_points(by=world.teacher.actor, enrolment=mine.pk, points=["A1", "B1", "L1"])
    recount(by=SETTLE)
    for page in ("progress:home", "evidence:list"):
        assert "双师课堂" in text(client.get(reverse(page))), page
    assert "写明分工" not in text(client.get(reverse("public:standards"), follow=True))
    edition = document_of(mine.version_id).edition
    told = text(client.get(reverse("public:point", kwargs={"edition": edition, "point": "L1"})))
    assert [words in told for words in ("写明分工", "分工明确", "互相补充", "本项目方案")] == [True] * 4
