"""Masks the secrets in a recording that was asked for, once all of it is stored: in place, and it says so.

Lengths stay, so times, lines and offsets do, too. Doing it twice does nothing more, so one that was interrupted is done
again; the header says that it is done when it is.
"""

import json
import os
from pathlib import Path
from typing import Any, BinaryIO

from stream.recording import LOGS, TIMING, RecordingError, read_header
from stream.secrets.masker import SecretMasker
from stream.secrets.redaction import RawMasker, redact_words

_BLOCK = 1 << 20  # bytes at once


def redact_recording(directory: Path) -> bool:
    """Masks it if its run asked for that and it is not done yet; whether it did. Raises `OSError`, `RecordingError`."""
    header = read_header(directory)
    if header.redacted is not False:
        return False
    masker = SecretMasker(b"", header.columns)  # fingerprints are not asked for
    for name in LOGS.values():
        if (directory / name).exists():
            with (directory / name).open("r+b") as log:
                _mask_file(log, RawMasker(masker))
    with (directory / TIMING).open("r+b") as timing:
        # Word by word first: an option and the secret behind it are two texts of the vector's JSON.
        _set_header(timing, "ARGV", redact_words(header.command, masker))
        _mask_file(timing, RawMasker(masker))
        _set_header(timing, "REDACTED", True)
        os.fsync(timing.fileno())
    return True


def _mask_file(file: BinaryIO, masker: RawMasker) -> None:
    """Each block is written over the same block: what is held back of it follows with the next."""
    written = 0
    while data := _read_at(file, written + masker.held):
        written += _write_at(file, written, masker.feed(data))
    _write_at(file, written, masker.flush())
    os.fsync(file.fileno())


def _set_header(timing: BinaryIO, name: str, value: Any) -> None:
    """The new value is not longer than the old one; JSON allows the blanks behind it, and nothing moves."""
    timing.seek(0)
    offset = 0
    for line in timing:
        kind, _, found, *old = line.split(b" ", 3)
        offset += len(line)
        if kind != b"H":
            break
        if found == name.encode():
            size = len(old[0])
            _write_at(timing, offset - size, json.dumps(value).encode().ljust(size - 1))
            return
    raise RecordingError(f"{timing.name} has no header {name}")


def _read_at(file: BinaryIO, offset: int) -> bytes:
    return os.pread(file.fileno(), _BLOCK, offset)


def _write_at(file: BinaryIO, offset: int, data: bytes) -> int:
    view = memoryview(data)
    done = 0
    while done < len(view):
        done += os.pwrite(file.fileno(), view[done:], offset + done)
    return done
