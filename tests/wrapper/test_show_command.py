"""`wrapper show`: the last events of a session as they happened."""

from program import Place
from sample_database import SampleDatabase, at


def test_events_are_shown_in_the_order_of_their_times_though_an_outcome_is_found_late(place: Place) -> None:
    database = SampleDatabase(place.database)
    database.session("aaaa", state="completed", ended_at=at(9), exit_code=0)
    database.event("aaaa", timestamp=at(2), original_line="1 passed")
    database.event("aaaa", timestamp=at(1), original_line="exec\npytest -q in /src", matched_value="pytest -q exited 1")
    database.close()
    shown = place.run("show", "aaaa").stdout.decode().splitlines()
    assert [line.split("  ")[-1] for line in shown[-2:]] == ["pytest -q exited 1", "1 passed"]


def test_a_session_says_how_long_it_waited_for_answers_and_each_answer_for_what(place: Place) -> None:
    database = SampleDatabase(place.database)
    database.session("aaaa", state="completed", ended_at=at(9), exit_code=0)
    asked, answered = {"phase": "asked"}, {"phase": "answered", "waited_ms": 61_000}
    denied = {"phase": "denied", "waited_ms": 3_200}
    for minute, metadata in enumerate((asked, answered, asked, denied, {"phase": "denied"})):
        event = {"event_type": "permission", "matched_value": "make", "original_line": "│ ? Shell  make   │"}
        database.event("aaaa", timestamp=at(minute), metadata_json=metadata, **event)
    database.close()
    shown = place.run("show", "aaaa").stdout.decode().splitlines()
    assert "waited      1m04s for 2 answers" in shown
    told = ["make (asked)", "make (answered after 1m01s)", "make (asked)", "make (denied after 3.2s)", "make (denied)"]
    assert [line.split("  ")[-1] for line in shown[-5:]] == told


def test_the_label_of_a_run_is_shown(place: Place) -> None:
    place.run("run", "codex", "--enable-db", "--environment", "ci", "--", "true")
    assert "environment ci" in place.run("show").stdout.decode().splitlines()


def test_a_duration_is_rounded_half_up(place: Place) -> None:
    database = SampleDatabase(place.database)
    database.session("aaaa", state="completed", ended_at=at(0.25 / 60), exit_code=0)
    database.close()
    assert ", took 0.3s\n" in place.run("show", "aaaa").stdout.decode()


def test_a_session_that_waited_for_nobody_does_not_mention_it(place: Place) -> None:
    database = SampleDatabase(place.database)
    database.session("aaaa", state="completed", ended_at=at(9), exit_code=0)
    database.close()
    assert "waited" not in place.run("show", "aaaa").stdout.decode()
