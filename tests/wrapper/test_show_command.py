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
