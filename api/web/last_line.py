"""What an agent printed last: the last line of the end of its recording, secrets masked.

Escapes are taken out, which gives what a reader saw as long as nothing but text was printed. Where the cursor was
moved about, as in full-screen programs, the end of the recording says nothing by itself, and nothing is made of it.
"""

import os
import re
from collections.abc import Sequence
from pathlib import Path

from data.export.masking import mask
from stream.ansi import clean, without_controls

TAIL = 8 * 1024  # bytes that are looked at
LONGEST = 240  # characters that are shown

# Cursor movement across lines and positioning (ECMA-48 8.3: CUU, CUD, CUF, CUB, CNL, CPL, CUP, ED, SU, SD, VPA, HVP),
# DEC's save, restore and reverse index, and the switch to the other screen.
_MOVES = re.compile(rb"\x1b(?:\[[0-9;]*[ABCDEFHJSTdf]|[78M]|\[\?(?:47|1047|1049)[hl])")


def last_line(logs: Sequence[Path]) -> str:
    """The last line of the log that was written to last; nothing if there is none that can be told."""
    newest = max(logs, key=_written, default=None)
    return line_of(_tail(newest)) if newest else ""


def line_of(tail: bytes) -> str:
    """The last line that holds anything, of the end of an output."""
    if _MOVES.search(tail):
        return ""
    for line in reversed(clean(mask(tail)).split(b"\n")):
        text = without_controls(line).decode().strip()
        if text:
            return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"
    return ""


def _written(path: Path) -> tuple[int, int]:
    """When it was; an empty file comes last."""
    try:
        found = path.stat()
    except OSError:
        return (0, 0)
    return (int(found.st_size > 0), found.st_mtime_ns)


def _tail(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            size = file.seek(0, os.SEEK_END)
            file.seek(max(0, size - TAIL))
            data = file.read(TAIL)
    except OSError:  # the recording was removed
        return b""
    # Of a line that begins before, only a part would be seen: half an escape, half a secret.
    return data if size <= TAIL else data.partition(b"\n")[2]
