"""A command whose reader has gone (`| head`) ends quietly, with the exit code of a broken pipe."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

import weineng

SOURCE = str(Path(weineng.__file__).parents[1])
PLAN = str(Path(weineng.__file__).parent / "programmes/plans/p4-district.yaml")


@pytest.mark.slow
@pytest.mark.parametrize("asked", [["help"], ["programme", "schema"], ["programme", "check", PLAN], ["version"]])
def test_a_reader_that_leaves_ends_the_command_quietly(asked):
    reading, writing = os.pipe()
    os.close(reading)
    try:
        done = subprocess.run(
            [sys.executable, "-m", "weineng", *asked], stdout=writing, stderr=subprocess.PIPE, text=True, check=False,
            env=os.environ | {"PYTHONPATH": SOURCE}, timeout=60,
        )  # fmt: skip
    finally:
        os.close(writing)
    assert (done.returncode, done.stderr) == (141, "")


def test_a_reader_that_stays_gets_everything():
    command = [sys.executable, "-m", "weineng", "version"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=os.environ | {"PYTHONPATH": SOURCE})
    assert (done.returncode, done.stdout, done.stderr) == (0, f"{weineng.__version__}\n", "")
