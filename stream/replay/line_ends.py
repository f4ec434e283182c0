"""Which streams of a recording a terminal can only show once their line ends are completed to CR LF. Pure."""

from stream.recording import RecordingHeader


def lf_streams(header: RecordingHeader) -> frozenset[str]:
    """The streams whose lines end with LF alone: pipes, and a PTY of stderr alone, which leaves it to the terminal.

    Stderr has such a PTY only where stdout has none.
    """
    _, stdout, stderr = header.mode
    if stdout == "pipe":
        return frozenset({"stdout", "stderr"})
    return frozenset({"stderr"} if stderr == "pipe" else ())
