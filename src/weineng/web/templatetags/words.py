"""Filters: texts in three languages, numbers, periods, dates, ids. Built into every template."""

import re
from collections.abc import Mapping
from datetime import date, datetime
from decimal import ROUND_DOWN, Decimal

from django import template
from django.template.defaultfilters import stringfilter
from django.utils.formats import number_format
from django.utils.translation import get_language, ngettext, pgettext_lazy
from django.utils.translation import gettext as _

from weineng.kernel.clock import CIVIL, civil_date, now, today
from weineng.kernel.words import word_for
from weineng.web.shell import addresses
from weineng.web.shell.verbs import VERBS

register = template.Library()
PERIOD = 45  # minutes, where a page names no document (semantics 1)


@register.simple_tag
def gap() -> str:
    """What stands between two sentences on one line: a space, and nothing in Chinese, where the full stop is as wide as one."""
    return "" if (get_language() or "").startswith("zh") else " "


@register.filter
def in_language(words: Mapping[str, str] | None) -> str:
    """A text in three languages in the reader's."""
    return word_for(words, get_language() or "") if words else ""


@register.filter
def verb_text(verb: str) -> str:
    """What a line of the log says was done, in words."""
    return str(VERBS.get(verb, verb))


@register.filter
def oid(thing: object, kind: str = "") -> str:
    """`{{ person|oid }}`, or `{{ number|oid:"organisations.person" }}`."""
    return addresses.oid(thing, kind)  # type: ignore[arg-type]


@register.filter
def periods(minutes: int | None, period_minutes: int | None = None) -> str:
    """Minutes as periods, rounded down to 0.1, so that nobody reads 50.0 and fails (semantics 1)."""
    if minutes is None:
        return "–"
    value = (Decimal(minutes) / (period_minutes or PERIOD)).quantize(Decimal("0.1"), ROUND_DOWN)
    return str(number_format(value, 1, use_l10n=False, force_grouping=True))


@register.filter
def number(value: object) -> str:
    """A number with grouped thousands; `–` for none."""
    return "–" if value is None or value == "" else f"{value:,}"


@register.filter
def share(part: float | None, whole: float | None) -> str:
    """`{{ done|share:all }}` as whole percent rounded down: 100 % is said only when everybody is done."""
    if not whole or part is None:
        return "–"
    return f"{int(part * 100 // whole)}%"


_WEEKDAYS = (
    pgettext_lazy("day", "Mon"), pgettext_lazy("day", "Tue"), pgettext_lazy("day", "Wed"), pgettext_lazy("day", "Thu"),
    pgettext_lazy("day", "Fri"), pgettext_lazy("day", "Sat"), pgettext_lazy("day", "Sun"),
)  # fmt: skip
_MONTHS = (
    pgettext_lazy("month", "Jan"), pgettext_lazy("month", "Feb"), pgettext_lazy("month", "Mar"), pgettext_lazy("month", "Apr"),
    pgettext_lazy("month", "May"), pgettext_lazy("month", "Jun"), pgettext_lazy("month", "Jul"), pgettext_lazy("month", "Aug"),
    pgettext_lazy("month", "Sep"), pgettext_lazy("month", "Oct"), pgettext_lazy("month", "Nov"), pgettext_lazy("month", "Dec"),
)  # fmt: skip


def _civil(value: date | datetime) -> date:
    return civil_date(value) if isinstance(value, datetime) else value


@register.filter
def day(value: date | datetime | None) -> str:
    """A civil date with its weekday, the year only when it is not this one."""
    if value is None:
        return "–"
    on = _civil(value)
    places = {"year": on.year, "month_name": _MONTHS[on.month - 1], "day": on.day, "weekday": _WEEKDAYS[on.weekday()]}
    if on.year == today().year:
        return _("{weekday} {day} {month_name}").format(**places)
    return _("{weekday} {day} {month_name} {year}").format(**places)


@register.filter
def plain_day(value: date | datetime | None) -> str:
    """A date for narrow columns, always with its year: 2026-11-23."""
    return "–" if value is None else _civil(value).isoformat()


@register.filter
def moment(value: datetime | None) -> str:
    """An instant as civil date and time."""
    if value is None:
        return "–"
    return _("{day}, {time}").format(day=day(value), time=clock_time(value))


@register.filter
def clock_time(value: datetime | None) -> str:
    """The time of day of an instant, `17:00`."""
    return "–" if value is None else f"{value.astimezone(CIVIL):%H:%M}"


@register.filter
def away(value: date | datetime | None) -> str:
    """How far a date is from today, to stand beside the date itself: `in 5 days`, `2 days ago`, `today`."""
    if value is None:
        return ""
    days = (_civil(value) - today()).days
    if days == 0:
        return _("today")
    if days == 1:
        return _("tomorrow")
    if days == -1:
        return _("yesterday")
    if days > 0:
        return ngettext("in %(days)d day", "in %(days)d days", days) % {"days": days}
    return ngettext("%(days)d day ago", "%(days)d days ago", -days) % {"days": -days}


@register.filter
def reads_as_text(value: str) -> bool:
    """Whether somebody wrote this themselves: not a code, an opaque id, a date or a number that a form sends beside it."""
    return re.fullmatch(r"[a-z0-9_.:-]*", value) is None


@register.filter
def is_past(value: date | datetime | None) -> bool:
    """Whether a deadline has passed: a date as deadline includes the whole day (semantics 2)."""
    if value is None:
        return False
    return value < now() if isinstance(value, datetime) else value < today()


@register.filter
def size(octets: int | None) -> str:
    """Bytes as kB, MB or GB in round decimal figures."""
    if octets is None:
        return "–"
    value, unit = float(octets), "B"
    for unit in ("B", "kB", "MB", "GB"):
        if value < 1000 or unit == "GB":
            break
        value /= 1000
    return f"{value:.0f} {unit}" if unit in ("B", "kB") or value >= 100 else f"{value:.1f} {unit}"


@register.filter
def duration(seconds: int | None) -> str:
    """A length of video as 4:05 or 1:02:09."""
    if seconds is None:
        return "–"
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


@register.filter
@stringfilter
def initial(name: str) -> str:
    """The first character of a name, for round marks."""
    return name[:1].upper()
