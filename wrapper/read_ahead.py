"""A second process that prepares output ahead of the indexer, when the agent has ended and nobody needs the processor.

It is a guess about what the indexer will ask for, made by the same steps on the same recording: what was prepared for
other bytes is not used, and if it dies, the indexer does the work itself.
"""

import fcntl
import marshal
import os
import select
import struct
from collections import deque
from collections.abc import Iterable
from contextlib import suppress
from typing import Any, NamedTuple, NoReturn

from stream.extractor import Extractor
from stream.follow import Follower
from stream.lines import Clean, Prepared, Reads, prepare_text
from stream.pipeline import Pipeline
from stream.preparation import prepare
from stream.screens.plain_output import plain_end
from stream.secrets.masker import SecretMasker

_AHEAD_BYTES = 1 << 24  # that may wait to be taken
_PIPE_BYTES = 1 << 20  # the most that Linux allows without privileges
_LENGTH = struct.Struct("<I")


class _Question(NamedTuple):
    """What is asked of which bytes; both processes ask the same in the same order."""

    what: str
    stream: str
    offset: int
    size: int


class ReadAhead:
    """A `stream.preparation.Preparer`: what the other process has prepared, in its order."""

    def __init__(self, fd: int, pid: int, extractor: Extractor) -> None:
        self._file = os.fdopen(fd, "rb", buffering=_PIPE_BYTES)
        self._pid = pid
        self._extractor = extractor

    @classmethod
    def start(
        cls, follower: Follower, pipeline: Pipeline, extractor: Extractor, masker: SecretMasker | None
    ) -> "ReadAhead":
        """Forks a process that goes on where these stand, with nobody writing any more. Raises `OSError`.

        The caller may have no other threads.
        """
        reading, writing = os.pipe()
        try:
            pid = os.fork()
        except OSError:
            os.close(reading)
            os.close(writing)
            raise
        if pid == 0:
            _run(follower, pipeline, extractor, masker, (reading, writing))
        os.close(writing)
        return cls(reading, pid, extractor)

    def prepare(self, stream: str, offset: int, raw: bytes, clean: Clean) -> Prepared:
        answer = self._answer(_Question("lines", stream, offset, len(raw)))
        if answer is None:
            return prepare_text(offset, raw, clean)
        prepared, seen = answer
        self._extractor.learn({line: self._extractor.from_plain(plain) for line, plain in seen.items()})
        return Prepared(*prepared)

    def plain_end(self, stream: str, offset: int, data: bytes) -> tuple[int, bool]:
        return self._answer(_Question("plain", stream, offset, len(data))) or plain_end(data)

    def close(self) -> None:
        """Ends the other process: it finds nobody who reads."""
        if not self._file.closed:
            self._file.close()
            os.waitpid(self._pid, 0)

    def _answer(self, question: _Question) -> tuple[Any, ...] | None:
        """The next answer; None from then on when it is one to another question, or there is none."""
        if self._file.closed:
            return None
        length = self._file.read(_LENGTH.size)
        data = self._file.read(_LENGTH.unpack(length)[0]) if len(length) == _LENGTH.size else b""
        try:
            asked, answer = marshal.loads(data)  # noqa: S302 (our own child wrote it)
        except (EOFError, ValueError):  # it has ended, or died half-way
            asked, answer = None, None
        if asked != question:
            self.close()
            return None
        return tuple(answer)


def _run(
    follower: Follower, pipeline: Pipeline, extractor: Extractor, masker: SecretMasker | None, pipe: tuple[int, int]
) -> NoReturn:
    """The other process: whatever happens, it ends here, and never goes on as another indexer."""
    status = 1
    try:
        os.close(pipe[0])
        outlet = _Outlet(pipe[1])
        null = os.open(os.devnull, os.O_RDWR)
        for descriptor in (0, 1, 2):  # whoever waits for our parent must not wait for us
            os.dup2(null, descriptor)
        pipeline.prepare_with(_Shipper(extractor, masker, outlet, pipeline.awaiting_opening))
        _pass_over(follower, pipeline)
        outlet.flush()
        status = 0
    except BrokenPipeError:
        status = 0
    finally:
        os._exit(status)


class _Shipper:
    """A `stream.preparation.Preparer` that sends its answers to the indexer."""

    def __init__(
        self, extractor: Extractor, masker: SecretMasker | None, outlet: "_Outlet", awaiting_opening: Iterable[str]
    ) -> None:
        self._extractor = extractor
        self._masker = masker
        self._outlet = outlet
        self._awaiting_opening = set(awaiting_opening)  # streams

    def prepare(self, stream: str, offset: int, raw: bytes, clean: Clean) -> Prepared:
        awaits = stream in self._awaiting_opening
        prepared, seen = prepare(raw, clean, self._extractor, self._masker, awaits_opening=awaits)
        text, lines, found, no_secrets, before_opening = prepared
        if not before_opening:
            self._awaiting_opening.discard(stream)
        plain = (text, lines, tuple(map(tuple, found or ())), no_secrets, before_opening)
        self._ship(_Question("lines", stream, offset, len(raw)), (plain, seen))
        return prepared

    def plain_end(self, stream: str, offset: int, data: bytes) -> tuple[int, bool]:
        answer = plain_end(data)
        self._ship(_Question("plain", stream, offset, len(data)), answer)
        return answer

    def _ship(self, question: _Question, answer: tuple[Any, ...]) -> None:
        self._outlet.put(marshal.dumps((tuple(question), answer)))


def _pass_over(follower: Follower, pipeline: Pipeline) -> None:
    """Has what is left of the recording prepared, as far as that can be done."""
    while items := follower.read():
        for item in items:
            if isinstance(item, Reads) and not pipeline.pass_over(item):
                return


class _Outlet:
    """Writes messages to a pipe as its reader takes them; up to `_AHEAD_BYTES` of them wait meanwhile."""

    def __init__(self, fd: int) -> None:
        self._fd = fd
        self._waiting: deque[memoryview] = deque()
        self._size = 0  # bytes that wait
        os.set_blocking(fd, False)
        if hasattr(fcntl, "F_SETPIPE_SZ"):
            with suppress(OSError):  # a user may have so many large pipes and no more; a small one does as well
                fcntl.fcntl(fd, fcntl.F_SETPIPE_SZ, _PIPE_BYTES)

    def put(self, message: bytes) -> None:
        for part in (_LENGTH.pack(len(message)), message):
            self._waiting.append(memoryview(part))
            self._size += len(part)
        self._write()
        while self._size > _AHEAD_BYTES:
            self._wait()

    def flush(self) -> None:
        while self._waiting:
            self._wait()

    def _wait(self) -> None:
        select.select((), (self._fd,), ())
        self._write()

    def _write(self) -> None:
        while self._waiting:
            part = self._waiting[0]
            try:
                written = os.write(self._fd, part)
            except BlockingIOError:
                return
            self._size -= written
            if written < len(part):
                self._waiting[0] = part[written:]
            else:
                self._waiting.popleft()
