"""Forms about people and their posts: they read what was typed; what may be done the actions say."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from weineng.kernel.clock import today
from weineng.organisations.rules import Number, Post
from weineng.programmes.documents.labels import ESTABLISHMENT_NAMES, IN_POST_NAMES
from weineng.web.units.forms import UnitChoice, choose, day_field, line_field, reason_field
from weineng.web.units.picking import Picker
from weineng.web.units.words import STAGE_NAMES, chosen, subjects

GENDERS: Mapping[str, object] = {"f": _("female"), "m": _("male")}
NUMBER_TYPES: Mapping[str, object] = {
    "id-card": _("resident identity card"),
    "passport": _("passport"),
    "register-code": _("teacher register"),
}
LICENCES = (("", _("not told")), ("yes", _("held")), ("no", _("not held")))
_WHETHER = {"yes": True, "no": False}


class PersonForm(forms.Form):
    """What is known of a person besides their posts. Empty number: the one that is known stays."""

    name = forms.CharField(label=_("Name"), max_length=80)
    gender = forms.ChoiceField(label=_("Gender"), choices=chosen(GENDERS, _("not told")), required=False)
    birth_date = day_field(_("Date of birth"), required=False)
    phone = line_field(_("Telephone"), 20, required=False)
    mail = forms.EmailField(label=_("Mail"), max_length=120, required=False)
    licence = forms.ChoiceField(label=_("Teaching licence"), choices=LICENCES, required=False)
    number_type = forms.ChoiceField(label=_("Kind of number"), choices=chosen(NUMBER_TYPES))
    number = line_field(_("Identity number"), 40, required=False)

    def told(self) -> dict[str, Any]:
        """As the actions take it; what was left empty is not told."""
        data = self.cleaned_data
        numbers = [Number(data["number_type"], data["number"])] if data["number"] else []
        return {
            "name": data["name"], "gender": data["gender"], "birth_date": data["birth_date"], "phone": data["phone"], "mail": data["mail"],
            "licence": _WHETHER.get(data["licence"]), "numbers": numbers,
        }  # fmt: skip


class PostForm(forms.Form):
    """A post: where, as what, from which day on."""

    unit = UnitChoice(label=_("Where"))
    on = day_field(_("From"), initial=today, help_text=_("The day may lie in the past."))
    stage = forms.ChoiceField(label=_("Stage"), choices=chosen(STAGE_NAMES, _("not told")), required=False)
    subject = forms.ChoiceField(label=_("Subject"), required=False)
    post = forms.CharField(label=_("Duty"), max_length=40, required=False)
    establishment = forms.ChoiceField(
        label=_("Establishment"), choices=chosen(ESTABLISHMENT_NAMES, _("not told")), required=False
    )
    in_post = forms.ChoiceField(label=_("State"), choices=chosen(IN_POST_NAMES), initial="in-post")
    staff_number = line_field(_("Staff number"), 24, required=False)

    def __init__(self, data: Any, *, picker: Picker, initial: Any = None) -> None:
        super().__init__(data, initial=initial)
        known = (initial or {}).get("subject", "")
        words = dict.fromkeys((*subjects(), *([known] if known else [])))
        choose(self, "unit", [("", _("Choose a unit")), *picker.choices])
        choose(self, "subject", [("", _("not told")), *((word, word) for word in words)])

    def told(self, known: Post | None = None) -> Post:
        """The post as the actions take it; the day on which somebody joined the school stays as it is `known`."""
        data = self.cleaned_data
        return Post(
            unit=data["unit"], establishment=data["establishment"], in_post=data["in_post"], stage=data["stage"], subject=data["subject"],
            post=data["post"].strip(), staff_number=data["staff_number"].strip(), entered_on=known.entered_on if known else None,
        )  # fmt: skip


class SecondPostForm(PostForm):
    """Another post beside the home one; it may be known when it ends."""

    last_on = day_field(_("Last day"), required=False, help_text=_("Empty: no end is known."))


class ChangeForm(PostForm):
    """The same post, otherwise from a day on."""

    home = forms.BooleanField(label=_("It is the home post from then on: the one that is counted"), required=False)


class EndForm(forms.Form):
    """The last day of a post."""

    last_on = day_field(_("Last day"), initial=today)
    reason = reason_field(required=False)


class BegunForm(forms.Form):
    """The right day on which a post began."""

    on = day_field(_("It began on"))


class RevealForm(forms.Form):
    """Why the full number is needed."""

    reason = forms.CharField(
        label=_("Why you need the number"), max_length=400, help_text=_("It goes into the log with your name.")
    )
