"""The programme's document: what is read out of the district's plan, every problem at its place, round trip, schema."""

import json
import re
from datetime import date
from pathlib import Path

import jsonschema
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.strategies import builds, composite

from weineng.assessment.models import StageRun
from weineng.certification.models import Certificate
from weineng.programmes import rules
from weineng.programmes.documents import (
    DocumentRefused,
    check_document,
    describe,
    document_schema,
    from_json,
    read_document,
    to_json,
)
from weineng.programmes.documents.problems import SAYS, Place
from weineng.programmes.documents.reading import DOCUMENT
from weineng.programmes.models import EnrolledSchool, Exemption, Programme
from weineng.programmes.rules import Document
from weineng.progress.models import Counted, Standing, Tally

PLANS = Path(rules.__file__).parent / "plans"
P4, BASE = ((PLANS / f"{code}.yaml").read_text(encoding="utf-8") for code in ("p4-district", "province-base"))


def bases(**texts):
    known = {"province-base": BASE} | {code.replace("_", "-"): text for code, text in texts.items()}
    return lambda code: (f"{code}.yaml", known[code]) if code in known else None


def read(text=P4, **texts):
    return read_document(text, bases(**texts), "p4.yaml")


def changed(old, new, text=P4):
    assert text.count(old) >= 1, old
    return text.replace(old, new, 1)


def problems(text, **texts):
    return check_document(text, bases(**texts), "p4.yaml").problems


# --- What the district's plan says ---------------------------------------------------------------------------------
def test_the_demands_of_the_district_in_minutes():
    assert {(d.code, d.type, d.minimum, d.kinds) for d in read().demands} == {
        ("online", "minutes", 900, ("online",)),
        ("evidence", "minutes", 675, ("evidence",)),
        ("research", "minutes", 450, ("research",)),
        ("recording", "minutes", 225, ("recording",)),
        ("practice", "minutes", 1350, ("evidence", "research", "recording")),
        ("total", "minutes", 2250, ("online", "evidence", "research", "recording")),
        ("points", "points", 3, ()),
    }


def test_what_the_district_takes_from_its_province():
    document = read()
    assert document.base == "province-base"
    assert (document.choice.opened_minimum, document.choice.points_minimum, document.choice.each_opened) == (2, 3, 1)
    assert document.choice.opened_minimum_for_flag == {"smart-education": 3}
    assert [(s.code, s.reviewers, s.decides) for s in document.stages] == [
        ("self", 1, False),
        ("peers", 2, False),
        ("panel", 2, True),
    ]
    assert {"returns", "choice.axis", "stages.panel.by"} <= set(document.inherited)
    assert not [path for path in document.inherited if path.startswith(("cycle", "demands", "title"))]


def test_caps_earnings_dates_and_levels():
    document = read()
    assert [(c.code, c.per, c.kinds, c.minutes) for c in document.caps] == [
        ("day-online", "day", ("online",), 360),
        ("evidence", "kind", ("evidence",), 675),
        ("recording", "kind", ("recording",), 225),
    ]
    assert [(e.item, e.minutes, e.earned_on, e.declared_minimum, e.least_minutes) for e in document.earnings] == [
        ("point", 225, "passed", 0, 0),
        ("recording", 225, "passed", 2, 15),
    ]
    assert (document.cycle.start, document.cycle.cut_off, document.cycle.late_until) == (
        date(2026, 1, 1),
        date(2027, 6, 30),
        date(2027, 8, 31),
    )
    assert (document.excellent_points, document.completed_share, document.period_minutes) == (2, 95, 45)
    assert document.due("choose") == date(2026, 5, 15)
    assert document.due("choose", "first-batch") == date(2026, 9, 15)
    assert document.due("choose", "second-batch") == date(2027, 3, 15)
    assert document.due("practice", "second-batch") is None


def test_every_assumed_line_says_why_in_three_languages_and_where_it_comes_from():
    assumed = {a.path: a for a in read().assumptions}
    assert {path for path, a in assumed.items() if a.from_base} == {
        "period_minutes", "choice.axis", "stages.self.days", "stages.peers.days", "stages.peers.reviewers", "stages.peers.fallback",
        "stages.panel.days", "stages.panel.reviewers", "stages.panel.decides", "returns",
    }  # fmt: skip
    assert {path for path, a in assumed.items() if not a.from_base} == {
        "cycle.start", "cycle.cut_off", "cycle.late_until", "scope.in_post", "scope.establishment",
        "tasks.choose.due", "tasks.online.due", "tasks.research.due", "tasks.points.due", "tasks.recording.due",
        *(f"tasks.{task}.due_for_batch" for task in ("choose", "online", "research", "points", "recording")),
        "caps.day-online.periods", "results.point.periods", "results.point.earned_on", "results.recording.earned_on",
        "results.recording.declared_minimum", "results.recording.least_minutes",
        "demands.online.periods", "levels.excellent.points_excellent",
        "school.completed_share",
    }  # fmt: skip
    assert all(set(a.because) == {"zh-hans", "zh-hant", "en"} for a in assumed.values())
    assert assumed["caps.day-online.periods"].value == "8"
    assert assumed["cycle.cut_off"].value == "2027-06-30"
    assert assumed["tasks.choose.due_for_batch"].value == "first-batch: 2026-09-15, second-batch: 2027-03-15"


def test_rows_of_a_base_are_merged_by_their_code():
    city = "{code: city, by: panel, reviewers: 1, decides: false, days: 5, title: {zh-hans: 市, zh-hant: 市, en: City}}"
    text = f"{P4}\nstages:\n  - {{code: panel, reviewers: 3}}\n  - {city}\n"
    assert [(s.code, s.reviewers, s.days) for s in read(text).stages] == [
        ("self", 1, 7),
        ("peers", 2, 14),
        ("panel", 3, 21),
        ("city", 1, 5),
    ]


OWN_STAGE = "{code: mine, by: self, reviewers: 1, decides: true, days: 1, title: {zh-hans: 自, zh-hant: 自, en: Own}}"


# --- Every problem at its place ------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("old", "new", "code", "path"),
    [
        ("title:\n  zh-hans", "§titel:\n  zh-hans", "unknown-field", "titel"),
        ("title:\n  zh-hans", "titel:\n  zh-hans", "missing-field", ""),
        ("    per: day", "    per: §daily", "not-one-of", "caps.day-online.per"),
        ("    per: day", "    per: §7", "wrong-type", "caps.day-online.per"),
        ("kinds: [evidence]\n    periods: 15", "kinds: §[evidense]\n    periods: 15", "unknown-kind", "caps.evidence.kinds"),
        ("    per: day", "    per: day\n    excess_to: §online", "excess-to-itself", "caps.day-online.excess_to"),
        ("    per: day", "    per: day\n    excess_to: §onlin", "unknown-kind", "caps.day-online.excess_to"),
        ("    per: day", "    per: day\n    excess_to: §evidence", "excess-to-derived", "caps.day-online.excess_to"),
        ("kinds: [research], periods: 10", "kinds: §[reserch], periods: 10", "unknown-kind", "demands.research.kinds"),
        ("kinds: [research], periods: 10", "kinds: [research], periods: §10.01", "fraction-of-minute", "demands.research.periods"),
        ("kinds: [research], periods: 10", "kinds: [research], periods: §10.001", "too-fine", "demands.research.periods"),
        ("kinds: [research], periods: 10", "kinds: [research], periods: §ten", "wrong-type", "demands.research.periods"),
        ("kinds: [research], periods: 10", "kinds: [research]", "missing-field", "demands.research"),
        ("kinds: [evidence], periods: 15", "kinds: [evidence], periods: §16", "impossible-demand", "demands.evidence.periods"),
        ("kinds: [recording], periods: 5", "kinds: [recording], periods: §5.4", "impossible-demand", "demands.recording.periods"),
        ("  cut_off:\n    value: 2027-06-30", "  cut_off:\n    value: §2025-06-30", "dates-out-of-order", "cycle.cut_off"),
        ("  cut_off:\n    value: 2027-06-30", "  cut_off:\n    value: §2027-06-31", "wrong-type", "cycle.cut_off"),
        ("from: 2026-04-01, to: 2026-08-31", "from: 2026-04-01, to: §2026-03-31", "dates-out-of-order", "phases.pilot.to"),
        ("second-batch: 2027-03-15}", "third-batch: §2027-03-15}", "unknown-code", "tasks.choose.due_for_batch.third-batch"),
        ("second-batch: 2027-03-15}", "summary: §2027-06-15}", "unknown-code", "tasks.choose.due_for_batch.summary"),
        ("{first-batch: 2026-09-15,", "{first-batch: §2026-08-31,", "due-outside-phase", "tasks.choose.due_for_batch.first-batch"),
        ("{first-batch: 2026-09-15,", "{first-batch: §2027-01-01,", "due-outside-phase", "tasks.choose.due_for_batch.first-batch"),
        ("from: 2026-01-01, to: 2026-04-30", "from: §2025-01-01, to: 2025-12-31", "phase-outside-cycle", "phases.prepare.from"),
        ("from: 2027-06-01, to: 2027-12-31", "from: §2027-09-01, to: 2027-12-31", "phase-outside-cycle", "phases.summary.from"),
        ("  - code: choose\n", "  - code: §chose\n", "unknown-code", "tasks.chose.code"),
        ("  - code: recording\n    per: kind", "  - §code: evidence\n    per: kind", "duplicate-code", "caps.evidence"),
        ("item: point, title", "item: point, match: §{mode: [online]}, title", "derived-with-match", "kinds.evidence.match"),
        ("item: point, title", "title", "derived-without-item", "kinds.evidence"),
        ("match: {mode: [school-research]}, ", "", "records-without-match", "kinds.research"),
        ("match: {mode: [online]}, ", "match: {mode: [online]}, item: §point, ", "records-with-item", "kinds.online.item"),
        ("kinds:  #", "kinds:\n  - §{code: extra, from: results, item: point, title: {zh-hans: 外, zh-hant: 外, en: E}}  #",
         "earned-never", "kinds.extra"),
        ("[school-research]", "[online]", "match-hidden", "kinds.research.match.mode"),
        ("  - item: point\n    kind: evidence", "  - item: point\n    kind: §online", "earning-of-records", "results.point.kind"),
        ("  - item: point\n    kind: evidence", "  - item: point\n    kind: §recording", "earning-of-other-item", "results.point.kind"),
        ("minimum: 3, each_opened: 1", "minimum: §4, each_opened: 1", "demand-above-choice", "demands.points.minimum"),
        ("minimum: 3, each_opened: 1", "periods: §3, minimum: 3", "field-not-for-type", "demands.points.periods"),
        ("en: Pilot schools}", "}", "language-missing", "phases.pilot.title"),
        ("periods: 5\n    declared", "periods: §-5\n    declared", "number-out-of-range", "results.recording.periods"),
        ("extends: province-base", "extends: §provins-base", "base-not-found", "extends"),
        ("extends: province-base", "extends: §p4-district", "extends-circle", "extends"),
        ("programme: p4-district", "programme: §&a p4-district", "alias", ""),
        ("programme: p4-district", "programme: p4-district\n§programme: x", "duplicate-key", "programme"),
        ("programme: p4-district", "programme: [", "yaml-syntax", ""),
        ("levels:", "choice: {points: {minimum: §2}}\nlevels:", "undercuts-base", "choice.points.minimum"),
        ("levels:", "stages:\n  §- {code: panel, decides: false}\nlevels:", "nobody-decides", "stages"),
        ("levels:", "choice: {opened: {minimum: 4}}\nlevels:", "choice-below-opened", "choice.points.minimum"),
        ("levels:", "time_zone: §Asia/Beijing\nlevels:", "undercuts-base", "time_zone"),
        ("programme: p4-district", "programme: §P4 区/x", "code-wrong", "programme"),
        ("programme: p4-district", f"programme: §p{'4' * 40}", "code-wrong", "programme"),
        ("{code: summary, from", f"{{code: §s{'y' * 24}, from", "code-wrong", f"phases.s{'y' * 24}.code"),
        ("code: practice, type", "code: §2practice, type", "code-wrong", "demands.2practice.code"),
        ("kinds: [research], periods: 10", "kinds: [research], periods: §0", "demand-of-nothing", "demands.research.periods"),
        ("minimum: 3, each_opened: 1", "minimum: 3, each_opened: §2", "each-above-choice", "demands.points.each_opened"),
        ("    value: 2026-01-01\n    assumed", "    value: 2026-01-01\n    §asumed", "unknown-field", "asumed"),
        ("levels:", "choice: {opened: {minimum_for_flag: {smart-education: §2}}}\nlevels:", "undercuts-base",
         "choice.opened.minimum_for_flag.smart-education"),
        ("levels:", "choice:\n  opened:\n    §minimum_for_flag:\nlevels:", "removes-from-base", "choice.opened.minimum_for_flag"),
        ("levels:", "stages: §[]\nlevels:", "removes-from-base", "stages"),
        ("levels:", "stages:\n- {code: panel, third_on_difference: §false}\nlevels:", "undercuts-base",
         "stages.panel.third_on_difference"),
        ("levels:", f"stages:\n- {OWN_STAGE.replace('decides: ', 'decides: §')}\nlevels:", "added-overrules-base",
         "stages.mine.decides"),
        ("when: [pass, excellent]", "when: §[]", "empty", "certificates.programme.when"),
        ("when: [pass, excellent]", "when: [pass, §pass]", "duplicate-code", "certificates.programme.when"),
    ],
)  # fmt: skip
def test_a_problem_is_named_at_its_place(old, new, code, path):  # § marks the place
    marked = changed(old, new)
    text = marked.replace("§", "")
    found = [p for p in problems(text) if (p.code, p.path) == (code, path)]
    assert len(found) == 1, [str(p) for p in problems(text)]
    if "§" in new:
        lines = marked.partition("§")[0].split("\n")
        assert found[0].place == Place("p4.yaml", len(lines), len(lines[-1]) + 1)
    assert "%" not in found[0].message


@pytest.mark.parametrize("zone", ["Asia/Beijing", "UTC+8", "asia/shanghai", "../etc/localtime"])
def test_a_time_zone_is_one_of_the_worlds(zone):
    """Also one that stands in the base: it is named where it is written."""
    old = "time_zone: Asia/Shanghai"
    (found,) = problems(P4, province_base=changed(old, f"time_zone: {zone}", BASE))
    assert (found.code, found.path, found.params) == ("time-zone-unknown", "time_zone", {"value": zone})
    assert (found.place.file, found.place.line) == ("province-base.yaml", BASE[: BASE.index(old)].count("\n") + 1)
    assert not problems(P4, province_base=changed(old, "time_zone: Asia/Urumqi", BASE))


@pytest.mark.parametrize(
    ("old", "new", "near"),
    [
        ("title:\n  zh-hans", "titel:\n  zh-hans", "title"),
        ("    per: day", "    per: dayy", "day"),
        ("kinds: [research], periods: 10", "kinds: [reserch], periods: 10", "research"),
        ("  - code: choose\n", "  - code: chose\n", "choose"),
    ],
)
def test_the_likely_word_is_offered(old, new, near):
    assert near in [p.params.get("near") for p in problems(changed(old, new))]


def test_all_problems_come_at_once_in_the_order_of_the_file():
    text = changed("    per: day", "    per: daily", changed("title:\n  zh-hans", "titel:\n  zh-hans"))
    with pytest.raises(DocumentRefused) as caught:
        read(text)
    assert caught.value.code == "document-wrong"
    assert [p.code for p in caught.value.problems] == ["missing-field", "unknown-field", "not-one-of"]
    assert [p.as_data()["line"] for p in caught.value.problems] == sorted(p.place.line for p in caught.value.problems)


def test_a_base_cannot_be_run():
    with pytest.raises(DocumentRefused) as caught:
        read_document(BASE, bases(), "base.yaml")
    assert [(p.code, p.path) for p in caught.value.problems] == [("abstract-programme", "abstract")]
    reading = check_document(BASE, bases())
    assert (reading.abstract, reading.document, reading.problems) == (True, None, ())


def test_a_programme_cannot_be_extended():
    other = changed("extends: province-base", "extends: p4-district", changed("p4-district", "mine"))
    assert [p.code for p in problems(other, p4_district=P4)] == ["base-not-abstract"]


def test_a_circle_through_a_base_is_found():
    one = "programme: one\nabstract: true\nextends: two\n"
    two = "programme: two\nabstract: true\nextends: one\n"
    found = problems(changed("extends: province-base", "extends: one"), one=one, two=two)
    assert [(p.code, p.params["circle"]) for p in found] == [("extends-circle", "p4-district → one → two → one")]


def test_a_mistake_in_the_base_is_told_where_it_is_extended():
    found = problems(P4, province_base=changed("abstract: true", "abstract: [", BASE))
    assert [(p.code, p.path) for p in found] == [("base-wrong", "extends")]


def test_an_assumed_value_of_the_base_may_be_replaced_and_is_then_no_assumption():
    document = read(P4 + "\nreturns: 5\n")
    assert document.returns == 5
    assert "returns" not in {a.path for a in document.assumptions}


@pytest.mark.parametrize(
    ("own", "right"),
    [("minimum: 3", True), ("minimum: 4", True), ("minimum: 2", False)],
)
def test_a_refinement_only_tightens(own, right):
    found = problems(changed("levels:", f"choice: {{points: {{{own}}}}}\nlevels:"))
    assert ("undercuts-base" in {p.code for p in found}) is not right


MIDDLE = P4.replace("programme: p4-district", "programme: middle\nabstract: true", 1)
BELOW = "programme: below\nextends: middle\ntitle: {zh-hans: 下, zh-hant: 下, en: Below}\n"


@pytest.mark.parametrize(
    ("own", "found"),
    [
        ("", []),
        ("caps: []", [("removes-from-base", "caps")]),
        ("caps:", [("removes-from-base", "caps")]),
        ("certificates:", [("removes-from-base", "certificates")]),
        ("results: []", [("removes-from-base", "results")]),
        ("demands:\n- {code: points, each_opened: }", [("undercuts-base", "demands.points.each_opened")]),
        (
            "scope: {licence_required_for_kinds: [office, primary]}",
            [("undercuts-base", "scope.licence_required_for_kinds")],
        ),
        ("scope: {licence_required_for_kinds: }", []),  # more people take part
        ("results:\n- {item: recording, declared_minimum: }", []),  # only assumed above
    ],
)
def test_what_a_base_says_cannot_be_emptied(own, found):
    assert [(p.code, p.path) for p in problems(f"{BELOW}{own}\n", middle=MIDDLE)] == found


def test_an_assumption_in_between_does_not_loosen_what_stands_above_it():
    why = "assumed: {zh-hans: 因, zh-hant: 因, en: why}"
    middle = changed("levels:", f"choice: {{points: {{minimum: {{value: 4, {why}}}}}}}\nlevels:", MIDDLE)
    demand = "demands:\n- {code: points, minimum: 3}\n"
    assert problems(f"{BELOW}{demand}choice: {{points: {{minimum: 3}}}}\n", middle=middle) == ()
    found = problems(f"{BELOW}choice: {{points: {{minimum: 2}}}}\n", middle=middle)
    assert ("undercuts-base", "choice.points.minimum", "3") in [(p.code, p.path, p.params.get("base")) for p in found]


def test_codes_fit_the_columns_in_which_they_are_kept():
    demands = f"s{'y' * 23}"
    assert [d.code for d in read(P4.replace("code: practice", f"code: {demands}")).demands if len(d.code) > 20] == [
        demands
    ]
    longest = {
        Programme: ("code", 40), EnrolledSchool: ("batch", 24), Exemption: ("demand", 24), Standing: ("demand", 24),
        Tally: ("demand", 24), Counted: ("kind", 24), StageRun: ("stage", 24), Certificate: ("rule", 24),
    }  # fmt: skip
    short = {m.__name__ for m, (name, least) in longest.items() if m._meta.get_field(name).max_length < least}
    assert short == set()


@pytest.mark.parametrize("text", ["", "- 1\n", "x", "null", "programme: \t", "a: {value: 1, assumed: 2}", "\x00"])
def test_what_is_no_document_is_refused_not_crashed_on(text):
    assert problems(text)


@pytest.mark.slow
@settings(max_examples=150, deadline=None)
@given(st.data())
def test_damaged_text_never_crashes(data):
    start = data.draw(st.integers(0, len(P4) - 1))
    end = min(len(P4), start + data.draw(st.integers(0, 40)))
    insert = data.draw(st.text(alphabet="abc:{}[]-&*!| \n#0.,\"'", max_size=6))
    reading = check_document(P4[:start] + insert + P4[end:], bases())
    assert (reading.document is None) == bool(reading.problems) or reading.abstract
    assert all(str(p) for p in reading.problems)


def test_every_code_of_a_problem_is_raised_somewhere():
    source = "".join(place.read_text(encoding="utf-8") for place in (PLANS.parent / "documents").glob("*.py"))
    raised = source.replace((PLANS.parent / "documents/problems.py").read_text(encoding="utf-8"), "")
    raised += (PLANS.parent / "documents/problems.py").read_text(encoding="utf-8").split("class DocumentRefused")[1]
    assert {c for c in SAYS if not c.endswith("-near") and f'"{c}"' not in raised} == set()


# --- JSON, schema, sentences ---------------------------------------------------------------------------------------
def test_the_district_plan_survives_json():
    plain = json.loads(json.dumps(to_json(read())))
    assert from_json(plain) == read()


WORDS = st.fixed_dictionaries({code: st.text(min_size=1, max_size=8) for code in ("zh-hans", "zh-hant", "en")})
CODES = st.text("abcdef-", min_size=1, max_size=6)
KINDS = st.lists(CODES, max_size=3).map(tuple)


@composite
def documents(draw):
    def some(shape, **known):
        return draw(st.lists(builds(shape, **known), max_size=3).map(tuple))

    return Document(
        programme=draw(CODES), title=draw(WORDS), standard=draw(CODES), time_zone="Asia/Shanghai",
        period_minutes=draw(st.integers(1, 90)), cycle=draw(builds(rules.Cycle)), scope=draw(builds(rules.Scope, kinds=KINDS)),
        phases=some(rules.Phase, title=WORDS), tasks=draw(st.dictionaries(CODES, st.dates(), max_size=3)),
        kinds=some(rules.Kind, title=WORDS, modes=KINDS), caps=some(rules.Cap, kinds=KINDS), earnings=some(rules.Earning),
        demands=some(rules.Demand, title=WORDS, kinds=KINDS), choice=draw(builds(rules.ChoiceRule)),
        stages=some(rules.Stage, title=WORDS, fallback=KINDS), returns=draw(st.integers(0, 9)),
        excellent_points=draw(st.integers(0, 9)), certificates=some(rules.CertificateRule, title=WORDS, when=KINDS),
        completed_share=draw(st.integers(0, 100)),
        assumptions=some(rules.Assumption, because=WORDS, value=st.one_of(st.integers(), CODES)),
        batch_tasks=draw(st.dictionaries(CODES, st.dictionaries(CODES, st.dates(), max_size=2), max_size=2)),
    )  # fmt: skip


@pytest.mark.slow
@settings(max_examples=60, deadline=None)
@given(documents())
def test_any_document_survives_json(document):
    assert from_json(json.loads(json.dumps(to_json(document)))) == document


def test_a_document_stored_before_a_field_existed_can_still_be_read():
    plain = to_json(read())
    del plain["batch_tasks"], plain["base"], plain["inherited"]
    assert from_json(plain).batch_tasks == {}


def test_the_published_schema_is_the_format():
    published = (PLANS.parent / "data" / "programme.schema.json").read_text(encoding="utf-8")
    assert json.loads(published) == document_schema()  # write it anew: weineng programme schema > …


def as_json(text):
    return json.loads(json.dumps(yaml.load(text, yaml.CSafeLoader), default=lambda day: day.isoformat()))


@pytest.mark.parametrize("text", [P4, BASE], ids=["p4", "base"])
def test_the_shipped_plans_fit_the_schema(text):
    jsonschema.Draft202012Validator.check_schema(document_schema())
    jsonschema.Draft202012Validator(document_schema()).validate(as_json(text))


@pytest.mark.parametrize(
    ("old", "new"),
    [("extends: province-base\n", ""), ("    per: day", "    per: daily"), ("title:\n  zh-hans", "titel:\n  zh-hans")],
)
def test_the_schema_refuses_what_the_reader_refuses(old, new):
    validator = jsonschema.Draft202012Validator(document_schema())
    assert not validator.is_valid(as_json(changed(old, new)))
    assert problems(changed(old, new))


@pytest.mark.parametrize("language", ["zh-hans", "zh-hant", "en"])
def test_every_rule_is_said_in_a_sentence(language):
    document = read()
    said = describe(document, language)
    assert not [s.text for s in said if re.search(r"%\(|\{|None", s.text)]
    paths = {s.path for s in said}
    for table, rows in (("demands", document.demands), ("caps", document.caps), ("stages", document.stages)):
        assert {f"{table}.{row.code}" for row in rows} <= paths
    online = next(s for s in said if s.path == "demands.online")
    assert "20" in online.text
    assert [a.path for a in online.assumed] == ["demands.online.periods"]
    assert next(s for s in said if s.path == "choice.points").inherited
    told = {a.path for s in said for a in s.assumed}
    assert {a.path for a in document.assumptions} - told == set()


def test_the_format_says_what_each_field_is():
    def fields(record, path=""):
        for name, field in record.fields.items():
            yield f"{path}{name}", field
            inner = getattr(field.shape, "of", field.shape)
            if hasattr(inner, "fields"):
                yield from fields(inner, f"{path}{name}.")

    assert [path for path, field in fields(DOCUMENT) if not field.says.strip()] == []


# --- The page that defines the format --------------------------------------------------------------------------------
PAGE = (Path(__file__).resolve().parents[2] / "docs" / "rules.md").read_text(encoding="utf-8")
SIGNS = {"≥": "up", "≤": "down", "⊆": "subset", "⊇": "superset", "=": "fixed", "free": "", "own": ""}


def test_the_example_of_the_page_is_a_right_document():
    example = re.search(r"```yaml\n(.*?)```", PAGE, re.DOTALL)[1]
    document = read_document(example, lambda code: None)
    assert (document.programme, document.assumptions, len(document.demands)) == ("small-plan", (), 3)


def lines_of_format(record=DOCUMENT, path=""):
    for name, field in record.fields.items():
        inner = getattr(field.shape, "of", field.shape)
        if hasattr(inner, "fields") and inner.fields and name != "match":
            yield from lines_of_format(inner, f"{path}{name}.")
        else:
            tightens = inner.fields["mode"].tightens if name == "match" else field.tightens
            yield f"{path}{name}", tightens or getattr(field.shape, "tightens", "")


def test_the_page_names_every_line_and_how_it_may_be_refined():
    rows = re.findall(r"^\| (`[^|]+) \| .* \| (\S+) \|$", PAGE, re.MULTILINE)
    told = {line: SIGNS[sign] for names, sign in rows for line in re.findall(r"`([\w.]+)`", names)}
    keys = {line for line, _ in lines_of_format() if line.endswith(".code")} | {"results.item"}
    assert told == {line: tightens for line, tightens in lines_of_format() if line not in keys}


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("{first-batch: 2026-09-15,", "{first-batch: 2026-09-01,"),
        ("{first-batch: 2026-09-15,", "{first-batch: 2026-12-31,"),
        ("from: 2026-01-01, to: 2026-04-30", "from: 2025-01-01, to: 2026-01-01"),
        ("from: 2027-06-01, to: 2027-12-31", "from: 2027-08-31, to: 2027-12-31"),
    ],
)
def test_the_last_day_that_still_fits_is_accepted(old, new):
    assert P4.count(old) == 1
    assert read(P4.replace(old, new)).programme == "p4-district"
