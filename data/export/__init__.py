"""Sessions in formats that other programs read. One table serves the HTTP interface and the command line."""

from collections.abc import Callable, Mapping
from typing import NamedTuple

from data.export.as_cast import CastV2, CastV3
from data.export.as_csv import CsvRows
from data.export.as_har import HarArchive
from data.export.as_json import JsonDocument, JsonLines
from data.export.as_text import PlainText
from data.export.as_typescript import LOG, TIMING, Timing, Typescript
from data.export.encoder import About, Encoder


class Format(NamedTuple):
    """A format: the type it is served as, and what encodes each of its files.

    A format of one file names it by its ending, one of several by their names; those are served as one ZIP archive.
    """

    media_type: str
    files: Mapping[str, Callable[[About], Encoder]]


FORMATS: Mapping[str, Format] = {
    "json": Format("application/json", {"json": JsonDocument}),
    "jsonl": Format("application/x-ndjson", {"jsonl": JsonLines}),
    "csv": Format("text/csv; charset=utf-8", {"csv": CsvRows}),
    "har": Format("application/json", {"har": HarArchive}),
    "cast": Format("application/x-asciicast", {"cast": CastV2}),
    "cast3": Format("application/x-asciicast", {"cast": CastV3}),
    "typescript": Format("application/zip", {LOG: Typescript, TIMING: Timing}),
    "txt": Format("text/plain; charset=utf-8", {"txt": PlainText}),
}
