"""Invented teachers by the thousand, dense where rules change their mind. The same seed makes the same teachers.

    python -m tests.reference.generate [count] [seed]     prints how often each reason and each boundary was reached

Each teacher is made of a base (hours aimed at a minimum, give or take a minute; results aimed at a level) and of a few
twists: duplicates, corrections, edges of the cycle, overturned results, exemptions, merged entries, odd posts.
"""

import random
import sys
from collections.abc import Iterator
from dataclasses import replace

from tests.reference.coverage import report
from tests.reference.district_plan import P4
from tests.reference.facts import Enrolment, Entry, Exemption, History, Posting
from tests.reference.generate_hours import make_hours, make_idle_hours
from tests.reference.generate_points import make_drafts, make_points
from tests.reference.making import DAY, SCENES, SHUT, SINCE, Maker, Scene

SEED = 20260101
COUNT = 5600


# --- The person ---------------------------------------------------------------------------------------------------
def make_person(maker: Maker) -> None:
    """One entry, or several that were merged (also through one another), each enrolled or not."""
    rng, code = maker.rng, maker.scene.programme.code
    first = maker.next()
    others = rng.choice((1, 1, 2)) if maker.chance(0.12) else 0
    numbers = [maker.next() for _ in range(others)] + [first]
    rng.shuffle(numbers)
    kept, gone = numbers[0], numbers[1:]
    maker.entries = [Entry(kept)]
    for place, number in enumerate(gone):
        into = kept if place == 0 or maker.chance(0.5) else gone[place - 1]
        maker.entries.append(Entry(number, into))
    enrolled = [kept]
    if gone:
        enrolled = rng.choice(([kept], [kept, *gone], gone, [gone[-1]]))
    ids = [maker.next() for _ in enrolled]
    rng.shuffle(ids)
    for i, entry in zip(ids, enrolled, strict=True):
        left_on = maker.scene.on + rng.choice((-30, -1, 0, 0, 1, 1)) * DAY if maker.chance(0.06) else None
        maker.enrolments.append(Enrolment(i, entry, code, left_on))
    neighbours = [s for s in SCENES if s.on == maker.scene.on and s is not maker.scene]
    if neighbours and maker.chance(0.15):
        other = rng.choice(neighbours).programme.code
        maker.enrolments.append(Enrolment(maker.next(), rng.choice(enrolled), other))


def make_postings(maker: Maker) -> None:
    """Where the person stood: at home in a group, a school without one, nowhere any more, nowhere ever, not yet."""
    on, rng = maker.scene.on, maker.rng
    home = rng.choice(("bamboo-1-a", "bamboo-1-a", "bamboo-1-b", "bamboo-2", "bamboo"))
    ended = rng.choice(("bamboo-1-b", "bamboo-1-shut", "bamboo-shut-a", "bamboo-shut", "bamboo-2"))
    closing = rng.choice(("bamboo-1-today", "bamboo-1-tomorrow"))
    way = rng.choice(
        ("home",) * 8 + ("moves-today", "moves-tomorrow", "ended", "ended-today", "closing", "never", "to-come")
    )
    posts = {
        "home": ((home, SINCE, None),),
        "moves-today": (("bamboo-2", SINCE, on), (home, on, None)),
        "moves-tomorrow": (("bamboo-2", SINCE, on + DAY), (home, on + DAY, None)),
        "ended": (("bamboo-1-a", SINCE, SINCE + 90 * DAY), (ended, SINCE + 90 * DAY, SHUT)),
        "ended-today": (("bamboo-1-a", SINCE, on),),
        "closing": ((closing, SINCE, SHUT),),
        "never": (),
        "to-come": (("bamboo-2", on + DAY, None),),
    }[way]
    maker.postings = [Posting(*post) for post in posts]
    if maker.chance(0.1):
        maker.postings.append(Posting("bamboo-1-b", SINCE, None, home=False))


def make_exemptions(maker: Maker) -> None:
    """One demand, several, every single one, or the whole programme; on its days, just not, not granted, ended."""
    if not maker.chance(0.18):
        return
    rng, day = maker.rng, min(maker.scene.on, P4.cut_off)
    codes = [demand.code for demand in P4.demands] + ["points"]
    demands = rng.choice(
        (
            [rng.choice(codes)],
            [rng.choice(codes)],
            rng.sample(codes, 2),
            rng.sample(codes, 3),
            codes,
            rng.sample(codes, 6),
            ["*"],
            ["*", rng.choice(codes)],
        )
    )
    for demand in demands:
        first, until = rng.choice((
            (P4.starts, None), (day, day + DAY), (P4.starts, day + DAY), (P4.starts, day + DAY),
            (P4.starts, day), (day + DAY, None), (maker.scene.on, None),
        ))  # fmt: skip
        if len(demands) >= 6 and maker.chance(0.8):
            first, until = P4.starts, None
        odd = rng.choice(({},) * 8 + ({"granted": False}, {"ended": True}))
        enrolment = rng.choice([e.number for e in maker.enrolments if e.programme == maker.scene.programme.code])
        maker.exemptions.append(Exemption(enrolment, demand, first, until, **odd))


def make_teacher(number: int, seed: int = SEED) -> tuple[History, Scene]:
    """The teacher of this number, always the same for one seed."""
    scene = SCENES[number % len(SCENES)]
    maker = Maker(number, random.Random(f"{seed}-{number}"), scene)
    make_person(maker)
    make_postings(maker)
    make_exemptions(maker)
    if maker.chance(0.05):
        do_nothing_that_counts(maker)
    else:
        make_hours(maker)
        for programme in sorted({enrolment.programme for enrolment in maker.enrolments}):
            if maker.chance(0.92):
                make_points(maker, programme)
    share_out(maker)
    return maker.history(), scene


def do_nothing_that_counts(maker: Maker) -> None:
    """Drafts, hours without a kind, or nothing at all."""
    make_idle_hours(maker)
    make_drafts(maker)


def share_out(maker: Maker) -> None:
    """The records of one person came in under any of the entries."""
    entries = [entry.number for entry in maker.entries]
    if len(entries) > 1:
        maker.records = [r if r.entry is None else replace(r, entry=maker.rng.choice(entries)) for r in maker.records]


def teachers(count: int = COUNT, seed: int = SEED) -> Iterator[tuple[History, Scene]]:
    """So many teachers with the scene each is looked at in."""
    for number in range(count):
        yield make_teacher(number, seed)


if __name__ == "__main__":
    count, seed = ([int(text) for text in sys.argv[1:]] + [COUNT, SEED][len(sys.argv) - 1 :])[:2]
    print(report(teachers(count, seed)))
