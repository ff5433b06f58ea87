"""Settings come from the environment and from nowhere else.

A switch is `1` or `0`, a number is a number, a secret is given as NAME or, for secrets kept in files, as NAME_FILE.
What is missing or misspelt stops the start with one clear sentence.
"""

import os
import secrets
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured


def text(name: str, default: str = "") -> str:
    """The variable, stripped; the default when unset or empty."""
    return os.environ.get(name, "").strip() or default


def flag(name: str, *, default: bool = False) -> bool:
    """`1` or `0`; anything else is refused rather than guessed."""
    value = text(name, "1" if default else "0")
    if value not in ("0", "1"):
        raise ImproperlyConfigured(f"{name} is {value!r}: use 1 or 0.")
    return value == "1"


def number(name: str, default: int) -> int:
    """A whole number."""
    value = text(name, str(default))
    try:
        return int(value)
    except ValueError:
        raise ImproperlyConfigured(f"{name} is {value!r}: use a whole number.") from None


def words(name: str, default: str = "") -> list[str]:
    """A list, separated by commas."""
    return [word.strip() for word in text(name, default).split(",") if word.strip()]


def secret(name: str, *, make_in: Path | None = None) -> str:
    """The secret from NAME or from the file that NAME_FILE names.

    `make_in`: a folder in which an installation that runs by itself may make the secret once (mode 0600); without it a
    missing secret stops the start.
    """
    if value := text(name):
        return value
    if place := text(f"{name}_FILE"):
        try:
            value = Path(place).read_text().strip()
        except OSError as error:
            raise ImproperlyConfigured(f"{name}_FILE: {error}.") from None
        if not value:
            raise ImproperlyConfigured(f"{name}_FILE: {place} is empty.")
        return value
    if make_in is None:
        raise ImproperlyConfigured(f"{name} is missing: set {name}, or {name}_FILE to a file that holds it.")
    return made_once(make_in / f"{name.lower()}.key")


def made_once(place: Path) -> str:
    """The secret kept in `place`, made on first use; two processes that start at once end up with the same one."""
    if not place.exists():
        place.parent.mkdir(parents=True, exist_ok=True)
        draft = place.with_name(f"{place.name}.{os.getpid()}")
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(secrets.token_urlsafe(48))
        try:
            os.link(draft, place)
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    return place.read_text()


def data_folder(checkout: Path) -> Path:
    """Where the installation keeps its data: WEINENG_DATA, else `var` in the checkout.

    Written back as an absolute path, because the kernel reads the same variable and processes may change folder.
    """
    folder = Path(text("WEINENG_DATA", str(checkout / "var"))).absolute()
    os.environ["WEINENG_DATA"] = str(folder)
    return folder


def folder(name: str, default: Path) -> Path:
    """A folder, absolute: processes may change theirs."""
    return Path(text(name, str(default))).absolute()
