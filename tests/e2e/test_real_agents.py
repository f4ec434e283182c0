"""A real agent, codex, with a model on loopback: what it does, prints and shows is the same with us around it."""

import fcntl
import json
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from model_server import ModelServer, model
from program import TIMEOUT, Place
from tmux_screen import TmuxScreen, on_screen, wait_until_alike

PACKAGE, VERSION = "@openai/codex", "0.144.6"
COMMAND = "printf 'made\\n' > made.txt; cat made.txt; echo 'Error: on purpose'"
ANSWER = "All done, there is a new file."
PROMPT = "\u203a"
NAMES = ("Q", "Z")  # of projects: one letter each, so that no end of a row can come within them
CONFIG = """
model = "gpt-5.5"
model_provider = "loopback"
approval_policy = "never"
sandbox_mode = "danger-full-access"
check_for_update_on_startup = false
disable_paste_burst = true
analytics.enabled = false
tui.show_tooltips = false

[model_providers.loopback]
name = "loopback"
base_url = "{address}"
wire_api = "responses"
request_max_retries = 0
stream_max_retries = 0

[projects."{directory}"]
trust_level = "trusted"
"""

# Now and then codex loses the first line that a command prints, without us as well.
pytestmark = pytest.mark.flaky(reruns=2)


@pytest.fixture(scope="session")
def codex(pytestconfig: pytest.Config) -> Path:
    """The folder of the program `codex`, fetched once and kept with the cache of the tests."""
    if shutil.which("npm") is None:
        pytest.skip("there is no npm to fetch codex with")
    assert pytestconfig.cache
    folder = pytestconfig.cache.mkdir("codex")
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # other tests may fetch it at this moment
        if version_in(folder) != VERSION:
            command = ["npm", "install", "--no-audit", "--no-fund", "--silent", f"{PACKAGE}@{VERSION}"]
            (folder / "package.json").write_text('{"private": true}')
            fetched = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=600, check=False)
            if fetched.returncode:
                pytest.skip(f"{PACKAGE} cannot be had: {fetched.stderr.strip() or fetched.stdout.strip()}")
    return folder / "node_modules" / ".bin"


def version_in(folder: Path) -> str | None:
    """The version of codex that has been installed there."""
    description = folder / "node_modules" / PACKAGE / "package.json"
    return json.loads(description.read_text())["version"] if description.exists() else None


@pytest.fixture
def server() -> Iterator[ModelServer]:
    with model(COMMAND, ANSWER) as running:
        yield running


def project(place: Place, codex: Path, server: ModelServer, name: str) -> Place:
    """A place for one run of codex: a directory of its own beside the test's."""
    directory, home = place.directory.with_name(name), place.directory.with_name(f"{name}-codex")
    directory.mkdir()
    home.mkdir()
    (home / "config.toml").write_text(CONFIG.format(address=server.address, directory=directory))
    path = os.pathsep.join((place.environ["PATH"], str(codex)))
    return Place(directory, place.environ | {"PATH": path, "CODEX_HOME": str(home)})


def files(place: Place) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in place.directory.iterdir() if path.is_file()}


def plain(text: str) -> str:
    """Without what differs from run to run: names, numbers of sessions, how long something took, or that it did."""
    text = text.replace("wrapper: storing the rest of the recording …\n", "")
    text = re.sub(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", "SESSION", text)
    return re.sub(r"\d+(\.\d+)?m?s\b|─ Worked for [^─]*", "", text).replace(*NAMES)


def test_codex_runs_a_turn_as_it_does_without_us(place: Place, codex: Path, server: ModelServer) -> None:
    words = ["codex", "exec", "--skip-git-repo-check", "please do it"]
    ran = []
    for name, prefix in zip(NAMES, ([], ["wrapper"]), strict=True):
        where = project(place, codex, server, name)
        command = [*prefix, *words, *(["--enable-db"] if prefix else [])]
        done = subprocess.run(
            command,
            cwd=where.directory,
            env=where.environ,
            input=b"",
            capture_output=True,
            timeout=TIMEOUT,
            check=False,
        )
        texts = [plain(text.decode()) for text in (done.stdout, done.stderr)]
        ran.append((done.returncode, texts, files(where)))
    assert ran[0] == ran[1]
    assert ran[1][0] == 0
    assert ran[1][2] == {"made.txt": b"made\n"}
    told = where.query("SELECT event_type, matched_value FROM extraction_events WHERE event_type = 'tool_use'")
    assert [COMMAND in value for _, value in told] == [True]


def test_codex_fills_a_screen_as_it_does_without_us(place: Place, codex: Path, server: ModelServer) -> None:
    one, two = (project(place, codex, server, name) for name in NAMES)
    with on_screen(one, ["codex"]) as alone, on_screen(two, ["wrapper", "codex", "--enable-db"]) as wrapped:
        for screen in (alone, wrapped):
            take_a_turn(screen)
        wait_until_alike((alone, wrapped), ANSWER, plain)
        for screen in (alone, wrapped):
            screen.resize(80, 20)
        wait_until_alike((alone, wrapped), "what is typed", plain)
        for screen in (alone, wrapped):
            screen.press("C-c", "C-c", "C-c")
        assert (alone.status(), wrapped.status()) == (0, 0)
    assert files(one) == files(two) == {"made.txt": b"made\n"}
    assert_scriptreplay_plays(two.recording())


def take_a_turn(screen: TmuxScreen) -> None:
    screen.wait_for(PROMPT)
    screen.press("please do it")
    screen.wait_for(f"{PROMPT} please do it")
    screen.press("Enter")
    screen.wait_for(ANSWER)
    screen.press("what is typed")  # in the place of a hint that is chosen by chance
    screen.wait_for(f"{PROMPT} what is typed")


def assert_scriptreplay_plays(recording: Path) -> None:
    script = 'scriptreplay --maxdelay 0.001 --log-out <(echo; cat "$1/stdout.log") --log-timing "$1/timing"'
    played = subprocess.run(
        ["bash", "-c", script, "bash", str(recording)], capture_output=True, timeout=TIMEOUT, check=True
    )
    assert played.stdout.strip() == (recording / "stdout.log").read_bytes().strip()
