"""What a database holds, in a form that tests compare."""

from data.sqlite.recording_store import SQLiteRecordingStore

TABLES = ("extraction_events", "code_blocks", "code_block_occurrences", "process_state_changes", "checkpoints")


def rows(store: SQLiteRecordingStore, sql: str) -> list[tuple[object, ...]]:
    return [tuple(row) for row in store._connection.execute(sql)]


def counts(store: SQLiteRecordingStore) -> dict[str, object]:
    return {table: rows(store, f"SELECT COUNT(*) FROM {table}")[0][0] for table in (*TABLES, "metric_buckets")}


def without_ids(store: SQLiteRecordingStore) -> dict[str, list[tuple[object, ...]]]:
    """All that was extracted, as it is compared: without ids, blocks by their occurrences."""
    return {
        "events": [row[1:] for row in rows(store, "SELECT * FROM extraction_events ORDER BY session_id, id")],
        "states": [row[1:] for row in rows(store, "SELECT * FROM process_state_changes ORDER BY session_id, id")],
        "buckets": rows(store, "SELECT * FROM metric_buckets ORDER BY 1, 2, 3, 4, 5, 6"),
        "checkpoints": rows(store, "SELECT * FROM checkpoints ORDER BY session_id"),
        "sessions": rows(store, "SELECT * FROM process_sessions ORDER BY session_id"),
        "occurrences": rows(
            store,
            """SELECT o.session_id, o.agent_name, o.timestamp, o.line_start, o.line_end, o.context_json, o.stream,
                b.digest, b.content FROM code_block_occurrences AS o JOIN code_blocks AS b ON b.id = o.block_id
            ORDER BY o.session_id, o.id""",
        ),
    }
