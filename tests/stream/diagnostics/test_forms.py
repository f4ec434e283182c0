"""Errors of several lines in forms that no recorded run has: other versions, other dresses; what only looks alike."""

from typing import Any

import pytest

from chunking import HEADER, reads_of
from stream.extractor import Extractor
from stream.pipeline import Pipeline
from stream.timing import TimingRecord
from tool_runs import events_of


def told(text: str) -> list[tuple[str, str | None, dict[str, Any]]]:
    return [(event.event_type, event.matched_value, dict(event.metadata)) for event in events_of(text.encode())]


def values(text: str) -> list[tuple[str, str | None]]:
    return [(event_type, value) for event_type, value, _ in told(text)]


IDLE = TimingRecord("S", 5, 10, name="IDLE", fields={"AT": "0.000010"})

TRACEBACK = """Traceback (most recent call last):
  File "/w/a.py", line 3, in <module>
    f()
  File "/w/b.py", line 7, in f
    raise ValueError("bad")
ValueError: bad
"""


@pytest.mark.parametrize("prefix", ["", "  ", "E   ", "  ⎿  ", "│ ", "web-1  | "])
def test_a_traceback_may_stand_behind_what_all_its_lines_have(prefix: str) -> None:
    behind = " " * len(prefix) if "⎿" in prefix else prefix
    first, *others = TRACEBACK.splitlines()
    text = "\n".join([prefix + first, *(behind + line for line in others)])
    ((event_type, value, metadata),) = told(text + "\nnothing more\n")
    assert (event_type, value, metadata["kind"]) == ("error", "bad", "ValueError")
    assert (metadata["file"], metadata["line"], metadata["function"], metadata["line_end"]) == ("/w/b.py", 7, "f", 6)


def test_of_a_chain_the_last_exception_is_the_error_and_the_others_are_its_causes() -> None:
    middle = "During handling of the above exception, another exception occurred:"
    chain = TRACEBACK + f"a note\n\n{middle}\n\n" + TRACEBACK.replace("ValueError: bad", "app.errors.Broken: worse")
    ((_, value, metadata),) = told(chain)
    assert (value, metadata["kind"]) == ("worse", "app.errors.Broken")
    assert metadata["causes"] == [{"kind": "ValueError", "message": "bad"}]


def test_what_follows_a_traceback_is_looked_at_for_itself() -> None:
    assert values(TRACEBACK + "error: the next one\n") == [("error", "bad"), ("error", "the next one")]
    assert values(TRACEBACK + "\n" + TRACEBACK.replace("bad", "worse")) == [("error", "bad"), ("error", "worse")]


def test_a_message_of_several_lines_belongs_to_its_exception() -> None:
    ((_, value, metadata),) = told(TRACEBACK + "  Input should be a valid integer\n  got: x\ndone\n")
    assert (value, metadata["line_end"]) == ("bad", 8)


def test_a_traceback_that_breaks_off_and_one_of_documentation_are_no_errors() -> None:
    assert values("Traceback (most recent call last):\n  File 'x'\n\ntext\n") == []
    assert values("    Traceback (most recent call last):\n      ...\n    ValueError: bad\n") == []
    assert values("".join(f"+{line}\n" for line in TRACEBACK.splitlines())) == []
    assert values("".join(f"a.log:{n}:{line}\n" for n, line in enumerate(TRACEBACK.splitlines()))) == []


@pytest.mark.parametrize(
    ("text", "value", "wanted"),
    [
        (
            """\
Error: no
    at f (/w/a.js:3:5)
    at node:internal/x:1:2
""",
            "no",
            {"kind": "Error", "file": "/w/a.js", "line": 3, "function": "f"},
        ),
        (
            """\
Uncaught (in promise) TypeError: x
    at async file:///w/a.mjs:3:5
""",
            "x",
            {"kind": "TypeError", "file": "/w/a.mjs"},
        ),
        (
            """\
Error: a
b
c
    at f (a.ts:1:1) {
  code: 'X',
  nested: {
    a: 1
  }
}
""",
            "a",
            {"file": "a.ts", "line_end": 9},
        ),
        (
            """\
x.y.Failed$Exception: m
\tat x.y.A.b(A.java:3) ~[app.jar:1.0]
\tat java.base/x.C.d(C.java)
\t... 2 more
""",
            "m",
            {"file": "A.java", "line": 3, "function": "x.y.A.b"},
        ),
        (
            """\
Unhandled exception. System.Exception: boom
   at P.Main() in /w/P.cs:line 3
""",
            "boom",
            {"kind": "System.Exception", "file": "/w/P.cs", "line": 3},
        ),
        (
            """\
fatal error: all goroutines are asleep - deadlock!

goroutine 1 [chan receive]:
main.main()
\t/w/m.go:5 +0x1
exit status 2
""",
            "all goroutines are asleep - deadlock!",
            {"kind": "fatal error", "file": "/w/m.go", "line_end": 6},
        ),
        (
            """\
panic: main.E{} [recovered]
\tpanic: again

goroutine 7 [running]:
panic({0x1, 0x2})
\t/go/src/runtime/panic.go:8 +0x1
main.f(0x1)
\t/w/m.go:5 +0x1
""",
            "main.E{}",
            {"file": "/w/m.go", "function": "main.f"},
        ),
        (
            """\
thread 'main' panicked at 'index out of bounds', src/main.rs:2:5
note: run with `RUST_BACKTRACE=1`
""",
            "index out of bounds",
            {"file": "src/main.rs", "line": 2, "column": 5},
        ),
        (
            """\
a.cpp:3:5: schwerwiegender Fehler: x.h: Datei nicht gefunden
    3 | #include
      |  ^
""",
            "x.h: Datei nicht gefunden",
            {"file": "a.cpp", "line": 3},
        ),
        (
            """\
C:\\w\\a.c:3:5: error: no
""",
            "no",
            {"file": "C:\\w\\a.c", "line": 3, "column": 5},
        ),
        (
            """\
src/a.ts(3,5): error TS2322: Type 'x'.
  Types of property 'a'.
    Type 'y'.
done
""",
            "Type 'x'.",
            {"kind": "TS2322", "line_end": 3},
        ),
        (
            """\
a.go:3:5: cannot use x
\thave (int)
\twant (string)
""",
            "cannot use x",
            {"tool": "go", "line_end": 3},
        ),
        (
            """\
npm ERR! code ELIFECYCLE
npm ERR! errno 1
npm ERR! x@1.0.0 test: `jest`
npm ERR! Exit status 1
""",
            "x@1.0.0 test: `jest`",
            {"kind": "ELIFECYCLE"},
        ),
        (
            """\
error: failed to parse manifest at `/w/Cargo.toml`

Caused by:
  no targets

done
""",
            "failed to parse manifest at `/w/Cargo.toml`",
            {"tool": "cargo", "line_end": 4},
        ),
        (
            """\
FAIL: test_a (m.T)
what it does
----------------------------------------------------------------------
Traceback (most recent call last):
  File "/w/a.py", line 3, in <module>
    f()
  File "/w/b.py", line 7, in f
    raise ValueError("bad")
ValueError: bad

----------------------------------------------------------------------
""",
            "bad",
            {"test": "m.T.test_a", "tool": "unittest"},
        ),
    ],
)
def test_an_error_of_several_lines_is_one_event(text: str, value: str, wanted: dict[str, Any]) -> None:
    ((event_type, found, metadata),) = told(text)
    assert (event_type, found) == ("error", value)
    assert {key: metadata.get(key) for key in wanted} == wanted


@pytest.mark.parametrize(
    "text",
    [
        "Error handling\n    at the top\n",
        "    at f (/w/a.js:3:5)\n",
        "____ a title ____\ntext\n",
        "src/a.js:3\nconst x = 1;\n",
        "goroutine 1 [running]:\nmain.main()\n",
        "failures:\n\nnone\n",
        "/w/a.js\n/w/b.js\n",
        "To https://example.com/x we go\n",
        "npm error lines are explained below\n",
        "  1) first do this\n  2) then that\n",
        "  ● a point\n  ● another\n",
        "warning: a\n",
        "--- FAIL: TestX (0.00s)\nFAIL\n",
    ],
)
def test_what_only_begins_like_an_error_is_none(text: str) -> None:
    assert values(text) == []


def test_a_consequence_is_told_only_where_its_cause_was_not() -> None:
    cause, consequence = "a.c:3:5: error: no\n", "make: *** [Makefile:2: all] Error 1\n"
    assert values(cause + "filler\n" * 40 + consequence) == [("error", "no")]
    assert values(consequence) == [("error", "[Makefile:2: all] Error 1")]
    assert len(values(cause + "filler\n" * 60 + consequence)) == 2
    assert values("1 failed, 2 passed in 0.10s\n" + consequence) == [("test_result", "1 failed, 2 passed in 0.10s")]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("fatal: 'x' does not appear to be a git repository\nfatal: Could not read from remote repository.\n", 1),
        ("fatal: Could not read from remote repository.\n", 1),
        ("CONFLICT (content): Merge conflict in f\nerror: could not apply 0a5ae00... ours: fix Error\n", 1),
        ("error: Committing is not possible.\nfatal: Exiting because of an unresolved conflict.\n", 1),
    ],
)
def test_what_git_says_when_it_gives_up_is_no_error_of_its_own(text: str, told: int) -> None:
    assert len(values(text)) == told


def test_an_error_that_may_go_on_is_told_when_nothing_comes() -> None:
    pipeline = Pipeline(HEADER, Extractor(()))
    (read,) = reads_of([TRACEBACK.encode()])
    pipeline.feed(read)
    assert pipeline.take().events == ()
    pipeline.record(IDLE)
    assert [event.matched_value for event in pipeline.take().events] == ["bad"]


def test_half_a_traceback_waits_however_long_nothing_comes() -> None:
    first, second = TRACEBACK[:60].encode(), TRACEBACK[60:].encode()
    pipeline = Pipeline(HEADER, Extractor(()))
    reads = reads_of([first, second])
    pipeline.feed(reads[0])
    pipeline.record(IDLE)
    pipeline.feed(reads[1])
    pipeline.record(TimingRecord("H", 9, 0, name="EXIT_CODE", value=1))
    assert [event.matched_value for event in pipeline.take().events] == ["bad"]
