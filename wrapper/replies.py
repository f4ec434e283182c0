"""What a terminal answers to the questions of a full-screen program, where there is no terminal that could.

Without answers codex refuses to start, and others wait a second for each. The answers are those of a plain terminal
that shows 256 colours, light on dark; what such a terminal does not know, it does not answer.

Source of questions and answers: xterm's control sequences (`Device-Status-Report`, `DA`, `DECRQM`, OSC 4, 10-12).
"""

import re

from stream.lazy_regex import lazy_regex

_LONGEST = 32  # bytes of a question that a read may have cut
_QUESTION = lazy_regex(
    rb"\x1b\[(?P<report>5|\??6)n"
    rb"|\x1b\[(?P<attributes>[>=]?)0?c"
    rb"|\x1b\[\?(?P<mode>\d{1,5})\$p"
    rb"|\x1b\[(?P<size>18)t"
    rb"|\x1b\[>0?(?P<version>q)"
    rb"|\x1b\](?P<colour>4;\d{1,3}|1[012]);\?(?P<end>\x07|\x1b\\)"
)
_BEGINNING = lazy_regex(rb"\x1b(?:\[[\d;?>=$]*|\][\d;?]*\x1b?)?\Z")

_REPORTS = {
    b"5": b"\x1b[0n",  # all is well
    b"6": b"\x1b[1;1R",  # where the cursor is: nobody here follows it
    b"?6": b"\x1b[?1;1R",
}
_ATTRIBUTES = {
    b"": b"\x1b[?62;22c",  # a VT220 with colours
    b">": b"\x1b[>1;10;0c",
    b"=": b"\x1bP!|00000000\x1b\\",
}
_FOREGROUND, _BACKGROUND, _CURSOR = b"d0d0/d0d0/d0d0", b"0000/0000/0000", b"d0d0/d0d0/d0d0"
_COLOURS = {b"10": _FOREGROUND, b"11": _BACKGROUND, b"12": _CURSOR}


class TerminalReplies:
    """Call it with what the program prints, read by read; it returns what a terminal of this size types in answer."""

    def __init__(self, columns: int, rows: int) -> None:
        self._columns, self._rows = columns, rows
        self._open = b""

    def __call__(self, output: bytes) -> bytes:
        """The answers to the questions that end in `output`."""
        if b"\x1b" not in output and not self._open:
            return b""
        data = self._open + output
        answers = []
        end = 0
        for question in _QUESTION.finditer(data):
            answers.append(self._answer(question))
            end = question.end()
        beginning = _BEGINNING.search(data, max(end, len(data) - _LONGEST))
        self._open = beginning[0] if beginning else b""
        return b"".join(answers)

    def _answer(self, question: re.Match[bytes]) -> bytes:
        if (report := question["report"]) is not None:
            return _REPORTS[report]
        if (attributes := question["attributes"]) is not None:
            return _ATTRIBUTES[attributes]
        if (mode := question["mode"]) is not None:
            return b"\x1b[?%b;0$y" % mode  # not known
        if question["size"] is not None:
            return b"\x1b[8;%d;%dt" % (self._rows, self._columns)
        if question["version"] is not None:
            return b"\x1bP>|wrapper\x1b\\"
        colour = question["colour"]
        return b"\x1b]%b;rgb:%b%b" % (colour, _COLOURS.get(colour, _BACKGROUND), question["end"])
