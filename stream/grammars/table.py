"""The grammars there are."""

from collections.abc import Mapping

from stream.grammars.aider.grammar import AIDER
from stream.grammars.claude.grammar import CLAUDE
from stream.grammars.codex.agent import CODEX
from stream.grammars.gemini.grammar import GEMINI
from stream.grammars.grammar import AgentText
from stream.grammars.opencode.grammar import OPENCODE

GRAMMARS: Mapping[str, AgentText] = {
    "codex": CODEX,
    "claude": CLAUDE,
    "gemini": GEMINI,
    "aider": AIDER,
    "opencode": OPENCODE,
}
"""By kind of agent (`codex`, `claude` …)."""
