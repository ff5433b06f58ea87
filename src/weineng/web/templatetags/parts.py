"""Components: every page is built from these, the gallery shows them all. Built into every template.

Templates stand in templates/components/, styles in static/weineng/components.css under the same name.
"""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from django import template
from django.forms import BoundField
from django.template.loader import render_to_string
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext_lazy as _

from weineng.web.components.tables import Table
from weineng.web.shell.actors import key_of
from weineng.web.shell.once import fresh_token

register = template.Library()

# Every state of everything, with a shape of its own: colour is never the only carrier.
STATES: Mapping[str, tuple[str, object]] = {
    "done": ("check", _("done")),
    "waiting": ("clock", _("waiting")),
    "open": ("circle", _("not begun")),
    "late": ("alert", _("late")),
    "refused": ("cross", _("refused")),
    "returned": ("back", _("returned")),
    "draft": ("pencil", _("draft")),
    "info": ("info", _("note")),
    "closed": ("minus", _("closed")),
}


def _part(name: str, context: Mapping[str, Any]) -> SafeString:
    return render_to_string(f"components/{name}.html", dict(context))


@register.simple_tag
@lru_cache(maxsize=128)  # a page shows dozens
def icon(name: str) -> SafeString:
    """A sign from icons.svg; always beside a word."""
    return _part("icon", {"name": name})


@register.simple_tag
def button(
    text: object, *, kind: str = "primary", name: str = "", value: object = "", icon: str = "", **more: Any
) -> SafeString:
    """A submit button; `kind` primary, plain, quiet or danger; more: `form`, `formaction`, `disabled`, `data_…`."""
    return _part(
        "button", {"text": text, "kind": kind, "name": name, "value": value, "icon": icon, "more": _attributes(more)}
    )


@register.simple_tag
def action(text: object, url: str, *, kind: str = "plain", icon: str = "", **more: Any) -> SafeString:
    """A link that looks like a button: leads to the page where something is done."""
    return _part("action", {"text": text, "url": url, "kind": kind, "icon": icon, "more": _attributes(more)})


def _attributes(more: Mapping[str, Any]) -> list[tuple[str, Any]]:
    return [(key.replace("_", "-"), value) for key, value in more.items() if value not in (None, False)]


@register.simple_tag(takes_context=True)
def once(context: template.Context) -> SafeString:
    """The token that makes a form sent twice act once; `{% form %}` brings it."""
    return format_html('<input type="hidden" name="once" value="{}">', fresh_token())


@register.simple_block_tag(takes_context=True, end_name="endform")
def form(
    context: template.Context, content: str, bound: Any = None, *, action: str = "", upload: bool = False,
    name: str = "", wide: bool = False, **more: Any,
) -> str:  # fmt: skip
    """A POST form with its secrets and, on top, what is wrong with it. `{% form form %}…{% endform %}`."""
    return render_to_string(
        "components/form.html",
        {
            "content": content, "form": bound, "action": action, "upload": upload, "name": name, "wide": wide,
            "csrf_token": context.get("csrf_token", ""), "once": fresh_token(), "more": _attributes(more),
        },
    )  # fmt: skip


@register.simple_tag
def field(bound: BoundField, **more: Any) -> SafeString:
    """A field with label, hint and error: `{% field form.name %}`; more: `unit`, `rows`, `autofocus`."""
    widget = bound.field.widget
    kind = getattr(widget, "input_type", "") or ("textarea" if "Textarea" in type(widget).__name__ else "")
    group = getattr(widget, "use_fieldset", False)
    unit = more.pop("unit", "")
    for key, value in more.items():
        widget.attrs[key.replace("_", "-")] = value
    return _part("field", {"field": bound, "kind": kind, "group": group, "unit": unit, "attrs": more})


@register.simple_tag
def status(state: str, text: object = "") -> SafeString:
    """A status word with its shape: `{% status "late" %}`, `{% status "waiting" _("waiting for the panel") %}`."""
    shape, word = STATES[state]
    return _part("status", {"state": state, "shape": shape, "text": text or word})


@register.simple_tag
def progress(
    have: Any, need: Any, *, unit: object = "", label: object = "", text: str = "", state: str = ""
) -> SafeString:
    """A bar have / need with the figures beside it; `text` replaces the figures (`"47.5 / 50"`)."""
    ratio = 1.0 if not need else min(float(have) / float(need), 1.0)
    met = not need or have >= need
    return _part(
        "progress",
        {
            "have": have, "need": need, "unit": unit, "label": label, "text": text, "width": f"{ratio * 100:.2f}",
            "state": state or ("done" if met else "open"), "met": met,
        },
    )  # fmt: skip


@register.simple_tag
def bar(
    *, done: int, waiting: int, total: int, plan: float | None = None, label: object = "", done_url: str = "",
    waiting_url: str = "", open_url: str = "",
) -> SafeString:  # fmt: skip
    """A stacked bar done / waiting / not begun of `total`, each part a link; `plan` (0–1) is where one should be today."""
    left = max(total - done - waiting, 0)
    whole = total or 1
    parts = []
    at = 0.0
    for state, count, url in (("done", done, done_url), ("waiting", waiting, waiting_url), ("open", left, open_url)):
        width = count * 100 / whole
        if count:
            parts.append(
                {
                    "state": state,
                    "word": STATES[state][1],
                    "count": count,
                    "url": url,
                    "x": f"{at:.2f}",
                    "width": f"{width:.2f}",
                }
            )
        at += width
    tick = "" if plan is None else f"{min(max(plan, 0), 1) * 100:.2f}"
    percent = "" if plan is None else f"{plan * 100:.0f}%"
    return _part("bar", {"parts": parts, "total": total, "tick": tick, "plan": percent, "label": label})


@register.simple_tag
def figure(
    value: object, label: object, *, unit: object = "", share: object = "", ratio: float | None = None, plan: float | None = None,
    change: object = "", url: str = "", state: str = "",
) -> SafeString:  # fmt: skip
    """A figure against plan: value with unit, share, a bar with the plan's tick, the change since last week; a link."""
    return _part(
        "figure",
        {
            "value": value, "label": label, "unit": unit, "share": share, "change": change, "url": url, "state": state,
            "width": "" if ratio is None else f"{min(max(ratio, 0), 1) * 100:.2f}",
            "tick": "" if plan is None else f"{min(max(plan, 0), 1) * 100:.2f}",
            "plan": "" if plan is None else f"{plan * 100:.0f}%",
        },
    )  # fmt: skip


@register.simple_block_tag(end_name="endblank")
def blank(content: str, title: object) -> str:
    """Why a list is empty, and inside: what to do."""
    return render_to_string("components/empty.html", {"title": title, "content": content})


@register.simple_block_tag(end_name="endnote")
def note(content: str, *, state: str = "info", title: object = "", focus: bool = False) -> str:
    """A note in the page: `info`, `waiting`, `late`, `done`, `refused`. `focus`: the answer to what was just sent, far down the page:
    it is brought into sight."""
    shape, word = STATES[state]
    context = {"content": content, "state": state, "shape": shape, "word": word, "title": title, "focus": focus}
    return render_to_string("components/note.html", context)


@register.simple_tag
def steps(names: Sequence[object], at: int) -> SafeString:
    """Steps of one task, the present one (from 1) marked."""
    return _part(
        "steps", {"steps": [(number, name, number < at, number == at) for number, name in enumerate(names, 1)]}
    )


@register.simple_tag
def chips(items: Sequence[Mapping[str, Any]], *, label: object = "") -> SafeString:
    """Filters with their counts: dicts `text`, `url`, `count` (or none), `on`."""
    return _part(
        "chips", {"items": [{"count": None, "on": False, **item} for item in items], "label": label or _("Show")}
    )


@register.simple_tag
def tabs(items: Sequence[Mapping[str, Any]], *, label: object = "") -> SafeString:
    """Tabs that are links: dicts `text`, `url`, `on`, `count`."""
    return _part(
        "tabs",
        {"items": [{"count": None, "on": False, **item} for item in items], "label": label or _("Parts of this page")},
    )


@register.simple_tag
def crumbs(items: Sequence[Mapping[str, Any]]) -> SafeString:
    """Where in the tree: dicts `text`, `url`, `siblings` (a list of `(text, url)`) to open sideways."""
    return _part("crumbs", {"items": [{"url": "", "siblings": (), **item} for item in items]})


@register.simple_tag
def timeline(events: Sequence[Mapping[str, Any]]) -> SafeString:
    """What happened, newest first: dicts `at`, `text`, `who`, `state`, `url`, `more`."""
    plain = {"who": "", "state": "info", "url": "", "more": ""}
    return _part("timeline", {"events": [_shaped({**plain, **event}) for event in events]})


@register.simple_tag
def checklist(items: Sequence[Mapping[str, Any]]) -> SafeString:
    """What is asked and what is there: dicts `text`, `state` (done, open, refused), `more`, `url`."""
    return _part("checklist", {"items": [_shaped({"more": "", "url": "", **item}) for item in items]})


def _shaped(item: dict[str, Any]) -> dict[str, Any]:
    shape, word = STATES[item["state"]]
    return {**item, "shape": shape, "word": word}


@register.simple_block_tag(end_name="endfile")
def file(
    content: str,
    name: str,
    *,
    size: int | None = None,
    sent: int | None = None,
    state: str = "done",
    more: object = "",
    url: str = "",
) -> str:
    """A file with its size, how much of it has arrived, its state; inside: what can be done with it."""
    shape, word = STATES[state]
    width = f"{min(100.0, (sent or 0) * 100 / size):.1f}" if size and sent is not None else ""
    return render_to_string(
        "components/file.html",
        {
            "content": content, "name": name, "size": size, "sent": sent, "width": width, "state": state, "shape": shape,
            "word": word, "more": more, "url": url,
        },
    )  # fmt: skip


@register.simple_block_tag(end_name="endremark")
def remark(content: str, *, who: str, at: Any, role: object = "") -> str:
    """What somebody wrote, with name (or role, where names are hidden) and time."""
    return render_to_string("components/remark.html", {"content": content, "who": who, "at": at, "role": role})


@register.simple_block_tag(end_name="endconfirm")
def confirm(content: str, id: str, *, title: object, open: object, kind: str = "plain") -> str:  # noqa: A002 (the HTML attribute)
    """A question before an act: a dialog where scripts run, a fold in the page where they do not. Inside: a form."""
    return render_to_string(
        "components/confirm.html", {"content": content, "id": id, "title": title, "open": open, "kind": kind}
    )


@register.simple_block_tag(end_name="endtable")
def table(content: str, head: Table, *, caption: object, stack: bool | str = False, select: bool = False) -> str:
    """A table with sortable headings, its rows inside, its pager below.

    `stack`: on a phone each row stands as a card, one cell under another; "pairs": two short cells beside each other.
    """
    return render_to_string(
        "components/table.html",
        {"content": content, "table": head, "caption": caption, "stack": stack, "select": select},
    )


@register.simple_tag
def htmx() -> SafeString:
    """Loads htmx: only on pages that use fragments, in `{% block scripts %}`."""
    return _part("htmx", {})


register.filter("post_key", key_of)


@register.simple_tag
def nothing() -> SafeString:
    """The sign for no value, read out as such."""
    return mark_safe(render_to_string("components/nothing.html"))  # noqa: S308 (a constant of ours)
