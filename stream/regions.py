"""What part of an agent's output lines stand in, and what may be found there.

An `error` in a message, a diff or a prompt is text, not something that happened.
"""

from enum import Enum
from typing import NamedTuple


class Beginning(Enum):
    """Which records an agent's JSON may begin with, where none has come yet."""

    ANY = "any"
    PAIR = "pair"  # the first one of a run, and the next one right behind it
    NONE = "none"


class Region(NamedTuple):
    """`allowed` are the event types that patterns and diagnostics may find; None stands for all.

    `name` becomes `metadata["in"]` of what is found, unless it is empty. `fences` says whether code fences open blocks.
    `records` says how an agent's JSON may begin there.
    """

    name: str
    allowed: frozenset[str] | None
    fences: bool = True
    records: Beginning = Beginning.NONE

    def allows(self, event_type: str) -> bool:
        """Whether events of this type may be found there."""
        return self.allowed is None or event_type in self.allowed


PLAIN = Region("", None, records=Beginning.ANY)
MESSAGE = Region("message", frozenset())
# All that a stream prints is taken for a message, because of the command alone: until it has said something, and then.
ANSWER_BEGINS = MESSAGE._replace(records=Beginning.ANY)
ANSWER = MESSAGE._replace(records=Beginning.PAIR)
THINKING = Region("thinking", frozenset())
PROMPT = Region("prompt", frozenset())
HEADER = Region("header", frozenset(), fences=False, records=Beginning.ANY)
DIFF = Region("diff", frozenset(), fences=False)
# What a command printed that did what was asked for; that failed, or of which that is not known.
OUTPUT = Region("tool_output", frozenset({"test_result", "git"}))
FAILED_OUTPUT = Region("tool_output", frozenset({"error", "warning", "test_result", "git"}))
# Files and facts that a tool was asked to show: whatever they tell did not happen here.
SHOWN = Region("tool_output", frozenset())

REGIONS = {
    "plain": PLAIN,
    "message": MESSAGE,
    "answer_begins": ANSWER_BEGINS,
    "answer": ANSWER,
    "thinking": THINKING,
    "prompt": PROMPT,
    "header": HEADER,
    "diff": DIFF,
    "output": OUTPUT,
    "failed_output": FAILED_OUTPUT,
    "shown": SHOWN,
}
