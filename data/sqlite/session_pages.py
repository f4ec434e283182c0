"""One page of sessions and its total: by their start, the newest first, and by their ids for who polls.

Ids say when a session was stored, which may be long after it ran: `wrapper reindex` stores what was only recorded.
"""

import sqlite3
from collections.abc import Mapping, Sequence
from typing import Any

from data.queries import Cursor, PageRequest, encode_cursor
from data.sqlite.listings import ALL_IDS, SESSIONS, SESSIONS_BY_START, select_sessions
from data.sqlite.looking import execute
from data.sqlite.pages import PageRows, count, read_page, told
from data.sqlite.rows import read_session
from data.sqlite.totals import session_total

_START_AT = "SELECT COALESCE(started_at, ''), ? FROM process_sessions WHERE id <= ? ORDER BY id DESC LIMIT 1"


def read_sessions(connection: sqlite3.Connection, asked: Mapping[str, Any], page: PageRequest) -> PageRows:
    """The page by the fields of `data.queries.SessionFilter`."""
    if asked["after"] is not None:
        return read_page(connection, SESSIONS, asked, page)
    known = session_total(connection, asked)
    if known is None:
        total, total_is = count(connection, SESSIONS_BY_START, asked, [ALL_IDS], page.exact)
    else:
        total, total_is = told(known, page)
    behind = _behind(connection, page.cursor)
    # One row more than asked for tells whether there is a next page.
    rows = execute(connection, select_sessions(asked, page._replace(limit=page.limit + 1), behind))
    shown = rows[: page.limit]
    return PageRows(shown, total, total_is, None if len(rows) == len(shown) else _end(shown[-1]))


def _behind(connection: sqlite3.Connection, cursor: Cursor | None) -> tuple[str, int] | None:
    """The start and the id behind which the page begins."""
    if cursor is None:
        return None
    if cursor.started is not None:
        return cursor.started, cursor.row_id
    found: tuple[str, int] | None = connection.execute(_START_AT, (cursor.row_id, cursor.row_id)).fetchone()
    return ("", 0) if found is None else (found[0], found[1])


def _end(row: Sequence[Any]) -> str:
    last = read_session(row)
    return encode_cursor(Cursor(last.id or 0, started=last.started_at or ""))
