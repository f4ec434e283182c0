"""What is known of recordings is shared, bounded, and looked for ahead without anybody being hurt if that fails."""

from pathlib import Path

import pytest

from api.errors import RecordingNotFoundError
from api.replay import Replay
from api.replay_ids import Bounds, Segment
from api.replay_seekers import MOST, Seekers
from sample_recording import header
from stream.recording import RecordingWriter
from stream.records import Session
from stream.replay.playback import measure

pytestmark = pytest.mark.anyio
LENGTH = 1000  # µs


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


def recorded(directory: Path, text: bytes = b"hello") -> Replay:
    told = header(directory.name, mode=("pty", "pty", "pty"), columns=80, rows=24)
    with RecordingWriter(directory, told) as writer:
        writer.output("stdout", text, 10)
        writer.finish(0, LENGTH)
    end = Segment(Bounds(measure(directory).end, 0, 0))
    return Replay(Session("codex", directory.name), told, directory, end, True, LENGTH, ())


async def test_who_comes_next_gets_the_moment_that_was_found(tmp_path: Path) -> None:
    seekers, replay = Seekers(), recorded(tmp_path / "one")
    first = await seekers.moment(replay, 500)
    assert b"hello" in first.keyframe.data
    assert await seekers.moment(replay, 500) is first


async def test_behind_the_end_is_the_end(tmp_path: Path) -> None:
    seekers, replay = Seekers(), recorded(tmp_path / "one")
    assert await seekers.moment(replay, 10**15) is await seekers.moment(replay, LENGTH)


async def test_only_the_last_recordings_are_known(tmp_path: Path) -> None:
    seekers, replays = Seekers(), [recorded(tmp_path / str(number)) for number in range(MOST + 1)]
    found = [await seekers.moment(replay, 500) for replay in replays]
    assert await seekers.moment(replays[-1], 500) is found[-1]
    again = await seekers.moment(replays[0], 500)
    assert again == found[0]
    assert again is not found[0]


async def test_a_recording_that_was_masked_meanwhile_is_read_anew(tmp_path: Path) -> None:
    seekers, replay = Seekers(), recorded(tmp_path / "one")
    first = await seekers.moment(replay, 500)
    assert await seekers.moment(replay._replace(header=replay.header._replace(redacted=True)), 500) is not first


async def test_what_is_looked_for_ahead_is_there_and_fails_in_silence(tmp_path: Path) -> None:
    seekers, replay = Seekers(), recorded(tmp_path / "one")

    async def failing() -> None:
        raise RecordingNotFoundError("gone")

    seekers.prepare(failing())
    seekers.prepare(seekers.moment(replay, 500))
    first = await seekers.moment(replay, 500)
    assert await seekers.moment(replay, 500) is first
    await seekers.close()
