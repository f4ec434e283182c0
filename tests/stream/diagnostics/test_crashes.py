"""What a program says before it dies: one error, with the shell's word for it, however slowly the rest comes."""

import pytest

from chunking import HEADER, reads_of
from stream.extractor import Extractor
from stream.patterns import load_packs
from stream.pipeline import Pipeline
from stream.records import ExtractionEvent
from stream.timing import TimingRecord
from tool_runs import said_in

PATTERNS = Extractor(load_packs("tool").patterns)
PANIC = """\
thread 'main' (30542) panicked at src/main.rs:1:57:
called `Option::unwrap()` on a `None` value
stack backtrace:
"""
FRAMES = """\
   0: core::panicking::panic_fmt
             at /rustc/5980/library/core/src/panicking.rs:80:14
   1: app::main
             at ./src/main.rs:1:57
"""
NOTE = "note: Some details are omitted, run with `RUST_BACKTRACE=full` for a verbose backtrace.\n"
CRASH = """\
Fatal Python error: Segmentation fault

Current thread 0x00007fa0463ebb80 (most recent call first):
  File "/w/a.py", line 5 in f
  File "/w/a.py", line 9 in <module>
"""


def with_pauses(*parts: str) -> list[ExtractionEvent]:
    """What is found in output that comes in these parts, with a pause behind each."""
    pipeline = Pipeline(HEADER._replace(agent="tool"), PATTERNS)
    for at, read in enumerate(reads_of([part.encode() for part in parts])):
        pipeline.feed(read)
        pipeline.record(TimingRecord("S", at, at, name="QUIET", fields={"AT": f"{at}.0"}))
    pipeline.record(TimingRecord("H", 99, 0, name="EXIT_CODE", value=1))
    return list(pipeline.take().events)


@pytest.mark.parametrize(
    ("thrown", "value", "kind"),
    [
        (
            "terminate called after throwing an instance of 'std::runtime_error'\n  what():  cpp boom\n",
            "cpp boom",
            "std::runtime_error",
        ),
        (
            "terminate called after throwing an instance of 'int'\n",
            "terminate called after throwing an instance of 'int'",
            "int",
        ),
        ("terminate called without an active exception\n", "without an active exception", None),
        (
            "libc++abi: terminating due to uncaught exception of type std::out_of_range: vector: too short\n",
            "vector: too short",
            "std::out_of_range",
        ),
    ],
)
def test_what_nobody_caught_in_a_program_of_c_plus_plus_is_one_error(thrown: str, value: str, kind: str | None) -> None:
    ((event_type, said, metadata), after) = said_in(f"{thrown}Aborted (core dumped)\nerror: the next one\n")
    assert (event_type, said, metadata.get("kind"), after[1]) == ("error", value, kind, "the next one")


@pytest.mark.parametrize(
    "line",
    [
        "ab: src/ab.c:2: main: Assertion `1==2' failed.",
        "ab: src/ab.c:2: main: Assertion '1==2' failed.",
        "Assertion failed: 1==2 (src/ab.c: main: 2)",
        "Assertion failed: (1==2), function main, file src/ab.c, line 2.",
    ],
)
def test_a_failed_assertion_says_where_and_what_does_not_hold(line: str) -> None:
    ((_, value, metadata),) = said_in(f"{line}\nrun.sh: line 3:  4711 Aborted                 (core dumped) ./ab\n")
    assert value == "1==2"
    assert [metadata[key] for key in ("file", "line", "function")] == ["src/ab.c", 2, "main"]


def test_the_shells_word_for_a_crash_that_python_has_told_is_no_error_of_its_own() -> None:
    ((_, value, metadata),) = said_in(f"{CRASH}Segmentation fault (core dumped)\n")
    assert (value, metadata["kind"], metadata["function"]) == ("Segmentation fault", "Fatal Python error", "f")


def test_node_out_of_memory_is_one_error_with_its_own_stack() -> None:
    message = "Reached heap limit Allocation failed - JavaScript heap out of memory"
    stack = "----- Native stack trace -----\n\n 1: 0xb78db3 node::OOMErrorHandler() [node]\n10: 0x195e476  [node]\n"
    ((_, value, metadata),) = said_in(f"FATAL ERROR: {message}\n{stack}Aborted\n")
    assert (value, metadata["line_end"]) == (message, 6)
    ((_, value, metadata),) = said_in(f"FATAL ERROR: {message}\n 1: 00007FF6 node::Abort\nAborted\n")
    assert (value, metadata["tool"]) == (message, "node")


def test_a_fatal_error_of_another_program_is_that_line_alone() -> None:
    assert [value for _, value, _ in said_in("FATAL ERROR: no disk\nAll is lost\nAborted\n")] == ["no disk", "Aborted"]
    assert [event.matched_value for event in with_pauses("FATAL ERROR: no disk\n")] == ["no disk"]
    ((_, value, metadata),) = said_in("FATAL ERROR: no disk\nAborted\n")
    assert (value, metadata) == ("no disk", {"line_end": 2})


SIGNALS = ["Segmentation fault (core dumped)", "Bus error", "Illegal instruction", "Floating point exception"]


@pytest.mark.parametrize("blank", ["", "\n\n", "\n\n\n\n"])
@pytest.mark.parametrize("signal", [*SIGNALS, "Aborted", "Trace/breakpoint trap", "Abort trap: 6"])
def test_a_fatal_error_and_the_shells_word_are_the_same_however_they_come(signal: str, blank: str) -> None:
    parts = ["FATAL ERROR: no disk\n", *blank, f"{signal}\n", "a\nb\nc\n"]
    values = [event.matched_value for event in with_pauses("".join(parts))]
    assert len(values) == 1 or len(blank) > 2
    assert [value for _, value, _ in said_in("".join(parts))] == values
    fed = Pipeline(HEADER._replace(agent="tool"), PATTERNS)
    for read in reads_of([part.encode() for part in parts]):
        fed.feed(read)
    assert [event.matched_value for event in fed.take().events] == values


def test_a_numbered_list_below_a_fatal_error_is_no_stack_of_v8() -> None:
    ((_, value, metadata),) = said_in("FATAL ERROR: no disk\n 1: added a\n 2: dead b\n")
    assert (value, metadata) == ("no disk", {})


@pytest.mark.parametrize("next_line", ["thread 'b' panicked at src/main.rs:9:5:\nno", "---- a stdout ----", "----"])
def test_a_panic_without_a_message_ends_where_something_else_begins(next_line: str) -> None:
    panic, *others = said_in(f"thread 'main' panicked at src/main.rs:2:5:\n{next_line}\n")
    assert (panic[1], panic[2]["line"]) == ("panic", 2)
    assert [value for _, value, _ in others] == (["no"] if "thread" in next_line else [])


def test_a_signal_that_nothing_announced_is_an_error() -> None:
    assert [value for _, value, _ in said_in("error: the first one\nSegmentation fault\n")] == [
        "the first one",
        "Segmentation fault",
    ]


@pytest.mark.parametrize("crash", [CRASH, "ab: ab.c:2: main: Assertion `x' failed.\n"])
def test_the_shells_word_comes_when_the_core_was_dumped(crash: str) -> None:
    assert len(with_pauses(crash, "Aborted (core dumped)\n")) == 1
    assert len(with_pauses(crash)) == 1


@pytest.mark.parametrize("more", [(FRAMES, NOTE), (FRAMES + NOTE,), (FRAMES,), (FRAMES, "error: the next one\n")])
def test_a_panic_waits_for_the_backtrace_that_it_announces(more: tuple[str, ...]) -> None:
    panic, *others = with_pauses(PANIC, *more)
    assert (panic.matched_value, len(panic.metadata["frames"])) == ("called `Option::unwrap()` on a `None` value", 2)
    assert [event.matched_value for event in others] == (["the next one"] if "next one" in more[-1] else [])


def test_a_panic_without_a_backtrace_is_told_at_a_pause() -> None:
    first, second = with_pauses(PANIC.removesuffix("stack backtrace:\n"), "error: the next one\n")
    assert (first.metadata["line_end"], second.matched_value) == (2, "the next one")
