"""Sessions that have ended, by the filters in the overview's address."""

from typing import Any, NamedTuple

from starlette.datastructures import QueryParams

from api import params, parsers
from api.params import Parameter
from data.queries import Cursor, PageRequest, Reader, SessionFilter, decode_cursor, encode_cursor
from stream.records import FINAL_STATES, VERDICTS, Session

SHOWN = 50
SEARCHED = 2_000  # sessions that are looked through for a text at once
STEP = 500

FILTERS = (
    Parameter("agent", parsers.text, "an agent's exact name"),
    Parameter("state", parsers.choice(*FINAL_STATES), f"one of {', '.join(FINAL_STATES)}"),
    Parameter("verdict", parsers.choice(*VERDICTS), f"one of {', '.join(VERDICTS)}"),
    Parameter("from", parsers.time, "a time: ISO 8601, today, yesterday, or relative: -8h, -7d"),
    Parameter("to", parsers.time, "a time, as from"),
    Parameter("text", parsers.text, "what the command, the agent's name or the id must hold"),
    Parameter("before", lambda text, _: decode_cursor(text), "what a page's link to older sessions holds"),
)


class HistoryFilter(NamedTuple):
    """What the address asks for: `since` and `until` are timestamps, `asked` has what was typed."""

    agent: str | None
    state: str | None
    verdict: str | None
    since: str | None
    until: str | None
    text: str | None
    before: Cursor | None
    asked: dict[str, str]

    @property
    def counts_events(self) -> bool:
        """Whether the events of what it lets through can be counted: by agent and time they are, by nothing else."""
        return self.state is None and self.verdict is None and self.text is None


class History(NamedTuple):
    """Sessions, newest first; `older` is the cursor of those that follow.

    `complete` says whether all sessions were looked through for the text.
    """

    sessions: list[Session]
    older: str | None
    complete: bool


def read_filter(query: QueryParams, now: int) -> HistoryFilter:
    """The filter in an address; a form also sends the fields that are empty. Raises `ParameterError`."""
    given = QueryParams([(name, value) for name, value in query.multi_items() if value.strip()])
    values = params.read_parameters(given, FILTERS, now)
    since, until = params.read_range({**values, "days": None}, now)
    asked = {name: given[name] for name in given if name != "before"}
    fields = {name: values[name] for name in ("agent", "state", "verdict", "text", "before")}
    return HistoryFilter(**fields, since=since, until=until, asked=asked)


async def history(reader: Reader, wanted: HistoryFilter) -> History:
    """One page of what the filter lets through."""
    sessions = SessionFilter(
        wanted.agent,
        wanted.state,
        active=False,
        since=wanted.since,
        until=wanted.until,
        verdict=wanted.verdict,
    )
    if wanted.text is None:
        page = await reader.sessions(sessions, PageRequest(SHOWN, wanted.before))
        return History(list(page.rows), page.next, complete=True)
    found: list[Session] = []
    cursor = wanted.before
    for _ in range(SEARCHED // STEP):
        page = await reader.sessions(sessions, PageRequest(STEP, cursor))
        found += [session for session in page.rows if holds(session, wanted.text)]
        if len(found) > SHOWN or page.next is None:
            break
        cursor = decode_cursor(page.next)
    if len(found) > SHOWN:
        return History(found[:SHOWN], encode_cursor(_behind(found[SHOWN - 1])), complete=True)
    return History(found, page.next, complete=page.next is None)


def _behind(session: Session) -> Cursor:
    return Cursor(session.id or 0, started=session.started_at or "")


def holds(session: Session, text: str) -> bool:
    """Whether the command, the agent's name or the beginning of the id is what somebody typed, whatever the case."""
    wanted = text.casefold().strip()
    seen: tuple[Any, ...] = (session.agent_name, " ".join(session.command))
    return any(wanted in part.casefold() for part in seen) or session.session_id.startswith(wanted)
