"""The grammars there are."""

from collections.abc import Mapping

from stream.grammars.aider import AIDER
from stream.grammars.claude import CLAUDE
from stream.grammars.codex.grammar import CODEX
from stream.grammars.gemini import GEMINI
from stream.grammars.grammar import AgentText
from stream.grammars.opencode import OPENCODE

GRAMMARS: Mapping[str, AgentText] = {
    "codex": CODEX,
    "claude": CLAUDE,
    "gemini": GEMINI,
    "aider": AIDER,
    "opencode": OPENCODE,
}
"""By kind of agent (`codex`, `claude` …)."""
