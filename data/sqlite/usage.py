"""The statements that keep the ledger: rows as agents tell them, and what of them counts. Pure, as `batch`."""

from collections.abc import Sequence
from typing import Any

from data.sqlite.text import storable
from data.sqlite.transaction import Conversation, Statement
from data.usage import Amounts, Told, add_up, count_usage
from stream.records import Usage

_AMOUNTS = Amounts._fields
_COLUMNS = ", ".join(_AMOUNTS)
# The highest of what was told counts, in whatever order it came; one of NULL and a number is the number.
_HIGHEST = ", ".join(
    f"{name} = MAX(COALESCE({name}, excluded.{name}), COALESCE(excluded.{name}, {name}))" for name in _AMOUNTS
)
_PUT = f"""
    INSERT INTO usage (session_id, timestamp, thread, key, scope, source, model, {_COLUMNS}, approximate)
    VALUES ({", ".join("?" * (8 + len(_AMOUNTS)))})
    ON CONFLICT (session_id, thread, key) DO UPDATE SET timestamp = MAX(timestamp, excluded.timestamp),
        scope = MAX(scope, excluded.scope), source = MAX(source, excluded.source), model = MAX(model, excluded.model),
        {_HIGHEST}, approximate = MIN(approximate, excluded.approximate)
"""
_HOUR = "substr(timestamp, 1, 13)"
_START = f"{_HOUR} || ':00:00.000000Z'"
_PARTS = f"""
    SELECT session_id, thread, scope, model, {_START} AS start, {", ".join(f"SUM({name})" for name in _AMOUNTS)}
    FROM usage WHERE session_id = ? AND scope NOT IN ('run', 'thread') GROUP BY thread, scope, model, {_HOUR}
"""
_TOTALS = f"""
    SELECT session_id, thread, scope, model, {_START} AS start, {_COLUMNS} FROM usage
    WHERE session_id = ? AND (scope = 'run' OR (scope = 'thread' AND thread = ''))
"""
_READINGS = f"""
    SELECT session_id, thread, scope, model, {_START} AS start, {_COLUMNS} FROM usage
    WHERE scope = 'thread' AND thread IN (
        SELECT thread FROM usage WHERE session_id = ? AND scope = 'thread' AND thread != '')
"""
_SHARING = """
    SELECT session_id FROM usage WHERE scope = 'thread' AND session_id != ?1 AND thread IN (
        SELECT thread FROM usage WHERE session_id = ?1 AND scope = 'thread' AND thread != '')
"""
_PUT_COUNT = f"""
    INSERT INTO usage_counts (session_id, start, model, agent_name, {_COLUMNS})
    SELECT session_id, ?, ?, agent_name, {", ".join("?" * len(_AMOUNTS))} FROM process_sessions WHERE session_id = ?
"""
_SET_TOTALS = "UPDATE process_sessions SET tokens_total = ?, cost_usd = ? WHERE session_id = ?"
_DELETE_COUNTS = "DELETE FROM usage_counts WHERE session_id = ?"
_DELETE = "DELETE FROM usage WHERE session_id = ?"


def usage_statements(usages: Sequence[Usage]) -> Conversation[None]:
    """Stores what was told in one session, and counts it: there, and where one of its threads was before or went on."""
    if not usages:
        return
    session_id = usages[0].session_id
    yield Statement(_PUT, [_row(usage) for usage in usages], many=True)
    yield from _count(session_id)
    if any(usage.scope == "thread" and usage.thread for usage in usages):
        for other in (yield from _sharing(session_id)):
            yield from _count(other)


def forget_usage(session_id: str) -> Conversation[None]:
    """Forgets what was told in a session; others that go on with its threads now have more of them."""
    others = yield from _sharing(session_id)
    yield Statement(_DELETE, (session_id,))
    yield Statement(_DELETE_COUNTS, (session_id,))
    yield Statement(_SET_TOTALS, (None, None, session_id))
    for other in others:
        yield from _count(other)


def _sharing(session_id: str) -> Conversation[list[str]]:
    """The other sessions in which its threads were."""
    rows = (yield Statement(_SHARING, (session_id,))).rows
    return list(dict.fromkeys(row[0] for row in rows))


def _count(session_id: str) -> Conversation[None]:
    told: list[Told] = []
    for sql in (_PARTS, _TOTALS, _READINGS):
        told += [_told(row) for row in (yield Statement(sql, (session_id,))).rows]
    counts = count_usage(session_id, told)
    yield Statement(_DELETE_COUNTS, (session_id,))
    rows = [(*key, *amounts, session_id) for key, amounts in counts.items()]
    yield Statement(_PUT_COUNT, rows, many=True)
    total = add_up(counts.values())
    yield Statement(_SET_TOTALS, (total.total, total.cost_usd, session_id))


def _told(row: Sequence[Any]) -> Told:
    session_id, thread, scope, model, start, *amounts = row
    return Told(session_id, thread, scope, model, start, Amounts(*amounts))


def _row(usage: Usage) -> tuple[Any, ...]:
    fields = usage._asdict()
    texts = (storable(fields[name]) for name in ("thread", "key", "scope", "source", "model"))
    return (usage.session_id, usage.timestamp, *texts, *(fields[name] for name in _AMOUNTS), usage.approximate)
