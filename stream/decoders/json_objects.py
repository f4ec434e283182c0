"""JSON among lines of text: values that stand on one line, and objects that are printed over many. Pure.

An object over many lines is followed only while it may be an agent's record, and within bounds.
"""

import json
import re
from collections.abc import Sequence
from enum import Enum
from typing import Any, Self

from stream.held_lines import HeldLine
from stream.lazy_regex import lazy_regex
from stream.lines import Line

MAX_OBJECT = 1 << 20  # bytes
MAX_OBJECT_LINES = 5_000

# How an object begins that may be an agent's record: its first key, and what that is if it is the type. Without this
# every `package.json` that is printed would have to be read to its end before anything could be said of its lines.
_FIRST_KEYS = frozenset({b'"type"', b'"session_id"', b'"sessionID"', b'"response"', b'"timestamp"', b'"error"'})
_TYPES = lazy_regex(
    rb'"(?:(?:thread|turn|item)\.[a-z._]+|system|assistant|user|result|stream_event|rate_limit_event|control_request|'
    rb'init|message|tool_use|tool_result|error|text|reasoning|step_start|step_finish)"'
)
_OPENINGS = (b"{", b"[", b"[{")
_TOKEN = lazy_regex(rb'\s+|("(?:[^"\\]|\\.)*")|([\[{])|([\]}])|[,:]|-?[\d.eE+-]+|true|false|null|NaN|-?Infinity')
_DECODER = json.JSONDecoder()


class Progress(Enum):
    """What is known of an object whose lines are still coming."""

    OPEN = "open"
    WHOLE = "whole"
    NONE = "none"


class OpenObject:
    """An object, or a list of objects, of which the first line has come."""

    def __init__(self) -> None:
        self.lines: list[HeldLine] = []
        self.end = 0  # of the object in its last line
        self._depth = 0
        self._size = 0
        self._first_key = b""
        self._plausible = False

    def take(self, line: HeldLine) -> Progress:
        """The next line; from then on it is one of `lines`, whatever becomes of them."""
        self.lines.append(line)
        self._size += len(line.text)
        if self._size > MAX_OBJECT or len(self.lines) > MAX_OBJECT_LINES:
            return Progress.NONE
        position = 0
        while position < len(line.text):
            token = _TOKEN.match(line.text, position)
            if token is None or not self._may_go_on(token):
                return Progress.NONE
            position = token.end()
            if self._depth == 0 and token[3]:
                self.end = position
                return Progress.WHOLE
        return Progress.OPEN

    def text(self) -> bytes:
        """The whole object."""
        *lines, last = [line.text for line in self.lines]
        return b"\n".join((*lines, last[: self.end]))

    def state(self) -> list[Any]:
        """JSON-serialisable."""
        return [[line.text.decode(), *line.where] for line in self.lines]

    @classmethod
    def resume(cls, state: Sequence[Any]) -> Self:
        """The object that `state` was taken of."""
        opened = cls()
        for text, *where in state:
            opened.take(HeldLine(text.encode(), Line(*where)))
        return opened

    def _may_go_on(self, token: re.Match[bytes]) -> bool:
        if token[2]:
            self._depth += 1
        elif token[3]:
            self._depth -= 1
        elif token[1] and not self._plausible:
            return self._begins(token[1])
        return self._plausible or (0 < self._depth <= 2)

    def _begins(self, string: bytes) -> bool:
        """Whether an agent's record may begin with this string, behind what came before."""
        if not self._first_key:
            self._first_key = string
            self._plausible = string in _FIRST_KEYS and string != b'"type"'
            return string in _FIRST_KEYS
        self._plausible = _TYPES.fullmatch(string) is not None
        return self._plausible


def opens_object(line: bytes) -> bool:
    """Whether an object that goes on over the next lines may begin with this one: one within others is indented."""
    return line.rstrip() in _OPENINGS


def objects_of(text: str) -> tuple[list[dict[str, Any]], str]:
    """The objects that the text begins with (a list of objects counts as these), and the text behind them."""
    found: list[dict[str, Any]] = []
    rest = text.lstrip()
    while rest.startswith(("{", "[")):
        try:
            value, end = _DECODER.raw_decode(rest)
        except (ValueError, RecursionError):  # no JSON, or too deep to be an agent's
            break
        objects = value if isinstance(value, list) else [value]
        if not objects or not all(isinstance(item, dict) for item in objects):
            break
        found += objects
        rest = rest[end:].lstrip()
    return found, rest
