"""The district of the dirty workbooks: its register and its twelve files with their truths."""

import csv
import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from weineng.sheets.schools import SchoolRegister, Unit

FOLDER = Path(__file__).parent / "dirty-workbooks"
TODAY = date(2026, 11, 23)


def truth(number: str) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads((FOLDER / f"{number}.truth.json").read_text(encoding="utf-8"))
    return loaded


def file_of(number: str) -> Path:
    return next(path for path in FOLDER.iterdir() if path.name.startswith(f"{number}-"))


def district() -> list[Unit]:
    rows = csv.DictReader((FOLDER / "district-units.csv").read_text(encoding="utf-8").splitlines())
    return [
        Unit(
            unit_code=row["unit_code"],
            official_code=row["official_code"],
            name=row["name"],
            former_names=tuple(filter(None, row["former_names"].split(";"))),
            stages=tuple(filter(None, row["stages"].split(";"))),
            level=row["level"],
            parent=row["parent"],
        )
        for row in rows
    ]


@pytest.fixture(scope="session")
def schools() -> SchoolRegister:
    return SchoolRegister(district())
