"""Tool calls: those whose outcome is not known yet, and what is told of one when it is. Pure.

One call is one `tool_use`. What its output says is read where the call failed, or where nobody knows.
"""

import shlex
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from stream.decoders.account import Account
from stream.decoders.fields import bounded, known, text
from stream.decoders.record import Record
from stream.embedded import EmbeddedTexts
from stream.lazy_regex import lazy_regex
from stream.lines import Line
from stream.records import NO_METADATA
from stream.regions import FAILED_OUTPUT, MESSAGE, OUTPUT, SHOWN, Region
from stream.report import MAX_STORED_LINE, Report
from stream.shell.programs import inner_command, programs
from stream.shell.reading import only_reads, own_complaints

UNNAMED = "a tool"  # what is told of a call that says nothing of itself
_MOST_OPEN = 200  # calls that may wait for their outcome; beyond that the oldest is given up
_MOST_DONE = 1000  # ids that are remembered, so that a repeated record is not another call

_SHELLS = lazy_regex(r"(?i)^(?:\w*[._-])?(?:bash|shell|exec|sh|powershell|terminal|console)(?:[._-]\w*)?$|command")
_SUBJECTS = (
    "file_path", "filePath", "absolute_path", "notebook_path", "pattern", "query", "url", "path", "dir_path", "name",
    "skill", "description", "prompt",
)  # fmt: skip
# Tools that show what is there, and those whose output is an answer of another agent.
_SHOWERS = lazy_regex(
    r"(?i)^(?:\w+[._-])?(?:read|view|grep|glob|ls|list|search|fetch|webfetch|websearch|notebookread)(?:[._-]\w+)?$"
)
_ANSWERERS = ("Task", "Agent", "task")
# What a shell says of a program that it should have run.
_NOT_FOUND = lazy_regex(r"(?m)^(?:/\S*/)?(?:ba|da|z|k|a)?sh: (?:line )?(?:\d+: )?([^\s:]+): (?:command )?not found$")
_EXIT_CODE = lazy_regex(
    r"(?im)^(?:error: )?(?:exit code:? |(?:process|command) exited with (?:exit )?code:? )(-?\d+)\b"
)


class Call(NamedTuple):
    """A use of a tool, as it was asked for. `value` is the command, or `tool: what it is used on`."""

    call_id: str
    tool: str
    value: str
    arguments: Mapping[str, Any] = NO_METADATA
    cwd: str = ""


class Outcome(NamedTuple):
    """How a call ended: `outcome` as in docs/events.md.

    `error` is the tool's own words for what went wrong: where there are any, they count, and not the output.
    `trusted` is false where an agent says `ok` whatever happened, or nothing: what the output says counts then.
    """

    outcome: str
    exit_code: int | None = None
    duration_ms: int | None = None
    output: str = ""
    error: str = ""
    trusted: bool = True


class _Open(NamedTuple):
    call: Call
    record: Record


class ToolCalls:
    """The calls of one stream."""

    def __init__(self, account: Account) -> None:
        self._account = account
        self._open: dict[str, _Open] = {}
        self._done: dict[str, None] = {}

    def begin(self, call: Call, record: Record, report: Report) -> None:
        """A call that waits for its outcome; one that is repeated is the same."""
        if call.call_id in self._open or call.call_id in self._done:
            return
        if len(self._open) >= _MOST_OPEN:
            self._give_up(next(iter(self._open)), report)
        self._open[call.call_id] = _Open(call, _stored(record))

    def waiting(self, call_id: str) -> Call | None:
        """The call with this id, if its outcome is not known yet."""
        found = self._open.get(call_id)
        return found.call if found else None

    def started_at(self, call_id: str) -> int | None:
        """When the call's record came (µs), if its outcome is not known yet."""
        found = self._open.get(call_id)
        return found.record.where.at if found else None

    def is_done(self, call_id: str) -> bool:
        """Whether this call's outcome was told already."""
        return call_id in self._done

    def end(self, call: Call, outcome: Outcome, record: Record, report: Report, texts: EmbeddedTexts) -> Outcome:
        """Tells the call and what its output says, once. Returns what the outcome turned out to be."""
        self._open.pop(call.call_id, None)
        if call.call_id:
            if call.call_id in self._done:
                return outcome
            self._done[call.call_id] = None
            if len(self._done) > _MOST_DONE:
                del self._done[next(iter(self._done))]
        return self._tell(call, outcome, record, report, texts)

    def restart(self, report: Report) -> None:
        """A new run of the agent, whose calls may have the ids of earlier ones."""
        self.finish(report)
        self._done.clear()

    def finish(self, report: Report) -> None:
        """The stream has ended: nobody knows what became of the calls that are open."""
        for call_id in tuple(self._open):
            self._give_up(call_id, report)

    def state(self) -> dict[str, Any]:
        """JSON-serialisable and bounded."""
        return {
            "open": [[call, kept.text.decode(), kept.where, kept.line_end] for call, kept in self._open.values()],
            "done": list(self._done),
        }

    def resume(self, state: Mapping[str, Any]) -> None:
        """Goes on where `state` was taken."""
        for call, words, where, line_end in state["open"]:
            self._open[call[0]] = _Open(Call(*call), Record({}, words.encode(), Line(*where), line_end))
        self._done = dict.fromkeys(state["done"])

    def _tell(self, call: Call, outcome: Outcome, record: Record, report: Report, texts: EmbeddedTexts) -> Outcome:
        position = len(report.events)
        if not outcome.error:
            region = _region(call, outcome)
            texts.read(outcome.output, region, record.where)
            if region is SHOWN and not outcome.trusted:
                complaints = own_complaints(command_of(call.tool, call.arguments), outcome.output)
                texts.read(complaints, FAILED_OUTPUT, record.where)
        named = any(event.event_type == "error" for event in report.events[position:])
        if named and not outcome.trusted and outcome.outcome in ("ok", "unknown"):
            outcome = outcome._replace(outcome="error")
        said = report.events[position:]
        del report.events[position:]
        self._account.tell("tool_use", call.value, record, report, _facts(call, outcome))
        report.events += said
        if outcome.outcome == "error" and not named:
            self._fail(call, outcome, record, report)
        return outcome

    def _fail(self, call: Call, outcome: Outcome, record: Record, report: Report) -> None:
        """The error of a call whose output names none."""
        exited = f"{call.value} exited {outcome.exit_code}" if outcome.exit_code else ""
        kind = f"exit {outcome.exit_code}" if outcome.exit_code else None
        message = outcome.error or exited or f"{call.value} failed"
        metadata = known(tool=call.tool, kind=kind)
        self._account.problem("error", message, record, report, metadata, pattern="tool_failed")

    def _give_up(self, call_id: str, report: Report) -> None:
        call, record = self._open.pop(call_id)
        self._account.tell("tool_use", call.value, record, report, _facts(call, Outcome("unknown")))


def call_of(call_id: str, tool: str, arguments: Mapping[str, Any], cwd: str = "") -> Call:
    """The call of a tool with these arguments."""
    command = command_of(tool, arguments)
    value = command or ": ".join(filter(None, (tool, subject(arguments)))) or UNNAMED
    return Call(call_id[:200], tool[:200], value, bounded(arguments), cwd)


def command_of(tool: str, arguments: Mapping[str, Any]) -> str:
    """The command that a shell tool is to run; empty for any other tool."""
    if not _SHELLS.search(tool):
        return ""
    words = arguments.get("command") or arguments.get("cmd")
    if isinstance(words, list) and all(isinstance(word, str) for word in words):
        words = shlex.join(words)
    return inner_command(words) if isinstance(words, str) else ""


def subject(arguments: Mapping[str, Any]) -> str:
    """What a tool is used on, as far as its arguments say it: the first line of it."""
    found: Iterable[str] = (text(arguments, name).strip() for name in _SUBJECTS)
    return next((words.splitlines()[0][:500] for words in found if words), "")


def exit_code_in(output: str) -> int | None:
    """The exit code that a tool put among its output, on a line of its own."""
    match = _EXIT_CODE.search(output)
    return int(match[1]) if match else None


def _region(call: Call, outcome: Outcome) -> Region:
    """What may be found in the output of a call."""
    failed = outcome.outcome not in ("ok", "denied")
    command = command_of(call.tool, call.arguments)
    if not failed and (_only_shows(command, outcome.output) if command else _SHOWERS.match(call.tool)):
        return SHOWN
    if not failed and call.tool in _ANSWERERS:
        return MESSAGE
    return FAILED_OUTPUT if failed or not outcome.trusted else OUTPUT


def _only_shows(command: str, output: str) -> bool:
    """Whether the output is what the command was to show; not if a program of it is missing, as the shell says."""
    if not only_reads(command):
        return False
    missing = set(_NOT_FOUND.findall(output))
    return not missing or missing.isdisjoint(program.name for program in programs(command))


def _facts(call: Call, outcome: Outcome) -> dict[str, Any]:
    return known(
        tool=call.tool,
        arguments=call.arguments,
        outcome=outcome.outcome,
        exit_code=outcome.exit_code,
        duration_ms=outcome.duration_ms,
        cwd=call.cwd,
        call_id=call.call_id,
    )


def _stored(record: Record) -> Record:
    """As much of the record as its event will hold."""
    kept = record.text[:MAX_STORED_LINE].decode("utf-8", "ignore").encode()
    return record._replace(data={}, text=kept)
