import pytest

from wrapper.replies import TerminalReplies

# What codex, opencode and gemini ask at their start, in their words.
CODEX = b"\x1b[?2004h\x1b[>7u\x1b[?1004h\x1b[?u\x1b[c\x1b[6n\x1b]10;?\x1b\\\x1b]11;?\x1b\\\x1b[?2026h"
OPENCODE = b"\x1b[>0q\x1b[?1016$p\x1b[?2027$p\x1b]4;0;?\x07\x1b[14t\x1b[6n\x1bP+q4d73\x1b\\\x1b[c"

ANSWERS = [
    (b"\x1b[5n", b"\x1b[0n"),
    (b"\x1b[6n", b"\x1b[1;1R"),
    (b"\x1b[?6n", b"\x1b[?1;1R"),
    (b"\x1b[c", b"\x1b[?62;22c"),
    (b"\x1b[0c", b"\x1b[?62;22c"),
    (b"\x1b[>c", b"\x1b[>1;10;0c"),
    (b"\x1b[?2026$p", b"\x1b[?2026;0$y"),
    (b"\x1b[18t", b"\x1b[8;30;100t"),
    (b"\x1b[>q", b"\x1bP>|wrapper\x1b\\"),
    (b"\x1b]10;?\x1b\\", b"\x1b]10;rgb:d0d0/d0d0/d0d0\x1b\\"),
    (b"\x1b]11;?\x07", b"\x1b]11;rgb:0000/0000/0000\x07"),
    (CODEX, b"\x1b[?62;22c\x1b[1;1R\x1b]10;rgb:d0d0/d0d0/d0d0\x1b\\\x1b]11;rgb:0000/0000/0000\x1b\\"),
    (
        OPENCODE,
        b"\x1bP>|wrapper\x1b\\\x1b[?1016;0$y\x1b[?2027;0$y\x1b]4;0;rgb:0000/0000/0000\x07\x1b[1;1R\x1b[?62;22c",
    ),
]


@pytest.mark.parametrize(("question", "answer"), ANSWERS)
def test_a_question_is_answered_as_a_terminal_would(question: bytes, answer: bytes) -> None:
    assert TerminalReplies(100, 30)(b"text" + question + b"text") == answer


@pytest.mark.parametrize(("question", "answer"), ANSWERS)
def test_a_question_is_answered_once_wherever_a_read_cut_it(question: bytes, answer: bytes) -> None:
    for cut in range(len(question) + 1):
        replies = TerminalReplies(100, 30)
        assert replies(question[:cut]) + replies(question[cut:]) == answer
    replies = TerminalReplies(100, 30)
    assert b"".join(replies(question[index : index + 1]) for index in range(len(question))) == answer


@pytest.mark.parametrize(
    "output",
    [b"plain", b"\x1b[31mred", b"\x1b[2J\x1b[H", b"\x1b]0;title\x07", b"\x1b]11;#ffffff\x07", b"\x1b[?u", b"6n"],
)
def test_what_asks_nothing_is_not_answered(output: bytes) -> None:
    assert TerminalReplies(100, 30)(output) == b""
