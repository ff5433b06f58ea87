"""Kinds of teachers: what a document looks at when it asks somebody for more, or lets them do less, than others."""

from dataclasses import dataclass

from weineng.programmes.rules import Document, Stage
from weineng.standards.rules import ENVIRONMENTS

IN_SCHOOL = ("group-peers", "backbone")  # who looks at what was handed in and is of the same school


@dataclass(frozen=True, order=True)
class TeacherKind:
    """What a document looks at: the flags of the school (those it names), the environment the school works in ('': any), and how
    many colleagues somebody has in the school (None: as many as are asked for)."""

    flags: tuple[str, ...] = ()
    environment: str = ""
    colleagues: int | None = None


def flags_of(document: Document) -> tuple[str, ...]:
    """The flags of schools that change what is asked for."""
    named = {flag for demand in document.demands for flag in demand.minimum_for_flag}
    return tuple(sorted(named | {*document.choice.opened_minimum_for_flag}))


def asks_for_points(document: Document) -> bool:
    """Whether anything is asked for that has to do with capability points."""
    named = {demand.type for demand in document.demands} | {demand.item for demand in document.demands}
    return bool(named & {"points", "credits", "declaration"}) or bool(document.earnings)


def colleagues_needed(document: Document) -> int:
    """So many colleagues in the school are needed before anything can be decided there; 0: none, or others look instead."""
    return max((_needed(stage) for stage in document.stages if stage.decides), default=0)


def _needed(stage: Stage) -> int:
    if stage.delegated_to or (stage.by == "group-peers" and "same-zone" in stage.fallback):
        return 0
    return stage.reviewers if stage.by in IN_SCHOOL else stage.insiders


def stage_lines(stage: Stage) -> frozenset[str]:
    """The lines that make a stage need colleagues."""
    line = "reviewers" if stage.by in IN_SCHOOL else "insiders"
    return frozenset({f"stages.{stage.code}.{line}"})


def kinds_of(document: Document) -> tuple[TeacherKind, ...]:
    """Every kind of teacher that a document tells apart: with no flag, with each, with all; in each environment; with enough
    colleagues, and with none where that matters."""
    flags = flags_of(document)
    sets = list(dict.fromkeys([(), *((flag,) for flag in flags), flags]))
    environments = ("", *list(ENVIRONMENTS)[:-1]) if asks_for_points(document) else ("",)
    company = (None, 0) if colleagues_needed(document) else (None,)
    return tuple(TeacherKind(f, e, c) for f in sets for e in environments for c in company)


def reachable_environments(environment: str) -> tuple[str, ...]:
    """The environments whose points somebody can work on: those up to that of the school; '': all."""
    known = list(ENVIRONMENTS)
    return tuple(known[: known.index(environment) + 1] if environment else known)
