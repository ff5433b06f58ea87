"""Forms of signing in and of accounts: they read what was typed; what may be done the actions say."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from weineng.accounts.roles import ROLES, Role
from weineng.accounts.rules import OFFICE_SCOPES, PLATFORM_SCOPES

SCOPES = {
    "records.write": _("deliver, correct and void records of learning"),
    "records.read": _("read the records it delivered"),
    "statements.write": _("write statements of learning (xAPI)"),
    "statements.read": _("read the statements it wrote"),
    "statements.read_all": _(
        "read the statements of all platforms of this unit and the units below, with names; at most for a year"
    ),
    "state": _("keep where a learner stopped in an activity, and read it again (xAPI state)"),
    "profile": _("keep notes about learners and activities, and read them again (xAPI profile)"),
    "standings.read": _("read where the people of this unit stand, by name"),
    "figures.read": _("read the figures of this unit and the units below"),
    "people.read": _("read the people and posts of this unit"),
}


def _plain(**more: str) -> forms.TextInput:
    """A text field that a telephone neither capitalises nor corrects."""
    return forms.TextInput(attrs={"autocapitalize": "none", "autocorrect": "off", "spellcheck": "false", **more})


def _day() -> forms.DateInput:
    """A date as browsers write it."""
    return forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})


def _choose(form: forms.Form, name: str, choices: Sequence[tuple[Any, Any]]) -> None:
    """What can be chosen in a field, known only when the form is made."""
    field = form.fields[name]
    if not isinstance(field, forms.ChoiceField):
        raise TypeError(name)
    field.choices = choices


class SignInForm(forms.Form):
    """Name and password."""

    name = forms.CharField(
        label=_("Sign-in name"),
        help_text=_("It is on your activation slip."),
        max_length=80,
        widget=_plain(autocomplete="username"),
    )
    password = forms.CharField(
        label=_("Password"),
        max_length=256,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )


class CodeForm(forms.Form):
    """An activation code as typed from a slip."""

    code = forms.CharField(
        label=_("Activation code"),
        help_text=_("Twelve letters and digits from your slip or mail. Capitals and dashes do not matter."),
        max_length=64,
        widget=forms.TextInput(
            attrs={"autocomplete": "one-time-code", "autocapitalize": "characters", "spellcheck": "false"}
        ),
    )


class NewPasswordForm(forms.Form):
    """A new password, once: it can be shown while it is typed, so nobody types it twice."""

    password = forms.CharField(
        label=_("New password"),
        help_text=_(
            "10 characters or more; or 8 with three of: small letters, capitals, digits, signs. A short sentence is good."
        ),
        max_length=300,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password", "data-show": _("Show the password")}),
    )


class ChangePasswordForm(NewPasswordForm):
    """The present password and a new one."""

    old = forms.CharField(
        label=_("Present password"),
        max_length=256,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )
    field_order = ("old", "password")


class NameForm(forms.Form):
    """Whose password was forgotten."""

    name = forms.CharField(label=_("Sign-in name"), max_length=80, widget=_plain(autocomplete="username"))


class TokenForm(forms.Form):
    """A code of the second factor."""

    token = forms.CharField(
        label=_("Six-digit code"),
        max_length=40,
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "inputmode": "numeric", "spellcheck": "false"}),
    )


class RecoverForm(forms.Form):
    """A recovery code where the telephone is not at hand."""

    token = forms.CharField(
        label=_("Recovery code"),
        max_length=40,
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}),
    )


class ReasonForm(forms.Form):
    """Why something is done to somebody's account."""

    reason = forms.CharField(label=_("Reason"), help_text=_("It goes into the log."), max_length=200)


class DelegateForm(forms.Form):
    """Who acts in one's role until when."""

    agent = forms.TypedChoiceField(label=_("Who acts for you"), coerce=int)
    starts_on = forms.DateField(label=_("From"), widget=_day())
    last_on = forms.DateField(label=_("Last day"), widget=_day())
    reason = forms.CharField(label=_("Reason"), max_length=200, required=False)

    def __init__(self, *given: Any, people: Sequence[tuple[int, str]], **more: Any) -> None:
        super().__init__(*given, **more)
        _choose(self, "agent", [("", _("Choose a person")), *people])


class RoleForm(forms.Form):
    """A role for a person at a unit."""

    person = forms.TypedChoiceField(label=_("Person"), coerce=int)
    role = forms.ChoiceField(label=_("Role"), widget=forms.RadioSelect)
    starts_on = forms.DateField(label=_("From"), required=False, widget=_day())
    last_on = forms.DateField(
        label=_("Last day"),
        help_text=_("Leave it empty for a role without end."),
        required=False,
        widget=_day(),
    )
    reason = forms.CharField(label=_("Reason"), max_length=200, required=False)

    def __init__(self, *given: Any, people: Sequence[tuple[int, str]], roles: Sequence[Role], **more: Any) -> None:
        super().__init__(*given, **more)
        _choose(self, "person", [("", _("Choose a person")), *people])
        _choose(
            self,
            "role",
            [(role.code, _("%(title)s: %(says)s") % {"title": role.title, "says": role.says}) for role in roles],
        )


class OfficeKeyForm(forms.Form):
    """A key for a system of the office itself."""

    label = forms.CharField(
        label=_("Name of the key"),
        help_text=_("For which machine or contract: so that it is known later."),
        max_length=80,
    )
    scopes = forms.MultipleChoiceField(
        label=_("What it may do"),
        choices=[(scope, SCOPES[scope]) for scope in OFFICE_SCOPES],
        widget=forms.CheckboxSelectMultiple,
    )
    last_on = forms.DateField(
        label=_("Last day"), help_text=_("At most a year from now: it reads about people."), widget=_day()
    )


class KeyForm(forms.Form):
    """A key for a training platform."""

    provider = forms.ChoiceField(label=_("Training platform"))
    label = forms.CharField(
        label=_("Name of the key"),
        help_text=_("For which machine or contract: so that it is known later."),
        max_length=80,
    )
    scopes = forms.MultipleChoiceField(
        label=_("What it may do"),
        choices=[(scope, SCOPES[scope]) for scope in PLATFORM_SCOPES],
        initial=["records.write"],
        widget=forms.CheckboxSelectMultiple,
    )
    sandbox = forms.BooleanField(
        label=_("For the platform's sandbox"),
        help_text=_(
            "With it the platform tries out its programs among invented people; nothing of it counts, nobody is told."
        ),
        required=False,
    )
    last_on = forms.DateField(
        label=_("Last day"),
        help_text=_("Needed, at most a year from now, where the key reads what all platforms wrote."),
        required=False,
        widget=_day(),
    )

    def __init__(self, *given: Any, providers: Sequence[tuple[str, str]], **more: Any) -> None:
        super().__init__(*given, **more)
        _choose(self, "provider", providers)


ROLE_TITLES = {code: role.title for code, role in ROLES.items()}
