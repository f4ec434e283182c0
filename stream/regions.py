"""What part of an agent's output lines stand in, and what may be found there.

An `error` in a message, a diff or a prompt is text, not something that happened.
"""

from typing import NamedTuple


class Region(NamedTuple):
    """`allowed` are the event types that patterns and diagnostics may find; None stands for all.

    `name` becomes `metadata["in"]` of what is found, unless it is empty. `fences` says whether code fences open blocks.
    """

    name: str
    allowed: frozenset[str] | None
    fences: bool = True

    def allows(self, event_type: str) -> bool:
        """Whether events of this type may be found there."""
        return self.allowed is None or event_type in self.allowed


PLAIN = Region("", None)
MESSAGE = Region("message", frozenset())
THINKING = Region("thinking", frozenset())
PROMPT = Region("prompt", frozenset())
HEADER = Region("header", frozenset(), fences=False)
DIFF = Region("diff", frozenset(), fences=False)
# What a command printed that did what was asked for; that failed, or of which that is not known.
OUTPUT = Region("tool_output", frozenset({"test_result", "git"}))
FAILED_OUTPUT = Region("tool_output", frozenset({"error", "warning", "test_result", "git"}))
# Files and facts that a tool was asked to show: whatever they tell did not happen here.
SHOWN = Region("tool_output", frozenset())

REGIONS = {
    "plain": PLAIN,
    "message": MESSAGE,
    "thinking": THINKING,
    "prompt": PROMPT,
    "header": HEADER,
    "diff": DIFF,
    "output": OUTPUT,
    "failed_output": FAILED_OUTPUT,
    "shown": SHOWN,
}
