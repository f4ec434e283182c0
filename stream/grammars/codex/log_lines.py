"""What codex's log lines and `ERROR:` lines say: refusals, retries, faults. Pure."""

import re
from typing import Any

from stream.decoders.account import retry
from stream.grammars.account import Passage, TextAccount
from stream.lazy_regex import lazy_regex
from stream.report import Report
from stream.shell.programs import inner_command

_REFUSED = lazy_regex(r"`(?P<command>[^`]+)` (?:was )?rejected(?: by [^:]*)?: (?P<reason>.*?)[\"\\)}\s]*$", re.DOTALL)
_RETRY = lazy_regex(
    r"(?is)(?P<before>.*?)[;,.]?\s*\b(?:re-?connecting|retrying)\b\D*(?P<attempt>\d+)\s*/\s*(?P<of>\d+)"
    r"(?: in [\d.]+m?s)?[.… ]*(?:\((?P<why>.*)\))?$"
)


def read_log_line(match: re.Match[str], passage: Passage, cwd: str, account: TextAccount, report: Report) -> None:
    """A line of codex's own log, taken apart into `level`, `target` and `message`."""
    message = match["message"].removeprefix("error=")
    if match["level"] == "WARN":
        account.problem("warning", message, passage, report, {"kind": match["target"]})
    elif match["level"] == "ERROR":
        if refused := _REFUSED.search(message):
            _tell_refusal(refused, passage, cwd, account, report)
        else:
            account.problem("error", message, passage, report, {"kind": match["target"]})


def retry_of(message: str) -> tuple[str, dict[str, Any]] | None:
    """The `state_change` of a message that says which attempt follows."""
    match = _RETRY.match(message)
    if match is None:
        return None
    return retry(match["why"] or match["before"], attempt=int(match["attempt"]), of=int(match["of"]))


def _tell_refusal(refused: re.Match[str], passage: Passage, cwd: str, account: TextAccount, report: Report) -> None:
    command = inner_command(refused["command"].replace('\\"', '"').replace("\\\\", "\\"))
    place = {"cwd": cwd} if cwd else {}
    asked = {"phase": "denied", "kind": "command", "reason": refused["reason"], **place}
    account.tell("permission", command, passage, report, asked)  # alone: no use of a tool was ever shown
