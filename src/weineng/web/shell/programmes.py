"""The programme a person looks at: the one they chose, else the newest they have to do with."""

from django.db.models import Q

from weineng.kernel.clock import today
from weineng.organisations.models import Closure
from weineng.programmes.models import Programme
from weineng.web.shell.actors import Asked


def programmes_for(request: Asked) -> list[Programme]:
    """Programmes that were started and that concern this person in the present post, newest first; read once a request."""
    found = request.__dict__.get("programmes")
    if found is None:
        found = request.__dict__["programmes"] = list(_concerning(request).order_by("-started_on", "pk")[:20])
    return found


def _concerning(request: Asked):
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
