"""Masks secrets in what is exported, by the rules of the database: same length, so that times stay right. Pure."""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from stream.secrets.masker import SecretMasker
from stream.secrets.redaction import RawMasker, redact, redact_words


class Masker(RawMasker):
    """Masks one stream of bytes. What it returns, together and in order, has the length of what it was fed."""

    def __init__(self) -> None:
        super().__init__(_rules())


def mask(data: bytes) -> bytes:
    """The same bytes with secrets masked."""
    return redact(data, _rules())


def mask_text(text: str) -> str:
    """The same text with secrets masked."""
    return mask(text.encode("utf-8", "surrogatepass")).decode("utf-8", "surrogatepass")


def mask_words(words: Sequence[str]) -> tuple[str, ...]:
    """The same argument vector with secrets masked."""
    return redact_words(words, _rules())


def mask_value(value: Any) -> Any:
    """The same value, as JSON has them, with secrets masked in every text."""
    if isinstance(value, str):
        return mask_text(value)
    if isinstance(value, Mapping):
        return {mask_text(name): mask_value(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return type(value)(map(mask_value, value))
    return value


@cache
def _rules() -> SecretMasker:
    """Compiled once; fingerprints are not asked for."""
    return SecretMasker(b"")
