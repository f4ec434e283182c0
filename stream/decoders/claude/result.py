"""The last record of a run of claude: how it ended, what it used. All that there is of `--output-format json`. Pure."""

from collections.abc import Mapping
from typing import Any

from stream.decoders.account import Account, http_kind
from stream.decoders.claude.usage import count_run, message_tokens, models_of, run_cost
from stream.decoders.fields import known, obj, text, whole
from stream.decoders.record import Record
from stream.report import Report
from stream.token_counts import Tokens, add_up


def tell_result(record: Record, thread: str, account: Account, report: Report) -> None:
    """What went wrong, and what was used."""
    data = record.data
    if has_failed(data):
        message = _message(data)
        account.problem("error", message, record, report, _kind(data, message))
    account.metric(_tokens(data), "run", record, report, cost_usd=run_cost(data))
    count_run(data, thread, record, report)


def has_failed(data: Mapping[str, Any]) -> bool:
    """Whether the run ended badly: `subtype` may say `success` then."""
    return data.get("is_error") is True or text(data, "subtype").startswith("error")


def _kind(data: Mapping[str, Any], message: str) -> dict[str, str]:
    if status := whole(data, "api_error_status"):
        return {"kind": f"HTTP {status}"}
    subtype = text(data, "subtype")
    return http_kind(message) or ({} if subtype == "success" else known(kind=subtype))


def _message(data: Mapping[str, Any]) -> str:
    errors = data.get("errors")
    told = map(_words, errors if isinstance(errors, list) else ())
    return "\n".join(filter(None, told)) or text(data, "result") or text(data, "subtype") or "the run failed"


def _words(error: Any) -> str:
    return error if isinstance(error, str) else text(obj({"": error}, ""), "message")


def _tokens(data: Mapping[str, Any]) -> Tokens:
    """Of all models, which includes those of helpers; where that is not told, of the conversation."""
    models = [used.tokens for used in models_of(data)]
    return add_up(models) if models else message_tokens(obj(data, "usage"))
