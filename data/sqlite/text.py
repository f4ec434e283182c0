"""Text as SQLite can hold it."""

import json
from typing import Any, overload

_COMPACT = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))


@overload
def storable(text: str) -> str: ...
@overload
def storable(text: None) -> None: ...
def storable(text: str | None) -> str | None:
    r"""Arguments and paths that are no UTF-8 come as lone surrogates, as may JSON: they become `\udcff`."""
    if text is None or text.isascii():
        return text
    return text.encode("utf-8", "backslashreplace").decode()


def to_json(value: Any) -> str | None:
    """Compact JSON; None for what is empty. A lone surrogate becomes its JSON escape, so that it comes back."""
    return storable(_COMPACT.encode(value)) if value else None
