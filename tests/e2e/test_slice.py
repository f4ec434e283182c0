"""The main job, as the README prints it."""

import json

import pytest

from program import CONTENTS, Place, complaints, new_place, read_json, serving

RECORD = """
set -e
wrapper codex "echo 'test error'" --enable-db
wrapper codex "echo 'Error: test error'" --enable-db
sqlite3 data/wrapper.db "SELECT COUNT(*) FROM extraction_events"
wrapper codex sleep 1 --enable-db
sqlite3 data/wrapper.db "SELECT * FROM process_sessions"
"""

TEN_WRITERS = """
for i in $(seq 10); do wrapper test-$i --enable-db -- sh -c 'seq 1000; echo "Error: $0"' & done; wait
"""


def test_the_lines_of_the_tour_work_as_printed(place: Place) -> None:
    recorded = place.shell(RECORD)
    assert complaints(recorded.stderr) == ""
    lines = recorded.stdout.splitlines()
    assert lines[:3] == ["test error", "Error: test error", "1"]
    assert [line.split("|")[1] for line in lines[3:]] == ["codex"] * 3

    with serving(place) as address:
        base = address.removeprefix("http://127.0.0.1")
        asked = place.shell(f"""
            set -e
            curl -s "http://localhost{base}/api/query/extractions?agent=codex"; echo
            curl -s "http://localhost{base}/api/query/stats/agent/codex"; echo
            curl -s "http://localhost{base}/api/query/timeline?agent=test&days=30"; echo
            SESSIONS="http://localhost{base}/api/query/sessions?agent=codex"
            SESSION_ID=$(curl -s "$SESSIONS" | jq -r '.sessions[0].session_id')
            curl -sN "http://localhost{base}/api/replay/session/$SESSION_ID?speed=2.0"
        """)
    assert asked.returncode == 0, asked.stderr
    extractions, stats, timeline, replay = asked.stdout.split("\n", 3)
    (event,) = read_json(extractions)["extractions"]
    assert (event["matched_value"], event["event_type"], event["agent_name"]) == ("test error", "error", "codex")
    assert read_json(stats)["total_sessions"] == 3
    assert read_json(stats)["success_rate"] == 1.0
    assert read_json(timeline)["timeline"] == [] or "buckets" in read_json(timeline)
    assert replay.count("event: session_start") == replay.count("event: replay_complete") == 1


def test_ten_writers_share_one_database(place: Place) -> None:
    assert place.shell(TEN_WRITERS).returncode == 0
    sessions = place.query(
        "SELECT state, exit_code, total_lines_processed, total_extraction_events FROM process_sessions"
    )
    assert sessions == [("completed", 0, 1001, 1)] * 10
    assert place.query("SELECT COUNT(*) FROM extraction_events WHERE event_type = 'error'") == [(10,)]
    assert place.query("PRAGMA integrity_check") == [("ok",)]


def test_a_project_with_packages_of_our_names_is_no_obstacle(place: Place) -> None:
    for package in ("api", "data", "stream"):
        (place.directory / package).mkdir()
        (place.directory / package / "__init__.py").write_text("raise SystemExit('the wrong package')")
    (place.directory / "click.py").write_text("raise SystemExit('the wrong click')")
    place.environ["PYTHONPATH"] = "."
    ran = place.run("codex", "--enable-db", "--", "sh", "-c", "echo Error: $PYTHONPATH")
    assert (ran.stdout, complaints(ran.stderr), ran.returncode) == (b"Error: .\n", "", 0)
    assert place.query("SELECT matched_value FROM extraction_events") == [(".",)]
    assert read_json(place.run("sessions", "--json").stdout)["total"] == 1


def test_the_database_can_be_made_again_from_the_recordings(place: Place) -> None:
    place.run("codex", "--enable-db", "printf 'Error: one\\n```py\\nx\\n```\\nwarning: two\\n'; exit 3")
    place.run("codex", "--enable-db", "echo fatal: three")
    before = [place.query(query) for query in CONTENTS]
    assert all(before)
    again = place.run("reindex", "--all")
    assert (again.returncode, again.stderr) == (0, b"")
    assert [place.query(query) for query in CONTENTS] == before
    for file in place.database.parent.iterdir():
        file.unlink()
    assert place.run("reindex", "--all").returncode == 0
    assert [place.query(query) for query in CONTENTS] == before


def test_a_session_without_a_database_can_be_taken_in_later(place: Place) -> None:
    place.run("codex", "echo Error: later")
    assert not place.database.exists()
    assert place.run("reindex", "last").returncode == 0
    assert place.query("SELECT matched_value FROM extraction_events") == [("later",)]


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Place:
    """One session, for those who only look at it."""
    place = new_place(tmp_path_factory.mktemp("recorded"))
    place.run("codex", "--enable-db", "echo 'Error: seen'")
    return place


@pytest.mark.parametrize("words", [["sessions"], ["events"], ["show"], ["show", "last"]])
def test_the_commands_print_for_people_and_for_scripts(recorded: Place, words: list[str]) -> None:
    (session_id,) = recorded.query("SELECT session_id FROM process_sessions")[0]
    text = recorded.run(*words)
    assert (text.returncode, text.stderr) == (0, b"")
    assert session_id.encode() in text.stdout
    assert session_id in json.dumps(read_json(recorded.run(*words, "--json").stdout))


def test_the_beginning_of_an_id_names_a_session(recorded: Place) -> None:
    (session_id,) = recorded.query("SELECT session_id FROM process_sessions")[0]
    assert session_id.encode() in recorded.run("show", session_id[:6]).stdout


@pytest.mark.parametrize(
    ("words", "status", "said"),
    [
        (["show", "feedfeed"], 1, "no session has an id that starts with 'feedfeed'"),
        (["sessions", "--db", "nowhere.db"], 1, "nowhere.db"),
        (["sessions", "--db", "nowhere.db"], 1, "`wrapper reindex last`"),
        (["sesions"], 127, "did you mean `wrapper sessions`?"),
        (["reindex"], 2, "say what to index again"),
        (["reindex", "feedfeed"], 1, "no recording"),
        (["sessions", "--limit", "many"], 2, "many"),
        (["run"], 2, "AGENT"),
        (["codex", "--drain-timeout", "soon", "true"], 2, "'soon', but must be seconds"),
        (["serve", "--port", "99999"], 2, "'99999', but must be a port"),
        (["serve", "--host", "0.0.0.0"], 1, "0.0.0.0"),
    ],
)
def test_what_is_wrong_is_said_in_one_line(recorded: Place, words: list[str], status: int, said: str) -> None:
    failed = recorded.run(*words)
    assert failed.returncode == status
    assert said in failed.stderr.decode()
    assert b"Traceback" not in failed.stderr


def test_the_port_that_is_taken_is_named_and_another_one_offered(place: Place) -> None:
    with serving(place) as address:
        port = address.rpartition(":")[2]
        taken = place.run("serve", "--port", port)
    assert taken.returncode == 1
    assert f"port {port}" in taken.stderr.decode()
    assert "--port" in taken.stderr.decode()
