"""A mistake in one of our readers costs what it was reading, and nothing else; an event says so, once."""

from typing import Any

import pytest

from agent_text import find, header
from stream import faults, line_reader, scanner
from stream.grammars.aider.grammar import AiderText
from stream.pipeline import Findings
from stream.report import Report
from stream.text_block import Where

RECORDING = header("aider", kind="aider")
OUTPUT = "Error: before\nbroken 1\nError: between\nbroken 2\n" * 3 + "Error: behind\n"


@pytest.fixture(autouse=True)
def _users_see_mistakes(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (line_reader, scanner):
        monkeypatch.setattr(module, "tell_fault", faults.tell_fault)


@pytest.fixture
def _broken_reader(monkeypatch: pytest.MonkeyPatch) -> None:
    read = AiderText.read

    def broken(self: AiderText, line: str, where: Where, report: Report, **options: Any) -> bool:
        if "between" in line:
            raise ValueError("of the text: sk-secret")
        return read(self, line, where, report, **options)

    monkeypatch.setattr(AiderText, "read", broken)


def told(findings: Findings) -> list[tuple[str, str | None]]:
    return [(event.event_type, event.matched_value) for event in findings.events]


@pytest.mark.usefixtures("_broken_reader")
def test_the_lines_that_a_reader_can_take_are_read_and_the_mistake_is_told_once() -> None:
    findings = find(RECORDING, OUTPUT)
    values = [value for kind, value in told(findings) if kind == "error"]
    assert values == ["before"] * 3 + ["behind"]
    (fault,) = [event for event in findings.events if event.pattern == "fault"]
    assert fault.event_type == "warning"
    assert fault.line_number == 3
    assert fault.metadata == {"kind": "ValueError"}
    assert "test_faults:" in (fault.matched_value or "")
    assert "secret" not in str(findings)
    assert findings.lines == OUTPUT.count("\n")


@pytest.mark.usefixtures("_broken_reader")
@pytest.mark.parametrize("piece", [1, 7, 40])
def test_it_does_not_matter_how_the_output_was_cut_and_resumed(piece: int) -> None:
    cuts = range(0, len(OUTPUT), piece)
    assert find(RECORDING, OUTPUT, cuts=cuts, resume=True) == find(RECORDING, OUTPUT)


def test_a_mistake_at_the_end_of_a_stream_leaves_the_rest_to_be_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise IndexError

    monkeypatch.setattr(AiderText, "finish", broken)
    findings = find(RECORDING, "Error: x\n```python\n1\n")
    assert told(findings)[0] == ("error", "x")
    assert [event.byte_offset for event in findings.events if event.pattern == "fault"] == [None]
    assert len(findings.blocks) == 1
    assert findings.state_changes[-1].state == "completed"


def test_a_reader_that_breaks_everywhere_does_not_flood_the_events(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_self: AiderText, line: str, *_: object, **__: object) -> bool:
        code = "\n" * (len(line) - len("Error: ")) + "raise KeyError"
        exec(compile(code, "/agents/own.py", "exec"))  # as many places in the code as there are lengths
        return True

    monkeypatch.setattr(AiderText, "read", broken)
    findings = find(RECORDING, "".join(f"Error: {'x' * length}\n" for length in range(1, 200)))
    assert 1 < len([event for event in findings.events if event.pattern == "fault"]) <= 20


def test_without_memory_it_is_nobodys_mistake(monkeypatch: pytest.MonkeyPatch) -> None:
    def starved(*_: object, **__: object) -> bool:
        raise MemoryError

    monkeypatch.setattr(AiderText, "read", starved)
    with pytest.raises(MemoryError):
        find(RECORDING, "Error: x\n")
