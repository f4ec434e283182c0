"""`wrapper sessions` and `wrapper events`: what they list of which span of time, and what they say of nothing."""

from pathlib import Path

import pytest

from program import Place, read_json
from sample_database import SampleDatabase, at

SPAN = (f"--from={at(5)}", f"--to={at(15)}")


@pytest.fixture
def sample(place: Place) -> Place:
    database = SampleDatabase(place.database)
    for number, name in enumerate(("aaaa", "bbbb", "cccc")):
        database.session(name, started_at=at(number * 10), state="completed", ended_at=at(30))
        database.event(name, timestamp=at(number * 10))
    database.close()
    return place


@pytest.mark.parametrize("span", [SPAN, (f"--period={at(5)}..{at(15)}",)], ids=["from and to", "period"])
def test_lists_can_be_of_a_span_of_time(sample: Place, span: tuple[str, ...]) -> None:
    sessions = read_json(sample.run("sessions", *span, "--json").stdout)
    assert [row["session_id"] for row in sessions["sessions"]] == ["bbbb"]
    events = read_json(sample.run("events", *span, "--json").stdout)
    assert [row["session_id"] for row in events["extractions"]] == ["bbbb"]
    assert read_json(sample.run("events", "cccc", *span, "--json").stdout)["total"] == 0


@pytest.mark.parametrize(
    ("words", "problem"),
    [
        (("sessions", "--from", "soon"), b"--from is 'soon'; it must be"),
        (("usage", "--from", "today", "--to", "yesterday"), b"--from is 'today', which is after --to, 'yesterday'"),
        (("events", "--period", "today", "--to", "today"), b"--period is given beside"),
        (("sessions", "--period", "someday"), b"--period is 'someday'; it must be last-night"),
        (("events", "--period", "-1d..-2d"), b"the span ends before it begins"),
    ],
)
def test_a_span_that_cannot_be_is_a_wrong_call(sample: Place, words: tuple[str, ...], problem: bytes) -> None:
    wrong = sample.run(*words)
    assert (wrong.returncode, wrong.stdout) == (2, b"")
    assert problem in wrong.stderr


def test_sessions_can_be_listed_by_how_they_went(place: Place) -> None:
    failing = "echo '===== 2 failed, 3 passed in 0.12s ====='"
    place.run("went-wrong", "--enable-db", "--", "sh", "-c", failing)
    place.run("went-well", "--enable-db", "--", "true")
    failed = read_json(place.run("sessions", "--verdict", "failed", "--json").stdout)
    assert [row["agent_name"] for row in failed["sessions"]] == ["went-wrong"]


@pytest.mark.parametrize("words", [("--state", "running"), ("--agent", "nosuch"), ("--from", "2090-01-01")])
def test_that_no_session_fits_is_not_that_there_is_none(sample: Place, words: tuple[str, ...]) -> None:
    nothing = sample.run("sessions", *words)
    assert (nothing.returncode, nothing.stdout, nothing.stderr) == (0, b"", b"none of 3 sessions fits\n")


def test_where_nothing_is_stored_it_is_said_how_to_record(place: Place) -> None:
    SampleDatabase(place.database).close()
    assert place.run("sessions", "--agent", "codex").stderr.startswith(b"no sessions; record one:")


@pytest.mark.parametrize(
    "command", ["sessions", "events", "show", "search x", "stats", "usage", "patterns list", "patterns check"]
)
def test_a_command_that_cannot_print_its_answer_says_so(sample: Place, command: str) -> None:
    closed = sample.shell(f"wrapper {command} >&-")
    assert closed.returncode == 1
    assert closed.stderr == "wrapper: stdout is closed: the answer cannot be printed\n"


@pytest.mark.parametrize("left", [0, 60], ids=["empty", "cut"])
def test_a_recording_that_has_lost_its_beginning_is_told_in_one_sentence(place: Place, left: int) -> None:
    place.run("run", "codex", "--", "true")
    recording = place.recording()
    timing = Path(recording, "timing")
    timing.write_bytes(timing.read_bytes()[:left])
    again = place.run("reindex", recording.name[:6])
    assert again.returncode == 1
    lost = "the beginning of its file `timing`, which says what ran, is lost"
    assert again.stderr.decode() == f"wrapper: {recording} is not a recording: {lost}\n"
