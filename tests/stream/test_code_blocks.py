"""The language of a block, and whether it parses."""

import subprocess
import sys

import pytest

from chunking import reads_of, run
from stream import code_blocks
from stream.code_blocks import language_of, parses


@pytest.mark.parametrize(
    ("info", "language"),
    [
        ("", ""),
        ("py", "python"),
        ('Python title="a.py"', "python"),
        ("{.python .numberLines}", "python"),
        ("python:src/a.py", "python"),
        ("sh", "bash"),
        ("shell", "bash"),
        ("js{1,3}", "javascript"),
        ("ts", "typescript"),
        ("yml", "yaml"),
        ("rust,ignore", "rust"),
        ("C++", "cpp"),
        ("txt", "text"),
        ("patch", "diff"),
        ("nobody-knows-it", "nobody-knows-it"),
        ("jsonc", "jsonc"),
    ],
)
def test_one_language_has_one_name(info: str, language: str) -> None:
    assert language_of(info) == language


@pytest.mark.parametrize(
    ("language", "content", "truth"),
    [
        ("python", "x = 1", True),
        ("python", "x = ", False),
        ("python", "print '\\d'", False),
        ("python", "'\\d'", True),
        ("python", "\0", False),
        ("json", '{"a": [1, 2]}', True),
        ("json", "{'a': 1}", False),
        ("json", "[NaN]", False),
        ("toml", "a = 1\n[b]\nc = 2", True),
        ("toml", "a = ", False),
        ("yaml", "a: 1\nb: [x, y]", True),
        ("yaml", "a: b: c", False),
        ("yaml", "a: &x [1]\nb: *x\n---\nc: d", True),
        ("bash", "if", None),
        ("", "x = 1", None),
        ("python", "  \n", None),
    ],
)
def test_whether_it_parses_is_what_the_languages_parser_says(language: str, content: str, truth: bool | None) -> None:
    assert parses(language, content) is truth


@pytest.mark.parametrize(
    ("language", "content"),
    [
        ("python", "x = 1\n" * 10_000),
        ("python", "-" * 30_000 + "1"),
        ("python", "a" + ".b" * 15_000),
        ("json", "[" * 30_000),
        ("toml", "a = " + "[" * 30_000),
        ("toml", "a." * 15_000 + "b = 1"),
        ("yaml", "[" * 30_000),
        ("yaml", "{" * 30_000),
    ],
)
def test_nobody_can_tell_of_what_is_too_large_or_too_deep(language: str, content: str) -> None:
    assert parses(language, content) is None


def test_what_could_not_be_told_for_want_of_room_is_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """How deeply content may nest depends on how deep we stand ourselves, which another time is less."""
    asked: list[str] = []

    def parse(content: str) -> None:
        asked.append(content)
        if len(asked) == 1:
            raise RecursionError

    monkeypatch.setitem(code_blocks._PARSERS, "json", parse)
    assert [parses("json", "[[1]]") for _ in range(3)] == [None, True, True]
    assert asked == ["[[1]]"] * 2
    code_blocks._has_parsed.cache_clear()


def test_a_block_keeps_what_was_written_and_says_whether_it_parses() -> None:
    (block,) = run(reads_of([b"```py title\nx =\n```\n"])).blocks
    assert (block.language, block.context, block.parseable) == ("python", {"info": "py title"}, False)


def test_until_a_block_comes_nothing_is_loaded_for_it() -> None:
    program = "import sys, stream.pipeline; print(sorted({'ast', 'yaml', 'pygments'} & set(sys.modules)))"
    loaded = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert loaded.stdout.strip() == "[]"
