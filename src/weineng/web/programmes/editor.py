"""A draft line by line: sentences with what is wrong beside them, and a form for any line."""

from typing import Any

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from weineng.kernel.refusals import NotFound, Refused
from weineng.programmes import actions
from weineng.programmes.documents import DocumentRefused
from weineng.programmes.documents.lines import LISTS, PARTS, Place, line_of, mark_of
from weineng.programmes.models import Draft
from weineng.programmes.permissions import PUBLISH
from weineng.web.programmes.documents import number_of
from weineng.web.programmes.drafts import common, crumbs_of, draft_of
from weineng.web.programmes.fields import Shown, put_problems, says_anything, show_fields, take_fields, unmarked
from weineng.web.programmes.looking import SECTIONS, Look, fields_at, word_of
from weineng.web.shell.actors import Asked
from weineng.web.shell.pages import done, page, show

CONFLICTS = ("stale-line",)
NEW, PREFIX = "new", "line."


@page(PUBLISH)
def draft(request: Asked, draft: int) -> HttpResponse:
    """Every line of a draft in plain words, and beside them a sample teacher."""
    return _draft(request, draft_of(request, draft))


def _draft(request: Asked, row: Draft, **said: str) -> HttpResponse:
    """The draft's page; `refused` says why it was not published, with what else was `said`."""
    look = Look(row)
    context = {
        "sections": look.sections(),
        "crumbs": crumbs_of(row),
        **common(request, look, "programmes:draft"),
        **said,
    }
    return show(request, "programmes/draft.html", context, status=422 if said else 200)


@page(PUBLISH, methods=("POST",))
def act(request: Asked, draft: int) -> HttpResponse:
    """Publish a draft, throw it away, or take it up again."""
    do = request.POST.get("do", "")
    if do == "discard":
        actions.discard_draft(by=request.actor, draft=draft)
        told = _("Thrown away. It stands at the end of the list and can be taken up again.")
        return done(request, told, "programmes:drafts")
    if do == "restore":
        row = actions.restore_draft(by=request.actor, draft=draft)
        return done(request, _("Taken up again."), "programmes:draft", draft=row)
    if do != "publish":
        raise NotFound("programmes.draft")
    row, said = draft_of(request, draft), {name: request.POST.get(name, "") for name in ("reason", "everybody")}
    try:
        made = actions.publish_draft(
            by=request.actor, draft=draft, revision=number_of(request, "revision") or 0, reason=said["reason"],
            everybody=said["everybody"] == "all",
        )  # fmt: skip
    except NotFound:
        raise
    except DocumentRefused:
        return _draft(
            request,
            row,
            refused=_("Nothing was published: the draft has problems. They stand beside its lines."),
            **said,
        )
    except Refused as refusal:
        return _draft(request, row, refused=str(refusal), **said)
    return _made(request, made)


def _made(request: Asked, made: actions.Made) -> HttpResponse:
    """On to what became of the draft."""
    if made.proposal is not None:
        told = _("Proposed. The platform looks whom it would concern; somebody else of the office has to confirm it.")
        return done(request, told, "programmes:proposal", proposal=made.proposal)
    version = made.version
    if version is None:
        raise NotFound("programmes.version")
    told = _("Published as version %(number)s.") % {"number": version.number}
    if version.programme.owner_id is None:  # a base has no page of its own
        return done(request, told, "programmes:list")
    return done(request, told, "programmes:document", programme=version.programme_id)


def place_at(section: str, row: str) -> Place:
    """The place an address names; refuses `not-found`."""
    if section in LISTS and (row == NEW or (row.isascii() and row.isdecimal() and len(row) < 4)):
        return Place(section, None if row == NEW else int(row))
    if row == "part" and (section in PARTS or section == Place.TOP):
        return Place(section)
    raise NotFound("programmes.draft")


def address_of(draft: Draft, place: Place) -> str:
    """Where a line is written."""
    where = {"draft": draft, "section": place.section, "row": word_of(place)}
    return reverse("programmes:draft_line", kwargs=where)


@page(PUBLISH)
def line(request: Asked, draft: int, section: str, row: str) -> HttpResponse:
    """Write one line. It is kept as one goes, right or wrong; what is wrong stands beside its field."""
    place, held = place_at(section, row), draft_of(request, draft)
    look = Look(held)
    if not look.readable:
        return done(
            request, _("The text of this draft is not YAML; mend it here first."), "programmes:draft_text", draft=held
        )
    if request.method == "POST":
        return _write(request, look, place)
    if place.row is not None and place.row >= len(line_of(held.source, Place(section))):
        raise NotFound("programmes.draft")
    return _show(request, look, place, _begun(request, look, place))


def _begun(request: Asked, look: Look, place: Place) -> dict[str, Any]:
    """What a line says; of a new row that stands in the base, its code."""
    said = dict(line_of(look.text, place) if place.row is not None or not place.is_row else {})
    code = request.GET.get("code", "")
    return {LISTS[place.section].key: code} if code and place.is_row and place.row is None else said


def _write(request: Asked, look: Look, place: Place) -> HttpResponse:
    """Do what the button says; where somebody else was first, show theirs beside one's own."""
    do, seen, held = (
        request.POST.get("do", "save"),
        request.POST.get("over") or request.POST.get("seen", ""),
        look.draft,
    )
    before = line_of(look.text, place) if place.row is not None or not place.is_row else {}
    wanted = take_fields(place.fields, request.POST, before, PREFIX)
    try:
        if do == "remove":
            actions.remove_line(by=request.actor, draft=held.pk, place=place, seen=seen)
            return done(request, _("Taken out of the draft."), "programmes:draft", draft=held)
        if do == "raise":
            _row, there = actions.move_line(by=request.actor, draft=held.pk, place=place, seen=seen)
            return done(request, _("Moved up."), address_of(held, there))
        unsaid = not before and place.section in look.base  # the base says it, and goes on to
        if (unsaid or place.is_row) and place.row is None and not says_anything(wanted):
            return done(request, _("Nothing was written."), "programmes:draft", draft=held)
        saved, there = actions.write_line(by=request.actor, draft=held.pk, place=place, wanted=wanted, seen=seen)
    except Refused as refusal:
        if refusal.code not in CONFLICTS:
            raise
        return _show(request, look, _same(look, place, request.POST.get("was", "")), wanted, conflict=str(refusal))
    if request.htmx and there == place:
        return _show(request, Look(saved), place, wanted, before=before)
    if do == "done":
        heading = next(code for code, (_said, parts) in SECTIONS.items() if there.section in parts)
        return done(request, _("Saved."), f"{reverse('programmes:draft', kwargs={'draft': saved})}#{heading}")
    return done(request, _("Saved."), address_of(saved, there))


def _same(look: Look, place: Place, code: str) -> Place:
    """Where the row that was called so stands now; as a new one where it was taken out."""
    if not place.is_row:
        return place
    rows = range(len(line_of(look.text, Place(place.section))))
    same = (Place(place.section, row) for row in rows if look.code_of(Place(place.section, row)) == code)
    return next(same, Place(place.section))


def _show(
    request: Asked, look: Look, place: Place, said: dict[str, Any], *, conflict: str = "", before: Any = None
) -> HttpResponse:  # fmt: skip
    row, line_ = look.draft, look.line(place)
    fields = _fields(look, place, said)
    problems = [(_path(problem, place, line_.code), problem.message) for problem in line_.problems]
    put_problems(fields, problems)
    now = mark_of(look.text, place)  # what a line says now; who was overtaken takes it up by choosing, not by going on
    moved = before is not None and fields_at(place, before) != fields_at(place, said)
    title, address = _title(look, place, said), address_of(row, place)
    autosave = address if line_.word != NEW and row.state == "open" else None  # a new row is there once it is saved
    context = {
        "place": place, "line": line_, "fields": fields, "rest": [sentence for _where, sentence in problems], "title": title,
        "conflict": conflict, "theirs": line_ if conflict else None, "now": now, "moved": moved, "address": address,
        "seen": request.POST.get("seen", "") if conflict else now, "was": request.POST.get("was", "") if conflict else line_.code,
        "autosave": autosave, "crumbs": crumbs_of(row, title), **common(request, look, ""),
    }  # fmt: skip
    if request.htmx:
        return show(request, "programmes/_line_saved.html", context, status=200)
    return show(request, "programmes/draft_line.html", context, status=422 if conflict else 200)


def _fields(look: Look, place: Place, said: dict[str, Any]) -> list[Shown]:
    base: Any = look.base
    if place.is_row:
        key = LISTS[place.section].key
        rows = look.base.get(place.section)
        same = (
            [row for row in rows if isinstance(row, dict) and row.get(key) == said.get(key)]
            if isinstance(rows, list)
            else []
        )
        base = same[0] if same else {}
    elif place.section != Place.TOP:
        base = look.base.get(place.section)
    path = (
        f"{place.section}.{look.code_of(place)}"
        if place.is_row
        else ""
        if place.section == Place.TOP
        else place.section
    )
    only = fields_at(place, {**base, **said} if isinstance(base, dict) else said)
    return show_fields(place.fields, said, base, look.names(place.section), prefix=PREFIX, path=path, only=only)


def _path(problem: Any, place: Place, code: str) -> str:
    """Where in the line a problem belongs: what is missing belongs to the field that lacks."""
    if problem.code == "missing-field":
        return f"{problem.path}.{problem.params['field']}".removeprefix(".")
    return str(problem.path)


def _title(look: Look, place: Place, said: dict[str, Any]) -> str:
    heading = next(str(title) for title, parts in SECTIONS.values() if place.section in parts)
    code = unmarked(said.get(LISTS[place.section].key))[0] if place.is_row else ""
    name = look.names(place.section).title(said.get("title")) or (code if isinstance(code, str) else "")
    return heading + _(": ") + name if name and place.section != Place.TOP else heading
