"""Output that no tool prints, be it by accident or on purpose, is read to its end, and what stands in it is found."""

from typing import Any

import pytest

from agent_text import find, header
from stream.patterns import load_packs

LONG = 20_000  # characters: where time grows with the square or the cube of them, a test with them does not end
ERROR = "src/a.c:3:5: error: it broke\n"
PACKS = {kind: load_packs(kind).patterns for kind in ("nobody", "codex", "gemini", "opencode")}


def errors(kind: str, text: str, *, pty: bool = False) -> list[str | None]:
    options: dict[str, Any] = {"mode": ("pty",) * 3, "columns": 100, "rows": 30} if pty else {}
    command = {"opencode": ("opencode", "run", "x")}.get(kind, (kind,))
    found = find(header(kind, command, **options), text, patterns=PACKS[kind])
    return [event.matched_value for event in found.events if event.event_type == "error"]


@pytest.mark.parametrize(
    ("line", "end"),
    [
        ("* What went wrong:\n", "* Try:\n"),
        ("FAILURE: Build failed with an exception.\n", "* Try:\n"),
        ("=== FAILURES ===\n", "1 failed in 0.10s\n"),
        ("Oops! Something went wrong! :(\n", "\n"),
        ("rake aborted!\n", "(See full trace by running task with --trace)\n"),
        ("* What went wrong:\n=== FAILURES ===\nrake aborted!\nOops! Something went wrong! :(\n", "* Try:\n"),
        ("Traceback (most recent call last):\n", "ValueError: x\n"),
        ("  1) a\n", "\n"),
        ("not ok 1 x\n", "\n"),
        ("error: x\n\n  y\n", "\n"),
    ],
)
def test_what_begins_again_and_again_hides_nothing_before_it(line: str, end: str) -> None:
    assert "it broke" in errors("nobody", ERROR + line * 600 + end)


@pytest.mark.parametrize(
    "line",
    [
        "  1:1  error  x" + " " * LONG,
        "  1) a.spec.ts:1:1 \u203a x" + " " * LONG,
        "A#x" + " [" * LONG,
        "    #1 0x1 in " + " a:1 (" * LONG,
        "not ok 1 x" + " # TODO" * LONG,
        "  at " + "a(" * LONG,
        "AExpectation" * LONG,
        "error: " + "  " * LONG,
    ],
)
@pytest.mark.parametrize(
    "before", ["", "src/a.js\n", "  1) Failure:\n", "==1==ERROR: AddressSanitizer: x\n", "  ● a\n\n"]
)
def test_a_long_line_is_read_in_a_moment(before: str, line: str) -> None:
    assert "it broke" in errors("nobody", before + line + "\n\n" + ERROR)


@pytest.mark.parametrize(
    ("kind", "text", "pty"),
    [
        ("codex", f"• Edited a.py (+{'9' * 5000} -1)\n", True),
        ("codex", "• Edited a" + " →" * LONG + " (\n", True),
        ("codex", f"exec\nmake in /w exited {'9' * 5000} in 1s:\n", False),
        ("codex", f"tokens used\n{'9' * 5000}\n", False),
        ("gemini", f"Attempt {'9' * 5000} failed with status 429. Retrying with backoff... x\n", False),
        ("gemini", "workspace (/directory)  /model\n" + "  a" + "1" * LONG + "!\n", True),
        ("opencode", "✗ x" + " failed [" * LONG + "\n", False),
        ("nobody", f"{'9' * 5000} passed in {'9' * 5000}s\n", False),
        ("nobody", f"Tests: {'9' * 5000} failed, 1 total\n", False),
        ("nobody", f"  {'9' * 5000} failed\n  {'9' * 5000} passed (1s)\n", False),
        ("nobody", f"a.c:{'9' * 5000}:1: error: x\n", False),
    ],
)
def test_numbers_and_names_may_have_any_length(kind: str, text: str, pty: bool) -> None:
    errors(kind, (text + ERROR).replace("\n", "\r\n" if pty else "\n"), pty=pty)
