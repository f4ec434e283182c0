"""Texts as checksums of 32 bits: enough to know a row or a line by, and small in a checkpoint. Pure."""

from base64 import b64decode, b64encode
from collections.abc import Collection
from struct import iter_unpack, pack
from zlib import crc32


def checksum(*parts: str) -> int:
    """Of these texts, in this order."""
    return crc32("\0".join(parts).encode())


def packed(checksums: Collection[int]) -> str:
    """Base64: a little over five characters for each."""
    return b64encode(pack(f"<{len(checksums)}I", *checksums)).decode()


def unpacked(text: str) -> list[int]:
    """What was `packed`."""
    return [value for (value,) in iter_unpack("<I", b64decode(text))]
