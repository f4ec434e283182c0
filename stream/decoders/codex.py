"""`codex exec --json`: threads, turns and items.

The shapes are those of codex-rs/exec/src/exec_events.rs (0.4x to 0.169). `turn.completed` tells the running total of
the thread, also after `exec resume`; cached tokens are part of its input.
"""

from collections.abc import Mapping
from typing import Any

from stream.decoders.account import Account, http_kind, retry
from stream.decoders.calls import UNNAMED, Call, Outcome, ToolCalls, call_of
from stream.decoders.fields import bounded, known, obj, objects, text, whole
from stream.decoders.record import AgentRecords, Record
from stream.embedded import EmbeddedTexts
from stream.lazy_regex import lazy_regex
from stream.regions import MESSAGE, THINKING
from stream.report import Report
from stream.shell.programs import inner_command
from stream.token_counts import Tokens

_RETRY = lazy_regex(r"(?is)^(.*?)(?:[;,.]\s*)?\b(?:re-?connecting|retrying)\b\D*(\d+)\s*/\s*(\d+)[^(]*(?:\((.*)\))?")
_OUTCOMES = {"completed": "ok", "failed": "error", "declined": "denied", "cancelled": "cancelled"}
_OPERATIONS = {"add": "created", "delete": "deleted", "update": "modified"}
_QUIET = ("todo_list", "plan")
_ASKED = {"shell": "command", "apply_patch": "edit"}


class CodexDecoder:
    """Items become events when they are completed; calls that never are, when the stream ends."""

    def __init__(self) -> None:
        self._account = Account("codex")
        self._calls = ToolCalls(self._account)
        self._thread = ""

    def read(self, record: Record, report: Report, texts: EmbeddedTexts) -> None:
        self._account.saw(record)
        kind = text(record.data, "type")
        if kind.startswith("item."):
            self._item(kind, record, report, texts)
        elif kind == "thread.started":
            self._start(record, report)
        elif kind == "turn.completed":
            self._count(record, report)
        elif kind == "turn.failed":
            self._trouble(text(record.data, "error", "message") or "the turn failed", record, report)
        elif kind == "error":
            self._trouble(text(record.data, "message"), record, report)
        elif kind != "turn.started":
            self._account.unknown(kind)

    def finish(self, at: int, report: Report, texts: EmbeddedTexts) -> None:
        self._calls.finish(report)
        self._account.finish(at, report, texts)

    def state(self) -> dict[str, Any]:
        return {
            "account": self._account.state(),
            "calls": self._calls.state(),
            "thread": self._thread,
        }

    def resume(self, state: Mapping[str, Any]) -> None:
        self._account.resume(state["account"])
        self._calls.resume(state["calls"])
        self._thread = state["thread"]

    def _start(self, record: Record, report: Report) -> None:
        self._calls.restart(report)  # each run numbers its items from 0, also in a thread that is resumed
        self._thread = text(record.data, "thread_id")[:200]
        model = text(record.data, "model")
        metadata = known(agent_session_id=self._thread, model=model)
        self._account.tell("session", model or "codex", record, report, metadata)

    def _item(self, kind: str, record: Record, report: Report, texts: EmbeddedTexts) -> None:
        item = obj(record.data, "item")
        name = text(item, "type") or text(item, "item_type")
        call = _call(name, item)
        if kind not in ("item.started", "item.updated", "item.completed"):
            self._account.unknown(kind)
        elif kind != "item.completed":
            if call:
                self._calls.begin(call, record, report)
        elif call:
            self._end(call, item, record, report, texts)
        elif name in ("agent_message", "assistant_message"):
            texts.read(text(item, "text"), MESSAGE, record.where)
        elif name == "reasoning":
            texts.read(text(item, "text"), THINKING, record.where)
        elif name == "error":
            self._account.problem("warning", text(item, "message"), record, report)
        elif name not in _QUIET:
            self._account.unknown(f"item {name}")

    def _end(self, call: Call, item: Mapping[str, Any], record: Record, report: Report, texts: EmbeddedTexts) -> None:
        if self._calls.is_done(call.call_id):
            return
        started = self._calls.started_at(call.call_id)
        outcome = _outcome(item)
        if started is not None and record.where.at > started:
            outcome = outcome._replace(duration_ms=(record.where.at - started) // 1000)
        if outcome.outcome == "denied":
            metadata = known(phase="denied", kind=_ASKED.get(call.tool, "tool"), reason=outcome.error)
            self._account.tell("permission", call.value, record, report, metadata)
        outcome = self._calls.end(call, outcome, record, report, texts)
        if outcome.outcome == "ok":
            for change in objects(item, "changes"):
                self._changed(change, record, report)

    def _changed(self, change: Mapping[str, Any], record: Record, report: Report) -> None:
        kind = text(change, "kind") or text(change, "kind", "type")
        moved = text(change, "move_path") or text(change, "kind", "move_path")
        operation = "renamed" if moved else _OPERATIONS.get(kind, "modified")
        if path := text(change, "path"):
            self._account.tell("file_operation", path, record, report, known(operation=operation, to=moved))

    def _trouble(self, message: str, record: Record, report: Report) -> None:
        if match := _RETRY.match(message):
            before, attempt, of, why = match.groups()
            value, metadata = retry(why or before, attempt=int(attempt), of=int(of))
            self._account.tell("state_change", value, record, report, metadata)
        else:
            self._account.problem("error", message, record, report, http_kind(message))

    def _count(self, record: Record, report: Report) -> None:
        usage = obj(record.data, "usage")
        told, output = whole(usage, "input_tokens"), whole(usage, "output_tokens")
        if told is None or output is None or min(told, output) < 0:
            return
        cached, written = whole(usage, "cached_input_tokens"), whole(usage, "cache_write_input_tokens")
        tokens = Tokens(
            input_uncached=max(0, told - (cached or 0) - (written or 0)),
            cache_read=cached,
            cache_write=written,
            output=output,
            reasoning=whole(usage, "reasoning_output_tokens"),
            total=told + output,
        )
        self._account.metric(tokens, "thread", record, report)
        key, source = f"total {told}+{output}", "codex turn.completed"
        report.usage(tokens, record.where, thread=self._thread, key=key, scope="thread", source=source)


def _call(name: str, item: Mapping[str, Any]) -> Call | None:
    """The tool call that an item is, if it is one."""
    call_id = text(item, "id")
    if name == "command_execution":
        command = text(item, "command")
        return Call(
            call_id, "shell", inner_command(command) or UNNAMED, bounded({"command": command}), text(item, "cwd")
        )
    if name == "file_change":
        changes = list(objects(item, "changes"))
        paths = ", ".join(filter(None, (text(change, "path") for change in changes)))
        return Call(call_id, "apply_patch", f"apply_patch: {paths}", bounded({"changes": changes}))
    if name == "mcp_tool_call":
        tool = ".".join(filter(None, (text(item, "server"), text(item, "tool"))))
        return call_of(call_id, tool, obj(item, "arguments"))
    if name == "collab_tool_call":
        return call_of(call_id, text(item, "tool"), known(prompt=text(item, "prompt")))
    if name == "web_search":
        return call_of(call_id, "web_search", {"query": text(item, "query")})
    return None


def _outcome(item: Mapping[str, Any]) -> Outcome:
    status, exit_code = text(item, "status"), whole(item, "exit_code")
    error = text(item, "error", "message")
    outcome = _OUTCOMES.get(status, "unknown" if status else "ok")
    if exit_code is not None and outcome in ("ok", "error", "unknown"):
        outcome = "error" if exit_code else "ok"
    elif error and outcome == "ok":
        outcome = "error"
    return Outcome(outcome, exit_code, output=text(item, "aggregated_output"), error=error)


def _recognises(data: Mapping[str, Any]) -> bool:
    kind = text(data, "type")
    if kind == "thread.started":
        return bool(text(data, "thread_id"))
    if kind in ("item.started", "item.updated", "item.completed"):
        item = obj(data, "item")
        return bool(text(item, "id") and (text(item, "type") or text(item, "item_type")))
    if kind == "turn.completed":
        return whole(data, "usage", "input_tokens") is not None
    return kind == "turn.failed" and bool(text(data, "error", "message"))


def _accepts(data: Mapping[str, Any]) -> bool:
    return bool(text(data, "type"))


CODEX = AgentRecords(_recognises, _accepts, CodexDecoder)
