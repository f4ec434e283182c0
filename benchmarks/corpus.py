"""Text like an agent's, of any size: the same bytes for the same size and seed, on every machine.

Prose, code, diffs and tool output in turns, as an agent prints them; about 36 bytes and one line in ten coloured, one
event in 200 lines, code fences, UTF-8, LF only. Run it as `python benchmarks/corpus.py FILE MEGABYTES`.
"""

import random
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

_BLOCKS = 96  # different pieces; a corpus is these in random order
_TURNS = 60  # turns of a piece
_PROSE = """
    the a this that I we it file files test tests ratio check value function module line lines before after now first
    then change add remove look run read write handles returns division zero because should still only small naïve
    größe “quoted” parser config option default path table index query cache … result →
"""
_IDENTIFIERS = "main ratio parse_row load_config Reader handle_error test_ratio to_json walk_tree is_valid MAX_ROWS"
_PATHS = "src/main.py src/error_page.ts tests/test_ratio.py docs/größe.md lib/errors/warning.go Makefile"
_WORDS, _NAMES, _FILES = (text.split() for text in (_PROSE, _IDENTIFIERS, _PATHS))

_EVENTS = (
    "Error: cannot read {file}",
    "ZeroDivisionError: division by {number}",
    "{file}:{number}:17: error: expected “;” before “}}” token",
    "warning: unused variable “{name}”",
    "{file}:{number}:9: warning: unused variable “{name}” [-Wunused-variable]",
    "FAILED tests/test_ratio.py::test_{name} - assert {number} == 1",
    "=== 1 failed, {number} passed in 0.31s ===",
    "[main abc{number}f] Change {name}",
    " 3 files changed, {number} insertions(+)",
    "cat: {file}.bak: No such file or directory",
    "Applied edit to {file}",
    "$ sudo make {name}",
)

Lines = Iterator[str]


def _prose(pick: random.Random) -> Lines:
    for _ in range(pick.randrange(2, 7)):
        yield " ".join(pick.choices(_WORDS, k=pick.randrange(6, 19)))
    yield ""


def _code(pick: random.Random) -> Lines:
    yield f"def {pick.choice(_NAMES)}({pick.choice(_WORDS[:4])}, rows):"
    for _ in range(pick.randrange(3, 14)):
        name = pick.choice(_NAMES)
        yield pick.choice(
            (
                f"    {name} = {pick.choice(_NAMES)}({pick.randrange(99)})",
                f"    if {name} is None:",
                "        raise ValueError(f'no error: {rows}')",
                f"    for row in {name}.items():",
                "        return rows",
                f"    # {' '.join(pick.choices(_WORDS, k=7))}",
                f"    log.debug('%s of {name}', {pick.choice(_NAMES)}[{pick.randrange(99)}])",
            )
        )


def _fence(pick: random.Random) -> Lines:
    yield pick.choice(("```python", "```", "~~~js", "```sh"))
    opened = pick.randrange(1 << 30)
    yield f"x = {opened}"
    yield from _code(pick)


def _diff(pick: random.Random) -> Lines:
    file = pick.choice(_FILES)
    yield f"diff --git a/{file} b/{file}"
    yield f"--- a/{file}"
    yield f"+++ b/{file}"
    yield f"@@ -{pick.randrange(99)},6 +{pick.randrange(99)},8 @@"
    for line in _code(pick):
        yield pick.choice(" +-") + line


def _listing(pick: random.Random) -> Lines:
    for _ in range(pick.randrange(3, 16)):
        yield f"-rw-r--r-- 1 dev dev {pick.randrange(9999):5} Nov 21 23:54 {pick.choice(_FILES)}"


def _search(pick: random.Random) -> Lines:
    for _ in range(pick.randrange(3, 12)):
        yield f"{pick.choice(_FILES)}:{pick.randrange(900)}:    {pick.choice(_NAMES)}(error, {pick.randrange(9)})"


def _tests(pick: random.Random) -> Lines:
    for _ in range(pick.randrange(6, 22)):
        yield f"\x1b[32m✓\x1b[0m {pick.choice(_NAMES)} ({pick.randrange(90)} ms)"


def _progress(pick: random.Random) -> Lines:
    for number in range(pick.randrange(4, 18)):
        yield pick.choice(
            (f"[{number}/18] Building {pick.choice(_NAMES)}.o", f"  ok {number}", ".......", "}", "", "  - done")
        )


_SHAPES: tuple[Callable[[random.Random], Lines], ...] = (
    _prose, _prose, _prose, _code, _code, _diff, _diff, _listing, _search, _tests, _progress, _progress,
)  # fmt: skip


def _piece(pick: random.Random) -> bytes:
    lines: list[str] = []
    due = 100
    for turn in range(_TURNS):
        lines += pick.choice(_SHAPES)(pick)
        if turn == _TURNS // 2:
            opening, *content = _fence(pick)
            lines += [opening, *content, opening[:3]]
        while len(lines) >= due:
            lines.append(_event(pick))
            due += 300  # with a code block a piece, one event in 200 lines
    return "".join(line + "\n" for line in lines).encode()


def _event(pick: random.Random) -> str:
    return pick.choice(_EVENTS).format(
        file=pick.choice(_FILES), name=pick.choice(_NAMES), number=pick.randrange(1000, 9999)
    )


def write_corpus(path: Path, size: int, seed: int = 1) -> None:
    """Writes whole lines, `size` bytes at most, the last line short by less than a piece."""
    pick = random.Random(seed)
    pieces = [_piece(pick) for _ in range(_BLOCKS)]
    with path.open("wb") as file:
        while size > 0:
            piece = pick.choice(pieces)
            if len(piece) > size:
                piece = piece[: piece.rfind(b"\n", 0, size) + 1]
                size = len(piece)
            file.write(piece)
            size -= len(piece)


if __name__ == "__main__":
    write_corpus(Path(sys.argv[1]), int(float(sys.argv[2]) * 1e6))
