"""Where an export goes: a file that appears when it is whole, or what is there to be written into."""

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO


class OutputError(Exception):
    """Nothing can be written there. The message names the path and what is wrong with it."""


@contextmanager
def output_file(path: Path) -> Iterator[BinaryIO]:
    """A file to write: at the end of the block it stands at `path`, or, where that failed, what was there before.

    It has the mode of what it replaces. Of a symlink it is the target. What is no regular file (a device, a FIFO,
    `/dev/fd/63`) is written into. Raises `OutputError`.
    """
    with _naming(path):
        special = _append(path) if _is_special(path) else None
    if special:
        with special:
            yield special
        return
    target = Path(os.path.realpath(path))
    unfinished = target.with_name(f".{target.name}.{os.getpid()}")
    with _naming(path):
        file = _make(unfinished, like=target)
    try:
        with file:
            yield file
        with _naming(path):
            unfinished.replace(target)
    finally:
        unfinished.unlink(missing_ok=True)


def output_directory(path: Path) -> None:
    """Makes a directory for several files, unless it is there. Raises `OutputError`."""
    with _naming(path):
        path.mkdir(exist_ok=True)


def _append(path: Path) -> BinaryIO:
    return open(os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CLOEXEC), "wb")


def _make(path: Path, *, like: Path) -> BinaryIO:
    """A new file, never open to more than the one whose place it takes, if there is one."""
    try:
        mode = stat.S_IMODE(like.stat().st_mode)
    except FileNotFoundError:
        return path.open("xb")
    fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, mode)
    os.fchmod(fd, mode)  # whatever our umask is
    return open(fd, "wb")


def _is_special(path: Path) -> bool:
    """Whether nothing may take its place: it is no regular file, or a name of an open one (`/dev/stdout`)."""
    try:
        mode = path.stat().st_mode
    except FileNotFoundError:
        return False
    folder = os.path.realpath(path.parent)
    return not stat.S_ISREG(mode) or folder in ("/dev", "/dev/fd") or folder.startswith("/proc/")


@contextmanager
def _naming(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise OutputError(f"cannot write to {path}: {_reason(error, path)}") from error


def _reason(error: OSError, path: Path) -> str:
    folder = Path(os.path.realpath(path)).parent
    match error:
        case IsADirectoryError():
            return "it is a directory; name a file"
        case FileExistsError():
            return "it is not a directory, and there are several files to write"
        case FileNotFoundError() if not folder.exists():
            return f"there is no directory {folder}"
    return error.strerror or str(error)
