"""Pages for the tests of the frame: a form that is refused, one that acts, one that breaks, and their templates."""

from django import forms
from django.db import InterfaceError
from django.http import HttpResponse
from django.template import engines
from django.urls import include, path

from weineng.kernel.actors import Permission, Reach
from weineng.kernel.refusals import NotFound, Refused
from weineng.notices.permissions import READ_OWN
from weineng.web.shell.pages import done, page, public, refusals_on

NOBODY = Permission("sample.nobody", frozenset({Reach.UNIT}), "")
ACTS = []


class Name(forms.Form):
    name = forms.CharField(max_length=10, help_text="As on paper.")
    place = forms.CharField(required=False)


@page(READ_OWN)
def enter(request):
    form = Name(request.POST or None)
    if request.method == "POST" and form.is_valid():
        name = form.cleaned_data["name"]
        with refusals_on(form):
            if name == "taken":
                raise Refused("name-taken", "%(name)s is taken.", field="name", name=name)
            if name == "late":
                raise Refused("too-late", "The term is over.")
            if name == "outside":
                raise NotFound("sample")
            if name == "bare":
                raise Refused("no-such-field", "Somewhere else.", field="elsewhere")
            ACTS.append(name)
            return done(request, "Entered.", f"/sample/entered/{len(ACTS)}/")
    template = engines["django"].from_string(
        '{% extends "shell/base.html" %}{% block title %}T{% endblock %}{% block heading %}T{% endblock %}'
        "{% block content %}{% form form %}{% field form.name %}{% field form.place %}{% endform %}{% endblock %}"
    )
    wrong = request.method == "POST"
    return HttpResponse(template.render({"form": form}, request), status=422 if wrong else 200)


@page(READ_OWN)
def refuse(request):
    raise Refused("closed-already", "The programme is closed.")


@page(NOBODY)
def closed(request):
    return HttpResponse("secret")


@public
def cut_off(request):
    raise InterfaceError("connection already closed")


@public
def broken(request):
    raise RuntimeError("boom")


urlpatterns = [
    path("sample/", enter),
    path("sample/refuse/", refuse),
    path("sample/closed/", closed),
    path("sample/broken/", broken),
    path("sample/cut-off/", cut_off),
    path("", include("weineng.config.urls")),
]
handler404 = "weineng.web.shell.answers.not_found"
handler500 = "weineng.web.shell.answers.broken"
