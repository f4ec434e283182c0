"""Code blocks as rows: their language, and whether they parse. Pure; what that takes is loaded with the first block.

Names are those of Pygments, the first of its aliases (`py` is `python`, `sh` and `zsh` are `bash`), so that one
language is one word in every query; what was written stays in the block's context as `info`.
"""

import json
import warnings
from collections.abc import Callable, Mapping
from functools import cache, lru_cache
from typing import Any

from stream.fences import CodeFence
from stream.lazy_regex import lazy_regex
from stream.lines import Line
from stream.report import Report

_MAX_PARSED = 1 << 15  # characters; larger blocks are not parsed, so that none takes more than a quarter of a second
_MAX_NESTING = 100  # brackets in YAML, parts of a key in TOML: libyaml and tomllib take quadratic time for them
_LANGUAGE = lazy_regex(r"\{?[\s.]*(?P<word>[^\s{},:=()]+)")
_BRACKETS = lazy_regex(r"[][{}]")
# What Pygments has no alias for.
_MORE_NAMES = {
    "txt": "text",
    "plaintext": "text",
    "plain": "text",
    "patch": "diff",
    "kt": "kotlin",
    "mjs": "javascript",
}


def report_block(report: Report, fence: CodeFence, line_end: int, at: int, extra: Mapping[str, Any]) -> None:
    """Puts a block that has ended (at this time), and its event, into the report; `extra` says what is odd about it."""
    opening, content = fence.opening, fence.content()
    extra = {**extra, "in": fence.region} if fence.region else extra
    where = Line(fence.line_number, fence.offset, at, cut=False)
    language = language_of(opening.info)
    block = report.block(
        language,
        content,
        where,
        line_end,
        at=at,
        context={"info": opening.info, **extra},
        parseable=parses(language, content),
    )
    report.blocks.append(block)
    report.events.append(
        report.event(
            "code_block",
            "code_fence",
            opening.info,
            where,
            text=opening.marks + opening.info.encode(),
            metadata={"digest": block.digest, "line_end": line_end, **extra},
            language=block.language,
            masked=True,
        )
    )


def language_of(info: str) -> str:
    """The language that an info string names, empty if it names none: `py title=x`, `{.python}`, `rust,ignore`."""
    match = _LANGUAGE.match(info)
    if match is None:
        return ""
    word = match["word"].lower()
    return _MORE_NAMES.get(word) or _aliases().get(word, word)


def parses(language: str, content: str) -> bool | None:
    """Whether content is of its language; None where nobody can tell: another language, or too large a block."""
    if language not in _PARSERS or len(content) > _MAX_PARSED or not content.strip():
        return None
    if language in ("toml", "yaml") and _is_deep(content):
        return None
    try:
        return _has_parsed(language, content)
    except (RecursionError, MemoryError):  # not remembered: another time there may be room
        return None


@lru_cache(maxsize=64)  # what an agent shows, it often shows again: while it writes, in its answer, in a file
def _has_parsed(language: str, content: str) -> bool:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            _PARSERS[language](content)
    except (ValueError, SyntaxError):
        return False
    return True


@cache
def _aliases() -> dict[str, str]:
    from pygments.lexers import get_all_lexers

    names: dict[str, str] = {}
    for _, aliases, _, _ in get_all_lexers(plugins=False):
        for alias in aliases:
            names.setdefault(alias.lower(), aliases[0].lower())
    return names


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is no JSON")


def _parse_json(content: str) -> None:
    json.loads(content, parse_constant=_refuse)


def _parse_python(content: str) -> None:
    import ast

    ast.parse(content)


def _parse_toml(content: str) -> None:
    import tomllib

    tomllib.loads(content)


def _parse_yaml(content: str) -> None:
    import yaml

    try:
        # Events, not values: an alias is never followed, so that a small text cannot grow.
        for _ in yaml.parse(content, Loader=yaml.CSafeLoader):
            pass
    except yaml.YAMLError as error:
        raise ValueError(str(error)) from error


def _is_deep(content: str) -> bool:
    depth = deepest = 0
    for bracket in _BRACKETS.findall(content):
        depth = depth + 1 if bracket in "[{" else max(0, depth - 1)
        deepest = max(deepest, depth)
    return deepest > _MAX_NESTING or any(line.count(".") > _MAX_NESTING for line in content.split("\n"))


_PARSERS: dict[str, Callable[[str], object]] = {
    "python": _parse_python,
    "json": _parse_json,
    "toml": _parse_toml,
    "yaml": _parse_yaml,
}
