"""Mistakes of our own: a line that a reader cannot take is passed over, and an event says so. Pure.

A reader that raises an error would else stop the indexing of all that follows, for good. What is raised says nothing of
the text: that may be anybody's.
"""

from pathlib import Path

from stream.lines import Line
from stream.report import Report

_MOST = 20  # places that are told of in one stream: they are to be mended, not counted


def tell_fault(report: Report, error: Exception, where: Line, *, has_offset: bool = True) -> None:
    """Says once for each place in our code that `error` came from there. Raises it when there is no memory."""
    if isinstance(error, MemoryError):
        raise error
    place = _place(error)
    if place in report.faults or len(report.faults) >= _MOST:
        return
    report.faults.append(place)
    kind = type(error).__name__
    value = f"a mistake in wrapper: what stands here may not have been understood ({kind} in {place})"
    event = report.event("warning", "fault", value, where, metadata={"kind": kind}, masked=True)
    report.events.append(event if has_offset else event._replace(byte_offset=None))


def _place(error: Exception) -> str:
    """Module and line; where it is deep in itself, who began it."""
    frame = error.__traceback__
    while frame and frame.tb_next and not isinstance(error, RecursionError):
        frame = frame.tb_next
    return f"{Path(frame.tb_frame.f_code.co_filename).stem}:{frame.tb_lineno}" if frame else "nowhere"
