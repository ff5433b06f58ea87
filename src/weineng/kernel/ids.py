"""Ids in URLs are opaque and stable.

A row's number is turned into a short word by a keyed permutation (a four-round Feistel network over 48 bits with a
16-bit check), so addresses cannot be counted through, need no second column, and never change.
"""

import hashlib
import hmac
import os
from functools import lru_cache
from pathlib import Path

ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"  # Crockford: no i l o u, so it can be read out
_HALF = 24
_MASK = (1 << _HALF) - 1
LENGTH = 13


@lru_cache(maxsize=1)
def _key() -> bytes:
    if secret := os.environ.get("WEINENG_ID_KEY"):
        return secret.encode()
    place = Path(os.environ.get("WEINENG_DATA", "var")) / "id.key"
    if not place.exists():
        place.parent.mkdir(parents=True, exist_ok=True)
        _write_once(place)
    return place.read_bytes()


def _write_once(place: Path) -> None:
    """Two processes may start at once: the first to link its file wins, the other uses that one."""
    draft = place.with_name(f"{place.name}.{os.getpid()}")
    draft.write_bytes(os.urandom(32))
    draft.chmod(0o600)
    try:
        os.link(draft, place)
    except FileExistsError:
        pass
    finally:
        draft.unlink()


def _round(kind: str, number: int, half: int) -> int:
    text = f"{kind}:{number}:{half}".encode()
    return int.from_bytes(hashlib.blake2s(text, key=_key()[:32], digest_size=3).digest())


def _check(kind: str, pk: int) -> int:
    return int.from_bytes(hmac.digest(_key(), f"{kind}#{pk}".encode(), "sha256")[:2])


def seal_id(kind: str, pk: int) -> str:
    """The opaque word for row `pk` of `kind` (an app label with model, e.g. `organisations.person`); 13 characters."""
    left, right = pk >> _HALF, pk & _MASK
    for number in range(4):
        left, right = right, left ^ _round(kind, number, right)
    value = (((left << _HALF) | right) << 16) | _check(kind, pk)
    word = ""
    for _ in range(LENGTH):
        value, digit = divmod(value, 32)
        word = ALPHABET[digit] + word
    return word


def open_id(kind: str, word: str) -> int:
    """The row number behind an opaque word; raises ValueError if it is not one of ours."""
    if len(word) != LENGTH:
        raise ValueError(word)
    value = 0
    for character in word:
        value = value * 32 + ALPHABET.index(character)
    value, check = value >> 16, value & 0xFFFF
    left, right = value >> _HALF, value & _MASK
    if left > _MASK:
        raise ValueError(word)
    for number in reversed(range(4)):
        left, right = right ^ _round(kind, number, left), left
    pk = (left << _HALF) | right
    if check != _check(kind, pk):
        raise ValueError(word)
    return pk
