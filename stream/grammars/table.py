"""The grammars there are."""

from collections.abc import Mapping

from stream.grammars.codex.grammar import CODEX
from stream.grammars.grammar import AgentText

GRAMMARS: Mapping[str, AgentText] = {
    "codex": CODEX,
}
"""By kind of agent (`codex`, `claude` …)."""
