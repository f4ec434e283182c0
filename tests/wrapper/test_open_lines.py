from wrapper.commands.open_lines import SETTLED, OpenLines


class Output:
    """What is shown of reads."""

    def __init__(self) -> None:
        self.lines = OpenLines()

    def __call__(self, *reads: bytes, stream: str = "stdout", session: str = "s", at: float = 0.0) -> list[str]:
        return [line.text for read in reads for line in self.lines.add(session, stream, read, at)]


def test_reads_are_put_together_to_lines() -> None:
    output = Output()
    assert output(b"The", b" quick", b" brown fox\n", b"\n", b"jum", b"ps\r", b"\n") == [
        "The quick brown fox",
        "",
        "jumps",
    ]
    assert list(output.lines.end()) == []


def test_escapes_go_whole_also_where_a_read_cuts_them() -> None:
    output = Output()
    assert output(b"\x1b[", b"31mred\x1b[0m \x1b]0;ti", b"tle\x07done\x1b[K\n") == ["red done"]


def test_a_line_is_what_stands_when_it_was_written_over() -> None:
    assert Output()(b"10%\r", b"20%\r", b"100%\n") == ["100%"]


def test_an_open_line_is_shown_when_its_session_says_something_else() -> None:
    output = Output()
    assert output(b"Continue? ") == []
    assert output(b"elsewhere\n", session="other") == ["elsewhere"]
    assert output(b"warning\n", stream="stderr") == ["Continue?", "warning"]
    assert output(b"Go on? ", stream="stderr") == []
    assert [line.text for line in output.lines.leave("s")] == ["Go on?"]
    assert list(output.lines.leave("s")) == []


def test_an_open_line_is_shown_when_it_does_not_grow() -> None:
    output = Output()
    assert output(b"Password: ", at=10.0) == []
    assert list(output.lines.settle(10.0 + SETTLED / 2)) == []
    assert [line.text for line in output.lines.settle(10.0 + SETTLED)] == ["Password:"]
    assert list(output.lines.settle(10.0 + 2 * SETTLED)) == []


def test_the_end_of_a_line_that_was_shown_is_no_row_unless_it_says_something() -> None:
    output = Output()
    output(b"one")
    assert [line.text for line in output.lines.end()] == ["one"]
    assert output(b"\r\n", b"two") == []
    assert [line.text for line in output.lines.end()] == ["two"]
    assert output(b" three\n") == [" three"]


def test_an_escape_that_is_not_whole_is_not_shown_in_parts() -> None:
    output = Output()
    output(b"go \x1b[3")
    assert [line.text for line in output.lines.end()] == ["go"]
    assert output(b"1mred\n") == ["red"]


def test_a_line_without_an_end_is_not_kept_for_ever() -> None:
    shown = Output()(*[b"x" * 1000] * 100)
    assert sum(map(len, shown)) > 50_000
