"""codex's text: where `codex exec` stands, line by line. What it tells there is in `transcript`."""

from collections.abc import Callable, Mapping
from typing import Any

from stream.grammars.account import Passage
from stream.grammars.codex.header import prompt_lines
from stream.grammars.codex.marks import Mark, mark_of
from stream.grammars.codex.places import OUTPUTS, REGIONS, counts
from stream.grammars.codex.threads import is_before
from stream.grammars.codex.transcript import Transcript
from stream.grammars.kinds import kind_of_word
from stream.lines_before import LinesBefore
from stream.recording import RecordingHeader
from stream.regions import Region
from stream.report import Report
from stream.text_block import Where
from stream.token_counts import parse_count

_HUNGRY = frozenset({"header", "command", "paths", "tokens", "repetition", "mcp_error", "log"})
_JSON = frozenset({"--json", "--experimental-json"})
_QUIET = frozenset({"start", "after"})  # where nothing but another run, or a line of the log, is codex's
_OTHERS = frozenset({*_QUIET, "answer", "repetition"})  # where the line behind one of the log may be anybody's
_BEGINNINGS = ("OpenAI Codex", *"0123456789")
_REACH = 256  # bytes to look back for a blank line
_NOT_BEGUN = -1  # lines of a prompt whose first one has not come


class CodexText:
    """Of one stream. The place is one of `stream.grammars.codex.places.REGIONS`."""

    def __init__(self, header: RecordingHeader, stream: str) -> None:
        self.before = LinesBefore(_REACH)
        self._command = header.command
        self._transcript = Transcript()
        self._is_log = stream == "stderr" and _runs_exec(header) and bool(_JSON & set(header.command))
        self._place = "answer" if stream == "stdout" and _answers(header) else "start"
        self._before = self._place  # where it stood before the last mark
        self._prompt_left: int | None = None  # lines of the prompt that are still to come; None if that is not known
        self._boundary = 0  # number of the last line behind which output may end, blank ones aside
        self._awaits_total = False  # behind `tokens used` that may be of a log which is shown
        self._total: Passage | None = None  # the number that came: the run's own, if no other mark of the run follows
        self._has_shown_log = False  # of an earlier run, whose marks may look like those of this one
        self._is_old = False  # outcomes stand on the command's line, and nothing tells where output ends
        self._readers: dict[str, Callable[[str, Where, Report], bool | None]] = {
            "answer": self._read_answer,
            "header": self._read_header,
            "prompt": self._read_prompt,
            "message": self._read_message,
            "command": self._read_command,
            "paths": self._read_paths,
            "diff": self._read_diff,
            "tokens": self._read_tokens,
            "repetition": self._read_repetition,
            "mcp_error": self._read_mcp_error,
            "log": self._read_log,
        }

    @property
    def region(self) -> Region:
        return REGIONS[self._place]

    @property
    def awaits_opening(self) -> bool:
        return self._place in _QUIET

    @property
    def hungry(self) -> bool:
        if self._place == "prompt":
            return self._prompt_left is not None
        if self._place == "answer":
            return self._boundary == 0
        if self._place == "message":
            return not self._transcript.message.is_full
        return (
            self._place in _HUNGRY
            or self._awaits_total
            or (self._place == "diff" and self._transcript.patches.awaits_diff)
        )

    def read(self, line: str, where: Where, report: Report, *, fenced: bool) -> bool:
        line = line.rstrip()
        if self._awaits_total:
            self._awaits_total = False
            self._total = Passage.of(line.strip(), where()) if parse_count(line) else None
            self._boundary = where().number
        reader = self._readers.get(self._place)
        if reader and (own := reader(line, where, report)) is not None:
            return own
        if not line or (self._place in _QUIET and not line.startswith(_BEGINNINGS)):
            return False
        mark = mark_of(line)
        if mark is None or not self._counts(mark, where, fenced=fenced):
            return False
        if mark[0] == "tokens" and (self._place in OUTPUTS or self._has_shown_log):
            self._awaits_total = True
            return False
        if mark[0] == "header" and self._place in OUTPUTS and mark[1]:
            self._transcript.header.begin(mark[1]["version"], Passage.of(line, where()))
            self._before, self._place = self._place, "header"
            return True
        self._follow(mark, Passage.of(line, where()), report)
        return True

    def settle(self, report: Report) -> None:
        self._transcript.account.settle(report)

    def finish(self, at: int, report: Report) -> None:
        self._end_run(report)
        self._transcript.finish(report)

    def state(self) -> dict[str, Any]:
        place = [self._place, self._before, self._prompt_left, self._boundary, self._is_old]
        total = [self._awaits_total, self._total, self._has_shown_log]
        return {"place": place, "total": total, "transcript": self._transcript.state()}

    def resume(self, state: Mapping[str, Any]) -> None:
        self._place, self._before, self._prompt_left, self._boundary, self._is_old = state["place"]
        self._awaits_total, total, self._has_shown_log = state["total"]
        self._total = Passage.resumed(total) if total else None
        self._transcript.resume(state["transcript"])

    def _counts(self, mark: Mark, where: Where, *, fenced: bool) -> bool:
        name, match = mark
        thread = self._transcript.header.thread
        if name == "log" and match and self._place in OUTPUTS and is_before(match["time"], thread):
            return False  # of another run, whose log is shown
        if mark[0] == "outcome":
            return bool(self._transcript.commands.open.running)
        at_boundary = self._is_old or self._place not in OUTPUTS or self._is_at_boundary(where().number)
        known = self._prompt_left is not None
        return counts(mark, self._place, fenced=fenced, at_boundary=at_boundary, prompt_known=known)

    def _is_at_boundary(self, number: int) -> bool:
        return number == self._boundary + 1 or self.before.is_behind_blank

    def _follow(self, mark: Mark, passage: Passage, report: Report) -> None:
        number = passage.where.number
        if mark[0] == "header":
            self._end_run(report)
        elif mark[0] != "log":
            self._total = None
        self._before = self._place
        if mark[0] == "diff" and self._place in ("output", "shown"):
            self._place = "output_diff"  # what `git diff` shows
            return
        self._place = self._transcript.follow(mark, passage, report) or self._place
        if self._place == "log" and not self._log_may_go_on(number):
            self._transcript.log.end(report)
            self._place = self._before
        if mark[0] == "user":
            self._prompt_left = _NOT_BEGUN
        if mark[0] in ("outcome", "tool_end") or (mark[0] == "log" and self._is_at_boundary(number)):
            self._boundary = number

    def _end_run(self, report: Report) -> None:
        """What seemed to be its end was the run's own."""
        self._has_shown_log = False
        total, self._total = self._total, None
        if total:
            self._transcript.count_tokens(total, report)

    def _log_may_go_on(self, number: int) -> bool:
        if self._before in OUTPUTS:
            return self._is_old or self._is_at_boundary(number)
        return self._is_log or self._before not in _OTHERS

    # What the next line is, where that is known. None: it is no part of what is open, and may be a mark.

    def _read_answer(self, line: str, _where: Where, _report: Report) -> bool | None:
        if self._boundary == 0 and line.startswith(("error: ", "Reading ", "OpenAI Codex v")):
            self._place = "start"  # both streams go the same way
        self._boundary = 1
        return None

    def _read_header(self, line: str, where: Where, report: Report) -> bool | None:
        header = self._transcript.header
        if header.take(line, where()):
            return True
        if self._before in OUTPUTS and header.is_of_older_thread:
            header.drop()  # that of a log which is shown
            self._place = self._before
            self._has_shown_log = True
        elif self._before in OUTPUTS:
            self._end_run(report)
            self._transcript.begin_run(report)
            self._before = "header"
        return None

    def _read_prompt(self, line: str, _where: Where, _report: Report) -> bool | None:
        if self._prompt_left == _NOT_BEGUN:
            self._prompt_left = prompt_lines(line, self._command)
        if self._prompt_left == 0:
            self._place = "between"
        if not self._prompt_left:
            return None
        self._prompt_left -= 1
        return False

    def _read_message(self, line: str, _where: Where, _report: Report) -> bool | None:
        self._transcript.message.take(line)
        return None

    def _read_command(self, line: str, where: Where, report: Report) -> bool | None:
        commands = self._transcript.commands
        if outcome := commands.take(line, where()):
            self._is_old = True
            self._place = self._transcript.end_last_command(outcome, report)
            self._boundary = where().number
        elif not commands.is_reading:
            self._place = "between" if commands.open.running else self._before
        return True

    def _read_paths(self, line: str, where: Where, report: Report) -> bool | None:
        if self._transcript.patches.take(line, where()):
            return True
        self._transcript.patches.tell_call(report)
        self._place = "between"
        return None

    def _read_diff(self, line: str, _where: Where, report: Report) -> bool | None:
        patches = self._transcript.patches
        if not patches.awaits_diff:
            return None
        if patches.read_diff(line):
            return True
        patches.flush(report)
        self._place = "between"
        return None

    def _read_tokens(self, line: str, where: Where, report: Report) -> bool | None:
        self._place = "repetition"
        return True if self._transcript.count_tokens(Passage.of(line.strip(), where()), report) else None

    def _read_repetition(self, line: str, _where: Where, _report: Report) -> bool | None:
        if self._transcript.message.repeats(line):
            return False
        self._place = "after"
        return None

    def _read_mcp_error(self, line: str, where: Where, report: Report) -> bool | None:
        self._place = "between"
        return self._transcript.tools.explain(line, where(), report)

    def _read_log(self, line: str, where: Where, report: Report) -> bool | None:
        log, self._place = self._transcript.log, self._before
        self._boundary = where().number - 1
        mark = mark_of(line)
        if (mark is None or not self._counts(mark, where, fenced=False)) and log.take(line, where()):
            self._place = "log"
            return True
        log.end(report)
        return None


def _answers(header: RecordingHeader) -> bool:
    """Whether stdout has the final message and nothing else: `codex exec` without `--json`."""
    return header.mode[1] != "pty" and _runs_exec(header) and not _JSON & set(header.command)


def _runs_exec(header: RecordingHeader) -> bool:
    words = header.command
    program = next((place for place, word in enumerate(words) if kind_of_word(word) == "codex"), None)
    return program is not None and any(word in ("exec", "e") for word in words[program + 1 :])
