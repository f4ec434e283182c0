"""Every setting, in one table: flag > `WRAPPER_*` variable > configuration file > default.

The file is TOML, `config.toml` in the platform's configuration directory (`WRAPPER_CONFIG` names another one), with
the names of the table as its keys.
"""

import os
import stat
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

from wrapper.place import working_directory


class SettingError(ValueError):
    """A setting that cannot be used. The message names it, where it came from, its value and what would be right."""


class Setting(NamedTuple):
    """A row of the table. `parse` takes the text of a variable or flag, or the value in the file."""

    name: str
    parse: Callable[[Any], Any]
    default: Any
    expected: str
    help: str

    @property
    def variable(self) -> str:
        """The environment variable of this setting."""
        return f"WRAPPER_{self.name.upper()}"


def _boolean(value: Any) -> bool:
    words = {"1": True, "true": True, "yes": True, "on": True, "0": False, "false": False, "no": False, "off": False}
    if isinstance(value, bool):
        return value
    return words[str(value).lower()]


def _seconds(value: Any) -> float:
    seconds = float(_no_boolean(value))
    if not 0 <= seconds <= 86_400:
        raise ValueError
    return seconds


def _port(value: Any) -> int:
    port = int(_no_boolean(value))
    if port != float(value) or not 0 <= port <= 65_535:
        raise ValueError
    return port


def _no_boolean(value: Any) -> Any:
    if isinstance(value, bool):  # to Python, 0 or 1
        raise ValueError  # noqa: TRY004 (caught beside the others)
    return value


def _path(value: Any) -> Path:
    if not isinstance(value, str | Path) or not str(value):
        raise ValueError
    return Path(value).expanduser()


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise ValueError  # noqa: TRY004 (caught beside the others)
    return value


def _token(value: Any) -> str:
    token = _text(value)
    if len(token) < 16 or not token.isascii() or not token.isprintable() or " " in token:
        raise ValueError
    return token


def _paths(value: Any) -> tuple[Path, ...]:
    return tuple(_path(item) for item in (value.split(os.pathsep) if isinstance(value, str) else value) if item)


AGENT_KINDS = ("codex", "claude", "gemini", "aider", "opencode")  # those whose text has a grammar


def _kind(value: Any) -> str:
    if value not in AGENT_KINDS:
        raise ValueError
    return str(value)


SETTINGS = {
    setting.name: setting
    for setting in (
        Setting(
            "enable_db", _boolean, False, "true or false", "store what happens in the database, not only record it"
        ),
        Setting("db", _path, Path("data/wrapper.db"), "a path", "the database file"),
        Setting("recordings", _path, None, "a directory", "where recordings are kept"),
        Setting("patterns", _paths, (), "paths of pattern files", "your own patterns, beside ours"),
        Setting("environment", _text, None, "a text", "a label that sessions carry, such as `ci` or `laptop`"),
        Setting("kind", _kind, None, ", ".join(AGENT_KINDS), "whose text this is, if the command does not say it"),
        Setting("redact", _boolean, True, "true or false", "mask secrets before they reach the database"),
        Setting(
            "redact_recording", _boolean, False, "true or false", "mask them in the recording, too, when all is stored"
        ),
        Setting("stop_grace", _seconds, 10.0, "seconds", "how long a stopped agent may take before it is killed"),
        Setting("drain_timeout", _seconds, 10.0, "seconds", "how long to wait at the end until all is stored"),
        Setting("host", _text, "127.0.0.1", "an address", "the address that `serve` listens on"),
        Setting("port", _port, 8151, "a port between 0 and 65535", "the port that `serve` listens on"),
        Setting(
            "token", _token, None, "a text of 16 characters or more", "what clients of `serve` must know to be answered"
        ),
        Setting("slow_query", _seconds, 0.1, "seconds", "how long a query of `serve` may take before it is logged"),
    )
}


_CONFIG = Setting("config", _path, None, "a path", "the file that the others may stand in")


class Settings:
    """The values in force, read as attributes named like the settings."""

    enable_db: bool
    db: Path
    recordings: Path
    patterns: tuple[Path, ...]
    environment: str | None
    kind: str | None
    redact: bool
    redact_recording: bool
    stop_grace: float
    drain_timeout: float
    host: str
    port: int
    token: str | None
    slow_query: float

    def __init__(self, flags: Mapping[str, Any], environ: Mapping[str, str]) -> None:
        """`flags` holds what the command line gave, None where it gave nothing. Raises `SettingError`."""
        path = config_path(environ)
        file = _read_file(path, named=bool(environ.get("WRAPPER_CONFIG")))
        defaults = {"recordings": _platform_directory("state", environ) / "recordings"}
        for name, setting in SETTINGS.items():
            sources = (
                (f"--{name.replace('_', '-')}", flags.get(name)),
                (setting.variable, environ.get(setting.variable) or None),
                (f"{name} in {path}", file.get(name)),
            )
            given = [(where, value) for where, value in sources if value is not None]
            value = _parse(setting, *given[0]) if given else defaults.get(name, setting.default)
            setattr(self, name, value)
        here = Path(working_directory(environ))
        self.db, self.recordings = here / self.db, here / self.recordings
        self.patterns = tuple(here / path for path in self.patterns)


def config_path(environ: Mapping[str, str]) -> Path:
    """The configuration file; the one at the default place need not exist. Raises `SettingError`."""
    if named := environ.get(_CONFIG.variable):
        return Path(_parse(_CONFIG, _CONFIG.variable, named))
    return _platform_directory("config", environ) / "config.toml"


def _platform_directory(kind: str, environ: Mapping[str, str]) -> Path:
    """Where this platform keeps `config` or `state`."""
    if base := environ.get(f"XDG_{kind.upper()}_HOME"):
        return Path(base, "wrapper")
    if os.uname().sysname == "Linux":  # what platformdirs would say, without the 20 ms that importing it costs each run
        return _home() / {"config": ".config", "state": ".local/state"}[kind] / "wrapper"
    import platformdirs

    return Path({"config": platformdirs.user_config_dir, "state": platformdirs.user_state_dir}[kind]("wrapper", False))


def _home() -> Path:
    """The user's home, or a directory of this user's for one who has none, as in a container.

    What others could have put there is not obeyed: then it is a new one.
    """
    try:
        return Path.home()
    except RuntimeError:
        from tempfile import gettempdir, mkdtemp

        home = Path(gettempdir(), f"wrapper-{os.getuid()}")
        return home if _is_ours_alone(home) else Path(mkdtemp(prefix=f"{home.name}-"))


def _is_ours_alone(folder: Path) -> bool:
    """Whether nobody else can put anything there; it is made if it is not there."""
    with suppress(FileExistsError):
        folder.mkdir(mode=0o700)
    found = folder.lstat()
    others_write = found.st_mode & (stat.S_IWGRP | stat.S_IWOTH)
    return found.st_uid == os.getuid() and stat.S_ISDIR(found.st_mode) and not others_write


def _parse(setting: Setting, where: str, value: Any) -> Any:
    try:
        return setting.parse(value)
    except RuntimeError as error:  # of expanduser()
        raise SettingError(f"{where} is {str(value)!r}, but there is no such home directory") from error
    except (ValueError, KeyError, TypeError, OverflowError) as error:
        raise SettingError(f"{where} is {str(value)!r}, but must be {setting.expected}") from error


def _read_file(path: Path, *, named: bool) -> dict[str, Any]:
    try:
        text = path.read_text()
    except FileNotFoundError as error:
        if not named:
            return {}
        raise SettingError(
            f"WRAPPER_CONFIG is {str(path)!r}, but there is no such file; unset it, or name one that exists"
        ) from error
    except (OSError, UnicodeDecodeError) as error:
        raise SettingError(f"{path} cannot be read: {error}") from error
    import tomllib

    try:
        values = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise SettingError(f"{path} is not TOML: {error}") from error
    if unknown := sorted(set(values) - set(SETTINGS)):
        raise SettingError(f"{path}: {unknown[0]!r} is no setting; there are {', '.join(SETTINGS)}")
    return values
