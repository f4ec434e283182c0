"""What the marks of codex's transcript tell: each becomes events, and says where codex stands behind it. Pure."""

import re
from collections.abc import Callable, Mapping
from typing import Any

from stream.decoders.account import http_kind
from stream.grammars.account import Passage, TextAccount
from stream.grammars.codex.commands import Commands
from stream.grammars.codex.header import Header
from stream.grammars.codex.log_lines import Log, retry_of
from stream.grammars.codex.marks import Mark
from stream.grammars.codex.message import LastMessage
from stream.grammars.codex.outcomes import Outcome, parse_outcome
from stream.grammars.codex.patches import Patches
from stream.grammars.codex.side_by_side import Running
from stream.grammars.codex.tools import Tools
from stream.grammars.parts import Parts
from stream.report import Report
from stream.shell.programs import inner_command
from stream.shell.reading import only_reads
from stream.token_counts import Tokens, parse_count

_Teller = Callable[[re.Match[str], Passage, Report], str]

# Where codex stands behind a mark that tells nothing by itself.
_PLACES = {
    "user": "prompt",
    "thinking": "between",
    "heading": "between",
    "turn_diff": "diff",
    "tokens": "tokens",
    "plan": "plan",
    "hook": "between",
    "mcp_state": "",
    "other": "",
}
# What may stand between a patch and its outcome, or the diff that says what it changed.
_WITHIN_PATCH = frozenset({"patched", "diff", "turn_diff", "hook", "warning", "error", "mcp_state", "other"})


class Transcript:
    """Of one stream."""

    def __init__(self) -> None:
        self.account = TextAccount("codex_exec")
        self.header = Header(self.account)
        self.commands = Commands()
        self.patches = Patches(self.account)
        self.tools = Tools(self.account)
        self.log = Log(self.account)
        self.message = LastMessage()
        self._parts = Parts(
            account=self.account,
            header=self.header,
            commands=self.commands,
            patches=self.patches,
            tools=self.tools,
            log=self.log,
            message=self.message,
        )
        self._beginners: dict[str, Callable[[Passage, Report], str]] = {
            "codex": self._begin_message,
            "exec": self._begin_command,
            "apply_patch": self._begin_patch,
            "file_update": self._begin_patch,
            "compacted": self._tell_compacted,
            "interrupted": self._tell_interrupted,
        }
        self._tellers: dict[str, _Teller] = {
            "header": self._begin_header,
            "outcome": self._tell_outcome,
            "patched": self._decide_patch,
            "diff": self._begin_diff,
            "error": self._tell_error,
            "warning": self._tell_warning,
            "log": self._tell_log,
            "interrupted": self._tell_aborted,
            "mcp_failed": self._tell_mcp,
        }

    def follow(self, mark: Mark, passage: Passage, report: Report) -> str:
        """Tells what the mark says. Where codex stands behind it; empty where it stood before."""
        name, match = mark
        if name != "log":  # which comes whenever it comes
            self.end_section(name, report)
        if match is None:
            begin = self._beginners.get(name)
            return begin(passage, report) if begin else _PLACES[name]
        if name in ("mcp_call", "tool_begin", "tool_end", "search"):
            return self.tools.read(name, match, passage, report)
        tell = self._tellers.get(name)
        return tell(match, passage, report) if tell else _PLACES[name]

    def end_section(self, name: str, report: Report) -> None:
        """What stood before this mark is over."""
        self.header.tell(report)
        self.account.output_ends(report)
        if name not in _WITHIN_PATCH:
            self.patches.flush(report)

    def end_last_command(self, outcome: Outcome, report: Report) -> str:
        """The outcome of the command that has just begun stands on its own line."""
        return self._end_command(self.commands.open.end_last(), outcome, report)

    def end_command(self, outcome: Outcome, passage: Passage, report: Report) -> str:
        """The outcome of one of the commands that run, in the passage's line."""
        commands = self.commands.open
        place = "failed" if outcome.outcome == "error" else "output"
        if running := commands.identify(outcome, passage.at):
            whole = running.passage.through(passage.text, passage.where)
            place = self._end_command(running._replace(passage=whole), outcome, report)
        else:
            commands.hold(outcome, passage.where.number)
            if outcome.outcome == "error":
                told = "timed out" if outcome.exit_code is None else f"exited {outcome.exit_code}"
                kind = {} if outcome.exit_code is None else {"kind": f"exit {outcome.exit_code}"}
                self.account.fails(told, passage, {"tool": "shell", **kind})
        for one, agreed in commands.ended():
            self._tell_command(one, agreed, report)
        return place

    def count_tokens(self, passage: Passage, report: Report) -> bool:
        """The number behind `tokens used`; False if it is none."""
        count = parse_count(passage.text)
        if count is None:
            return False
        tokens = Tokens(total=count.value)
        self.account.tell("metric", passage.text, passage, report, {"tokens": tokens.told(), "scope": "thread"})
        report.usage(
            tokens,
            passage.where,
            key=f"total {count.value}",
            scope="thread",
            source="codex tokens used",
            thread=self.header.thread,
            model=self.header.model,
        )
        return True

    def finish(self, report: Report) -> None:
        """The stream has ended: nobody knows what became of what runs."""
        self.log.end(report)
        self.end_section("finish", report)
        self.account.settle(report)
        self._give_up_commands(report)
        self.tools.finish(report)

    def state(self) -> dict[str, Any]:
        """JSON-serialisable and bounded."""
        return self._parts.state()

    def resume(self, state: Mapping[str, Any]) -> None:
        """Goes on where `state` was taken."""
        self._parts.resume(state)

    def _end_command(self, running: Running, outcome: Outcome, report: Report) -> str:
        """Its output follows."""
        self._tell_command(running, outcome, report, has_output=True)
        if outcome.outcome == "error":
            return "failed"
        return "shown" if only_reads(running.command) else "output"

    def _tell_command(self, running: Running, outcome: Outcome, report: Report, *, has_output: bool = False) -> None:
        command = inner_command(running.command)
        metadata: dict[str, Any] = {"tool": "shell", "outcome": outcome.outcome, "cwd": running.cwd}
        metadata |= {} if outcome.exit_code is None else {"exit_code": outcome.exit_code}
        metadata |= {} if outcome.duration_ms is None else {"duration_ms": outcome.duration_ms}
        if outcome.outcome == "denied":
            asked = {"phase": "denied", "kind": "command", "cwd": running.cwd}
            self.account.tell("permission", command, running.passage, report, asked)
        if has_output:
            self.account.call(command, running.passage, report, metadata)
        else:
            self.account.tell("tool_use", command, running.passage, report, metadata)

    def _give_up_commands(self, report: Report) -> None:
        for running, outcome in self.commands.open.give_up():
            self._tell_command(running, outcome, report)

    def begin_run(self, report: Report) -> None:
        """The header that was read is that of another run."""
        self.end_section("header", report)
        self._give_up_commands(report)

    def _begin_header(self, match: re.Match[str], passage: Passage, report: Report) -> str:
        self._give_up_commands(report)  # of another run
        self.header.begin(match["version"], passage)
        return "header"

    def _begin_message(self, _passage: Passage, _report: Report) -> str:
        self.message.begin()
        return "message"

    def _begin_command(self, passage: Passage, report: Report) -> str:
        if self.commands.is_full:
            self._give_up_commands(report)
        self.commands.begin(passage)
        return "command"

    def _begin_patch(self, passage: Passage, report: Report) -> str:
        self.patches.begin(passage, self.header.cwd, report)
        return "proposal"

    def _begin_diff(self, _match: re.Match[str], passage: Passage, _report: Report) -> str:
        if self.patches.awaits_diff:
            self.patches.read_diff(passage.text)
        return "diff"

    def _tell_outcome(self, match: re.Match[str], passage: Passage, report: Report) -> str:
        return self.end_command(parse_outcome(match), passage, report)

    def _decide_patch(self, _match: re.Match[str], passage: Passage, _report: Report) -> str:
        self.patches.decide(passage)
        return "paths"

    def _tell_error(self, match: re.Match[str], passage: Passage, report: Report) -> str:
        message = match["message"]
        if again := retry_of(message):
            self.account.tell("state_change", again[0], passage, report, again[1])
        else:
            self.account.problem("error", message, passage, report, http_kind(message))
        return "between"

    def _tell_warning(self, match: re.Match[str], passage: Passage, report: Report) -> str:
        self.account.problem("warning", match["message"], passage, report)
        return "between"

    def _tell_log(self, match: re.Match[str], passage: Passage, report: Report) -> str:
        return "log" if self.log.read(match, passage, self.header.cwd, report) else ""

    def _tell_compacted(self, passage: Passage, report: Report) -> str:
        self.account.tell("state_change", "compacted", passage, report)
        return ""

    def _tell_interrupted(self, passage: Passage, report: Report) -> str:
        self.account.tell("state_change", "interrupted", passage, report)
        return "between"

    def _tell_aborted(self, match: re.Match[str], passage: Passage, report: Report) -> str:
        self.account.tell("state_change", "interrupted", passage, report, {"reason": match["reason"]})
        return "between"

    def _tell_mcp(self, match: re.Match[str], passage: Passage, report: Report) -> str:
        metadata = {"tool": match["server"], "kind": "mcp"}
        self.account.problem("error", match["message"], passage, report, metadata)
        return ""
