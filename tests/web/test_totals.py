"""Today, this week, this month: where they begin."""

import time
from collections.abc import Iterator

import pytest

from api.web.totals import spans
from stream.timestamps import parse_timestamp

WEDNESDAY = parse_timestamp("2026-11-18T10:00:00Z")


@pytest.fixture(autouse=True)
def berlin(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with monkeypatch.context() as context:
        context.setenv("TZ", "Europe/Berlin")
        time.tzset()
        yield
    time.tzset()


def test_spans_begin_at_the_midnight_of_this_machine() -> None:
    assert {title: span.since[:16] for title, span in spans(WEDNESDAY).items()} == {
        "Today": "2026-11-17T23:00",
        "This week": "2026-11-15T23:00",
        "This month": "2026-10-31T23:00",
    }


def test_a_change_of_the_clock_moves_no_midnight() -> None:
    # Summer time ended on the 25th of October at three o'clock.
    assert spans(parse_timestamp("2026-10-26T10:00:00Z"))["This month"].since == "2026-09-30T22:00:00.000000Z"


def test_the_first_monday_of_a_month_begins_all_three() -> None:
    monday = parse_timestamp("2027-02-01T12:00:00Z")
    assert len({span.since for span in spans(monday).values()}) == 1
