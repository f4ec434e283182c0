"""Text inside a record of an agent's JSON, read as lines of its own: fences, diagnostics, patterns. Pure.

Whatever is found in it stands, for the database, where the record stands.
"""

from typing import Any, Self

from stream.ansi import clean
from stream.extractor import Extractor
from stream.line_reader import LineReader
from stream.lines import MAX_LINE, Line
from stream.regions import REGIONS, Region
from stream.report import Report
from stream.secrets.reader import SecretReader
from stream.text_block import TextBlock

_MOST_OPEN = 64  # texts at a time; beyond that the oldest ends

_KEYS = {region: key for key, region in REGIONS.items()}


class EmbeddedText:
    """One text, which may come in pieces: a code block may reach over many records."""

    def __init__(self, report: Report, extractor: Extractor, region: Region) -> None:
        self.region = region
        self._reader = LineReader(report, extractor, region=region, numbered=False)
        self._secrets = SecretReader(report)
        self._open: list[str] = []  # pieces of the open line, at most MAX_LINE characters of it
        self._room = MAX_LINE

    def feed(self, text: str, where: Line) -> None:
        """The next piece, from the record at `where`."""
        lines, newline, rest = text.rpartition("\n")
        if newline:
            self._read("".join((*self._open, lines, newline)), where)
            self._open, self._room = [], MAX_LINE
        if rest and self._room:
            self._open.append(rest[: self._room])
            self._room -= len(self._open[-1])

    def end(self, where: Line) -> None:
        """The text is whole: what is open ends."""
        if self._open:
            self._read("".join((*self._open, "\n")), where)
            self._open, self._room = [], MAX_LINE
        self._secrets.finish(where.at)
        self._reader.close(where.at)

    def state(self) -> list[Any]:
        """JSON-serialisable."""
        return [_KEYS[self.region], "".join(self._open), self._reader.state(), self._secrets.state()]

    def _read(self, text: str, where: Line) -> None:
        if text:
            lines = clean(text.encode("utf-8", "replace"))
            self._secrets.read(TextBlock(lines, lambda _index, _start: where), self._reader.read)

    @classmethod
    def resume(cls, report: Report, extractor: Extractor, state: list[Any]) -> Self:
        """The text that `state` was taken of."""
        region, rest, reader, secrets = state
        text = cls(report, extractor, REGIONS[region])
        text._open, text._room = [rest] if rest else [], MAX_LINE - len(rest)
        text._reader.resume(reader)
        text._secrets.resume(secrets)
        return text


class EmbeddedTexts:
    """The texts that are open in one stream, by a key of the decoder's (a message's id, a tool call's)."""

    def __init__(self, report: Report, extractor: Extractor) -> None:
        self._report = report
        self._extractor = extractor
        self._open: dict[str, EmbeddedText] = {}

    def read(self, text: str, region: Region, where: Line) -> None:
        """A text that came whole."""
        whole = EmbeddedText(self._report, self._extractor, region)
        whole.feed(text, where)
        whole.end(where)

    def feed(self, key: str, text: str, region: Region, where: Line) -> None:
        """A piece of the text with this key, which begins with it if it is not open."""
        if key not in self._open:
            if len(self._open) >= _MOST_OPEN:
                self.end(next(iter(self._open)), where)
            self._open[key] = EmbeddedText(self._report, self._extractor, region)
        self._open[key].feed(text, where)

    def end(self, key: str, where: Line) -> None:
        """The text with this key is whole; it may not be open."""
        if text := self._open.pop(key, None):
            text.end(where)

    def end_all(self, where: Line, prefix: str = "") -> None:
        """No text goes on whose key begins like this."""
        for key in [key for key in self._open if key.startswith(prefix)]:
            self.end(key, where)

    def state(self) -> dict[str, Any]:
        """JSON-serialisable."""
        return {key: text.state() for key, text in self._open.items()}

    def resume(self, state: dict[str, Any]) -> None:
        """Goes on where `state` was taken."""
        self._open = {key: EmbeddedText.resume(self._report, self._extractor, text) for key, text in state.items()}
