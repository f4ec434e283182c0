"""What claude tells of itself: the session, retries, limits, compaction, hooks. Pure."""

from collections.abc import Mapping
from typing import Any

from stream.decoders.account import Account, retry
from stream.decoders.fields import decimal, known, obj, text, whole
from stream.decoders.record import Record
from stream.report import Report
from stream.timestamps import format_timestamp

_QUIET = (
    "hook_started", "hook_progress", "task_started", "task_progress", "task_updated", "task_notification", "status",
    "files_persisted", "informational", "local_command_output",
)  # fmt: skip
_LAST_YEAR = 4_102_444_800  # 2100, in seconds


class ClaudeSystem:
    """`session` is the id that the session had last."""

    def __init__(self, account: Account) -> None:
        self.session = ""
        self._account = account
        self._model = ""
        self._warned = ""  # the limit that was warned of last

    def read(self, kind: str, record: Record, report: Report) -> bool:
        """Whether the record is about this."""
        if kind == "system":
            self._system(text(record.data, "subtype"), record, report)
        elif kind == "rate_limit_event":
            self._limit(obj(record.data, "rate_limit_info"), record, report)
        elif kind == "conversation_reset":
            self._session(text(record.data, "new_conversation_id"), self._model, {}, record, report)
        else:
            return False
        return True

    def told_by(self, record: Record, report: Report) -> None:
        """The session that a result belongs to, where nothing was told before."""
        models = list(obj(record.data, "modelUsage"))
        if not self.session:
            model = models[0] if len(models) == 1 else ""
            self._session(text(record.data, "session_id"), model, {}, record, report)

    def state(self) -> list[str]:
        """JSON-serialisable and bounded."""
        return [self.session, self._model, self._warned]

    def resume(self, state: list[str]) -> None:
        """Goes on where `state` was taken."""
        self.session, self._model, self._warned = state

    def _system(self, subtype: str, record: Record, report: Report) -> None:
        data = record.data
        if subtype == "init":
            facts = known(
                approval=text(data, "permissionMode"), version=text(data, "claude_code_version"), cwd=text(data, "cwd")
            )
            self._session(text(data, "session_id"), text(data, "model"), facts, record, report)
        elif subtype == "api_retry":
            self._retry(record, report)
        elif subtype == "compact_boundary":
            facts = known(
                reason=text(data, "compact_metadata", "trigger"),
                tokens_before=whole(data, "compact_metadata", "pre_tokens"),
                tokens_after=whole(data, "compact_metadata", "post_tokens"),
            )
            self._account.tell("state_change", "compacted", record, report, facts)
        elif subtype == "hook_response":
            self._hook(record, report)
        elif subtype not in _QUIET:
            self._account.unknown(f"system {subtype}")

    def _session(self, session: str, model: str, facts: Mapping[str, Any], record: Record, report: Report) -> None:
        session, model = session[:200], model[:200]
        if not session or (session, model) == (self.session, self._model):
            return
        self.session, self._model = session, model
        metadata = {**known(agent_session_id=session, model=model), **facts}
        self._account.tell("session", model or "claude", record, report, metadata)

    def _retry(self, record: Record, report: Report) -> None:
        data = record.data
        status, error = whole(data, "error_status"), text(data, "error")
        delay = decimal(data, "retry_delay_ms")
        until = report.timestamp(record.where.at + round(delay * 1000)) if delay and 0 < delay < 1e9 else None
        reason = f"{status} {error}".strip() if status else error
        value, metadata = retry(reason, attempt=whole(data, "attempt"), of=whole(data, "max_retries"), until=until)
        self._account.tell("state_change", value, record, report, metadata)

    def _limit(self, info: Mapping[str, Any], record: Record, report: Report) -> None:
        status, limit = text(info, "status"), text(info, "rateLimitType")
        name = f"{limit.replace('_', ' ')} rate limit".strip()
        reset = whole(info, "resetsAt")
        until = format_timestamp(reset * 1_000_000) if reset and 0 < reset < _LAST_YEAR else None
        if status == "rejected":
            self._account.tell("state_change", "rate_limited", record, report, known(reason=name, until=until))
        elif status == "allowed_warning" and self._warned != limit:
            used = decimal(info, "utilization")
            words = f"{name}: {used:.0%} used" if used is not None else f"{name} is near"
            self._account.problem("warning", words, record, report, known(kind="rate_limit", until=until))
        self._warned = limit[:200] if status == "allowed_warning" else ""

    def _hook(self, record: Record, report: Report) -> None:
        data = record.data
        exit_code = whole(data, "exit_code")
        if exit_code or text(data, "outcome") == "error":
            name = text(data, "hook_name") or "hook"
            ended = f"{name} exited {exit_code}" if exit_code else f"{name} failed"
            kind = f"exit {exit_code}" if exit_code else None
            self._account.problem("warning", ended, record, report, known(kind=kind, tool=name))
