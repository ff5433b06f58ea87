"""Rows per second of reading, judging, exporting and marking a roster of 100,000 rows and 200 schools.

PYTHONPATH=src python bench/sheets.py [rows]
"""

import random
import resource
import sys
import time
from collections.abc import Callable
from datetime import date, timedelta
from typing import TypeVar

from weineng.sheets import (
    RosterValues,
    SchoolRegister,
    Unit,
    annotate_workbook,
    read_roster,
    read_workbook,
    roster_format,
    write_roster,
)
from weineng.sheets.cells import check_character

SCHOOLS = 200
TODAY = date(2026, 11, 23)
T = TypeVar("T")
WORDS = {column.key: column.choices[0] for column in roster_format().columns if column.choices}
LETTERS = [chr(code) for code in range(0x5F20, 0x5F20 + 400)]


def register() -> list[Unit]:
    chance = random.Random(1)
    names = ("".join(chance.choices(LETTERS, k=9)) for _ in range(SCHOOLS))
    return [Unit(f"21519{n:05d}", f"21519{n:05d}", name, (), (WORDS["stage"],)) for n, name in enumerate(names)]


def people(rows: int, units: list[Unit]) -> list[RosterValues]:
    chance = random.Random(2)
    return [person(n, chance, units[chance.randrange(len(units))]) for n in range(rows)]


def person(number: int, chance: random.Random, unit: Unit) -> RosterValues:
    born = date(1965, 1, 1) + timedelta(days=number % 12_000)
    digits = f"519901{born:%Y%m%d}{number // 12_000:03d}"
    name = "".join(chance.choices(LETTERS, k=chance.choice((2, 3))))
    return RosterValues(
        name=name,
        gender=WORDS["gender"],
        id_type=WORDS["id_type"],
        id_number=digits + check_character(digits),
        phone=f"1990000{number % 10_000:04d}",
        school_code=unit.official_code,
        school_name=unit.name,
        unit=unit.unit_code,
        group=WORDS["subject"],
        stage=WORDS["stage"],
        subject=WORDS["subject"],
        post=WORDS["stage"],
        establishment=WORDS["establishment"],
        in_post=WORDS["in_post"],
        licence=WORDS["licence"],
        staff_number=f"{number:07d}",
        start_date=born + timedelta(days=8_500),
    )


def measured(label: str, rows: int, work: Callable[[], T]) -> T:
    began = time.perf_counter()
    result = work()
    took = time.perf_counter() - began
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(f"{label:<28} {took:6.2f} s  {rows / took:9,.0f} rows/s  peak {peak} MB")
    return result


def said(code: str, params: object) -> str:
    return code


def main() -> None:
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    units = register()
    roster = people(rows, units)
    data = measured("write_roster (xlsx)", rows, lambda: write_roster(roster, said))
    print(f"{len(data) / 1e6:.1f} MB")
    book = measured("read_workbook (xlsx)", rows, lambda: read_workbook(data, "roster.xlsx"))
    schools = SchoolRegister(units)
    reading = measured("read_roster", rows, lambda: read_roster(book, schools=schools, today=TODAY))
    print(reading.counts)
    text = "\n".join(",".join(map(str, row)) for row in book.sheets[0].rows).encode("gb18030")
    table = measured("read_workbook (csv)", rows, lambda: read_workbook(text, "roster.csv"))
    measured("read_roster, typed names", rows, lambda: read_roster(table, schools=SchoolRegister(units), today=TODAY))
    measured("annotate", rows, lambda: annotate_workbook(reading.table, reading.rows, said))


if __name__ == "__main__":
    main()
