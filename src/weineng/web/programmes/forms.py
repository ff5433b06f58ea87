"""Forms of programmes."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from weineng.kernel.ids import open_id

MOST = 400_000  # bytes of an uploaded document; the reader has its own limit in characters


class UnitField(forms.ChoiceField):
    """One of the units offered; its cleaned value is the number, None where none was picked."""

    def clean(self, value: Any) -> int | None:
        word = super().clean(value)
        return open_id("organisations.unit", word) if word else None


class SourceForm(forms.Form):
    """A document, pasted or as a file; `text` and `name` of it once it is clean."""

    upload = forms.FileField(label=_("File (YAML)"), required=False)
    source = forms.CharField(
        label=_("Or paste it here"), required=False, strip=False,
        widget=forms.Textarea(attrs={"rows": 16, "spellcheck": "false", "autocapitalize": "none"}),
    )  # fmt: skip

    def clean(self) -> dict[str, Any]:
        """`text` and `name` of the document, whichever way it came."""
        data = super().clean() or self.cleaned_data
        upload = data.get("upload")
        if upload is not None and upload.size > MOST:
            self.add_error("upload", _("This file is too large to be a programme's document."))
        elif upload is not None:
            try:
                data["text"], data["name"] = upload.read().decode("utf-8-sig"), upload.name
            except UnicodeDecodeError:
                self.add_error("upload", _("This file is not a text in UTF-8."))
        elif data.get("source", "").strip():
            data["text"], data["name"] = data["source"], "programme.yaml"
        elif "upload" not in self.errors:
            self.add_error("source", _("Choose a file or paste the document."))
        return data


class DocumentForm(SourceForm):
    """A document and the unit that runs it."""

    owner = UnitField(label=_("Run by"))

    def __init__(self, *args: Any, owners: Sequence[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["owner"].choices = list(owners)  # type: ignore[attr-defined]  # it is a choice field


class ProposeForm(SourceForm):
    """A changed document, whom it holds for, and why."""

    everybody = forms.ChoiceField(
        label=_("Whom it holds for"), widget=forms.RadioSelect,
        choices=[("new", _("whoever is enrolled from then on")), ("all", _("everybody, also those who take part already"))],
    )  # fmt: skip
    reason = forms.CharField(
        label=_("Reason"), max_length=400, widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("Name the decision or the request; the reason stays with the version for ever."),
    )  # fmt: skip


class RefuseForm(forms.Form):
    """Why a change is turned down."""

    reason = forms.CharField(
        label=_("Reason"), max_length=400, widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("Whoever proposed it reads it."),
    )  # fmt: skip


class LeaveForm(forms.Form):
    """From when and why somebody no longer takes part."""

    on = forms.DateField(label=_("From which day"), widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}))
    reason = forms.CharField(label=_("Reason"), max_length=200)


class ReasonForm(forms.Form):
    """Why something is taken back."""

    reason = forms.CharField(label=_("Reason"), max_length=200)


class HostForm(forms.Form):
    """The school to which somebody of an office belongs for the programme."""

    host = UnitField(label=_("Host school"))

    def __init__(self, *args: Any, hosts: Sequence[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["host"].choices = list(hosts)  # type: ignore[attr-defined]  # it is a choice field


class ExemptionForm(forms.Form):
    """Which demand, on which days, and why."""

    demand = forms.ChoiceField(label=_("From what"))
    starts = forms.DateField(label=_("First day"), widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}))
    ends = forms.DateField(
        label=_("Last day"), required=False, help_text=_("Empty: until it is ended."),
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
    )  # fmt: skip
    reason = forms.CharField(label=_("Reason"), max_length=400, widget=forms.Textarea(attrs={"rows": 3}))

    def __init__(self, *args: Any, demands: Sequence[tuple[str, Any]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["demand"].choices = list(demands)  # type: ignore[attr-defined]  # it is a choice field
