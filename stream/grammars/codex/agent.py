"""Which of codex's grammars reads a stream."""

from stream.embedded import EmbeddedTexts
from stream.grammars.codex.grammar import CodexText
from stream.grammars.codex.marks import LOG_MARK, MARKS, OPENING
from stream.grammars.codex.screen import SCREEN_MARKS, CodexScreen, begins_screen
from stream.grammars.grammar import AgentText, Grammar
from stream.grammars.kinds import kind_of_word
from stream.grammars.text_or_screen import TextOrScreen
from stream.recording import RecordingHeader

_TEXT = ("exec", "e", "review")  # subcommands that print lines


def _make(header: RecordingHeader, stream: str, texts: EmbeddedTexts) -> Grammar:
    """The full-screen program for a terminal, else what `codex exec` prints."""
    if header.mode[1] != "pty" or stream != "stdout":
        return CodexText(header, stream)
    words = header.command
    program = next((place for place, word in enumerate(words) if kind_of_word(word) == "codex"), None)
    if program is None:
        return TextOrScreen(CodexText(header, stream), CodexScreen(texts, words), begins_screen)
    runs_exec = any(word in _TEXT for word in words[program + 1 :])
    return CodexText(header, stream) if runs_exec else CodexScreen(texts, words)


CODEX = AgentText(f"{OPENING}|{LOG_MARK}|{SCREEN_MARKS}", _make, opening=OPENING, marks_behind_opening=MARKS)
