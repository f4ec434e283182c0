"""Masks the secrets in a recording that was asked for, once all of it is stored: in place, and it says so.

Lengths stay, so times, lines and offsets do, too. Doing it twice does nothing more, so one that was interrupted is done
again; the header says that it is done when it is.
"""

import os
from pathlib import Path
from typing import BinaryIO

from stream.recording import LOGS, TIMING, read_header
from stream.secrets.masker import SecretMasker
from stream.secrets.redaction import RawMasker

_BLOCK = 1 << 20  # bytes at once
_WANTED, _DONE = b"REDACTED false\n", b"REDACTED true \n"  # JSON allows the blank, and nothing moves
_FIRST_RECORDS = 1 << 20  # bytes that hold the headers


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
        _mask_file(timing, RawMasker(masker))  # the command line stands in it
        _say_so(timing)
    return True


def _mask_file(file: BinaryIO, masker: RawMasker) -> None:
    """Each block is written over the same block: what is held back of it follows with the next."""
    written = 0
    while data := _read_at(file, written + masker.held):
        written += _write_at(file, written, masker.feed(data))
    _write_at(file, written, masker.flush())
    os.fsync(file.fileno())


def _say_so(timing: BinaryIO) -> None:
    head = _read_at(timing, 0, _FIRST_RECORDS)
    os.pwrite(timing.fileno(), _DONE, head.index(_WANTED))
    os.fsync(timing.fileno())


def _read_at(file: BinaryIO, offset: int, size: int = _BLOCK) -> bytes:
    return os.pread(file.fileno(), size, offset)


def _write_at(file: BinaryIO, offset: int, data: bytes) -> int:
    view = memoryview(data)
    done = 0
    while done < len(view):
        done += os.pwrite(file.fileno(), view[done:], offset + done)
    return done
