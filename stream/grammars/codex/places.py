"""Where codex's transcript stands, and which marks count there. Pure.

A line `codex` may be a directory's name in the output of `ls`, `ERROR: …` the text of a prompt or a message: a mark
counts where codex could have printed it, and nowhere else.
"""

from stream.grammars.codex.marks import Mark
from stream.lazy_regex import lazy_regex
from stream.regions import DIFF, FAILED_OUTPUT, HEADER, MESSAGE, OUTPUT, PLAIN, PROMPT, SHOWN, THINKING, Region

REPEATED = Region("message", frozenset(), fences=False)  # a message that was read before

OUTPUTS = frozenset({"output", "shown", "output_diff", "failed"})
REGIONS = {
    "start": PLAIN,
    "answer": MESSAGE,  # stdout, which has the final message alone
    "header": HEADER,
    "prompt": PROMPT,
    "between": THINKING,
    "message": MESSAGE,
    "command": HEADER,
    "output": OUTPUT,
    "shown": SHOWN,
    "output_diff": DIFF,
    "failed": FAILED_OUTPUT,
    "paths": DIFF,
    "proposal": DIFF,
    "diff": DIFF,
    "tokens": HEADER,
    "plan": HEADER,
    "mcp_error": HEADER,
    "log": HEADER,  # what a line of the log goes on with: lines of a file, or of anything
    "repetition": REPEATED,
    "after": PLAIN,
}

# Marks that neither prose nor code is likely to have on a line of its own.
_FIRM = frozenset(
    {
        "header",
        "exec",
        "apply_patch",
        "file_update",
        "tokens",
        "hook",
        "log",
        "patched",
        "mcp_call",
        "mcp_failed",
        "mcp_state",
    }
)
_WORDS = frozenset({"codex", "thinking", "plan", "compacted", "interrupted", "search", "diff", "tool_begin"})
_PROBLEMS = frozenset({"error", "warning"})
# codex's own words, whatever the line stands in.
_OWN_WORDS = lazy_regex(
    r"(?:Codex |Reconnecting|stream (?:disconnected|error)|exceeded retry limit|unexpected status|Your input exceeds"
    r"|You've hit your usage limit|Model metadata|Heads up|Under-development|Quota exceeded|Turn (?:failed|error))"
)


def counts(mark: Mark, place: str, *, fenced: bool, at_boundary: bool, prompt_known: bool) -> bool:
    """Whether a line that looks like this mark is one.

    `at_boundary`: output may have ended right before this line. `prompt_known`: the prompt is over when it says so.
    """
    name, match = mark
    if name == "header":
        return not fenced
    if place in ("start", "answer", "after", "repetition"):
        return name == "log"
    if name == "user":
        return place == "header"
    if name == "heading":
        return place == "failed" and at_boundary
    own = name in _PROBLEMS and match is not None and _OWN_WORDS.match(match["message"]) is not None
    if fenced:
        return name in _FIRM or own
    if place == "prompt" and not prompt_known:
        return name in _FIRM or own or name in ("codex", "thinking", "search")
    if place == "message":
        return name not in _PROBLEMS or own
    if place in OUTPUTS:
        return _counts_in_output(name, place, own=own, at_boundary=at_boundary)
    return True


def _counts_in_output(name: str, place: str, *, own: bool, at_boundary: bool) -> bool:
    if name in ("outcome", "hook", "log", "tool_end"):
        return True
    if name == "diff":
        return place in ("output", "shown")
    return at_boundary and (name in _FIRM or name in _WORDS or own or name == "other")
