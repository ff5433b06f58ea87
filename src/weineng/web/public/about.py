"""The way in, and what the platform says about itself."""

from django.http import HttpResponse
from django.shortcuts import redirect

import weineng
from weineng.web.shell.actors import Asked
from weineng.web.shell.pages import public, show
from weineng.web.shell.places import home_for


@public
def landing(request: Asked) -> HttpResponse:
    """What this is and the three ways on; signed in, straight to the role's home."""
    home = home_for(request)
    if request.actor.person is not None and home != request.path:
        return redirect(home)
    return show(request, "public/landing.html")


@public
def edition(request: Asked) -> HttpResponse:
    """Version, licence, and where the standard's texts come from."""
    return show(request, "public/edition.html", {"version": weineng.__version__})


@public
def privacy(request: Asked) -> HttpResponse:
    """What is kept of whom, for how long, and who sees it."""
    return show(request, "public/privacy.html")


@public
def accessibility(request: Asked) -> HttpResponse:
    """What works how, and where to write when it does not."""
    return show(request, "public/accessibility.html")
