"""How the platform takes a step for many dossiers: one that fails is named on its row and holds no other up."""

import logging
from collections.abc import Callable, Iterable
from datetime import timedelta

from django.db import transaction
from django.db.models import Q, QuerySet

from weineng.assessment.models import Dossier, StageRun
from weineng.kernel.clock import now

log = logging.getLogger(__name__)

BATCH = 500  # dossiers a round
AGAIN = timedelta(minutes=10)  # after which a dossier that could not go on is tried again


def each(runs: Iterable[StageRun], step: Callable[[StageRun], int], still: QuerySet[StageRun] | None = None) -> int:
    """Take a step for each run, in a savepoint of its own: what fails is named on its dossier and left for later.

    `still` is asked again once the dossier is held: a review may have been taken back since the runs were found. Returns
    how many steps were taken, the naming of a failure among them.
    """
    taken = 0
    for run in runs:
        try:
            with transaction.atomic():
                if not held(run) or (still is not None and not still.filter(pk=run.pk).exists()):
                    continue
                taken += step(run)
                if run.dossier.stuck_at is not None:
                    Dossier.objects.filter(pk=run.dossier_id).update(stuck_at=None, stuck_because="")
                    run.dossier.stuck_at = None
        except Exception as error:  # one broken dossier must not stop the others
            log.exception("Dossier %s cannot go on.", run.dossier_id)
            run.dossier.stuck_at = now()
            taken += Dossier.objects.filter(pk=run.dossier_id).update(stuck_at=now(), stuck_because=told(error))
    return taken


def held(run: StageRun) -> bool:
    """Lock the run's dossier before anything of it, as reviewers do; False where one of them was faster and ended the stage."""
    here = Dossier.objects.select_for_update(of=("self",)).filter(pk=run.dossier_id, state="open", stage=run.stage)
    return here.first() is not None


def movable() -> Q:
    """The condition on a stage's run that its dossier did not just fail."""
    return Q(dossier__stuck_at__isnull=True) | Q(dossier__stuck_at__lte=now() - AGAIN)


def told(error: Exception) -> str:
    """An error as its dossier names it."""
    return f"{type(error).__name__}: {error}"[:200]
