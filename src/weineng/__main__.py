"""The `weineng` command: every command of the platform in one word, e.g. `weineng serve`."""

import os
import signal
import sys
from importlib.resources import files
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured
from django.core.management import execute_from_command_line

from weineng import __version__
from weineng.ops.catalogues import compile_catalogues


def main() -> None:
    """Run one command; without one, list ours. Whoever reads only the beginning of what it says ends it, quietly."""
    try:
        _run()
        sys.stdout.flush()
    except BrokenPipeError:
        os.dup2(
            os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno()
        )  # what is left is not written at the very end either
        sys.exit(128 + signal.SIGPIPE)


def _run() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "weineng.config.settings")
    asked = sys.argv[1] if len(sys.argv) > 1 else "help"
    if asked in ("help", "-h", "--help") and len(sys.argv) < 3:
        print(overview())
        return
    if asked in ("version", "--version"):
        print(__version__)
        return
    if asked == "demo":  # a data folder of its own, before any setting is read
        os.environ["WEINENG_DEMO"] = "1"
        os.environ.setdefault("WEINENG_DATA", str(Path("var", "demo").absolute()))
        os.environ.pop("DATABASE_URL", None)
    compile_catalogues(
        Path(__file__).parent / "locale"
    )  # also the first command after an upgrade speaks every language
    try:
        execute_from_command_line(["weineng", *sys.argv[1:]])
    except ImproperlyConfigured as error:
        sys.exit(f"weineng cannot start. {error}")
    except KeyboardInterrupt:
        sys.exit(130)


def overview() -> str:
    """The commands of the platform with the first sentence of each, read without starting anything."""
    lines = ["weineng COMMAND [options]", ""]
    for place in sorted(files("weineng.ops.management.commands").iterdir(), key=lambda p: p.name):
        name, _, ending = place.name.partition(".")
        if ending == "py" and not name.startswith("_"):
            first = place.read_text(encoding="utf-8").split("\n", 1)[0].strip('" ')
            lines.append(f"  {name:<12} {first}")
    lines += ["", "Also Django's own commands. `weineng help COMMAND` explains one."]
    return "\n".join(lines)


if __name__ == "__main__":
    main()
