"""Forms of a session."""

from datetime import datetime

from django import forms
from django.utils.translation import gettext_lazy as _

from weineng.activities.actions import SessionPlan
from weineng.activities.models import LONGEST, Session
from weineng.kernel.clock import CIVIL

FORM_NAMES = (
    ("lesson-study", _("lesson study (prepare, teach, discuss)")),
    ("case-discussion", _("case discussion")),
    ("recording-analysis", _("analysis of recorded lessons")),
    ("training", _("training")),
)
KIND_NAMES = (("school-research", _("school-based research")), ("face-to-face", _("face-to-face training")))


class PlanForm(forms.Form):
    """What a session is to be; times are civil times of the programme."""

    title = forms.CharField(label=_("Title"), max_length=160)
    kind = forms.ChoiceField(label=_("Kind"), choices=KIND_NAMES, initial="school-research")
    form = forms.ChoiceField(label=_("Kind of activity"), choices=FORM_NAMES)
    day = forms.DateField(label=_("Day"), widget=forms.DateInput(attrs={"type": "date"}))
    starts = forms.TimeField(label=_("Begins at"), widget=forms.TimeInput(attrs={"type": "time"}))
    ends = forms.TimeField(label=_("Ends at"), widget=forms.TimeInput(attrs={"type": "time"}))
    duration = forms.IntegerField(
        label=_("Minutes a member earns"),
        min_value=1,
        max_value=LONGEST,
        help_text=_("Without breaks; 45 minutes are one period."),
    )
    points = forms.MultipleChoiceField(
        label=_("Capability points"), required=False, widget=forms.CheckboxSelectMultiple
    )
    place_name = forms.CharField(label=_("Place"), max_length=120, required=False)

    revision = forms.IntegerField(widget=forms.HiddenInput, initial=0)

    def __init__(self, *args, points=(), **kwargs) -> None:
        super().__init__(*args, **kwargs)
        if points:
            self.fields["points"].choices = list(points)  # type: ignore[attr-defined]  # it is a choice field
        else:
            del self.fields["points"]

    def plan(self) -> SessionPlan:
        """The cleaned form as the action takes it."""
        data = self.cleaned_data
        return SessionPlan(
            kind=data["kind"], form=data["form"], title=data["title"], duration=data["duration"],
            starts_at=datetime.combine(data["day"], data["starts"], CIVIL), ends_at=datetime.combine(data["day"], data["ends"], CIVIL),
            points=tuple(data.get("points", ())), place_name=data["place_name"],
        )  # fmt: skip

    @staticmethod
    def initial_of(session: Session) -> dict[str, object]:
        """A session as the form shows it."""
        starts, ends = session.starts_at.astimezone(CIVIL), session.ends_at.astimezone(CIVIL)
        return {
            "title": session.title, "kind": session.kind, "form": session.form, "day": starts.date(), "starts": starts.time(),
            "ends": ends.time(), "duration": session.duration, "points": session.points, "place_name": session.place_name,
            "revision": session.plan_revision,
        }  # fmt: skip


class SignInForm(forms.Form):
    """The word on the wall."""

    code = forms.CharField(
        label=_("Word on the wall"), max_length=8, help_text=_("Six digits; the host shows them while the session is open."),
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "one-time-code"}),
    )  # fmt: skip
