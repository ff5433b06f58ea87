"""What people type has the length of the column that keeps it: nothing is cut off, nothing ends as an error of the database."""

from django.db.models import Model
from django.utils.translation import gettext_lazy as _

from weineng.kernel.refusals import Refused


def refuse_long(model: type[Model], form_field: str = "", /, **texts: str | None) -> None:
    """Refuse `text-too-long` (field, longest) for the first text that does not fit the column of its name.

    `form_field` is what the writer knows the column as, where that is not its name.
    """
    for field, text in texts.items():
        longest: int | None = getattr(model._meta.get_field(field), "max_length", None)
        if text is not None and longest is not None and len(text) > longest:
            raise Refused(
                "text-too-long", _("At most %(longest)s characters."), field=form_field or field, longest=longest
            )
