"""Sessions by their ids, without anything that would have to be counted: for those who have rows of many of them."""

import json
import sqlite3
from collections.abc import Collection, Mapping

from data.sqlite.rows import SESSION_COLUMNS, read_session
from stream.records import Session

_BY_IDS = f"SELECT {SESSION_COLUMNS} FROM process_sessions WHERE session_id IN (SELECT value FROM json_each(?))"


def session_heads(connection: sqlite3.Connection, session_ids: Collection[str]) -> Mapping[str, Session]:
    """Those of the sessions that are there, by id."""
    rows = connection.execute(_BY_IDS, (json.dumps(list(session_ids)),))
    return {session.session_id: session for session in map(read_session, rows)}
