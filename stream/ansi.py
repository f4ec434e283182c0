"""What a reader saw of a piped line: escapes gone, carriage returns and backspaces carried out. Pure.

Works on whole lines only, so that an escape which was cut by a read is never seen in halves; an escape does not reach
over the end of its line. Cursor movement across lines means a screen, which is not this module's business.

Source of the shapes: ECMA-48 (control sequences, 5.4; strings, 5.6) and xterm's OSC, which a BEL may end.
"""

import re

from stream.lazy_regex import lazy_regex


def _escapes(*, but: bytes) -> re.Pattern[bytes]:
    """Every escape except control sequences that end like `but`; one that was cut by its line's end, too."""
    return lazy_regex(
        rb"\x1b(?:"
        rb"\[(?!" + but + rb")[0-?]*[ -/]*[@-~]?"  # CSI: colours, cursor
        rb"|\][^\x07\x1b\r\n]*(?:\x07|\x1b\\)?"  # OSC: titles, links
        rb"|[PX^_][^\x1b\r\n]*(?:\x1b\\)?"  # DCS, SOS, PM, APC
        rb"|(?!\[)[ -/]*[0-~]?)"  # character sets, single functions
    )


# Back to the line's start, or erase what has been written: such a line is written again, cell by cell.
_MOVES = rb"[12]K|[01]?G"
# Erasing to the line's end as well, which changes nothing where nothing moves. gcc and grep do it after each colour.
_MOVES_AND_ERASES = rb"[0-2]?K|[01]?G"

_COLOUR = lazy_regex(rb"\x1b\[[0-9;]*m")  # what most escapes are; found in half the time
_ESCAPE = _escapes(but=_MOVES)
_INERT = _escapes(but=_MOVES_AND_ERASES)
_MOVING = lazy_regex(rb"\x1b\[(?:" + _MOVES + rb")")
_RETURNS = lazy_regex(rb"(?<!\r)\r++\n")  # linear, however many there are and wherever they stand
_OVERWRITING = lazy_regex(rb"[\r\x08]")
_TOKEN = lazy_regex(
    rb"(?P<start>\r|\x1b\[[01]?G)|(?P<back>\x08)|\x1b\[(?P<erase>[0-2]?)K|(?P<text>[^\r\x08\x1b]+)|\x1b"
)
_ERASED = "\0"  # a cell in which nothing stands; text has no NUL by then

CONTROLS = bytes(byte for byte in range(32) if byte not in b"\t\n") + b"\x7f"


def clean(lines: bytes) -> bytes:
    """Whole lines of output as valid UTF-8 without escapes, overwritten text resolved; the number of lines stays.

    Other `CONTROLS` stay, too: most lines are dull, so whoever looks at one takes them out (`without_controls`).
    """
    if b"\r\r\n" in lines:
        lines = _RETURNS.sub(b"\n", lines)
    elif b"\r\n" in lines:
        lines = lines.replace(b"\r\n", b"\n")
    if b"\r" in lines or b"\x08" in lines:
        lines = _rewrite_lines(lines, _OVERWRITING)
    return _mend(_without_escapes(lines) if b"\x1b" in lines else lines)


def clean_plain(lines: bytes) -> bytes:
    """The same, in half the time, of lines whose every CR stands before LF, and that never move back to erase."""
    lines = lines.replace(b"\r", b"")
    return _mend(_without_escapes(lines) if b"\x1b" in lines else lines)


def _without_escapes(lines: bytes) -> bytes:
    plain = _COLOUR.sub(b"", lines)
    if b"\x1b" in plain:
        plain = _ESCAPE.sub(b"", lines)
    return _ESCAPE.sub(b"", _rewrite_lines(lines, _MOVING)) if b"\x1b" in plain else plain


def without_controls(text: bytes) -> bytes:
    """Text without control characters; tab and LF stay."""
    return text.translate(None, CONTROLS)


def rewritten(line: bytes) -> bytes:
    """One line after its carriage returns, backspaces and erasures; escapes and controls are gone."""
    line = _INERT.sub(b"", line)
    if b"\x08" in line or b"\x1b" in line:
        return _edited(line)
    return _overwritten(line.split(b"\r"))


def _overwritten(texts: list[bytes]) -> bytes:
    """Texts written over one another, each from the line's start: what stands out of a longer one stays."""
    longest = max(map(len, texts))
    seen = ""
    while texts and len(seen) < longest:
        seen += without_controls(texts.pop()).decode("utf-8", "replace")[len(seen) :]
    return seen.encode()


def _edited(line: bytes) -> bytes:
    """The line written again, cell by cell."""
    cells: list[str] = []
    cursor = 0
    written = 0  # where the first cell may be that is not erased: each is erased once for each time it was written
    for token in _TOKEN.finditer(line):
        kind = token.lastgroup
        if kind == "text":
            text = without_controls(token["text"]).decode("utf-8", "replace")
            cells[cursor : cursor + len(text)] = text
            written = min(written, cursor)
            cursor += len(text)
        elif kind == "start":
            cursor = 0
        elif kind == "back":
            cursor = max(0, cursor - 1)
        elif kind == "erase":
            if token["erase"] in (b"1", b"2") and written < cursor:
                cells[written:cursor] = _ERASED * (cursor - written)
                written = cursor
            if token["erase"] in (b"", b"0", b"2"):
                del cells[cursor:]
    return "".join(cells).rstrip(_ERASED).replace(_ERASED, " ").encode()


def _rewrite_lines(lines: bytes, wanted: re.Pattern[bytes]) -> bytes:
    """Rewrites the lines in which `wanted` is found."""
    parts = []
    done = 0
    while match := wanted.search(lines, done):
        start = lines.rfind(b"\n", done, match.start()) + 1 or done
        end = lines.find(b"\n", match.end())
        end = len(lines) if end < 0 else end
        parts += [lines[done:start], rewritten(lines[start:end])]
        done = end
    parts.append(lines[done:])
    return b"".join(parts)


def _mend(lines: bytes) -> bytes:
    """Valid UTF-8, each invalid byte as U+FFFD: RE2 finds nothing in a line that has one."""
    if lines.isascii():
        return lines
    try:
        lines.decode()
    except UnicodeDecodeError:
        return lines.decode("utf-8", "replace").encode()
    return lines
