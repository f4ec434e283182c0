"""One pack, from text to patterns. Whatever is wrong is a `PatternError` that says what would be right."""

from collections.abc import Mapping
from typing import Any

from stream.lazy_regex import lazy_regex
from stream.patterns.pattern import Example, Pattern, PatternError
from stream.patterns.syntax import regex_problem
from stream.records import EVENT_TYPES, RISK_LEVELS

_NAME = lazy_regex(r"[\w.-]+")
_REQUIRED = ("name", "event_type", "regex", "examples")
_KINDS = {
    "name": (str, "a text"),
    "event_type": (str, "a text"),
    "regex": (str, "a text"),
    "risk_level": (str, "a text"),
    "auto_confirmable": (bool, "true or false"),
    "priority": (int, "a whole number"),
    "value": (str, "a text"),
    "metadata": (dict, "a table"),
    "consequence": (bool, "true or false"),
    "examples": (list, "a list of lines, or of tables with line, value and metadata"),
    "counterexamples": (list, "a list of lines"),
}
_EXAMPLE_KINDS = {"line": (str, "a text"), "value": (str, "a text"), "metadata": (dict, "a table")}


def read_pack(text: str, source: str, *, counterexamples: bool = False) -> dict[str, Pattern]:
    """The patterns of a pack by name, in its order; `counterexamples` says whether each must have some.

    `source` is the file's name, for messages.
    """
    patterns: dict[str, Pattern] = {}
    for number, row in enumerate(read_rows(text, source), 1):
        pattern = _pattern(row, source, number)
        if pattern.name in patterns:
            raise PatternError(source, pattern.name, "name", "a name may be used once in a file")
        if counterexamples and not pattern.counterexamples:
            raise PatternError(source, pattern.name, "counterexamples", "at least one line must not match")
        patterns[pattern.name] = pattern
    return patterns


def read_rows(text: str, source: str) -> list[dict[str, Any]]:
    """The `[[pattern]]` tables of a pack as they stand there, unchecked."""
    import tomllib  # here: at its start an indexer reads no pack

    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise PatternError(source, "", "", f"not TOML: {error}") from error
    if unknown := document.keys() - {"pattern"}:
        raise PatternError(source, "", min(unknown), "unknown key; a pack holds [[pattern]] tables only")
    rows = document.get("pattern", [])
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise PatternError(source, "", "pattern", "write [[pattern]] above each pattern")
    return rows


def _pattern(row: dict[str, Any], source: str, number: int) -> Pattern:
    name = row.get("name")
    label = name if isinstance(name, str) and name else f"number {number}"
    for field, problem in _problems(row):
        raise PatternError(source, label, field, problem)
    examples = tuple(_example(example, source, label) for example in row["examples"])
    return Pattern(**{**row, "examples": examples, "counterexamples": _lines(row, source, label)}, source=source)


def _problems(row: dict[str, Any]) -> list[tuple[str, str]]:
    """Fields and what is wrong with them; of wrong shapes alone, while there are any."""
    problems = _shape_problems(row, _KINDS)
    problems += [(key, "missing; a pattern needs " + ", ".join(_REQUIRED)) for key in _REQUIRED if key not in row]
    return problems or _value_problems(row)


def _value_problems(row: dict[str, Any]) -> list[tuple[str, str]]:
    problems = []
    if not _NAME.fullmatch(row["name"]):
        problems.append(("name", f"{row['name']!r} may hold letters, digits, _ . and - only"))
    if row["event_type"] not in EVENT_TYPES:
        problems.append(("event_type", f"{row['event_type']!r} is none of {', '.join(EVENT_TYPES)}"))
    if row.get("risk_level", "low") not in RISK_LEVELS:
        problems.append(("risk_level", f"{row['risk_level']!r} is none of {', '.join(RISK_LEVELS)}"))
    if not row["examples"]:
        problems.append(("examples", "at least one line must match"))
    if problem := regex_problem(row["regex"]):
        problems.append(("regex", problem))
    return problems


def _shape_problems(table: dict[str, Any], kinds: Mapping[str, tuple[type, str]]) -> list[tuple[str, str]]:
    problems = []
    for key, value in table.items():
        if key not in kinds:
            problems.append((key, f"unknown key; there are {', '.join(kinds)}"))
        elif type(value) is not kinds[key][0]:
            problems.append((key, f"{value!r} should be {kinds[key][1]}"))
    return problems


def _example(example: object, source: str, name: str) -> Example:
    if isinstance(example, str):
        example = {"line": example}
    if not isinstance(example, dict) or "line" not in example:
        raise PatternError(source, name, "examples", f"{example!r} should be a line, or a table with a line")
    for key, problem in _shape_problems(example, _EXAMPLE_KINDS):
        raise PatternError(source, name, f"examples, {key}", problem)
    return Example(**example)


def _lines(row: dict[str, Any], source: str, name: str) -> tuple[str, ...]:
    lines = row.get("counterexamples", [])
    for line in lines:
        if not isinstance(line, str):
            raise PatternError(source, name, "counterexamples", f"{line!r} should be a line")
    return tuple(lines)
