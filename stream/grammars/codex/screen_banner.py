"""codex's banner and its `/status`: the version, and rows of what runs where. Pure.

The banner is painted again and again, at first while the model is still loading. It is told once its model is known,
at the latest when the stream ends, and again when it says something new.
"""

from collections.abc import Mapping
from typing import Any

from stream.grammars.account import Passage, TextAccount
from stream.lazy_regex import lazy_regex
from stream.report import Report

BANNER = r"[│ ]*>_ OpenAI Codex \(v(?P<version>\d[^)\s]*)\)"
MODEL = r"[│ ]*[Mm]odel: +(?P<model>[\w./:-]+)"
_ROW = lazy_regex(r"[│ ]*(?P<name>[A-Za-z][a-z.]*(?: [a-z]+)?): +(?P<value>\S+(?: \S+)*)")
# Since 0.169 the directory stands below the version, without a name, and the model at the bottom of the screen.
_DIRECTORY = lazy_regex(r"[│ ]*(?P<cwd>(?:~|/|[A-Za-z]:\\)[^…│]*?)[│ ]*$")
FOOTER = (
    r"  (?P<named>\S+(?: \S+){0,3}) (?:default|none|minimal|low|medium|high|xhigh|max)"
    r" · (?P<cwd>(?:~|/|[A-Za-z]:\\).*)$"
)
_FIELDS = {
    "model": "model",
    "model provider": "provider",
    "directory": "cwd",
    "session": "agent_session_id",
}
_MOST_ROWS = 12  # below the banner
_LOADING = "loading"  # in place of a model


class Banner:
    """Of one screen."""

    def __init__(self, account: TextAccount) -> None:
        self._account = account
        self._open: tuple[dict[str, str], Passage, int] | None = None  # what it says, its row, rows that may follow
        self._unnamed: tuple[dict[str, str], Passage] | None = None  # what was said so far, without a model
        self._told: dict[str, str] = {}

    @property
    def is_open(self) -> bool:
        """Whether its rows are still coming."""
        return self._open is not None

    def begin(self, version: str, passage: Passage) -> None:
        """With the row that names the version."""
        self._open = ({"version": version}, passage, _MOST_ROWS)

    def take(self, line: str) -> bool:
        """Whether the row may be one of its own."""
        if self._open is None or self._open[2] == 0 or line.lstrip().startswith("╰"):
            return False
        fields, passage, left = self._open
        if (match := _ROW.match(line)) and (name := _FIELDS.get(match["name"].lower())):
            value = match["value"].partition(" ")[0] if name == "model" else match["value"]
            fields = fields if value == _LOADING else {**fields, name: value}
        elif left == _MOST_ROWS and (directory := _DIRECTORY.match(line)):
            fields = {**fields, "cwd": directory["cwd"]}
        self._open = (fields, passage, left - 1)
        return True

    def end(self, report: Report) -> None:
        """It is whole."""
        if self._open is None:
            return
        (fields, passage, _), self._open = self._open, None
        if self._unnamed:
            fields, passage = {**self._unnamed[0], **fields}, self._unnamed[1]
        self._unnamed = None
        if "model" in fields or self._told:
            self._tell(fields, passage, report)
        else:
            self._unnamed = (fields, passage)

    def name(self, model: str, passage: Passage, report: Report) -> bool:
        """A row of the banner alone, painted again: whether it says something new."""
        return model != _LOADING and self._complete({"model": model}, passage, report)

    def sign(self, model: str, cwd: str, passage: Passage, report: Report) -> bool:
        """A row at the bottom of the screen: the model is known by it if the directory is the banner's.

        A banner whose directory was not painted below it is taken to be that of the recording.
        """
        if self._unnamed is None or not _is_same(cwd, self._unnamed[0].get("cwd") or report.header.cwd):
            return False
        return self._complete({"cwd": cwd, "model": model}, passage, report)

    def finish(self, report: Report) -> None:
        """The stream has ended: what is known is told."""
        self.end(report)
        if self._unnamed:
            (fields, passage), self._unnamed = self._unnamed, None
            self._tell(fields, passage, report)

    def told(self, name: str) -> str:
        """What was told last under this name of the event's metadata; empty if nothing was."""
        return self._told.get(name, "")

    def state(self) -> dict[str, Any]:
        """JSON-serialisable and bounded."""
        return {"open": self._open, "unnamed": self._unnamed, "told": self._told}

    def resume(self, state: Mapping[str, Any]) -> None:
        """Goes on where `state` was taken."""
        self._told = dict(state["told"])
        if state["unnamed"]:
            said, row = state["unnamed"]
            self._unnamed = (said, Passage.resumed(row))
        if state["open"]:
            fields, passage, left = state["open"]
            self._open = (fields, Passage.resumed(passage), left)

    def _complete(self, fields: Mapping[str, str], passage: Passage, report: Report) -> bool:
        """The rest of a banner has come; False if none waits for it."""
        if self._unnamed is None:
            return False
        (said, banner), self._unnamed = self._unnamed, None
        self._tell({**said, **fields}, banner._replace(at=passage.at), report)
        return True

    def _tell(self, fields: Mapping[str, str], passage: Passage, report: Report) -> None:
        if all(self._told.get(name) == value for name, value in fields.items()):
            return
        self._told = {**self._told, **fields}
        value = self._told.get("model") or f"codex {self._told['version']}"
        self._account.tell("session", value, passage, report, self._told)


def _is_same(shown: str, directory: str) -> bool:
    """Whether the screen shows this directory, be it from the home directory on."""
    return shown == directory or (shown.startswith("~/") and directory.endswith(shown[1:]))
