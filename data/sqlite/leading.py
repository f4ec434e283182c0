"""What leads to the wanted rows of a list: which index, and where among the ids they are."""

import sqlite3
from collections.abc import Iterator, Mapping
from typing import Any

from data.queries import PageRequest
from data.sqlite.listings import ALL_IDS, BLOCKS, BLOCKS_OF, EVENTS, Listing
from data.sqlite.spans import IdRange, id_ranges, id_ranges_of, id_ranges_of_agent
from data.sqlite.totals import bucket_total, days_with, kinds_of_agent

_KINDS = ("agent", "event_type", "pattern")
_ROOM = 4  # times as many ids as a page needs where events of its kind are as frequent as everywhere
_ENOUGH = 1 << 13  # rows of an index that are read in any case: a session without such events may be the newest
_SPARSE = 20  # rows of an index that are read for one that is wanted

_NARROW, _WIDE = 1 << 9, 1 << 12  # ids that are searched for a text at once: at least, and at most

_HIGHEST = "SELECT MAX(id) FROM extraction_events"
# The agent's newest event below an id: the newest of each of its types.
_BELOW = (
    "SELECT MAX(id) FROM extraction_events WHERE agent_name = :agent AND event_type = :kind_{number} AND id < :below"
)
_FIRST_OF_SESSION = """
    SELECT MIN(id) FROM extraction_events
    WHERE session_id = (SELECT session_id FROM extraction_events WHERE id = ?)
"""


def event_ranges(connection: sqlite3.Connection, asked: Mapping[str, Any]) -> list[IdRange]:
    """Where the wanted events are: all ids, unless the time or the buckets say more."""
    # No index has the risk beside anything else: the days on which there was both bound what is read.
    if _mixed(asked) and asked["session"] is None:
        return id_ranges_of(connection, days_with(connection, asked))
    if asked["since"] is not None or asked["until"] is not None:
        return id_ranges(connection, asked["since"], asked["until"])
    if asked["q"] and asked["agent"] is not None and asked["session"] is None:
        return id_ranges_of_agent(connection, asked["agent"]) or [ALL_IDS]
    return [ALL_IDS]


def near_ranges(
    connection: sqlite3.Connection, asked: Mapping[str, Any], page: PageRequest, known: int
) -> Iterator[IdRange] | None:
    """Ranges of ids, highest first, where a page of a risk is expected among the nearest; None where it is not.

    The first is as wide as the numbers of such events say. Only if the page is not full behind it, the days of
    the others are looked for, which takes longer the more days there are.
    """
    if not _mixed(asked) or page.offset or any(asked[field] is not None for field in ("session", "since", "until")):
        return None
    led = min(_leads(connection, asked))
    if led > _SPARSE * known:
        return None
    events = bucket_total(connection, dict.fromkeys(asked)) or 0
    width = max(_ROOM * page.limit * events // known, _ENOUGH * events // max(led, 1))
    highest = connection.execute(_HIGHEST).fetchone()[0] if page.cursor is None else page.cursor.row_id
    return _outwards(connection, asked, (max(0, highest - width), highest))


def _outwards(connection: sqlite3.Connection, asked: Mapping[str, Any], near: IdRange) -> Iterator[IdRange]:
    yield near
    for low, high in reversed(event_ranges(connection, asked)):
        if low < near[0]:
            yield low, min(high, near[0] - 1)


def windows_of_agent(connection: sqlite3.Connection, agent: str, below: int) -> Iterator[IdRange]:
    """Ranges of ids, highest first, outside of which no event of the agent is below this id: a session each at most."""
    kinds = kinds_of_agent(connection, agent)
    values = {"agent": agent} | {f"kind_{number}": kind for number, kind in enumerate(kinds)}
    newest = [f"({_BELOW.format(number=number)})" for number in range(len(kinds))]
    sql = f"SELECT {', '.join(newest)}"
    while kinds:
        found = [last for last in connection.execute(sql, {**values, "below": below}).fetchone() if last is not None]
        if not found:
            return
        last = max(found)
        (first,) = connection.execute(_FIRST_OF_SESSION, (last,)).fetchone()
        below = max(min(first, last + 1 - _NARROW), last + 1 - _WIDE)
        yield below, last


def led_by_places(listing: Listing, wanted: Mapping[str, Any]) -> Listing:
    """A span of time has an index of its own, and a text leads by itself."""
    others = ("since", "until", "match", "holds")
    if listing is not BLOCKS or any(wanted.get(field) is not None for field in others):
        return listing
    return BLOCKS_OF if wanted["agent"] is not None or wanted["session"] is not None else BLOCKS


def with_kinds(connection: sqlite3.Connection, listing: Listing, wanted: dict[str, Any]) -> dict[str, Any]:
    """The filter with the types of the agent's events, where nothing else leads in the order of the list."""
    others = ("event_type", "pattern", "session", "risk", "match")
    if listing is not EVENTS or wanted["agent"] is None or any(wanted.get(field) is not None for field in others):
        return wanted
    return {**wanted, "kinds": kinds_of_agent(connection, wanted["agent"], wanted.get("risk_too"))}


def led_by_risk(connection: sqlite3.Connection, asked: Mapping[str, Any]) -> Mapping[str, Any]:
    """The filter, led by the risk or by the rest of it, whichever lets through less."""
    if not _mixed(asked):
        return asked
    of_risk, of_rest = _leads(connection, asked)
    return asked if of_risk < of_rest else {**asked, "risk": None, "risk_too": asked["risk"]}


def _leads(connection: sqlite3.Connection, asked: Mapping[str, Any]) -> tuple[int, int]:
    """How many events the index of risks leads to, and how many the others: of an agent, types that have the risk."""
    rest = {**asked, "risk": None}
    each = [rest]
    if asked["event_type"] is None and asked["pattern"] is None:
        each = [{**rest, "event_type": kind} for kind in kinds_of_agent(connection, asked["agent"], asked["risk"])]
    of_risk = bucket_total(connection, {**asked, **dict.fromkeys(_KINDS)}) or 0
    return of_risk, sum(bucket_total(connection, one) or 0 for one in each)


def _mixed(asked: Mapping[str, Any]) -> bool:
    return asked["risk"] is not None and any(asked[field] is not None for field in _KINDS)
