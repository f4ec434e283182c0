"""Tables whose values are loaded when they are asked for."""

import sys
from collections.abc import Mapping
from typing import Any

import pytest

from stream.decoders import DECODERS
from stream.grammars.table import GRAMMARS
from stream.lazy_table import LazyTable


@pytest.mark.parametrize("table", [DECODERS, GRAMMARS], ids=["decoders", "grammars"])
def test_every_value_can_be_loaded_and_stays(table: Mapping[str, Any]) -> None:
    assert len(table) >= 4
    values = dict(table)
    assert all(table[key] is value for key, value in values.items())


def test_a_key_that_is_not_in_the_table_is_none() -> None:
    table: LazyTable[int] = LazyTable({"size": "sys:maxsize"})
    assert table.get("nothing") is None
    assert table["size"] == sys.maxsize
    assert list(table) == ["size"]
