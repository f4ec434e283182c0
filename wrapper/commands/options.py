"""Options that several commands share, and how a command gets its settings and reports what is wrong."""

import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn, TypeVar

import click

from wrapper.config import SETTINGS, SettingError, Settings

_Decorated = TypeVar("_Decorated", bound=Callable[..., Any])

USAGE, OWN_FAILURE = 2, 125  # exit statuses: of a wrong call, and of our own failure before the agent started


def setting_option(name: str, **attributes: Any) -> Callable[[_Decorated], _Decorated]:
    """An option for a setting of `wrapper.config`; it is None when not given, so that the other sources count."""
    setting = SETTINGS[name]
    attributes = {"metavar": setting.expected.split()[-1].upper(), "default": None} | attributes
    text = f"{setting.help[0].upper()}{setting.help[1:]} ({setting.variable})."
    return click.option(f"--{name.replace('_', '-')}", name, help=text, **attributes)


json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON, for scripts.")


def load_settings(**flags: Any) -> Settings:
    """The settings in force; exits with status 2 where one is wrong."""
    try:
        return Settings(flags, os.environ)
    except SettingError as error:
        fail(str(error), USAGE)


def fail(message: str, status: int = 1, hint: str = "") -> NoReturn:
    """Says what is wrong on stderr, and exits."""
    click.echo(f"wrapper: {message}", err=True)
    if hint:
        click.echo(f"         {hint}", err=True)
    sys.exit(status)


def expect_stdout() -> None:
    """Exits with status 1 where stdout is closed (`>&-`): a command that only answers has nobody to answer."""
    if sys.stdout is None:
        fail("stdout is closed: the answer cannot be printed")


def existing_database(settings: Settings) -> Path:
    """The database file; exits with a hint when there is none."""
    if not settings.db.exists():
        fail(
            f"there is no database at {settings.db}",
            hint="run an agent with --enable-db, store what ran without it by `wrapper reindex last`, or name another\n"
            "         file with --db or WRAPPER_DB",
        )
    return settings.db
