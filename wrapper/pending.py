"""Which recordings are not yet stored to their end: an empty file each in `<recordings>/.pending/`.

Made before the agent starts, taken away when the last event is committed.
"""

from pathlib import Path

_PENDING = ".pending"


def mark_pending(directory: Path) -> None:
    """This recording is to be stored in the database that its header names."""
    marker = _marker(directory)
    marker.parent.mkdir(mode=0o700, exist_ok=True)
    marker.touch(mode=0o600)


def settle(directory: Path) -> None:
    """This recording is stored to its end."""
    _marker(directory).unlink(missing_ok=True)


def pending_recordings(recordings: Path) -> list[Path]:
    """Directories of the recordings that are marked; one that somebody has removed is forgotten."""
    found = []
    for marker in sorted(recordings.glob(f"{_PENDING}/*")):
        agent, _, session_id = marker.name.rpartition(".")
        directory = recordings / agent / session_id
        if directory.is_dir():
            found.append(directory)
        else:
            marker.unlink(missing_ok=True)
    return found


def _marker(directory: Path) -> Path:
    return directory.parent.parent / _PENDING / f"{directory.parent.name}.{directory.name}"
