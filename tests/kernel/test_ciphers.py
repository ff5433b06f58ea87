"""What must be readable again, and what must only be found again: under the newest key, and under those before it."""

import pytest
from cryptography.fernet import InvalidToken

from weineng.kernel.ciphers import decrypt, encrypt, key_version, keyed_hash

ONE, TWO = ["the first key"], ["the first key", "the second key"]


@pytest.fixture
def keys(settings):
    def use(keys):
        settings.DATA_KEYS = keys

    use(ONE)
    return use


def test_a_hash_finds_again_and_tells_nothing(keys):
    found = keyed_hash("identifier:id-card", "519901197001100019")
    assert len(found) == 64
    assert set(found) <= set("0123456789abcdef")
    assert keyed_hash("identifier:id-card", "519901197001100019") == found
    others = {
        keyed_hash("identifier:id-card", "519901197001100018"), keyed_hash("identifier:passport", "519901197001100019"),
        keyed_hash("identifier:id-card", ""), keyed_hash("", "519901197001100019"),
    }  # fmt: skip
    assert len(others | {found}) == 5


def test_a_hash_without_the_key_is_another(keys):
    found = keyed_hash("session", "abc")
    keys(["another key"])
    assert keyed_hash("session", "abc") != found


def test_a_new_key_hashes_anew_and_the_old_one_is_still_asked_for(keys):
    old = keyed_hash("session", "abc")
    keys(TWO)
    assert key_version() == 2
    assert keyed_hash("session", "abc") != old
    assert keyed_hash("session", "abc", 1) == old
    assert keyed_hash("session", "abc", 2) == keyed_hash("session", "abc")


def test_what_was_written_under_an_older_key_stays_readable(keys):
    old = encrypt("号码".encode())
    assert old[0] == 1
    keys(TWO)
    new = encrypt("号码".encode())
    assert new[0] == 2
    assert (decrypt(old).decode(), decrypt(memoryview(new)).decode()) == ("号码", "号码")
    assert encrypt(b"") != encrypt(b"")  # the same text twice does not look the same


def test_what_was_not_written_here_is_not_read(keys):
    cipher = encrypt(b"secret")
    for broken in (cipher[:-1], cipher[:1] + b"x" + cipher[2:], bytes([1]) + b"nonsense"):
        with pytest.raises(InvalidToken):
            decrypt(broken)
    keys(["another key"])
    with pytest.raises(InvalidToken):
        decrypt(cipher)
