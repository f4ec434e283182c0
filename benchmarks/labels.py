"""What is found in the labelled transcripts, against what a careful reader finds there: `docs/labels.md`.

    python -m benchmarks.labels [--details] [--held-out] [CASE…]

An event and a label are a pair if type, place and value agree; a pair's metadata are scored apart. Precision counts
the events that no label wants, recall the labels that no event meets. An optional label excuses an event; neither is
counted.
"""

import argparse
import sys
import tempfile
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from benchmarks.budget import Measurement
from benchmarks.transcripts import Case, Label, cases, extract, held_out, record
from stream.records import ExtractionEvent

BUDGET = 0.98  # precision and recall over all types
ENOUGH = 20  # labels; with fewer, a type's figures mean nothing


class Score(NamedTuple):
    """A case's events paired with its labels. `wrong` are the keys of a pair's metadata that are not as labelled."""

    case: Case
    found: tuple[tuple[Label, ExtractionEvent, tuple[str, ...]], ...]
    missed: tuple[Label, ...]
    false: tuple[ExtractionEvent, ...]


def score(case: Case, scratch: Path) -> Score:
    """Records the case in `scratch`, an empty folder, and compares what is found with what is labelled."""
    return compare(case, extract(record(case, scratch)))


def compare(case: Case, events: Sequence[ExtractionEvent]) -> Score:
    """As many pairs as there can be, labels that are wanted before those that excuse, the better metadata first."""
    labels = sorted(case.labels, key=lambda label: label.optional)
    wanted = [_candidates(label, events) for label in labels]
    taken: dict[int, int] = {}
    for number in range(len(labels)):
        _pair(number, wanted, taken, set())
    met = {number: events[i] for i, number in taken.items()}
    return Score(
        case,
        tuple((labels[n], event, wrong_keys(labels[n], event)) for n, event in met.items() if not labels[n].optional),
        tuple(label for n, label in enumerate(labels) if n not in met and not label.optional),
        tuple(event for i, event in enumerate(events) if i not in taken),
    )


def _candidates(label: Label, events: Sequence[ExtractionEvent]) -> list[int]:
    agreeing = [i for i, event in enumerate(events) if _agree(label, event)]
    return sorted(agreeing, key=lambda i: len(wrong_keys(label, events[i])))


def _pair(number: int, wanted: Sequence[Sequence[int]], taken: dict[int, int], seen: set[int]) -> bool:
    """Gives label `number` an event, moving other labels to other events only if none is free."""
    free = next((i for i in wanted[number] if i not in taken), None)
    if free is not None:
        taken[free] = number
        return True
    for i in wanted[number]:
        if i not in seen:
            seen.add(i)
            if _pair(taken[i], wanted, taken, seen):
                taken[i] = number
                return True
    return False


def _agree(label: Label, event: ExtractionEvent) -> bool:
    at = any(
        place.stream == event.stream and (place.lines is None or event.line_number in place.lines)
        for place in label.places
    )
    return (
        label.event_type == event.event_type and at and (label.value is None or _is(label.value, event.matched_value))
    )


def wrong_keys(label: Label, event: ExtractionEvent) -> tuple[str, ...]:
    """Keys of the label's metadata that the event has not, or has otherwise."""
    found = {**event.metadata, "risk_level": event.risk_level}
    return tuple(key for key, expected in label.metadata.items() if not _is(expected, found.get(key)))


def _is(expected: Any, found: Any) -> bool:
    """A text or number: equal. A list: one of them. `any_of`, `contains`: as they say. Another object: its keys."""
    if isinstance(expected, list):
        return any(_is(one, found) for one in expected)
    if isinstance(expected, Mapping):
        if "any_of" in expected:
            return _is(expected["any_of"], found)
        if "contains" in expected:
            return isinstance(found, str) and expected["contains"] in found
        return isinstance(found, Mapping) and all(_is(value, found.get(key)) for key, value in expected.items())
    if expected == "":
        return found in ("", None)
    return bool(expected == found)


class Tally(NamedTuple):
    """What came of the labels of one type, agent or set. `right` of `described` pairs have their metadata right."""

    labels: int
    found: int
    false: int
    described: int
    right: int

    @property
    def precision(self) -> float:
        return self.found / max(1, self.found + self.false)

    @property
    def recall(self) -> float:
        return self.found / max(1, self.labels)


def tallies(scores: Iterable[Score], by: str) -> dict[str, Tally]:
    """The tally of each group: `by` is `type`, `agent` or `all`."""
    counts: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for one in scores:
        groups = {"agent": one.case.agent, "all": "all"}
        for label, _, wrong in one.found:
            counts[groups.get(by, label.event_type)].update(("labels", "found"))
            counts[groups.get(by, label.event_type)]["described"] += bool(label.metadata)
            counts[groups.get(by, label.event_type)]["right"] += bool(label.metadata) and not wrong
        counts_missed = Counter(groups.get(by, label.event_type) for label in one.missed)
        for name, missed in counts_missed.items():
            counts[name]["labels"] += missed
        for event in one.false:
            counts[groups.get(by, event.event_type)]["false"] += 1
    return {name: Tally(*(counts[name][field] for field in Tally._fields)) for name in sorted(counts)}


def score_all(chosen: Iterable[Case]) -> list[Score]:
    """Scores the cases, each in a folder of its own."""
    with tempfile.TemporaryDirectory(prefix="labels-") as scratch:
        return [score(case, Path(scratch) / case.name) for case in chosen]


def measure(scratch: Path) -> list[Measurement]:
    """Rows of `make bench`: each type and all of what pattern writers see, and all of what they do not."""
    unseen = held_out()
    groups: dict[bool, list[Score]] = {True: [], False: []}
    for case in cases():
        groups[case.name in unseen].append(score(case, scratch / case.name))
    rows = [_row(f"labels: {name}", tally, None) for name, tally in tallies(groups[False], "type").items()]
    rows.append(_row("labels: all", tallies(groups[False], "all")["all"], BUDGET))
    return [*rows, _row("labels: all of the held-out cases", tallies(groups[True], "all")["all"], BUDGET)]


def _row(what: str, tally: Tally, budget: float | None) -> Measurement:
    measured = "unmeasured"
    if budget or tally.labels >= ENOUGH:
        measured = f"precision {tally.precision:.3f}, recall {tally.recall:.3f}"
    counts = f"{tally.labels} labels, {tally.found} found, {tally.false} false"
    met = None if budget is None else min(tally.precision, tally.recall) >= budget
    return Measurement(what, f"both ≥ {budget:g}" if budget else "", f"{measured} ({counts})", met)


def table(scores: Sequence[Score]) -> str:
    """The figures by type, by agent, and over all."""
    head = ("", "labels", "found", "false", "precision", "recall", "metadata right")
    lines = []
    for by in ("type", "agent", "all"):
        lines += [head if by == "type" else ("",) * len(head)]
        lines += [_cells(name, tally, short=by == "type") for name, tally in tallies(scores, by).items()]
    widths = [max(len(line[column]) for line in lines) for column in range(len(head))]
    return "\n".join("  ".join(map(str.ljust, line, widths)).rstrip() for line in lines)


def _cells(name: str, tally: Tally, *, short: bool) -> tuple[str, ...]:
    figures = (f"{tally.precision:.3f}", f"{tally.recall:.3f}")
    if short and tally.labels < ENOUGH:
        figures = ("unmeasured", "")
    counts = (str(tally.labels), str(tally.found), str(tally.false))
    return (name, *counts, *figures, f"{tally.right} of {tally.described}")


def details(one: Score) -> list[str]:
    """Every miss, every false find and every wrong metadata of a case."""
    lines = [f"missed   {label.event_type} {label.value!r} at {_places(label)}" for label in one.missed]
    lines += [f"false    {_shown(event)}" for event in one.false]
    for label, event, wrong in one.found:
        given = {**event.metadata, "risk_level": event.risk_level}
        lines += [f"metadata {_shown(event)}: {key} {given.get(key)!r}, not {label.metadata[key]!r}" for key in wrong]
    return [f"{one.case.name}: {line}" for line in lines]


def _places(label: Label) -> str:
    return " or ".join(f"{place.stream} {place.lines and [*place.lines]}" for place in label.places)


def _shown(event: ExtractionEvent) -> str:
    where = f"{event.stream} {event.line_number}"
    return f"{event.event_type} {event.matched_value!r} at {where} by {event.pattern}"


def main() -> None:
    """Prints the table, and what is wrong if asked to."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.labels", description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--details", action="store_true", help="list every miss and every false find")
    parser.add_argument("--held-out", action="store_true", help="the held-out cases alone, instead of all others")
    parser.add_argument("case", nargs="*", help="beginnings of names (codex/, claude/json-); default: all")
    options = parser.parse_args()
    unseen = held_out()
    begins = tuple(options.case) or ("",)
    scores = score_all(c for c in cases() if (c.name in unseen) == options.held_out and c.name.startswith(begins))
    if not scores:
        sys.exit(f"no case begins with {' or '.join(options.case)}")
    if options.details:
        print("\n".join(line for one in scores for line in details(one)), end="\n\n")
    print(table(scores))


if __name__ == "__main__":
    main()
