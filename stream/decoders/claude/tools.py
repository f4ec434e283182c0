"""Results of claude's tools: how a call ended, and which files it changed. Pure.

A refusal, an interruption and an exit code stand in the text of the result, if anywhere.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from stream.decoders.calls import Call, Outcome
from stream.decoders.fields import known, objects, text, whole
from stream.lazy_regex import lazy_regex

KINDS = {
    "Bash": "command", "BashOutput": "command", "Write": "edit", "Edit": "edit", "MultiEdit": "edit",
    "NotebookEdit": "edit", "Read": "read", "Glob": "read", "Grep": "read", "LS": "read", "WebFetch": "network",
    "WebSearch": "network", "AskUserQuestion": "question",
}  # fmt: skip

_EXIT = lazy_regex(r"(?i)\A\s*(?:error: )?exit code:? (-?\d+)[ \t]*(?:\n|\Z)")
_DENIED = lazy_regex(
    r"(?i)\A.{0,300}?(?:requested permissions? to\b|haven't granted|permission to use .{0,200}\bdenied|"
    r"doesn't want to (?:proceed|take this action)|tool use was rejected|(?:blocked|denied|rejected) by\b|"
    r"\bhook\b.{0,80}\b(?:blocked|denied)\b)",
    re.DOTALL,
)
_CANCELLED = lazy_regex(
    r"(?i)\A\W*(?:request interrupted|cancell?ed\b|interrupted by user|tool (?:use|call) (?:was )?cancel)"
)
_TAGS = lazy_regex(r"</?tool_use_error>")
_CREATED = lazy_regex(r"(?i)\bfile created\b|\bcreated (?:successfully|new file)")


def result_text(content: Any) -> str:
    """The text of a tool result, or of a message: a string, or blocks."""
    if isinstance(content, str):
        return content
    return "\n".join(text(block, "text") for block in objects({"content": content}, "content") if text(block, "text"))


def outcome_of(block: Mapping[str, Any], details: Mapping[str, Any], took: int | None) -> Outcome:
    """How the call of a `tool_result` block ended; `details` is the record's `tool_use_result`."""
    words = _TAGS.sub("", result_text(block.get("content"))).strip("\n")
    failed = block.get("is_error") is True
    match = _EXIT.match(words)
    told = whole(details, "exitCode")
    exit_code = int(match[1]) if match else told
    output = words[match.end() :] if match else words
    took = next((took for took in (whole(details, name) for name in _DURATIONS) if took is not None), took)
    if details.get("interrupted") is True or (failed and _CANCELLED.search(words)):
        return Outcome("cancelled", exit_code, took, output)
    if failed and not match and _DENIED.search(words):
        return Outcome("denied", None, took, error=words)
    if failed or exit_code:
        return Outcome("error", exit_code, took, output, "" if exit_code else words)
    return Outcome("ok", exit_code, took, output)


def changed_files(call: Call, details: Mapping[str, Any], output: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Path and metadata of each file that a successful call has changed."""
    path = text(call.arguments, "file_path") or text(call.arguments, "notebook_path")
    if not path or call.tool not in ("Write", "Edit", "MultiEdit", "NotebookEdit"):
        return
    is_new = text(details, "type") == "create" or (not details and bool(_CREATED.search(output)))
    lines = [line for hunk in objects(details, "structuredPatch") for line in _lines(hunk)]
    added, removed = (sum(line.startswith(mark) for line in lines) for mark in ("+", "-"))
    if is_new and not lines and text(details, "content"):
        added = len(text(details, "content").splitlines())
    counts = {"added": added, "removed": removed} if lines or added else {}
    yield path, {"operation": "created" if is_new else "modified", **counts}


def permission_of(call: Call, phase: str, reason: str = "") -> dict[str, Any]:
    """The metadata of a `permission` event about this call."""
    return known(phase=phase, kind=KINDS.get(call.tool, "tool"), reason=reason)


_DURATIONS = ("durationMs", "duration_ms", "totalDurationMs")


def _lines(hunk: Mapping[str, Any]) -> list[str]:
    lines = hunk.get("lines")
    return [line for line in lines if isinstance(line, str)] if isinstance(lines, list) else []
