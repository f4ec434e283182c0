"""One watcher for all clients of the live feed: a thread that looks at the database while somebody listens.

What it finds is encoded once and put into the buffer of everyone who wants it. Nobody is waited for: whose buffer is
full is cut off, and comes back with the id of the last event that it has seen.
"""

import asyncio
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path

from api.live_cursor import LiveCursor
from api.live_source import LiveEvent, LiveSource, is_wanted
from api.sse import frame
from data.changes import Cursor, Wanted
from data.stores import StoreError

POLL = 0.005  # seconds between two looks
BUFFER_BYTES = 2 << 20  # of one client; the frames themselves are shared by all

Framed = tuple[LiveEvent, bytes]


class Subscription:
    """What one client is to be sent from where it began on. It ends when it is cut off, or the watcher fails."""

    def __init__(self, wanted: Wanted, *, output: bool, room: int) -> None:
        self.wanted = wanted
        self.output = output
        self._start: LiveCursor | None = None
        self._begun = asyncio.Event()
        self._room = self._limit = room
        self._frames: list[bytes] = []
        self._filled = asyncio.Event()
        self._ended = False

    @property
    def waits(self) -> bool:
        """Whether it has not begun yet: the output that it asks for is not followed."""
        return self._start is None

    def begin(self, start: LiveCursor) -> None:
        """What is put from now on stands behind `start`."""
        self._start = start if self.output else start._replace(output=None)
        self._begun.set()

    async def start(self) -> LiveCursor | None:
        """Where it began, as soon as it has; None when it ended before."""
        await self._begun.wait()
        return self._start

    async def take(self) -> bytes:
        """All frames that have come, as soon as there is one; nothing when it has ended."""
        await self._filled.wait()
        frames, self._frames = self._frames, []
        self._room = self._limit
        if not self._ended:
            self._filled.clear()
        return b"".join(frames)

    def put(self, frames: bytes) -> bool:
        """Adds frames; False when there is no room, which ends it."""
        if self._frames and len(frames) > self._room:
            self.end()
            return False
        self._room -= len(frames)
        self._frames.append(frames)
        self._filled.set()
        return True

    def end(self) -> None:
        """Nothing more is sent; what waited is told to the client when it comes back."""
        self._ended = True
        self._frames = []
        self._filled.set()
        self._begun.set()


class LiveFeed:
    """Hands out what happens. Everything but the watcher itself runs in the loop."""

    def __init__(self, database: Path, *, on_cut_off: Callable[[], None], buffer: int = BUFFER_BYTES) -> None:
        self._database = database
        self._on_cut_off = on_cut_off
        self._buffer = buffer
        self._subscriptions: set[Subscription] = set()
        self._starting = asyncio.Lock()
        self._watcher: _Watcher | None = None
        self._watching: set[asyncio.Task[None]] = set()
        self._cursor = LiveCursor(Cursor())
        self._asked = self._followed = 0  # which time output is to be followed from now on, and is

    @asynccontextmanager
    async def subscribe(self, wanted: Wanted, *, output: bool) -> AsyncIterator[Subscription]:
        """From now on, until the end of the block. Raises `StoreError` when the database cannot be watched."""
        async with self._starting:
            if self._watcher is None:
                await self._start()
        subscription = Subscription(wanted, output=output, room=self._buffer)
        if output and not any(other.output for other in self._subscriptions):
            self._asked += 1
        self._subscriptions.add(subscription)
        self._tell_watcher()
        if not output or self._followed == self._asked:
            subscription.begin(self._cursor)
        try:
            yield subscription
        finally:
            self._subscriptions.discard(subscription)
            self._tell_watcher()

    async def close(self) -> None:
        """Stops watching."""
        self._leave()
        await asyncio.gather(*self._watching)

    async def _start(self) -> None:
        loop = asyncio.get_running_loop()
        begun: asyncio.Future[None] = loop.create_future()
        watcher = _Watcher(self._database, loop)
        task = asyncio.create_task(self._watch(watcher, begun))
        self._watching.add(task)
        task.add_done_callback(self._watching.discard)
        self._watcher = watcher
        self._asked += 1
        try:
            await asyncio.shield(begun)
        except asyncio.CancelledError:  # who asked for it has gone, and nobody else listens yet
            self._leave()
            raise

    async def _watch(self, watcher: "_Watcher", begun: asyncio.Future[None]) -> None:
        """Runs the watcher's thread to its end; when the database fails it, so do all who listen."""

        def begin(cursor: LiveCursor) -> None:
            self._cursor = cursor
            begun.set_result(None)

        told = [self._told_by(watcher, tell) for tell in (begin, self._begin_output, self._hand_out)]
        try:
            await _in_thread(lambda: watcher.run(*told))
        except StoreError as error:
            if not begun.done():
                begun.set_exception(error)
        finally:
            if watcher is self._watcher:
                self._leave()
            if not begun.done():
                begun.cancel()

    def _told_by(self, watcher: "_Watcher", tell: Callable[..., None]) -> Callable[..., None]:
        """The same, unless the watcher has been left meanwhile."""

        def told(*values: object) -> None:
            if watcher is self._watcher:
                tell(*values)

        return told

    def _begin_output(self, asked: int, cursor: LiveCursor) -> None:
        """Who has waited for the output begins here, unless it has been asked for anew since."""
        self._followed, self._cursor = asked, cursor
        for subscription in self._subscriptions:
            if subscription.waits and asked == self._asked:
                subscription.begin(cursor)

    def _hand_out(self, events: list[Framed]) -> None:
        by_filter: dict[tuple[Wanted, bool], bytes] = {}
        for subscription in [each for each in self._subscriptions if not each.waits]:
            key = wanted, output = subscription.wanted, subscription.output
            if key not in by_filter:
                by_filter[key] = b"".join(data for event, data in events if is_wanted(event, wanted, output=output))
            if by_filter[key] and not subscription.put(by_filter[key]):
                self._subscriptions.discard(subscription)
                self._on_cut_off()
        self._cursor = events[-1][0].cursor

    def _tell_watcher(self) -> None:
        if self._watcher is not None:
            wanted = any(subscription.output for subscription in self._subscriptions)
            self._watcher.output = self._asked if wanted else 0
        if not self._subscriptions:
            self._leave()

    def _leave(self) -> None:
        """Everybody who listens comes back, and a new watcher is started then."""
        if self._watcher is not None:
            self._watcher.stop()
            self._watcher = None
        for subscription in self._subscriptions:
            subscription.end()


class _Watcher:
    """Looks at the database from a thread of its own, and tells the loop what it finds.

    `output` is 0 while nobody wants it, and with each other number followed anew: what came between is nobody's.
    """

    def __init__(self, database: Path, loop: asyncio.AbstractEventLoop) -> None:
        self.output = 0
        self._database = database
        self._loop = loop
        self._stopped = threading.Event()

    def stop(self) -> None:
        """The thread ends soon."""
        self._stopped.set()

    def run(
        self,
        begin: Callable[[LiveCursor], None],
        followed: Callable[[int, LiveCursor], None],
        hand_out: Callable[[list[Framed]], None],
    ) -> None:
        """Until it is stopped. The functions are called in the loop. Raises `StoreError`."""
        following = 0
        with LiveSource(self._database) as source:
            self._loop.call_soon_threadsafe(begin, source.position)
            pause = POLL
            while not self._stopped.wait(pause):
                if (asked := self.output) not in (0, following):
                    source.follow_output()
                    self._loop.call_soon_threadsafe(followed, asked, source.position)
                following = asked
                if events := source.poll(output=following > 0):
                    self._tell(hand_out, [(event, framed(event)) for event in events])
                pause = 0 if events else POLL

    def _tell(self, hand_out: Callable[[list[Framed]], None], events: list[Framed]) -> None:
        """Waits until it is done: what the loop cannot keep up with stays in the database."""
        done = threading.Event()

        def call() -> None:
            hand_out(events)
            done.set()

        self._loop.call_soon_threadsafe(call)
        while not done.wait(POLL) and not self._stopped.is_set():
            continue


def framed(event: LiveEvent) -> bytes:
    """The event as it is sent."""
    return frame(event.name, event.data, str(event.cursor))


def _in_thread(function: Callable[[], None]) -> asyncio.Future[None]:
    """Done when the function is, in a thread that nobody waits for when the loop ends before it."""
    loop = asyncio.get_running_loop()
    done: asyncio.Future[None] = loop.create_future()

    def settle(error: BaseException | None) -> None:
        if not done.cancelled():
            done.set_result(None) if error is None else done.set_exception(error)

    def run() -> None:
        error: BaseException | None = None
        try:
            function()
        except BaseException as raised:  # noqa: BLE001 (it is raised again where the future is awaited)
            error = raised
        with suppress(RuntimeError):  # the loop is closed
            loop.call_soon_threadsafe(settle, error)

    threading.Thread(target=run, name="live feed", daemon=True).start()
    return done
