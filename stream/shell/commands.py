"""Shell text taken apart into the simple commands that it runs, as far as it can be known without running it. Pure.

Quotes, operators, redirections, here-documents and substitutions are those of POSIX `sh` and bash. What is broken
(a quote that never closes) is read as far as it makes sense; nothing raises.
"""

import re
from typing import NamedTuple

from stream.lazy_regex import lazy_regex

_MAX_TEXT = 1 << 14  # characters looked at; what a here-document writes may be long
_MAX_DEPTH = 4  # of substitutions and `sh -c` within one another

_TOKEN = lazy_regex(
    r"""(?P<blank>[ \t]+|\\\n)
    |(?P<comment>(?<![^\s;&|()])\#[^\n]*)
    |(?P<redirect>\d*(?:<<<|<<-?|<>|<&|>>|>\||>&|>(?!\()|<(?!\())|&>>?)
    |(?P<operator>\n|;;|;|&&|\|\||\|&|\||&|[<>$]?\(|\)|`)
    |(?P<single>\$?'[^']*(?:'|$))
    |(?P<double>\$?"(?:\\.|[^"\\])*(?:"|$))
    |(?P<escaped>\\.?)
    |(?P<plain>\$(?!\()|[^\s;|&()<>'"\\`$]+)
    |(?P<other>.)""",
    re.VERBOSE | re.DOTALL,
)
_SUBSTITUTION = lazy_regex(r"\$\(([^()]*(?:\([^()]*\)[^()]*)*)\)|`([^`]*)`")
_ESCAPE_IN_QUOTES = lazy_regex(r'\\(["\\$`\n])')


class Redirect(NamedTuple):
    """`operator` without the descriptor's number (`>`, `>>`, `<` …); `target` is the word behind it."""

    operator: str
    target: str


class SimpleCommand(NamedTuple):
    """A program with its arguments, quotes taken off. `feeds` is the command before it in the same pipe.

    `stdin` is the text of a here-document or here-string. `substituted` are the commands whose output its words hold.
    """

    words: tuple[str, ...]
    redirects: tuple[Redirect, ...] = ()
    stdin: str = ""
    feeds: "SimpleCommand | None" = None
    substituted: "tuple[SimpleCommand, ...]" = ()


def simple_commands(text: str, depth: int = 0) -> list[SimpleCommand]:
    """Every simple command of the text, in its order; those within `$(…)` come before the one that they are part of."""
    if depth > _MAX_DEPTH:
        return []
    return _Reader(text[:_MAX_TEXT], depth).read()


class _Reader:
    def __init__(self, text: str, depth: int) -> None:
        self._text = text
        self._depth = depth
        self._done: list[SimpleCommand] = []
        self._outer: list[tuple[list[str], list[Redirect], int]] = []  # what a parenthesis interrupted
        self._begin()
        self._feeding: SimpleCommand | None = None
        self._heredocs: list[str] = []

    def _begin(self) -> None:
        self._words: list[str] = []
        self._redirects: list[Redirect] = []
        self._word: str | None = None
        self._redirect: str | None = None
        self._stdin = ""
        self._inner: list[SimpleCommand] = []

    def read(self) -> list[SimpleCommand]:
        position = 0
        while match := _TOKEN.match(self._text, position):
            position = match.end()
            kind = str(match.lastgroup)
            if kind == "operator":
                self._end_word()
                self._operator(match[0])
                if match[0] == "\n":
                    position = self._skip_heredocs(position)
            elif kind == "redirect":
                self._end_word()
                self._redirect = match[0].lstrip("0123456789")
            elif kind in ("blank", "comment"):
                self._end_word()
            else:
                self._word = (self._word or "") + self._unquoted(kind, match[0])
        self._end_word()
        while self._outer:
            self._operator(")")
        self._end_command()
        return self._done

    def _unquoted(self, kind: str, token: str) -> str:
        if kind == "single":
            return token.lstrip("$").strip("'")
        if kind == "double":
            inner = token.lstrip("$")[1:].removesuffix('"')
            for found in _SUBSTITUTION.finditer(inner):
                self._add_inner(simple_commands(found[1] or found[2] or "", self._depth + 1))
            return _ESCAPE_IN_QUOTES.sub(r"\1", inner)
        return token[1:] if kind == "escaped" else token

    def _add_inner(self, commands: list[SimpleCommand]) -> None:
        self._done += commands
        self._inner += commands

    def _operator(self, operator: str) -> None:
        if operator in ("$(", "<(", ">("):
            self._outer.append((self._words, self._redirects, len(self._done)))
            self._begin()
        elif operator == ")" and self._outer:
            self._end_command()
            self._words, self._redirects, start = self._outer.pop()
            self._inner = self._done[start:]
        else:
            command = self._end_command()
            self._feeding = command if operator in ("|", "|&") else None

    def _end_word(self) -> None:
        if self._word is None:
            return
        word, self._word = self._word, None
        if self._redirect is None:
            self._words.append(word)
        elif self._redirect.startswith("<<<"):
            self._stdin, self._redirect = word, None
        elif self._redirect.startswith("<<"):
            self._heredocs.append(word)
            self._redirect = None
        else:
            self._redirects.append(Redirect(self._redirect, word))
            self._redirect = None

    def _end_command(self) -> SimpleCommand | None:
        stdin = self._stdin or self._heredoc_ahead()
        command = None
        if self._words or self._redirects:
            command = SimpleCommand(
                tuple(self._words), tuple(self._redirects), stdin, self._feeding, tuple(self._inner)
            )
            self._done.append(command)
        self._feeding = None
        self._begin()
        return command

    def _heredoc_ahead(self) -> str:
        """The text of the here-document that the command waits for: it begins at the next line."""
        if not self._heredocs:
            return ""
        found = re.search(rf"\n(.*?)\n[ \t]*{re.escape(self._heredocs[0])}[ \t]*(?:\n|$)", self._text, re.DOTALL)
        return found[1] if found else ""

    def _skip_heredocs(self, position: int) -> int:
        for delimiter in self._heredocs:
            found = re.compile(rf"^[ \t]*{re.escape(delimiter)}[ \t]*$", re.MULTILINE).search(self._text, position)
            position = found.end() if found else len(self._text)
        self._heredocs.clear()
        return position
