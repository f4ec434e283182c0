"""Finds secrets in single lines of bytes, by their formats and by the places where they stand. Pure.

In linear time: candidates come from RE2, and what is looked at of each is bounded.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any, NamedTuple

import re2

from stream.lazy_regex import lazy_regex
from stream.secrets.rules import FORMATS, FRONT, INTERESTING, PLACES, Format, Place
from stream.secrets.values import FORMAT_CHECKS, is_any, is_assigned, is_mixed, is_url_password

_MEMORY = 64 << 20  # bytes for RE2's automaton
_BEFORE = 40  # bytes in front of a name that may make it another one
_WHOLE = ("assigned_secret", "url_password")  # of others a full stop at the end is the sentence's
_MOST = 200  # characters of a value that are looked at; it is masked to its end

_PLACE_CHECKS: Mapping[str, Callable[[str], bool]] = {
    "bearer_token": is_mixed,
    "authorization": is_any,
    "url_password": is_url_password,
    "rejected_key": is_any,
}
_NAMED_KINDS = {"pass": "password", "pwd": "password", "token": "token", "key": "api_key"}  # words of names, and kinds


class Span(NamedTuple):
    """A secret in a line, in bytes, and the rule that found it."""

    row: Format | Place
    start: int
    end: int


class SecretSearch:
    """The rules, compiled when they are first needed."""

    @cached_property
    def interesting(self) -> Any:
        """`INTERESTING`, compiled for bytes of any encoding; it does not look beyond a line."""
        return re2.compile(f"(?m){INTERESTING}".encode(), _options())

    def may_hold(self, data: bytes) -> bool:
        """Whether it is worth looking closer; of whole lines."""
        return bool(data) and self.interesting.search(data) is not None

    @cached_property
    def _formats(self) -> Any:
        # A run of token characters belongs to the secret to its end: nothing of a longer one is left over.
        every = "|".join(f"(?:{row.regex})" for row in FORMATS)
        return re2.compile(f"(?m){FRONT}((?:{every})[A-Za-z0-9_-]*)".encode(), _options())

    @cached_property
    def _rows(self) -> Sequence[tuple[Format, re.Pattern[str]]]:
        return [(row, re.compile(row.regex)) for row in FORMATS]

    @cached_property
    def _places(self) -> Sequence[Any]:
        texts = (f"{row.before}({row.characters}{{{row.least},{_MOST}}}){row.after}" for row in PLACES)
        return [re2.compile(text.encode(), _options()) for text in texts]

    def spans(self, line: bytes) -> list[Span]:
        """Secrets that are known by their format, or else by their place."""
        if not self.may_hold(line):
            return []
        spans = list(self._in_formats(line))
        for row, regexp in zip(PLACES, self._places, strict=True):
            spans += _in_place(row, regexp, line)
        return _merged(spans, line)

    def _in_formats(self, line: bytes) -> Iterator[Span]:
        position = 0
        while match := self._formats.search(line, position):
            start, position = match.span(1)
            value = _text(line[start:position])
            row = next(row for row, regexp in self._rows if regexp.match(value))
            if row.kind not in FORMAT_CHECKS or FORMAT_CHECKS[row.kind](value):
                yield Span(row, start, position)


def _in_place(row: Place, regexp: Any, line: bytes) -> Iterator[Span]:
    position = 0
    while match := regexp.search(line, position):
        start, end = match.span(1)
        value = line[start:end] if row.kind in _WHOLE else line[start:end].rstrip(b".")
        before = line[max(0, match.start() - _BEFORE) : match.start()]
        position = start  # a value that is none may hold the name of one
        if line[end : end + 1] == b"(":
            continue  # a call
        if judged := _judged(row, _text(value), _text(line[match.start() : start]), _text(before)):
            cut = end - start == _MOST and not row.after
            position = _end_of_value(row, line, start) if cut else start + len(value)
            yield Span(judged, start, position)


def _end_of_value(row: Place, line: bytes, start: int) -> int:
    whole = lazy_regex(f"{row.characters}+".encode()).match(line, start)
    return whole.end() if whole else start


def _judged(row: Place, value: str, name: str, before: str) -> Place | None:
    """The row, with the kind that the name tells, if the value is a secret."""
    if len(value) < row.least:
        return None
    if row.kind == "assigned_secret":
        if not is_assigned(value, name, before):
            return None
        kind = next((kind for word, kind in _NAMED_KINDS.items() if word in name.lower()), row.kind)
        return row._replace(kind=kind, label=kind.replace("_", " "))
    return row if _PLACE_CHECKS[row.kind](value) else None


def _merged(spans: list[Span], line: bytes) -> list[Span]:
    """By their starts; those that overlap become one, of the kind of the first, or of the most certain of the first."""
    merged: list[Span] = []
    for span in sorted(spans, key=_start):  # a stable order: the more certain of two stays in front
        last = merged[-1] if merged else None
        if last is None or span.start >= last.end:
            merged.append(span)
        elif _has_token_bytes(line[last.end : span.end]):
            merged[-1] = last._replace(end=span.end)
    return merged


def _start(span: Span) -> int:
    return span.start


def _has_token_bytes(data: bytes) -> bool:
    return any(bytes((byte,)).isalnum() for byte in data)


def _options() -> re2.Options:
    options = re2.Options()
    options.never_nl = True
    options.encoding = re2.Options.Encoding.LATIN1  # any bytes: what we look for is ASCII
    options.log_errors = False
    options.max_mem = _MEMORY
    return options


def _text(data: bytes) -> str:
    return data.decode("utf-8", "replace")
