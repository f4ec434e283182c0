"""Buckets of time."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.rollups import WIDTHS, Bucket, bucket_start, count_buckets, count_minutes, spans
from samples import an_event
from stream.timestamps import format_timestamp, parse_timestamp


@pytest.mark.parametrize(
    ("width", "start"),
    [
        ("5m", "2026-11-22T01:30:00.000000Z"),
        ("1h", "2026-11-22T01:00:00.000000Z"),
        ("1d", "2026-11-22T00:00:00.000000Z"),
    ],
)
def test_a_bucket_starts_at_a_whole_multiple_of_its_width(width: str, start: str) -> None:
    assert bucket_start("2026-11-22T01:34:59.999999Z", width) == start
    assert bucket_start(start, width) == start


@given(st.integers(0, 4_000_000_000_000_000), st.sampled_from(sorted(WIDTHS)))
def test_a_moment_lies_in_its_bucket(moment: int, width: str) -> None:
    start = parse_timestamp(bucket_start(format_timestamp(moment), width))
    assert 0 <= moment - start < WIDTHS[width] * 1_000_000


def test_every_event_counts_once_in_each_width() -> None:
    events = [
        an_event(timestamp="2026-11-22T01:34:59.999999Z"),
        an_event(timestamp="2026-11-22T01:35:00.000000Z"),
        an_event(timestamp="2026-11-22T01:36:00.000000Z"),
    ]
    kind = ("codex", "error", "error_prefix", "high")
    assert count_buckets(count_minutes(events)) == {
        Bucket("5m", "2026-11-22T01:30:00.000000Z", *kind): 1,
        Bucket("5m", "2026-11-22T01:35:00.000000Z", *kind): 2,
        Bucket("1h", "2026-11-22T01:00:00.000000Z", *kind): 3,
        Bucket("1d", "2026-11-22T00:00:00.000000Z", *kind): 3,
        Bucket("all", "1970-01-01T00:00:00.000000Z", *kind): 3,
    }


@given(st.integers(0, 3_000_000), st.integers(0, 3_000))
def test_a_span_is_covered_by_buckets_that_meet_and_do_not_overlap(first: int, length: int) -> None:
    ends = [format_timestamp(count * 300_000_000) for count in (first, first + length)]
    covered = spans(*ends)
    edges = [ends[0], *(end for _, _, end in covered)]
    assert edges[-1] == ends[1] or not length
    for (width, start, end), edge in zip(covered, edges, strict=False):
        assert start == edge < end
        assert bucket_start(start, width) == start
        assert bucket_start(end, width) == end


def test_the_middle_of_a_span_is_covered_by_wide_buckets() -> None:
    assert [width for width, _, _ in spans("2026-11-20T22:55:00Z", "2026-11-24T01:05:00Z")] == [
        "5m",
        "1h",
        "1d",
        "1h",
        "5m",
    ]


def test_what_is_no_time_is_refused() -> None:
    with pytest.raises(ValueError, match="yesterday"):
        bucket_start("yesterday", "1h")
