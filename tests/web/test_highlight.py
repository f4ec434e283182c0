"""Code as pieces of text with classes: nothing is lost, nothing is HTML, and a lexer cannot hold the server up."""

import asyncio
from pathlib import Path

import pytest

from api.web import highlight
from api.web.highlight import MAX_CHARACTERS, Pieces, highlighted, pieces

CAPTURES = sorted((Path(__file__).parent.parent / "captures").glob("*markdown*.raw"))


def text_of(made: Pieces) -> str:
    return "".join(piece for _, piece in made)


@pytest.mark.parametrize(
    "language", ["python", "PYTHON", "html", "diff", "sh -x", "json", "c", "", "no such", "<b>", "\0"]
)
@pytest.mark.parametrize(
    "text", ["", "\n\n  x = 1\r\n\t<b>&amp;</b>\n\n", "def f():\n    return '☃'", "\x1b[31m\0\ufffe"]
)
def test_the_pieces_are_the_text(language: str, text: str) -> None:
    assert text_of(pieces(language, text)) == text


def test_words_of_a_language_have_classes() -> None:
    made = pieces("python", "def f(): pass")
    assert ("k", "def") in made
    assert ("nf", "f") in made


def test_what_is_too_long_stays_plain() -> None:
    text = "x = 1\n" * MAX_CHARACTERS
    assert pieces("python", text) == [("", text)]


def test_another_process_makes_them() -> None:
    made = asyncio.run(highlighted([("python", "def f(): pass"), ("", "plain"), ("html", "<script>")]))
    assert [tuple(piece) for piece in made[0]] == pieces("python", "def f(): pass")
    assert [text_of(made_of_one) for made_of_one in made] == ["def f(): pass", "plain", "<script>"]
    assert asyncio.run(highlighted([])) == []


def test_a_process_that_takes_too_long_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(highlight, "TIME_LIMIT", 0.0)
    assert asyncio.run(highlighted([("python", "def f(): pass")])) == [[("", "def f(): pass")]]


def test_a_process_that_fails_leaves_the_text_plain(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    program = tmp_path / "fails.py"
    program.write_text("raise SystemExit(1)")
    monkeypatch.setattr(highlight, "__file__", str(program))
    assert asyncio.run(highlighted([("python", "x")])) == [[("", "x")]]


def test_files_beside_the_server_are_not_imported(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "pygments.py").write_text("raise SystemExit('imported')")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    (made,) = asyncio.run(highlighted([("python", "def f(): pass")]))
    assert len(made) > 1
