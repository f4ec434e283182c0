"""Finds the records of agents' JSON among the lines of a stream, and hands them to their decoders. Pure.

What turns out to be nobody's record is text like any other: it is given back.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from stream.decoders import DECODERS
from stream.decoders.json_objects import OpenObject, Progress, objects_of, opens_object
from stream.decoders.record import Decoder, Record
from stream.embedded import EmbeddedTexts
from stream.held_lines import HeldLine
from stream.lazy_regex import lazy_regex
from stream.lines import Line
from stream.regions import Beginning
from stream.report import Report
from stream.text_block import Where, known

MARK = r"^(?:\{|\[\s*(?:\{|$))"  # lines that may be a record, or begin one

_OPENINGS = (b"{", b"[")
_TYPED = lazy_regex(rb'\{\s*"type"\s*:')


class JsonReader:
    """Of one stream. The first record that an agent's decoder recognises makes its decoder; several may be at work.

    `undecided` says that the last line was taken for now, and may yet be given back.
    """

    def __init__(self, report: Report, texts: EmbeddedTexts) -> None:
        self._report = report
        self._texts = texts
        self._decoders: dict[str, Decoder] = {}  # by kind, the one that read last behind the others
        self._object: OpenObject | None = None
        self._given_back: list[HeldLine] = []
        self._passing = 0  # lines given back that cannot open an object once more
        self._first: HeldLine | None = None  # a run may have begun with it: what comes right behind it says so

    @property
    def undecided(self) -> bool:
        return self._object is not None

    @property
    def active(self) -> bool:
        """Whether records were found in this stream."""
        return bool(self._decoders)

    @property
    def gives_back(self) -> bool:
        """Whether there is something to be given back, the last line included unless it was taken."""
        return bool(self._given_back)

    def concerns(self, line: bytes) -> bool:
        """Whether the line is to be read here, be it to count it; of most lines this is all that has to be known."""
        return line.startswith(_OPENINGS) or self._object is not None or self._passing > 0

    def read(self, line: bytes, where: Where, *, beginning: Beginning) -> bool:
        """Whether this line is a record, or part of one. `beginning` says what may be the first one where it stands.

        Unless that is any, it stands in something that is open, where only whole records count.
        """
        if self._object:
            return self._go_on(self._object, HeldLine(line, where()))
        passing, self._passing = self._passing > 0, max(0, self._passing - 1)
        inside = beginning is not Beginning.ANY
        if not line.startswith(_OPENINGS):
            return False
        if inside and not self.active:
            return beginning is Beginning.PAIR and self._pair(line, where)
        if opens_object(line):
            if inside or passing:
                return False
            self._object = OpenObject()
            self._object.take(HeldLine(line, where()))
            return True
        return self._whole_line(line, where)

    def given_back(self) -> Sequence[HeldLine]:
        """Lines that were taken and are text after all, in their order; each is given back once."""
        lines, self._given_back = self._given_back, []
        return lines

    def let_go(self) -> Sequence[HeldLine]:
        """What is open will not be completed: its lines are text."""
        if self._object:
            self._give_back(self._object.lines, passing=len(self._object.lines))
        return self.given_back()

    def finish(self, at: int) -> None:
        """The stream has ended."""
        for decoder in self._decoders.values():
            decoder.finish(at, self._report, self._texts)

    def state(self) -> dict[str, Any]:
        """JSON-serialisable."""
        return {
            "decoders": [[kind, decoder.state()] for kind, decoder in self._decoders.items()],
            "texts": self._texts.state(),
            "object": self._object.state() if self._object else None,
            "passing": self._passing,
            "first": [self._first.text.decode(), self._first.where] if self._first else None,
        }

    def resume(self, state: dict[str, Any]) -> None:
        """Goes on where `state` was taken."""
        for kind, decoder_state in state["decoders"]:
            self._decoders[kind] = DECODERS[kind].make()
            self._decoders[kind].resume(decoder_state)
            self._report.heard.add(kind)
        self._texts.resume(state["texts"])
        self._object = OpenObject.resume(state["object"]) if state["object"] else None
        self._passing = state["passing"]
        if state["first"]:
            text, where = state["first"]
            self._first = HeldLine(text.encode(), Line(*where))

    def _pair(self, line: bytes, where: Where) -> bool:
        """In an agent's answer, which may quote a record: whether a run begins with the line before, and this one."""
        first, self._first = self._first, None
        objects, rest = objects_of(line.decode()) if _TYPED.match(line) else ([], "")
        if rest or len(objects) != 1:
            return False
        kind = next((kind for kind in DECODERS if DECODERS[kind].recognises(objects[0])), None)
        if kind is None:
            return False
        here = HeldLine(line, where())
        if first and first.where.number + 1 == here.where.number:
            return self._whole_line(first.text, known(first.where)) and self._whole_line(line, where)
        self._first = here if DECODERS[kind].begins(objects[0]) else None
        return False

    def _whole_line(self, line: bytes, where: Where) -> bool:
        objects, rest = objects_of(line.decode())
        if not objects:
            # An agent that is killed, or a line longer than any may be, leaves half a record: that is no text.
            return self.active and _TYPED.match(line) is not None
        if not self._hand_over(objects, HeldLine(line, where()), where().number):
            return False
        self._text_behind(rest, HeldLine(line, where()))
        return True

    def _go_on(self, opened: OpenObject, line: HeldLine) -> bool:
        progress = opened.take(line)
        if progress is Progress.OPEN:
            return True
        if progress is Progress.WHOLE:
            text = opened.text()
            objects, _ = objects_of(text.decode())
            if objects and self._hand_over(objects, HeldLine(text, opened.lines[0].where), line.where.number):
                self._object = None
                self._text_behind(line.text[opened.end :].decode().strip(), line)
                return True
        # The line that shows it to be text may itself open an object; others would be read again and again.
        self._give_back(opened.lines, passing=len(opened.lines) - (progress is Progress.NONE))
        return False

    def _text_behind(self, rest: str, line: HeldLine) -> None:
        if rest:
            self._give_back([line._replace(text=rest.encode())], passing=1)

    def _give_back(self, lines: Sequence[HeldLine], *, passing: int) -> None:
        self._object = None
        self._given_back += lines
        self._passing = passing

    def _hand_over(self, objects: Sequence[Mapping[str, Any]], source: HeldLine, line_end: int) -> bool:
        """Whether any of them is an agent's record."""
        taken = False
        for data in objects:
            if kind := self._kind_of(data):
                alone = len(objects) == 1
                text = source.text if alone else json.dumps(data, ensure_ascii=False).encode("utf-8", "replace")
                record = Record(data, text, source.where, line_end)
                self._decoders[kind].read(record, self._report, self._texts)
                taken = True
        return taken

    def _kind_of(self, data: Mapping[str, Any]) -> str | None:
        for kind in (*reversed(self._decoders), *(kind for kind in DECODERS if kind not in self._decoders)):
            if DECODERS[kind].recognises(data):
                self._report.heard.add(kind)
                decoder = self._decoders.pop(kind, None)
                self._decoders[kind] = DECODERS[kind].make() if decoder is None else decoder
                return kind
        return next((kind for kind in reversed(self._decoders) if DECODERS[kind].accepts(data)), None)
