"""What agents used, added up by day, agent, model or session."""

import sqlite3
from collections.abc import Sequence
from typing import Any

from data.rollups import bucket_start
from data.usage import Amounts, UsageAnswer, UsageRequest, UsageRow

_SUMS = ", ".join(f"SUM({name}) AS {name}" for name in Amounts._fields)
# The plus keeps SQLite from reading everything in the order of the names: the span of time leads.
_NAMES = {"day": "substr(start, 1, 10)", "agent": "+agent_name", "model": "model", "session": "+session_id"}
_ORDERS = {"day": "name DESC"}
_CONDITIONS = {
    "since": "start >= :since",
    "until": "start < :until",
    "agent": "agent_name = :agent",
    "session": "session_id = :session",
}
_ROWS = """
    SELECT {name} AS name, COUNT(DISTINCT session_id), {sums} FROM usage_counts {where}
    GROUP BY name ORDER BY {order} LIMIT :limit
"""
_TOTAL = "SELECT '', COUNT(DISTINCT session_id), {sums} FROM usage_counts {where}"


def usage(connection: sqlite3.Connection, wanted: UsageRequest) -> UsageAnswer:
    """The span begins with the hour that holds its first moment."""
    since = wanted.since and bucket_start(wanted.since, "1h")
    values = wanted._replace(since=since)._asdict()
    given = [condition for name, condition in _CONDITIONS.items() if values[name] is not None]
    where = f"WHERE {' AND '.join(given)}" if given else ""
    order = _ORDERS.get(wanted.by, "total DESC, cost_usd DESC, name")
    rows = connection.execute(_ROWS.format(name=_NAMES[wanted.by], sums=_SUMS, where=where, order=order), values)
    total = connection.execute(_TOTAL.format(sums=_SUMS, where=where), values).fetchone()
    return UsageAnswer([_row(row) for row in rows], _row(total))


def _row(row: Sequence[Any]) -> UsageRow:
    name, sessions, *amounts = row
    return UsageRow(name, sessions, Amounts(*amounts))
