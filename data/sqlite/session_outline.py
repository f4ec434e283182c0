"""One session at a glance: its events in a few words each, and its code blocks with every place where they occurred."""

import sqlite3
from typing import NamedTuple

from data.sqlite.rows import BLOCK_COLUMNS, read_block
from stream.records import CodeBlock

SHOWN = 200  # characters of an event's text

# All rows as one text: SQLite makes it in a third of the time that Python needs, and other threads run meanwhile.
_OUTLINE = f"""
    SELECT json_object('id', json_group_array(id), 'timestamp', json_group_array(timestamp),
        'type', json_group_array(event_type), 'text', json_group_array(text), 'outcome', json_group_array(outcome)),
        MAX(id), COUNT(*)
    FROM (
        SELECT id, timestamp, event_type,
            substr(COALESCE(NULLIF(matched_value, ''), original_line, pattern), 1, {SHOWN}) AS text,
            CASE WHEN event_type IN ('tool_use', 'test_result', 'permission') AND json_valid(metadata_json) THEN
                COALESCE(json_extract(metadata_json, '$.outcome'), json_extract(metadata_json, '$.phase'),
                    IIF(COALESCE(json_extract(metadata_json, '$.failed'), 0) > 0, 'error', NULL)) END AS outcome
        FROM extraction_events WHERE session_id = :session AND id > :after ORDER BY id LIMIT :limit)
"""
_BLOCKS = f"""
    SELECT {BLOCK_COLUMNS} FROM code_block_occurrences AS o CROSS JOIN code_blocks AS b ON b.id = o.block_id
    WHERE o.id IN (SELECT MIN(id) FROM code_block_occurrences WHERE session_id = :session AND block_id > :after
        GROUP BY block_id ORDER BY block_id LIMIT :limit)
    ORDER BY b.id
"""
_OCCURRENCES = """
    SELECT o.session_id, o.agent_name, o.timestamp, s.started_at, o.line_start, o.line_end
    FROM code_block_occurrences AS o CROSS JOIN process_sessions AS s ON s.session_id = o.session_id
    WHERE o.block_id = :block ORDER BY o.timestamp DESC LIMIT :limit
"""


class Outline(NamedTuple):
    """A JSON object of lists, `id`, `timestamp`, `type`, `text`, `outcome`; how many rows it has, and the last id."""

    columns: str
    size: int
    last: int


class Occurrence(NamedTuple):
    """One place where a code block stood."""

    session_id: str
    agent_name: str
    timestamp: str | None
    started_at: str | None
    line_start: int | None
    line_end: int | None


def outline(connection: sqlite3.Connection, session_id: str, after: int, limit: int) -> Outline:
    """The session's events behind an id, in the order of their ids."""
    values = {"session": session_id, "after": after, "limit": limit}
    columns, last, count = connection.execute(_OUTLINE, values).fetchone()
    return Outline(columns, count, last or after)


def session_blocks(
    connection: sqlite3.Connection, session_id: str, after: int, limit: int, occurrences: int
) -> list[tuple[CodeBlock, list[Occurrence]]]:
    """The session's code blocks behind an id, where they first occurred in it; with each, its newest occurrences."""
    values = {"session": session_id, "after": after, "limit": limit}
    blocks = [read_block(row) for row in connection.execute(_BLOCKS, values).fetchall()]
    places = [connection.execute(_OCCURRENCES, {"block": block.id, "limit": occurrences}) for block in blocks]
    return [(block, [Occurrence(*row) for row in rows.fetchall()]) for block, rows in zip(blocks, places, strict=True)]
