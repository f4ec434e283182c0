"""Export over HTTP: streamed, named, masked."""

import io
import json
import zipfile
from pathlib import Path

import httpx
import pytest

from data.export import FORMATS
from sample_database import SampleDatabase
from sample_recording import Read, moment, record

SECRET = "ghp_" + "Ab1x" * 9


@pytest.fixture
def session(database: SampleDatabase, tmp_path: Path) -> str:
    reads = [Read(500_000, b"token: " + SECRET.encode()[:10]), Read(1_000_000, SECRET.encode()[10:] + b"\n")]
    record(database, tmp_path / "s1", reads, end=2_000_000, command=("echo", SECRET))
    database.connection.execute("UPDATE process_sessions SET command_json = ?", (json.dumps(["echo", SECRET]),))
    database.event(
        "s1", timestamp=moment(1_000_000), original_line=f"token: {SECRET}", metadata_json={"found": [SECRET]}
    )
    return "s1"


def texts(response: httpx.Response) -> str:
    """Everything that a reader of the file could find."""
    if response.headers["content-type"] == "application/zip":
        archive = zipfile.ZipFile(io.BytesIO(response.content))
        assert archive.testzip() is None
        return "".join(archive.read(name).decode() for name in archive.namelist())
    return response.text


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_is_served_under_its_type_and_name(client: httpx.Client, session: str, name: str) -> None:
    response = client.get(f"/api/replay/export/{session}", params={"format": name})
    assert response.status_code == 200
    assert response.headers["content-type"] == FORMATS[name].media_type
    ending = "zip" if name == "typescript" else next(iter(FORMATS[name].files))
    assert response.headers["content-disposition"] == f'attachment; filename="codex-s1.{ending}"'
    assert response.headers.get("content-length") is None


@pytest.mark.parametrize("name", FORMATS)
def test_secrets_do_not_leave_unless_raw_is_asked_for(client: httpx.Client, session: str, name: str) -> None:
    path = f"/api/replay/export/{session}"
    masked = texts(client.get(path, params={"format": name}))
    assert SECRET[4:] not in masked
    assert SECRET[4:14] not in masked
    assert "ghp_***" in masked
    assert "ghp_" + "Ab1xAb" in texts(client.get(path, params={"format": name, "raw": "1"}))


def test_the_pair_is_in_a_folder_of_an_archive(client: httpx.Client, session: str) -> None:
    response = client.get(f"/api/replay/export/{session}", params={"format": "typescript"})
    archive = zipfile.ZipFile(io.BytesIO(response.content))
    assert archive.namelist() == ["codex-s1/typescript", "codex-s1/timing"]
    assert archive.read("codex-s1/timing").endswith(b"H 0.000000 EXIT_CODE 0\n")


def test_json_is_the_default_and_holds_what_the_replay_holds(client: httpx.Client, session: str) -> None:
    exported = client.get(f"/api/replay/export/{session}", params={"raw": "1"}).json()
    replayed = client.get(f"/api/replay/session/{session}", params={"format": "json"}).json()
    assert exported["events"] == replayed["events"]
    assert exported["duration_seconds"] == replayed["duration_seconds"]


def test_a_big_session_comes_whole(client: httpx.Client, database: SampleDatabase, tmp_path: Path) -> None:
    line = b"0123456789abcde\n"
    record(database, tmp_path / "s1", [Read(number, line * 4096) for number in range(200)], end=1000)
    text = client.get("/api/replay/export/s1", params={"format": "txt"}).content
    assert text == line * 4096 * 200


@pytest.mark.parametrize(
    ("path", "status"),
    [("s2", 404), ("s1?format=xml", 400), ("s1?raw=maybe", 400), ("s1?speed=2", 400)],
)
def test_what_cannot_be_exported_is_said(client: httpx.Client, session: str, path: str, status: int) -> None:
    response = client.get(f"/api/replay/export/{path}")
    assert response.status_code == status
    assert response.json()["error"]["hint"]
    assert session == "s1"
