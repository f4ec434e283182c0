"""While the agent runs it comes first: where the processor is short, the indexer waits.

Linux shares the processor between sessions (`setsid`) before it looks at the niceness of processes
(`sched_autogroup`, sched(7)): the indexer has a session of its own, so its session must be nice, too. Measured with an
agent that keeps both of two processors busy: without that the indexer takes a third of them, with it a fortieth.
"""

import os
from pathlib import Path

NICENESS, ORDINARY = 19, 0
_SESSION = Path("/proc/self/autogroup")


def lower_process() -> None:
    """Makes this process, and those that it starts, the least urgent in its session."""
    os.nice(NICENESS)


class SessionPriority:
    """That of the session that this process leads, where there is such a thing. It begins as every other's."""

    def __init__(self) -> None:
        self._niceness = ORDINARY

    def give_way(self, wanted: bool) -> None:
        """Lets all others go first, or, when they are done and somebody waits for us, no longer.

        To be called again and again: the kernel takes one change each 100 ms, from all unprivileged processes together.
        """
        niceness = NICENESS if wanted else ORDINARY
        if niceness == self._niceness:
            return
        try:
            _SESSION.write_text(str(niceness))
        except BlockingIOError:
            return
        except OSError:  # another system, or a kernel without it
            pass
        self._niceness = niceness
