"""The words of a cut: what its ways are called, and its rows."""

from django.utils.translation import gettext as _

from weineng.programmes.documents.labels import FLAG_NAMES
from weineng.progress.queries.cuts import BEARS, BY
from weineng.web.units.words import STAGE_NAMES


def title_of(by: str) -> str:
    """What a way to cut is called."""
    titles = {"stage": _("School stage"), "subject": _("Subject")}
    return titles.get(by) or str(FLAG_NAMES.get(by, by))


def words_of(by: str, value: str) -> str:
    """What one row is called."""
    if by in BY:
        told = str(STAGE_NAMES.get(value, value)) if by == "stage" else value
        return told or _("not told")
    mark = title_of(by)
    said = _("schools with the mark “%(mark)s”") if value == BEARS else _("schools without the mark “%(mark)s”")
    return said % {"mark": mark}
