"""The files under `/static/` and the pages' style sheets made of them, held in memory, each at two addresses.

One names the content of all of them: a browser keeps what it finds there for good, and never asks again. Pages use it,
so that who comes back waits for no file, and a new version is seen at once. At the plain one a browser asks each time
whether the file is still the same (ETag).
"""

import hashlib
import mimetypes
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

STATIC = Path(__file__).parent / "static"

# What a page's sheet is made of, in this order: one request instead of eleven.
_OF_ALL = ("style.css", "bar.css", "parts.css", "keys.css")
SHEETS = {
    "sheets/plain.css": _OF_ALL,
    "sheets/search.css": (*_OF_ALL, "search.css"),
    "sheets/overview.css": (
        *_OF_ALL,
        "vendor/uplot.css",
        *(f"overview/{name}.css" for name in ("overview", "rows", "figures", "history")),
    ),
    "sheets/session.css": (
        *_OF_ALL,
        "vendor/xterm.css",
        *(f"session/{name}.css" for name in ("session", "terminal", "transport", "side", "lists", "code")),
    ),
}

_KEPT = "private, max-age=31536000, immutable"
_ASKED_FOR = "no-cache"
_MODULES = {".mjs": "text/javascript", ".js": "text/javascript"}  # whatever the machine's own table has for them


class _File(NamedTuple):
    data: bytes
    media_type: str
    etag: str


class Assets:
    """Answers requests for the files, to be mounted at `/static`; `address` is what pages put before a file's name.

    They are read once, all of them: a page asks for thirty, and a thread for each would be most of the work.
    """

    def __init__(self) -> None:
        self._files = _with_sheets(_read(STATIC))
        self._version = _digest("".join(f"{name}\0{file.etag}\0" for name, file in self._files.items()).encode())
        self.address = f"/static/{self._version}"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["method"] not in ("GET", "HEAD"):
            raise HTTPException(405, headers={"Allow": "GET, HEAD"})
        path = scope["path"].removeprefix(scope.get("root_path", "")).removeprefix("/")
        version, _, name = path.partition("/")
        kept = version == self._version
        file = self._files.get(name if kept else path)
        if file is None:
            raise HTTPException(404)
        headers = {"Cache-Control": _KEPT if kept else _ASKED_FOR, "ETag": file.etag}
        is_known = file.etag in Headers(scope=scope).get("if-none-match", "")
        response = Response(status_code=304, headers=headers) if is_known else _answer(file, headers)
        await response(scope, receive, send)


def _answer(file: _File, headers: Mapping[str, str]) -> Response:
    return Response(file.data, headers=headers, media_type=file.media_type)


def _read(directory: Path) -> Mapping[str, _File]:
    paths = sorted(path for path in directory.rglob("*") if path.is_file())
    return {path.relative_to(directory).as_posix(): _file(path, path.read_bytes()) for path in paths}


def _with_sheets(files: Mapping[str, _File]) -> Mapping[str, _File]:
    """A file that is not there is left out: in a checkout without the vendors' files, all else works."""
    parts = {name: [files[part].data for part in made_of if part in files] for name, made_of in SHEETS.items()}
    return {**files, **{name: _file(Path(name), b"\n".join(data)) for name, data in parts.items()}}


def _file(path: Path, data: bytes) -> _File:
    guessed = _MODULES.get(path.suffix) or mimetypes.guess_type(path.name)[0]
    return _File(data, guessed or "application/octet-stream", f'"{_digest(data)}"')


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()[:16]
