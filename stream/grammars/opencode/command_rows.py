"""How far a shell command reaches that is printed as it was written, over several rows. Pure.

A row is not its last one if it leaves a quote, a parenthesis or a here-document open, or ends in a pipe, in `&&`, `||`
or a backslash. What else may follow in a next line (`cd a`, `make`) looks like output: models are told not to do that.
"""

import re
from collections.abc import Mapping
from typing import Any

from stream.lazy_regex import lazy_regex

_TOKEN = lazy_regex(
    r"""(?P<escaped>\\.?)
    |(?P<comment>(?<![^\s;&|()])\#)
    |(?P<heredoc><<(?P<tabs>-?)[ \t]*(?P<word>(?:\\.|'[^']*'|"[^"]*"|[^\s\\'"<>;&|()`])+))
    |(?P<herestring><<<)
    |(?P<arithmetic>\$?\(\()
    |(?P<open>\$?\(|\$\{)
    |(?P<quote>\$?'|"|`)
    |(?P<close>[)}])""",
    re.VERBOSE,
)
_GOES_ON = lazy_regex(r"(?:&&|\|\|?|(?<!\\)(?:\\\\)*\\)$")
_UNQUOTED = lazy_regex(r"\\(.)|['\"]")
_CLOSES = {"(": ")", "((": ")", "${": "}", "`": "`"}
_QUOTES = ('"', "$'")
_CODE = ("", "(", "`")  # where programs and here-documents stand
_MOST_OPEN = 50  # quotes and parentheses within one another, here-documents of one row


class CommandRows:
    """Of one command. `is_open` says whether a shell would wait for another row."""

    def __init__(self) -> None:
        self._within: list[str] = []  # quotes and parentheses that are open, the innermost last
        self._heredocs: list[tuple[str, bool]] = []  # end words, and whether tabs may stand before them
        self._goes_on = False

    @property
    def is_open(self) -> bool:
        return bool(self._within or self._heredocs or self._goes_on)

    @property
    def in_heredoc(self) -> bool:
        """Whether the next row is text that is no shell's."""
        return bool(self._heredocs)

    def take(self, row: str) -> None:
        """The next row."""
        if self._heredocs:
            self._take_text(row)
            return
        code = self._take_code(row)
        self._goes_on = not self._within and _GOES_ON.search(code) is not None

    def state(self) -> dict[str, Any]:
        """JSON-serialisable and bounded."""
        return {"within": self._within, "heredocs": self._heredocs, "goes_on": self._goes_on}

    @classmethod
    def resumed(cls, state: Mapping[str, Any]) -> "CommandRows":
        """The rows that `state` was taken of."""
        rows = cls()
        rows._within, rows._goes_on = list(state["within"]), state["goes_on"]
        rows._heredocs = [(word, tabs) for word, tabs in state["heredocs"]]
        return rows

    def _take_text(self, row: str) -> None:
        word, tabs = self._heredocs[0]
        if (row.lstrip("\t ") if tabs else row) == word:
            del self._heredocs[0]

    def _take_code(self, row: str) -> str:
        """Returns the row without the comment at its end."""
        position = 0
        while position < len(row):
            innermost = self._within[-1] if self._within else ""
            if innermost == "'":
                position = row.find("'", position) + 1
                if not position:
                    break
                self._within.pop()
                continue
            match = _TOKEN.search(row, position)
            if match is None:
                break
            if match["comment"] is not None and innermost in _CODE:
                return row[: match.start()].rstrip()
            taken = self._take_quoted(match, innermost) if innermost in _QUOTES else self._take_found(match, innermost)
            position = match.end() if taken else match.start() + 1
        return row

    def _take_quoted(self, match: re.Match[str], innermost: str) -> bool:
        """A found within quotes. Whether it is one there."""
        found = match[0]
        if innermost == '"' and (found == "`" or (found[0] == "$" and (match["open"] or match["arithmetic"]))):
            self._open(found)
        elif match["quote"] and (found == innermost or innermost == "$'" == f"${found[-1]}"):
            self._within.pop()
        else:
            return match["escaped"] is not None
        return True

    def _take_found(self, match: re.Match[str], innermost: str) -> bool:
        found = match[0]
        if match["word"] is not None:
            if innermost not in _CODE:
                return False  # `1<<2`
            if len(self._heredocs) < _MOST_OPEN:
                self._heredocs.append((_UNQUOTED.sub(r"\1", match["word"]), bool(match["tabs"])))
        elif match["close"] or found == "`" == innermost:
            if found == _CLOSES.get(innermost):
                self._within.pop()
        elif match["quote"] or match["open"] or match["arithmetic"]:
            self._open(found)
        return True

    def _open(self, found: str) -> None:
        if len(self._within) >= _MOST_OPEN:
            return
        if found.endswith("(("):
            self._within += ["((", "(("]  # each parenthesis is closed by itself
        elif found.endswith("("):
            self._within.append("((" if self._within[-1:] == ["(("] else "(")
        else:
            self._within.append(found)
