"""The office's samples: fix a frame, draw, watch, stop."""

from django import forms
from django.http import HttpResponse
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from weineng.assessment.actions import draw_sample, drop_sample, frame_sample, stop_sample
from weineng.assessment.permissions import SAMPLE, VIEW_RESULTS
from weineng.assessment.queries import (
    StratumView,
    sample_page,
    samples_within,
    sampling_stages,
    units_sampling,
)
from weineng.evidence.rules import LEVEL_NAMES
from weineng.kernel.clock import today
from weineng.kernel.refusals import NotFound, Refused
from weineng.kernel.words import word_for
from weineng.programmes.documents.labels import STRATUM_NAMES
from weineng.web.components.tables import Column, Table
from weineng.web.shell.actors import Asked
from weineng.web.shell.pages import done, page, refusals_on, show
from weineng.web.shell.programmes import programme_of
from weineng.web.units.words import STAGE_NAMES

STATES = {
    "framed": ("draft", gettext_lazy("fixed, not drawn")), "dropped": ("closed", gettext_lazy("thrown away")),
    "running": ("waiting", gettext_lazy("under way")),
    "done": ("done", gettext_lazy("finished")), "stopped": ("closed", gettext_lazy("stopped")),
}  # fmt: skip
STRATA = (
    Column("stratum", gettext_lazy("Stratum")), Column("size", gettext_lazy("Results"), number=True),
    Column("drawn", gettext_lazy("Drawn"), number=True), Column("done", gettext_lazy("Looked at"), number=True),
    Column("lowered", gettext_lazy("Lowered"), number=True), Column("higher", gettext_lazy("Found higher"), number=True),
)  # fmt: skip


class FrameForm(forms.Form):
    """Until which day results are taken."""

    until = forms.DateField(label=gettext_lazy("Results decided until"), widget=forms.DateInput(attrs={"type": "date"}))


class DrawForm(forms.Form):
    """The seed, if there is a public one."""

    seed = forms.CharField(
        label=gettext_lazy("Seed"), max_length=64, required=False,
        help_text=gettext_lazy("For example the numbers of a public lottery drawn after this list was fixed. Left empty, one is made now."),
    )  # fmt: skip


def described(stratum: StratumView) -> str:
    """A stratum in the reader's words: county, school, stage, subject, as far as it is drawn by them."""
    said = []
    for name, value in stratum.values:
        shown = str(STAGE_NAMES.get(value, value)) if name == "stage" else value
        said.append(f"{STRATUM_NAMES[name]} {shown or '–'}" if name in STRATUM_NAMES else str(_("All")))
    return _(", ").join(said)


@page(SAMPLE, VIEW_RESULTS)
def samples(request: Asked) -> HttpResponse:
    """The samples within reach, and where one can be drawn."""
    programme = programme_of(request)
    head = Table(
        request,
        (
            Column("stage", _("Stage of assessment")), Column("unit", _("Unit"), sort="unit__name"),
            Column("size", _("Results"), number=True),
            Column("state", _("State")), Column("on", _("Since"), sort="framed_at", descending_first=True),
        ),
        order="-on",
    )  # fmt: skip
    stages = sampling_stages(programme.pk) if programme else ()
    titles = {stage.code: word_for(stage.title, get_language() or "en") for stage in stages}
    if programme is not None:
        head.cut(samples_within(request.actor, programme.pk))
        head.rows = [(row, titles.get(row.stage, row.stage), *STATES[row.state]) for row in head.rows]
    draws = [(stage, unit) for stage in stages for unit in units_sampling(request.actor, stage)[:20]]
    context = {"head": head, "programme": programme, "stages": stages, "draws": draws}
    return show(request, "samples/list.html", context)


@page(SAMPLE)
def frame(request: Asked, programme: int, stage: str, unit: int) -> HttpResponse:
    """Fix what can be drawn."""
    rule = next((one for one in sampling_stages(programme) if one.code == stage), None)
    if rule is None or not units_sampling(request.actor, rule).filter(pk=unit).exists():
        raise NotFound("programmes.stage")
    form = FrameForm(request.POST or None, initial={"until": today()})
    if request.method == "POST" and form.is_valid():
        with refusals_on(form):
            row = frame_sample(by=request.actor, programme=programme, stage=stage, unit=unit, **form.cleaned_data)
            return done(request, _("The list is fixed; now draw."), "samples:one", sample=row)
    return show(request, "samples/frame.html", {"form": form})


@page(SAMPLE, VIEW_RESULTS)
def one(request: Asked, sample: int) -> HttpResponse:
    """A sample: frame, seed, strata, what was found."""
    return _shown(request, sample, None, DrawForm())


def _shown(request: Asked, sample: int, problem: Refused | None, form: DrawForm) -> HttpResponse:
    found = sample_page(request.actor, sample)
    head = Table(request, STRATA)
    head.rows = [(described(stratum), stratum) for stratum in found.strata]
    changes = Table(
        request,
        (
            Column("name", _("Name")), Column("item", _("About")), Column("before", _("Was")), Column("found", _("Second look")),
        ),
        prefix="c-",
    )  # fmt: skip
    changes.rows = [(row, LEVEL_NAMES[row.result.level], LEVEL_NAMES[row.found]) for row in found.changed]
    context = {
        "found": found, "head": head, "changes": changes, "state": STATES[found.row.state], "problem": problem, "form": form,
    }  # fmt: skip
    return show(request, "samples/one.html", context, status=422 if problem else None)


@page(SAMPLE, methods=("POST",))
def act(request: Asked, sample: int) -> HttpResponse:
    """Draw, throw the frame away, or stop."""
    do, form = request.POST.get("do", ""), DrawForm(request.POST)
    try:
        if do == "draw" and form.is_valid():
            draw_sample(by=request.actor, sample=sample, seed=form.cleaned_data["seed"])
            return done(
                request, _("Drawn; those concerned are told, and reviewers are asked."), "samples:one", sample=sample
            )
        if do == "drop":
            drop_sample(by=request.actor, sample=sample)
            return done(
                request,
                _("The list is thrown away; it stays to be seen under its number."),
                "samples:one",
                sample=sample,
            )
        if do == "stop":
            stop_sample(by=request.actor, sample=sample, reason=request.POST.get("reason", ""))
            return done(request, _("Stopped; nobody is asked any more."), "samples:one", sample=sample)
    except Refused as refusal:
        if refusal.code == "not-found":
            raise
        return _shown(request, sample, refusal, form)
    return _shown(request, sample, None, form)
