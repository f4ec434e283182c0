"""Full text: what can be searched for, and that the index says neither more nor less than the rows do."""

import itertools
import sqlite3
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data.queries import RANKED, BlockFilter, ExtractionFilter, Found, PageRequest
from data.sqlite.database import open_reader, open_writer
from data.sqlite.fulltext import INDEXES, is_complete, take_in
from data.sqlite.matches import match_expression, split_snippet
from data.sqlite.read_pool import ReadPool
from data.sqlite.recording_store import SQLiteRecordingStore
from data.sqlite.search import SQLiteReader
from data.sqlite.search_index import SearchIndex
from data.terms import MAX_LENGTH, SearchSyntaxError, Term, parse_terms
from program import TIMEOUT
from samples import SESSION, a_batch, a_block, a_session, an_event

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize(
    ("text", "terms"),
    [
        ("open", [Term("open")]),
        ("  could\topen\n", [Term("could"), Term("open")]),
        ('"could not open" x', [Term("could not open"), Term("x")]),
        ("conn*", [Term("conn", prefix=True)]),
        ('"no such f"*', [Term("no such f", prefix=True)]),
        ("a*b", [Term("a*b")]),
        ("Error: -- (E302)", [Term("Error:"), Term("(E302)")]),
        ("x\0y", [Term("x"), Term("y")]),
        ("NOT", [Term("NOT")]),
        ("straße", [Term("straße")]),
    ],
)
def test_words_phrases_and_beginnings_are_terms(text: str, terms: list[Term]) -> None:
    assert list(parse_terms(text)) == terms


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ('a "b c', "quote at character 3 is not closed"),
        ("", "no letter and no digit"),
        ("-- * '", "no letter and no digit"),
        ("x" * (MAX_LENGTH + 1), "1001 characters"),
        ("x " * 40, "40 terms"),
    ],
)
def test_a_search_that_cannot_be_read_says_where_and_why(text: str, problem: str) -> None:
    with pytest.raises(SearchSyntaxError, match=problem):
        parse_terms(text)


@settings(deadline=None)
@given(st.text(max_size=40))
def test_whatever_can_be_read_the_index_can_be_asked(text: str) -> None:
    try:
        terms = parse_terms(text)
    except SearchSyntaxError:
        return
    connection = sqlite3.connect(":memory:")
    connection.execute("CREATE VIRTUAL TABLE t USING fts5(text)")
    assert (
        connection.execute(
            "SELECT * FROM t WHERE t MATCH ?", (match_expression([(term,) for term in terms]),)
        ).fetchall()
        == []
    )
    connection.close()


async def search(path: Path, query: str, source: str | None = None, limit: int = 20) -> Found:
    async with ReadPool(path, size=1) as pool, SearchIndex(path, patience=TIMEOUT) as index:
        return await SQLiteReader(pool, index).search(parse_terms(query), source, limit)


async def found(path: Path, query: str) -> list[str]:
    return [hit.row.session_id for hit in (await search(path, query)).hits]


def store(recordings: SQLiteRecordingStore, session_id: str, *lines: str, code: str = "", revision: int = 1) -> None:
    recordings.open_session(a_session(session_id))
    events = tuple(an_event(session_id=session_id, original_line=line, matched_value=None) for line in lines)
    blocks = (a_block(session_id=session_id, content=code),) if code else ()
    assert recordings.commit(a_batch(revision, session_id, events=events, blocks=blocks))


async def test_what_is_stored_is_found_at_once_in_lines_values_and_code(
    path: Path, recordings: SQLiteRecordingStore
) -> None:
    store(recordings, "lines", "could not OPEN the file", code="def opener(): ...")
    recordings.open_session(a_session("values"))
    recordings.commit(a_batch(1, "values", events=(an_event(session_id="values", matched_value="open sesame"),)))
    result = await search(path, "open*")
    assert sorted((hit.source, hit.row.session_id) for hit in result.hits) == [
        ("code_block", "lines"),
        ("extraction", "lines"),
        ("extraction", "values"),
    ]
    assert (result.total, result.total_is, result.complete) == (3, "exact", True)
    assert await found(path, "sesame") == ["values"]
    assert [hit.source for hit in (await search(path, "open*", "code_block")).hits] == ["code_block"]


async def test_the_line_that_is_about_it_comes_first(path: Path, recordings: SQLiteRecordingStore) -> None:
    store(recordings, "long", "timeout " + "and many other words that were said beside it " * 5)
    store(recordings, "short", "timeout")
    for number in range(20):
        store(recordings, f"other{number}", "nothing of the kind")
    result = await search(path, "timeout")
    assert [hit.row.session_id for hit in result.hits] == ["short", "long"]
    assert result.ranked_by == "bm25"


async def test_of_very_many_hits_the_newest_come_first(path: Path, recordings: SQLiteRecordingStore) -> None:
    store(recordings, SESSION, *(f"word {number}" for number in range(2100)))
    while recordings.index_text():
        continue
    result = await search(path, "word", limit=3)
    assert [hit.row.id for hit in result.hits] == [2100, 2099, 2098]
    assert (result.ranked_by, result.total, result.total_is) == ("time", RANKED, "at_least")


async def test_a_snippet_shows_the_match_as_pieces_not_as_markup(path: Path, recordings: SQLiteRecordingStore) -> None:
    store(recordings, SESSION, "<b>cannot</b> open <i>x</i> " + "y " * 60)
    ((_, _, _, snippet),) = (await search(path, "open")).hits
    pieces = list(snippet)
    assert ("open", True) in pieces
    assert pieces[0] == ("<b>cannot</b> ", False)
    assert "".join(text for text, _ in pieces).endswith("…")


@pytest.mark.parametrize(
    ("marked", "pieces"),
    [
        ("", []),
        ("a", [("a", False)]),
        ("\ufdd0a\ufdd1\ufdd0b\ufdd1 c", [("a", True), ("b", True), (" c", False)]),
        ("\ufdd0a", [("a", False)]),
        ("a\ufdd1", [("a\ufdd1", False)]),
    ],
)
def test_marks_of_a_snippet_part_it_into_pieces(marked: str, pieces: list[tuple[str, bool]]) -> None:
    assert split_snippet(marked) == pieces


async def test_what_was_forgotten_is_not_found_and_what_was_made_again_is_found_once(
    path: Path, recordings: SQLiteRecordingStore
) -> None:
    store(recordings, "kept", "a timeout", code="shared")
    store(recordings, "again", "a timeout", "before", code="shared")
    store(recordings, "again", "timeout two", code="alone", revision=2)
    assert sorted(await found(path, "timeout")) == ["again", "again", "kept"]
    recordings.reset("again", "patterns-1")
    assert await found(path, "timeout") == ["kept"]
    assert await found(path, "alone") == []
    assert await found(path, "before") == []
    assert await found(path, "shared") == ["kept"]
    store(recordings, "again", "a timeout", code="alone")
    assert sorted(await found(path, "timeout")) == ["again", "kept"]
    assert await found(path, "alone") == ["again"]
    for index in INDEXES.values():
        recordings._connection.execute(f"INSERT INTO {index.name} ({index.name}) VALUES ('integrity-check')")


async def test_a_session_that_was_forgotten_half_indexed_leaves_nothing(
    path: Path, recordings: SQLiteRecordingStore
) -> None:
    store(recordings, SESSION, *(f"word {number}" for number in range(1500)))
    assert recordings.index_text()
    assert not is_complete(recordings._connection)
    recordings.reset(SESSION, "patterns-1")
    store(recordings, SESSION, "word again")
    assert [hit.row.id for hit in (await search(path, "word")).hits] == [1501]


async def test_an_answer_says_when_the_newest_rows_could_not_be_searched(
    path: Path, recordings: SQLiteRecordingStore
) -> None:
    store(recordings, "old", "word")
    assert await found(path, "word") == ["old"]
    store(recordings, "new", "word")
    recordings._connection.execute("BEGIN IMMEDIATE")  # nobody else can write
    async with ReadPool(path, size=1) as pool, SearchIndex(path, patience=0) as index:
        reader = SQLiteReader(pool, index)
        assert not (await reader.search(parse_terms("word"), None, 10)).complete
        wanted = parse_terms("word")
        assert not (await reader.extractions(ExtractionFilter(q=wanted), PageRequest())).complete
        recordings._connection.execute("ROLLBACK")
        page = await reader.code_blocks(BlockFilter(q=wanted), PageRequest())
        assert page.complete
    assert sorted(await found(path, "word")) == ["new", "old"]


async def test_the_index_is_kept_up_to_date_without_anybody_asking(
    path: Path, recordings: SQLiteRecordingStore
) -> None:
    store(recordings, SESSION, "word")
    async with SearchIndex(path, interval=60):
        with_others = SearchIndex(path, patience=TIMEOUT)
        async with with_others:
            await with_others.catch_up()
    assert is_complete(recordings._connection)
    assert not recordings.index_text()


def test_two_who_take_in_at_once_take_each_row_once(path: Path, recordings: SQLiteRecordingStore) -> None:
    store(recordings, SESSION, *(f"word {number}" for number in range(3500)))
    connections = [open_writer(path) for _ in range(2)]
    for connection in itertools.cycle(connections):
        if not take_in(connection):
            break
    (count,) = connections[0].execute("SELECT COUNT(*) FROM event_search WHERE event_search MATCH 'word'").fetchone()
    assert count == 3500
    for connection in connections:
        connection.close()


def test_a_reader_cannot_change_the_index(path: Path, recordings: SQLiteRecordingStore) -> None:
    store(recordings, SESSION, "word")
    reader = open_reader(path)
    with pytest.raises(sqlite3.OperationalError, match="readonly"):
        take_in(reader)
    reader.close()
