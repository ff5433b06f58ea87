"""What an office says when it puts another level in the place of a result."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from weineng.evidence.rules import LEVEL_NAMES


class OverturnForm(forms.Form):
    """The level that shall stand, and why; the present one is not offered."""

    level = forms.ChoiceField(label=_("The result shall be"), widget=forms.RadioSelect)
    reason = forms.CharField(
        label=_("Reason"), max_length=400, widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("The teacher reads it, and it stays in the log."),
    )  # fmt: skip

    def __init__(self, data: Any, *, present: str, initial: Any = None) -> None:
        super().__init__(data, initial=initial)
        levels = [(level, name) for level, name in LEVEL_NAMES.items() if level != present]
        self.fields["level"].choices = levels  # type: ignore[attr-defined]  # it is a choice field
