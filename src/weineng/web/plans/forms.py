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
from weineng.standards.rules import AXES, ENVIRONMENTS
from weineng.web.plans.rows import Lines, Revised

OPENED = {"dimension": _("Dimensions opened"), "environment": _("Environments opened")}
SCORES = [(str(n), str(n)) for n in range(1, 6)]
SESSION_FORMS = (
    ("lesson-study", _("lesson study (prepare, teach, discuss)")), ("case-discussion", _("case discussion")),
    ("recording-analysis", _("analysis of recorded lessons")), ("training", _("training")),
)  # fmt: skip
THEMES = Lines("themes", ("theme", "theme_points"), 2)
STEPS = Lines("steps", ("step", "from", "to", "who"), 3)
ACTIVITIES = Lines("activities", ("title", "on", "form"), 3)
PAIRS = Lines("pairs", ("helper", "helped"), 2)


def point_choices(points: Iterable[Point]) -> list[tuple[str, str]]:
    """Points as choices in the reader's language."""
    return [(point.code, f"{point.code} {word_for(point.title, get_language() or '')}") for point in points]


def _text(label: Any, longest: int) -> forms.CharField:
    return forms.CharField(label=label, required=False, max_length=longest)


def _day(label: Any) -> forms.DateField:
    return forms.DateField(label=label, required=False, widget=forms.DateInput(attrs={"type": "date"}))


class PlanForm(Revised):
    """A school's plan; `axis` says of what the school opens values (semantics 13)."""

    kinds = (THEMES, STEPS)

    environment = forms.ChoiceField(
        label=_("Environment in which the school works"), choices=[*ENVIRONMENTS.items()], widget=forms.RadioSelect,
        required=False,
    )  # fmt: skip
    goals = forms.CharField(label=_("Goals"), widget=forms.Textarea, required=False, max_length=4000)
    dimensions = forms.MultipleChoiceField(widget=forms.CheckboxSelectMultiple, required=False)
    points = forms.MultipleChoiceField(label=_("Points opened"), widget=forms.CheckboxSelectMultiple, required=False)
    needs = forms.CharField(label=_("Training needs"), widget=forms.Textarea, required=False, max_length=4000)
    assessment = forms.CharField(
        label=_("How the school will assess"), widget=forms.Textarea, required=False, max_length=4000
    )

    def __init__(self, data: QueryDict | None, *, plan: SchoolPlan, points: Sequence[Point], axis: str) -> None:
        super().__init__(data, initial=_initial(plan))
        self.fields["dimensions"].label = OPENED[axis]
        self.fields["dimensions"].choices = [*AXES[axis].items()]  # type: ignore[attr-defined]  # it is a choice field
        self.choices = point_choices(points)
        self.fields["points"].choices = self.choices  # type: ignore[attr-defined]  # it is a choice field
        for question in questionnaire()["school"]:
            self._ask(question, plan.diagnosis.get(question["code"], {}))
        themes = [{"theme": theme.get("title", ""), "theme_points": theme.get("points", [])} for theme in plan.themes]
        self.add_lines(THEMES, themes, self._part)
        self.add_lines(STEPS, plan.timetable, self._part)

    def _part(self, part: str, number: int) -> forms.Field:
        """The field of a part of a theme or a step."""
        match part:
            case "theme":
                return _text(_("Research theme"), 160)
            case "theme_points":
                return self._points_of_theme(number)
            case "step":
                return _text(_("Step"), 120)
            case "from" | "to":
                return _day(_("From") if part == "from" else _("To"))
            case _:
                return _text(_("Who is responsible"), 60)

    def _points_of_theme(self, number: int) -> forms.Field:
        """What a theme may work on: the points that are opened, and those it named already; all until some are."""
        field = forms.MultipleChoiceField(
            label=_("Points of this theme"), choices=self.choices, widget=forms.CheckboxSelectMultiple, required=False
        )
        name = f"theme_points_{number}"
        named = self.data.getlist(name) if isinstance(self.data, QueryDict) else self.initial[name]
        opened = self["points"].value() or ()
        field.widget.choices = [choice for choice in self.choices if not opened or choice[0] in {*opened, *named}]
        return field

    def _ask(self, question: Mapping[str, Any], given: Mapping[str, Any]) -> None:
        code, label = question["code"], word_for(question["text"], get_language() or "")
        score = forms.ChoiceField(label=label, choices=SCORES, widget=forms.RadioSelect, required=False)
        self.fields[f"score_{code}"], self.initial[f"score_{code}"] = score, str(given.get("score") or "")
        note = _text(_("Remark, or why there is no answer"), 400)
        self.fields[f"note_{code}"], self.initial[f"note_{code}"] = note, given.get("note", "")

    @property
    def questions(self) -> list[list[forms.BoundField]]:
        """The questions of the self-diagnosis, each with its remark."""
        return [[self[f"{part}_{q['code']}"] for part in ("score", "note")] for q in questionnaire()["school"]]

    @property
    def answered(self) -> int:
        """How many questions have a score or a word why not."""
        return sum(1 for question, note in self.questions if question.value() or note.value())

    @property
    def themes(self) -> list[list[forms.BoundField]]:
        """The lines for research themes, each with its points."""
        return self.lines_of(THEMES)

    @property
    def steps(self) -> list[list[forms.BoundField]]:
        """The lines of the timetable."""
        return self.lines_of(STEPS)

    def content(self) -> PlanContent:
        """What was written, as the action takes it; a line that was only begun stays."""
        data = self.cleaned_data
        answers = {
            q["code"]: (data[f"score_{q['code']}"], data[f"note_{q['code']}"]) for q in questionnaire()["school"]
        }
        return PlanContent(
            environment=data["environment"], goals=data["goals"], dimensions=tuple(data["dimensions"]), points=tuple(data["points"]),
            needs=data["needs"], assessment=data["assessment"],
            diagnosis={
                code: {"score": int(score) if score else None, "note": note}
                for code, (score, note) in answers.items() if score or note
            },
            themes=tuple({"title": title, "points": points} for title, points in self.written(THEMES)),
            timetable=tuple(
                {"step": step, "from": _iso(begin), "to": _iso(end), "who": who}
                for step, begin, end, who in self.written(STEPS)
            ),
        )  # fmt: skip


class DiagnosisForm(forms.Form):
    """The questions of a teacher's self-diagnosis; `answers` are those given before, dimension → 1–5."""

    def __init__(self, data: QueryDict | None, *, answers: Mapping[str, int]) -> None:
        super().__init__(data)
        for question in questionnaire()["teacher"]:
            self.fields[f"score_{question['code']}"] = forms.ChoiceField(
                label=word_for(question["text"], get_language() or ""), choices=SCORES, widget=forms.RadioSelect, required=False,
                initial=str(answers.get(question["code"], "")),
            )  # fmt: skip

    @property
    def questions(self) -> list[forms.BoundField]:
        """The four questions."""
        return [self[f"score_{question['code']}"] for question in questionnaire()["teacher"]]

    def scores(self) -> dict[str, int]:
        """The answers given."""
        given = {q["code"]: self.cleaned_data[f"score_{q['code']}"] for q in questionnaire()["teacher"]}
        return {code: int(score) for code, score in given.items() if score}


class GroupForm(Revised):
    """A group's plan."""

    kinds = (ACTIVITIES, PAIRS)

    theme = forms.CharField(label=_("Theme"), max_length=200, required=False)
    points = forms.MultipleChoiceField(
        label=_("Points the group works on"), widget=forms.CheckboxSelectMultiple, required=False
    )

    def __init__(
        self,
        data: QueryDict | None,
        *,
        plan: GroupPlan,
        points: Sequence[Point],
        members: Sequence[tuple[str, str]],
    ) -> None:
        super().__init__(data, initial={"theme": plan.theme, "points": plan.points, "revision": plan.revision})
        self.fields["points"].choices = point_choices(points)  # type: ignore[attr-defined]  # it is a choice field
        self.members = [("", "—"), *members]
        self.add_lines(ACTIVITIES, plan.activities, self._part)
        self.add_lines(PAIRS, plan.pairs, self._part)

    def _part(self, part: str, _number: int) -> forms.Field:
        """The field of a part of an activity or a pair."""
        match part:
            case "title":
                return _text(_("Activity"), 120)
            case "on":
                return _day(_("Day"))
            case "form":
                return forms.ChoiceField(
                    label=_("Kind of activity"), required=False, choices=[("", "—"), *SESSION_FORMS]
                )
            case _:
                label = _("Helps") if part == "helper" else _("is helped")
                return forms.TypedChoiceField(
                    label=label, required=False, choices=self.members, coerce=int, empty_value=None
                )

    @property
    def activities(self) -> list[list[forms.BoundField]]:
        """The lines for activities."""
        return self.lines_of(ACTIVITIES)

    @property
    def pairs(self) -> list[list[forms.BoundField]]:
        """Who helps whom."""
        return self.lines_of(PAIRS)

    def content(self) -> GroupContent:
        """What was written, as the action takes it; a line that was only begun stays."""
        data = self.cleaned_data
        return GroupContent(
            theme=data["theme"], points=tuple(data["points"]),
            activities=tuple(
                {"title": title, "on": _iso(on), "form": form} for title, on, form in self.written(ACTIVITIES)
            ),
            pairs=tuple({"helper": helper, "helped": helped} for helper, helped in self.written(PAIRS)),
        )  # fmt: skip


def _initial(plan: SchoolPlan) -> dict[str, Any]:
    return {
        "environment": plan.environment, "goals": plan.goals, "dimensions": plan.dimensions, "points": plan.points,
        "needs": plan.needs, "assessment": plan.assessment, "revision": plan.revision,
    }  # fmt: skip


def _iso(value: Any) -> str:
    return value.isoformat() if value else ""
