"""The papers name commands as one types them in a checkout, and only such as there are."""

import re
from pathlib import Path

from weineng.__main__ import overview

ROOT = Path(__file__).parents[2]
PAPERS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
COMMANDS = set(re.findall(r"^  (\S+)", overview(), re.MULTILINE))
DJANGOS = {"help", "makemigrations"}


def named(pattern):
    return {(p.name, word) for p in PAPERS for word in re.findall(pattern, p.read_text(encoding="utf-8")) if word}


def test_a_command_is_written_as_it_is_typed_in_a_checkout():
    assert named(rf"(?<!/)\bweineng (?:{'|'.join(COMMANDS | DJANGOS)})\b") == set()


def test_every_command_of_the_papers_exists():
    assert {word for _, word in named(r"\./weineng ([a-z]+)")} - COMMANDS - DJANGOS == set()
    assert {word for _, word in named(r"`make ([a-z-]+)")} <= set(
        re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
    )


def test_the_changelog_lists_every_command():
    [line] = re.findall(
        r"^\* Commands: (.*?)\.$", (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL
    )
    assert {words.split()[0] for words in re.findall(r"`([^`]+)`", line)} == COMMANDS
