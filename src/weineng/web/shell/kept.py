"""A form that was sent when the session had ended: kept for the person who wrote it, offered after they sign in again.

It waits encrypted in the session of the browser it came from, bound to the account that was signed in there: whoever
signs in next at a shared computer does not see it. What nobody was signed in for is not kept.
"""

import json
from base64 import b64decode, b64encode
from dataclasses import dataclass
from datetime import timedelta

from cryptography.fernet import InvalidToken

from weineng.kernel.ciphers import decrypt, encrypt
from weineng.kernel.clock import now
from weineng.web.shell.actors import LEFT, Asked

SESSION = "kept"
VALID = timedelta(hours=12)
LONGEST = 200_000  # characters


@dataclass(frozen=True)
class Kept:
    """A form as it was sent: where to, its fields in order (no files, no secrets), whether files were with it."""

    path: str
    fields: list[tuple[str, str]]
    files: bool


def keep_form(request: Asked, fields: list[tuple[str, str]]) -> bool:
    """Keep what was sent for whoever was signed in here; False where that is unknown or it is too much."""
    account = request.account.pk if request.account else request.session.get(LEFT)
    if account is None or sum(len(name) + len(value) for name, value in fields) > LONGEST:
        return False
    form = {
        "account": account, "until": (now() + VALID).timestamp(), "path": request.get_full_path(), "fields": fields,
        "files": bool(request.FILES),
    }  # fmt: skip
    request.session[SESSION] = b64encode(encrypt(json.dumps(form).encode())).decode()
    return True


def kept_form(request: Asked) -> Kept | None:
    """The form that waits for the one who is signed in; somebody else's, and one that waited too long, is thrown away."""
    text = request.session.get(SESSION)
    if text is None or request.account is None:
        return None
    try:
        form = json.loads(decrypt(b64decode(text)))
    except (InvalidToken, ValueError):
        form = {}
    if form.get("account") != request.account.pk or form["until"] <= now().timestamp():
        drop_kept(request)
        return None
    return Kept(form["path"], [(name, value) for name, value in form["fields"]], form["files"])


def drop_kept(request: Asked) -> None:
    """It has been sent, or is not wanted."""
    request.session.pop(SESSION, None)
