"""`wrapper patterns`: what is in force, whether it holds, and what a file would yield."""

from pathlib import Path

import pytest

from program import Place, read_json

PACK = """
[[pattern]]
name = "deploy_failed"
event_type = "error"
regex = '^deploy: (?P<service>\\S+) failed: (?P<value>.+)$'
examples = [{ line = "deploy: api failed: no route", value = "no route", metadata = { service = "api" } }]
counterexamples = ["deploy: api done"]
"""


@pytest.fixture
def pack(place: Place) -> Path:
    path = place.directory / "mine.toml"
    path.write_text(PACK)
    return path


def test_patterns_in_force_are_listed_with_where_they_come_from(place: Place, pack: Path) -> None:
    shown = place.run("patterns", "list", "--agent", "codex", "--patterns", str(pack)).stdout.decode()
    sources = {line.split()[0]: line.split()[-1] for line in shown.splitlines()[1:]}
    assert (sources["error_message"], sources["deploy_failed"]) == ("families/messages.toml", str(pack))
    assert "agents/codex.toml" in sources.values()


@pytest.mark.parametrize(
    "words", [("--kind", "claude"), ("--agent", "claude-code"), ("--agent", "x", "--kind", "claude")]
)
def test_the_list_is_that_of_a_kind_or_of_an_agents_name(place: Place, words: tuple[str, ...]) -> None:
    shown = place.run("patterns", "list", *words).stdout.decode().splitlines()
    assert {line.split()[-1] for line in shown if "agents/" in line} == {"agents/claude.toml"}


def test_the_list_as_json_has_all_of_a_pattern_and_the_digest(place: Place, pack: Path) -> None:
    answer = read_json(place.run("patterns", "list", "--patterns", str(pack), "--json").stdout)
    (mine,) = (row for row in answer["patterns"] if row["name"] == "deploy_failed")
    assert mine["regex"] == "^deploy: (?P<service>\\S+) failed: (?P<value>.+)$"
    assert len(answer["digest"]) == 16


def test_the_pack_in_force_is_that_of_the_agent_that_runs_whatever_it_is_called(place: Place) -> None:
    said = "echo \"error: unknown option '--frobnicate'\" >&2"
    program = place.directory / "claude"
    program.write_text(f"#!/bin/sh\n{said}\n")
    program.chmod(0o755)
    place.run("night-run", "--enable-db", "--no-pty", "--", str(program), "-p", "hi")
    place.run("other-run", "--enable-db", "--no-pty", "--kind", "claude", "--", "sh", "-c", said)
    place.run("plain-run", "--enable-db", "--no-pty", "--", "sh", "-c", said)
    found = place.query("SELECT agent_name FROM extraction_events WHERE pattern = 'claude_option_refused' ORDER BY id")
    assert found == [("night-run",), ("other-run",)]


def test_our_own_patterns_hold(place: Place) -> None:
    checked = place.run("patterns", "check")
    assert (checked.returncode, checked.stdout) == (0, b"")
    assert b" 0 broken" in checked.stderr


def test_a_users_pattern_that_does_not_hold_is_named_with_its_line(place: Place, pack: Path) -> None:
    pack.write_text(PACK.replace('value = "no route"', 'value = "a route"').replace("api done", "api failed: x"))
    checked = place.run("patterns", "check", str(pack))
    assert checked.returncode == 1
    assert checked.stdout.decode().splitlines() == [
        f"{pack}: deploy_failed: 'deploy: api failed: no route': the value is 'no route', and should be 'a route'",
        f"{pack}: deploy_failed: 'deploy: api failed: x': a counterexample, and it matches",
    ]
    answer = read_json(place.run("patterns", "check", str(pack), "--json").stdout)
    assert [row["pattern"] for row in answer["broken"]] == ["deploy_failed"] * 2


def test_a_pattern_that_another_one_shadows_is_named_with_it(place: Place, pack: Path) -> None:
    pack.write_text(PACK + PACK.replace("deploy_failed", "first").replace("event_type", "priority = 1\nevent_type"))
    checked = place.run("patterns", "check", str(pack))
    assert f"the pattern 'first' ({pack}) takes the line before it" in checked.stdout.decode()


def test_a_pack_that_cannot_be_used_is_refused(place: Place, pack: Path) -> None:
    pack.write_text(PACK.replace('"error"', '"eror"'))
    refused = place.run("patterns", "check", str(pack))
    assert refused.returncode == 1
    assert b"'eror' is none of error, warning" in refused.stderr


def test_a_file_shows_what_it_would_yield_through_the_whole_pipeline(place: Place, pack: Path) -> None:
    output = "deploy: web failed: no disk\n```py\nx = 1\n```\nTraceback (most recent call last):\n"
    output += '  File "a.py", line 1, in <module>\nValueError: bad\n'
    answer = read_json(
        place.run("patterns", "test", "-", "--patterns", str(pack), "--json", input=output.encode()).stdout
    )
    assert [(row["event_type"], row["pattern"], row["matched_value"]) for row in answer["extractions"]] == [
        ("error", "deploy_failed", "no disk"),
        ("code_block", "code_fence", "py"),
        ("error", "python_traceback", "bad"),
    ]
    assert [(block["language"], block["parseable"]) for block in answer["code_blocks"]] == [("python", True)]
    assert not place.database.exists()


def test_a_file_can_be_read_as_a_terminal_shows_it(place: Place) -> None:
    output = b"Error: on\x1b[2Dthe screen\r\n"
    shown = place.run("patterns", "test", "-", "--size", "80x24", input=output).stdout.decode()
    assert "the screen" in shown
    wrong = place.run("patterns", "test", "-", "--size", "80")
    assert (wrong.returncode, b"'80' should be columns and rows" in wrong.stderr) == (2, True)


def test_an_agents_kind_says_how_its_text_is_read(place: Place, tmp_path: Path) -> None:
    output = tmp_path / "stderr.log"
    output.write_text("OpenAI Codex v0.169.0\n--------\nuser\nError: this is what I asked\ncodex\nIt says Error.\n")
    plain = read_json(place.run("patterns", "test", str(output), "--json").stdout)
    codex = read_json(place.run("patterns", "test", str(output), "--kind", "codex", "--json").stdout)
    assert [row["event_type"] for row in plain["extractions"]] == ["error"]
    assert "error" not in [row["event_type"] for row in codex["extractions"]]
