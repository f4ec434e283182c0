"""Masks lines before anybody else reads them, and reports the secrets that were in them. Pure."""

from collections.abc import Callable, Mapping
from typing import Any

from stream.ansi import without_controls
from stream.lines import Line
from stream.report import MAX_STORED_LINE, Report
from stream.secrets.line_masker import LineMasker, LineSecret
from stream.secrets.masked_places import REDACTED, SIGN, masked_places
from stream.secrets.masker import Found
from stream.text_block import TextBlock


class SecretReader:
    """Stands in front of a reader of lines: a secret is told behind what its line has told.

    Without a masker in the `report` it lets everything through.
    """

    def __init__(self, report: Report) -> None:
        self._report = report
        self._lines = LineMasker(report.masker) if report.masker else None
        self._is_redacted = report.header.redacted is True
        self._begun: tuple[Line, bytes] | None = None  # the line in which a secret begins whose end has not come yet

    def read(self, block: TextBlock, read: Callable[[TextBlock], None]) -> None:
        """Lets `read` have these lines without their secrets, in parts that end with each line that had one."""
        if self._lines and self._is_redacted and SIGN in block.text:
            read = self._behind_masked(read)
        masked = self._lines.mask(block.text, no_secrets=block.no_secrets) if self._lines else None
        if masked is None or masked.text is block.text:
            read(block)
            return
        text = masked.text
        done = first = 0
        for secret in masked.secrets:
            end = text.index(b"\n", secret.start) + 1
            if end > done:
                read(block.part(text[done:end], first, done))
                done, first = end, secret.line + 1
            self._take(secret, block.locate(secret.line, secret.start), text[secret.start : end - 1])
        if done < len(text):
            read(block.part(text[done:], first, done))

    def _behind_masked(self, read: Callable[[TextBlock], None]) -> Callable[[TextBlock], None]:
        """Lets `read` have lines, and tells of those in which the recording itself was masked."""

        def read_and_tell(block: TextBlock) -> None:
            done = first = 0
            for place in masked_places(block.text):
                read(block.part(block.text[done : place.end + 1], first, done))
                done, first = place.end + 1, place.line + 1
                where, line = block.locate(place.line, place.start), block.text[place.start : place.end]
                self._tell_kind(REDACTED, place.shown, where, line, {"kind": REDACTED})
            if done < len(block.text):
                read(block.part(block.text[done:], first, done))

        return read_and_tell

    def finish(self, at: int) -> None:
        """No more lines will come."""
        if self._lines and (found := self._lines.finish()) and self._begun:
            where, line = self._begun
            self._tell(found, where._replace(at=at), line, {})
        self._begun = None

    def state(self) -> dict[str, Any]:
        """JSON-serialisable; to be sealed, for it may hold a part of a secret."""
        begun = self._begun and [self._begun[0], self._begun[1].decode("utf-8", "replace")]
        return {"lines": self._lines.state() if self._lines else None, "begun": begun}

    def resume(self, state: dict[str, Any]) -> None:
        """Goes on where `state` was taken."""
        if self._lines:
            self._lines.resume(state["lines"])
        self._begun = (Line(*state["begun"][0]), state["begun"][1].encode()) if state["begun"] else None

    def _take(self, secret: LineSecret, where: Line, line: bytes) -> None:
        if secret.found is None:
            self._begun = (where, line[:MAX_STORED_LINE])
            return
        begun = self._begun if secret.late else None
        if begun is None:
            self._tell(secret.found, where, line, {})
            return
        self._begun = None
        first, text = begun
        last = where.number if secret.here else where.number - 1
        more = {"line_end": last} if last > first.number else {}
        self._tell(secret.found, first._replace(at=where.at), text, more)

    def _tell(self, found: Found, where: Line, line: bytes, more: Mapping[str, Any]) -> None:
        metadata = {"kind": found.kind, "fingerprint": found.fingerprint, **more}
        self._tell_kind(found.kind, found.masked, where, line, metadata)

    def _tell_kind(self, kind: str, masked: str, where: Line, line: bytes, metadata: Mapping[str, Any]) -> None:
        text = without_controls(line)
        event = self._report.event("secret", kind, masked, where, text=text, metadata=metadata, risk_level="high")
        self._report.events.append(event)
