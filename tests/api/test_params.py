"""Parameters: what is allowed, and errors that name the parameter, its value and what would be right."""

from datetime import UTC, datetime

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from api import parsers
from stream.timestamps import format_timestamp, parse_timestamp

NOW = parse_timestamp("2026-11-22T10:20:30.5Z")

LISTS = ("/api/query/extractions", "/api/query/code-blocks", "/api/query/sessions")
WRONG = [
    ("limit", "0", "1 to 1000"),
    ("limit", "1001", "1 to 1000"),
    ("limit", "ten", "1 to 1000"),
    ("limit", "१०", "1 to 1000"),
    ("limit", "", "1 to 1000"),
    ("page", "0", "1 to"),
    ("cursor", "abc", "next"),
    ("after", "-1", "id of a row"),
    ("after", "9223372036854775808", "id of a row"),
    ("count", "all", "exact"),
    ("days", "0", "1 to"),
    ("days", "1.5", "1 to"),
    ("from", "soon", "ISO 8601"),
    ("from", "-7y", "ISO 8601"),
    ("to", "2026-13-01", "ISO 8601"),
    ("to", "9999-12-31", "year 2100"),
    ("agent", "", "exact name"),
]


@pytest.mark.parametrize("path", LISTS)
@pytest.mark.parametrize(("name", "value", "allowed"), WRONG)
def test_a_wrong_value_is_named_with_what_is_right(
    empty: httpx.Client, path: str, name: str, value: str, allowed: str
) -> None:
    response = empty.get(path, params={name: value})
    error = response.json()["error"]
    assert (response.status_code, error["kind"]) == (400, "invalid_parameter")
    assert name in error["message"]
    assert repr(value) in error["message"]
    assert allowed in error["hint"]


@pytest.mark.parametrize(
    ("path", "name", "value", "allowed"),
    [
        ("/api/query/extractions", "type", "errors", "tool_use"),
        ("/api/query/extractions", "risk", "extreme", "critical"),
        ("/api/query/sessions", "state", "done", "completed"),
        ("/api/query/sessions", "active", "yes", "true or false"),
        ("/api/query/timeline", "bucket", "7m", "multiple of 5 minutes"),
        ("/api/query/timeline", "bucket", "0m", "multiple of 5 minutes"),
        ("/api/query/timeline", "bucket", "3600", "multiple of 5 minutes"),
        ("/api/query/stats/pattern/p", "recent", "101", "0 to 100"),
        ("/api/replay/session/s", "speed", "0", "0.1 to 100"),
        ("/api/replay/session/s", "speed", "101", "0.1 to 100"),
        ("/api/replay/session/s", "speed", "nan", "0.1 to 100"),
        ("/api/replay/session/s", "speed", "1e1", "0.1 to 100"),
        ("/api/replay/session/s", "from", "-1", "seconds"),
        ("/api/replay/session/s", "format", "xml", "sse or json"),
    ],
)
def test_a_wrong_value_of_one_endpoint_is_named_too(
    empty: httpx.Client, path: str, name: str, value: str, allowed: str
) -> None:
    response = empty.get(path, params={name: value})
    error = response.json()["error"]
    assert (response.status_code, error["kind"]) == (400, "invalid_parameter")
    assert error["message"] == f"{name} is {value!r}"
    assert allowed in error["hint"]


@pytest.mark.parametrize(
    "path",
    [
        *LISTS,
        "/api/query/session/last",
        "/api/query/stats/agent/a",
        "/api/query/stats/pattern/p",
        "/api/query/timeline",
        "/api/replay/session/s",
        "/api/health",
    ],
)
def test_an_unknown_parameter_is_not_passed_over(empty: httpx.Client, path: str) -> None:
    response = empty.get(path, params={"agnet": "codex"})
    assert response.status_code == 400
    assert "'agnet'" in response.json()["error"]["message"]


@pytest.mark.parametrize(
    "query",
    ["agent=a&agent=b", "from=-7d&days=7", "from=now&to=yesterday", "page=2&cursor=YmVmb3JlIDE"],
)
def test_parameters_that_exclude_each_other_are_refused(empty: httpx.Client, query: str) -> None:
    response = empty.get(f"/api/query/extractions?{query}")
    assert response.status_code == 400
    assert response.json()["error"]["hint"]


def test_a_timeline_of_too_many_buckets_is_refused(empty: httpx.Client) -> None:
    response = empty.get("/api/query/timeline", params={"days": 365, "bucket": "5m"})
    assert response.status_code == 400
    assert "10000" in response.json()["error"]["hint"]


def test_a_timeline_that_begins_in_the_future_is_refused(empty: httpx.Client) -> None:
    assert empty.get("/api/query/timeline", params={"from": "2099-01-01"}).status_code == 400


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("now", "2026-11-22T10:20:30.500000Z"),
        ("today", "2026-11-22T00:00:00.000000Z"),
        ("yesterday", "2026-11-21T00:00:00.000000Z"),
        ("-90s", "2026-11-22T10:19:00.500000Z"),
        ("-8h", "2026-11-22T02:20:30.500000Z"),
        ("-7d", "2026-11-15T10:20:30.500000Z"),
        ("-2w", "2026-11-08T10:20:30.500000Z"),
        ("2026-11-22", "2026-11-22T00:00:00.000000Z"),
        ("2026-11-22T08:00:00", "2026-11-22T08:00:00.000000Z"),
        ("2026-11-22T08:00:00+02:00", "2026-11-22T06:00:00.000000Z"),
        ("2026-11-22T08:00:00 02:00", "2026-11-22T06:00:00.000000Z"),
        ("2026-11-22T08:00:00-02:00", "2026-11-22T10:00:00.000000Z"),
        ("0001-01-01", "1970-01-01T00:00:00.000000Z"),
        ("-999999999w", "1970-01-01T00:00:00.000000Z"),
    ],
)
def test_times_are_iso_8601_or_relative(text: str, moment: str) -> None:
    assert parsers.time(text, NOW) == moment


@given(st.datetimes(datetime(1970, 1, 2), datetime(2099, 12, 30), timezones=st.just(UTC)))  # noqa: DTZ001 (Hypothesis wants them naive)
def test_a_time_is_taken_to_the_microsecond(moment: datetime) -> None:
    assert parsers.time(moment.isoformat(), NOW) == format_timestamp(parse_timestamp(moment.isoformat()))


@given(st.text(max_size=30))
def test_any_text_is_a_time_in_our_form_or_a_value_error(text: str) -> None:
    try:
        time = parsers.time(text, NOW)
    except (ValueError, OverflowError):
        return
    assert len(time) == 27
    assert time.endswith("Z")


@pytest.mark.parametrize(("text", "seconds"), [("5m", 300), ("90m", 5400), ("1h", 3600), ("7d", 604_800)])
def test_buckets_are_written_as_durations(text: str, seconds: int) -> None:
    assert parsers.bucket(text, NOW) == seconds
