"""Every component in every state, with the longest and the shortest words it has to bear."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from weineng.kernel.clock import now, today
from weineng.kernel.refusals import Refused
from weineng.kernel.words import word_for
from weineng.programmes.permissions import PUBLISH
from weineng.web.components.tables import Column, Table
from weineng.web.shell.actors import Asked
from weineng.web.shell.pages import page, refusals_on, show
from weineng.web.templatetags.parts import STATES

SAMPLES = json.loads((Path(__file__).parent / "data" / "samples.json").read_text(encoding="utf-8"))


class SampleForm(forms.Form):
    """One of each field."""

    name = forms.CharField(label=_("Name of the session"), help_text=_("As it stands on the notice."), max_length=40)
    held_on = forms.DateField(label=_("Day"), widget=forms.DateInput(attrs={"type": "date"}))
    minutes = forms.IntegerField(label=_("Length"), min_value=1, max_value=480)
    place = forms.CharField(label=_("Place"), required=False)
    mode = forms.ChoiceField(label=_("How"), choices=(("face", _("Face to face")), ("online", _("Online"))))
    points = forms.MultipleChoiceField(
        label=_("What it is about"),
        choices=(("A1", "A1"), ("B2", "B2"), ("C7", "C7")),
        widget=forms.CheckboxSelectMultiple,
        help_text=_("At least one."),
    )
    visible = forms.ChoiceField(
        label=_("Who sees the minutes"),
        choices=(("group", _("The group")), ("school", _("The whole school"))),
        widget=forms.RadioSelect,
    )
    report = forms.CharField(label=_("What was decided"), widget=forms.Textarea(attrs={"rows": 4}), required=False)
    paper = forms.FileField(label=_("Attendance list"), required=False, help_text=_("PDF or photo, up to 20 MB."))
    consent = forms.BooleanField(label=_("Everybody on the photo has agreed to be on it."))


@page(PUBLISH, demo=True)
def gallery(request: Asked) -> HttpResponse:
    """All components; the form can be sent: it is checked and refused like a real one, and changes nothing."""
    form = SampleForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        with refusals_on(form):
            raise Refused("day-taken", _("On this day the group already meets."), field="held_on")
    if "toast" in request.GET:
        messages.success(request, _("Saved. The receipt has number 2026-000417."))
        messages.error(request, _("Two of the seven files were not taken: they are empty."))
    return show(
        request, "gallery/gallery.html", {"form": form, "empty_form": SampleForm(prefix="b"), **samples(request)}
    )


def word(key: str) -> str:
    """A sample in the reader's language."""
    return word_for(SAMPLES[key], get_language() or "")


def samples(request: Asked) -> dict[str, Any]:
    """What the gallery shows: invented, with long and short names side by side."""
    at, people = now(), SAMPLES["people"]
    schools = [
        {"name": word("school_short"), "total": 8, "done": 8, "waiting": 0, "share": 100, "state": "done"},
        {"name": word("school"), "total": 126, "done": 61, "waiting": 24, "share": 48, "state": "waiting"},
        {"name": word("school_long"), "total": 43, "done": 4, "waiting": 3, "share": 9, "state": "late"},
        {"name": people[0], "total": 0, "done": 0, "waiting": 0, "share": 0, "state": "open"},
    ]
    head = Table(
        request,
        (
            Column("name", _("School"), sort="name"),
            Column("total", _("Enrolled"), sort="total", number=True, unit=_("people")),
            Column("share", _("Finished"), sort="share", number=True, unit="%", descending_first=True),
            Column("bar", _("Done, waiting, not begun")),
            Column("state", _("State")),
        ),
        order="-share",
    )
    head.next = "?after=page2"
    return {
        "schools": schools, "head": head, "people": people, "school": word("school"), "school_long": word("school_long"),
        "course": word("course"), "file": word("file"), "file_short": word("file_short"), "remark": word("remark"), "at": at,
        "soon": today() + timedelta(days=5), "past": today() - timedelta(days=1), "next_year": today() + timedelta(days=400),
        "crumbs": _crumbs(), "chips": _chips(), "tabs": _tabs(), "steps": (_("File"), _("What was understood"), _("Apply")),
        "events": _events(at, people), "tasks": _tasks(),
        "states": tuple(STATES),
        "icons": ICONS,
    }  # fmt: skip


ICONS = (
    "home", "people", "school", "plan", "task", "review", "chart", "certificate", "calendar", "book", "upload", "download", "log",
    "key", "settings", "bell", "more", "search", "file", "video", "print", "check", "clock", "circle", "alert", "cross", "back",
    "pencil", "info", "minus", "plus", "down", "up", "left", "right", "link", "swap",
)  # fmt: skip


def _crumbs() -> list[dict[str, Any]]:
    beside = [(word_for(one, get_language() or ""), "#crumbs") for one in SAMPLES["siblings"]]
    return [
        {"text": word("city"), "url": "#crumbs"},
        {"text": word("district"), "url": "#crumbs", "siblings": beside},
        {"text": word("school")},
    ]


def _chips() -> list[dict[str, Any]]:
    return [
        {"text": _("Everybody"), "url": "#chips", "count": 1126, "on": True},
        {"text": _("Not begun"), "url": "#chips", "count": 61},
        {"text": word("course"), "url": "#chips", "count": 3},
        {"text": _("Nobody"), "url": "#chips", "count": 0},
    ]


def _tabs() -> list[dict[str, Any]]:
    return [
        {"text": _("Standing"), "url": "#tabs", "on": True},
        {"text": _("Records"), "url": "#tabs", "count": 41},
        {"text": _("Evidence"), "url": "#tabs", "count": 7},
        {"text": _("Log"), "url": "#tabs"},
    ]


def _events(at: Any, people: list[str]) -> list[dict[str, Any]]:
    return [
        {"at": at, "text": _("Passed by the panel"), "who": _("Panel"), "state": "done"},
        {"at": at - timedelta(days=2), "text": _("Returned with advice"), "who": people[1], "state": "returned", "more": word("remark")},
        {
            "at": at - timedelta(days=9), "text": _("Handed in, receipt 2026-000417"), "who": people[2],
            "state": "waiting", "url": "#timeline",
        },
        {"at": at - timedelta(days=380), "text": _("Points chosen"), "who": people[2], "state": "info"},
    ]  # fmt: skip


def _tasks() -> list[dict[str, Any]]:
    return [
        {"text": _("Learner-analysis plan"), "state": "done", "more": word("file")},
        {"text": _("Report, a video of at most 5 minutes"), "state": "refused", "more": _("The video is 7:12 long.")},
        {"text": _("Two pieces of pupils' work"), "state": "open", "url": "#checklist"},
    ]
