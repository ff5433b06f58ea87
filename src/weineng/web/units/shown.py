"""What was shown is what is done: an act is sent with a mark of what its look had told, for these very fields."""

from collections.abc import Iterable, Mapping
from hashlib import sha256
from typing import Any

from django.forms import Form
from django.utils.translation import gettext_lazy as _

from weineng.insight.queries import Following
from weineng.kernel.refusals import Refused
from weineng.web.shell.actors import Asked

FIELD = "shown"


def mark_of(request: Asked, form: Form, following: Following, posts: Iterable[Mapping[str, Any]] = ()) -> str:
    """What a look told about these fields of this page: the same as long as the act would bring about the same."""
    sent = [(name, request.POST.getlist(name)) for name in form.fields if name != FIELD]
    held = [
        (one["post"].person_id, one["post"].unit_id, str(one["post"].during), one["post"].home, one["as"], one["state"])
        for one in posts
    ]
    return sha256(repr((request.path, sent, following.deeds, held)).encode()).hexdigest()[:32]


def require_shown(request: Asked, mark: str) -> None:
    """Refuse `changed-since-shown` where the fields sent, or what would follow from them, are not what was shown."""
    if request.POST.get(FIELD) != mark:
        text = _(
            "This is not what was shown before: what you entered or what follows has changed. Here it is as it is now."
        )
        raise Refused("changed-since-shown", text)
