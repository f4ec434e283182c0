import os
import pwd
import stat
import tempfile
from pathlib import Path

import pytest

from wrapper.config import SETTINGS, SettingError, Settings


def settings(tmp_path: Path, toml: str = "", flags: dict[str, object] | None = None, **environ: str) -> Settings:
    (tmp_path / "config.toml").write_text(toml)
    return Settings(flags or {}, {"WRAPPER_CONFIG": str(tmp_path / "config.toml")} | environ)


def test_a_flag_wins_over_a_variable_over_the_file_over_the_default(tmp_path: Path) -> None:
    assert settings(tmp_path).port == 8151
    assert settings(tmp_path, "port = 1").port == 1
    assert settings(tmp_path, "port = 1", WRAPPER_PORT="2").port == 2
    assert settings(tmp_path, "port = 1", {"port": "3"}, WRAPPER_PORT="2").port == 3


def test_an_empty_variable_and_a_flag_that_was_not_given_do_not_count(tmp_path: Path) -> None:
    assert settings(tmp_path, "port = 1", {"port": None}, WRAPPER_PORT="").port == 1


def test_paths_are_absolute_and_know_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    found = settings(tmp_path, 'db = "~/x.db"\npatterns = ["~/a.toml", "b.toml"]')
    assert found.db == tmp_path / "x.db"
    assert found.patterns == (tmp_path / "a.toml", tmp_path / "b.toml")
    assert settings(tmp_path).db == tmp_path / "data/wrapper.db"


@pytest.mark.parametrize("word", ["1", "true", "YES", "on"])
def test_a_switch_takes_the_usual_words(tmp_path: Path, word: str) -> None:
    assert settings(tmp_path, WRAPPER_ENABLE_DB=word).enable_db
    assert not settings(tmp_path, "enable_db = true", WRAPPER_ENABLE_DB="off").enable_db


@pytest.mark.parametrize(
    ("toml", "environ", "said"),
    [
        ("", {"WRAPPER_PORT": "http"}, "WRAPPER_PORT is 'http', but must be a port between 0 and 65535"),
        ("", {"WRAPPER_ENABLE_DB": "maybe"}, "WRAPPER_ENABLE_DB is 'maybe', but must be true or false"),
        ("stop_grace = -1", {}, "config.toml is '-1', but must be seconds"),
        ("stop_grace = true", {}, "config.toml is 'True', but must be seconds"),
        ("port = true", {}, "config.toml is 'True', but must be a port between 0 and 65535"),
        ("port = 8151.7", {}, "config.toml is '8151.7', but must be a port between 0 and 65535"),
        (
            "",
            {"WRAPPER_DB": "~nosuchuser/w.db"},
            "WRAPPER_DB is '~nosuchuser/w.db', but there is no such home directory",
        ),
        ("db = '~nosuchuser/w.db'", {}, "config.toml is '~nosuchuser/w.db', but there is no such home directory"),
        ("patterns = ['~nosuchuser/x']", {}, "but there is no such home directory"),
        ("", {"WRAPPER_CONFIG": "~nosuchuser/x"}, "WRAPPER_CONFIG is '~nosuchuser/x', but there is no such home"),
        ("host = 3", {}, "config.toml is '3', but must be an address"),
        ("colour = 'red'", {}, "'colour' is no setting; there are enable_db, db,"),
        ("port =", {}, "is not TOML"),
    ],
)
def test_a_setting_that_cannot_be_used_is_named(tmp_path: Path, toml: str, environ: dict[str, str], said: str) -> None:
    with pytest.raises(SettingError) as error:
        settings(tmp_path, toml, None, **environ)
    assert said in str(error.value)


def test_a_configuration_that_is_named_must_be_there(tmp_path: Path) -> None:
    missing = tmp_path / "nosuch.toml"
    with pytest.raises(SettingError, match=r"WRAPPER_CONFIG is '.*nosuch\.toml', but there is no such file"):
        Settings({}, {"WRAPPER_CONFIG": str(missing)})
    assert Settings({}, {"XDG_CONFIG_HOME": str(tmp_path)}).port == 8151


def test_every_setting_is_an_attribute(tmp_path: Path) -> None:
    found = settings(tmp_path)
    assert all(hasattr(found, name) for name in SETTINGS)


@pytest.mark.parametrize(
    ("mode", "user", "obeyed"), [(0o755, 0, True), (0o777, 0, False), (0o775, 0, False), (0o755, 1, False)]
)
def test_who_has_no_home_obeys_nobody_elses_configuration(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, mode: int, user: int, obeyed: bool
) -> None:
    uid = os.getuid() + user
    monkeypatch.delenv("HOME")
    monkeypatch.setattr(pwd, "getpwuid", {}.__getitem__)
    monkeypatch.setattr(os, "getuid", lambda: uid)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    home = tmp_path / f"wrapper-{uid}"
    (home / ".config" / "wrapper").mkdir(parents=True)
    (home / ".config" / "wrapper" / "config.toml").write_text("port = 1")
    home.chmod(mode)
    found = Settings({}, {})
    assert found.port == (1 if obeyed else 8151)
    assert found.recordings.is_relative_to(home) is obeyed
    assert found.recordings.is_relative_to(tmp_path)


def test_who_has_no_home_gets_one_that_nobody_else_can_write_to(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("HOME")
    monkeypatch.setattr(pwd, "getpwuid", {}.__getitem__)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    assert Settings({}, {}).recordings == Settings({}, {}).recordings
    (home,) = tmp_path.iterdir()
    assert stat.S_IMODE(home.stat().st_mode) == 0o700
