"""One replay in progress: its clock, the commands that it takes, and the events as they become due.

A command takes effect at once, also in a long wait. A jump forwards goes on from where the replay stands, one backwards
starts over; either way the client is told with `keyframe` (`reset`: forget what you have), and everything up to the aim
follows at once. For a client that shows the terminal, `keyframe` holds what paints it, and only the rest follows.
"""

from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing
from enum import StrEnum
from typing import Any, NamedTuple, Protocol, Self

from api.alarm import Alarm
from api.context import Settings
from api.errors import ApiError, describe
from api.replay import Replay
from api.replay_ids import STOPPED
from api.rows import session_json
from api.sse import RETRY, frame
from data.export.events import SessionEvent, seconds
from data.stores import StoreError
from stream.pacing import Pacer
from stream.recording import RecordingError
from stream.replay.output_text import output_data
from stream.replay.seeking import Moment

FOLLOW_POLL = 0.05  # seconds between two looks at a session that still runs
_GATHERED = 32 * 1024  # bytes of events that are due at once and go together


class Identified(Protocol):
    """An event that a client can go on behind."""

    @property
    def event(self) -> SessionEvent: ...
    def event_id(self, begin: int | None) -> str:
        """Its id, for a client that has jumped to `begin` (µs)."""
        ...

    def before(self, event: SessionEvent) -> Self:
        """The event that comes behind this one."""
        ...


Source = AsyncGenerator[Identified | None, None]


class Opened(NamedTuple):
    """A session ready to be played: `beginning` stands before the first event of `source`.

    With a `moment` the source's events come behind it; without, they are all that a session has.
    """

    replay: Replay
    source: Source
    beginning: Identified
    moment: Moment | None = None


Open = Callable[[int], Awaitable[Opened]]


class State(StrEnum):
    """What a replay is doing."""

    PLAYING = "playing"
    PAUSED = "paused"
    STOPPED = "stopped"


class Start(NamedTuple):
    """How a replay begins: its clock at `begin`, for a client that has `seen` an event and `jumped` before; in µs."""

    speed: float
    begin: int = 0
    idle_limit: int | None = None
    seen: str | None = None
    jumped: int | None = None
    paused: bool = False


class Player:
    """Plays a session for one client. `again` opens it anew at a time in µs, for a jump."""

    def __init__(self, replay_id: str, opened: Opened, start: Start, again: Open, settings: Settings) -> None:
        self.replay_id = replay_id
        self.state = State.PAUSED if start.paused else State.PLAYING
        self._opened = opened
        self._start = start
        self._again = again
        self._settings = settings
        self._pacer = self._clock(start.speed, start.begin, paused=start.paused)
        self._commanded = Alarm()
        self._announced: list[bytes] = []
        self._begin = start.jumped  # where the client has jumped to
        self._aim: int | None = None  # where it wants to jump to, and the session is opened anew
        self._last = opened.beginning

    def status(self) -> dict[str, Any]:
        """What clients are told about it."""
        at = self._pacer.position if self._aim is None else self._aim
        return {"replay_id": self.replay_id, "state": self.state, "t": seconds(at), "speed": self._pacer.speed}

    def pause(self) -> None:
        """Nothing more becomes due until `resume`."""
        self._pacer.pause()
        self._command(State.PAUSED)

    def resume(self) -> None:
        """Goes on where it was paused."""
        self._pacer.resume()
        self._command(State.PLAYING)

    def change_speed(self, speed: float) -> None:
        """From where it stands."""
        self._pacer.change_speed(speed)
        self._command(self.state)

    def seek(self, at: int) -> None:
        """Jumps to `at` (µs since the session's start); a replay that is paused shows that moment, and stays paused."""
        if self._opened.moment is None and self._aim is None and at >= self._pacer.position:
            self._jump(at)
            self._announced.append(self._keyframe(at, reset=False))
        else:
            self._aim = at
        self._command(self.state)

    def stop(self) -> None:
        """Ends the replay."""
        self._command(State.STOPPED)

    async def play(self) -> AsyncGenerator[bytes, None]:
        """The events as they become due, by a clock that starts now.

        An error on the way is the last event, `replay_error`.
        """
        self._pacer = self._clock(self._pacer.speed, self._start.begin, paused=self.state is State.PAUSED)
        yield self._opening()
        if self._opened.moment is not None:
            yield self._keyframe(self._start.begin, reset=True)
        while True:
            async with aclosing(self._due(self._opened.source)) as parts:
                async for part in parts:
                    yield part
            if self.state is State.STOPPED:
                told = {"session_id": self._opened.replay.session.session_id, "t": seconds(self._pacer.position)}
                yield frame("replay_stopped", told, STOPPED)
                return
            if self._aim is None:
                return
            aim = self._aim
            try:
                self._opened = await self._again(aim)
            except (ApiError, RecordingError, StoreError) as error:
                yield frame("replay_error", describe(error).body, STOPPED)
                return
            if self._aim == aim:  # else it was told another one meanwhile, and jumps once more
                self._aim = None
            self._last = self._opened.beginning
            self._jump(aim)
            yield self._keyframe(aim, reset=True)

    async def _due(self, source: Source) -> AsyncGenerator[bytes, None]:
        """What is due of the source: to its end, or to a command that needs another one."""
        ready: list[bytes] = []
        gathered = 0
        async with aclosing(_with_errors(source, self._last)) as events:
            async for numbered in events:
                while (delay := self._delay(numbered)) > 0 or self._commanded.called:
                    if ready:
                        yield _taken(ready)
                        gathered = 0
                    await self._settings.wait(self._commanded, delay)
                    self._commanded.clear()
                    if self.state is State.STOPPED or self._aim is not None:
                        return
                    ready += self._announced
                    self._announced = []
                    if numbered is None:
                        break
                if numbered is not None:
                    ready.append(self._told(numbered))
                    gathered += len(ready[-1])
                if gathered >= _GATHERED:
                    yield _taken(ready)
                    gathered = 0
        if ready:
            yield _taken(ready)

    def _delay(self, numbered: Identified | None) -> float:
        return FOLLOW_POLL if numbered is None else self._pacer.wait(numbered.event.at)

    def _told(self, numbered: Identified) -> bytes:
        self._last = numbered
        name, data = numbered.event.name, numbered.event.data
        if name == "replay_complete":
            data = {**data, "speed": self._pacer.speed}
        return frame(name, data, numbered.event_id(self._jumped(numbered.event.at)))

    def _opening(self) -> bytes:
        if self._start.seen is not None:
            return frame("replay_resumed", self.status(), self._start.seen, retry=RETRY)
        told = {
            "replay_id": self.replay_id,
            "session": session_json(self._opened.replay.session),
            "duration": seconds(self._opened.replay.duration),
            "size": self._opened.replay.size,
            "speed": self._pacer.speed,
        }
        return frame("session_start", told, self._last.event_id(None), retry=RETRY)

    def _keyframe(self, at: int, *, reset: bool) -> bytes:
        told: dict[str, Any] = {"t": seconds(at), "reset": reset, "size": self._opened.replay.size}
        if self._opened.moment is not None:
            told |= {"t": seconds(min(at, self._opened.replay.duration))} | _painted(self._opened.moment)
        return frame("keyframe", told, self._last.event_id(at))

    def _jumped(self, at: int) -> int | None:
        """The aim of the last jump, for events that come at once because of it."""
        return self._begin if self._begin is not None and at < self._begin else None

    def _jump(self, at: int) -> None:
        self._begin = at
        self._pacer = self._clock(self._pacer.speed, at, paused=self._pacer.paused)

    def _clock(self, speed: float, begin: int, *, paused: bool) -> Pacer:
        return Pacer(speed, begin, self._settings.monotonic, self._start.idle_limit, paused=paused)

    def _command(self, state: State) -> None:
        self.state = state
        self._commanded.call()


async def _with_errors(source: Source, last: Identified) -> Source:
    """The same; an error that comes up on the way is the last event."""
    async with aclosing(source):
        try:
            async for numbered in source:
                yield numbered
                last = numbered or last
        except (RecordingError, StoreError) as error:
            yield last.before(SessionEvent(last.event.at, "replay_error", describe(error).body))


def _painted(moment: Moment) -> dict[str, Any]:
    columns, rows, sequences = moment.keyframe
    data, encoding = output_data(sequences)
    told = {"size": {"cols": columns, "rows": rows}, "data": data}
    return told | ({"encoding": encoding} if encoding else {})


def _taken(frames: list[bytes]) -> bytes:
    """All of them together; the list is empty afterwards."""
    together = b"".join(frames)
    frames.clear()
    return together
