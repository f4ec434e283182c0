"""The key of this installation's fingerprints of secrets: a file beside the recordings, readable by its owner alone.

It is made at the first use and stays, so that the same secret has the same fingerprint in every session and when a
session is made again.
"""

import os
from pathlib import Path

NAME = ".fingerprint-key"
_BYTES = 32


class FingerprintKeyError(Exception):
    """The key can neither be read nor made. The message names its file, and what can be done."""


def fingerprint_key(recordings: Path) -> bytes:
    """The key, made if there is none yet. Raises `FingerprintKeyError`."""
    path = recordings / NAME
    try:
        key = _read_or_make(path)
    except OSError as error:
        raise FingerprintKeyError(f"{path} can neither be read nor made: {error.strerror}") from error
    if len(key) != _BYTES:
        raise FingerprintKeyError(
            f"{path} should hold {_BYTES} bytes, but holds {len(key)}; remove it to have a new key made"
        )
    return key


def folder_of_key(directory: Path, recordings: Path) -> Path:
    """Where the key is by which a recording is made again: beside it; if it came without one, in the user's own."""
    beside = directory.parent.parent
    return beside if (beside / NAME).exists() else recordings


def _read_or_make(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        _make(path)
        return path.read_bytes()


def _make(path: Path) -> None:
    """Whole or not at all, and never over one that another process has just made."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    unfinished = path.with_name(f"{NAME}.{os.urandom(8).hex()}")
    try:
        with open(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(os.urandom(_BYTES))
            file.flush()
            os.fsync(file.fileno())
        os.link(unfinished, path)
    except FileExistsError:
        return
    finally:
        unfinished.unlink(missing_ok=True)
