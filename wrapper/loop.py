"""Waits for descriptors and for moments, in one thread, and calls what was asked for.

A callback may watch and unwatch whatever it likes: one whose descriptor was unwatched in the same round is not called.
"""

import selectors
import sys
from collections.abc import Callable
from time import monotonic

READ = selectors.EVENT_READ
WRITE = selectors.EVENT_WRITE

Callback = Callable[[], None]

# poll() takes every kind of descriptor; macOS's does not know terminals, its select() does.
_Selector = selectors.SelectSelector if sys.platform == "darwin" else selectors.PollSelector


class Loop:
    """One callback per descriptor, and any number of callbacks that are due at a moment."""

    def __init__(self) -> None:
        self._selector = _Selector()
        self._callbacks: dict[int, Callback] = {}
        self._due: dict[Callback, float] = {}

    def watch(self, fd: int, events: int, callback: Callback) -> None:
        """Calls `callback` whenever `fd` is ready for `events`, instead of what was asked for before."""
        if fd in self._callbacks:
            self._selector.modify(fd, events)
        else:
            self._selector.register(fd, events)
        self._callbacks[fd] = callback

    def unwatch(self, fd: int) -> None:
        if self._callbacks.pop(fd, None):
            self._selector.unregister(fd)

    def call_in(self, delay: float, callback: Callback) -> None:
        """Calls `callback` once, `delay` seconds from now; a call of it that was due before is put off."""
        self._due[callback] = monotonic() + delay

    def cancel(self, callback: Callback) -> None:
        self._due.pop(callback, None)

    def step(self) -> None:
        """Waits until something is ready or due, and calls what is."""
        for key, _ in self._selector.select(self._timeout()):
            if callback := self._callbacks.get(key.fd):
                callback()
        now = monotonic()
        for callback in [callback for callback, moment in self._due.items() if moment <= now]:
            del self._due[callback]
            callback()

    def close(self) -> None:
        self._selector.close()

    def _timeout(self) -> float | None:
        return max(0.0, min(self._due.values()) - monotonic()) if self._due else None
