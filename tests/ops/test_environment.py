import os
import stat

import pytest
from django.core.exceptions import ImproperlyConfigured

from weineng.config import env


def test_a_switch_is_one_or_zero(monkeypatch):
    monkeypatch.setenv("X_FLAG", "1")
    assert env.flag("X_FLAG") is True
    monkeypatch.setenv("X_FLAG", "")
    assert env.flag("X_FLAG", default=True) is True
    monkeypatch.setenv("X_FLAG", "yes")
    with pytest.raises(ImproperlyConfigured, match="X_FLAG is 'yes': use 1 or 0"):
        env.flag("X_FLAG")


def test_a_number_is_a_number(monkeypatch):
    monkeypatch.setenv("X_NUMBER", "many")
    with pytest.raises(ImproperlyConfigured, match="X_NUMBER is 'many'"):
        env.number("X_NUMBER", 3)


def test_a_missing_secret_stops_the_start(monkeypatch, tmp_path):
    with pytest.raises(ImproperlyConfigured, match="X_SECRET is missing"):
        env.secret("X_SECRET")
    monkeypatch.setenv("X_SECRET_FILE", str(tmp_path / "nowhere"))
    with pytest.raises(ImproperlyConfigured, match="X_SECRET_FILE"):
        env.secret("X_SECRET")
    (tmp_path / "secret").write_text("of a file\n")
    monkeypatch.setenv("X_SECRET_FILE", str(tmp_path / "secret"))
    assert env.secret("X_SECRET") == "of a file"
    monkeypatch.setenv("X_SECRET", "given")
    assert env.secret("X_SECRET") == "given"


def test_an_installation_by_itself_makes_its_secret_once(tmp_path):
    before = os.umask(0)
    try:
        made = env.secret("X_SECRET", make_in=tmp_path / "data")
    finally:
        os.umask(before)
    place = tmp_path / "data" / "x_secret.key"
    assert len(made) >= 48
    assert env.secret("X_SECRET", make_in=tmp_path / "data") == made == place.read_text()
    assert stat.S_IMODE(place.stat().st_mode) == 0o600
    assert [p.name for p in place.parent.iterdir()] == ["x_secret.key"]
