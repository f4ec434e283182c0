"""How fast the lines of a terminal are read, and in how much memory: output of full-screen agents, plain, and between.

Each row is a process of its own, fed from memory in reads of 64 KB, as the indexer is; loading the emulator is not in
the figure. Memory is the peak at the end against that after a quarter of the output.
"""

import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.budget import Measurement, table
from benchmarks.corpus import write_corpus
from stream.lines import Reads
from stream.screen import Screen

SIZE = 20_000_000
SPEED = 20  # MB/s
GROWTH = 8_000_000  # bytes that the peak may rise by in the last three quarters of the output

_READ = 1 << 16
_CAPTURES = Path(__file__).parent.parent / "tests" / "captures"
_OTHER_SCREEN, _FIRST_SCREEN = b"\x1b[?1049h", b"\x1b[?1049l"
_FULL_SCREEN = ("codex-tui-pty", "opencode-tui-pty")
_REPAINTING = ("gemini-tui-pty", "aider-markdown-pty")
_AGENTS = (*_FULL_SCREEN, "gemini-tui-pty")


def measure(scratch: Path, size: int = SIZE) -> list[Measurement]:
    """All rows."""
    rows = []
    for name in (*_FULL_SCREEN, *_REPAINTING, "lines with backspaces", "plain lines"):
        output = scratch / "output"
        output.write_bytes(_output(name, size, scratch))
        answer = subprocess.run(
            [sys.executable, "-m", "benchmarks.screens", str(output)], check=True, capture_output=True, text=True
        ).stdout.split()
        speed, quarter, peak = float(answer[0]), int(answer[1]), int(answer[2])
        budget, met = (f"≥ {SPEED} MB/s", speed >= SPEED) if name in _AGENTS else ("", None)
        rows.append(Measurement(f"screen lines: {name}", budget, f"{speed:.0f} MB/s", met))
        told = f"{peak / 1e6:.0f} MB, {(peak - quarter) / 1e6:+.1f} MB"
        rows.append(Measurement("  peak memory, its growth", "flat", told, peak - quarter <= GROWTH))
    return rows


def _output(name: str, size: int, scratch: Path) -> bytes:
    if name in _FULL_SCREEN:
        return _session(name, size)
    if name in _REPAINTING:
        return _repeated((_CAPTURES / f"{name}.raw").read_bytes(), size)
    corpus = scratch / "corpus"
    write_corpus(corpus, size)
    lines = corpus.read_bytes().replace(b"\n", b"\r\n")
    return b"\x1b[2J" + lines.replace(b"e\r\n", b"x\x08e\r\n") if name == "lines with backspaces" else lines


def _session(name: str, size: int) -> bytes:
    """One long session: what the agent paints between taking the screen and leaving it, again and again."""
    data = (_CAPTURES / f"{name}.raw").read_bytes()
    start, end = data.index(_OTHER_SCREEN) + len(_OTHER_SCREEN), data.rfind(_FIRST_SCREEN)
    if end < start:
        end = len(data)
    return data[:start] + _repeated(data[start:end], size) + data[end:]


def _repeated(data: bytes, size: int) -> bytes:
    return data * max(1, size // len(data))


def _run(output: Path) -> None:
    screen = Screen(100, 30)
    screen.feed(Reads("stdout", 0, b"\x08\r", ((2, 0),)))  # loads the emulator
    data = output.read_bytes()
    quarter = 0
    start = time.process_time()
    for offset in range(0, len(data), _READ):
        piece = data[offset : offset + _READ]
        screen.feed(Reads("stdout", offset + 2, piece, ((offset + 2 + len(piece), offset),)))
        if not quarter and offset > len(data) // 4:
            quarter = _peak()
    screen.flush(len(data))
    print(len(data) / (time.process_time() - start) / 1e6, quarter, _peak())


def _peak() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)


if __name__ == "__main__":
    if len(sys.argv) > 1:
        _run(Path(sys.argv[1]))
    else:
        with tempfile.TemporaryDirectory(prefix="screens-") as folder:
            print(table(measure(Path(folder))))
