from collections import Counter
from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from chunking import EXTRACTOR, HEADER, cut, outputs, reads_of, run
from stream.lines import Reads
from stream.pipeline import Pipeline
from stream.records import ExtractionEvent
from stream.timing import TimingRecord

cuts = st.lists(st.integers(0, 10_000), max_size=40)


def events(data: bytes) -> list[tuple[str, str | None, int | None]]:
    return [(event.event_type, event.matched_value, event.line_number) for event in run(reads_of([data])).events]


def said(events: Sequence[ExtractionEvent]) -> Counter[tuple[object, ...]]:
    """How often each thing was said; what both streams say is said once (`stream.echoes`)."""
    twice = ("error", "warning", "code_block")
    where = [None if event.event_type in twice else (event.stream, event.byte_offset) for event in events]
    what = [
        (event.event_type, event.metadata.get("digest") or (event.matched_value, event.metadata.get("line")))
        for event in events
    ]
    return Counter(zip(what, where, strict=True))


@given(outputs, cuts)
def test_any_chunking_gives_the_same_findings(data: bytes, places: list[int]) -> None:
    assert run(reads_of(cut(data, places))) == run(reads_of([data]))


@given(outputs)
def test_byte_by_byte_gives_the_same_findings(data: bytes) -> None:
    assert run(reads_of([data[i : i + 1] for i in range(len(data))])) == run(reads_of([data]))


@given(outputs, cuts, st.integers(1, 5))
def test_resuming_from_the_saved_state_gives_the_same_findings(data: bytes, places: list[int], every: int) -> None:
    assert run(reads_of(cut(data, places)), resume_every=every) == run(reads_of([data]))


@given(outputs, outputs, cuts)
def test_the_two_streams_do_not_disturb_each_other(out: bytes, err: bytes, places: list[int]) -> None:
    both = run([*reads_of(cut(out, places)), *reads_of(cut(err, places), "stderr")])
    apart = run(reads_of([out])), run(reads_of([err], "stderr"))
    assert said(both.events) == said(apart[0].events) | said(apart[1].events)
    assert both.lines == apart[0].lines + apart[1].lines


def test_the_line_that_ends_a_diagnostic_is_content_of_the_fence_that_it_held() -> None:
    """`a.js:3` may begin node's report of what killed it; three lines later it turns out that it does not."""
    for data in (
        [b"a.js:3\n```\none\ntwo\nthree\nfour\n```\n"],
        [b"a.js:3\n```\none\n", b"two\nthree\n", b"four\n```\n"],
    ):
        (block,) = run(reads_of(data)).blocks
        assert (block.content, block.line_start, block.line_end) == ("one\ntwo\nthree\nfour", 2, 7)


def test_an_event_says_where_its_line_stands_and_when_it_came() -> None:
    pipeline = Pipeline(HEADER, EXTRACTOR)
    pipeline.feed(Reads("stdout", 0, b"dull\n\x1b[31mErr", ((5, 1_000_000), (13, 2_000_000))))
    pipeline.feed(Reads("stdout", 13, b"or: \xc3\xa9\x1b[0m\r\n", ((len(b"or: \xc3\xa9\x1b[0m\r\n") + 13, 3_500_000),)))
    pipeline.record(TimingRecord("S", 5, 3_600_000, name="QUIET", fields={"AT": "3.600000"}))
    (event,) = pipeline.take().events
    assert event.matched_value == "é"
    assert event.original_line == "Error: é"
    assert (event.line_number, event.byte_offset, event.stream) == (2, 5, "stdout")
    assert event.timestamp == "2023-11-14T22:13:23.500000Z"


def test_of_one_event_type_a_line_gives_the_first_match_and_of_two_types_both() -> None:
    assert events(b"a.py:3: a warning: w\n") == [("error", "a.py:3:", 1), ("warning", "w", 1)]


def test_groups_become_metadata() -> None:
    (event,) = run(reads_of([b"main.py:12: no\n"])).events
    assert event.metadata == {"file": "main", "line": 12}


def test_a_prompt_without_newline_counts_as_a_line_when_the_stream_ends() -> None:
    assert events(b"error: last words") == [("error", "last words", 1)]


def test_a_long_line_is_stored_in_part_and_says_so() -> None:
    (event,) = run(reads_of([b"error: " + b"x" * 10_000 + b"\n"])).events
    assert event.original_line is not None
    assert len(event.original_line) == 4096
    assert event.metadata["line_cut"] == 10_007


def test_states_come_from_the_recording() -> None:
    pipeline = Pipeline(HEADER, EXTRACTOR)
    pipeline.record(TimingRecord("S", 5, 0, name="STATE", fields={"NAME": "running", "PID": "12", "AT": "0.000005"}))
    pipeline.record(TimingRecord("H", 9, 0, name="SIGNAL", value="SIGKILL"))
    pipeline.record(TimingRecord("H", 9, 0, name="EXIT_CODE", value=137))
    changes = pipeline.take().state_changes
    assert [(change.state, change.exit_code, dict(change.metadata)) for change in changes] == [
        ("started", None, {}),
        ("running", None, {"pid": "12"}),
        ("killed", 137, {"signal": "SIGKILL"}),
    ]
    assert pipeline.ended


def test_reported_outcomes_are_counted() -> None:
    tests_and_end = run(reads_of([b"3 passed\nerror: x\n4 passed\n"])).outcomes
    assert tests_and_end == 3


def test_a_run_that_is_killed_or_interrupted_reports_no_outcome_of_its_own() -> None:
    interrupted = Pipeline(HEADER, EXTRACTOR)
    fields = {"NAME": "interrupted", "AT": "0.000005"}
    interrupted.record(TimingRecord("S", 5, 0, name="STATE", fields=fields))
    killed = Pipeline(HEADER, EXTRACTOR)
    killed.record(TimingRecord("H", 9, 0, name="SIGNAL", value="SIGKILL"))
    killed.record(TimingRecord("H", 9, 0, name="EXIT_CODE", value=137))
    assert [interrupted.take().outcomes, killed.take().outcomes] == [0, 0]


def test_a_gap_ends_the_open_line_and_is_an_event() -> None:
    pipeline = Pipeline(HEADER, EXTRACTOR)
    pipeline.feed(Reads("stdout", 0, b"error: cut o", ((12, 5),)))
    pipeline.record(TimingRecord("S", 5, 0, name="GAP", fields={"STREAM": "stdout", "BYTES": "99", "AT": "2.000000"}))
    pipeline.feed(Reads("stdout", 12, b"error: next\n", ((24, 9),)))
    pipeline.record(TimingRecord("S", 5, 10, name="QUIET", fields={"AT": "3.000000"}))
    cut_off, gap, following = pipeline.take().events
    assert (cut_off.matched_value, cut_off.line_number) == ("cut o", 1)
    assert (gap.pattern, gap.matched_value) == ("recording_gap", "99 bytes of stdout were not recorded")
    assert (following.matched_value, following.line_number, following.byte_offset) == ("next", 2, 12)
