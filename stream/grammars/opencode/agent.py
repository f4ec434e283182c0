"""Which of opencode's grammars reads a stream."""

from stream.embedded import EmbeddedTexts
from stream.grammars.grammar import AgentText, Grammar
from stream.grammars.opencode.grammar import MARKS, OpencodeText
from stream.grammars.opencode.screen import SCREEN_MARKS, OpencodeScreen, begins_screen
from stream.grammars.shapes import runs_with
from stream.grammars.text_or_screen import TextOrScreen
from stream.recording import RecordingHeader


def _make(header: RecordingHeader, stream: str, texts: EmbeddedTexts) -> Grammar:
    """What `opencode run` prints; of a terminal also the full-screen program."""
    on_screen = header.mode[1] == "pty" and stream == "stdout" and not runs_with(header.command, "run")
    text = OpencodeText(header, stream, texts)
    return TextOrScreen(text, OpencodeScreen(texts), begins_screen) if on_screen else text


OPENCODE = AgentText(f"{MARKS}|{SCREEN_MARKS}", _make)
