"""Whatever of ours cannot be had when an agent is to start: it runs all the same, or is said not to have started."""

import stat

import pytest

from program import Place, complaints

AGENT = ("sh", "-c", "echo Error: out; exit 3")


def test_a_database_path_that_cannot_even_be_looked_at_is_said_after_the_run(place: Place) -> None:
    ran = place.run("codex", "--enable-db", "--db", "x" * 300, "--", *AGENT)
    assert (ran.stdout, ran.returncode) == (b"Error: out\n", 3)
    assert b"not all is stored" in ran.stderr
    assert b"File name too long" in ran.stderr
    (marker,) = place.recordings.glob(".pending/*")
    assert stat.S_IMODE(marker.stat().st_mode) == 0o600
    assert place.run("reindex", "last").returncode == 0
    assert place.query("SELECT matched_value FROM extraction_events") == [("out",)]


@pytest.mark.parametrize(
    ("descriptors", "pty"),
    [(number, "--no-pty") for number in range(7, 16)] + [(number, "--pty") for number in (10, 13)],
)
def test_with_few_descriptors_the_agent_runs_or_its_status_says_that_it_does_not(
    place: Place, descriptors: int, pty: str
) -> None:
    agent = "sh -c 'echo hi; exit 3'"
    ran = place.shell(f"ulimit -n {descriptors}; exec wrapper codex --enable-db {pty} -- {agent} < /dev/null")
    assert (ran.returncode, ran.stdout.replace("\r", "")) in [(3, "hi\n"), (125, "")]
    assert all(line.startswith(("wrapper: ", "  ")) for line in complaints(ran.stderr).splitlines())
    assert "Traceback" not in ran.stderr
    if ran.returncode == 125:
        assert ran.stderr.endswith(": Too many open files\n")
        assert list(place.recordings.glob("*/*")) == []


def test_a_run_that_is_not_recorded_leaves_no_recording(place: Place) -> None:
    place.recordings.mkdir(parents=True)
    (place.recordings / ".pending").write_text("no folder")
    ran = place.run("codex", "--enable-db", "--", *AGENT)
    assert (ran.stdout, ran.returncode) == (b"Error: out\n", 3)
    said = f"wrapper: cannot record to {place.recordings / '.pending'}: File exists; the agent runs unrecorded\n"
    assert ran.stderr.decode() == said
    assert list(place.recordings.glob("codex/*")) == []


def test_a_session_with_very_many_arguments_is_one_like_the_others(place: Place) -> None:
    paths = [f"/a/path/of/some/length/from/a/project/of/some/size/путь/{number:06d}" for number in range(10_000)]
    ran = place.run("codex", "--enable-db", "--", *AGENT, *paths)
    assert (ran.returncode, complaints(ran.stderr)) == (3, "")
    shown = place.run("show", "last")
    assert (shown.returncode, paths[-1].encode() in shown.stdout) == (0, True)
    session = place.recording().name
    assert place.run("reindex", session).returncode == 0
    assert place.query("SELECT matched_value FROM extraction_events") == [("out",)]
    place.database.unlink()
    assert place.run("rm", session).returncode == 0
    assert list(place.recordings.glob("codex/*")) == []


def test_who_has_a_damaged_key_is_told_what_to_do(place: Place) -> None:
    place.recordings.mkdir(parents=True)
    key = place.recordings / ".fingerprint-key"
    key.write_bytes(b"short")
    ran = place.run("codex", "--enable-db", "--", *AGENT)
    assert (ran.stdout, ran.returncode) == (b"Error: out\n", 3)
    text = f"{key} should hold 32 bytes, but holds 5; remove it to have a new key made"
    assert text in ran.stderr.decode()
    assert not (place.recording() / "indexer.log").exists()
    assert text in place.run("recover").stdout.decode()
    key.unlink()
    assert place.run("recover").returncode == 0
    assert place.query("SELECT matched_value FROM extraction_events") == [("out",)]
