"""Which recordings are not yet stored to their end: a file each in `<recordings>/.pending/`.

Made before the agent starts, or before a session is indexed again; taken away when the last event is committed. It
holds the path of the database that the recording goes into.
"""

import os
from pathlib import Path
from typing import NamedTuple

from stream.recording import open_private

_PENDING = ".pending"


class Pending(NamedTuple):
    """A recording that is to be stored, and the database that it goes into."""

    directory: Path
    db: Path


def mark_pending(directory: Path, db: Path) -> None:
    """This recording is to be stored in this database."""
    marker = _marker(directory)
    marker.parent.mkdir(mode=0o700, exist_ok=True)
    with open(marker, "wb", opener=open_private) as file:
        file.write(os.fsencode(db))


def settle(directory: Path) -> None:
    """This recording is stored to its end."""
    _marker(directory).unlink(missing_ok=True)


def pending_recordings(recordings: Path) -> list[Pending]:
    """What is marked; a recording that somebody has removed is forgotten."""
    found = []
    for marker in sorted(recordings.glob(f"{_PENDING}/*")):
        agent, _, session_id = marker.name.rpartition(".")
        directory = recordings / agent / session_id
        if directory.is_dir():
            found.append(Pending(directory, Path(os.fsdecode(marker.read_bytes()))))
        else:
            marker.unlink(missing_ok=True)
    return found


def _marker(directory: Path) -> Path:
    return directory.parent.parent / _PENDING / f"{directory.parent.name}.{directory.name}"
