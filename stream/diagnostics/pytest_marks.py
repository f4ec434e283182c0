"""The lines of pytest's failures: places, and what is marked with `E`. Shapes: pytest 6 to 9, all `--tb` but native."""

from collections.abc import Sequence
from typing import Any

from stream.diagnostics.diagnostic import MAX_CAUSES, Shape, frame, known, stack
from stream.diagnostics.python_traceback import CHAINED, read_raised, said

MARKED = Shape(r"E {2,}(?P<text>\S.*)?$")
PLACE = Shape(r"(?P<file>\S[^:]*):(?P<line>\d+): (?:in (?P<function>\S+))?$")
_FAILED_AT = Shape(r"(?P<file>\S[^:]*):(?P<line>\d+): (?P<kind>[A-Za-z_][\w.]*)$")
_FIXTURE_USED_AT = Shape(r"file (?P<file>\S.*), line (?P<line>\d+)$")
_NOT_PARSED = Shape(r'File "(?P<file>.+)", line (?P<line>\d+)$')
_KIND = Shape(r"(?P<kind>(?:[A-Za-z_]\w*\.)*[A-Z]\w*):(?: (?P<message>.*))?$")
_BARE_KIND = Shape(r"(?:[a-z_]\w*\.)*[A-Z]\w*(?:Error|Exception|Exit|Interrupt|Warning)$")


def read_failure(lines: Sequence[str]) -> tuple[str, dict[str, Any]] | None:
    """Value and metadata of a failure: the last exception that was raised, those before it as its causes.

    Where nothing is marked it is a traceback as Python itself prints it.
    """
    if not any(map(MARKED.match, lines)):
        as_printed = read_raised(lines)
        return said(as_printed) if as_printed else None
    chain = [raised for part in _raised_one_by_one(lines) if (raised := _raised(part))]
    *others, (value, metadata) = chain
    causes = [known(kind=found.get("kind"), message=message) for message, found in reversed(others[-MAX_CAUSES:])]
    return value, known(**metadata, causes=causes)


def split_kind(text: str) -> tuple[str | None, str]:
    """The kind of exception, if the text begins with it, and the message."""
    match = _KIND.match(text)
    if match:
        return match["kind"], (match["message"] or "").strip() or match["kind"]
    return text if _BARE_KIND.match(text) else None, text


def _raised_one_by_one(lines: Sequence[str]) -> list[list[str]]:
    parts: list[list[str]] = [[]]
    for line in lines:
        if CHAINED.match(line):
            parts.append([])
        parts[-1].append(line)
    return parts


def _raised(lines: Sequence[str]) -> tuple[str, dict[str, Any]] | None:
    """From the last block of lines marked with `E`: what went wrong is its first line.

    Of a file that cannot be parsed the block shows the place and the source first.
    """
    marked_at = [i for i, line in enumerate(lines) if MARKED.match(line)]
    if not marked_at:
        return None
    first = next(i for i in reversed(marked_at) if i - 1 not in marked_at)
    block = [match["text"] or "" for line in lines[first : marked_at[-1] + 1] if (match := MARKED.match(line))]
    not_parsed = _NOT_PARSED.match(block[0])
    kind, text = split_kind((block[-1] if not_parsed else block[0]).strip())
    if kind is None and text.startswith("assert "):
        kind = "AssertionError"
    frames = []
    for index, line in enumerate(lines):
        if failed := _FAILED_AT.match(line):
            kind = failed["kind"] if index > first else kind
            frames.append(frame(failed["file"], failed["line"]))
        elif place := PLACE.match(line):
            frames.append(frame(place["file"], place["line"], place["function"]))
    at = not_parsed or next(filter(None, map(_FIXTURE_USED_AT.match, lines)), None)
    where = frame(at["file"], at["line"]) if at else {}
    return text, known(kind=kind) | (where or stack(frames))
