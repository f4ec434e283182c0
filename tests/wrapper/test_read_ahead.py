"""What a second process prepares is what the indexer would have found itself."""

import fcntl
import os
import signal
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from data.sqlite.recording_store import SQLiteRecordingStore
from stream.lines import Clean, Prepared
from stream.patterns import load_packs
from stream.recording import RecordingHeader, RecordingWriter
from wrapper import indexer as indexing
from wrapper.indexer import Indexer
from wrapper.read_ahead import ReadAhead

LINES = (
    b"dull\n",
    b"\x1b[31mError: cannot read a.py\x1b[0m\n",
    b"50%\r100%\r\n",
    b"```python\nx = 1\n```\n",
    b"caf\xc3\xa9 \xff\n",
    b"warning: unused variable\r\n",
    b"x" * 300 + b"\n",
)
FOREIGN = b"diff --git a/x b/x\n+Error: new\nexec\n succeeded in 3ms:\ntokens used\n" * 2_500
CODEX_RUN = b"""\
OpenAI Codex v0.98.0
--------
model: gpt-5
--------
user
fix it
exec
/bin/bash -lc make in /w
 exited 2 in 5ms:
make: *** [Makefile:2: all] Error 1
tokens used
1,234
"""


def new_header(mode: str) -> RecordingHeader:
    return RecordingHeader(
        "0123456789abcdef", "test", ("true",), "/", 1_700_000_000_000_000, (mode,) * 3, columns=80, rows=24
    )


@pytest.fixture
def recording(tmp_path: Path) -> Path:
    header = new_header("pipe")
    directory = tmp_path / "recordings" / "test" / header.session_id
    with RecordingWriter(directory, header) as writer:
        for number in range(40):
            data = b"".join(LINES[(number + place) % len(LINES)] for place in range(200))
            writer.output("stdout", data[: -number - 1], number * 1000)
            writer.output("stderr", b"Error: of the other stream\n" * number, number * 1000 + 1)
        writer.finish(0, 50_000)
    return directory


def rows(recording: Path, db: Path, *, hurry: bool = True) -> Iterator[tuple[object, ...]]:
    with SQLiteRecordingStore.open(db) as store:
        indexer = Indexer(recording, store, load_packs("test"))
        if hurry:
            indexer.hurry()
        while not indexer.ended and not indexer.superseded:
            indexer.step()
        indexer.close()
    with closing(sqlite3.connect(db)) as connection:
        yield from connection.execute("SELECT * FROM extraction_events")
        yield from connection.execute("SELECT * FROM code_block_occurrences")
        yield from connection.execute("SELECT total_lines_processed, total_extraction_events FROM process_sessions")


@pytest.fixture(autouse=True)
def _any_size_is_worth_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(indexing, "_WORTH_IT", 1)


def test_what_is_prepared_elsewhere_is_what_the_indexer_finds_itself(recording: Path, tmp_path: Path) -> None:
    alone = list(rows(recording, tmp_path / "alone.db", hurry=False))
    assert list(rows(recording, tmp_path / "together.db")) == alone
    assert len(alone) > 2_000


@pytest.fixture
def used(monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """Of each block of lines that the indexer asks for, whether the other process has prepared it."""
    noted: list[bool] = []
    prepare = ReadAhead.prepare

    def noting(self: ReadAhead, stream: str, offset: int, raw: bytes, clean: Clean) -> object:
        prepared = prepare(self, stream, offset, raw, clean)
        noted.append(prepared.found is not None)
        return prepared

    monkeypatch.setattr(ReadAhead, "prepare", noting)
    return noted


def test_all_that_was_prepared_is_used(recording: Path, tmp_path: Path, used: list[bool]) -> None:
    list(rows(recording, tmp_path / "x.db"))
    assert len(used) > 40
    assert all(used)


@pytest.mark.parametrize("ending", [b"", b"\x1b[2J\x1b[HError: on a screen\r\n" + b"Error: below it\r\n" * 300])
def test_so_is_the_output_of_a_terminal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ending: bytes) -> None:
    header = new_header("pty")
    recording = tmp_path / "recordings" / "test" / header.session_id
    plain = b"".join(line.rstrip() + b"\r\n" for line in LINES if b"%" not in line)
    with RecordingWriter(recording, header) as writer:
        for number, data in enumerate([plain * 40] * 20 + [ending] * bool(ending) + [plain * 40] * 20):
            writer.output("stdout", data, number * 1000)
        writer.finish(0, 50_000)

    given = []
    answer = ReadAhead._answer

    def noting(self: ReadAhead, question: Any) -> object:
        given.append(answer(self, question))
        return given[-1]

    monkeypatch.setattr(ReadAhead, "_answer", noting)
    together = list(rows(recording, tmp_path / "together.db"))
    assert together == list(rows(recording, tmp_path / "alone.db", hurry=False))
    assert len(together) > 2_000
    assert None not in given
    assert len(given) > 4


def test_an_agent_may_begin_to_speak_at_any_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    header = new_header("pipe")._replace(kind="codex")
    recording = tmp_path / "recordings" / "test" / header.session_id
    with RecordingWriter(recording, header) as writer:
        for number, run in enumerate((b"", CODEX_RUN, b"", CODEX_RUN)):
            writer.output("stdout", FOREIGN + run + FOREIGN, number * 1000)
        writer.finish(0, 50_000)
    awaited = []
    prepare = ReadAhead.prepare

    def noting(self: ReadAhead, stream: str, offset: int, raw: bytes, clean: Clean) -> Prepared:
        prepared = prepare(self, stream, offset, raw, clean)
        awaited.append(prepared.before_opening)
        return prepared

    monkeypatch.setattr(ReadAhead, "prepare", noting)
    together = list(rows(recording, tmp_path / "together.db"))
    assert together == list(rows(recording, tmp_path / "alone.db", hurry=False))
    assert awaited == sorted(awaited, reverse=True)
    assert {*awaited} == {True, False}
    commands = [row for row in together if "tool_use" in row]
    assert len(commands) == 2


def test_if_the_other_process_dies_the_indexer_does_its_work(
    recording: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    start = ReadAhead.start

    def dying(*arguments: object) -> ReadAhead:
        ahead = start(*arguments)  # type: ignore[arg-type]  # passed through
        os.kill(ahead._pid, signal.SIGKILL)
        return ahead

    alone = list(rows(recording, tmp_path / "alone.db", hurry=False))
    monkeypatch.setattr(ReadAhead, "start", dying)
    assert list(rows(recording, tmp_path / "x.db")) == alone


def test_without_a_process_to_be_had_the_indexer_does_it_alone(
    recording: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse() -> int:
        raise BlockingIOError("no more processes")

    alone = list(rows(recording, tmp_path / "alone.db", hurry=False))
    monkeypatch.setattr(os, "fork", refuse)
    assert list(rows(recording, tmp_path / "x.db")) == alone


@pytest.mark.skipif(not hasattr(fcntl, "F_SETPIPE_SZ"), reason="pipes have one size here")
def test_a_user_without_room_for_large_pipes_has_a_small_one(
    recording: Path, tmp_path: Path, used: list[bool], monkeypatch: pytest.MonkeyPatch
) -> None:
    control = fcntl.fcntl

    def refuse(fd: int, command: int, *argument: int) -> int:
        if command == fcntl.F_SETPIPE_SZ:
            raise PermissionError("too many large pipes")
        return control(fd, command, *argument)

    monkeypatch.setattr(fcntl, "fcntl", refuse)
    list(rows(recording, tmp_path / "x.db"))
    assert len(used) > 40
    assert all(used)


def test_the_other_process_never_goes_on_as_an_indexer(
    recording: Path, tmp_path: Path, used: list[bool], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise PermissionError("whatever it is")

    alone = list(rows(recording, tmp_path / "alone.db", hurry=False))
    monkeypatch.setattr("wrapper.read_ahead._Outlet", fail)
    tested = os.getpid()
    together = list(rows(recording, tmp_path / "x.db"))
    if os.getpid() != tested:
        (tmp_path / "second").touch()
        os._exit(1)
    assert not (tmp_path / "second").exists()  # the other process has ended by now: its end was waited for
    assert together == alone
    assert not any(used)
