"""`opencode run --format json`: the parts of its messages, when they are done.

The shapes are those of opencode's cli/cmd/run.ts and session/message-v2.ts. A tool whose command failed is
`completed` with `metadata.exit` other than 0; `error` means that the tool itself failed. Tokens and cost are a step's.
That a permission was refused is told on stderr, also in this mode: here it only makes the outcome of the call.
"""

from collections.abc import Mapping
from typing import Any

from stream.decoders.account import Account, http_kind
from stream.decoders.calls import Call, Outcome, ToolCalls, call_of
from stream.decoders.fields import decimal, known, obj, objects, text, whole
from stream.decoders.record import AgentRecords, Record
from stream.embedded import EmbeddedTexts
from stream.lazy_regex import lazy_regex
from stream.regions import MESSAGE, THINKING
from stream.report import Report
from stream.token_counts import Tokens

_MOST_PARTS = 1000  # ids that are remembered, so that a repeated record tells nothing new

_DENIED = lazy_regex(r"(?i)rejected permission|permission .*\b(?:denied|rejected)|rule which prevents|denied by")
_CANCELLED = lazy_regex(r"(?i)\babort|cancell?ed|interrupted")
_OPERATIONS = {"add": "created", "update": "modified", "delete": "deleted", "move": "renamed"}
_QUIET = ("step_start", "done")


class OpencodeDecoder:
    """Every part is told once, by its id."""

    def __init__(self) -> None:
        self._account = Account("opencode")
        self._calls = ToolCalls(self._account)
        self._session = ""
        self._parts: dict[str, None] = {}

    def read(self, record: Record, report: Report, texts: EmbeddedTexts) -> None:
        self._account.saw(record)
        self._begin(record, report)
        kind, part = text(record.data, "type"), obj(record.data, "part")
        if kind == "error":
            self._fail(obj(record.data, "error"), record, report)
        elif self._is_told(text(part, "id")):
            return
        elif kind == "text":
            texts.read(text(part, "text"), MESSAGE, record.where)
        elif kind == "reasoning":
            texts.read(text(part, "text"), THINKING, record.where)
        elif kind == "tool_use":
            self._tool(part, record, report, texts)
        elif kind == "step_finish":
            self._count(part, record, report)
        elif kind not in _QUIET:
            self._account.unknown(kind)

    def finish(self, at: int, report: Report, texts: EmbeddedTexts) -> None:
        self._account.finish(at, report, texts)

    def state(self) -> dict[str, Any]:
        return {
            "account": self._account.state(),
            "calls": self._calls.state(),
            "session": self._session,
            "parts": list(self._parts),
        }

    def resume(self, state: Mapping[str, Any]) -> None:
        self._account.resume(state["account"])
        self._calls.resume(state["calls"])
        self._session = state["session"]
        self._parts = dict.fromkeys(state["parts"])

    def _begin(self, record: Record, report: Report) -> None:
        session = text(record.data, "sessionID")[:200]
        if session and session != self._session:
            self._session = session
            self._account.tell("session", "opencode", record, report, {"agent_session_id": session})

    def _is_told(self, part_id: str) -> bool:
        if not part_id:
            return False
        told = part_id in self._parts
        self._parts[part_id] = None
        if len(self._parts) > _MOST_PARTS:
            del self._parts[next(iter(self._parts))]
        return told

    def _tool(self, part: Mapping[str, Any], record: Record, report: Report, texts: EmbeddedTexts) -> None:
        state = obj(part, "state")
        call = call_of(text(part, "callID"), text(part, "tool"), obj(state, "input"))
        outcome = _outcome(state)
        outcome = self._calls.end(call, outcome, record, report, texts)
        if outcome.outcome == "ok":
            self._changed(call, state, record, report)

    def _changed(self, call: Call, state: Mapping[str, Any], record: Record, report: Report) -> None:
        metadata, arguments = obj(state, "metadata"), obj(state, "input")
        path = text(arguments, "filePath") or text(metadata, "filepath")
        changed = obj(metadata, "filediff")
        lines = known(added=whole(changed, "additions"), removed=whole(changed, "deletions"))
        if call.tool == "write" and path:
            operation = "created" if metadata.get("exists") is False else "modified"
            self._account.tell("file_operation", path, record, report, {"operation": operation, **lines})
        elif call.tool in ("edit", "multiedit") and path:
            operation = "modified" if text(arguments, "oldString") or call.tool == "multiedit" else "created"
            self._account.tell("file_operation", path, record, report, {"operation": operation, **lines})
        for change in objects(metadata, "files") if call.tool in ("patch", "apply_patch") else ():
            path = text(change, "filePath") or text(change, "relativePath")
            facts = known(
                operation=_OPERATIONS.get(text(change, "type"), "modified"),
                to=text(change, "movePath"),
                added=whole(change, "additions"),
                removed=whole(change, "deletions"),
            )
            if path:
                self._account.tell("file_operation", path, record, report, facts)

    def _count(self, part: Mapping[str, Any], record: Record, report: Report) -> None:
        told = obj(part, "tokens")
        cache_read, cache_write = whole(told, "cache", "read"), whole(told, "cache", "write")
        tokens = Tokens(
            whole(told, "input"), cache_read, cache_write, whole(told, "output"), whole(told, "reasoning"),
        )  # fmt: skip
        beside = tokens.counted()  # reasoning is counted apart from the output (older versions tell no total)
        total = whole(told, "total") or (None if beside is None else beside + (tokens.reasoning or 0))
        tokens = tokens._replace(total=total)
        cost = decimal(part, "cost")
        self._account.metric(tokens, "step", record, report, cost_usd=cost)
        key = text(part, "id") or text(part, "messageID") or str(record.data.get("timestamp"))
        report.usage(
            tokens, record.where, thread=self._session, key=key, scope="step", source="opencode step_finish",
            cost_usd=cost,
        )  # fmt: skip

    def _fail(self, error: Mapping[str, Any], record: Record, report: Report) -> None:
        name = text(error, "name")
        message = text(error, "data", "message") or text(error, "message") or name or "the session failed"
        if "Abort" in name:
            self._account.tell("state_change", "interrupted", record, report, known(reason=message))
            return
        status = whole(error, "data", "statusCode")
        kind = {"kind": f"HTTP {status}"} if status else http_kind(message) or known(kind=name)
        self._account.problem("error", message, record, report, kind)


def _outcome(state: Mapping[str, Any]) -> Outcome:
    start, end = whole(state, "time", "start"), whole(state, "time", "end")
    took = end - start if start is not None and end is not None and end >= start else None
    exit_code = whole(state, "metadata", "exit")
    error, output = text(state, "error"), text(state, "output")
    status = text(state, "status")
    if status == "error":
        outcome = "denied" if _DENIED.search(error) else "cancelled" if _CANCELLED.search(error) else "error"
    elif status != "completed":
        outcome = "unknown"
    elif exit_code is None and "exit" in obj(state, "metadata"):
        outcome = "cancelled" if _CANCELLED.search(output[-500:]) else "error"  # ended by a signal or a timeout
    else:
        outcome = "error" if exit_code else "ok"
    return Outcome(outcome, exit_code, took, output, error)


def _recognises(data: Mapping[str, Any]) -> bool:
    return bool(text(data, "type") and text(data, "sessionID") and whole(data, "timestamp")) and (
        bool(text(data, "part", "id")) or text(data, "type") in ("error", "done")
    )


def _accepts(data: Mapping[str, Any]) -> bool:
    return bool(text(data, "type") and text(data, "sessionID"))


OPENCODE = AgentRecords(_recognises, _accepts, OpencodeDecoder)
