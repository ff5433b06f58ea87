import io

import pytest
from django.core.management import call_command

from weineng.ops.checks import CHECKS, findings


@pytest.mark.django_db
def test_the_doctor_names_every_check_and_fails_on_what_does_not_work(settings, tmp_path):
    settings.DATA = tmp_path
    settings.SECRET_KEY = "long enough to be a secret of an installation"
    levels = {f.check: f.level for f in findings()}
    assert levels.keys() == CHECKS.keys()
    assert levels["database"] == "warn"  # the tests' server runs without fsync
    assert {name for name, level in levels.items() if level == "fail"} == set()

    settings.SECRET_KEY = "short"
    (tmp_path / "id.key").write_text("x")
    said = io.StringIO()
    with pytest.raises(SystemExit) as ended:
        call_command("doctor", stdout=said)
    assert ended.value.code == 1
    assert "fail  secrets      WEINENG_SECRET has fewer than 32 characters" in said.getvalue().split("\n")
    settings.SECRET_KEY = "long enough to be a secret of an installation"
    (tmp_path / "id.key").chmod(0o644)
    assert [f.says for f in findings() if f.level == "fail"] == ["others can read id.key: chmod 600"]


@pytest.mark.django_db
def test_the_doctor_fails_on_a_data_key_that_could_be_guessed(settings, tmp_path):
    settings.DATA = tmp_path
    settings.SECRET_KEY = "long enough to be a secret of an installation"
    settings.DATA_KEYS = [*settings.DATA_KEYS, "x" * 31]
    assert [f.says for f in findings() if f.level == "fail"] == ["WEINENG_DATA_KEY has fewer than 32 characters"]
    settings.DATA_KEYS = [*settings.DATA_KEYS, "x" * 32]
    assert [f.says for f in findings() if f.level == "fail"] == []
