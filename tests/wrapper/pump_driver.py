"""Runs the pump alone: `pump_driver.py [options] DIRECTORY -- COMMAND…` records COMMAND into DIRECTORY.

Ends as the agent did. `DIRECTORY.ended` gets how it ended, as JSON; a run that could not start exits as a shell would.
"""

import argparse
import errno
import json
import os
import sys
import time
from collections.abc import Mapping
from pathlib import Path

from stream.recording import RecordingHeader, RecordingWriter
from wrapper import clock
from wrapper.agent import fill_standard_streams
from wrapper.child import AgentNotStartedError
from wrapper.pump import PumpOptions, run_agent
from wrapper.signals import raise_signal
from wrapper.terminal import stream_modes, terminal_size


class FullDisk(RecordingWriter):
    """Takes three chunks and then no more; the note of what is missing when that is `room_after` bytes or more."""

    chunks = 0
    room_after = sys.maxsize

    def output(self, stream: str, data: bytes | memoryview, at: int) -> None:
        self.chunks += 1
        if self.chunks > 3:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        super().output(stream, data, at)

    def gap(self, lost: Mapping[str, int], at: int) -> None:
        if sum(lost.values()) < self.room_after:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        super().gap(lost, at)


class Bug(RecordingWriter):
    """Fails as only a mistake of ours would."""

    def output(self, stream: str, data: bytes | memoryview, at: int) -> None:
        raise LookupError(f"a bug, {len(data)} bytes of {stream} at {at}")


RECORDERS = {"real": RecordingWriter, "full": FullDisk, "bug": Bug}


def answer_device_attributes(output: bytes) -> bytes:
    return b"\x1b[?62c" if b"\x1b[c" in output else b""


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--pty", action=argparse.BooleanOptionalAction)
    parser.add_argument("--recorder", choices=RECORDERS, default="real")
    parser.add_argument("--room-after", type=int, default=FullDisk.room_after)
    parser.add_argument("--answer", action="store_true")
    parser.add_argument("--grace", type=float, default=10)
    parser.add_argument("--linger", type=float, default=1)
    parser.add_argument("directory", type=Path)
    parser.add_argument("command", nargs="+")
    arguments = parser.parse_args()
    FullDisk.room_after = arguments.room_after
    fill_standard_streams()
    modes = stream_modes(arguments.pty, (os.isatty(0), os.isatty(1), os.isatty(2)))
    started, origin = time.time_ns() // 1000, clock.now()
    columns, rows = terminal_size(modes, os.environ)
    header = RecordingHeader(
        "s", "agent", tuple(arguments.command), os.getcwd(), started, modes, columns, rows, pid=os.getpid()
    )
    with RECORDERS[arguments.recorder](arguments.directory, header) as recorder:
        try:
            ended = run_agent(
                arguments.command,
                os.environ,
                modes,
                recorder,
                started=origin,
                size=(columns, rows),
                on_started=lambda _pid: None,
                doorbell=lambda: None,
                options=PumpOptions(stop_grace=arguments.grace, linger=arguments.linger),
                replies=answer_device_attributes if arguments.answer else None,
            )
        except AgentNotStartedError as error:
            sys.stderr.write(f"{error}\n")
            return error.exit_code
    summary = ended._asdict() | {"recording_error": str(ended.recording_error or "")}
    arguments.directory.with_suffix(".ended").write_text(json.dumps(summary))
    return ended.exit_code if ended.signal is None else raise_signal(ended.signal)


if __name__ == "__main__":
    sys.exit(main())
