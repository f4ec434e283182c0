"""The agent comes first: where the processor is short, the indexer waits.

Linux shares the processor between sessions (`setsid`) before it looks at the niceness of processes
(`sched_autogroup`, sched(7)): the indexer has a session of its own, so its session must be nice, too. Measured with an
agent that keeps both of two processors busy: without that the indexer takes a third of them, with it a fortieth.
"""

import os
from pathlib import Path

NICENESS = 19
_SESSION = Path("/proc/self/autogroup")


def lower_process() -> None:
    """Makes this process, and those that it starts, the least urgent."""
    os.nice(NICENESS)


def lower_session() -> bool:
    """The same for its session, where there is such a thing. False when that is to be tried again later.

    The kernel takes one such wish each 100 ms, from all unprivileged processes together.
    """
    try:
        _SESSION.write_text(str(NICENESS))
    except BlockingIOError:
        return False
    except OSError:  # another system, or a kernel without it
        return True
    return True
