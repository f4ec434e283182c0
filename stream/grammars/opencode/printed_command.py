"""A command that `opencode run` is printing, as it was written: on one row, or on several. Pure."""

from typing import Any

from stream.grammars.account import Passage
from stream.grammars.opencode.command_rows import CommandRows
from stream.lazy_regex import lazy_regex
from stream.lines import Line
from stream.shell.programs import inner_command, programs
from stream.shell.reading import only_reads, own_complaints

_MOST_ROWS = 5000
_MOST_TEXT = 1 << 14  # characters that are kept: as many as are looked at to know what a command does
_NEVER_CLOSED = lazy_regex(r".*\bhere-document at line \d+ delimited by end-of-file\b")
_NOT_FOUND = lazy_regex(r"(?:/\S*/)?\w*sh: (?:line )?(?:\d+: )?(?P<name>[^\s:]+): (?:command )?not found$")
_SILENT = frozenset({"cd", "true"})


class PrintedCommand:
    """Rows of one command. `first` is its first row alone, `rest` is what was taken since."""

    def __init__(self, first: str, passage: Passage) -> None:
        self.first = first
        self.rest = ""
        self.passage = passage
        self._count = 1
        self._rows = CommandRows()
        self._rows.take(passage.text.removeprefix("$ "))  # all of it, though of a very long row `first` is a part

    @property
    def is_whole(self) -> bool:
        return not self._rows.is_open

    @property
    def text(self) -> str:
        """What is to run, as far as it is kept."""
        return self.first + self.rest

    @property
    def first_passage(self) -> Passage:
        """Where its first row stands."""
        return Passage.of(self.passage.text.partition("\n")[0], self.passage.where)

    def may_end_at(self, row: str, *, at_mark: bool) -> bool:
        """Whether it is never closed, and its output came already: another thing begins, or its shell says so."""
        if self._count >= _MOST_ROWS:
            return True
        return _NEVER_CLOSED.match(row) is not None if self._rows.in_heredoc else at_mark

    def take(self, row: str, where: Line) -> None:
        """The next row."""
        self._rows.take(row)
        self._count += 1
        self.rest = f"{self.rest}\n{row}"[:_MOST_TEXT]
        self.passage = self.passage.through(row, where)

    def state(self) -> list[Any]:
        """JSON-serialisable and bounded."""
        return [self.first, self.rest, self.passage, self._count, self._rows.state()]

    @classmethod
    def resumed(cls, state: list[Any]) -> "PrintedCommand":
        """The command that `state` was taken of."""
        first, rest, passage, count, rows = state
        command = cls(first, Passage.resumed(passage))
        command.rest, command._count, command._rows = rest, count, CommandRows.resumed(rows)
        return command


def shows(command: str) -> bool:
    """Whether what stands below a command is what it was to show.

    Not if it prints nothing itself, as it only writes into files: then the rows below are further lines of it, and
    what these printed.
    """
    if not only_reads(command):
        return False
    found = list(programs(inner_command(command)))
    writes = any(">" in to.operator and to.target != "/dev/null" for each in found for to in each.command.redirects)
    return not writes and any(program.name not in _SILENT for program in found)


def complains(command: str, row: str) -> bool:
    """Whether a program of the command says this for itself, or the shell that a program is missing."""
    if match := _NOT_FOUND.match(row):
        return any(program.name == match["name"].lower() for program in programs(inner_command(command)))
    return bool(own_complaints(command, row))
