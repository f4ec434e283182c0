"""Finds the records of an agent's JSON among the lines of a stream, and hands them to its decoder. Pure."""

import json
from collections.abc import Mapping
from typing import Any

from stream.decoders import DECODERS, Decoder
from stream.embedded import EmbeddedTexts
from stream.report import Report
from stream.spot import Where

MARK = r"^\s*\{"  # lines that may be a record, or begin one


class JsonReader:
    """Of one stream. Its first record that an agent's decoder recognises chooses the decoder."""

    def __init__(self, report: Report, texts: EmbeddedTexts) -> None:
        self._report = report
        self._texts = texts
        self._kind: str | None = None
        self._decoder: Decoder | None = None
        self.hungry = False

    def read(self, line: bytes, where: Where) -> bool:
        """Whether this line is a record, or part of one."""
        if not line.lstrip().startswith(b"{"):
            return False
        try:
            record = json.loads(line)
        except ValueError:
            return False
        if self._decoder is None:
            self._choose(record)
        if self._decoder is None:
            return False
        self._decoder.read(record, where(), self._report, self._texts)
        return True

    def finish(self, at: int) -> None:
        """The stream has ended."""
        if self._decoder:
            self._decoder.finish(at, self._report, self._texts)

    def state(self) -> dict[str, Any]:
        """JSON-serialisable."""
        return {
            "kind": self._kind,
            "decoder": self._decoder.state() if self._decoder else None,
            "texts": self._texts.state(),
        }

    def resume(self, state: dict[str, Any]) -> None:
        """Goes on where `state` was taken."""
        self._kind = state["kind"]
        if self._kind is not None:
            self._decoder = DECODERS[self._kind].make()
            self._decoder.resume(state["decoder"])
        self._texts.resume(state["texts"])

    def _choose(self, record: Mapping[str, Any]) -> None:
        for kind, row in DECODERS.items():
            if row.recognises(record):
                self._kind, self._decoder = kind, row.make()
                return
