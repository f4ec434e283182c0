"""The chart's numbers: every bucket filled, what matters on the axis."""

from api.web.activity import BARS, activity, activity_request
from data.summaries import TimelineCount
from stream.timestamps import format_timestamp, parse_timestamp

MINUTE = 60_000_000
NOW = 1_795_305_600_000_000  # 2026-11-22T00:00:00Z
FIRST = (NOW - 60 * MINUTE) // 1_000_000


def hour_of(*counts: TimelineCount) -> dict[str, object]:
    wanted = activity_request(format_timestamp(NOW - 60 * MINUTE), None, None, NOW)
    return dict(activity(wanted, counts))


def test_a_week_is_shown_unless_a_time_is_asked_for() -> None:
    wanted = activity_request(None, None, "codex", NOW)
    assert parse_timestamp(wanted.until) - parse_timestamp(wanted.since) >= 7 * 1440 * MINUTE
    assert wanted.agent == "codex"


def test_no_span_has_more_bars_than_fit() -> None:
    for minutes in (1, 60, 1440, 7 * 1440, 30 * 1440, 365 * 1440, 20 * 365 * 1440):
        wanted = activity_request(format_timestamp(NOW - minutes * MINUTE), None, None, NOW)
        told = activity(wanted, [])
        # Both ends are widened to whole buckets. Beyond the widest bucket there are more of them.
        assert len(told["starts"]) <= BARS + 2 or wanted.bucket == 28 * 86_400


def test_a_bucket_without_events_is_there_with_none() -> None:
    told = hour_of(TimelineCount(FIRST + 300, "git", 3))
    assert told["starts"] == [FIRST + 300 * n for n in range(12)]
    assert told["series"] == [[0, 3, *[0] * 10]]


def test_errors_stand_on_the_axis_and_unknown_types_on_top() -> None:
    counts = [TimelineCount(FIRST, name, 1) for name in ("a_new_type", "metric", "error", "test_result")]
    assert hour_of(*counts)["types"] == ["error", "test_result", "metric", "a_new_type"]


def test_totals_are_told_in_words() -> None:
    told = hour_of(TimelineCount(FIRST, "tool_use", 1_000), TimelineCount(FIRST + 600, "tool_use", 234))
    assert told["total"] == "1,234"
    assert told["shares"] == [{"type": "tool_use", "label": "tool use", "events": "1,234"}]


def test_no_events_are_no_series() -> None:
    told = hour_of()
    assert (told["types"], told["series"], told["total"]) == ([], [], "0")
