"""Metadata from the groups of a match: which of them are numbers, and what is reckoned from those. Pure."""

from collections.abc import Mapping
from typing import Any

_WHOLE = {
    *("passed", "failed", "skipped", "errors", "failures", "tests", "total", "xfailed", "xpassed", "todo"),
    *("line", "column", "exit_code", "attempt", "of", "status", "added", "removed", "files"),
}
_MILLISECONDS = {"milliseconds": 1, "seconds": 1000, "minutes": 60_000, "hours": 3_600_000}
_MOST_DIGITS = 18  # of a number that is one: it fits into 64 bits
_COUNTS = ("passed", "failed", "skipped")


def metadata_of(groups: Mapping[str, Any], event_type: str) -> dict[str, Any]:
    """Metadata made of a match's groups: figures as numbers, a duration in `duration_ms`, a test run's counts.

    A run's `failed` counts whatever did not pass, `errors` included; how many passed is reckoned from all that ran.
    """
    found: dict[str, Any] = {}
    duration = 0.0
    for name, text in groups.items():
        if name in (*_WHOLE, *_MILLISECONDS) and len(text) > _MOST_DIGITS and _is_number(text):
            continue  # nobody has counted that
        if name in _WHOLE and text.isdecimal():
            found[name] = int(text)
        elif name in _MILLISECONDS and _is_number(text):
            duration += float(text) * _MILLISECONDS[name]
            found["duration_ms"] = round(duration)
        else:
            found[name] = text
    return _counted(found) if event_type == "test_result" else found


def _is_number(text: str) -> bool:
    return text.replace(".", "", 1).isdecimal()


def _counted(found: dict[str, Any]) -> dict[str, Any]:
    if "failures" in found and isinstance(found["failures"], int):
        found["failed"] = found.pop("failures")
    if not any(name in found for name in (*_COUNTS, "errors", "tests", "total")):
        return found
    found["failed"] = found.get("failed", 0) + found.get("errors", 0)
    found.setdefault("skipped", 0)
    ran = found.pop("tests", None) or found.pop("total", None)
    if "passed" not in found:
        found["passed"] = max(0, (ran or 0) - found["failed"] - found["skipped"])
    return found
