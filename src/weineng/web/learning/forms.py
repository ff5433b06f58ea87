"""Forms about what is agreed with a platform: they read what was typed; what may be done the actions say."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from weineng.learning.rules import LONGEST, AgreedRule
from weineng.programmes.documents.labels import MODE_NAMES

VERB_NAMES: Mapping[str, object] = {
    "http://adlnet.gov/expapi/verbs/completed": _("completed"),
    "http://adlnet.gov/expapi/verbs/passed": _("passed"),
    "http://adlnet.gov/expapi/verbs/attended": _("attended"),
    "http://adlnet.gov/expapi/verbs/experienced": _("experienced"),
    "http://adlnet.gov/expapi/verbs/terminated": _("ended a sitting"),
}
NEED_NAMES: Mapping[str, object] = {
    "": _("nothing more"),
    "completion": _("that the course was finished"),
    "success": _("that the course was passed"),
}
MINUTES_NAMES: Mapping[str, object] = {
    "duration": _("as long as the statement says"),
    "length": _("the length that was declared for the course"),
}
TYPE_NAMES: Mapping[str, object] = {
    "register-code": _("number of the teacher register"),
    "id-card": _("resident identity card"),
    "passport": _("passport"),
    "mail": _("mail address"),
    "mail-sha1": _("hashed mail address"),
    "openid": _("OpenID"),
}
OWN = _("the platform's own account")


def type_name(person_type: str) -> object:
    """What a kind of number is called."""
    return TYPE_NAMES.get(person_type, OWN if person_type.startswith("platform:") else person_type)


class RuleForm(forms.Form):
    """Which statements are learning events, and of how many minutes."""

    verbs = forms.MultipleChoiceField(
        label=_("What the teacher did"), required=False, choices=list(VERB_NAMES.items()), widget=forms.CheckboxSelectMultiple
    )  # fmt: skip
    other_verbs = forms.CharField(
        label=_("Other verbs"), required=False, max_length=2000, widget=forms.Textarea(attrs={"rows": 2, "spellcheck": "false"}),
        help_text=_("Their ids, one a line."),
    )  # fmt: skip
    activity = forms.CharField(
        label=_("Id of the activity"), required=False, max_length=500,
        help_text=_("As the platform sends it; empty with the next box: every activity."),
    )  # fmt: skip
    below = forms.BooleanField(label=_("All activities whose id begins so"), required=False)
    needs = forms.ChoiceField(
        label=_("The statement must say"), required=False, choices=list(NEED_NAMES.items()), widget=forms.RadioSelect
    )
    least_score = forms.DecimalField(
        label=_("Least score"), required=False, min_value=-1, max_value=1, decimal_places=3, max_digits=4,
        help_text=_("From 0 to 1; empty: none is asked for."),
    )  # fmt: skip
    minutes_by = forms.ChoiceField(
        label=_("How many minutes"), choices=list(MINUTES_NAMES.items()), initial="duration", widget=forms.RadioSelect
    )
    minutes = forms.IntegerField(
        label=_("Minutes of the course"), required=False, min_value=1, max_value=LONGEST,
        help_text=_("The declared length; or the most that one statement brings, empty: no limit."),
    )  # fmt: skip
    mode = forms.ChoiceField(label=_("How they learned"), choices=list(MODE_NAMES.items()), initial="online")
    course = forms.CharField(
        label=_("Code of the course"), required=False, max_length=120, help_text=_("Empty: the id of the activity.")
    )

    def rule(self) -> AgreedRule:
        """As the action takes it."""
        data = self.cleaned_data
        verbs = {*data["verbs"], *(line.strip() for line in data["other_verbs"].splitlines())} - {""}
        return AgreedRule(
            verbs=frozenset(verbs), mode=data["mode"], activity=data["activity"].strip(), below=data["below"], needs=data["needs"],
            least_score=data["least_score"], minutes_by=data["minutes_by"], minutes=data["minutes"], course=data["course"].strip(),
        )  # fmt: skip


class HomeForm(forms.Form):
    """Whose accounts those of a home page are."""

    home_page = forms.CharField(
        label=_("Home page of the accounts"), max_length=300, help_text=_("As the platform sends it, e.g. https://id.example/teachers")
    )  # fmt: skip
    person_type = forms.ChoiceField(label=_("The name of an account is"))

    def __init__(self, *args: Any, types: tuple[str, ...], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["person_type"].choices = [(one, type_name(one)) for one in types]  # type: ignore[attr-defined]  # a choice


class NameForm(forms.Form):
    """Who it is."""

    person = forms.ChoiceField(label=_("Who it is"), widget=forms.RadioSelect)
