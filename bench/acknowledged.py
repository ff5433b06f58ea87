"""The list outside: what was acknowledged, on disk before anything else happens, and what the platform knows of it later."""

import hashlib
import json
import os
import threading
from collections import Counter
from collections.abc import Callable, Iterable
from itertools import groupby
from pathlib import Path
from typing import Any

from django.db.models import Count, F, Q, QuerySet

from weineng.activities.models import Product, Session, SignIn
from weineng.assessment.models import Assignment, Dossier, Rating, Result
from weineng.audit import chain
from weineng.audit.models import Line, Unsealed
from weineng.audit.queries import export_entries
from weineng.certification.models import Certificate
from weineng.certification.queries import verified
from weineng.evidence.models import Submission
from weineng.files.models import Upload, Use
from weineng.files.queries import bytes_of
from weineng.kernel.actors import platform
from weineng.kernel.ids import open_id
from weineng.learning.models import Record
from weineng.notices.models import Message
from weineng.ops.loops import all_loops
from weineng.organisations.models import Person
from weineng.planning.models import ChosenPoint
from weineng.programmes.models import Programme
from weineng.progress.actions import compare_with_recount
from weineng.progress.models import Standing
from weineng.statements.models import Pending, Statement

ROWS = 20  # of a batch and of a sheet of hours
ROSTER = 5  # people of a roster
KINDS = ("lost", "doubled", "half", "chain", "differences", "stuck")


class Outside:
    """Facts that were acknowledged, attempts whose end nobody knows, and answers that acknowledged nothing."""

    def __init__(self, place: Path) -> None:
        self.file = place.open("w")
        self.lock = threading.Lock()
        self.said: list[dict[str, Any]] = []
        self.tried: dict[tuple, list[Any]] = {}
        self.broken: Counter[str] = Counter()
        self.odd: Counter[str] = Counter()

    def note(self, kind: str, **fact: Any) -> None:
        """An acknowledgement."""
        with self.lock:
            self.said.append({"kind": kind, **fact})
            self.file.write(json.dumps(self.said[-1], ensure_ascii=False) + "\n")
            self.file.flush()
            os.fsync(self.file.fileno())

    def refuse(self, kind: str, said: str) -> None:
        """An answer that acknowledges nothing and that nobody expected; the first of each kind is shown."""
        if not self.odd[kind]:
            print(f"{kind}: {said[:900]}", flush=True)
        self.odd[kind] += 1

    def of(self, kind: str) -> list[dict[str, Any]]:
        return [fact for fact in self.said if fact["kind"] == kind]

    def last(self, kind: str, *names: str) -> dict[tuple, dict[str, Any]]:
        """The last fact of a kind for each thing."""
        return {tuple(fact[name] for name in names): fact for fact in self.of(kind)}


class Found:
    """Faults by kind; the first of each kind are printed."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter(dict.fromkeys(KINDS, 0))

    def add(self, kind: str, what: str, count: int = 1) -> None:
        if count and self.counts[kind] < 8:
            print(f"{kind}: {what}", flush=True)
        self.counts[kind] += count

    def each(self, kind: str, what: str, things: Iterable[object]) -> None:
        for thing in things:
            self.add(kind, f"{what} {thing}")


def check(outside: Outside) -> dict[str, int]:
    """Everything acknowledged against everything stored."""
    found = Found()
    if done := all_loops()[0].run_round():  # settle; the others look at the clock and always find something
        found.add("stuck", f"{done} things were still to be done", done)
    for look in (
        records,
        statements,
        rosters,
        choices,
        files,
        submissions,
        sessions,
        reviews,
        results,
        certificates,
        log,
    ):
        look(outside, found)
    wrong = compare_with_recount(by=platform("bench"), programme=Programme.objects.get().pk)
    found.each("differences", "from a recount", wrong)
    return dict(found.counts)


def records(outside: Outside, found: Found) -> None:
    """Records of the API and of sheets, corrections, voids."""
    rows = Record.objects.filter(title__startswith="b-").order_by("pk")
    rows = rows.exclude(source_id__startswith="void:")
    stored = Counter(rows.filter(void_of=None, supersedes=None).values_list("source_id", flat=True))
    in_force = dict(rows.in_force().values_list("source_id", "minutes"))
    told = {i for fact in (*outside.of("records"), *outside.of("hours")) for i in fact["ids"]}
    found.each("lost", "record", told - set(stored))
    restored = list(Line.objects.filter(verb="learning.restore").order_by("pk").values_list("thing", flat=True))
    again = Counter(Record.objects.filter(pk__in=restored).order_by("pk").values_list("source_id", flat=True))
    found.each("doubled", "record", [i for i, count in stored.items() if count > 1 + again[i]])
    batches = Counter(i.rsplit("-", 1)[0] for i in stored)
    found.each("half", "batch", [name for name, count in batches.items() if count != ROWS])
    for fact in outside.of("corrected"):
        off = [i for i in fact["ids"] if in_force.get(i, fact["minutes"]) != fact["minutes"]]
        found.each("lost", "correction", off)
    revisions = rows.filter(supersedes__isnull=False).values("source_id").annotate(n=Count("pk")).filter(n__gt=1)
    found.each("doubled", "correction", revisions)
    for fact in outside.of("voided"):
        pk = open_id("learning.record", fact["record"])
        found.add("lost", f"void {fact}", Record.objects.in_force().filter(pk=pk).count())
        found.add("half", f"void {fact} without its record", int(not Record.objects.filter(void_of=pk).exists()))
    for fact in outside.of("restored"):
        old = Record.objects.get(pk=open_id("learning.record", fact["record"]))
        next_one = Record.objects.filter(provider=old.provider_id, source_id=old.source_id, revision=old.revision + 1)
        found.add("lost", f"restored {fact}", int(next_one.filter(content=old.content).count() != 1))
        found.add("doubled", f"restored {fact}", int(restored.count(old.pk) != 1))


def statements(outside: Outside, found: Found) -> None:
    """Statements of the record store, each once and as one record; none where it was taken back."""
    told = [i for fact in outside.of("statements") for i in fact["ids"]]
    gone = {fact["id"] for fact in outside.of("unsaid")}
    asked = {*told, *(fact["by"] for fact in outside.of("unsaid"))}
    stored = {str(sid) for sid in Statement.objects.filter(sid__in=asked).order_by("seq").values_list("sid", flat=True)}
    found.each("lost", "statement", asked - stored)
    calls = Counter(course for course in _courses(Statement.objects.filter(voids=False)))
    found.each("half", "call of statements", [course for course, count in calls.items() if count != ROWS])
    became = Record.objects.filter(title__startswith="x-", void_of=None).order_by("pk")
    count = Counter(became.in_force().values_list("source_id", flat=True))
    found.each("lost", "record of a statement", set(told) - gone - set(count))
    found.each("doubled", "record of a statement", [sid for sid, times in count.items() if times > 1])
    found.each("half", "record of a statement that was taken back", gone & set(count))
    found.add("stuck", "statements that nobody read", Pending.objects.count())


def _courses(said: "QuerySet[Statement]") -> Iterable[str]:
    return (str(json.loads(body)["object"]["id"]) for body in said.order_by("seq").values_list("body", flat=True))


def rosters(outside: Outside, found: Found) -> None:
    """People brought in by a sheet."""
    people = Counter(Person.objects.filter(name__startswith="甲").order_by("pk").values_list("name", flat=True))
    names = {name for fact in outside.of("roster") for name in fact["names"]}
    found.each("lost", "person", names - set(people))
    found.each("doubled", "person", [name for name, count in people.items() if count > 1])
    sheets = Counter(name.rsplit("之", 1)[0] for name in people)
    found.each("half", "roster", [name for name, count in sheets.items() if count != ROSTER])


def choices(outside: Outside, found: Found) -> None:
    """Points that were chosen."""
    for fact in outside.of("choice"):
        chosen = ChosenPoint.objects.filter(choice__enrolment__person__account__name=fact["account"])
        points = sorted(chosen.filter(choice__superseded_at=None).values_list("point", flat=True))
        found.add("lost", f"choice {fact} {points}", int(points != sorted(fact["points"])))


def files(outside: Outside, found: Found) -> None:
    """Uploads with a receipt: the row, the bytes, and that the file lies where it was meant for, once."""
    for fact in outside.of("receipt"):
        row = Upload.objects.filter(receipt=fact["receipt"]).select_related("blob").first()
        if row is None or row.blob is None:
            found.add("lost", f"upload {fact}")
            continue
        digest = hashlib.sha256(b"".join(bytes_of(row.blob))).hexdigest()
        found.add("lost", f"bytes {fact}", int(digest != fact["sha256"]))
        uses = Use.objects.filter(upload=row, dropped_at=None).count()
        found.add("lost", f"file of a receipt lies nowhere {fact}", int(uses == 0))
        found.add("doubled", f"file {fact} lies in {uses} places", int(uses > 1))
    half = Upload.objects.filter(receipt__isnull=False, blob__isnull=True).count()
    found.add("half", "receipts without a file", half)


def submissions(outside: Outside, found: Found) -> None:
    """What was handed in."""
    states = dict(Submission.objects.values_list("pk", "state").order_by("pk"))
    for fact in outside.of("handed-in"):
        state = states.get(open_id("evidence.submission", fact["submission"]))
        found.add("lost", f"{fact} is {state}", int(state not in ("submitted", "opened", "decided")))
    twice = Submission.objects.values("enrolment", "item", "point").annotate(n=Count("pk")).filter(n__gt=1)
    found.each("doubled", "submission", twice)
    found.each("doubled", "version", Submission.objects.filter(version__gt=1))
    events = Submission.objects.annotate(n=Count("events", filter=Q(events__kind="submitted"))).filter(n__gt=1)
    found.each("doubled", "handing in", events)


def sessions(outside: Outside, found: Found) -> None:
    """Sign-in sheets, products, and the minutes that follow from them."""
    for fact in outside.of("signed-in"):
        session = open_id("activities.session", fact["session"])
        there = SignIn.objects.filter(session=session, person__account__name=fact["account"]).count()
        found.add("lost", f"{fact}", int(there == 0))
    for fact in outside.of("product"):
        count = Product.objects.filter(session=open_id("activities.session", fact["session"])).count()
        found.add("lost", f"{fact}", int(count == 0))
        found.add("doubled", f"{count} products {fact}", int(count > 1))
    for fact in outside.of("closed"):
        session = Session.objects.get(pk=open_id("activities.session", fact["session"]))
        found.add("lost", f"{fact} is {session.state}", int(session.state != "closed"))
        earned = Record.objects.in_force().filter(source_id__startswith=f"session:{session.pk}:")
        people = sorted(SignIn.objects.filter(session=session, struck_at=None).values_list("person", flat=True))
        got = sorted(earned.values_list("person", flat=True))
        found.add("half" if len(got) < len(people) else "doubled", f"minutes of {fact}", int(got != people))
    titles = Session.objects.values("title").annotate(n=Count("pk")).filter(n__gt=1)
    found.each("doubled", "session", titles)


def reviews(outside: Outside, found: Found) -> None:
    """Ratings that were saved, reviews that were handed in."""
    for (word, seq), fact in outside.last("rating", "assignment", "seq").items():
        row = Rating.objects.filter(assignment=open_id("assessment.assignment", word), seq=int(seq)).first()
        allowed = [fact["comment"], *outside.tried.get(("rating", word, seq), [])]
        found.add("lost", f"rating {fact}", int(row is None or row.comment not in allowed))
    finished = {open_id("assessment.assignment", fact["assignment"]) for fact in outside.of("finished")}
    done = set(Assignment.objects.filter(state="done").values_list("pk", flat=True))
    found.each("lost", "review", finished - done)
    open_ratings = Rating.objects.filter(assignment__in=done, final=False).exclude(level="")
    found.each("half", "finished review with an open rating", open_ratings.values_list("pk", flat=True))
    lines = Line.objects.filter(verb="assessment.finish").values("thing").annotate(n=Count("pk")).filter(n__gt=1)
    found.each("doubled", "finishing", lines)


def results(_outside: Outside, found: Found) -> None:
    """What the settle loop derives from ratings: one result for each decided dossier, nothing left that could be decided."""
    reviewed = Result.objects.filter(submission__isnull=False)  # the others were brought in
    twice = reviewed.values("submission").annotate(n=Count("pk")).filter(n__gt=1)
    found.each("doubled", "result", twice)
    decided = set(Dossier.objects.filter(state="decided").values_list("submission", flat=True))
    with_result = set(reviewed.filter(overturned_at=None).values_list("submission", flat=True))
    found.each("half", "decided without result", decided ^ with_result)
    off = Submission.objects.filter(pk__in=decided).exclude(state="decided").values_list("pk", flat=True)
    found.each("half", "decided dossier of an open submission", off)
    mine = Assignment.objects.filter(judged=F("reviewer")).exclude(role="self")
    found.each("doubled", "judged by themselves", mine.values_list("pk", flat=True))


def certificates(outside: Outside, found: Found) -> None:
    """One valid certificate for everybody who passed, none for anybody else; everybody was told once."""
    kept = set(Certificate.objects.values_list("pk", flat=True))
    seen = {open_id("certification.certificate", fact["certificate"]) for fact in outside.of("certificate")}
    found.each("lost", "certificate", seen - kept)
    passed = set(
        Standing.objects.filter(demand="overall", verdict__in=("pass", "excellent")).values_list("enrolment", flat=True)
    )
    held = Counter(Certificate.objects.filter(revoked_at=None).values_list("enrolment", flat=True))
    found.each("half", "passed without certificate", passed - set(held))
    found.each("half", "certificate without pass", set(held) - passed)
    found.each("doubled", "certificate", [one for one, count in held.items() if count > 1])
    rows = Certificate.objects.select_related("key").order_by("pk")
    found.each(
        "half", "certificate that does not verify", [row.number for row in rows if verified(row).state == "forged"]
    )
    told = Message.objects.filter(event="certificate-issued").count()
    found.add("doubled" if told > len(rows) else "lost", f"{told} told of {len(rows)}", abs(told - len(rows)))


def log(outside: Outside, found: Found) -> None:
    """Whole chain, every line sealed, and no acknowledged act without its line."""
    found.each("chain", "break", chain.check_lines(export_entries()).faults)
    found.add("chain", "lines without seal", Unsealed.objects.count())
    verbs: dict[str, Callable[[], set[int]]] = {
        verb: (lambda verb=verb: set(Line.objects.filter(verb=verb).values_list("thing", flat=True)))
        for verb in ("assessment.finish", "evidence.seal")
    }
    for kind, name, model, verb in (
        ("finished", "assignment", "assessment.assignment", "assessment.finish"),
        ("handed-in", "submission", "evidence.submission", "evidence.seal"),
    ):
        acted = {open_id(model, fact[name]) for fact in outside.of(kind)}
        found.each("lost", f"line {verb}", acted - verbs[verb]())


def in_all(outside: Outside) -> dict[str, int]:
    """How many facts of each kind were acknowledged."""
    kinds = sorted(fact["kind"] for fact in outside.said)
    return {kind: len(list(group)) for kind, group in groupby(kinds)}
