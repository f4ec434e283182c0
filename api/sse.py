"""Server-sent events: how one is written, and the response that carries them.

A silent stream says every few seconds that it lives; a client that does not read is cut off; one that is connected
when the server stops is told `goodbye`. In each case it comes back with the id of the last event that it has seen.
"""

import asyncio
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import AbstractContextManager, aclosing, suppress
from typing import Any

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from api.context import Settings
from data.json_text import to_json

RETRY = 2000  # ms until a client that was cut off comes back

_HEARTBEAT = b": heartbeat\n"


def frame(name: str, data: Mapping[str, Any], event_id: str | None = None, retry: int | None = None) -> bytes:
    """One event with JSON data, as it is sent."""
    fields = [f"id: {event_id}\n"] if event_id is not None else []
    fields += [f"event: {name}\n", f"data: {to_json(data)}\n"]
    fields += [f"retry: {retry}\n"] if retry is not None else []
    return "".join((*fields, "\n")).encode()


class EventStream(Response):
    """Sends the frames of `events`, and closes it when the client goes or the server stops, which `closing` tells.

    `counted` is entered for as long as the client is there.
    """

    media_type = "text/event-stream"

    def __init__(
        self,
        events: AsyncGenerator[bytes, None],
        settings: Settings,
        closing: asyncio.Event,
        counted: Callable[[], AbstractContextManager[object]],
    ) -> None:
        super().__init__(headers={"X-Accel-Buffering": "no"})
        del self.headers["content-length"]
        self._events = events
        self._settings = settings
        self._closing = closing
        self._counted = counted
        self._last_sent = 0.0  # by the loop's clock, like the start of what is being sent, 0 while nothing is
        self._sending = 0.0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        if scope["method"] == "HEAD":
            await self._events.aclose()
            await send({"type": "http.response.body", "body": b"", "more_body": False})
            return
        with self._counted():
            sending = asyncio.create_task(self._send_events(send))
            others = [
                asyncio.create_task(self._watch(send)),
                asyncio.create_task(_gone(receive)),
                asyncio.create_task(self._closing.wait()),
            ]
            try:
                await asyncio.wait({sending, *others}, return_when=asyncio.FIRST_COMPLETED)
            finally:
                for task in (sending, *others):
                    task.cancel()
                results = await asyncio.gather(sending, *others, return_exceptions=True)
        await self._end(send, results)

    async def _end(self, send: Send, results: list[Any]) -> None:
        """The last words; an error that nobody foresaw goes on to the server's log."""
        for result in results:
            if isinstance(result, Exception) and not isinstance(result, TimeoutError):
                raise result
        if any(isinstance(result, TimeoutError) for result in results):
            return  # it does not read: there is nobody to say it to
        with suppress(TimeoutError):
            async with asyncio.timeout(self._settings.send_timeout):
                if self._closing.is_set():
                    await self._send(send, frame("goodbye", {"reason": "the server stops"}, retry=RETRY))
                await send({"type": "http.response.body", "body": b"", "more_body": False})

    async def _send_events(self, send: Send) -> None:
        async with aclosing(self._events) as events:
            async for data in events:
                await self._send(send, data)

    async def _watch(self, send: Send) -> None:
        """Sends heartbeats. Raises `TimeoutError` when the client does not take what is sent."""
        loop = asyncio.get_running_loop()
        heartbeat, patience = self._settings.heartbeat, self._settings.send_timeout
        while True:
            since = self._sending or self._last_sent
            await asyncio.sleep(max(0.0, since + min(heartbeat, patience) - loop.time()) or min(heartbeat, patience))
            now = loop.time()
            if self._sending and now - self._sending >= patience:
                raise TimeoutError
            if not self._sending and now - self._last_sent >= heartbeat:
                await self._send(send, _HEARTBEAT)

    async def _send(self, send: Send, data: bytes) -> None:
        loop = asyncio.get_running_loop()
        self._sending = loop.time()
        await send({"type": "http.response.body", "body": data, "more_body": True})
        self._sending, self._last_sent = 0.0, loop.time()


async def _gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        continue
