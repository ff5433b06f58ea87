"""The demonstration plays through the doors: its files import clients and the clock, nothing of the platform."""

import ast
from pathlib import Path

import weineng.ops.demo as demo

FOLDER = Path(demo.__file__).parent
OURS = {"weineng.kernel.clock", "weineng.ops.postgres.server"}
LIBRARIES = {"httpx", "av", "PIL", "pypdfium2"}  # a client, and what makes and reads the papers people hand in


def imported(place):
    """The modules a file imports, `from a import b` as a.b where b could be a module."""
    for node in ast.walk(ast.parse(place.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{place.name}: a relative import"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def strangers(place):
    import sys

    found = set()
    for name in imported(place):
        top = name.partition(".")[0]
        allowed = top in sys.stdlib_module_names or top in LIBRARIES or name.startswith("weineng.ops.demo.")
        if not (allowed or name in OURS):
            found.add(name)
    return found


def test_the_demonstration_reaches_the_platform_through_its_doors_only():
    files = sorted(FOLDER.rglob("*.py"))
    assert len(files) > 6
    assert {place.name: strangers(place) for place in files if strangers(place)} == {}


def test_the_walk_would_see_an_import_of_the_platform(tmp_path):
    bad = tmp_path / "bad.py"
    bad.write_text(
        "from weineng.learning.actions import accept_records\nimport django\nfrom weineng.kernel import clock\n"
    )
    assert strangers(bad) == {"weineng.learning.actions.accept_records", "django"}
