"""Forms about units: they read what was typed; what may be done the actions say."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from weineng.kernel.clock import today
from weineng.kernel.ids import open_id
from weineng.web.units.picking import Picker
from weineng.web.units.words import STAGE_NAMES, chosen

Choices = Sequence[tuple[str, object]]


def day_field(label: Any, **more: Any) -> forms.DateField:
    """A date, as browsers write it."""
    widget = forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
    return forms.DateField(label=label, widget=widget, **more)


def line_field(label: Any, longest: int, **more: Any) -> forms.CharField:
    """One line of text that a telephone neither capitalises nor corrects."""
    attrs = {"autocapitalize": "none", "autocorrect": "off", "spellcheck": "false"}
    return forms.CharField(label=label, max_length=longest, widget=forms.TextInput(attrs=attrs), **more)


def reason_field(**more: Any) -> forms.CharField:
    """Why; it goes into the log."""
    return forms.CharField(
        label=_("Reason"), max_length=400, widget=forms.Textarea(attrs={"rows": 2}), help_text=_("It stays in the log."), **more
    )  # fmt: skip


def choose(form: forms.Form, name: str, choices: Any) -> None:
    """What can be chosen in a field, known only when the form is made."""
    field = form.fields[name]
    if not isinstance(field, forms.ChoiceField):
        raise TypeError(name)
    field.choices = choices


class UnitChoice(forms.ChoiceField):
    """A unit out of a picker; its cleaned value is the unit's id."""

    def clean(self, value: Any) -> int | None:
        """The id behind the opaque word."""
        word = super().clean(value)
        return open_id("organisations.unit", word) if word else None


class FoundForm(forms.Form):
    """A new unit below another."""

    name = forms.CharField(label=_("Name of the unit"), max_length=120)
    shape = forms.ChoiceField(
        label=_("Kind of unit"), help_text=_("Levels may be skipped: a school can stand at once below a district.")
    )
    stages = forms.MultipleChoiceField(
        label=_("Stages it teaches"), choices=chosen(STAGE_NAMES), required=False, widget=forms.CheckboxSelectMultiple
    )
    code = line_field(_("Unit code"), 24, required=False, help_text=_("Units without a code are normal."))
    flags = forms.MultipleChoiceField(label=_("Marks"), required=False, widget=forms.CheckboxSelectMultiple)
    opened_on = day_field(_("There since"), required=False, help_text=_("Empty: it has always been there."))

    def __init__(self, data: Any, *, shapes: Choices, flags: Choices) -> None:
        super().__init__(data)
        choose(self, "shape", shapes)
        choose(self, "flags", flags)


class RenameForm(forms.Form):
    """Another name from a day on."""

    name = forms.CharField(label=_("New name"), max_length=120)
    on = day_field(_("From"), initial=today, help_text=_("The old name is kept and still found by imports."))


class MoveForm(forms.Form):
    """Below another unit from a day on."""

    to = UnitChoice(label=_("Below"))
    on = day_field(_("From"), initial=today, help_text=_("The day may lie in the past."))
    reason = reason_field(required=False)

    def __init__(self, data: Any, *, picker: Picker) -> None:
        super().__init__(data)
        choose(self, "to", [("", _("Choose a unit")), *picker.choices])


class CloseForm(forms.Form):
    """No more from a day on."""

    on = day_field(_("First day on which it is no more"), initial=today)
    reason = reason_field(required=False)


class WhyForm(forms.Form):
    """Why something is taken back."""

    reason = reason_field(required=False)


class FlagForm(forms.Form):
    """A mark, borne or no more from a day on."""

    flag = forms.ChoiceField(label=_("Mark"))
    held = forms.TypedChoiceField(
        label=_("From that day"), choices=(("1", _("it bears the mark")), ("0", _("it bears the mark no more"))), initial="1",
        coerce=lambda value: value == "1", widget=forms.RadioSelect,
    )  # fmt: skip
    on = day_field(_("From"), initial=today)

    def __init__(self, data: Any, *, flags: Choices) -> None:
        super().__init__(data)
        choose(self, "flag", flags)


class DetailsForm(forms.Form):
    """What is known of a unit without dates."""

    kind = forms.ChoiceField(label=_("Kind"))
    stages = forms.MultipleChoiceField(
        label=_("Stages it teaches"), choices=chosen(STAGE_NAMES), required=False, widget=forms.CheckboxSelectMultiple
    )
    code = line_field(_("Unit code"), 24, required=False)
    official_code = line_field(_("Official code"), 24, required=False)
    place = forms.IntegerField(
        label=_("Place in lists"), min_value=-99_999, max_value=99_999,
        help_text=_("Units with the same number stand in the order of their names."),
    )  # fmt: skip

    def __init__(self, data: Any, *, kinds: Choices, initial: Any) -> None:
        super().__init__(data, initial=initial)
        choose(self, "kind", kinds)


class MergeForm(forms.Form):
    """Part of another unit from a day on."""

    into = UnitChoice(label=_("Becomes part of"))
    on = day_field(_("First day on which it is part of it"), initial=today, help_text=_("The day may lie in the past."))
    reason = reason_field()

    def __init__(self, data: Any, *, picker: Picker) -> None:
        super().__init__(data)
        choose(self, "into", [("", _("Choose a unit")), *picker.choices])


class RowsField(forms.MultipleChoiceField):
    """Rows of one kind, ticked; its cleaned value are their ids."""

    kind = ""
    widget = forms.CheckboxSelectMultiple

    def clean(self, value: Any) -> list[int]:
        """The ids behind the opaque words."""
        return [pk for word in super().clean(value) if (pk := open_id(self.kind, word)) is not None]


class GroupsField(RowsField):
    """Teaching groups."""

    kind = "organisations.unit"


class PeopleField(RowsField):
    """People."""

    kind = "organisations.person"


class SplitForm(forms.Form):
    """Some groups and people are a unit of their own from a day on."""

    name = forms.CharField(label=_("Name of the new unit"), max_length=120)
    kind = forms.ChoiceField(label=_("Kind"))
    official_code = line_field(_("Unit code"), 24, required=False, help_text=_("Units without a code are normal."))
    groups = GroupsField(label=_("Groups that go along"), required=False, help_text=_("Everybody in them goes along."))
    people = PeopleField(label=_("People who go along besides"), required=False)
    on = day_field(_("First day of the new unit"), initial=today, help_text=_("The day may lie in the past."))
    reason = reason_field()

    def __init__(self, data: Any, *, kinds: Choices, groups: Choices, people: Choices, initial: Any) -> None:
        super().__init__(data, initial=initial)
        for name, choices in (("kind", kinds), ("groups", groups), ("people", people)):
            choose(self, name, choices)
        if not groups:
            del self.fields["groups"]


class UndoForm(forms.Form):
    """Why a merge or split is taken back."""

    reason = reason_field()
