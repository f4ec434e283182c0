"""What is built has all that the repository has not: the page's parts from npm, the emulator's declarations."""

import json
import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

import hatch_build

ROOT = Path(__file__).parents[2]
EMULATOR = next(
    line
    for line in tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["dependencies"]
    if line.startswith(hatch_build.EMULATOR)
)
MADE = {
    hatch_build.DECLARATIONS,
    "api/web/static/overview.js",
    "api/web/static/style.css",
    "api/web/templates/overview.html",
    *(f"{hatch_build.VENDOR}/{name}" for name in hatch_build.FILES),
}


def build(target: str, directory: Path) -> Path:
    command = [sys.executable, "-m", "hatchling", "build", "--target", target, "--directory", str(directory)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    (archive,) = directory.iterdir()
    return archive


def test_a_wheel_has_all_that_is_made_and_none_of_the_tools(tmp_path: Path) -> None:
    with zipfile.ZipFile(build("wheel", tmp_path)) as wheel:
        names = set(wheel.namelist())
    assert names >= MADE
    assert not [name for name in names if "node_modules" in name or "axe" in name]


def test_a_source_archive_builds_without_npm_and_the_emulator(tmp_path: Path) -> None:
    archive = build("sdist", tmp_path / "out")
    subprocess.run(["tar", "xf", archive, "-C", tmp_path], check=True)
    (unpacked,) = tmp_path.glob("wrapper-*")
    assert all((unpacked / name).is_file() for name in MADE)
    assert hatch_build.is_current(unpacked)
    assert is_declared(unpacked)
    assert not (unpacked / "node_modules").exists()


def is_declared(root: Path, emulator: str = EMULATOR) -> bool:
    """As the archive's own copy of the hook says."""
    program = "import sys, hatch_build, pathlib; print(hatch_build.is_declared(pathlib.Path(), sys.argv[1]))"
    command = [sys.executable, "-c", program, emulator]
    return subprocess.run(command, cwd=root, check=True, capture_output=True, text=True).stdout == "True\n"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """The lock file, packages as npm would install them, and nothing copied yet."""
    shutil.copy(ROOT / "package-lock.json", tmp_path)
    for source in hatch_build.FILES.values():
        path = tmp_path / "node_modules" / source
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(source)
    return tmp_path


def test_files_are_fetched_once_for_a_lock_file(project: Path) -> None:
    assert not hatch_build.is_current(project)
    hatch_build.copy_files(project / "node_modules", project)
    assert hatch_build.is_current(project)
    assert (project / hatch_build.VENDOR / "xterm.mjs").read_text() == "@xterm/xterm/lib/xterm.mjs"
    lock = project / "package-lock.json"
    lock.write_text(lock.read_text().replace("sha512", "sha256"))
    assert not hatch_build.is_current(project)


def test_declarations_are_made_once_for_a_version_of_the_emulator(tmp_path: Path) -> None:
    (tmp_path / hatch_build.DECLARATIONS).parent.mkdir(parents=True)
    assert not hatch_build.is_declared(tmp_path, EMULATOR)
    hatch_build.declare(tmp_path, EMULATOR)
    assert hatch_build.is_declared(tmp_path, EMULATOR)
    assert not hatch_build.is_declared(tmp_path, f"{hatch_build.EMULATOR}==9.9.9")


def test_an_interrupted_build_is_begun_again(project: Path) -> None:
    hatch_build.copy_files(project / "node_modules", project)
    (project / "node_modules" / hatch_build.FILES["uplot.css"]).unlink()
    with pytest.raises(FileNotFoundError):
        hatch_build.copy_files(project / "node_modules", project)
    assert not hatch_build.is_current(project)


def test_the_lock_file_has_a_hash_of_every_package_and_no_address() -> None:
    text = (ROOT / "package-lock.json").read_text()
    packages = json.loads(text)["packages"]
    assert all(package["integrity"].startswith("sha512-") for name, package in packages.items() if name)
    assert not re.search(r"https?:|resolved", text)


def test_nothing_that_is_made_is_in_the_repository() -> None:
    tracked = subprocess.run(["git", "ls-files"], cwd=ROOT, check=True, capture_output=True, text=True).stdout
    made = ("/vendor/", "node_modules/", hatch_build.DECLARATIONS)
    assert not [name for name in tracked.splitlines() if any(part in name for part in made)]
