"""What the agent prints is what the user gets, and what is recorded."""

import random
import sys
from pathlib import Path

import pytest

from program import Place

CAPTURES = sorted(Path(__file__).parent.parent.joinpath("captures").glob("*.raw"))
PRINT = """
import shutil, sys
for path, stream in zip(sys.argv[1:], (sys.stdout, sys.stderr)):
    shutil.copyfileobj(open(path, "rb"), stream.buffer)
"""


def test_every_capture_comes_through_byte_for_byte(place: Place) -> None:
    ran = place.run("codex", "--", "cat", *map(str, CAPTURES))
    assert (ran.stderr, ran.returncode) == (b"", 0)
    log = (place.recording() / "stdout.log").read_bytes()
    start = 0
    for capture in CAPTURES:
        expected = capture.read_bytes()
        end = start + len(expected)
        assert (ran.stdout[start:end], log[start:end]) == (expected, expected), capture.name
        start = end
    assert start == len(ran.stdout) == len(log)


@pytest.mark.parametrize("seed", range(3))
def test_random_bytes_come_through_on_both_streams(place: Place, seed: int) -> None:
    chance = random.Random(seed)
    out, err = place.directory / "out", place.directory / "err"
    out.write_bytes(chance.randbytes(2_000_000))
    err.write_bytes(chance.randbytes(200_000))
    ran = place.run("codex", "--", sys.executable, "-c", PRINT, str(out), str(err))
    assert (ran.stdout, ran.stderr, ran.returncode) == (out.read_bytes(), err.read_bytes(), 0)
    assert (place.recording() / "stdout.log").read_bytes() == out.read_bytes()
    assert (place.recording() / "stderr.log").read_bytes() == err.read_bytes()
