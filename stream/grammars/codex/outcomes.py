"""What codex prints of a command's end: ` exited 2 in 270ms:`. Pure."""

import re
from typing import NamedTuple

from stream.lazy_regex import lazy_regex

OUTCOME_WORDS = (
    r"(?P<outcome>succeeded|exited -?\d{1,9}|declined|in progress|timed out)"
    r"(?: in (?P<took>\d{1,9}(?:\.\d{1,9})?(?:ms|s)|\d{1,9}m ?\d{1,9}s))?:"
)
OUTCOME = lazy_regex(rf" {OUTCOME_WORDS}$")


class Outcome(NamedTuple):
    """What came of a command; `exit_code` and `duration_ms` are None where they were not told."""

    outcome: str
    exit_code: int | None = None
    duration_ms: int | None = None


def parse_outcome(match: re.Match[str]) -> Outcome:
    """Of a line that `OUTCOME` matches."""
    words, took = match["outcome"], match["took"]
    duration = milliseconds(took) if took else None
    if words == "succeeded":
        return Outcome("ok", 0, duration)
    if words.startswith("exited"):
        exit_code = int(words.split()[1])
        return Outcome("error" if exit_code else "ok", exit_code, duration)
    return Outcome({"declined": "denied", "timed out": "error"}.get(words, "unknown"), None, duration)


def milliseconds(text: str) -> int:
    """Of `270ms`, `1.20s` and `1m 05s`."""
    minutes, _, seconds = text.rpartition("m") if not text.endswith("ms") else ("", "", text)
    if seconds.endswith("ms"):
        return round(float(seconds[:-2]))
    return round(float(seconds.strip().rstrip("s")) * 1000) + int(minutes or 0) * 60_000
