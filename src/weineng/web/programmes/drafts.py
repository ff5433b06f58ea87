"""Documents that an office is writing: the list of them, beginning one, its text, and what becomes of it."""

from difflib import unified_diff
from typing import Any

from django import forms
from django.core.validators import RegexValidator
from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from weineng.kernel.refusals import Refused
from weineng.kernel.sets import get_or_refuse
from weineng.kernel.words import LANGUAGES
from weineng.programmes import actions
from weineng.programmes.documents.format import DOCUMENT_CODE
from weineng.programmes.documents.lines import heading_of
from weineng.programmes.models import Draft, Programme
from weineng.programmes.permissions import PUBLISH
from weineng.programmes.queries import (
    approvals_within,
    bases_there,
    drafts_within,
    lines_to_approve,
    programmes_within,
    shipped_plans,
)
from weineng.web.components.tables import Column, Table
from weineng.web.programmes.documents import OFFICES, number_of
from weineng.web.programmes.forms import UnitField
from weineng.web.programmes.looking import Look
from weineng.web.programmes.sampling import panel_of
from weineng.web.shell.actors import Asked
from weineng.web.shell.pages import done, page, refusals_on, show
from weineng.web.templatetags.words import in_language
from weineng.web.units.picking import pick_units


class BeginForm(forms.Form):
    """What a new document begins with."""

    owner = UnitField(label=gettext_lazy("Run by"))
    origin = forms.ChoiceField(label=gettext_lazy("Begin with"))
    code = forms.CharField(
        label=gettext_lazy("Code of the programme"), required=False, max_length=DOCUMENT_CODE.longest,
        validators=[RegexValidator(DOCUMENT_CODE.pattern)],
        help_text=gettext_lazy(
            "Small letters, digits and hyphens, a letter first; it never changes. Not needed for a programme you run already."
        ),
    )  # fmt: skip
    years = forms.IntegerField(
        label=gettext_lazy("Move its dates by years"), initial=0, min_value=-50, max_value=50,
        help_text=gettext_lazy("For next year's document: 1."),
    )  # fmt: skip

    def __init__(self, *args: Any, owners: Any, origins: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["owner"].choices = list(owners)  # type: ignore[attr-defined]  # it is a choice field
        self.fields["origin"].choices = list(origins)  # type: ignore[attr-defined]  # it is a choice field
        for code, label in TITLES.items():
            self.fields[code] = forms.CharField(label=label, required=False, max_length=200)

    @property
    def titles(self) -> list[Any]:
        """The title in each language."""
        return [self[code] for code in TITLES]

    def clean(self) -> dict[str, Any]:
        """A new document has a code and a title."""
        data = super().clean() or self.cleaned_data
        if not data.get("origin", "programme:").startswith("programme:"):
            for name in ("code", *TITLES):
                if not data.get(name) and name not in self.errors:
                    self.add_error(name, _("This is needed for a new programme."))
        return data


TITLES = {
    "zh-hans": gettext_lazy("Title in simplified Chinese"), "zh-hant": gettext_lazy("Title in traditional Chinese"),
    "en": gettext_lazy("Title in English"),
}  # fmt: skip


@page(PUBLISH)
def list_drafts(request: Asked) -> HttpResponse:
    """The drafts within reach: those in work, and those that were published or thrown away."""
    head = Table(request, (Column("new", _("Edited last"), sort="edited_at,pk"),), order="-new", size=50)
    head.cut(drafts_within(request.actor).filter(state="open"))
    over = drafts_within(request.actor).exclude(state="open")[:20]
    return show(request, "programmes/drafts.html", {"head": head, "over": over, "crumbs": crumbs_of()})


def crumbs_of(draft: Draft | None = None, here: object = "") -> list[dict[str, str]]:
    """From the programmes to a draft, or to a page of it."""
    path = [{"text": _("Programmes"), "url": reverse("programmes:list")}]
    if draft is None:
        return [*path, {"text": _("Drafts")}]
    path += [{"text": _("Drafts"), "url": reverse("programmes:drafts")}]
    if not here:
        return [*path, {"text": in_language(draft.title) or draft.code}]
    above = {
        "text": in_language(draft.title) or draft.code,
        "url": reverse("programmes:draft", kwargs={"draft": draft}),
    }
    return [*path, above, {"text": str(here)}]


def origins_for(request: Asked) -> list[tuple[str, str]]:
    """What somebody can begin with, in words."""
    found = [("nothing", _("Nothing: as little as a document can have"))]
    for code, text in shipped_plans().items():
        found.append(
            (f"plan:{code}", _("A plan that comes with the platform: %(title)s") % {"title": _title(code, text)})
        )
    refines = _("A refinement of the base %(code)s")
    found += [(f"base:{code}", refines % {"code": code}) for code in bases_there()]
    for row in programmes_within(request.actor, PUBLISH).filter(owner__in=request.actor.units(PUBLISH))[:50]:
        text = _("A programme you run: %(title)s (%(code)s)") % {"title": in_language(row.title), "code": row.code}
        found.append((f"programme:{row.code}", text))
    return found


def _title(code: str, text: str) -> str:
    return in_language(heading_of(text)["title"]) or code


@page(PUBLISH)
def begin(request: Asked) -> HttpResponse:
    """Begin a document from nothing, from a plan, from a base, or from a programme that is run already."""
    picker = pick_units(request, PUBLISH, levels=OFFICES)
    asked = {"origin": request.GET.get("from", "nothing"), "years": 0}
    form = BeginForm(request.POST or None, initial=asked, owners=picker.choices, origins=origins_for(request))
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        with refusals_on(form):
            row = actions.begin_draft(
                by=request.actor, owner=data["owner"], origin=data["origin"], code=data["code"], years=data["years"],
                title={code: data[code] for code in LANGUAGES},
            )  # fmt: skip
            return done(request, _("The draft is begun. It is kept as you go."), "programmes:draft", draft=row)
    return show(request, "programmes/begin.html", {"form": form, "picker": picker, "crumbs": crumbs_of()})


def draft_of(request: Asked, draft: int) -> Draft:
    """A draft within reach."""
    return get_or_refuse(Draft.objects.within(request.actor, PUBLISH).select_related("owner"), pk=draft)


def tabs_of(draft: Draft, here: str) -> list[dict[str, object]]:
    """The two ways in which a draft can be written."""
    views = ((_("Line by line"), "programmes:draft"), (_("As text"), "programmes:draft_text"))
    return [{"text": text, "url": reverse(name, kwargs={"draft": draft}), "on": name == here} for text, name in views]


def common(request: Asked, look: Look, here: str) -> dict[str, Any]:
    """What every page of a draft needs."""
    row = look.draft
    running = Programme.objects.filter(code=row.code, owner=row.owner_id, started_on__isnull=False).first()
    return {
        "draft": row, "look": look, "running": running, "tabs": tabs_of(row, here), "panel": panel_of(request, look),
        "problems": [problem.as_data() for problem in look.problems], "refused": "", "reason": "", "everybody": "new",
        **_approval(request, look),
    }  # fmt: skip


def _approval(request: Asked, look: Look) -> dict[str, Any]:
    """The last request for an approval, and whether one can be asked for: nothing else is wrong, and none waits."""
    row = look.draft
    asked = approvals_within(request.actor).filter(owner=row.owner_id, code=row.code).exclude(state="withdrawn").first()
    wanted = len(lines_to_approve(look.problems))
    waits = asked is not None and asked.state == "asked"
    return {"approval": asked, "asks": 0 < wanted == len(look.problems) and row.state == "open" and not waits}


class TextForm(forms.Form):
    """The whole text."""

    source = forms.CharField(
        label=gettext_lazy("Text of the document (YAML)"), strip=False,
        widget=forms.Textarea(attrs={"rows": 30, "spellcheck": "false", "autocapitalize": "none", "class": "code"}),
    )  # fmt: skip
    revision = forms.IntegerField(widget=forms.HiddenInput())


@page(PUBLISH)
def text(request: Asked, draft: int) -> HttpResponse:
    """The whole document as text; what is wrong with it beside its line. It is kept as one writes."""
    row = draft_of(request, draft)
    form = TextForm(request.POST or None, initial={"source": row.source, "revision": row.revision})
    differs, revision = "", row.revision
    if request.method == "POST" and form.is_valid():
        source, revision = form.cleaned_data["source"].replace("\r\n", "\n"), form.cleaned_data["revision"]
        try:
            row = actions.save_draft(
                by=request.actor, draft=draft, source=source, revision=number_of(request, "over") or revision
            )
        except Refused as refusal:
            if refusal.code != "stale-draft":
                raise
            differs = _differing(source, row.source)
            form.add_error(None, str(refusal))
        else:
            if not request.htmx:
                return done(request, _("Saved."), "programmes:draft_text", draft=row)
            revision = row.revision
    autosave = reverse("programmes:draft_text", kwargs={"draft": row}) if row.state == "open" else None
    context = {
        "form": form, "differs": differs, "revision": revision, "autosave": autosave, "crumbs": crumbs_of(row, _("As text")),
        **common(request, Look(row), "programmes:draft_text"),
    }  # fmt: skip
    if request.htmx:
        return show(request, "programmes/_draft_text_saved.html", context, status=200)
    return show(request, "programmes/draft_text.html", context)


def _differing(mine: str, theirs: str) -> str:
    """The lines in which two texts differ."""
    lines = list(unified_diff(mine.splitlines(), theirs.splitlines(), lineterm="", n=1))[2:]
    return "\n".join(lines) or _("Both texts say the same.")
