"""What is known of the recordings that were looked at last, shared by all who look at them.

Somebody who opens a session a second time, or beside others, finds its marks there; and a page that will ask for a
moment has it looked for while the browser still reads the page. What is kept is bounded: `MOST` recordings with at most
`stream.replay.seeking.MAX_MARKS` states of a terminal each.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Coroutine
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any, cast

from starlette.requests import Request

from api.errors import ApiError
from api.reading import read_in_thread
from api.replay import Replay
from data.stores import StoreError
from stream.recording import RecordingError, RecordingHeader
from stream.replay.keyframes import keyframe
from stream.replay.seeking import PIPE_COLUMNS, PIPE_ROWS, Moment, Seeker
from stream.screens.emulated_terminal import EmulatedTerminal

MOST = 4  # recordings


class Seekers:
    """Finds moments of recordings, each recording's one after the other; close it with the server."""

    def __init__(self) -> None:
        self._known: OrderedDict[Path, _Known] = OrderedDict()
        self._preparing: set[asyncio.Task[None]] = set()

    def warm_up(self) -> None:
        """Loads the emulator, which takes a third of a second, before anybody waits for it."""
        self.prepare(read_in_thread(_load_emulator))

    async def moment(self, replay: Replay, at: int) -> Moment:
        """What the terminal showed `at` µs after the start, as far as `replay` reaches. Raises `RecordingError`."""
        at = min(at, replay.duration) if replay.ended else at
        return await self._of(replay).moment(at, replay.segment.end.timing)

    def prepare(self, moment: Coroutine[Any, Any, object]) -> None:
        """Finds a moment ahead of the one who will ask for it, and who will be told if that fails."""
        task = asyncio.create_task(_quietly(moment))
        self._preparing.add(task)
        task.add_done_callback(self._preparing.discard)

    async def close(self) -> None:
        """Waits for what is being read."""
        for task in self._preparing:
            task.cancel()
        await asyncio.gather(*self._preparing, return_exceptions=True)

    def _of(self, replay: Replay) -> "_Known":
        known = self._known.pop(replay.directory, None)
        if known is None or known.header != replay.header:  # its secrets may have been masked meanwhile
            known = _Known(replay.directory, replay.header)
        self._known[replay.directory] = known
        while len(self._known) > MOST:
            self._known.popitem(last=False)
        return known


class _Known:
    """One recording's seeker, and the moment that was asked for last."""

    def __init__(self, directory: Path, header: RecordingHeader) -> None:
        self.header = header
        self._seeker = Seeker(directory, header)
        self._alone = asyncio.Lock()
        self._last: tuple[int, Moment] | None = None

    async def moment(self, at: int, end: int) -> Moment:
        async with self._alone:
            if self._last is None or (self._last[0], self._last[1].at) != (end, at):
                self._last = end, await read_in_thread(partial(self._seeker.moment, at, end))
            return self._last[1]


def seekers_of(request: Request) -> Seekers:
    """Those of this server."""
    return cast("Seekers", request.app.state.seekers)


def _load_emulator() -> None:
    keyframe(EmulatedTerminal(PIPE_COLUMNS, PIPE_ROWS))


async def _quietly(moment: Coroutine[Any, Any, object]) -> None:
    with suppress(ApiError, RecordingError, StoreError):
        await moment
