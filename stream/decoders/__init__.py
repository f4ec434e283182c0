"""Agents that print JSON: what their records mean. One decoder for each agent, chosen by what the records are.

To add one: a module here, and its row in `DECODERS`.
"""

from collections.abc import Mapping

from stream.decoders.claude.decoder import CLAUDE
from stream.decoders.codex import CODEX
from stream.decoders.gemini.decoder import GEMINI
from stream.decoders.opencode import OPENCODE
from stream.decoders.record import AgentRecords

DECODERS: Mapping[str, AgentRecords] = {"claude": CLAUDE, "codex": CODEX, "gemini": GEMINI, "opencode": OPENCODE}
"""By kind of agent (`codex`, `claude` …). No record is recognised by two of them."""
