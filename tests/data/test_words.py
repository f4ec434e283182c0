"""A beginning is searched for as the words that begin so: it finds what FTS5 finds by the beginning itself."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from data.sqlite.database import open_writer
from data.sqlite.fulltext import take_in
from data.sqlite.matches import match_expression
from data.sqlite.words import MOST, complete
from data.terms import Term, parse_terms
from sample_database import SampleDatabase

LINES = (
    "config confirmed",
    "Conflict in file.py",
    "no such file",
    "no such folder",
    "no such thing",
    "naïve café",
    "x1 x2 x_3",
    "confusion",
)


@pytest.fixture
def index(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    database = SampleDatabase(tmp_path / "wrapper.db")
    for line in (*LINES, *(f"word{number:03}" for number in range(MOST + 1)), *(f"alike{n}" for n in range(MOST))):
        database.event(original_line=line, matched_value=None)
    database.close()
    connection = open_writer(tmp_path / "wrapper.db")
    while take_in(connection):
        continue
    yield connection
    connection.close()


@pytest.mark.parametrize(
    ("text", "completed"),
    [
        ("conf*", [("config", "confirmed", "conflict", "confusion")]),
        ("CONFI*", [("config", "confirmed")]),
        ('"no such f"*', [("no such file", "no such folder")]),
        ("file.p*", [("file py",)]),
        ("conf* file", [("config", "confirmed", "conflict", "confusion"), ("file",)]),
        ("alike*", [tuple(sorted(f"alike{number}" for number in range(MOST)))]),
    ],
)
def test_a_beginning_stands_for_the_words_of_the_index(
    index: sqlite3.Connection, text: str, completed: list[tuple[str, ...]]
) -> None:
    found = complete(index, "event_search", parse_terms(text))
    assert [tuple(term.text for term in terms) for terms in found] == completed
    assert not any(term.prefix for terms in found for term in terms)


@pytest.mark.parametrize("text", ["word*", "caf\N{LATIN SMALL LETTER E WITH ACUTE}*", "nothing*"])
def test_what_begins_too_many_words_or_none_or_is_not_ascii_stays_a_beginning(
    index: sqlite3.Connection, text: str
) -> None:
    terms = parse_terms(text)
    assert complete(index, "event_search", terms) == [terms]


@pytest.mark.parametrize(
    "text",
    ["conf*", "c*", "x*", "x_3*", '"no such f"*', '"no such"*', "caf*", "na*", "wor*", "conf* fil*", "_1*", "alike*"],
)
def test_the_words_find_what_the_beginning_finds(index: sqlite3.Connection, text: str) -> None:
    def found(terms: list[tuple[Term, ...]]) -> list[int]:
        rows = index.execute(
            "SELECT rowid FROM event_search WHERE event_search MATCH ? ORDER BY rowid", (match_expression(terms),)
        )
        return [row_id for (row_id,) in rows]

    terms = parse_terms(text)
    assert found(complete(index, "event_search", terms)) == found([(term,) for term in terms])
