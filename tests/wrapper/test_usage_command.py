"""`wrapper usage`, and the tokens of `wrapper sessions`, `show` and `stats`: from an agent's output to the terminal."""

import json
from pathlib import Path

import pytest

from program import Place, read_json

STEP = {
    "type": "step_finish",
    "timestamp": 1795305804943,
    "sessionID": "ses_1",
    "part": {"id": "p1", "cost": 0.25, "tokens": {"input": 1000, "output": 234, "cache": {"read": 0, "write": 0}}},
}


@pytest.fixture
def used(place: Place, tmp_path: Path) -> None:
    output = tmp_path / "agent.jsonl"
    output.write_text(json.dumps(STEP) + "\n")
    assert place.run("run", "opencode", "--enable-db", "--", "cat", str(output)).returncode == 0


@pytest.mark.usefixtures("used")
def test_what_an_agent_used_is_shown_as_a_table_and_as_json(place: Place) -> None:
    shown = place.run("usage", "--by", "agent")
    assert shown.returncode == 0, shown.stderr
    assert shown.stdout.decode().split()[-7:] == ["opencode", "1", "1,000", "0", "0", "234", "1,234", "$0.2500"][-7:]
    answer = read_json(place.run("usage", "--by", "session", "--session", "last", "--json").stdout)
    assert answer["total"]["tokens"]["total"] == 1234
    assert answer["total"]["cost_usd"] == 0.25


@pytest.mark.usefixtures("used")
def test_sessions_show_and_stats_tell_it_as_well(place: Place) -> None:
    assert b"1,234   $0.2500" in place.run("sessions").stdout
    assert b"used        1,234 tokens, $0.2500" in place.run("show").stdout
    assert read_json(place.run("stats", "--json").stdout)["tokens_total"] == 1234


@pytest.mark.usefixtures("used")
def test_rows_that_are_not_shown_are_told_of_beside_the_total(place: Place, tmp_path: Path) -> None:
    assert place.run("run", "other", "--enable-db", "--", "cat", str(tmp_path / "agent.jsonl")).returncode == 0
    shown = place.run("usage", "--by", "agent", "--limit", "1")
    assert [line.split()[0] for line in shown.stdout.decode().splitlines()[1:]] == ["opencode", "total"]
    assert shown.stderr == b"(there are more rows; --limit shows them)\n"
    assert place.run("usage", "--by", "agent", "--limit", "2").stderr == b""


@pytest.mark.usefixtures("used")
def test_what_json_says_is_shown_to_people_not_the_json(place: Place) -> None:
    shown = place.run("show").stdout.decode().splitlines()
    [session] = [line for line in shown if " session " in line]
    assert session.split()[2:] == ["session", "1", "opencode"]


@pytest.mark.usefixtures("used")
@pytest.mark.parametrize("words", [("--agent", "nosuch"), ("--from", "2090-01-01"), ("--period", "..2020-01-01")])
def test_that_nothing_fits_is_not_that_nobody_told(place: Place, words: tuple[str, ...]) -> None:
    nothing = place.run("usage", *words)
    assert (nothing.returncode, nothing.stdout) == (0, b"")
    assert nothing.stderr.startswith(b"no usage fits;")


def test_a_time_that_cannot_be_read_is_named(place: Place) -> None:
    assert place.run("run", "x", "--enable-db", "--", "true").returncode == 0
    wrong = place.run("usage", "--from", "soon")
    assert wrong.returncode == 2
    assert b"--from is 'soon'" in wrong.stderr
    nothing = place.run("usage")
    assert (nothing.returncode, nothing.stdout, nothing.stderr) == (0, b"", b"no agent has told what it used\n")
