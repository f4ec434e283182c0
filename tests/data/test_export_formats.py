"""Each format by its own rules; that other programs take them is tried in tests/e2e/test_others_tools.py."""

import base64
import csv
import io
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.export import FORMATS
from data.export.as_csv import COLUMNS
from data.export.encoder import About
from samples import an_event
from stream.recording import RecordingHeader
from stream.records import Session, StateChange
from stream.replay.items import Item
from stream.replay.playback import OutputPiece, ResizePiece
from stream.timestamps import format_timestamp
from stream.timing import parse_timing

STARTED = 1_795_305_600_000_000
HEADER = RecordingHeader(
    "s1",
    "codex",
    ("sh", "-c", "a b"),
    "/",
    STARTED,
    mode=("pty", "pty", "pty"),
    columns=100,
    rows=30,
    environ={"TERM": "xterm"},
)
SESSION = Session("codex", "s1", started_at=format_timestamp(STARTED), exit_code=3, command=("sh", "-c", "a b"))


def about(**header: Any) -> About:
    return About(SESSION, HEADER._replace(**header), 5_000_000, "1.2.3")


def exported(name: str, items: list[Item], file: str | None = None, **header: Any) -> bytes:
    files = FORMATS[name].files
    encoder = files[file or next(iter(files))](about(**header))
    return b"".join([encoder.begin(), *map(encoder.add, items), encoder.end()])


def output(at: int, data: bytes, stream: str = "stdout") -> Item:
    return Item(at, OutputPiece(at, stream, data))


ITEMS = [
    Item(0, StateChange("s1", format_timestamp(STARTED), "started", id=1)),
    output(1_000_000, b"caf\xc3"),
    output(1_500_000, b"\xa9 \xff\r\n"),
    Item(1_500_000, an_event(session_id="s1", timestamp=format_timestamp(STARTED + 1_500_000), id=7)),
    Item(2_000_000, ResizePiece(2_000_000, 120, 40)),
    Item(3_000_000, an_event(session_id="s1", event_type="git", matched_value="commit", id=8)),
    output(4_000_000, b"\xe2\x9c"),
    Item(5_000_000, StateChange("s1", format_timestamp(STARTED + 5_000_000), "failed", 3, id=2)),
]


@pytest.mark.parametrize("name", ["json", "jsonl"])
def test_json_holds_everything(name: str) -> None:
    text = exported(name, ITEMS).decode()
    if name == "json":
        document = json.loads(text)
        session, events = document["session"], document["events"]
        assert document["duration_seconds"] == 5.0
    else:
        session, *events = map(json.loads, text.splitlines())
        assert session["event"] == "session"
    assert session["session_id"] == "s1"
    assert [(event["event"], event["t"]) for event in events] == [
        ("state_change", 0.0),
        ("output", 1.0),
        ("output", 1.5),
        ("extraction", 1.5),
        ("resize", 2.0),
        ("extraction", 3.0),
        ("state_change", 5.0),
        ("output", 5.0),
    ]
    data = b"".join(
        base64.b64decode(event["data"]) if "encoding" in event else event["data"].encode()
        for event in events
        if event["event"] == "output"
    )
    assert data == b"caf\xc3\xa9 \xff\r\n\xe2\x9c"
    assert (
        events[3]
        == {"event": "extraction", "t": 1.5}
        | an_event(session_id="s1", timestamp=format_timestamp(STARTED + 1_500_000), id=7)._asdict()
    )


def rows(items: list[Item]) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(exported("csv", items).decode(), newline="")))


def test_csv_has_a_row_for_each_event_and_each_state() -> None:
    found = rows(ITEMS)
    assert [(row["event"], row["event_type"], row["state"], row["t"]) for row in found] == [
        ("state_change", "", "started", "0.0"),
        ("extraction", "error", "", "1.5"),
        ("extraction", "git", "", "3.0"),
        ("state_change", "", "failed", "5.0"),
    ]
    assert tuple(found[0]) == COLUMNS
    assert found[1]["auto_confirmable"] == "1"
    assert json.loads(found[1]["metadata"]) == an_event().metadata
    assert found[3]["exit_code"] == "3"


@given(st.text())
def test_no_text_is_a_formula_and_none_is_lost(text: str) -> None:
    (row,) = rows([Item(0, an_event(original_line=text, matched_value=None, metadata={}))])
    line = row["original_line"]
    assert not line.startswith(("=", "+", "-", "@", "\t", "\r", "\n"))
    kept = text.replace("\0", "").encode("utf-8", "backslashreplace").decode()
    assert line in (kept, f"'{kept}")
    assert set(row) == set(COLUMNS)


def test_every_text_is_quoted_for_programs_that_separate_cells_otherwise() -> None:
    data = exported("csv", [Item(0, an_event(original_line="x;=HYPERLINK(1)"))]).decode()
    assert '"x;=HYPERLINK(1)"' in data


def test_an_entry_of_the_archive_lasts_until_the_next_event() -> None:
    log = json.loads(exported("har", ITEMS))["log"]
    assert log["version"] == "1.2"
    assert log["creator"] == {"name": "wrapper", "version": "1.2.3"}
    assert [(entry["startedDateTime"], entry["time"]) for entry in log["entries"]] == [
        (format_timestamp(STARTED), 1500.0),
        (format_timestamp(STARTED + 1_500_000), 1500.0),
        (format_timestamp(STARTED + 3_000_000), 2000.0),
        (format_timestamp(STARTED + 5_000_000), 0.0),
    ]
    for entry in log["entries"]:
        assert sum(entry["timings"].values()) == entry["time"]
    assert [entry["response"]["status"] for entry in log["entries"]] == [200, 500, 200, 500]
    assert log["entries"][1]["response"]["content"]["text"] == an_event().original_line
    assert json.loads(exported("har", []))["log"]["entries"] == []


def cast(name: str, items: list[Item], **header: Any) -> tuple[dict[str, Any], list[list[Any]]]:
    first, *events = map(json.loads, exported(name, items, **header).decode().splitlines())
    return first, events


def test_asciicast_2_has_times_since_the_start_and_markers() -> None:
    header, events = cast("cast", ITEMS)
    assert (header["version"], header["width"], header["height"]) == (2, 100, 30)
    assert header["timestamp"] == STARTED // 1_000_000
    assert header["command"] == "sh -c 'a b'"
    assert events == [
        [1.0, "o", "caf"],
        [1.5, "o", "é �\r\n"],
        [1.5, "m", "error: could not open"],
        [2.0, "r", "120x40"],
        [5.0, "o", "�"],
    ]


def test_asciicast_3_has_intervals_and_the_exit_status() -> None:
    header, events = cast("cast3", ITEMS)
    assert (header["version"], header["term"]) == (3, {"cols": 100, "rows": 30, "type": "xterm"})
    assert events == [
        [1.0, "o", "caf"],
        [0.5, "o", "é �\r\n"],
        [0.0, "m", "error: could not open"],
        [0.5, "r", "120x40"],
        [3.0, "o", "�"],
        [0.0, "x", "3"],
    ]


@given(st.lists(st.sampled_from([b"a", b"\n", b"\r", b"\r\n", b"\xc3", b"\xa9"])))
def test_through_pipes_lines_end_as_a_terminal_would_end_them(parts: list[bytes]) -> None:
    pipes = {"mode": ("pipe", "pipe", "pipe"), "columns": 0, "rows": 0}
    header, events = cast("cast", [output(number, part) for number, part in enumerate(parts)], **pipes)
    assert (header["width"], header["height"]) == (80, 24)
    text = "".join(data for _, _, data in events)
    whole = b"".join(parts).decode("utf-8", "replace")
    assert text == whole.replace("\r\n", "\n").replace("\n", "\r\n")


@pytest.mark.parametrize("name", ["cast", "cast3"])
def test_lines_of_a_stderr_with_a_pty_of_its_own_end_as_its_terminal_ended_them(name: str) -> None:
    pieces = [Item(0, OutputPiece(0, "stderr", b"one\ntwo\r\n")), Item(1, OutputPiece(1, "stdout", b"three\n"))]
    _, events = cast(name, pieces, mode=("pipe", "pipe", "pty"))
    assert [data for _, code, data in events if code == "o"] == ["one\r\ntwo\r\n", "three\r\n"]


def test_the_pair_of_util_linux_has_the_bytes_and_the_times() -> None:
    log = exported("typescript", ITEMS, "typescript")
    first, rest = log.split(b"\n", 1)
    assert first.startswith(b"Script started on ")
    assert rest.startswith(b"caf\xc3\xa9 \xff\r\n\xe2\x9c\nScript done on ")
    records = list(parse_timing(exported("typescript", ITEMS, "timing")))
    assert [(record.kind, record.at, record.size) for record in records if record.kind == "O"] == [
        ("O", 1_000_000, 4),
        ("O", 1_500_000, 5),
        ("O", 4_000_000, 2),
    ]
    values = {record.name: record.value for record in records if record.kind == "H"}
    assert values["COMMAND"] == "sh -c 'a b'"
    assert (values["DURATION"], values["EXIT_CODE"]) == ("5.000000", 3)
    assert [record.fields["COLS"] for record in records if record.name == "SIGWINCH"] == ["120"]


def test_text_is_what_a_reader_saw() -> None:
    items = [
        output(0, b"\x1b[31mred\x1b[0m\nloading 1%\rload"),
        output(1, b"aside\n", "stderr"),
        output(2, b"ing 99%\r\nbell\x07 \xff"),
    ]
    pipes = ("pipe", "pipe", "pipe")
    assert exported("txt", items, mode=pipes).decode() == "red\naside\nloading 99%\nbell �\n"


def test_text_of_a_terminal_is_what_its_screen_showed() -> None:
    second = 1_000_000
    items = [
        output(0, b"$ agent\r\n"),
        output(1, b"\x1b[?1049h\x1b[H\x1b[2J\x1b[5;3Ha row\x1b[1;1Hfirst screen\r\n"),
        output(2 * second, b"\x1b[Hsecond screen\r\n"),
        output(4 * second, b"\x1b[?1049l"),
        output(5 * second, b"done\r\n"),
    ]
    lines = exported("txt", items).decode().splitlines()
    assert [line for line in lines if line] == ["$ agent", "first screen", "  a row", "second screen", "done"]


def test_a_bar_that_is_painted_over_is_one_line_of_text() -> None:
    bars = [output(at, f"\x1b[2K\r[{'=' * at:10}]".encode()) for at in range(11)]
    lines = exported("txt", [*bars, output(11, b"\r\nbuilt\r\n")]).decode().splitlines()
    assert lines[-2:] == ["[==========]", "built"]
    assert len(lines) <= 3


@pytest.mark.parametrize("name", FORMATS)
def test_a_session_without_events_is_a_whole_file(name: str) -> None:
    for file in FORMATS[name].files:
        data = exported(name, [], file)
        if name in ("json", "har"):
            json.loads(data)
        assert data.endswith(b"\n") or (name, data) == ("txt", b"")
