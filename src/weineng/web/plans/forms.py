"""Forms of plans: many small fields, read into the values that the actions take."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from weineng.kernel.words import word_for
from weineng.planning.models import GroupPlan, SchoolPlan
from weineng.planning.rules import GroupContent, PlanContent, questionnaire
from weineng.standards.models import Point

ENVIRONMENTS = (
    ("multimedia", _("multimedia environment")), ("blended", _("blended-learning environment")), ("smart", _("smart environment")),
)  # fmt: skip
DIMENSIONS = (
    ("learner-analysis", _("learner analysis")), ("teaching-design", _("teaching design")),
    ("learning-guidance", _("learning guidance")), ("academic-assessment", _("academic assessment")),
)  # fmt: skip
SCORES = [(str(n), str(n)) for n in range(1, 6)]
STEPS = 5  # lines of the timetable
THEMES = 3
ACTIVITIES = 6
SESSION_FORMS = (
    ("lesson-study", _("lesson study (prepare, teach, discuss)")), ("case-discussion", _("case discussion")),
    ("recording-analysis", _("analysis of recorded lessons")), ("training", _("training")),
)  # fmt: skip


def point_choices(points: Iterable[Point]) -> list[tuple[str, str]]:
    """Points as choices in the reader's language."""
    return [(point.code, f"{point.code} {word_for(point.title, get_language() or '')}") for point in points]


class Revised(forms.Form):
    """A form about something that two people may edit: it carries the revision that it was made from."""

    revision = forms.IntegerField(widget=forms.HiddenInput)
    saved = False

    def saved_as(self, revision: int) -> None:
        """What was written is saved: shown again (because a further step is refused), it goes on from there."""
        if isinstance(self.data, QueryDict):
            data = self.data.copy()
            data["revision"] = str(revision)
            self.saved, self.data = True, data


class PlanForm(Revised):
    """A school's plan. `axis` names the point's attribute by which points are grouped."""

    environment = forms.ChoiceField(
        label=_("Environment in which the school works"), choices=ENVIRONMENTS, widget=forms.RadioSelect, required=False
    )
    goals = forms.CharField(label=_("Goals"), widget=forms.Textarea, required=False, max_length=4000)
    dimensions = forms.MultipleChoiceField(
        label=_("Dimensions opened"), choices=DIMENSIONS, widget=forms.CheckboxSelectMultiple, required=False
    )
    points = forms.MultipleChoiceField(label=_("Points opened"), widget=forms.CheckboxSelectMultiple, required=False)
    needs = forms.CharField(label=_("Training needs"), widget=forms.Textarea, required=False, max_length=4000)
    assessment = forms.CharField(
        label=_("How the school will assess"), widget=forms.Textarea, required=False, max_length=4000
    )

    def __init__(self, data: Any, *, plan: SchoolPlan, points: Sequence[Point]) -> None:
        super().__init__(data, initial=_initial(plan))
        self.fields["points"].choices = point_choices(points)  # type: ignore[attr-defined]  # it is a choice field
        self.questions = [
            (question, self._question(question, plan.diagnosis.get(question["code"], {})))
            for question in questionnaire()["school"]
        ]
        for number in range(THEMES):
            self._add(
                f"theme_{number}",
                forms.CharField(label=_("Research theme"), required=False, max_length=160),
                _at(plan.themes, number, "title"),
            )
        for number in range(STEPS):
            self._add(
                f"step_{number}",
                forms.CharField(label=_("Step"), required=False, max_length=120),
                _at(plan.timetable, number, "step"),
            )
            for edge, label in (("from", _("From")), ("to", _("To"))):
                field = forms.DateField(label=label, required=False, widget=forms.DateInput(attrs={"type": "date"}))
                self._add(f"{edge}_{number}", field, _at(plan.timetable, number, edge))
            self._add(
                f"who_{number}",
                forms.CharField(label=_("Who"), required=False, max_length=60),
                _at(plan.timetable, number, "who"),
            )

    def _question(self, question: Mapping[str, Any], given: Mapping[str, Any]) -> str:
        name = f"score_{question['code']}"
        label = word_for(question["text"], get_language() or "")
        field = forms.ChoiceField(label=label, choices=SCORES, widget=forms.RadioSelect, required=False)
        self._add(name, field, str(given.get("score", "")))
        return name

    def _add(self, name: str, field: forms.Field, initial: object) -> None:
        self.fields[name] = field
        self.initial[name] = initial

    @property
    def question_fields(self) -> list[forms.BoundField]:
        """The questions of the self-diagnosis."""
        return [self[name] for _question, name in self.questions]

    @property
    def theme_fields(self) -> list[forms.BoundField]:
        """The lines for research themes."""
        return [self[f"theme_{number}"] for number in range(THEMES)]

    @property
    def steps(self) -> list[list[forms.BoundField]]:
        """The lines of the timetable."""
        return [[self[f"{part}_{n}"] for part in ("step", "from", "to", "who")] for n in range(STEPS)]

    def content(self) -> PlanContent:
        """What was written, as the action takes it; empty lines are left out."""
        data = self.cleaned_data
        scores = {q["code"]: data[name] for q, name in self.questions if data[name]}
        return PlanContent(
            environment=data["environment"], goals=data["goals"], dimensions=tuple(data["dimensions"]), points=tuple(data["points"]),
            needs=data["needs"], assessment=data["assessment"],
            diagnosis={code: {"score": int(score), "note": ""} for code, score in scores.items()},
            themes=tuple({"title": t, "points": []} for n in range(THEMES) if (t := data[f"theme_{n}"].strip())),
            timetable=tuple(
                {"step": step, "from": _iso(data[f"from_{n}"]), "to": _iso(data[f"to_{n}"]), "who": data[f"who_{n}"]}
                for n in range(STEPS)
                if (step := data[f"step_{n}"].strip())
            ),
        )  # fmt: skip


class GroupForm(Revised):
    """A group's plan."""

    theme = forms.CharField(label=_("Theme"), max_length=200, required=False)
    points = forms.MultipleChoiceField(
        label=_("Points the group works on"), widget=forms.CheckboxSelectMultiple, required=False
    )

    def __init__(
        self, data: Any, *, plan: GroupPlan, points: Sequence[Point], members: Sequence[tuple[str, str]]
    ) -> None:
        super().__init__(data, initial={"theme": plan.theme, "points": plan.points, "revision": plan.revision})
        self.fields["points"].choices = point_choices(points)  # type: ignore[attr-defined]  # it is a choice field
        for n in range(ACTIVITIES):
            self.fields[f"title_{n}"] = forms.CharField(label=_("Activity"), required=False, max_length=120)
            self.fields[f"on_{n}"] = forms.DateField(
                label=_("Day"), required=False, widget=forms.DateInput(attrs={"type": "date"})
            )
            self.fields[f"form_{n}"] = forms.ChoiceField(
                label=_("Kind of activity"), required=False, choices=SESSION_FORMS
            )
            for part in ("title", "on", "form"):
                self.initial[f"{part}_{n}"] = _at(plan.activities, n, part)
        for n in range(4):
            for part, label in (("helper", _("Helps")), ("helped", _("is helped"))):
                self.fields[f"{part}_{n}"] = forms.ChoiceField(
                    label=label, required=False, choices=[("", "—"), *members]
                )
                self.initial[f"{part}_{n}"] = str(_at(plan.pairs, n, part))

    @property
    def activities(self) -> list[list[forms.BoundField]]:
        """The lines for activities."""
        return [[self[f"{part}_{n}"] for part in ("title", "on", "form")] for n in range(ACTIVITIES)]

    @property
    def pairs(self) -> list[list[forms.BoundField]]:
        """Who helps whom."""
        return [[self[f"{part}_{n}"] for part in ("helper", "helped")] for n in range(4)]

    def content(self) -> GroupContent:
        """What was written, as the action takes it."""
        data = self.cleaned_data
        return GroupContent(
            theme=data["theme"], points=tuple(data["points"]),
            activities=tuple(
                {"title": title, "on": _iso(data[f"on_{n}"]), "form": data[f"form_{n}"]}
                for n in range(ACTIVITIES)
                if (title := data[f"title_{n}"].strip())
            ),
            pairs=tuple(
                {"helper": int(data[f"helper_{n}"]), "helped": int(data[f"helped_{n}"])}
                for n in range(4)
                if data[f"helper_{n}"] and data[f"helped_{n}"]
            ),
        )  # fmt: skip


def _initial(plan: SchoolPlan) -> dict[str, Any]:
    return {
        "environment": plan.environment, "goals": plan.goals, "dimensions": plan.dimensions, "points": plan.points,
        "needs": plan.needs, "assessment": plan.assessment, "revision": plan.revision,
    }  # fmt: skip


def _at(rows: Sequence[Mapping[str, Any]], number: int, key: str) -> Any:
    return rows[number].get(key, "") if number < len(rows) else ""


def _iso(value: Any) -> str:
    return value.isoformat() if value else ""
