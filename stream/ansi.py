"""What a reader saw of a piped line: escapes gone, carriage returns and backspaces carried out. Pure.

Works on whole lines only, so that an escape which was cut by a read is never seen in halves; an escape does not reach
over the end of its line. Cursor movement across lines means a screen, which is not this module's business.

Source of the shapes: ECMA-48 (control sequences, 5.4; strings, 5.6) and xterm's OSC, which a BEL may end.
"""

import re

_ESCAPE = re.compile(
    rb"\x1b(?:"
    rb"\[[0-?]*[ -/]*[@-~]?"  # CSI: colours, cursor, erasing
    rb"|\][^\x07\x1b\r\n]*(?:\x07|\x1b\\)?"  # OSC: titles, links
    rb"|[PX^_][^\x1b\r\n]*(?:\x1b\\)?"  # DCS, SOS, PM, APC
    rb"|[ -/]*[0-~]?)"  # character sets, single functions
)
# Within one line: back to its start, one back, erase. They need the line to be written again, cell by cell.
_REWRITE = re.compile(rb"[\r\x08]|\x1b\[(?:[12]K|[01]?G)")
_TOKEN = re.compile(
    rb"(?P<start>\r|\x1b\[[01]?G)|(?P<back>\x08)|\x1b\[(?P<erase>[0-2]?)K|(?P<text>[^\r\x08\x1b]+)|\x1b"
)
_CONTROLS = bytes(byte for byte in range(32) if byte not in b"\t\n") + b"\x7f"


def clean(lines: bytes) -> bytes:
    """Whole lines of output as valid UTF-8 text without escapes and controls; tabs and the number of lines stay."""
    if len(lines.translate(None, _CONTROLS)) < len(lines):
        lines = _resolve(lines)
    return _mend(lines)


def rewritten(line: bytes) -> bytes:
    """One line after its carriage returns, backspaces and erasures; escapes and trailing blanks are gone."""
    cells: list[str] = []
    cursor = 0
    for token in _TOKEN.finditer(_ESCAPE.sub(_keep_rewrites, line)):
        kind = token.lastgroup
        if kind == "text":
            text = token["text"].translate(None, _CONTROLS).decode("utf-8", "replace")
            cells[cursor : cursor + len(text)] = text
            cursor += len(text)
        elif kind == "start":
            cursor = 0
        elif kind == "back":
            cursor = max(0, cursor - 1)
        elif kind == "erase":
            _erase(cells, cursor, token["erase"])
    return "".join(cells).rstrip(" ").encode()


def _resolve(lines: bytes) -> bytes:
    while b"\r\n" in lines:
        lines = lines.replace(b"\r\n", b"\n")
    if _REWRITE.search(lines):
        lines = b"".join(_rewrite_lines(lines))
    if b"\x1b" in lines:
        lines = _ESCAPE.sub(b"", lines)
    return lines.translate(None, _CONTROLS)


def _erase(cells: list[str], cursor: int, which: bytes) -> None:
    if which in (b"1", b"2"):
        cells[:cursor] = " " * min(cursor, len(cells))
    if which in (b"", b"0", b"2"):
        del cells[cursor:]


def _keep_rewrites(match: re.Match[bytes]) -> bytes:
    escape = match[0]
    return escape if escape.endswith((b"K", b"G")) and _TOKEN.fullmatch(escape) else b""


def _rewrite_lines(lines: bytes) -> list[bytes]:
    parts = []
    done = 0
    while match := _REWRITE.search(lines, done):
        start = lines.rfind(b"\n", done, match.start()) + 1 or done
        end = lines.find(b"\n", match.end())
        end = len(lines) if end < 0 else end
        parts += [lines[done:start], rewritten(lines[start:end])]
        done = end
    parts.append(lines[done:])
    return parts


def _mend(lines: bytes) -> bytes:
    """Valid UTF-8, each invalid byte as U+FFFD: RE2 finds nothing in a line that has one."""
    if lines.isascii():
        return lines
    try:
        lines.decode()
    except UnicodeDecodeError:
        return lines.decode("utf-8", "replace").encode()
    return lines
