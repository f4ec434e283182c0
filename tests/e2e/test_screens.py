"""A full-screen program without a terminal of ours: it asks what it runs in, and is answered."""

import sys

from program import Place

# Asks as codex and opencode do at their start, in raw mode, and prints what it was told.
ASKING = """
import os, re, sys, tty
tty.setraw(0)
os.write(1, b"\\x1b[c\\x1b[6n\\x1b]10;?\\x1b\\\\\\x1b]11;?\\x07\\x1b[18t\\x1b[5n")
told = b""
while not told.endswith(b"\\x1b[0n"):
    told += os.read(0, 100).replace(b"\\x04", b"")  # what ends an empty input
print(ascii(told.decode()), end="\\r\\n")
"""

TOLD = r"'\x1b[?62;22c\x1b[1;1R\x1b]10;rgb:d0d0/d0d0/d0d0\x1b\\\x1b]11;rgb:0000/0000/0000\x07\x1b[8;40;120t\x1b[0n'"


def test_a_program_that_asks_its_terminal_is_answered_where_there_is_none(place: Place) -> None:
    environ = place.environ | {"COLUMNS": "120", "LINES": "40"}
    asked = place.run("agent", "--pty", "--", sys.executable, "-c", ASKING, env=environ)
    assert asked.returncode == 0, asked.stderr
    assert TOLD.encode() in asked.stdout
