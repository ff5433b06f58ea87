"""The words of sheets and the values of our tables."""

import csv
from collections.abc import Mapping
from functools import cache
from importlib.resources import files


def rows_of(name: str) -> list[dict[str, str]]:
    """The rows of a list that comes with this module."""
    text = files("weineng.insight").joinpath(f"data/{name}").read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines()))


@cache
def values(column: str) -> Mapping[str, str]:
    """Word in the sheet → value in our tables, for one column of a roster."""
    return {row["word"]: row["value"] for row in rows_of("roster-words.csv") if row["column"] == column}


@cache
def words(column: str) -> Mapping[str, str]:
    """Value in our tables → word in the sheet."""
    return {value: word for word, value in values(column).items()}
