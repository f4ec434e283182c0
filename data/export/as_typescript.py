"""The pair that util-linux's `script` makes, for `scriptreplay --log-out typescript --log-timing timing`.

Both streams are in the one log, in the order of the recording. `scriptreplay` skips the log's first line.
"""

import shlex

from data.export.encoder import About
from stream.replay.items import Item
from stream.replay.playback import OutputPiece, ResizePiece
from stream.timestamps import format_timestamp
from stream.timing import format_header, format_output, format_seconds, format_signal

LOG, TIMING = "typescript", "timing"


class Typescript:
    """The log: a line that says what ran, then the output."""

    def __init__(self, about: About) -> None:
        self._about = about

    def begin(self) -> bytes:
        started, command = format_timestamp(self._about.header.started), _command(self._about)
        return f'Script started on {started} [COMMAND="{command}"]\n'.encode("utf-8", "replace")

    def add(self, item: Item) -> bytes:
        return item.value.data if isinstance(item.value, OutputPiece) else b""

    def end(self) -> bytes:
        status = self._about.session.exit_code
        ended = format_timestamp(self._about.header.started + self._about.duration)
        return f'\nScript done on {ended} [COMMAND_EXIT_CODE="{"" if status is None else status}"]\n'.encode()


class Timing:
    """When, in the advanced format: headers, output, window sizes, the end."""

    def __init__(self, about: About) -> None:
        self._about = about
        self._at = 0

    def begin(self) -> bytes:
        header = self._about.header
        facts: dict[str, object] = {"START_TIME": format_timestamp(header.started)}
        if "TERM" in header.environ:
            facts["TERM"] = header.environ["TERM"]
        if header.columns:
            facts |= {"COLUMNS": header.columns, "LINES": header.rows}
        facts |= {"COMMAND": _command(self._about), "TIMING_LOG": TIMING, "OUTPUT_LOG": LOG}
        return b"".join(format_header(name, value) for name, value in facts.items())

    def add(self, item: Item) -> bytes:
        value = item.value
        if isinstance(value, OutputPiece):
            delta, self._at = item.at - self._at, item.at
            return format_output("O", delta, len(value.data))
        if isinstance(value, ResizePiece):
            return format_signal("SIGWINCH", item.at, {"ROWS": value.rows, "COLS": value.columns})
        return b""

    def end(self) -> bytes:
        duration = self._about.duration
        last = format_header("DURATION", format_seconds(duration), max(0, duration - self._at))
        status = self._about.session.exit_code
        return last if status is None else last + format_header("EXIT_CODE", status)


def _command(about: About) -> str:
    return " ".join(shlex.join(about.session.command).split())
