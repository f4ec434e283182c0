import os
import subprocess
from pathlib import Path

import pytest

from wrapper.git_exclude import exclude_from_git


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    git(tmp_path, "init", "-q")
    return tmp_path


def git(folder: Path, *arguments: str) -> str:
    return subprocess.run(["git", *arguments], cwd=folder, check=True, capture_output=True, text=True).stdout


def untracked(folder: Path) -> str:
    return git(folder, "status", "--porcelain", "--untracked-files=all")


@pytest.mark.parametrize("name", ["wrapper.db", "a [b]*.db", "#x.db"])
def test_a_database_in_a_folder_of_the_users_is_kept_out_of_git(repository: Path, name: str) -> None:
    folder = repository / "my data"
    folder.mkdir()
    for suffix in ("", "-wal", "-shm"):
        (folder / (name + suffix)).touch()
    said = exclude_from_git(folder / name)
    assert said is not None
    assert "info/exclude" in said
    assert untracked(repository) == ""


def test_what_git_ignores_already_is_not_added_again(repository: Path) -> None:
    (repository / "x.db").touch()
    assert exclude_from_git(repository / "x.db") is not None
    before = (repository / ".git/info/exclude").read_text()
    assert exclude_from_git(repository / "x.db") is None
    assert (repository / ".git/info/exclude").read_text() == before


def test_other_files_stay_visible(repository: Path) -> None:
    (repository / "x.db").touch()
    (repository / "code.py").touch()
    exclude_from_git(repository / "x.db")
    assert untracked(repository) == "?? code.py\n"


def test_outside_of_a_work_tree_nothing_is_done(tmp_path: Path) -> None:
    assert exclude_from_git(tmp_path / "x.db") is None


def test_without_git_nothing_is_done(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", os.devnull)
    assert exclude_from_git(repository / "x.db") is None
