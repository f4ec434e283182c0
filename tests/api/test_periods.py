"""Named spans of time: local days, also where the clock changes; whole multiples of five minutes."""

import time
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api import parsers
from api.periods import NAMES, Period, previous
from stream.timestamps import parse_timestamp

NOW = parse_timestamp("2026-11-26T10:20:30.5Z")  # a Thursday


@pytest.fixture
def berlin(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("TZ", "Europe/Berlin")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


@pytest.mark.parametrize(
    ("name", "since", "until"),
    [
        ("last-night", "2026-11-25T17:00", "2026-11-26T07:00"),
        ("today", "2026-11-25T23:00", "2026-11-26T10:25"),
        ("yesterday", "2026-11-24T23:00", "2026-11-25T23:00"),
        ("this-week", "2026-11-22T23:00", "2026-11-26T10:25"),
        ("last-week", "2026-11-15T23:00", "2026-11-22T23:00"),
        ("-2d..-1d", "2026-11-24T10:20", "2026-11-25T10:25"),
        ("yesterday..today", "2026-11-24T23:00", "2026-11-25T23:00"),
        ("2026-11-20..", "2026-11-20T00:00", "2026-11-26T10:25"),
        ("..2026-11-20", "1970-01-01T00:00", "2026-11-20T00:00"),
    ],
)
@pytest.mark.usefixtures("berlin")
def test_spans_have_names(name: str, since: str, until: str) -> None:
    assert parsers.period(name, NOW) == Period(f"{since}:00.000000Z", f"{until}:00.000000Z")


@pytest.mark.usefixtures("berlin")
def test_before_the_morning_the_night_is_not_over() -> None:
    now = parse_timestamp("2026-11-26T02:00:00Z")
    assert parsers.period("last-night", now).until == "2026-11-26T02:00:00.000000Z"


@pytest.mark.usefixtures("berlin")
def test_a_day_on_which_the_clock_changes_has_another_length() -> None:
    since, until = parsers.period("yesterday", parse_timestamp("2026-10-26T12:00:00Z"))
    assert (parse_timestamp(until) - parse_timestamp(since)) // 3_600_000_000 == 25
    assert parsers.time("today", NOW) == "2026-11-25T23:00:00.000000Z"


def test_the_previous_span_is_as_long_and_ends_where_this_one_begins() -> None:
    span = Period("2026-11-22T00:00:00.000000Z", "2026-11-24T00:00:00.000000Z")
    assert previous(span) == Period("2026-11-20T00:00:00.000000Z", span.since)


@pytest.mark.parametrize("text", ["", "tomorrow", "now..-1d", "x..y", "-1d", "last night"])
def test_what_is_no_span_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"span|isoformat|ISO"):
        parsers.period(text, NOW)


@given(st.sampled_from(NAMES), st.integers(10**15, 4 * 10**15))
def test_every_span_begins_before_it_ends_at_whole_five_minutes(name: str, now: int) -> None:
    since, until = map(parse_timestamp, parsers.period(name, now))
    assert since <= until
    assert since % 300_000_000 == until % 300_000_000 == 0
