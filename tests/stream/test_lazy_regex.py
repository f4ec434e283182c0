"""Expressions that are compiled late are right all the same."""

import importlib
import pkgutil
import re
from types import ModuleType

import pytest

import stream
from stream.lazy_regex import _LazyRegex, lazy_regex

MODULES = sorted(module.name for module in pkgutil.walk_packages(stream.__path__, "stream."))


def lazy_regexes(module: ModuleType) -> dict[str, _LazyRegex]:
    return {name: value for name, value in vars(module).items() if isinstance(value, _LazyRegex)}


def test_a_lazy_expression_finds_what_a_compiled_one_finds() -> None:
    lazy, compiled = lazy_regex(r"(?i)(\d+) ERRORS?", re.MULTILINE), re.compile(r"(?i)(\d+) ERRORS?", re.MULTILINE)
    text = "3 errors, 1 error"
    assert lazy.findall(text) == compiled.findall(text)
    assert lazy.sub("none", text) == compiled.sub("none", text)
    assert lazy.pattern == compiled.pattern


def test_a_name_that_no_expression_has_is_refused() -> None:
    with pytest.raises(AttributeError):
        _ = lazy_regex("a").matches  # type: ignore[attr-defined]


def test_every_expression_of_the_package_compiles() -> None:
    compiled = 0
    for name in MODULES:
        for regex in lazy_regexes(importlib.import_module(name)).values():
            assert regex.pattern is not None
            compiled += 1
    assert compiled > 100
