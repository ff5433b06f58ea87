"""Invented teachers by the thousand, dense where rules change their mind. The same seed makes the same teachers.

Each teacher is made of a base (hours aimed at a minimum, give or take a minute; results aimed at a level) and of a few
twists: duplicates, corrections, edges of the cycle, days beside a gate, overturned results, exemptions, merged entries,
odd posts. `python -m tests.reference.coverage` tells what they reach.
"""

import random
from collections.abc import Iterator
from dataclasses import replace

from tests.reference.facts import Diagnosis, Enrolment, Entry, Exemption, History, Posting, Task
from tests.reference.generate_hours import make_hours, make_idle_hours, top_up
from tests.reference.generate_points import make_drafts, make_points
from tests.reference.making import DAY, FLAG_DAY, SCENES, Maker, Scene, at, scenes_of, shut, since
from tests.reference.plans import PLANS

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
        first_day = maker.plan.starts + rng.choice((0, 0, FLAG_DAY - 1, FLAG_DAY, FLAG_DAY + 1)) * DAY
        host = rng.choice(("", "bamboo-1", "bamboo-2"))
        maker.enrolments.append(Enrolment(i, entry, code, left_on, first_day, host))
    neighbours = [s.programme.code for s in _scenes(maker) if s.on == maker.scene.on and s is not maker.scene]
    if neighbours and maker.chance(0.15):
        maker.enrolments.append(Enrolment(maker.next(), rng.choice(enrolled), rng.choice(neighbours)))
    for other in maker.plan.exclusive_with:
        if maker.chance(0.3):
            maker.enrolments.append(Enrolment(maker.next(), rng.choice(enrolled), other))


def _scenes(maker: Maker) -> tuple[Scene, ...]:
    return _SCENES[next(name for name, plan in PLANS.items() if plan is maker.plan)]


def make_postings(maker: Maker) -> None:
    """Where the person stood: at home in a group, a school without one, nowhere any more, nowhere ever, not yet."""
    on, rng, plan = maker.scene.on, maker.rng, maker.plan
    begun, closed = since(plan), shut(plan)
    home = rng.choice(("bamboo-1-a", "bamboo-1-a", "bamboo-1-b", "bamboo-2", "bamboo"))
    ended = rng.choice(("bamboo-1-b", "bamboo-1-shut", "bamboo-shut-a", "bamboo-shut", "bamboo-2"))
    closing = rng.choice(("bamboo-1-today", "bamboo-1-tomorrow"))
    way = rng.choice(
        ("home",) * 8 + ("moves-today", "moves-tomorrow", "ended", "ended-today", "closing", "never", "to-come")
    )
    posts = {
        "home": ((home, begun, None),),
        "moves-today": (("bamboo-2", begun, on), (home, on, None)),
        "moves-tomorrow": (("bamboo-2", begun, on + DAY), (home, on + DAY, None)),
        "ended": (("bamboo-1-a", begun, begun + 90 * DAY), (ended, begun + 90 * DAY, closed)),
        "ended-today": (("bamboo-1-a", begun, on),),
        "closing": ((closing, begun, closed),),
        "never": (),
        "to-come": (("bamboo-2", on + DAY, None),),
    }[way]
    maker.postings = [Posting(*post) for post in posts]
    if maker.chance(0.1):
        maker.postings.append(Posting("bamboo-1-b", begun, None, home=False))


def make_exemptions(maker: Maker) -> None:
    """One demand, several, every single one, or the whole programme; a gate; on its days, just not, not granted, ended."""
    if not maker.chance(0.18):
        return
    rng, day, starts = maker.rng, min(maker.scene.on, maker.plan.cut_off), maker.plan.starts
    codes = [demand.code for demand in maker.plan.demands]
    gates = [gate.code for gate in maker.plan.gates]
    several = [rng.sample(codes, min(n, len(codes))) for n in (1, 1, 2, 3, 6)]
    ways = [*several, codes, ["*"], ["*", rng.choice(codes)]]
    if gates:
        ways += [[rng.choice(gates)], [rng.choice(gates)], [rng.choice(gates), rng.choice(codes)]]
    demands = rng.choice(ways)
    for demand in demands:
        first, until = rng.choice((
            (starts, None), (day, day + DAY), (starts, day + DAY), (starts, day + DAY),
            (starts, day), (day + DAY, None), (maker.scene.on, None),
        ))  # fmt: skip
        if len(demands) >= min(6, len(codes)) and maker.chance(0.8):
            first, until = starts, None
        odd = rng.choice(({},) * 8 + ({"granted": False}, {"ended": True}))
        enrolment = rng.choice([e.number for e in maker.enrolments if e.programme == maker.scene.programme.code])
        maker.exemptions.append(Exemption(enrolment, demand, first, until, **odd))


def make_items(maker: Maker) -> None:
    """Tasks of the handbook and self-diagnoses: all, some, none, one that the handbook does not know, one not handed in."""
    rng, numbers = maker.rng, [e.number for e in maker.enrolments if e.programme == maker.scene.programme.code]
    when = at(maker.plan.starts + 30 * DAY, 9)
    if maker.plan.handbook:
        codes = list(maker.plan.handbook)
        missing = rng.choice((0, 0, 0, 0, 1, len(codes)))
        for code in [*rng.sample(codes, len(codes) - missing), *(["another-handbook's"] if maker.chance(0.1) else [])]:
            maker.tasks.append(Task(rng.choice(numbers), code, when))
    if any(demand.code == "self-diagnosis" for demand in maker.plan.demands) and maker.chance(0.9):
        maker.diagnoses.append(Diagnosis(rng.choice(numbers), None if maker.chance(0.1) else when))


_SCENES = {name: SCENES if name == "p4" else scenes_of(plan) for name, plan in PLANS.items()}


def make_teacher(number: int, seed: int = SEED, name: str = "p4") -> tuple[History, Scene]:
    """The teacher of this number, always the same for one seed and plan."""
    scenes = _SCENES[name]
    scene = scenes[number % len(scenes)]
    maker = Maker(number, random.Random(f"{seed}-{number}"), scene, PLANS[name])
    make_person(maker)
    make_postings(maker)
    make_exemptions(maker)
    if maker.chance(0.05):
        do_nothing_that_counts(maker)
    else:
        make_hours(maker, name)
        for programme in sorted(
            {enrolment.programme for enrolment in maker.enrolments} - set(maker.plan.exclusive_with)
        ):
            if maker.chance(0.92):
                make_points(maker, programme)
        make_items(maker)
        if name != "p4" and maker.chance(0.4):
            top_up(maker)
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


def teachers(count: int = COUNT, seed: int = SEED, name: str = "p4") -> Iterator[tuple[History, Scene]]:
    """So many teachers of a plan, with the scene each is looked at in."""
    for number in range(count):
        yield make_teacher(number, seed, name)
