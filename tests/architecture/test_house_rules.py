"""The law of ARCHITECTURE.md that no linter knows, read from the syntax tree. Each test lists every offender at once."""

import ast
import re
from importlib import import_module

import pytest
from django.apps import apps
from django.conf import settings
from django.db.models import BigAutoField, BigIntegerField

from tests.architecture.house import (
    DOORS,
    ROOT,
    SOURCE,
    called,
    dotted,
    functions,
    known_as,
    modules,
    name_of,
    private,
    reached,
    room,
    root_of,
    sources,
    tower,
    walked,
)
from weineng.accounts import roles
from weineng.kernel.actors import Permission
from weineng.ops.loops import ERASE
from weineng.organisations.models import Person
from weineng.organisations.rules.erasures import ERASERS

# Actions whose own log is elsewhere, each with the reason.
NO_AUDIT_LINE = {
    "seal_lines": "seals the log itself",
    "anchor_head": "leaves an anchor, which is the stronger trace",
    "forget_changes": "notes that were followed; what changed has its line, and so has what followed",
    "check_certificate": "anybody may ask; what is found leaves no trace, what is not is counted for an hour",
    "forget_looks": "what a look found, once the change was decided, which has its line",
    "answer_asked": "agreeing, confirming and sending back leave a line for each row; this puts them into one transaction",
    "move_as_shown": "moves the unit, which has its line, if it stands as the look showed it",
    "add_up": "sums of sums that stand already, after a change of the tree that has left its own line",
    "note_rounds": "the pulse of the worker, twice a second: no act of anybody",
}
# Effects that write what can be derived again at any time: the facts behind them have their lines. Two write nothing, and lock.
NO_CAUSE = {"touch", "touch_people", "touch_found", "take_touched", "keep_gates", "read_changes", "read_erasures"}
NO_CAUSE |= {
    "read_reorganisations",
    "erased_among",
    "refuse_erased",
    "note_recounted",
    "tell_gone",
    "note_tree_change",
    "follow_tree",
    "take_pending",
}
# Personal values that are no person's, each with the reason.
NOBODYS = {"certification.Guesses": "keyed hashes of networks"}
# Modules below `organisations`, which knows who is erased and tells them so by their effects.
TOLD_FROM_ABOVE = {"audit", "notices"}
# Where ids are compared with hands as they are, each with the reason.
RAW_HANDS = {
    "weineng/organisations/reach.py": "this is where merged records are followed",
    "weineng/audit/actions.py": "stands below organisations and knows no merges",
}
ACTORS = {"by", "actor"}
WRITES = {"create", "bulk_create", "update", "bulk_update", "get_or_create", "update_or_create", "delete", "save"}
CHINESE = re.compile(r"[\u3000-\u303f\u3400-\u9fff\uff00-\uffef\U00020000-\U0003ffff]")
# Headers of sheets and the words inside their cells are what this code reads; characters are its subject.
# In the demonstration invented people write, and read the buttons of their posts.
READS_CHINESE = ("sheets/", "feeds/providers/", "ops/demo/")


def actions():
    for module in modules():
        files = room(module, "actions")
        around = private([*files, *sources(module, room="actions/_*")])
        for place in files:
            for name, node in functions(place).items():
                if not name.startswith("_"):
                    yield place, node, around


def test_every_action_is_keyword_only_annotated_documented_atomic_and_takes_by():
    wrong = []
    for place, node, _ in actions():
        a, where = node.args, f"{name_of(place)}:{node.lineno} {node.name}"
        if a.args or a.posonlyargs or a.vararg or a.kwarg:
            wrong.append(f"{where}: takes arguments by position or unnamed")
        if not node.returns or any(arg.annotation is None for arg in a.kwonlyargs):
            wrong.append(f"{where}: is not annotated")
        if not ast.get_docstring(node):
            wrong.append(f"{where}: has no docstring")
        if "by" not in {arg.arg for arg in a.kwonlyargs}:
            wrong.append(f"{where}: does not take `by`")
        decorators = {dotted(d.func if isinstance(d, ast.Call) else d) for d in node.decorator_list}
        if not decorators & {"transaction.atomic", "atomic"}:
            wrong.append(f"{where}: is not @transaction.atomic")
    assert wrong == []


def test_every_action_leaves_an_audit_line():
    writers = known_as(sources(*modules()), "weineng.audit.effects", {"record", "record_each"})
    silent = [
        f"{name_of(place)}:{node.lineno} {node.name}"
        for place, node, around in actions()
        if node.name not in NO_AUDIT_LINE and not reached(node, around) & writers
    ]
    assert silent == []


def test_every_name_of_an_action_is_unique():
    seen, twice = {}, []
    for place, node, _ in actions():
        if node.name in seen:
            twice.append(f"{node.name}: {seen[node.name]} and {name_of(place)}")
        seen[node.name] = name_of(place)
    assert twice == []


def test_every_action_without_a_line_still_exists():
    assert NO_AUDIT_LINE.keys() - {node.name for _, node, _ in actions()} == set()


def test_effects_that_other_modules_use_take_a_cause_and_never_an_actor():
    used = {
        (node.module, alias.name)
        for module in modules()
        for place in sources(module)
        for node in walked(place)
        if isinstance(node, ast.ImportFrom) and re.fullmatch(r"weineng\.\w+\.effects(\.\w+)?", node.module or "")
        if node.module.split(".")[1] not in (module, "audit")  # audit's effect is the line itself: it takes `by`
        for alias in node.names
    }
    wrong = []
    for module in modules():
        for place in room(module, "effects"):
            dotted_place = name_of(place).removesuffix(".py").replace("/", ".")
            for name, node in functions(place).items():
                arguments = {arg.arg for arg in (*node.args.args, *node.args.kwonlyargs)}
                lacks_cause = (dotted_place, name) in used and "cause" not in arguments and name not in NO_CAUSE
                if module != "audit" and (lacks_cause or "by" in arguments):
                    wrong.append(f"{name_of(place)}:{node.lineno} {name}")
    assert wrong == []


def compares_hands(node):
    """Whether somebody compares ids with the hands (or the person) of an Actor: a merged record would slip through.

    Hands may be written down (`sorted({*by.hands})`); who is behind an act is asked of `organisations.reach`.
    """

    def is_(part, name):
        part = part.value if isinstance(part, ast.Starred) else part
        return isinstance(part, ast.Attribute) and part.attr == name and dotted(part.value).split(".")[-1] in ACTORS

    if not isinstance(node, ast.Compare | ast.BinOp | ast.keyword | ast.Call):
        return False
    inside = [part for child in ast.iter_child_nodes(node) for part in (child, *getattr(child, "elts", ()))]
    if isinstance(node, ast.Compare):
        against_none = all(isinstance(op, ast.Is | ast.IsNot) for op in node.ops)
        return any(is_(part, "hands") or (is_(part, "person") and not against_none) for part in inside)
    if isinstance(node, ast.BinOp | ast.keyword):
        return any(is_(part, "hands") for part in inside)
    return (
        isinstance(node, ast.Call) and dotted(node.func) != "sorted" and any(is_(part, "hands") for part in node.args)
    )


def test_conflicts_of_interest_follow_merged_people():
    found = [
        f"{name_of(place)}:{getattr(node, 'lineno', 0)} {ast.unparse(node)}"
        for place in sources(*modules(), *DOORS)
        for node in walked(place)
        if compares_hands(node) and name_of(place) not in RAW_HANDS
    ]
    assert found == []


def is_orm_write(call):
    """`.save()`, `.delete()`, `.update(state=…)`, `.objects.create(…)`; not `book.save(path)`, `context.update(values)`."""
    method = call.func.attr
    if method in ("bulk_create", "bulk_update", "get_or_create", "update_or_create"):
        return True
    if method in ("save", "delete"):
        return not call.args
    if method == "update":
        return not call.args and bool(call.keywords)
    return method == "create" and ".objects" in ast.unparse(call.func)


def test_doors_write_nothing():
    writes = [
        f"{name_of(place)}:{call.lineno} {ast.unparse(call.func)}"
        for place in sources(*DOORS)
        for call in walked(place)
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) and is_orm_write(call)
    ]
    assert writes == []


def test_a_module_writes_only_its_own_tables():
    foreign = []
    for module in modules():
        for place in sources(module):
            others = {
                alias.asname or alias.name
                for node in walked(place)
                if isinstance(node, ast.ImportFrom) and re.fullmatch(r"weineng\.\w+\.models(\.\w+)?", node.module or "")
                if node.module.split(".")[1] != module
                for alias in node.names
            }
            foreign += [
                f"{name_of(place)}:{call.lineno} {ast.unparse(call.func)}"
                for call in walked(place)
                if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute)
                if call.func.attr in WRITES and root_of(call.func) in others
            ]
    assert foreign == []


def test_doors_take_the_time_from_the_clock():
    banned = {"datetime.now", "datetime.utcnow", "datetime.today", "date.today", "time.time", "timezone.now"}
    allowed = {("ops/checks.py", "datetime.now")}  # the doctor compares the machines' clocks
    found = [
        (str(place.relative_to(SOURCE)), dotted(call.func))
        for place in sources(*DOORS, "config")
        for call in walked(place)
        if isinstance(call, ast.Call) and dotted(call.func) in banned
    ]
    assert [use for use in found if use not in allowed] == []


def test_no_file_is_too_long():
    limits = {".py": 500, ".html": 400, ".css": 1000, ".js": 500}
    counts = [
        (name_of(place), place.read_text(encoding="utf-8").count("\n"), limits[place.suffix])
        for place in sorted(SOURCE.rglob("*"))
        if place.suffix in limits and "migrations" not in place.parts
    ]
    assert [(name, count) for name, count, limit in counts if count > limit] == []


def declared_permissions():
    found = {}
    for module in modules():
        for place in room(module, "permissions"):
            declared = vars(import_module(f"weineng.{module}.{place.stem}")).values()
            found |= {p.code: module for p in declared if isinstance(p, Permission)}
    return found


def test_permissions_and_roles_agree():
    named = (
        roles.OWN | roles.ASSIGNED | roles.SOURCE | frozenset().union(*(r.permissions for r in roles.ROLES.values()))
    )
    declared = declared_permissions()
    assert {"without role": declared.keys() - named, "not declared": named - declared.keys()} == {
        "without role": set(),
        "not declared": set(),
    }
    assert {code for code, module in declared.items() if not code.startswith(f"{module}.")} == set()


def our_models():
    return [model for module in settings.MODULES for model in apps.get_app_config(module).get_models()]


@pytest.mark.parametrize("model", our_models(), ids=lambda m: m._meta.label)
def test_every_model_says_what_is_personal_and_how_long_it_stays(model):
    personal, retention = vars(model).get("personal"), vars(model).get("retention")
    assert isinstance(personal, frozenset), "declare personal: ClassVar[frozenset[str]]"
    assert personal - {field.name for field in model._meta.get_fields()} == frozenset()
    assert isinstance(retention, str)
    assert retention.strip()


def fields_along(model, path):
    for part in path.split("__"):
        field = model._meta.pk if part == "pk" else model._meta.get_field(part)
        yield field
        model = field.related_model


@pytest.mark.parametrize("model", our_models(), ids=lambda m: m._meta.label)
def test_every_model_with_personal_values_says_whose_they_are(model):
    """By whose erasure they go; it ends at the id of a person."""
    whose = vars(model).get("whose", ())
    assert bool(whose) == bool(model.personal and model._meta.label not in NOBODYS)
    assert isinstance(whose, tuple)
    for path in whose:
        *_way, last = fields_along(model, path)
        assert last.related_model is Person or isinstance(last, BigIntegerField | BigAutoField), path


def test_every_module_with_personal_values_erases_them_in_a_step_of_its_own():
    holders = {model._meta.app_label for model in our_models() if model.personal}
    assert set(ERASERS) == holders - TOLD_FROM_ABOVE - {"organisations"}
    steps = [step.name for step in ERASE if step.name.endswith(".erase_person")]
    assert steps == [f"{module}.erase_person" for module in (*ERASERS, "organisations")]


def test_no_chinese_outside_catalogues_and_data():
    found = []
    for place in sorted(SOURCE.rglob("*")):
        inside = str(place.relative_to(SOURCE))
        if place.suffix in (".py", ".html", ".txt", ".js", ".css", ".typ") and "/data/" not in inside:
            for number, line in enumerate(place.read_text(encoding="utf-8").split("\n"), 1):
                if CHINESE.search(line) and not inside.startswith(READS_CHINESE):
                    found.append(f"{inside}:{number} {line.strip()[:60]}")
    assert found == []


def test_settings_load_every_module_of_the_contract():
    assert set(settings.MODULES) == {name for layer in tower() for name in layer} - {"config"}


def test_the_page_on_architecture_lists_the_modules_of_the_contract():
    page = ROOT / "ARCHITECTURE.md"
    if not page.exists():
        return
    pictures = re.findall(r"^```\w*\n(.*?)^```", page.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    picture = next(p for p in pictures if re.search(r"^\s*kernel\b", p, re.MULTILINE))
    layers = [re.match(r"\s*(\w+(?:\s*\|\s*\w+)*)(?:\s{2,}|$)", line) for line in picture.split("\n")]
    shown = {name for found in layers if found for name in re.split(r"\s*\|\s*", found[1])}
    assert shown == {name for layer in tower() for name in layer}


def test_rules_can_find_what_they_forbid():
    """The checks above see writes and calls: a rule that cannot fail protects nothing."""
    source = ast.parse("def f():\n    X.objects.filter(a=1).update(b=2)\n    x.save()\n    d.update(y)\n    _inner()")
    calls = [n for n in ast.walk(source) if isinstance(n, ast.Call) and isinstance(n.func, ast.Attribute)]
    assert {c.func.attr for c in calls if is_orm_write(c)} == {"update", "save"}
    assert sum(is_orm_write(c) for c in calls) == 2
    forbidden = (
        "x in by.hands", "by.hands & {x}", "f(a__in=by.hands)", "same_people(request.actor.hands)", "x == by.person",
        "{x} & {*by.hands}", "f(a=by.hands)",
    )  # fmt: skip
    allowed = (
        "by.person is None",
        "f(hands=sorted({*row.hands, *by.hands}))",
        "row.hands == x",
        "f(edited_by=by.person)",
    )
    for text in (*forbidden, *allowed):
        assert any(compares_hands(node) for node in ast.walk(ast.parse(text))) == (text in forbidden), text
    inner = ast.parse("def _inner():\n    record(by=by)").body[0]
    assert "record" in reached(source.body[0], {"_inner": inner})
    assert "record" not in called(source.body[0])
