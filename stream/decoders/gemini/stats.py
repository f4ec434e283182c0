"""What gemini says at the end of a run that it used: all of the run, by model. Pure.

`stream-json` tells `input_tokens` (the cached ones among them), `cached`, `input` and `output_tokens`; `json` has the
same as `tokens` with `prompt`, `cached`, `input`, `candidates` and `thoughts`. There are no costs.
"""

from collections.abc import Mapping
from typing import Any

from stream.decoders.fields import obj, whole
from stream.token_counts import Tokens, add_up


def run_tokens(stats: Mapping[str, Any]) -> tuple[Tokens, Mapping[str, Tokens]]:
    """Those of the whole run, and of each of its models."""
    models = {name: _tokens(obj(stats, "models", name)) for name in obj(stats, "models")}
    told = {name: tokens for name, tokens in models.items() if tokens.counted() is not None}
    whole_run = _tokens(stats)
    return (add_up(list(told.values())) if whole_run.counted() is None else whole_run), told


def _tokens(data: Mapping[str, Any]) -> Tokens:
    if counts := obj(data, "tokens"):
        prompt, output, reasoning = whole(counts, "prompt"), whole(counts, "candidates"), whole(counts, "thoughts")
        total = whole(counts, "total")
    else:
        counts = data
        prompt, output, reasoning = whole(data, "input_tokens"), whole(data, "output_tokens"), None
        total = whole(data, "total_tokens")
    cached, uncached = whole(counts, "cached"), whole(counts, "input")
    if uncached is None and prompt is not None:
        uncached = max(0, prompt - (cached or 0))
    return Tokens(uncached, cached, None, output, reasoning, total)
