"""Whatever an agent prints, through a pipe or on a terminal: how it is cut, and where it is resumed, cannot be seen.

Lines that open, hold, end or refute something, put together at random, with all packs, grammars and decoders in force.
Seeds rather than Hypothesis: what goes wrong takes many lines, and small examples are not what it is found by.
"""

import random
from collections.abc import Sequence
from functools import cache

import pytest

from chunking import END, cut, reads_of, together
from made_secrets import LINES as SECRETS
from made_secrets import PRIVATE_KEY
from stream.agent_reader import marks
from stream.extractor import Extractor
from stream.grammars.kinds import KINDS
from stream.patterns import load_packs
from stream.pipeline import Findings, Pipeline
from stream.recording import RecordingHeader
from stream.secrets.masker import SecretMasker

MASKER = SecretMasker(b"k" * 32, 80)
LINES = """
Error: x|Error: y|plain text|||x = 1|    f()|warning: w|error: red|ValueError: no|FAILED tests/x.py::test_a - assert 1
Traceback (most recent call last):|  File "a.py", line 3, in f|1 failed, 2 passed in 0.1s|panic: oops
goroutine 1 [running]:|a.c:3:5: error: expected ';'|    3 |   int x|diff --git a/x b/x|--- a/x|+++ b/x|café Error: z
@@ -1,2 +1,2 @@|-error: old|+error: new|{"type":"item.completed"}|{|}|Continue? [y/n] |password: |Continue? [y/n] yes
TypeError: x is not a function|    at a (/a.js:1:2)|```python|```|```json|~~~yaml|~~~|> ```json|> {}|> ```|- ```sh|````
⏺ Bash(make)|  ⎿  Error: bad|⏺ I see|\u276f do it|Not logged in · Please run /login|✻ Thinking… (3s)|exec|codex
thinking|user|bash -lc make in /w exited 1 in 5ms:|tokens used|1,234|file update:|────────|  ```|Error: exit 1
apply_patch(auto_approved=true, changes=1)|Tokens: 2.6k sent, 34 received.|Applied edit to a.py|> fix it|╭────╮
│ ✓ Shell make │|╰────╯|| $ make|a.js:3|/w/b.mjs:14|OpenAI Codex v0.46.0 (research preview)|--------
{"type":"thread.started"} OpenAI Codex v0.46.0
2026-01-01T00:00:00.000000Z ERROR codex_core::exec: Error: of the log
"""
CALM = [line for row in LINES.strip("\n").split("\n") for line in row.split("|")]
ODD = [
    *(
        "\x1b[31merror: red\x1b[0m",
        "\x1b[31m```python\x1b[0m",
        "``\x07`py",
        "error\x00: nul",
        "\x07OpenAI Codex v0.46.0",
        "10%\r20%\rdone Error: y",
    ),
    *(line for line, _ in SECRETS.values()),
    *PRIVATE_KEY,
]
SCREENS = ["\x1b[2J\x1b[H", "\x1b[?1049h", "\x1b[?1049l", "\x1b[5;5Hhere", "\x1b[1A\x1b[2Kagain", "a\x08b"]


@cache
def extractor(kind: str | None) -> Extractor:
    return Extractor(load_packs(kind), marks(header(kind, "pipe")))


def header(kind: str | None, mode: str) -> RecordingHeader:
    return RecordingHeader(
        "0123456789abcdef", "test", ("true",), "/w", 1_700_000_000_000_000, (mode,) * 3, 80, 8, kind=kind
    )


def output(chance: random.Random, mode: str) -> bytes:
    end = "\r\n" if mode == "pty" else "\n"
    often = [CALM] * 30 + [ODD] * chance.choice([0, 3]) + [SCREENS] * chance.choice([0, 0, 1])
    return "".join(chance.choice(chance.choice(often)) + end for _ in range(chance.randrange(10, 400))).encode()


def find(recording: RecordingHeader, pieces: Sequence[bytes], masker: SecretMasker | None, every: int = 0) -> Findings:
    """With `every`, another pipeline goes on after so many reads."""
    pipeline = Pipeline(recording, extractor(recording.kind), masker)
    parts = []
    for number, read in enumerate(reads_of(list(pieces)), 1):
        pipeline.feed(read)
        if every and number % every == 0:
            parts.append(pipeline.take())
            state = pipeline.state()
            pipeline = Pipeline(recording, extractor(recording.kind), masker)
            pipeline.resume(state)
    pipeline.record(END)
    parts.append(pipeline.take())
    return together(parts)


@pytest.mark.parametrize("kind", [None, *sorted(set(KINDS.values()))])
@pytest.mark.parametrize("mode", ["pipe", "pty"])
def test_however_it_is_cut_and_resumed_the_same_is_found(mode: str, kind: str | None) -> None:
    recording = header(kind, mode)
    for seed in range(12):
        chance = random.Random(f"{mode} {kind} {seed}")
        data = output(chance, mode)
        masker = chance.choice([None, MASKER])
        whole = find(recording, [data], masker)
        some = cut(data, [chance.randrange(len(data)) for _ in range(30)])
        small = [data[start : start + 40] for start in range(0, len(data), 40)]
        assert find(recording, some, masker) == whole, seed
        assert find(recording, small, masker) == whole, seed
        assert find(recording, some, masker, every=chance.randrange(1, 5)) == whole, seed
