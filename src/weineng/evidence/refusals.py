"""Every refusal and open point of evidence, with its sentence."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from weineng.files.refusals import TEXTS as FILE_TEXTS
from weineng.files.rules import Problem
from weineng.kernel.refusals import Refused

TEXTS: Mapping[str, object] = {
    # May it be begun?
    "point-not-chosen": _("%(point)s is not among the points you have chosen."),
    "not-declared": _("Declare %(point)s to be assessed first."),
    "nothing-chosen": _("Choose your points first: the recording shows points of your choice."),
    "programme-not-begun": _("The programme begins on %(start)s."),
    "after-cut-off": _("Evidence was taken until %(cut_off)s; that day is over."),
    "after-late-until": _("What was sent back was taken until %(late_until)s; that day is over."),
    "already-sealed": _("This has been handed in and cannot be changed now."),
    "already-decided": _("This attempt has been decided. To better it, begin the next one."),
    "not-decided": _("The next attempt can begin once this one is decided."),
    "attempt-open": _("Another attempt is open already."),
    "nothing-to-better": _("This is excellent already."),
    "already-opened": _("A reviewer has opened it already; it can no longer be taken back."),
    "not-taken-again": _("It is too late to hand it in again, so it stays with its reviewers."),
    "not-handed-in": _("This is not handed in."),
    "platform-only": _("Only the platform itself does this."),
    # What is still to be done
    "item-missing": _("Still missing."),
    "item-too-few": _("%(have)s of at least %(least)s are there."),
    "too-many-files": _("At most %(most)s files here. Remove one first."),
    "files-too-long": _("Together they run %(length)s; at most %(limit)s are taken here."),
    "recording-too-short": _("It runs %(length)s; a full lesson of at least %(limit)s is asked for."),
    "consent-missing": _("Say whether pupils can be seen or heard, and that consent is held."),
    "consent-unknown": _("Say either that no pupil can be seen or heard, or that consent is held."),
    "declared-too-few": _("Declare at least %(least)s points that the lesson shows."),
    "declared-not-chosen": _("%(point)s is not among the points you have chosen."),
    "span-missing": _("Say from when to when the lesson shows %(point)s."),
    "span-wrong": _("The time of %(point)s does not lie within the recording."),
    "text-too-long": _("At most %(most)s characters."),
}


def refused(code: str, *, field: str = "", **params: object) -> Refused:
    """The refusal `code` with its sentence."""
    return Refused(code, TEXTS[code], field=field, **params)


def text_of(problem: Problem) -> str:
    """The sentence of an open point in the reader's language, without the item it belongs to."""
    message = TEXTS.get(problem.code) or FILE_TEXTS[problem.code]
    return str(Refused(problem.code, message, **problem.params))


def refused_for(problem: Problem, item: str, file: str = "") -> Refused:
    """The refusal of a handing in: which piece of evidence, which file, and what is wrong with it."""
    where = {"item": item, "file": file, "problem": text_of(problem)}
    params: dict[str, Any] = dict(problem.params) | where
    if file:
        return Refused(problem.code, _("%(item)s, %(file)s: %(problem)s"), field="items", **params)
    if item:
        return Refused(problem.code, _("%(item)s: %(problem)s"), field="items", **params)
    return Refused(problem.code, _("%(problem)s"), **params)
