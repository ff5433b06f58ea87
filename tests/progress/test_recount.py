"""Touched, then recounted: what is written, and that nothing is written twice."""

from tests.progress.scene import SETTLE, standing, verdict
from weineng.progress.actions import compare_with_recount, recount, recount_everything


def test_who_did_everything_passes(scene):
    lin = scene.enrol()
    scene.finish(lin)
    assert scene.recount(lin) == 1
    assert verdict(lin) == "pass"
    assert {d: (s.have, s.need, s.verdict) for d in ("online", "total", "points") for s in [standing(lin, d)]} == {
        "online": (900, 900, "met"),
        "total": (2250, 2250, "met"),
        "points": (3, 3, "met"),
    }
    assert compare_with_recount(by=SETTLE, programme=scene.programme.pk) == []


def test_an_unchanged_recount_writes_nothing(scene):
    for _ in range(3):
        scene.finish(lin := scene.enrol())
    scene.enrol()
    assert recount_everything(by=SETTLE, programme=scene.programme.pk).written > 0
    again = recount_everything(by=SETTLE, programme=scene.programme.pk)
    assert (again.enrolments, again.written) == (4, 0)
    assert verdict(lin) == "pass"
    assert recount(by=SETTLE) == 0
