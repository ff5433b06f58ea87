"""How a statement of a training platform (xAPI) becomes one row of the hours lane: what the office agreed with the platform,
applied to what the platform said.

A rule names verbs and activities; the first that fits decides (`Understanding.rule_for`). A statement that no rule names is
nobody's learning event and leaves no trace in the hours lane; one that a rule names and that cannot be read is refused like
a wrong row of a sheet, so that its sender sees what is to be mended.
"""

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from functools import cached_property
from typing import Any

from django.utils.translation import gettext_lazy as _

from weineng.kernel.refusals import Refused
from weineng.learning.rules.records import ID_LENGTH, RecordRow, RowResult
from weineng.organisations.rules import MAIL_SHA1, mail_sha1

NEEDS = ("", "completion", "success")  # what the result of a statement must say before it counts
MINUTES_BY = ("duration", "length")  # as the statement says, or as the course was declared
COURSE_LENGTH = 120  # of Record.course
IRI_LENGTH = 500  # of a verb or activity in a rule
TITLE_LENGTH = 200
TITLES = (
    "zh-CN",
    "zh-Hans",
    "zh",
    "zh-TW",
    "zh-Hant",
    "en",
    "en-US",
)  # in which language a course is shown, if it has several

_DURATION = re.compile(
    r"P(?=.)(?:{0}W|(?:{0}Y)?(?:{0}M)?(?:{0}D)?(?:T(?=.)(?:{0}H)?(?:{0}M)?(?:{0}S)?)?)".format(r"([0-9]+(?:\.[0-9]+)?)")
)
_SECONDS = (
    604_800,
    0,
    0,
    86_400,
    3_600,
    60,
    1,
)  # of a week, year, month, day, hour, minute, second; years have no length


@dataclass(frozen=True)
class AgreedRule:
    """Which statements of a platform are learning events, and of how many minutes.

    `verbs`: ids of verbs, at least one. `activity`: the id of the activity, or with `below` how such ids begin ('' and
    `below`: any). `needs`: '' | completion | success. `least_score`: least scaled score, −1 to 1, or None. `minutes_by`: duration
    (of the statement, whole minutes, at most `minutes` if that is given) or length (the declared `minutes` of the course).
    `course`: the code under which the office knows the course; '' takes the activity's id.
    """

    verbs: frozenset[str]
    mode: str
    activity: str = ""
    below: bool = False
    needs: str = ""
    least_score: Decimal | None = None
    minutes_by: str = "duration"
    minutes: int | None = None
    course: str = ""

    def fits(self, verb: str, activity: str) -> bool:
        """Whether it is about statements with this verb and activity."""
        return verb in self.verbs and (activity.startswith(self.activity) if self.below else activity == self.activity)


@dataclass(frozen=True)
class Understanding:
    """What an office agreed with a platform: `rules` in the order of their making, and `homes`: the home page of its accounts
    → the type of number that an account's name is."""

    provider: str
    rules: Sequence[AgreedRule]
    homes: Mapping[str, str]

    @cached_property
    def verbs(self) -> frozenset[str]:
        """Every verb that some rule names."""
        return frozenset(verb for rule in self.rules for verb in rule.verbs)

    @cached_property
    def _ordered(self) -> Sequence[AgreedRule]:
        newest_first = list(reversed(self.rules))
        return sorted(newest_first, key=lambda rule: (rule.below, -len(rule.activity)))

    def rule_for(self, verb: str, activity: str) -> AgreedRule | None:
        """The rule that decides: one for this very activity before one for those below, the longer beginning before the
        shorter, the newer before the older."""
        return next((rule for rule in self._ordered if rule.fits(verb, activity)), None)


def read_statement(said: Mapping[str, Any], agreed: Understanding, at: datetime) -> RecordRow | RowResult | None:
    """The row that a statement stands for; a refused answer where a rule names it and it cannot be read; None where it is no
    learning event. `said`: a valid statement; `at`: its timestamp.

    Codes: `not-finished`, `not-passed`, `score-too-low`, `duration-missing`, `person-missing`, `account-not-agreed`.
    """
    thing = said["object"]
    if thing.get("objectType", "Activity") != "Activity":
        return None
    rule = agreed.rule_for(said["verb"]["id"], thing["id"])
    if rule is None:
        return None
    try:
        _check_result(rule, said.get("result", {}))
        return _row(said, rule, agreed, at)
    except Refused as refusal:
        at_field = {"field": refusal.field} if refusal.field else {}
        return RowResult(said["id"], "refused", refusal.code, {**refusal.params, **at_field}, str(refusal))


def _check_result(rule: AgreedRule, result: Mapping[str, Any]) -> None:
    if rule.needs == "completion" and result.get("completion") is not True:
        raise Refused("not-finished", _("The statement does not say that the course was finished."), field="completion")
    if rule.needs == "success" and result.get("success") is not True:
        raise Refused("not-passed", _("The statement does not say that the course was passed."), field="success")
    if rule.least_score is not None:
        scaled = result.get("score", {}).get("scaled")
        if scaled is None or Decimal(str(scaled)) < rule.least_score:
            message = _("The score is below %(least)s.")
            raise Refused("score-too-low", message, field="score", least=str(rule.least_score.normalize()))


def _row(said: Mapping[str, Any], rule: AgreedRule, agreed: Understanding, at: datetime) -> RecordRow:
    kind, number = _person(said["actor"], agreed)
    told = said.get("result", {}).get("duration")
    minutes, seconds = _minutes(rule, None if told is None else duration_seconds(told))
    thing = said["object"]
    return RecordRow(
        source_id=said["id"].lower()[:ID_LENGTH], person_type=kind, person_number=number,
        person_name=_storable(str(said["actor"].get("name", "")))[:80], mode=rule.mode,
        course=rule.course or course_code(thing["id"]), title=title_of(thing.get("definition", {}).get("name", {})),
        starts_at=_begin(at, seconds), ends_at=at, minutes=minutes,
        passed=said.get("result", {}).get("success") is True,
    )  # fmt: skip


def _minutes(rule: AgreedRule, seconds: Decimal | None) -> tuple[int, Decimal]:
    """Minutes that a statement brings by a rule, and the seconds of its event."""
    if rule.minutes_by == "length":
        length = rule.minutes or 0
        return length, Decimal(length * 60) if seconds is None else seconds
    if seconds is None:
        raise Refused("duration-missing", _("The statement does not say how long it took."), field="duration")
    whole = int(seconds // 60)
    return (whole if rule.minutes is None else min(whole, rule.minutes)), seconds


def _begin(at: datetime, seconds: Decimal) -> datetime:
    try:
        return at - timedelta(seconds=float(seconds))
    except OverflowError:
        return datetime.min.replace(tzinfo=at.tzinfo)  # refused as too long ago, like every slip of the kind


def _person(actor: Mapping[str, Any], agreed: Understanding) -> tuple[str, str]:
    """The type of number, and the number, by which a statement names whose it is."""
    if actor.get("objectType") == "Group":
        raise Refused("person-missing", _("The record does not say whose it is."), field="actor")
    if account := actor.get("account"):
        home = account["homePage"]
        if home not in agreed.homes:
            message = _("It is not agreed whose accounts those of “%(home)s” are.")
            raise Refused("account-not-agreed", message, field="actor", home=home[:200])
        return agreed.homes[home], account["name"]
    if mail := actor.get("mbox"):
        return MAIL_SHA1, mail_sha1(mail.removeprefix("mailto:"))
    if hashed := actor.get("mbox_sha1sum"):
        return MAIL_SHA1, hashed
    return "openid", actor.get("openid", "")


def course_code(activity: str) -> str:
    """An activity's id as the code of a course: itself, or its beginning and a hash where it is longer than a code may be."""
    if len(activity) <= COURSE_LENGTH:
        return activity
    return f"{activity[: COURSE_LENGTH - 17]}~{hashlib.sha256(activity.encode()).hexdigest()[:16]}"


def title_of(names: Mapping[str, str]) -> str:
    """The name of a course out of its names by language: Chinese before English before any other."""
    known = next((names[tag] for tag in TITLES if tag in names), None)
    return _storable(known if known is not None else next(iter(names.values()), ""))[:TITLE_LENGTH]


def _storable(text: str) -> str:
    """Without the one character that statements may hold and texts of the database may not."""
    return text.replace("\0", "")


def duration_seconds(text: str) -> Decimal | None:
    """Seconds of an ISO 8601 duration; None where it has none that everybody would agree on (years and months)."""
    found = _DURATION.fullmatch(text)
    if found is None:
        return None
    seconds = Decimal(0)
    for part, length in zip(found.groups(), _SECONDS, strict=True):
        if part is None:
            continue
        if not length and Decimal(part):
            return None
        seconds += Decimal(part) * length
    return seconds
