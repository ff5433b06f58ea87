"""What an office says when it decides about a certificate."""

from django import forms
from django.utils.translation import gettext_lazy as _

from weineng.certification.rules import BY_HAND, CORRECTIONS, REASONS


class RevokeForm(forms.Form):
    """Why a certificate ends for good."""

    prefix = "revoke"
    because = forms.ChoiceField(
        label=_("Reason"), choices=[(code, REASONS[code]) for code in BY_HAND], widget=forms.RadioSelect
    )
    reason = forms.CharField(
        label=_("In your own words"), max_length=400, widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Kept in the log; not shown on the public page."),
    )  # fmt: skip


class ReissueForm(forms.Form):
    """What was wrong."""

    prefix = "reissue"
    because = forms.ChoiceField(
        label=_("Reason"), choices=[(code, REASONS[code]) for code in CORRECTIONS], widget=forms.RadioSelect
    )
    reason = forms.CharField(
        label=_("In your own words"), max_length=400, widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Kept in the log; not shown on the public page."),
    )  # fmt: skip
