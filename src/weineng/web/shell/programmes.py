"""The programme a person looks at: the one they chose, else the newest they have to do with."""

from datetime import date

from django.db.models import Q, QuerySet

from weineng.kernel.clock import today
from weineng.kernel.composed import Composed
from weineng.organisations.models import Closure
from weineng.programmes.models import Programme
from weineng.web.shell.actors import Asked

FEW = 20  # so many stand in the switcher; of more, all stand on a page


def programmes_for(request: Asked) -> list[Programme]:
    """The newest of the programmes that concern this person, and the chosen one; read once a request."""
    found = request.__dict__.get("programmes")
    if found is None:
        post = request.post
        found = _OWN.rows(request.actor.person) if post is None else _AROUND.rows(post.unit, today())
        request.__dict__["more_programmes"] = len(found) > FEW
        found, chosen = found[:FEW], request.session.get("programme")
        if len(found) == FEW and chosen is not None and chosen not in {one.pk for one in found}:
            found += concerning(request).filter(pk=chosen)
        request.__dict__["programmes"] = found
    return found


def more_programmes(request: Asked) -> bool:
    """Whether there are more than the switcher shows."""
    programmes_for(request)
    return bool(request.__dict__["more_programmes"])


def concerning(request: Asked) -> QuerySet[Programme]:
    """Programmes that were started and that concern this person in the present post."""
    if request.post is None:
        return _of_person(request.actor.person)
    return _around_unit(request.post.unit, today())


def _of_person(person: int | None) -> QuerySet[Programme]:
    return _started().filter(enrolments__person=person).distinct()


def _around_unit(unit: int, on: date) -> QuerySet[Programme]:
    around = Closure.objects.filter(during__contains=on)
    above = around.filter(unit=unit).values("ancestor")
    below = around.filter(ancestor=unit).values("unit")
    return _started().filter(Q(owner__in=above) | Q(owner__in=below))


def _started() -> QuerySet[Programme]:
    return Programme.objects.filter(started_on__isnull=False)


def _newest(rows: QuerySet[Programme]) -> QuerySet[Programme]:
    return rows.order_by("-started_on", "pk")[: FEW + 1]


_OWN = Composed(lambda person: _newest(_of_person(person)), int)  # every page asks one of them
_AROUND = Composed(lambda unit, on: _newest(_around_unit(unit, on)), int, date)


def programme_of(request: Asked) -> Programme | None:
    """The chosen programme; None for somebody no programme concerns."""
    found = programmes_for(request)
    chosen = request.session.get("programme")
    return next((programme for programme in found if programme.pk == chosen), found[0] if found else None)
