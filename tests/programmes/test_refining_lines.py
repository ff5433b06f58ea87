"""What a refinement may make of each line: tighter is taken, looser and what cannot be compared is refused."""

import pytest

from tests.programmes.test_every_line import RICH
from weineng.programmes.documents import check_document, from_json, read_document, to_json
from weineng.programmes.documents.problems import Place

BASE = RICH.replace("programme: rich", "programme: rich-base\nabstract: true", 1)
HEAD = "programme: below\nextends: rich-base\ntitle: {zh-hans: 下, zh-hant: 下, en: Below}\n"
T = "title: {zh-hans: 新, zh-hant: 新, en: New}"


def bases(**texts):
    known = {code.replace("_", "-"): text for code, text in ({"rich_base": BASE} | texts).items()}
    return lambda code: (f"{code}.yaml", known[code]) if code in known else None


def problems(own, base=BASE, head=HEAD, **texts):
    return check_document(f"{head}{own}\n", bases(rich_base=base, **texts), "below.yaml").problems


def demand(code, own):
    return f"demands:\n  - {{code: {code}, {own}}}"


def choice(own):
    return f"choice: {{{own}}}"


def gate(own):
    return f"gates:\n  - {{code: ready, {own}}}"


def local(own):
    return f"points:\n  local:\n    - {{code: L1, {own}}}"


def stage(code, own):
    return f"stages:\n  - {{code: {code}, {own}}}"


def part(own):
    return demand("points", f"parts: [{{code: tools, {own}}}]")


MORE = choice("points: {minimum: 4, credits: 40}")  # so that a demand may ask for one more


@pytest.mark.parametrize(
    "own",
    [
        "",
        gate("periods: 25.2"), gate("opens: [lesson]"), gate("before: refuse"),
        f"gates:\n  - {{code: more, kinds: [online], periods: 5, opens: [lesson], before: keep, {T}}}",
        demand("total", "periods: 51"), demand("total", "periods_for_flag: {poor: 53}"),
        demand("total", "periods_for_flag: {rural: 51}"), demand("total", "kinds: [online, lesson]"),
        demand("half", "share: 51"), demand("half", "kinds: [lesson]"), demand("half", "of: total, base: required"),
        f"{demand('points', 'minimum: 4')}\n{MORE}", demand("points", "level: excellent"), part("minimum: 3"),
        part("values: [blended]"), demand("points", "parts: [{code: more, axis: dimension, values: [teaching-design], minimum: 1}]"),
        f"{demand('credits', 'minimum: 40')}\n{MORE}", demand("tasks", "minimum: 2"), demand("said", "minimum: 3"),
        f"demands:\n  - {{code: seen, type: items, item: self-diagnosis, {T}}}",
        choice("from: {environment: [multimedia, smart]}"), choice("points: {credits: 31}"), choice("declare: true"),
        choice("opened: {minimum_for_flag: {rural: 3}}"), "exclusive_with: [other, more]", "levels: {profile: false}",
        stage("panel", "reviewers: 4, insiders: 2, outsiders: 2"), stage("sample", "share: 6, least: 4, tolerance: 9"),
        stage("sample", "strata: [stage, county, subject]"),
        f"stages:\n  - {{code: more, by: experts, level: city, reviewers: 1, does: samples, share: 1, days: 9, {T}}}",
        f"stages:\n  - {{code: more, by: experts, level: city, reviewers: 1, does: accepts, days: 9, {T}}}",
        "school: {completed_share: 96}", "county: {completed: {schools: 91}, started: {approved_plans: 2}}",
        "targets:\n  - {code: poor, share: 31, to: 2026-12-30}", "quotas:\n  - {code: cases, least: 0}",
        "levels: {excellent: {points_excellent: 3}}", local("evidence: [{code: plan, at_least: 3, longest_minutes: 4}]"),
        ("points:\n  local:\n    - {code: L2, environment: smart, dimension: teaching-design, evidence: [{code: plan, media: file, "
        f"requirement: {{zh-hans: 交, zh-hant: 交, en: Hand in}}, indicators: [{{code: all, level: pass, text: "
        f"{{zh-hans: 全, zh-hant: 全, en: All}}}}], {T}}}], {T}}}"),
    ],
)  # fmt: skip
def test_what_is_tighter_is_taken(own):
    assert [str(p) for p in problems(own)] == []


@pytest.mark.parametrize(
    ("own", "code", "path"),
    [
        (gate("periods: §24.8"), "undercuts-base", "gates.ready.periods"),
        (gate("kinds: §[online, film]"), "undercuts-base", "gates.ready.kinds"),
        (gate("opens: §[]"), "undercuts-base", "gates.ready.opens"),
        (gate("before: §keep"), "undercuts-base", "gates.ready.before"),
        ("gates: §[]", "removes-from-base", "gates"),
        (demand("total", "periods: §49.8"), "undercuts-base", "demands.total.periods"),
        (demand("total", "periods_for_flag: {poor: §51}"), "undercuts-base", "demands.total.periods_for_flag.poor"),
        (demand("total", "§periods_for_flag: "), "removes-from-base", "demands.total.periods_for_flag"),
        (demand("total", "type: §share"), "undercuts-base", "demands.total.type"),
        (demand("total", "§periods: "), "undercuts-base", "demands.total.periods"),
        (demand("half", "share: §49"), "undercuts-base", "demands.half.share"),
        (demand("half", "kinds: §[lesson, online]"), "undercuts-base", "demands.half.kinds"),
        (demand("half", "of: §other"), "undercuts-base", "demands.half.of"),
        (demand("half", "base: §counted"), "undercuts-base", "demands.half.base"),
        (demand("points", "minimum: §2"), "undercuts-base", "demands.points.minimum"),
        (demand("points", "minimum_for_flag: {poor: §3}"), "undercuts-base", "demands.points.minimum_for_flag.poor"),
        (demand("points", "of: §choice"), "undercuts-base", "demands.points.of"),
        (part("minimum: §1"), "undercuts-base", "demands.points.parts.tools.minimum"),
        (part("values: §[blended, smart]"), "undercuts-base", "demands.points.parts.tools.values"),
        (part("axis: §dimension"), "undercuts-base", "demands.points.parts.tools.axis"),
        (demand("credits", "minimum: §29.99"), "undercuts-base", "demands.credits.minimum"),
        (demand("tasks", "item: §self-diagnosis"), "undercuts-base", "demands.tasks.item"),
        (demand("said", "minimum: §1"), "undercuts-base", "demands.said.minimum"),
        ("points: {credits: §11}", "undercuts-base", "points.credits"),
        ("points: {credits: §9}", "undercuts-base", "points.credits"),
        ("points: {credits_for: {A1: §8}}", "undercuts-base", "points.credits_for.A1"),
        ("points: {credits_for: {A2: §20}}", "adds-to-base", "points.credits_for.A2"),
        (local("environment: §blended"), "undercuts-base", "points.local.L1.environment"),
        (local("dimension: §teaching-design"), "undercuts-base", "points.local.L1.dimension"),
        (local("evidence: [{code: plan, at_least: §1}]"), "undercuts-base", "points.local.L1.evidence.plan.at_least"),
        (local("evidence: [{code: plan, longest_minutes: §6}]"), "undercuts-base", "points.local.L1.evidence.plan.longest_minutes"),
        (local("evidence: [{code: plan, media: §file}]"), "undercuts-base", "points.local.L1.evidence.plan.media"),
        (local("evidence: [{code: plan, indicators: [{code: whole, level: §excellent}]}]"), "undercuts-base",
         "points.local.L1.evidence.plan.indicators.whole.level"),
        (choice("axis: §environment"), "undercuts-base", "choice.axis"),
        (choice("from: {dimension: §[]}"), "empty", "choice.from.dimension"),
        (choice("from: {§dimension: }"), "undercuts-base", "choice.from.dimension"),
        (choice("§from: "), "removes-from-base", "choice.from"),
        (choice("§opened: "), "removes-from-base", "choice.opened"),
        (choice("points: {credits: §29.5}"), "undercuts-base", "choice.points.credits"),
        (choice("points: {§each_opened: }"), "undercuts-base", "choice.points.each_opened"),
        (choice("declare: §false"), "undercuts-base", "choice.declare"),
        (f"handbook:\n  - §{{code: third, {T}}}", "adds-to-base", "handbook.third"),
        (stage("panel", "outsiders: §0"), "undercuts-base", "stages.panel.outsiders"),
        (stage("panel", "insiders: §0"), "undercuts-base", "stages.panel.insiders"),
        (stage("panel", "blind: §false"), "undercuts-base", "stages.panel.blind"),
        (stage("panel", "§delegated_to: "), "undercuts-base", "stages.panel.delegated_to"),
        (stage("backbone", "by: §panel"), "undercuts-base", "stages.backbone.by"),
        (stage("backbone", "does: §samples, share: 5"), "undercuts-base", "stages.backbone.does"),
        (stage("accept", "level: §county"), "undercuts-base", "stages.accept.level"),
        (stage("sample", "share: §4"), "undercuts-base", "stages.sample.share"),
        (stage("sample", "least: §2"), "undercuts-base", "stages.sample.least"),
        (stage("sample", "strata: §[county]"), "undercuts-base", "stages.sample.strata"),
        (stage("sample", "tolerance: §11"), "undercuts-base", "stages.sample.tolerance"),
        (f"stages:\n  - {{code: more, by: panel, reviewers: 9, does: §decides, days: 9, {T}}}", "added-overrules-base", "stages.more.does"),
        ("assessment_mode: {approved_by: §city}", "undercuts-base", "assessment_mode.approved_by"),
        ("school: {completed: {accepted: §false}}", "undercuts-base", "school.completed.accepted"),
        ("school: {started: {plan_approved: §false}}", "undercuts-base", "school.started.plan_approved"),
        ("county: {started: {in_begun_batch: §false}}", "undercuts-base", "county.started.in_begun_batch"),
        ("county: {completed: {schools: §89}}", "undercuts-base", "county.completed.schools"),
        ("targets:\n  - {code: pilots, number: §213}", "undercuts-base", "targets.pilots.number"),
        ("targets:\n  - {code: pilots, per: §cumulative}", "undercuts-base", "targets.pilots.per"),
        ("targets:\n  - {code: poor, scope: {flag: §rural}}", "undercuts-base", "targets.poor.scope.flag"),
        ("quotas:\n  - {code: cases, share: §2}", "undercuts-base", "quotas.cases.share"),
        ("track_of: §elsewhere", "undercuts-base", "track_of"),
        ("exclusive_with: §[more]", "undercuts-base", "exclusive_with"),
        ("exclusive_with: §[]", "undercuts-base", "exclusive_with"),
        ("levels: {excellent: {points_excellent: §1}}", "undercuts-base", "levels.excellent.points_excellent"),
    ],
)  # fmt: skip
def test_what_is_looser_or_not_comparable_is_refused_at_its_place(own, code, path):
    marked = f"{HEAD}{own}\n"
    found = [p for p in problems(own.replace("§", "")) if (p.code, p.path) == (code, path)]
    assert len(found) == 1, [str(p) for p in problems(own.replace("§", ""))]
    lines = marked.partition("§")[0].split("\n")
    assert found[0].place == Place("below.yaml", len(lines), len(lines[-1]) + 1)
    assert "%" not in found[0].message


@pytest.mark.parametrize(
    ("gone", "own", "path"),
    [
        (", base: required", demand("half", "base: counted"), "demands.half.base"),
        (", level: pass, of: declared", demand("points", "of: declared"), "demands.points.of"),
        (", excess_to: lesson", "caps:\n  - {code: online, excess_to: lesson}", "caps.online.excess_to"),
        ("  credits_for: {A1: 7.5}\n", "points: {credits_for: {A1: 20}}", "points.credits_for"),
    ],
)
def test_what_a_base_says_by_leaving_a_line_out_is_not_loosened_by_adding_it(gone, own, path):
    assert BASE.count(gone) == 1
    found = problems(own, base=BASE.replace(gone, ""))
    assert [(p.code, p.path) for p in found] == [("undercuts-base", path)]


COUNTED = BASE.replace("base: required", "base: counted").replace("excess_to: lesson", "")
CAP = "caps:\n  - {code: online, periods: 29}"


@pytest.mark.parametrize(
    ("own", "path"),
    [
        (CAP, "caps.online.periods"),
        ("caps:\n  - {code: day, per: day, kinds: [online, lesson], periods: 8}", "caps.day"),
        (f"gates:\n  - {{code: more, kinds: [lesson], periods: 5, opens: [online], before: keep, {T}}}", "gates.more"),
        ("cycle: {cut_off: 2026-12-30}", "cycle.cut_off"),
        (demand("total", "kinds: [lesson, evidence]"), "demands.total.kinds"),
    ],
)
def test_a_share_of_what_is_counted_is_not_made_easier_by_counting_less_beside_it(own, path):
    """70 periods online and 30 of practice fail 50 per cent of what is counted; capped at 30 online they would pass."""
    base = COUNTED.replace("  - {code: ready, kinds: [online]", "  - {code: ready, kinds: [film]").replace(
        "gates:", "#", 1
    )
    base = base.replace("  - {code: ready", "  # {code: ready")
    assert [(p.code, p.path) for p in problems(own, base=base)] == [("loosens-share", path)]
    assert problems(own, base=base.replace("base: counted", "base: required")) == ()


def test_what_is_counted_for_the_share_itself_may_be_less():
    assert problems("caps:\n  - {code: evidence, periods: 14}", base=COUNTED) == ()


BOTH = "caps:\n  - {code: both, per: kind, kinds: [online, lesson], periods: 60}\n  - {code: day, per: day, kinds: [online], periods: 8}\n"
SHARED = BASE.replace("caps:\n", BOTH, 1).replace(", excess_to: lesson", "")
EARNED = BASE.replace("caps:\n", "caps:\n  - {code: earned, per: kind, kinds: [evidence, film], periods: 18}\n", 1)
MODES = SHARED.replace("mode: [online]", "mode: [online, workshop]")
CROSSED = BASE.replace(
    "caps:\n",
    "caps:\n  - {code: record, per: record, kinds: [lesson], periods: 4}\n  - {code: day, per: day, kinds: [lesson], periods: 8}\n"
    "  - {code: course, per: course, kinds: [lesson], periods: 8}\n",
    1,
)


@pytest.mark.parametrize(
    ("base", "own", "path", "cap"),
    [
        (SHARED, "caps:\n  - {code: day, periods: 7}", "caps.day.periods", "both"),
        (SHARED, "caps:\n  - {code: more, per: record, kinds: [lesson], periods: 4}", "caps.more", "both"),
        (SHARED, gate("periods: 26"), "gates.ready.periods", "both"),
        (SHARED, gate("before: refuse"), "gates.ready.before", "both"),
        (CROSSED, "caps:\n  - {code: record, periods: 3}", "caps.record.periods", "course"),
        (EARNED, "results:\n  - {item: point, periods: 4}", "results.point.periods", "earned"),
        (MODES, "kinds:\n  - {code: online, match: {mode: [online]}}", "kinds.online.match.mode", "both"),
    ],
)
def test_minutes_that_no_longer_count_leave_room_to_others_under_a_cap_they_share(base, own, path, cap):
    """Less online under `day` leaves more of the 60 to lesson study; less of each record leaves days and courses to other records."""
    found = problems(own, base=base)
    assert [(p.code, p.path, p.params["cap"]) for p in found] == [("loosens-others", path, cap)]
    assert problems("", base=base) == ()


@pytest.mark.parametrize(
    ("base", "own"),
    [
        (SHARED, "caps:\n  - {code: both, periods: 59}"),
        (SHARED, "caps:\n  - {code: evidence, periods: 14}"),
        (SHARED, "caps:\n  - {code: all, per: kind, kinds: [online, lesson, evidence], periods: 70}"),
        (CROSSED, "caps:\n  - {code: course, periods: 7}"),
        (CROSSED, "caps:\n  - {code: day, periods: 7}"),
    ],
)
def test_a_cap_that_comes_last_may_be_lower(base, own):
    assert [str(p) for p in problems(own, base=base)] == []


def test_a_cap_that_moves_its_rest_stays_as_it_is():
    assert [(p.code, p.path) for p in problems("caps:\n  - {code: online, periods: 29}")] == [
        ("loosens-by-moving", "caps.online.periods")
    ]


def test_a_cap_that_moves_minutes_cannot_be_added():
    own = "caps:\n  - {code: day, per: day, kinds: [online], periods: 8, excess_to: lesson}"
    assert [(p.code, p.path) for p in problems(own)] == [("added-moves-minutes", "caps.day.excess_to")]


def test_declaring_some_of_the_chosen_points_would_let_the_others_fail():
    base = BASE.replace("  declare: true\n", "").replace("item: declaration, minimum: 2", "item: school-plan")
    assert problems("", base=base) == ()
    assert [(p.code, p.path) for p in problems(choice("declare: true"), base=base)] == [
        ("loosens-none-failed", "choice.declare")
    ]
    without = "\n".join(line for line in base.splitlines() if "type: none-failed" not in line)
    assert problems(choice("declare: true"), base=without) == ()


def test_what_a_base_leaves_open_may_be_said():
    """A share whose base does not name the demand yet; a gate that is not there; a choice without limits."""
    base = BASE.replace(", of: total", "").replace("  from: {", "  # from: {")
    assert (
        problems(f"{demand('half', 'of: total')}\n{choice('from: {environment: [multimedia, smart]}')}", base=base)
        == ()
    )


WHY = "assumed: {zh-hans: 因, zh-hant: 因, en: why}"


@pytest.mark.parametrize(
    ("old", "new", "own", "found"),
    [
        ("minimum: 30, of", "minimum: {value: 30, fixed: true}, of", demand("credits", "minimum: 31"),
         [("line-is-fixed", "demands.credits.minimum")]),
        ("minimum: 30, of", "minimum: {value: 30, fixed: true}, of", demand("credits", "minimum: 30"), []),
        ("minimum: 30, of", f"minimum: {{value: 30, fixed: true, {WHY}}}, of", demand("credits", "minimum: 31"),
         [("line-is-fixed", "demands.credits.minimum")]),
        ("days: 21", "days: {value: 21, fixed: true}", "stages:\n  - {code: panel, days: 20}", [("line-is-fixed", "stages.panel.days")]),
        ("returns: 2", "returns: {value: 2, may_replace: county}", "returns: 3", [("needs-approval", "returns")]),
        ("returns: 2", "returns: {value: 2, may_replace: county}", "returns: 1", []),
        ("returns: 2", f"returns: {{value: 2, may_replace: county, {WHY}}}", "returns: 3", []),
        ("minimum_for_flag: {poor: 4}}", "minimum_for_flag: {value: {poor: 4}, fixed: true}}",
         choice("opened: {minimum_for_flag: {rural: 3}}"), [("line-is-fixed", "choice.opened.minimum_for_flag")]),
        ("minimum_for_flag: {poor: 4}}", "minimum_for_flag: {value: {poor: 4}, may_replace: city}}",
         choice("opened: {minimum_for_flag: {poor: 3}}, points: {minimum: 4}"),
         [("needs-approval", "choice.opened.minimum_for_flag.poor")]),
        ("kinds: [lesson, evidence], share", "kinds: {value: [lesson, evidence], may_replace: province}, share",
         demand("half", "kinds: [online]"), [("needs-approval", "demands.half.kinds")]),
    ],
)  # fmt: skip
def test_a_line_can_be_fixed_or_left_to_be_replaced(old, new, own, found):
    assert BASE.count(old) == 1
    assert [(p.code, p.path) for p in problems(own, base=BASE.replace(old, new))] == found
    assert problems("", base=BASE.replace(old, new)) == ()


def test_the_document_names_the_lines_that_are_fixed_or_may_be_replaced_and_by_whose_leave():
    base = BASE.replace("returns: 2", "returns: {value: 2, may_replace: county}").replace(
        "days: 21", "days: {value: 21, fixed: true}"
    )
    document = read_document(HEAD, bases(rich_base=base), "below.yaml")
    assert (document.fixed, document.replaceable) == (("stages.panel.days",), {"returns": "county"})
    assert document.returns == 2
    assert from_json(to_json(document)) == document
    (problem,) = problems("returns: 3", base=base)
    assert dict(problem.params) == {"base": "2", "value": "3", "level": "county"}


def test_what_was_left_to_be_replaced_further_up_does_not_open_what_stands_in_between():
    middle = HEAD.replace("below", "middle") + "abstract: true\nreturns: 1\n"
    base = BASE.replace("returns: 2", "returns: {value: 2, may_replace: county}")
    head = HEAD.replace("rich-base", "middle")
    assert [p.code for p in problems("returns: 3", base=base, head=head, middle=middle)] == ["undercuts-base"]
    assert [p.code for p in problems("returns: 0", base=base, head=head, middle=middle)] == []


@pytest.mark.parametrize(
    ("old", "new", "code", "path"),
    [
        ("returns: 2", "returns: {value: 2, may_replace: §country}", "not-one-of", "returns"),
        ("returns: 2", "returns: {value: 2, fixed: §false}", "wrong-type", "returns"),
        ("returns: 2", "returns: {value: 2, fixed: §true, may_replace: city}", "fixed-and-replaceable", "returns"),
        ("opened: {minimum: 2, minimum_for_flag: {poor: 4}}",
         "opened: {value: {minimum: 2, minimum_for_flag: {poor: 4}}, fixed: §true}", "marks-one-line", "choice.opened"),
        ("  - {code: read, title: {zh-hans: 读, zh-hant: 讀, en: Read}}",
         "  - {value: {code: read, title: {zh-hans: 读, zh-hant: 讀, en: Read}}, fixed: §true}", "marks-one-line", "handbook.read"),
        ("periods_for_flag: {poor: 52}", "periods_for_flag: {poor: {value: 52, fixed: §no}}", "wrong-type",
         "demands.total.periods_for_flag.poor"),
    ],
)  # fmt: skip
def test_a_mark_that_is_wrong_is_refused_at_its_place(old, new, code, path):
    marked = RICH.replace(old, new, 1)
    found = check_document(marked.replace("§", ""), bases(), "rich.yaml").problems
    lines = marked.partition("§")[0].split("\n")
    assert [(p.code, p.path, p.place) for p in found] == [
        (code, path, Place("rich.yaml", len(lines), len(lines[-1]) + 1))
    ]


def test_a_mark_that_is_misspelt_is_named():
    found = check_document(RICH.replace("returns: 2", "returns: {value: 2, fixd: true}"), bases(), "rich.yaml").problems
    assert [(p.code, p.params.get("near")) for p in found] == [("unknown-field", "fixed")]
