"""Export: a session in a format that other programs read, streamed; secrets masked unless `raw` is asked for."""

import io
import zipfile
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from api.context import reader_of, settings_of
from api.params import EXPORT, read_parameters
from api.replay import Replay, open_replay
from data.export import FORMATS, Format
from data.export.encoder import About, Encoder
from data.export.masked_items import ItemMasker, mask_about
from data.queries import Reader
from stream.recording import safe_name
from stream.replay.items import Item

_CHUNK = 64 * 1024

MakeEncoder = Callable[[About], Encoder]


class Exporter:
    """One session, which can be encoded as often as one likes. Raises `RecordingError` and `StoreError`."""

    def __init__(self, replay: Replay, reader: Reader, *, raw: bool, version: str) -> None:
        self._replay = replay
        self._reader = reader
        self._raw = raw
        about = About(replay.session, replay.header, replay.duration, version)
        self._about = about if raw else mask_about(about)

    async def file(self, make_encoder: MakeEncoder) -> AsyncGenerator[bytes, None]:
        """One file of a format, a piece at a time."""
        encoder = make_encoder(self._about)
        parts = [encoder.begin()]
        size = 0
        async with aclosing(self._items()) as items:
            async for item in items:
                parts.append(encoder.add(item))
                size += len(parts[-1])
                if size >= _CHUNK:
                    yield b"".join(parts)
                    parts, size = [], 0
        yield b"".join(parts) + encoder.end()

    async def archive(self, exported: Format, folder: str) -> AsyncGenerator[bytes, None]:
        """All files of a format as one ZIP archive, in a folder."""
        sink = _Sink()
        with zipfile.ZipFile(sink, "w") as archive:
            for name, make_encoder in exported.files.items():
                with archive.open(f"{folder}/{name}", "w", force_zip64=True) as file:
                    async with aclosing(self.file(make_encoder)) as parts:
                        async for part in parts:
                            file.write(part)
                            yield sink.take()
        yield sink.take()

    async def _items(self) -> AsyncGenerator[Item, None]:
        masker = ItemMasker()
        async with aclosing(self._replay.items(self._reader)) as items:
            async for item in items:
                for ready in (item,) if self._raw else masker.feed(item):
                    yield ready
        for item in masker.flush():
            yield item


async def export(request: Request) -> Response:
    """A session in another format; several files come as one ZIP archive."""
    settings, reader = settings_of(request), reader_of(request)
    values = read_parameters(request.query_params, EXPORT, settings.now())
    replay = await open_replay(reader, request.path_params["session_id"])
    exporter = Exporter(replay, reader, raw=values["raw"], version=settings.version)
    exported = FORMATS[values["format"]]
    name = f"{safe_name(replay.session.agent_name)}-{safe_name(replay.session.session_id)}"
    if len(exported.files) > 1:
        body, ending = exporter.archive(exported, name), "zip"
    else:
        ((ending, make_encoder),) = exported.files.items()
        body = exporter.file(make_encoder)
    headers = {"Content-Disposition": f'attachment; filename="{name}.{ending}"'}
    return StreamingResponse(body, media_type=exported.media_type, headers=headers)


class _Sink(io.RawIOBase):
    """Takes what an archive writes, and cannot be sought in."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []

    def writable(self) -> bool:
        return True

    def write(self, data: object) -> int:
        part = bytes(memoryview(data))  # type: ignore[arg-type]  # (typeshed's buffer has no name at run time in 3.11)
        self._parts.append(part)
        return len(part)

    def take(self) -> bytes:
        """What was written since."""
        data = b"".join(self._parts)
        self._parts.clear()
        return data
