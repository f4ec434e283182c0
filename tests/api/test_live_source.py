"""The live feed at its source, poll by poll: no clock and no client decides what comes between two of them."""

from pathlib import Path

from api.live_source import LiveEvent, LiveSource
from sample_database import SampleDatabase
from sample_recording import Read, header, moment, record, store
from stream.recording import RecordingWriter


def printed(events: list[LiveEvent]) -> list[tuple[str, str]]:
    return [(event.session_id, event.data["data"]) for event in events if event.name == "output"]


def test_a_session_that_begins_just_before_output_is_followed_is_told_from_its_start(
    database: SampleDatabase, tmp_path: Path
) -> None:
    with LiveSource(database.path) as source:
        record(database, tmp_path / "s1", [Read(1, b"the first words")], end=None)
        events = source.poll(output=True)
        assert printed(events) == [("s1", "the first words")]
        assert printed(source.poll(output=True)) == []


def test_output_from_before_it_is_followed_is_not_told(database: SampleDatabase, tmp_path: Path) -> None:
    with RecordingWriter(tmp_path / "s1", header("s1")) as writer:
        writer.output("stdout", b"long ago", 1)
        store(database, tmp_path / "s1", end=None)
        with LiveSource(database.path) as source:
            assert printed(source.poll(output=True)) == []
            writer.output("stdout", b"now", 2)
            assert printed(source.poll(output=True)) == [("s1", "now")]


def test_a_session_that_has_ended_is_no_part_of_the_place_any_more(database: SampleDatabase, tmp_path: Path) -> None:
    with RecordingWriter(tmp_path / "s1", header("s1")) as writer:
        store(database, tmp_path / "s1", end=None)
        with LiveSource(database.path) as source:
            source.poll(output=True)
            assert list((source.position.output or {}).values()) == [0]
            writer.output("stdout", b"twelve bytes", 1)
            source.poll(output=True)
            assert list((source.position.output or {}).values()) == [12]
            database.state("s1", "completed", timestamp=moment(2), exit_code=0)
            database.connection.execute("UPDATE process_sessions SET ended_at = ?", (moment(2),))
            events = source.poll(output=True)
            assert events[-1].name == "session_end"
            assert events[-1].cursor.output == source.position.output == {}
