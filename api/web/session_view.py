"""A session as pages show it: texts, ready to be put where they belong, by a template or by a script.

The overview's first paint and its updates come from the same rows, so nothing is worded twice.
"""

from pathlib import Path, PurePath
from typing import NamedTuple
from urllib.parse import quote

from api.web import wording
from data.summaries import Concern
from stream.records import ExtractionEvent, Session
from stream.timestamps import parse_timestamp

BAD_VERDICTS = {"failed": "failed", "gave_up": "gave up", "interrupted": "interrupted"}

# Reasons of a verdict (stream/verdict.py) that say how the process ended, which state and exit status say already.
_ENDINGS = ("exit status ", "ended by ", "interrupted", "the recording has no end")
_SHELL = ("/bin/sh", "-c")  # what runs a command that was given as one word

_SECOND = 1_000_000


class SessionView(NamedTuple):
    """Everything that a row about a session may say; what is not known is an empty text.

    `started_at` and `ended_at` are timestamps, all others are to be read as they are. `outcome` says more
    than the state: an exit status that is not 0, a verdict that the state does not let expect; `reason` is why, and
    `verdict` both.
    With `all_` in front a figure has its unit. `line` is what the agent printed last, or of a session to look at what
    it waits for, or what went wrong; `why` is what makes it one.
    """

    id: str = ""
    href: str = ""
    agent: str = ""
    command: str = ""
    state: str = ""
    started_at: str = ""
    started: str = ""
    ended_at: str = ""
    took: str = ""
    outcome: str = ""
    reason: str = ""
    verdict: str = ""
    lines: str = ""
    events: str = ""
    all_events: str = ""
    tokens: str = ""
    all_tokens: str = ""
    cost: str = ""
    line: str = ""
    why: str = ""


def session_view(session: Session, now: int, line: str = "") -> SessionView:
    """The session at `now`, µs since the epoch: while it runs, it has taken until then."""
    tokens, cost = session.tokens_total, session.cost_usd
    why = reason(session) if session.verdict in BAD_VERDICTS else ""
    return SessionView(
        id=session.session_id,
        href=session_address(session.session_id),
        agent=session.agent_name,
        command=command(session),
        state=session.state or "",
        started_at=session.started_at or "",
        started=wording.relative(session.started_at, now),
        ended_at=session.ended_at or "",
        took=wording.duration(_taken(session, now)),
        outcome=outcome(session),
        reason=why,
        verdict=": ".join(filter(None, (outcome(session), why))) if outcome(session) else "",
        lines=wording.short(session.total_lines_processed),
        events=wording.short(session.total_extraction_events),
        all_events=wording.counted(session.total_extraction_events, "event"),
        tokens="" if tokens is None else wording.short(tokens),
        all_tokens="" if tokens is None else wording.counted(tokens, "token"),
        cost="" if cost is None else wording.money(cost),
        line=line,
    )


def concern_view(concern: Concern, now: int, line: str = "", error: ExtractionEvent | None = None) -> SessionView:
    """A session that somebody should look at: why, and at which moment; its link leads there.

    `line` is what it printed last and `error` its newest error, for a verdict that does not tell what went wrong.
    Of one that only did what is risky it says what that was.
    """
    session, permission = concern.session, concern.permission
    risk = concern.risk if list(concern.reasons) == ["risk"] else None
    if permission is not None:
        told = permission_text(permission)
    else:
        told = error_text(risk) if risk else reason(session) or (error_text(error) if error else line)
    event = permission or risk or error
    moment = offset(session.started_at, event.timestamp) if event else None
    view = session_view(session, now, told)
    return view._replace(why=reasons(concern), href=session_address(session.session_id, moment))


def command(session: Session) -> str:
    """The command as one would type it, without the program where that has the agent's name, which stands beside it."""
    if session.command[:2] == _SHELL and len(session.command) == 3:
        return session.command[2]
    first, *rest = session.command or ("",)
    return wording.command(rest if PurePath(first).name == session.agent_name else session.command)


def outcome(session: Session) -> str:
    """What the state does not say of how it went."""
    status = f"exit {session.exit_code}" if session.exit_code else ""
    surprising = session.state == "completed" or session.verdict == "gave_up"
    return " · ".join(filter(None, (status, BAD_VERDICTS.get(session.verdict or "", "") if surprising else "")))


def reason(session: Session) -> str:
    """Why it went as it did, where that is more than how the process ended."""
    told = session.verdict_reason or ""
    return "" if told.startswith(_ENDINGS) else told


def reasons(concern: Concern) -> str:
    """What makes a session one to look at, in words."""
    words = {
        "waiting": "waits for permission",
        "failed": f"failed, exit {concern.session.exit_code}" if concern.session.exit_code else "failed",
        "gave_up": "gave up",
        "risk": wording.counted(concern.risky_events, "risky event"),
    }
    return " · ".join(words.get(reason, reason) for reason in concern.reasons)


def permission_text(event: ExtractionEvent) -> str:
    """What is asked for."""
    return (event.original_line or event.matched_value or "").strip()


def error_text(event: ExtractionEvent) -> str:
    """What went wrong, or is risky, without the lines around it."""
    return (event.matched_value or event.original_line or "").strip()


def session_address(session_id: str, seconds: float | None = None) -> str:
    """The page of a session, at a moment of it (seconds since its start)."""
    moment = "" if seconds is None else f"?t={seconds:.2f}".rstrip("0").rstrip(".")
    return f"/sessions/{quote(session_id, safe='')}{moment}"


def offset(started_at: str | None, timestamp: str | None) -> float | None:
    """Seconds from the start of a session to a moment in it."""
    if not started_at or not timestamp:
        return None
    return max(0, parse_timestamp(timestamp) - parse_timestamp(started_at)) / _SECOND


def _taken(session: Session, now: int) -> float | None:
    if session.started_at is None:
        return None
    end = now if session.ended_at is None else parse_timestamp(session.ended_at)
    return max(0, end - parse_timestamp(session.started_at)) / _SECOND


def recorded_logs(session: Session) -> tuple[Path, ...]:
    """The files that hold what the session printed."""
    return tuple(Path(path) for path in (session.stdout_log_path, session.stderr_log_path) if path)
