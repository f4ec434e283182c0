"""A session's verdict is stored with its end, and forgotten with it."""

import pytest

from data.sqlite.analytics import concerns
from data.sqlite.database import open_reader
from data.sqlite.recording_store import SQLiteRecordingStore
from data.summaries import BAD_VERDICTS
from samples import SESSION, a_batch, a_session, a_state
from stream.records import Verdict

GAVE_UP = Verdict("gave_up", "refused: rm -rf x")


def ended(recordings: SQLiteRecordingStore, verdict: Verdict) -> None:
    recordings.open_session(a_session())
    end = a_state("completed", exit_code=0)
    assert recordings.commit(a_batch(state_changes=(end,), verdict=verdict))


def test_the_batch_that_ends_a_session_gives_it_its_verdict(recordings: SQLiteRecordingStore) -> None:
    ended(recordings, GAVE_UP)
    session = recordings.find_session(SESSION)
    assert (session.verdict, session.verdict_reason) == GAVE_UP


def test_a_session_that_is_made_again_has_no_verdict_until_it_ends(recordings: SQLiteRecordingStore) -> None:
    ended(recordings, GAVE_UP)
    recordings.reset(SESSION, "patterns-2")
    session = recordings.find_session(SESSION)
    assert (session.verdict, session.verdict_reason) == (None, None)


@pytest.mark.parametrize("verdict", BAD_VERDICTS)
def test_a_session_that_ended_with_0_and_a_bad_verdict_needs_attention(
    recordings: SQLiteRecordingStore, verdict: str
) -> None:
    ended(recordings, Verdict(verdict, "asked to end by SIGTERM"))
    with open_reader(recordings.path) as connection:
        (concern,) = concerns(connection, 10)
    assert (concern.session.session_id, concern.reasons) == (SESSION, (verdict,))


def test_a_session_that_succeeded_does_not(recordings: SQLiteRecordingStore) -> None:
    ended(recordings, Verdict("succeeded", "exit status 0"))
    with open_reader(recordings.path) as connection:
        assert concerns(connection, 10) == []
