"""Which of gemini's grammars reads a stream."""

from stream.embedded import EmbeddedTexts
from stream.grammars.gemini.command import gemini_words
from stream.grammars.gemini.grammar import MARKS, GeminiText
from stream.grammars.gemini.screen import SCREEN_MARKS, GeminiScreen, begins_screen
from stream.grammars.grammar import AgentText, Grammar
from stream.grammars.shapes import runs_with
from stream.grammars.text_or_screen import TextOrScreen
from stream.recording import RecordingHeader

_ASKED = ("-p", "--prompt", "-o", "--output-format")


def _make(header: RecordingHeader, stream: str, texts: EmbeddedTexts) -> Grammar:
    """What `gemini -p` prints; of a terminal whose keyboard is one, too, also the full-screen program."""
    asked = runs_with(gemini_words(header), *_ASKED)
    on_screen = header.mode[:2] == ("pty", "pty") and stream == "stdout" and not asked
    text = GeminiText(header, stream)
    return TextOrScreen(text, GeminiScreen(texts), begins_screen) if on_screen else text


GEMINI = AgentText(f"{MARKS}|{SCREEN_MARKS}", _make)
