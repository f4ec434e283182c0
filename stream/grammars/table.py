"""The grammars there are."""

from collections.abc import Mapping

from stream.grammars.grammar import AgentText
from stream.lazy_table import LazyTable

GRAMMARS: Mapping[str, AgentText] = LazyTable(
    {
        "codex": "stream.grammars.codex.agent:CODEX",
        "claude": "stream.grammars.claude.grammar:CLAUDE",
        "gemini": "stream.grammars.gemini.agent:GEMINI",
        "aider": "stream.grammars.aider.grammar:AIDER",
        "opencode": "stream.grammars.opencode.agent:OPENCODE",
    }
)
"""By kind of agent (`codex`, `claude` …)."""
