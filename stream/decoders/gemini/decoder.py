"""`gemini -o stream-json`: a line for each thing that happens; and what `-o json` has in common with it.

The shapes are those of gemini-cli's packages/core/src/output/types.ts. `status` is `success` also for a shell command
that failed and for a call that was cancelled, so that the output must tell; `input_tokens` contain the cached ones.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from stream.decoders.account import Account, http_kind
from stream.decoders.calls import UNNAMED, Call, Outcome, ToolCalls, call_of, command_of, exit_code_in
from stream.decoders.fields import known, obj, text, whole
from stream.decoders.gemini.stats import run_tokens
from stream.decoders.record import AgentRecords, Record
from stream.embedded import EmbeddedTexts
from stream.lazy_regex import lazy_regex
from stream.regions import MESSAGE, PROMPT
from stream.report import Report
from stream.shell.reading import only_reads

_MOST_PATHS = 500  # files that are remembered as being there

_STREAM_KINDS = ("init", "message", "tool_use", "tool_result", "error", "result")
_MESSAGE_KEY = "gemini message"
_CANCELLED = lazy_regex(r"(?i)^\W*(?:operation|command|tool call|user)\b.{0,40}\bcancell?ed")
_DENIED = lazy_regex(r"(?i)\bdenied by (?:policy|the user|user)|policy[ _](?:violation|denied)|not allowed by policy")
_WROTE = lazy_regex(r"(?i)^\W*(?:successfully )?(?:(?P<new>created)|overw(?:rote|ritten))\b")


class GeminiDecoder:
    """Deltas of a message are one text, which ends with the next thing that happens."""

    def __init__(self) -> None:
        self._account = Account("gemini")
        self._calls = ToolCalls(self._account)
        self._session = self._model = ""
        self._began: dict[str, int] = {}  # call → its own time (ms), while it is open
        self._paths: dict[str, None] = {}
        self._has_result = False

    def read(self, record: Record, report: Report, texts: EmbeddedTexts) -> None:
        self._account.saw(record)
        kind = text(record.data, "type")
        if not (kind == "message" and record.data.get("delta") is True):
            texts.end(_MESSAGE_KEY, record.where)
        if kind == "message":
            self._message(record, texts)
        elif kind == "tool_use":
            self._begin(record, report)
        elif kind == "tool_result":
            self._end(record, report, texts)
        elif kind == "init":
            self._start(record, report)
        elif kind == "error":
            self._trouble(record, report)
        elif kind == "result" or (not kind and _is_whole(record.data)):
            self._result(record, report, texts)
        else:
            self._account.unknown(kind)

    def finish(self, at: int, report: Report, texts: EmbeddedTexts) -> None:
        self._calls.finish(report)
        self._account.finish(at, report, texts)

    def state(self) -> dict[str, Any]:
        return {
            "account": self._account.state(),
            "calls": self._calls.state(),
            "session": self._session,
            "model": self._model,
            "began": self._began,
            "paths": list(self._paths),
            "has_result": self._has_result,
        }

    def resume(self, state: Mapping[str, Any]) -> None:
        self._account.resume(state["account"])
        self._calls.resume(state["calls"])
        self._session, self._model = state["session"], state["model"]
        self._began, self._paths = dict(state["began"]), dict.fromkeys(state["paths"])
        self._has_result = state["has_result"]

    def _start(self, record: Record, report: Report) -> None:
        session, model = text(record.data, "session_id")[:200], text(record.data, "model")[:200]
        if session == self._session:
            return
        self._session, self._model, self._has_result = session, model, False
        metadata = known(agent_session_id=session, model=model)
        self._account.tell("session", model or "gemini", record, report, metadata)

    def _message(self, record: Record, texts: EmbeddedTexts) -> None:
        content = text(record.data, "content")
        if text(record.data, "role") == "user":
            texts.read(content, PROMPT, record.where)
        elif record.data.get("delta") is True:
            texts.feed(_MESSAGE_KEY, content, MESSAGE, record.where)
        else:
            texts.read(content, MESSAGE, record.where)

    def _begin(self, record: Record, report: Report) -> None:
        call = call_of(text(record.data, "tool_id"), text(record.data, "tool_name"), obj(record.data, "parameters"))
        self._calls.begin(call, record, report)
        if (at := _milliseconds(record.data)) is not None and self._calls.waiting(call.call_id):
            self._began[call.call_id] = at

    def _end(self, record: Record, report: Report, texts: EmbeddedTexts) -> None:
        call_id = text(record.data, "tool_id")[:200]
        began, ended = self._began.pop(call_id, None), _milliseconds(record.data)
        if self._calls.is_done(call_id):
            return
        call = self._calls.waiting(call_id) or Call(call_id, "", call_id or UNNAMED)
        if (command := command_of(call.tool, call.arguments)) and not only_reads(command):
            self._paths.clear()  # it may have removed any of them
        took = ended - began if began is not None and ended is not None and ended >= began else None
        outcome = self._calls.end(call, _outcome(call, record.data, took), record, report, texts)
        if outcome.outcome == "ok":
            self._changed(call, text(record.data, "output"), record, report)
        elif outcome.outcome == "denied":
            metadata = known(phase="denied", kind=_asked(call), reason=outcome.error)
            self._account.tell("permission", call.value, record, report, metadata)

    def _changed(self, call: Call, output: str, record: Record, report: Report) -> None:
        arguments = call.arguments
        path = text(arguments, "file_path") or text(arguments, "absolute_path")
        if not path:
            return
        if call.tool in ("write_file", "replace"):
            operation = _operation(call, output, is_there=path in self._paths)
            self._account.tell("file_operation", path, record, report, known(operation=operation))
        self._paths[path] = None
        if len(self._paths) > _MOST_PATHS:
            del self._paths[next(iter(self._paths))]

    def _trouble(self, record: Record, report: Report) -> None:
        event_type = "warning" if text(record.data, "severity") == "warning" else "error"
        message = text(record.data, "message")
        self._account.problem(event_type, message, record, report, http_kind(message))

    def _result(self, record: Record, report: Report, texts: EmbeddedTexts) -> None:
        """The end of the stream, or all that there is of `-o json`."""
        if self._has_result:
            return
        session = text(record.data, "session_id")[:200]
        stats = obj(record.data, "stats")
        models = list(obj(stats, "models"))
        if session and session != self._session:
            self._session, self._model = session, models[0][:200] if len(models) == 1 else ""
            metadata = known(agent_session_id=session, model=self._model)
            self._account.tell("session", self._model or "gemini", record, report, metadata)
        self._has_result = True
        texts.read(text(record.data, "response"), MESSAGE, record.where)
        warnings = record.data.get("warnings")
        for warning in warnings if isinstance(warnings, list) else ():
            self._account.problem("warning", str(warning), record, report)
        self._fail(obj(record.data, "error"), record, report)
        self._count(stats, record, report)

    def _fail(self, error: Mapping[str, Any], record: Record, report: Report) -> None:
        if error or text(record.data, "status") == "error":
            message = text(error, "message") or "the run failed"
            code = whole(error, "code")
            status = {"kind": f"HTTP {code}"} if code and 400 <= code < 600 else {}
            kind = status or http_kind(message) or known(kind=text(error, "type"))
            self._account.problem("error", message, record, report, kind)

    def _count(self, stats: Mapping[str, Any], record: Record, report: Report) -> None:
        whole_run, models = run_tokens(stats)
        self._account.metric(whole_run, "run", record, report)
        for model, tokens in (models or {self._model: whole_run}).items():
            key, name = f"run {model}"[:200], model[:200]
            report.usage(
                tokens, record.where, thread=self._session, key=key, scope="run", source="gemini result", model=name
            )


def _outcome(call: Call, data: Mapping[str, Any], took: int | None) -> Outcome:
    output, error, status = text(data, "output"), text(data, "error", "message"), text(data, "status")
    if status == "error":
        words = f"{text(data, 'error', 'type')} {error}"
        outcome = "denied" if _DENIED.search(words) else "cancelled" if _CANCELLED.search(error) else "error"
        exit_code = exit_code_in(output)
        return Outcome(outcome, exit_code, took, output, "" if exit_code else error or output.strip())
    if _CANCELLED.match(output):
        return Outcome("cancelled", None, took, output)
    if status != "success":
        return Outcome("unknown", None, took, output)
    command = command_of(call.tool, call.arguments)
    exit_code = exit_code_in(output) if command else None
    if exit_code is not None:
        return Outcome("error" if exit_code else "ok", exit_code, took, output)
    return Outcome("ok", None, took, output, trusted=not command)


def _operation(call: Call, output: str, *, is_there: bool) -> str | None:
    """What became of the file that was written; None where nothing says whether it was there before."""
    if call.tool == "replace":  # with nothing to be replaced it only ever creates a file
        return "created" if call.arguments.get("old_string") == "" else "modified"
    if wrote := _WROTE.match(output):
        return "created" if wrote["new"] else "modified"
    return "modified" if is_there else None


def _asked(call: Call) -> str:
    if call.tool in ("write_file", "replace"):
        return "edit"
    return "command" if command_of(call.tool, call.arguments) else "tool"


def _milliseconds(data: Mapping[str, Any]) -> int | None:
    try:
        return round(datetime.fromisoformat(text(data, "timestamp")).timestamp() * 1000)
    except (ValueError, OverflowError):
        return None


def _is_whole(data: Mapping[str, Any]) -> bool:
    """Whether this is the one object of `-o json`."""
    if "type" in data or not text(data, "session_id"):
        return False
    stats = obj(data, "stats")
    answered = isinstance(data.get("response"), str) and ("models" in stats or "tools" in stats)
    return answered or bool(text(data, "error", "type") and text(data, "error", "message"))


def _recognises(data: Mapping[str, Any]) -> bool:
    kind = text(data, "type")
    if not kind:
        return _is_whole(data)
    if _milliseconds(data) is None:
        return False
    return {
        "init": bool(text(data, "session_id")),
        "message": text(data, "role") in ("user", "assistant") and isinstance(data.get("content"), str),
        "tool_use": bool(text(data, "tool_name") and text(data, "tool_id")),
        "tool_result": bool(text(data, "tool_id") and text(data, "status")),
        "result": text(data, "status") in ("success", "error"),
    }.get(kind, False)


def _accepts(data: Mapping[str, Any]) -> bool:
    return bool(text(data, "type") and text(data, "timestamp"))


def _begins(data: Mapping[str, Any]) -> bool:
    return text(data, "type") == "init"


GEMINI = AgentRecords(_recognises, _accepts, GeminiDecoder, _begins)
