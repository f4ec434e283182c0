"""What an agent prints reaches the database without its secrets, in every file of it."""

import json
from pathlib import Path

import pytest

from made_secrets import KEY_BODY, LINES, PRIVATE_KEY
from program import Place
from stream.recording import RecordingHeader, RecordingWriter, read_header
from wrapper.pending import mark_pending

CAPTURES = Path(__file__).parent.parent / "captures"
SECRETS = [secret for _, secret in LINES.values()] + KEY_BODY
ALL = "".join(f"Error: {line}\n```sh\n{line}\n```\n" for line, _ in LINES.values()) + "\n".join(PRIVATE_KEY) + "\n"


def leaked(folder: Path) -> set[str]:
    """Secrets that stand in any file below."""
    files = [path.read_bytes() for path in folder.rglob("*") if path.is_file()]
    return {secret for secret in SECRETS for data in files if secret.encode() in data}


def printing(place: Place, text: str) -> str:
    (place.directory / "output.txt").write_text(text)
    return "output.txt"


@pytest.mark.parametrize("mode", ["--no-pty", "--pty"])
def test_no_secret_is_in_any_file_of_the_database(place: Place, mode: str) -> None:
    file = printing(place, ALL)
    assert place.run("codex", "--enable-db", mode, "--", "cat", file).returncode == 0
    kinds = {row[0] for row in place.query("SELECT pattern FROM extraction_events WHERE event_type = 'secret'")}
    assert kinds == {*LINES, "private_key"}
    assert leaked(place.database.parent) == set()
    assert leaked(place.recordings) >= set(SECRETS[:5])  # the recording is what the agent printed


def test_a_secret_that_comes_in_two_reads_is_masked(place: Place) -> None:
    line, secret = LINES["openai_api_key"]
    half = len(line) - len(secret) // 2
    place.run("codex", "--enable-db", "--", "sh", "-c", f"printf '{line[:half]}'; sleep 0.1; echo '{line[half:]}'")
    assert place.query("SELECT pattern FROM extraction_events WHERE event_type = 'secret'") == [("openai_api_key",)]
    assert leaked(place.database.parent) == set()


def test_secrets_in_the_command_are_masked(place: Place) -> None:
    _, secret = LINES["github_token"]
    _, other = LINES["token"]
    place.run("codex", "--enable-db", "--", "true", secret, "--token", other)
    ((command,),) = place.query("SELECT command_json FROM process_sessions")
    assert json.loads(command) == ["true", "ghp_…[github token]", "--token", "…[token]"]
    assert leaked(place.database.parent) == set()


def test_a_session_made_again_has_the_same_fingerprints(place: Place) -> None:
    place.run("codex", "--enable-db", "--", "cat", printing(place, ALL))
    rows = place.query("SELECT pattern, metadata_json FROM extraction_events ORDER BY id")
    place.database.unlink()
    assert place.run("reindex", "last").returncode == 0
    assert place.query("SELECT pattern, metadata_json FROM extraction_events ORDER BY id") == rows
    key = place.recordings / ".fingerprint-key"
    assert (key.stat().st_mode & 0o777, key.stat().st_size) == (0o600, 32)


def test_no_redact_stores_what_was_printed_and_recovery_does_the_same(place: Place) -> None:
    line, secret = LINES["github_token"]
    place.run("codex", "--enable-db", "--no-redact", "--", "echo", f"Error: {line}")
    query = "SELECT event_type, original_line FROM extraction_events"
    assert place.query(query) == [("error", f"Error: {line}")]
    place.database.unlink()
    assert place.run("reindex", "last").returncode == 0
    assert place.query(query) == [("error", f"Error: {line}")]
    assert secret in leaked(place.database.parent)


def test_the_key_that_a_server_repeats_is_not_stored(place: Place) -> None:
    key = b"sk-" + b"mock1234"
    captures = sorted(CAPTURES.glob("*http401*.raw"))
    assert sum(key in path.read_bytes() for path in captures) > 1
    place.run("codex", "--enable-db", "--", "cat", *map(str, captures))
    assert not any(key in path.read_bytes() for path in place.database.parent.iterdir())
    kinds = "SELECT DISTINCT pattern FROM extraction_events WHERE event_type = 'secret'"
    assert place.query(kinds) == [("rejected_key",)]


@pytest.mark.parametrize("options", [["--enable-db"], []])
def test_a_recording_is_masked_in_place_once_all_is_stored(place: Place, options: list[str]) -> None:
    file = printing(place, "before\n" + ALL.replace("ghp", "\x1b[1mghp\x1b[0m") + "after\n")
    _, secret = LINES["github_token"]
    place.run("codex", *options, "--redact-recording", "--no-pty", "--", "sh", "-c", f"cat {file}; : {secret}")
    recording = place.recording()
    assert leaked(place.recordings) == set()
    log = (recording / "stdout.log").read_bytes()
    printed = (place.directory / file).read_bytes()
    assert len(log) == len(printed)
    assert [len(line) for line in log.split(b"\n")] == [len(line) for line in printed.split(b"\n")]
    assert all(new in (old, ord("*")) for new, old in zip(log, printed, strict=True))
    assert read_header(recording).redacted is True
    if options:
        assert b"(secrets masked)" in place.run("show").stdout


@pytest.mark.parametrize("options", [["--enable-db"], []])
def test_a_secret_that_is_a_word_of_the_command_is_masked_in_the_recording(place: Place, options: list[str]) -> None:
    _, secret = LINES["token"]
    _, key = LINES["github_token"]
    words = ["true", "REDACTED false", "--token", secret, "--password", 'Geheimnö"12', key]
    place.run("codex", *options, "--redact-recording", "--", *words)
    masked = ("true", "REDACTED false", "--token", "*" * len(secret), "--password", '*********"12', key[:4] + "*" * 36)
    assert read_header(place.recording()).command == masked
    assert read_header(place.recording()).redacted is True
    (vector,) = [line for line in (place.recording() / "timing").read_bytes().split(b"\n") if b" ARGV " in line]
    assert len(vector) == len(f"H 0.000000 ARGV {json.dumps(words)}")


@pytest.mark.parametrize("form", ["har", "json", "jsonl", "cast", "cast3", "typescript"])
def test_an_export_masks_the_words_of_a_command_that_was_stored_as_it_is(place: Place, form: str) -> None:
    _, secret = LINES["token"]
    place.run("codex", "--enable-db", "--no-redact", "--", "true", "--token", secret)
    (exported := place.directory / "exported").mkdir()
    assert place.run("export", "last", "--format", form, "-o", "exported/session").returncode == 0
    assert leaked(exported) == set()
    assert place.run("export", "last", "--format", form, "--raw", "-o", "exported/raw").returncode == 0
    assert leaked(exported) == {secret}


def test_what_is_made_from_a_masked_recording_stands_where_it_stood(place: Place) -> None:
    place.run("codex", "--enable-db", "--redact-recording", "--", "cat", printing(place, ALL))
    query = "SELECT line_number, byte_offset, timestamp FROM extraction_events WHERE event_type = 'error' ORDER BY id"
    rows = place.query(query)
    lines = (
        "SELECT DISTINCT line_number FROM extraction_events WHERE event_type = 'secret' AND pattern != 'private_key'"
    )
    secrets = place.query(lines)
    place.database.unlink()
    assert place.run("reindex", "last").returncode == 0
    assert place.query(query) == rows
    kinds = (
        "SELECT DISTINCT pattern, metadata_json ->> 'fingerprint' FROM extraction_events WHERE event_type = 'secret'"
    )
    assert place.query(kinds) == [("redacted", None)]
    assert set(place.query(lines)) <= set(secrets)
    assert len(place.query(lines)) >= 0.9 * len(secrets)


def test_a_recording_that_was_left_behind_is_masked_by_recovery(place: Place) -> None:
    line, secret = LINES["github_token"]
    place.run("codex", "--redact-recording", "--", "true")  # a first one, so that the directories are there
    with RecordingWriter(
        place.recordings / "codex" / "feedfacefeedface",
        RecordingHeader(
            "feedfacefeedface",
            "codex",
            ("true",),
            "/",
            1_700_000_000_000_000,
            database=str(place.database),
            redacted=False,
        ),
    ) as writer:
        writer.output("stdout", f"Error: {line}\n".encode(), 5)
        writer.finish(0, 9)
        directory = writer.directory
    mark_pending(directory, place.database)
    assert place.run("recover").returncode == 0
    assert place.query("SELECT COUNT(*) FROM extraction_events WHERE event_type = 'secret'") == [(1,)]
    assert secret.encode() not in (directory / "stdout.log").read_bytes()


def test_a_recording_stays_as_it_is_unless_asked(place: Place) -> None:
    line, secret = LINES["github_token"]
    place.run("codex", "--enable-db", "--", "echo", line)
    assert secret.encode() in (place.recording() / "stdout.log").read_bytes()
    assert read_header(place.recording()).redacted is None
