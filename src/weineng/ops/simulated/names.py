"""Invented names: of units, which nobody bears, and of people, drawn from common signs."""

from collections.abc import Iterator, Mapping
from functools import lru_cache
from importlib.resources import files
from random import Random
from typing import Any

import yaml

AREA_OF_NOWHERE = 519  # no identity number begins with it
WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
CHECK = "10X98765432"


@lru_cache
def words() -> Mapping[str, Any]:
    """The signs that names are made of, and the names that are given."""
    found: Mapping[str, Any] = yaml.load(data("words.yaml"), yaml.CSafeLoader)
    return found


def data(name: str) -> str:
    """A file of this package's data."""
    return files("weineng.ops.simulated").joinpath("data", name).read_text(encoding="utf-8")


def places(count: int, level: str, skip: int = 0) -> list[str]:
    """So many different names of places of a level (city, county), with a number where the signs are used up."""
    first, second = words()["first"], words()["second"]
    pairs = len(first) * len(second)
    found = []
    for place in range(skip, skip + count):
        turn, pair = divmod(place, pairs)
        number = str(turn + 1) if turn else ""
        found.append(f"{first[pair % len(first)]}{second[pair // len(first)]}{number}{words()[level]}")
    return found


def people(count: int, seed: int) -> list[str]:
    """At most so many different names of people."""
    draw = Random(seed)  # noqa: S311 (nothing secret is drawn)
    names = {
        draw.choice(words()["surnames"]) + "".join(draw.choices(words()["given"], k=1 if draw.random() < 0.15 else 2))
        for _ in range(count)
    }
    return sorted(names)


def numbers(count: int) -> Iterator[str]:
    """So many different identity numbers of nobody, each with a right check character."""
    for n in range(count):
        year, rest = 1966 + n % 34, n // 34
        day, serial = rest % 336, rest // 336
        body = (
            f"{AREA_OF_NOWHERE}{serial // 999 % 1000:03}{year}{1 + day // 28:02}{1 + day % 28:02}{1 + serial % 999:03}"
        )
        yield body + CHECK[sum(int(d) * w for d, w in zip(body, WEIGHTS, strict=True)) % 11]
