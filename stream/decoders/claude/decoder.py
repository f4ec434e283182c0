"""`claude -p --output-format stream-json` (with or without partial messages), `json`, and its list form.

The shapes are those that claude-agent-sdk-python parses, and those of the headless documentation. A run may end as
`success` with `is_error`; the last record may be missing or come twice; one message stands in several records.
"""

from collections.abc import Mapping
from hashlib import sha256
from typing import Any

from stream.decoders.account import Account, http_kind
from stream.decoders.calls import UNNAMED, Call, ToolCalls, call_of
from stream.decoders.claude.partial import PartialMessages
from stream.decoders.claude.result import has_failed, tell_result
from stream.decoders.claude.system import ClaudeSystem
from stream.decoders.claude.tools import changed_files, outcome_of, permission_of, result_text
from stream.decoders.claude.usage import count_message
from stream.decoders.fields import obj, objects, text
from stream.decoders.record import AgentRecords, Record
from stream.embedded import EmbeddedTexts
from stream.regions import MESSAGE, PROMPT, THINKING, Region
from stream.report import Report

_QUIET = (
    "tool_progress", "control_response", "control_cancel_request", "keep_alive", "auth_status", "tool_use_summary",
    "prompt_suggestion",
)  # fmt: skip
_MOST_REMEMBERED = 500


class ClaudeDecoder:
    """Calls become events with their results; those that have none, with the end of the stream."""

    def __init__(self) -> None:
        self._account = Account("claude")
        self._calls = ToolCalls(self._account)
        self._partial = PartialMessages()
        self._system = ClaudeSystem(self._account)
        self._denied: dict[str, None] = {}  # calls whose refusal was told
        self._spoke = False  # whether the answer was seen before the result repeats it
        self._result = ""  # what the last result is known by
        self._told: dict[str, None] = {}  # digests of texts that were read, with the ids of their messages

    def read(self, record: Record, report: Report, texts: EmbeddedTexts) -> None:
        self._account.saw(record)
        kind = text(record.data, "type")
        if kind == "assistant":
            self._assistant(record, report, texts)
        elif kind == "user":
            self._user(record, report, texts)
        elif kind == "stream_event":
            self._partial.read(record, self._thread(record), report, texts)
        elif kind == "result":
            self._end(record, report, texts)
        elif kind == "control_request":
            self._ask(obj(record.data, "request"), record, report)
        elif kind not in _QUIET and not self._system.read(kind, record, report):
            self._account.unknown(kind)

    def finish(self, at: int, report: Report, texts: EmbeddedTexts) -> None:
        self._calls.finish(report)
        self._account.finish(at, report, texts)

    def state(self) -> dict[str, Any]:
        return {
            "account": self._account.state(),
            "calls": self._calls.state(),
            "partial": self._partial.state(),
            "system": self._system.state(),
            "denied": list(self._denied),
            "spoke": self._spoke,
            "result": self._result,
            "told": list(self._told),
        }

    def resume(self, state: Mapping[str, Any]) -> None:
        self._account.resume(state["account"])
        self._calls.resume(state["calls"])
        self._partial.resume(state["partial"])
        self._system.resume(state["system"])
        self._denied = dict.fromkeys(state["denied"])
        self._spoke, self._result = state["spoke"], state["result"]
        self._told = dict.fromkeys(state["told"])

    def _thread(self, record: Record) -> str:
        return text(record.data, "session_id")[:200] or self._system.session

    def _assistant(self, record: Record, report: Report, texts: EmbeddedTexts) -> None:
        message = obj(record.data, "message")
        count_message(message, self._thread(record), record, report)
        message_id = text(message, "id")
        for block in objects(message, "content"):
            kind = text(block, "type")
            if kind == "text":
                self._spoke = True
                self._say(message_id, text(block, "text"), MESSAGE, record, texts)
            elif kind == "thinking":
                self._say(message_id, text(block, "thinking"), THINKING, record, texts)
            elif kind.endswith("tool_use"):
                call = call_of(text(block, "id"), text(block, "name"), obj(block, "input"))
                self._calls.begin(call, record, report)
            elif kind.endswith("_tool_result"):  # of tools that run at the provider's
                self._tool_result(block, {}, record, report, texts)
            elif kind != "redacted_thinking":
                self._account.unknown(f"block {kind}")
        if error := text(record.data, "error"):
            self._trouble(error, result_text(message.get("content")), record, report)

    def _say(self, message_id: str, words: str, region: Region, record: Record, texts: EmbeddedTexts) -> None:
        """A text of a message, unless it was read while it was made, or stands in an earlier record of the message."""
        digest = sha256(f"{message_id}\0{words}".encode("utf-8", "replace")).hexdigest()[:16]
        if self._partial.has(message_id) or (message_id and digest in self._told):
            return
        _remember(self._told, digest)
        texts.read(words, region, record.where)

    def _user(self, record: Record, report: Report, texts: EmbeddedTexts) -> None:
        content = record.data.get("message", {})
        content = content.get("content") if isinstance(content, Mapping) else content
        if isinstance(content, str):
            texts.read(content, PROMPT, record.where)
        for block in objects({"": content}, ""):
            kind = text(block, "type")
            if kind == "tool_result":
                self._tool_result(block, obj(record.data, "tool_use_result"), record, report, texts)
            elif kind == "text":
                texts.read(text(block, "text"), PROMPT, record.where)

    def _tool_result(
        self, block: Mapping[str, Any], details: Mapping[str, Any], record: Record, report: Report, texts: EmbeddedTexts
    ) -> None:
        call_id = text(block, "tool_use_id")[:200]
        if self._calls.is_done(call_id):
            return
        call = self._calls.waiting(call_id) or Call(call_id, "", call_id or UNNAMED)
        began = self._calls.started_at(call_id)
        took = (record.where.at - began) // 1000 if began is not None and record.where.at > began else None
        outcome = outcome_of(block, details, took)
        if outcome.outcome == "denied":
            self._deny(call, outcome.error, record, report)
        outcome = self._calls.end(call, outcome, record, report, texts)
        if outcome.outcome == "ok":
            for path, facts in changed_files(call, details, outcome.output):
                self._account.tell("file_operation", path, record, report, facts)

    def _deny(self, call: Call, reason: str, record: Record, report: Report) -> None:
        if call.call_id in self._denied:
            return
        _remember(self._denied, call.call_id)
        self._account.tell("permission", call.value, record, report, permission_of(call, "denied", reason))

    def _ask(self, request: Mapping[str, Any], record: Record, report: Report) -> None:
        if text(request, "subtype") == "can_use_tool":
            call = call_of(text(request, "tool_use_id"), text(request, "tool_name"), obj(request, "input"))
            self._account.tell("permission", call.value, record, report, permission_of(call, "asked"))

    def _trouble(self, error: str, words: str, record: Record, report: Report) -> None:
        self._account.problem("error", words or error, record, report, http_kind(words) or {"kind": error})

    def _end(self, record: Record, report: Report, texts: EmbeddedTexts) -> None:
        known_by = text(record.data, "uuid") or repr([record.data.get(name) for name in _IDENTITY])[:500]
        if known_by == self._result:
            return
        self._result = known_by
        for denial in objects(record.data, "permission_denials"):
            call_id, tool = text(denial, "tool_use_id"), text(denial, "tool_name")
            self._deny(call_of(call_id, tool, obj(denial, "tool_input")), "", record, report)
        answer = "" if self._spoke else text(record.data, "result")
        self._spoke = False
        self._system.told_by(record, report)
        if not has_failed(record.data):
            texts.read(answer, MESSAGE, record.where)
        tell_result(record, self._thread(record), self._account, report)


_IDENTITY = ("session_id", "subtype", "num_turns", "duration_ms", "total_cost_usd")


def _remember(seen: dict[str, None], key: str) -> None:
    seen[key] = None
    if len(seen) > _MOST_REMEMBERED:
        del seen[next(iter(seen))]


def _recognises(data: Mapping[str, Any]) -> bool:
    kind = text(data, "type")
    if kind == "control_request":
        return bool(text(data, "request_id") and text(data, "request", "subtype"))
    if not text(data, "session_id"):  # their own logs, which may be printed by a command, call it sessionId
        return False
    if kind in ("assistant", "user"):
        return isinstance(obj(data, "message").get("content"), list | str)
    if kind == "stream_event":
        return bool(text(data, "event", "type"))
    if kind == "rate_limit_event":
        return bool(obj(data, "rate_limit_info"))
    return kind in ("system", "result") and bool(text(data, "subtype"))


def _accepts(data: Mapping[str, Any]) -> bool:
    return bool(text(data, "type"))


CLAUDE = AgentRecords(_recognises, _accepts, ClaudeDecoder)
