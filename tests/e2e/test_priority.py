"""The agent comes first: what the indexer may take of the processor."""

import os
from pathlib import Path

from processes import indexer_of
from program import Place, wait_until


def test_the_indexer_gives_way_to_the_agent(place: Place) -> None:
    wrapper = place.start("codex", "--enable-db", "--", "sleep", "60", stdout=-3, stderr=-3)
    try:
        indexer = wait_until(lambda: indexer_of(wrapper.pid), "the indexer")
        wait_until(lambda: os.getpriority(os.PRIO_PROCESS, indexer) == 19, "its niceness")
        group = Path(f"/proc/{indexer}/autogroup")
        if group.exists():  # there a niceness counts within a session alone
            wait_until(lambda: group.read_text().split()[1:] == ["nice", "19"], "its session's niceness")
    finally:
        wrapper.kill()
        wrapper.wait()
