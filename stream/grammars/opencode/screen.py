"""opencode's full-screen program: tools and their output behind a bar, the model's words without one.

`$ make` and `← Edit file` come when the tool is called, and again behind the bar when it has done something. Whether a
command failed is not told: its output tells.
"""

from collections.abc import Mapping
from typing import Any

from stream.decoders.account import Account
from stream.decoders.record import Record
from stream.embedded import EmbeddedTexts
from stream.grammars.opencode.screen_calls import Calls
from stream.grammars.screen_rows import is_border, record_of, row_state, rowed, unframed
from stream.grammars.shapes import Shape, Shapes, shape_of
from stream.lines import Line
from stream.records import NO_METADATA
from stream.regions import HEADER, MESSAGE, PLAIN, Region
from stream.report import Report
from stream.text_block import Where
from stream.token_counts import Tokens

SCREEN_MARKS = r"^\s*(?:[┃▣△╹]|[$→←✱%◈⚙⚡✗] \S|Continue  opencode -s )|\x{20} · \$\d"
_SHAPES = Shapes.of(
    ("asked", r"\s*△ Permission required"),
    ("command", r"\s*\$ (?P<subject>\S.*)$"),
    ("edited", r"\s*← (?P<tool>Edit|Write|Patch|Apply_?[Pp]atch) (?P<subject>\S.*)$"),
    ("used", r"\s*[→✱%◈⚙⚡] (?P<tool>[A-Z]\w*)(?: (?P<subject>\S.*))?$"),
    ("running", r"\s*(?:[\u2800-\u28ff] \S|~ [A-Z].*(?:…|\.\.\.)$)"),
    ("model", r"\s*▣ +\S.*? · (?P<model>\S.*?)(?: · (?:.* · )?(?:(?P<interrupted>interrupted)|[^·]*))?$"),
    ("continue", r"\s*Continue  opencode -s (?P<session>\S+)"),
    ("cost", r".*?(?P<all>(?P<tokens>\d[\d.,]*[KM]?)(?: \(\d+%\))? · \$(?P<cost>\d+\.\d+))(?:\s|$)"),
)
_MESSAGE = "     "  # indents the model's words


def begins_screen(line: str) -> bool:
    """Whether nobody but opencode's full-screen program is likely to print this row."""
    return line.lstrip().startswith(("┃  ", "▣  "))


class OpencodeScreen:
    """Of one stream."""

    before = None
    awaits_opening = False

    def __init__(self, texts: EmbeddedTexts) -> None:
        self._texts = texts
        self._account = Account("opencode", "opencode_screen")
        self._calls = Calls(self._account)
        self._place = "start"  # or "message", "question", "tool", "rest"
        self._model = ""
        self._model_row: Record | None = None  # that of a session that is not told yet: its id comes at the end
        self._session = ""
        self._is_interrupted = False
        self._cost: tuple[str, float, Record] | None = None  # the last that was shown: it grows

    @property
    def region(self) -> Region:
        return {"start": PLAIN, "message": MESSAGE}.get(self._place, HEADER)

    @property
    def hungry(self) -> bool:
        return self._place != "start"

    def read(self, line: str, where: Where, report: Report, *, fenced: bool) -> bool:
        row = unframed(line)
        if is_border(row.text):
            return True
        shape = shape_of(row.text, _SHAPES)
        if row.depth:
            self._framed(row.text, shape, line, where, report)
            return True
        if shape:
            self._follow(shape, record_of(line, where()), report)
            return True
        if line.startswith(_MESSAGE) and line.strip():
            self._calls.end(report, self._texts)
            self._place, self._is_interrupted = "message", False
        return self._place not in ("message", "start")

    def settle(self, report: Report) -> None:
        """Nothing waits for what others tell."""

    def finish(self, at: int, report: Report) -> None:
        self._calls.end(report, self._texts)
        self._tell_session(report)
        if self._cost:
            value, cost, record = self._cost
            self._account.tell("metric", value, record, report, {"cost_usd": cost, "scope": "thread"})
            report.usage(
                Tokens(),
                record.where,
                key="cost",
                scope="thread",
                source="opencode status",
                thread=self._session,
                model=self._model,
                cost_usd=cost,
                approximate=True,
            )

    def state(self) -> dict[str, Any]:
        cost = self._cost and [*self._cost[:2], row_state(self._cost[2])]
        return {
            "place": [self._place, self._model, self._session, self._is_interrupted],
            "model_row": self._model_row and row_state(self._model_row),
            "account": self._account.state(),
            "calls": self._calls.state(),
            "cost": cost,
        }

    def resume(self, state: Mapping[str, Any]) -> None:
        self._place, self._model, self._session, self._is_interrupted = state["place"]
        self._model_row = rowed(state["model_row"]) if state["model_row"] else None
        self._account.resume(state["account"])
        self._calls.resume(state["calls"])
        if state["cost"]:
            value, cost, record = state["cost"]
            self._cost = (value, cost, rowed(record))

    def _framed(self, text: str, shape: Shape | None, line: str, where: Where, report: Report) -> None:
        """A row behind the bar: of a question, or of what a tool shows."""
        here: Line = where()
        name = shape.name if shape else ""
        if name == "asked":
            self._place = "question"
            self._calls.ask(record_of(line, here), report)
        elif self._place == "question":
            if self._calls.take_question(text, report):
                self._place = "tool"
        elif shape and name in ("command", "edited"):
            self._calls.show(_tool(shape), shape.match["subject"], record_of(line, here), report, self._texts)
            self._place = "tool"
        elif name == "running":
            self._calls.leave(report, self._texts)
        elif self._place in ("tool", "start"):
            self._calls.take(text, here)

    def _follow(self, shape: Shape, record: Record, report: Report) -> None:
        name, match = shape
        if name == "cost":
            self._cost = (match["all"], float(match["cost"]), record)
        elif name in ("command", "edited", "used"):
            self._calls.begin(_tool(shape), match["subject"] or "", record, report, self._texts)
            self._place, self._is_interrupted = "tool", False
        elif name == "model":
            self._place = "rest"  # what is open stays so: below the model's name the prompt is painted
            self._see_model(match["model"], record, report)
            if match["interrupted"]:
                self._see_interruption(record, report)
        elif name == "continue":
            self._place = "rest"
            self._see_session(match["session"], record, report)

    def _see_model(self, model: str, record: Record, report: Report) -> None:
        if model != self._model:
            self._tell_session(report)
            self._model, self._model_row = model, record

    def _see_interruption(self, record: Record, report: Report) -> None:
        """Nothing more comes of what was called."""
        self._calls.end(report, self._texts)
        if not self._is_interrupted:
            self._account.tell("state_change", "interrupted", record, report)
            self._is_interrupted = True

    def _see_session(self, session: str, record: Record, report: Report) -> None:
        if session != self._session:
            self._session = session
            self._model_row = self._model_row or record
            self._tell_session(report, {"agent_session_id": session})

    def _tell_session(self, report: Report, metadata: Mapping[str, Any] = NO_METADATA) -> None:
        """Once, with all that is known of it."""
        record, self._model_row = self._model_row, None
        if record:
            metadata = {"model": self._model, **metadata} if self._model else metadata
            self._account.tell("session", self._model or "opencode", record, report, metadata)


def _tool(shape: Shape) -> str:
    return "bash" if shape.name == "command" else shape.match["tool"]
