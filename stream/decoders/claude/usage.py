"""What claude tells that it used: by message, of which several records tell, and in the end of the run, by model. Pure.

`input_tokens` do not contain the cached ones; `output_tokens` of one message grow from record to record.
"""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from stream.decoders.fields import decimal, obj, text, whole
from stream.decoders.record import Record
from stream.report import Report
from stream.token_counts import Tokens

_COSTS = ("total_cost_usd", "total_cost", "cost_usd")  # as it was called over the versions, the newest first
_SYNTHETIC = "<synthetic>"


class ModelUsage(NamedTuple):
    """What a run used of one model."""

    model: str
    tokens: Tokens
    cost_usd: float | None


def message_tokens(usage: Mapping[str, Any]) -> Tokens:
    """Of the `usage` of a message or of a result."""
    return Tokens(
        input_uncached=whole(usage, "input_tokens"),
        cache_read=whole(usage, "cache_read_input_tokens"),
        cache_write=whole(usage, "cache_creation_input_tokens"),
        output=whole(usage, "output_tokens"),
    )


def count_message(message: Mapping[str, Any], thread: str, record: Record, report: Report) -> None:
    """The ledger's row of a message; the highest of what its records tell will count."""
    tokens, key, model = message_tokens(obj(message, "usage")), text(message, "id"), text(message, "model")
    if key and model != _SYNTHETIC and tokens.counted():
        source = "claude message"
        report.usage(tokens, record.where, thread=thread, key=key[:200], scope="message", source=source, model=model)


def count_run(data: Mapping[str, Any], thread: str, record: Record, report: Report) -> None:
    """The ledger's rows of a result: of the run, and of each of its models."""
    source = "claude result"
    tokens = message_tokens(obj(data, "usage"))
    report.usage(tokens, record.where, thread=thread, key="run", scope="run", source=source, cost_usd=run_cost(data))
    for model, used, cost in models_of(data):
        report.usage(
            used, record.where, thread=thread, key=f"run {model}"[:200], scope="run", source=source, model=model,
            cost_usd=cost,
        )  # fmt: skip


def run_cost(data: Mapping[str, Any]) -> float | None:
    """What the run cost, in dollars, if it is told."""
    return next((cost for cost in (decimal(data, name) for name in _COSTS) if cost is not None), None)


def models_of(data: Mapping[str, Any]) -> Iterator[ModelUsage]:
    """Of a result: what was used, by model."""
    for model in obj(data, "modelUsage"):
        used = obj(data, "modelUsage", model)
        tokens = Tokens(
            input_uncached=whole(used, "inputTokens"),
            cache_read=whole(used, "cacheReadInputTokens"),
            cache_write=whole(used, "cacheCreationInputTokens"),
            output=whole(used, "outputTokens"),
        )
        yield ModelUsage(model[:200], tokens, decimal(used, "costUSD"))
