"""Counts as text for people: the JSON answers of `wrapper stats`, one fact a line. Pure, but for the printing."""

from collections.abc import Mapping, Sequence
from typing import Any

import click

from wrapper.commands.columns import Ways
from wrapper.commands.tables import event_text, local_time, one_line, print_table, told

_SHOWN = 10  # names of one count
_SESSION_TITLES = ("SESSION", "AGENT", "STARTED", "WHY", "RISKY", "WHAT")
_NARROWER = Ways(("AGENT", "WHAT"), ("STARTED",), ("RISKY",))
_TIMES = ("from", "to", "first_seen", "last_seen")


def print_answer(answer: Mapping[str, Any]) -> None:
    """Prints any of the answers of `api.answers` and the totals of agents and patterns."""
    if "top" in answer:
        _print_top(answer)
    elif "sessions" in answer:
        _print_sessions(answer["sessions"])
    elif "a" in answer:
        _print_both(answer["a"], answer["b"], ("A", "B"))
    elif "versus" in answer:
        _print_both(answer, answer["versus"], ("THIS", "VERSUS"))
    else:
        _print_facts(answer)


def _print_facts(facts: Mapping[str, Any]) -> None:
    for name, value in facts.items():
        if value is None or isinstance(value, list):
            continue
        if isinstance(value, Mapping):
            counts = list(value.items())[:_SHOWN]
            more = f", {len(value) - _SHOWN} more" if len(value) > _SHOWN else ""
            text = ", ".join(f"{one_line(key)} {count}" for key, count in counts) + more or "none"
        else:
            text = _plain(name, value)
        click.echo(f"{_title(name):<24}{text}")


def _print_both(this: Mapping[str, Any], other: Mapping[str, Any], titles: tuple[str, str]) -> None:
    """Side by side, with the difference: numbers, and every name of a count."""
    rows = []
    for name in other:
        if isinstance(this[name], Mapping):
            for key in dict.fromkeys((*this[name], *other[name])):
                pair = (this[name].get(key, 0), other[name].get(key, 0))
                rows.append((f"{_title(name)}: {one_line(key)}", *map(str, pair), f"{pair[0] - pair[1]:+}"))
        elif this[name] is not None or other[name] is not None:
            rows.append((_title(name), *(_plain(name, side[name]) for side in (this, other)), _more(this, other, name)))
    print_table(("", *titles, "DIFFERENCE"), rows, empty="", narrower=Ways(("",), spare=("DIFFERENCE",)))


def _print_top(answer: Mapping[str, Any]) -> None:
    rows = [(str(entry["count"]), one_line(entry["name"])) for entry in answer["top"]]
    by = answer["by"].upper()
    print_table(("COUNT", by), rows, empty="nothing", narrower=Ways((by,)))
    if answer["counted_is"] == "newest":
        click.echo(f"(of the newest {answer['counted']})", err=True)


def _print_sessions(sessions: Sequence[Mapping[str, Any]]) -> None:
    rows = [
        (
            concern["session"]["session_id"],
            one_line(concern["session"]["agent_name"]),
            local_time(concern["session"]["started_at"]),
            ", ".join(concern["reasons"]).replace("_", " "),
            str(concern["risky_events"]),
            _what(concern),
        )
        for concern in sessions
    ]
    print_table(_SESSION_TITLES, rows, empty="nothing needs attention", narrower=_NARROWER)


def _what(concern: Mapping[str, Any]) -> str:
    """The permission that it waits for, or why it ended badly; and what is risky."""
    permission, risk = concern["permission"], concern["risk"]
    if permission is not None:
        return event_text(permission["original_line"], permission["matched_value"])
    ended_badly = any(reason != "risk" for reason in concern["reasons"])
    why = one_line(concern["session"]["verdict_reason"]) if ended_badly or risk is None else ""
    return "; ".join(filter(None, (told(risk) if risk else "", why)))


def _more(this: Mapping[str, Any], other: Mapping[str, Any], name: str) -> str:
    a, b = this[name], other[name]
    return f"{a - b:+g}" if isinstance(a, int | float) and isinstance(b, int | float) else ""


def _plain(name: str, value: Any) -> str:
    if name in _TIMES:
        return local_time(value)
    if isinstance(value, float):
        return f"{value:.2f}"
    return "" if value is None else one_line(str(value))


def _title(name: str) -> str:
    return name.replace("_", " ").removeprefix("total ")
