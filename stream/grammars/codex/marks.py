"""The lines by which codex says where it stands, as `codex exec` prints them for people (0.46 to 0.169)."""

import re

from stream.grammars.codex.outcomes import OUTCOME
from stream.grammars.shapes import Shapes, shape_of

# RE2, without groups: the lines that must be seen, whatever else is not. Outside of a run of codex a log's line may be
# its own; the others are only behind `OPENING`.
OPENING = r"^OpenAI Codex v\d"
LOG_MARK = r"^\d{4}-\d\d-\d\dT[\d:.]+Z\s+(?:ERROR|WARN|INFO|DEBUG|TRACE)\s"
MARKS = "|".join(
    (
        r"^(?:user|codex|thinking|exec|apply patch|file update:?|tokens used|Plan update|context compacted)\s*$",
        r"^(?:task|turn) (?:interrupted|aborted: .*)\s*$",
        r"^ (?:succeeded|exited -?\d+|declined|in progress|timed out)(?: in \S.*)?:\s*$",
        r"^(?:patch|mcp|mcp startup|ERROR|warning|deprecated|hook|web search|model rerouted|collab): ",
        r"^(?:apply_patch\(|tool [\w-]+\.|collab )",
        r"^[\w-]+\.[\w-]+\(.*\) (?:success|failed) in ",
        r"^(?:🌐 |diff --git |\*\*[^*]+\*\*\s*$)",
    )
)

_WORDS = {
    "user": "user",
    "codex": "codex",
    "thinking": "thinking",
    "exec": "exec",
    "apply patch": "apply_patch",
    "file update": "file_update",
    "file update:": "turn_diff",
    "tokens used": "tokens",
    "Plan update": "plan",
    "context compacted": "compacted",
    "task interrupted": "interrupted",
    "turn interrupted": "interrupted",
}
_SHAPES = Shapes.of(
    ("header", r"OpenAI Codex v(?P<version>[0-9]\S*)(?: \(.*\))?$"),
    ("outcome", OUTCOME.pattern),
    ("patched", r"patch: (?:completed|failed|declined|in_progress)$|apply_patch\(.*\) exited -?\d+(?: in \S.*)?:$"),
    ("mcp_failed", r"mcp: (?P<server>[^\s/]+) failed: (?P<message>\S.*)$"),
    ("mcp_call", r"mcp: (?P<tool>[\w.-]+/[\w.-]+) (?P<status>started|\((?:completed|failed|in_progress)\))$"),
    ("mcp_state", r"mcp: [^\s/]+ (?:starting|ready|cancelled)$|mcp startup: "),
    ("tool_begin", r"tool (?P<tool>[\w-]+\.[\w-]+)\((?P<arguments>\{.*\})?\)$"),
    (
        "tool_end",
        (
            r"(?P<tool>[\w-]+\.[\w-]+)\((?P<arguments>\{.*\})?\) (?P<status>success|failed)"
            r" in (?P<took>[\d.]+(?:ms|s)|\d+m ?\d+s):$"
        ),
    ),
    ("error", r"ERROR: (?P<message>\S.*)$"),
    ("warning", r"warning: (?P<message>\S.*)$"),
    ("warning", r"deprecated: (?P<message>\S.*)$"),
    ("hook", r"hook: (?P<hook>\w+)(?: (?P<status>\w+))?$"),
    ("search", r"(?:web search: |🌐 Searched: )(?P<query>.*)$"),
    ("other", r"🌐 Search|collab:? |model rerouted: "),
    ("diff", r"diff --git "),
    (
        "log",
        (
            r"(?P<time>\d{4}-\d\d-\d\dT[\d:.]+Z)\s+(?P<level>ERROR|WARN|INFO|DEBUG|TRACE)\s+"
            r"(?P<target>\w+(?:::\w+)*): (?P<message>.*)$"
        ),
    ),
    ("interrupted", r"(?:task|turn) aborted: (?P<reason>.*)$"),
    ("heading", r"\*\*[^*]+\*\*$"),
)

Mark = tuple[str, re.Match[str] | None]


def mark_of(line: str) -> Mark | None:
    """What the line may be, and what was read from it."""
    if word := _WORDS.get(line):
        return word, None
    return shape_of(line, _SHAPES)
