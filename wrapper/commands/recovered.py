"""What `wrapper recover` and `wrapper reindex` tell scripts of the recordings that they stored."""

from collections.abc import Iterable
from typing import Any

from wrapper.recovery import Recovered


def rows(results: Iterable[Recovered]) -> list[dict[str, Any]]:
    """As JSON takes them."""
    return [{**each._asdict(), "directory": str(each.directory), "db": str(each.db)} for each in results]
