"""The golden tables of P4: what a clerk can check with a pencil."""

import csv
import re
from datetime import date
from pathlib import Path

import pytest

from tests.progress.scene import at, lines, standing
from weineng.programmes.models import Enrolment
from weineng.progress.models import Counted, Standing

TABLES = Path(__file__).parent / "rules" / "p4"


def rows_of(name):
    with (TABLES / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def by_case(rows):
    cases = {}
    for row in rows:
        cases.setdefault(row["case"], []).append(row)
    return cases


def deliver(scene, enrolment, rows):
    known = {}
    for row in rows:
        corrects = re.search(r"corrects (\w+)", row["fact"])
        record = scene.record(
            enrolment, int(row["minutes"]), row["from"], row["to"], mode=row["mode"], course=row["course"],
            source=row["source"], number=f"{enrolment}-{row['id']}", arrived=at(row["arrived"]) if row["arrived"] else None,
            supersedes=known[corrects[1]] if corrects else None,
        )  # fmt: skip
        known[row["id"]] = record
        if "voided" in row["fact"]:
            scene.void(record)
        if "rejected" in row["fact"]:
            scene.reject(record)


def wanted_lines(enrolment, rows):
    wanted = {}
    for row in rows:
        origin = f"{row['source']}/{enrolment}-{row['id']}"
        reasons = [part for part in row["why"].split("; ") if part and not part.startswith("flag")]
        if int(row["counts"]) or not reasons:
            wanted[origin, row["kind"], "", ""] = int(row["counts"])
        for part in reasons:
            minutes, reason, *ref = part.split(" ")
            if reason in ("duplicate-of", "corrected-by"):
                ref = [f"{ref[0].split('/')[0]}/{enrolment}-{ref[0].split('/')[1]}"]
            wanted[origin, row["kind"], reason, "".join(ref)] = int(minutes)
    return wanted


@pytest.mark.slow
def test_hours(scene):
    cases = by_case(rows_of("hours.csv"))
    enrolments = {case: scene.enrol(name=case) for case in cases}
    for case, rows in cases.items():
        deliver(scene, enrolments[case], rows)
    scene.recount(*enrolments.values())
    counted = {
        case: {(*k[:3], "" if k[2] == "voided" else k[3]): v for k, v in lines(e).items()}
        for case, e in enrolments.items()
    }
    wanted = {case: wanted_lines(enrolments[case], rows) for case, rows in cases.items()}
    assert {c: (counted[c], wanted[c]) for c in cases if counted[c] != wanted[c]} == {}
    flags = {case: Counted.objects.filter(enrolment=e).exclude(flagged="").count() for case, e in enrolments.items()}
    assert flags == {case: sum("flag overlap" in row["why"] for row in rows) for case, rows in cases.items()}


def set_up(scene, row):
    enrolment = scene.enrol(name=row["case"])
    scene.hours(enrolment, int(row["online"]))
    scene.hours(enrolment, int(row["research"]), mode="school-research", course="R")
    for number, mark in enumerate(row["points"].split()):
        level = {"*": "excellent", "!": "fail"}.get(mark[-1], "pass")
        scene.result(enrolment, mark.rstrip("*!"), level, decided=f"2026-05-{number + 4:02} 10:00")
    if row["recording"]:
        scene.result(enrolment, "", row["recording"])
    if row["chosen"]:
        scene.choose(enrolment, row["chosen"].split())
    for item in row["waiting"].split():
        scene.submit(enrolment, "" if item == "recording" else item, attempt=9)
    for state, point in re.findall(r"(draft|returned) (\w+)", row["other"]):
        scene.submit(enrolment, point, state)
    for demand, edge, day in re.findall(r"exempt (\S+)(?: (since|until) (\S+))?", row["other"]):
        scene.exempt(enrolment, demand, **({edge: date.fromisoformat(day)} if edge else {}))
    if left := re.search(r"left (\S+)", row["other"]):
        Enrolment.objects.filter(pk=enrolment).update(left_on=date.fromisoformat(left[1]))
    return enrolment


def shortages(enrolment):
    words = {
        "minutes-short": "{demand} {missing}", "points-short": "points {missing}", "no-choice": "no-choice",
        "result-pending": "waiting {what}", "item-failed": "failed {what}", "exempt": "exempt {demand}", "axis-missing": "axis {values}",
    }  # fmt: skip
    found = []
    for reason in standing(enrolment).reasons:
        what = reason.get("point") or reason.get("item")
        values = " ".join(reason.get("values", ()))
        found.append(words[reason["code"]].format(**{**reason, "what": what, "values": values}))
    return "; ".join(found)


@pytest.mark.slow
@pytest.mark.parametrize(
    "closed", sorted({m for r in rows_of("standings.csv") for m in re.findall(r"closed (\S+)", r["other"])} | {""})
)
def test_standings(scene, closed):
    scene.programme.closed_on = date.fromisoformat(closed) if closed else None
    scene.programme.save()
    rows = [row for row in rows_of("standings.csv") if (re.findall(r"closed (\S+)", row["other"]) or [""])[0] == closed]
    enrolments = {row["case"]: set_up(scene, row) for row in rows}
    scene.recount(*enrolments.values())
    for row in rows:
        enrolment, case = enrolments[row["case"]], row["case"]
        assert (case, standing(enrolment).verdict) == (case, row["verdict"])
        for demand, have, need in re.findall(r"(\w+) (\d+)(?:/(\d+))?", row["have"]):
            stands = standing(enrolment, demand)
            assert (case, demand, stands.have) == (case, demand, int(have))
            assert (case, demand, stands.need) == (case, demand, int(need or stands.need))
        if row["verdict"] not in ("left", "exempt"):
            assert (case, shortages(enrolment)) == (case, row["short"])


def test_what_was_reached_is_kept_beside_the_state(scene):
    rows = {row["case"]: row for row in rows_of("standings.csv")}
    cases = {
        "left after passing": ("left", "pass", False),
        "exempt from everything but passed: what was reached is kept": ("exempt", "pass", False),
        "exempt from all demands one by one but passed: what was reached is kept": ("exempt", "pass", False),
        "exempt from all demands one by one": ("exempt", "", False),
        "exempt from all that asks for something: the sums ask for nothing": ("exempt", "", False),
    }
    people = {case: set_up(scene, rows[case]) for case in cases}
    scene.recount(*people.values())
    found = {case: standing(e) for case, e in people.items()}
    assert {c: (s.verdict, s.detail["reached"], s.counted_in) for c, s in found.items()} == cases
    gone = people["left after passing"]
    assert set(Standing.objects.filter(enrolment=gone).values_list("verdict", flat=True)) == {"left"}
