"""Exactly once: whoever indexes a recording, and however often it is interrupted or doubled."""

import random
import sqlite3
from base64 import b64encode
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

import wrapper.indexer
from data.sqlite.recording_store import SQLiteRecordingStore
from made_secrets import LINES
from program import CONTENTS
from stream.patterns import PatternSet, load_packs
from stream.recording import RecordingHeader, RecordingWriter
from wrapper.fingerprint_key import NAME
from wrapper.indexer import Indexer

HEADER = RecordingHeader("0123456789abcdef", "codex", ("agent",), "/", 1_700_000_000_000_000)
PATTERNS = load_packs("codex")
PIECES = [
    b"Error: one\n",
    b"dull\n" * 50,
    b"```py\nx = 1\n",
    b"```\n",
    b"warning: t",
    b"wo\n",
    b"3 passed in 0.1s\n",
    b"\x1b[31m",
]


@pytest.fixture(autouse=True)
def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wrapper.indexer, "BATCH_EVENTS", 3)
    monkeypatch.setattr(wrapper.indexer, "BATCH_BYTES", 100)
    monkeypatch.setattr("stream.follow._DATA_BYTES", 64)


def record(tmp_path: Path, *, seed: int = 0, finish: bool = True) -> RecordingWriter:
    chance = random.Random(seed)
    recorder = RecordingWriter(tmp_path / "recordings" / "codex" / HEADER.session_id, HEADER)
    for number in range(60):
        recorder.output(chance.choice(["stdout", "stderr"]), chance.choice(PIECES), number * 1000)
    if finish:
        recorder.finish(0, 99_000)
    return recorder


@contextmanager
def indexer(directory: Path, db: Path, patterns: PatternSet = PATTERNS) -> Iterator[Indexer]:
    with SQLiteRecordingStore.open(db) as store:
        made = Indexer(directory, store, patterns)
        yield made
        made.close()


def contents(db: Path) -> list[list[tuple[object, ...]]]:
    with closing(sqlite3.connect(db)) as connection:
        return [connection.execute(sql).fetchall() for sql in CONTENTS]


def undisturbed(directory: Path, db: Path) -> list[list[tuple[object, ...]]]:
    with indexer(directory, db) as alone:
        while alone.step():
            continue
        assert alone.ended
    return contents(db)


@pytest.mark.parametrize("seed", range(10))
def test_an_indexer_that_is_given_up_anywhere_is_followed_by_one_that_goes_on(tmp_path: Path, seed: int) -> None:
    recorder = record(tmp_path, seed=seed)
    chance = random.Random(seed)
    ended = False
    while not ended:
        with indexer(recorder.directory, tmp_path / "db") as one_of_many:
            for _ in range(chance.randrange(1, 4)):
                one_of_many.step()
            ended = one_of_many.ended
    assert contents(tmp_path / "db") == undisturbed(recorder.directory, tmp_path / "other")


@pytest.mark.parametrize("seed", range(10))
def test_of_two_indexers_of_one_recording_one_loses_and_nothing_is_doubled(tmp_path: Path, seed: int) -> None:
    recorder = record(tmp_path, seed=seed)
    chance = random.Random(seed)
    with indexer(recorder.directory, tmp_path / "db") as one, indexer(recorder.directory, tmp_path / "db") as other:
        rivals = [one, other]
        while rivals:
            rival = chance.choice(rivals)
            rival.step()
            if rival.superseded or rival.ended:
                rivals.remove(rival)
        assert {one.superseded, other.superseded} == {True, False}
    assert contents(tmp_path / "db") == undisturbed(recorder.directory, tmp_path / "other")


def test_a_recording_is_indexed_while_it_is_made(tmp_path: Path) -> None:
    recorder = record(tmp_path, finish=False)
    with indexer(recorder.directory, tmp_path / "db") as live:
        while live.step():
            continue
        assert contents(tmp_path / "db")[1][0][1] == "started"
        recorder.output("stdout", b"\nError: at the last moment\n", 90_000)
        recorder.finish(1, 99_000)
        while live.step():
            continue
        assert live.ended
    assert contents(tmp_path / "db") == undisturbed(recorder.directory, tmp_path / "other")


def test_other_patterns_start_over(tmp_path: Path) -> None:
    recorder = record(tmp_path)
    others = PatternSet(lambda: PATTERNS.patterns[:1], "another digest")
    with indexer(recorder.directory, tmp_path / "db", others) as first:
        first.step()
    assert contents(tmp_path / "db")[0] != undisturbed(recorder.directory, tmp_path / "other")[0]
    assert undisturbed(recorder.directory, tmp_path / "db") == contents(tmp_path / "other")


def test_a_way_without_any_event_is_saved_now_and_then(tmp_path: Path) -> None:
    recorder = RecordingWriter(tmp_path / "recordings" / "codex" / HEADER.session_id, HEADER)
    now = [0.0]
    with SQLiteRecordingStore.open(tmp_path / "db") as store:
        idle = Indexer(recorder.directory, store, PATTERNS, clock=lambda: now[0])
        while idle.step():
            continue
        recorder.output("stdout", b"dull\n", 1)
        while idle.step():
            continue
        before = store.checkpoint(HEADER.session_id)
        assert before is not None
        assert before.stdout_offset == 0
        now[0] += wrapper.indexer.HEARTBEAT
        idle.step()
        after = store.checkpoint(HEADER.session_id)
        assert after is not None
        assert after.stdout_offset == 5
        idle.close()


def test_the_session_shows_a_sign_of_life(tmp_path: Path) -> None:
    recorder = record(tmp_path, finish=False)
    now = [0.0]
    with SQLiteRecordingStore.open(tmp_path / "db") as store:
        living = Indexer(recorder.directory, store, PATTERNS, wall=lambda: 1.5, clock=lambda: now[0])
        now[0] += wrapper.indexer.HEARTBEAT
        living.step()
        living.close()
    with closing(sqlite3.connect(tmp_path / "db")) as connection:
        (heartbeat,) = connection.execute("SELECT heartbeat_at FROM process_sessions").fetchone()
    assert heartbeat == "1970-01-01T00:00:01.500000Z"


def test_half_a_line_with_a_secret_is_kept_where_nobody_finds_it(tmp_path: Path) -> None:
    line, secret = LINES["github_token"]
    database = tmp_path / "data" / "x.db"
    with RecordingWriter(tmp_path / "recordings" / "codex" / HEADER.session_id, HEADER) as recorder:
        recorder.output("stdout", b"dull\n" * 50 + f"Error: {line}".encode(), 1000)
        with indexer(recorder.directory, database) as first:
            while first.step():
                pass
            kept = b"".join(path.read_bytes() for path in database.parent.iterdir())
        recorder.output("stdout", b"\n", 2000)
        recorder.finish(0, 3000)
        with indexer(recorder.directory, database) as second:
            while not second.ended:
                second.step()
    forms = (secret.encode(), *(b64encode(line.encode()[start:])[:-4] for start in range(3)))
    assert b"sealed:" in kept
    assert [form for form in forms if form in kept] == []
    with closing(sqlite3.connect(database)) as connection:
        found = connection.execute("SELECT event_type, line_number FROM extraction_events").fetchall()
    assert sorted(found) == [("error", 51), ("secret", 51)]


def test_a_state_that_cannot_be_read_is_made_again_from_the_recording(tmp_path: Path) -> None:
    recorder = record(tmp_path)
    with indexer(recorder.directory, tmp_path / "whole.db") as whole:
        while not whole.ended:
            whole.step()
    with indexer(recorder.directory, tmp_path / "x.db") as first:
        first.step()
        first.step()
    (tmp_path / "recordings" / NAME).unlink()
    with indexer(recorder.directory, tmp_path / "x.db") as second:
        while not second.ended:
            second.step()
    assert contents(tmp_path / "x.db") == contents(tmp_path / "whole.db")
