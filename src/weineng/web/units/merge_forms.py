"""What an office says when it makes two records one person, or parts them again."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from weineng.kernel.ids import open_id
from weineng.web.units.forms import choose, reason_field


class MergeForm(forms.Form):
    """Which of two records is kept, and why they are one person; `both` names the numbers that each has of its own."""

    kept = forms.ChoiceField(
        label=_("The record that is kept"), widget=forms.RadioSelect,
        help_text=_("Its name and details stay; the other one’s address leads here. What is missing here is taken from the other."),
    )  # fmt: skip
    end_numbers = forms.BooleanField(required=False)
    reason = reason_field()

    def __init__(self, data: Any, *, records: list[tuple[str, str]], both: str, initial: Any = None) -> None:
        super().__init__(data, initial=initial)
        choose(self, "kept", records)
        if not both:
            del self.fields["end_numbers"]
            return
        text = _("Both have a number of their own (%(numbers)s). The one of the other record was wrong and ends.")
        self.fields["end_numbers"].label = text % {"numbers": both}

    def clean(self) -> dict[str, Any]:
        """Two numbers of one kind are no oversight: somebody has to say which one is right."""
        data = super().clean() or {}
        if "end_numbers" in self.fields and not data.get("end_numbers"):
            text = _(
                "One person has one number of a kind. Say that the other record’s was wrong, or leave both as they are."
            )
            self.add_error("end_numbers", text)
        return data

    def told(self, pair: tuple[int, int]) -> dict[str, Any]:
        """As the action takes it; `pair` are the ids of both records."""
        kept = open_id("organisations.person", self.cleaned_data["kept"])
        gone = pair[0] if kept == pair[1] else pair[1]
        return {
            "kept": kept, "gone": gone, "reason": self.cleaned_data["reason"],
            "end_numbers": bool(self.cleaned_data.get("end_numbers")),
        }  # fmt: skip


class UnmergeForm(forms.Form):
    """Why a merge was wrong; a number that names somebody else by now stays with them only where that is said."""

    leave_numbers = forms.BooleanField(required=False, label=_("The number stays with the one whom it names now"))
    reason = reason_field()
