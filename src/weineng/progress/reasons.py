"""Reasons are data: each code with its parameters becomes one sentence in the reader's language, everywhere the same."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from weineng.kernel.words import Words, spoken

VERDICTS: Mapping[str, object] = {
    "not-begun": _("not begun"),
    "in-progress": _("in progress"),
    "pass": _("pass"),
    "excellent": _("excellent"),
    "pending": _("decision pending"),
    "not-passed": _("not passed"),
    "exempt": _("exempt"),
    "left": _("left"),
    "met": _("met"),
    "open": _("open"),
}

# Why a standing is not (yet) what it could be.
STANDING_REASONS: Mapping[str, object] = {
    "minutes-short": _("%(missing_text)s periods are missing: %(have_text)s of %(need_text)s."),
    "share-short": _("%(missing_text)s periods are missing for the share: %(have_text)s of %(need_text)s."),
    "points-short": _("%(missing)s more points must be passed: %(have)s of %(need)s."),
    "axis-missing": _("No point passed yet in: %(values)s."),
    "part-short": _("%(missing)s more points must be passed among: %(values)s."),
    "credits-short": _("%(missing_text)s credits are missing: %(have_text)s of %(need_text)s."),
    "items-short": _("%(missing_text)s more to do (%(what)s): %(have_text)s of %(need_text)s."),
    "no-choice": _("No points have been chosen yet."),
    "result-pending": _("%(item)s has been handed in and waits for its result."),
    "item-failed": _("%(item)s was not passed; it can be handed in again."),
    "exempt": _("Exempt from this demand."),
}

# Why minutes of a record do not count.
LINE_REASONS: Mapping[str, object] = {
    "": _("Counts."),
    "voided": _("The source or an office voided this record."),
    "corrected-by": _("The source corrected this record; the correction is counted instead."),
    "outside-cycle": _("The event lies outside the programme's dates, or the record arrived too late."),
    "no-kind": _("The programme does not count this kind of learning."),
    "derived-kind": _("Minutes of results are earned by results; they cannot be delivered."),
    "duplicate-of": _("The same course at the same time was counted already."),
    "overlap-rejected": _("Two courses at the same time; the office decided that this one does not count."),
    "counted-elsewhere": _("It counts in “%(programme)s”, and what counts there does not count here."),
    "before-gate": _("It was before “%(gate)s” was reached."),
    "cap": _("More than the limit “%(cap)s” allows."),
}
KEPT = _("Counts once “%(gate)s” is reached.")  # before a gate that keeps what comes too early
FLAGS: Mapping[str, object] = {
    "overlap": _("Overlaps another course; counted unless the office decides otherwise."),
}


def verdict_words(verdict: str) -> Words:
    """A verdict in the three languages, as data (for messages that are read later, in the reader's language)."""
    return spoken(VERDICTS[verdict])


def verdict_text(verdict: str) -> str:
    """A verdict in the language in force."""
    return str(VERDICTS.get(verdict, verdict))


def reason_text(code: str, params: Mapping[str, Any]) -> str:
    """The sentence of a standing's reason in the language in force; `params` as they are shown (`queries` prepares them)."""
    return str(STANDING_REASONS[code]) % params


def line_text(code: str, params: Mapping[str, Any]) -> str:
    """The sentence that says why minutes do not count (`kept`: not yet), in the language in force."""
    return str(KEPT if params.get("kept") else LINE_REASONS[code]) % params
