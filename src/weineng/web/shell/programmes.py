"""The programme a person looks at: the one they chose, else the newest they have to do with."""

from django.db.models import Q, QuerySet

from weineng.kernel.clock import today
from weineng.organisations.models import Closure
from weineng.programmes.models import Programme
from weineng.web.shell.actors import Asked

FEW = 20  # so many stand in the switcher; of more, all stand on a page


def programmes_for(request: Asked) -> list[Programme]:
    """The newest of the programmes that concern this person, and the chosen one; read once a request."""
    found = request.__dict__.get("programmes")
    if found is None:
        rows = concerning(request)
        found = list(rows.order_by("-started_on", "pk")[: FEW + 1])
        request.__dict__["more_programmes"] = len(found) > FEW
        found, chosen = found[:FEW], request.session.get("programme")
        if len(found) == FEW and chosen is not None and chosen not in {one.pk for one in found}:
            found += rows.filter(pk=chosen)
        request.__dict__["programmes"] = found
    return found


def more_programmes(request: Asked) -> bool:
    """Whether there are more than the switcher shows."""
    programmes_for(request)
    return bool(request.__dict__["more_programmes"])


def concerning(request: Asked) -> QuerySet[Programme]:
    """Programmes that were started and that concern this person in the present post."""
    started = Programme.objects.filter(started_on__isnull=False)
    if request.post is None:
        return started.filter(enrolments__person=request.actor.person).distinct()
    around = Closure.objects.filter(during__contains=today())
    above = around.filter(unit=request.post.unit).values("ancestor")
    below = around.filter(ancestor=request.post.unit).values("unit")
    return started.filter(Q(owner__in=above) | Q(owner__in=below))


def programme_of(request: Asked) -> Programme | None:
    """The chosen programme; None for somebody no programme concerns."""
    found = programmes_for(request)
    chosen = request.session.get("programme")
    return next((programme for programme in found if programme.pk == chosen), found[0] if found else None)
