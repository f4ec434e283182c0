"""`wrapper search` and `wrapper stats`: the answers of the HTTP interface, as text and as JSON."""

from collections.abc import Iterator

import pytest

from program import Place, read_json
from sample_database import SampleDatabase, at


@pytest.fixture
def sample(place: Place) -> Iterator[SampleDatabase]:
    database = SampleDatabase(place.database)
    database.session(
        "aaaa",
        state="failed",
        ended_at=at(9),
        exit_code=1,
        command_json=["make", "test"],
        verdict="failed",
        verdict_reason="exit status 1",
    )
    database.session("bbbb", agent_name="claude")
    database.event("aaaa", original_line="Error: could not open \x1b[31mit", matched_value="could not open")
    database.event("aaaa", risk_level="high", pattern="danger", matched_value="rm -rf")
    database.event("bbbb", agent_name="claude", event_type="permission", original_line="Allow?")
    database.block("aaaa", "open('x')")
    yield database
    database.close()


@pytest.mark.usefixtures("sample")
def test_a_search_prints_the_best_hits_with_nothing_that_a_terminal_obeys(place: Place) -> None:
    found = place.run("search", "could", "open")
    assert found.returncode == 0, found.stderr
    assert "Error: could not open  [31mit" in found.stdout.decode()
    assert b"\x1b" not in found.stdout
    answer = read_json(place.run("search", "open", "--json").stdout)
    assert (answer["total"], answer["complete"]) == (2, True)
    assert {hit["source"] for hit in answer["hits"]} == {"extraction", "code_block"}
    assert place.run("search", "open", "--in", "code_block").stdout.count(b"\n") == 2


def test_a_snippet_of_several_lines_keeps_them(place: Place, sample: SampleDatabase) -> None:
    sample.block("aaaa", "def several():\n    return lines\n")
    lines = place.run("search", "several", "lines").stdout.decode().splitlines()
    assert lines[1:] == ["    def several():", "        return lines"]


@pytest.mark.usefixtures("sample")
def test_a_search_that_finds_nothing_or_cannot_be_read_says_so(place: Place) -> None:
    nothing = place.run("search", "nothing")
    assert (nothing.returncode, nothing.stdout) == (0, b"")
    assert nothing.stderr.startswith(b"nothing found in events and code\n(other lines that agents printed are not")
    assert str(place.recordings).encode() in nothing.stderr
    assert place.run("search", "nothing", "--in", "code_block").stderr.startswith(b"nothing found in code\n")
    wrong = place.run("search", '"open')
    assert wrong.returncode == 2
    assert b"character 1" in wrong.stderr


@pytest.mark.usefixtures("sample")
@pytest.mark.parametrize(
    ("words", "field", "value"),
    [
        ((), "extractions_by_type", {"error": 2, "permission": 1}),
        (("--agent", "claude"), "total_extractions", 1),
        (("--pattern", "danger"), "extractions_by_risk", {"high": 1}),
        (("--period", f"{at(0)}..{at(5)}"), "extractions_by_agent", {"codex": 2, "claude": 1}),
        (("--period", f"{at(0)}..{at(5)}", "--agent", "claude"), "total_extractions", 1),
        (
            ("--top", "value", "--period", f"{at(0)}..{at(5)}", "--limit", "1"),
            "top",
            [{"name": "could not open", "count": 1}],
        ),
        (("--top", "command", "--period", f"{at(0)}..{at(5)}"), "top", [{"name": "make test", "count": 1}]),
        (("--top", "pattern", "--type", "permission", "--period", f"{at(0)}..{at(5)}"), "counted", 1),
    ],
)
def test_statistics_answer_as_json_what_http_answers(
    place: Place, words: tuple[str, ...], field: str, value: object
) -> None:
    asked = place.run("stats", *words, "--json")
    assert asked.returncode == 0, asked.stderr
    assert read_json(asked.stdout)[field] == value
    assert place.run("stats", *words).returncode == 0


@pytest.mark.usefixtures("sample")
def test_what_needs_attention_is_listed_with_its_reasons(place: Place) -> None:
    lines = place.run("stats", "--attention").stdout.decode().splitlines()
    assert lines[1].split()[:2] == ["bbbb", "claude"]
    assert "waiting" in lines[1]
    assert "Allow?" in lines[1]
    assert "failed, risk" in lines[2]
    assert lines[2].endswith("rm -rf; exit status 1")


def test_a_session_that_ended_well_is_listed_with_its_newest_event_of_the_worst_risk(place: Place) -> None:
    database = SampleDatabase(place.database)
    ended = {"ended_at": at(9), "exit_code": 0, "verdict": "succeeded", "verdict_reason": "exit status 0"}
    database.session("aaaa", state="completed", **ended)
    for minute, (risk, command) in enumerate(
        [("critical", "rm -rf /"), ("critical", "rm -rf ~"), ("high", "git push -f"), ("low", "ls")]
    ):
        row = {"event_type": "tool_use", "matched_value": command, "original_line": f"$ {command}"}
        database.event("aaaa", timestamp=at(minute), risk_level=risk, **row)
    database.connection.execute("UPDATE process_sessions SET risky_events = 3")
    database.close()
    _, line = place.run("stats", "--attention").stdout.decode().splitlines()
    assert line.split("  ")[-1] == "$ rm -rf ~"
    [concern] = read_json(place.run("stats", "--attention", "--json").stdout)["sessions"]
    assert set(concern) == {"reasons", "risky_events", "permission", "risk", "session"}
    assert concern["risk"]["original_line"] == "$ rm -rf ~"


@pytest.mark.usefixtures("sample")
def test_two_sessions_and_two_spans_are_shown_side_by_side(place: Place) -> None:
    text = place.run("stats", "--compare", "aaaa", "bbbb").stdout.decode()
    assert any(line.split() == ["extractions", "by", "type:", "error", "2", "0", "+2"] for line in text.splitlines())
    versus = place.run("stats", "--period", f"{at(0)}..{at(5)}", "--versus", "previous").stdout.decode()
    assert "+3" in versus
    unknown = place.run("stats", "--compare", "aaaa", "nobody")
    assert unknown.returncode == 1
    assert unknown.stderr.decode().splitlines() == [
        "wrapper: no session has an id that starts with 'nobody'",
        "         `wrapper sessions` lists them",
    ]


@pytest.mark.usefixtures("sample")
def test_sessions_to_compare_may_be_named_as_anywhere_else(place: Place) -> None:
    answer = read_json(place.run("stats", "--compare", "aa", "last", "--json").stdout)
    assert (answer["a"]["session_id"], answer["b"]["session_id"]) == ("aaaa", "bbbb")


@pytest.mark.usefixtures("sample")
@pytest.mark.parametrize(
    ("words", "problem"),
    [
        (("--agent", "nosuch"), b"no agent is called 'nosuch'"),
        (("--pattern", "nosuch"), b"no event has the pattern 'nosuch'"),
        (("--agent", "nosuch", "--json"), b"no agent is called 'nosuch'"),
    ],
)
def test_an_agent_or_a_pattern_that_nobody_has_heard_of_is_no_zero(
    place: Place, words: tuple[str, ...], problem: bytes
) -> None:
    unknown = place.run("stats", *words)
    assert (unknown.returncode, unknown.stdout) == (1, b"")
    assert problem in unknown.stderr


def test_a_span_that_ends_before_it_begins_is_told_as_that(place: Place) -> None:
    wrong = place.run("stats", "--period", "2020-01-01..2019-01-01")
    assert wrong.returncode == 2
    assert wrong.stderr.decode().endswith("'2020-01-01..2019-01-01'; the span ends before it begins\n")


@pytest.mark.parametrize(
    "words",
    [
        ("--top", "value", "--attention"),
        ("--versus", "previous"),
        ("--period", "someday"),
        ("--period", "today", "--versus", "later"),
        ("--compare", "-1d..-2d", "x"),
        ("--type", "error"),
        ("--attention", "--agent", "codex"),
        ("--pattern", "danger", "--period", "today"),
    ],
)
def test_questions_that_cannot_be_asked_are_a_wrong_call(place: Place, words: tuple[str, ...]) -> None:
    wrong = place.run("stats", *words)
    assert wrong.returncode == 2
    assert wrong.stderr.startswith(b"wrapper: --")
