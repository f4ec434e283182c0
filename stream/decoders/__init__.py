"""Agents that print JSON: what their records mean. One decoder for each agent, chosen by what the records are.

To add one: a module here, and its row in `DECODERS`.
"""

from collections.abc import Mapping

from stream.decoders.record import AgentRecords
from stream.lazy_table import LazyTable

DECODERS: Mapping[str, AgentRecords] = LazyTable(
    {
        "claude": "stream.decoders.claude.decoder:CLAUDE",
        "codex": "stream.decoders.codex:CODEX",
        "gemini": "stream.decoders.gemini.decoder:GEMINI",
        "opencode": "stream.decoders.opencode:OPENCODE",
    }
)
"""By kind of agent (`codex`, `claude` …). No record is recognised by two of them."""
