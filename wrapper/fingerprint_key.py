"""The key of this installation's fingerprints of secrets: a file beside the recordings, readable by its owner alone.

It is made at the first use and stays, so that the same secret has the same fingerprint in every session and when a
session is made again.
"""

import os
from pathlib import Path

NAME = ".fingerprint-key"
_BYTES = 32


def fingerprint_key(recordings: Path) -> bytes:
    """The key, made if there is none yet. Raises `OSError` when it can neither be read nor made."""
    path = recordings / NAME
    try:
        key = path.read_bytes()
    except FileNotFoundError:
        _make(path)
        key = path.read_bytes()
    if len(key) != _BYTES:
        raise OSError(f"{path} should hold {_BYTES} bytes, but holds {len(key)}; remove it to have a new key made")
    return key


def _make(path: Path) -> None:
    """Whole or not at all, and never over one that another process has just made."""
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
