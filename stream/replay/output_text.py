"""Output as it can stand in JSON: text wherever the bytes are UTF-8, base64 where they are not. Pure.

A character that a read cut in two goes with its later part. All of it together, in order, is what came.
"""

import base64
import codecs
from typing import NamedTuple


class OutputData(NamedTuple):
    """`data` is text, or base64 when `encoding` says so."""

    data: str
    encoding: str | None = None


def output_data(data: bytes) -> OutputData:
    """All of it, also the beginning of a character at its end."""
    try:
        return OutputData(data.decode())
    except UnicodeDecodeError:
        return OutputData(base64.b64encode(data).decode(), "base64")


class OutputDecoder:
    """Decodes the bytes of one stream; between two calls it holds at most three of them."""

    def __init__(self) -> None:
        self._rest = b""

    def feed(self, data: bytes) -> OutputData | None:
        """What can be told of it by now; None for the beginning of a character."""
        return self._take(self._rest + data, final=False)

    def flush(self) -> OutputData | None:
        """The beginning of a character whose end never came."""
        return self._take(self._rest, final=True)

    def _take(self, data: bytes, final: bool) -> OutputData | None:
        try:
            text, taken = codecs.utf_8_decode(data, "strict", final)
            decoded = OutputData(text)
        except UnicodeDecodeError:
            _, taken = codecs.utf_8_decode(data, "replace", final)
            decoded = OutputData(base64.b64encode(data[:taken]).decode(), "base64")
        self._rest = data[taken:]
        return decoded if taken else None
