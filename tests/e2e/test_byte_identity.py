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


@pytest.mark.parametrize("capture", CAPTURES, ids=lambda path: path.name)
def test_every_capture_comes_through_byte_for_byte(place: Place, capture: Path) -> None:
    ran = place.run("codex", "--", "cat", str(capture))
    assert (ran.stdout, ran.stderr, ran.returncode) == (capture.read_bytes(), b"", 0)
    assert (place.recording() / "stdout.log").read_bytes() == capture.read_bytes()


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
