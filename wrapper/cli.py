"""The command line: `wrapper AGENT …`, short for `wrapper run AGENT …`, and the other commands.

A command's module is imported when it is used: how soon the agent starts depends on it.
"""

from importlib import import_module
from typing import Any

import click

from wrapper.interrupts import INTERRUPTED, leave_line, raise_interrupts
from wrapper.version import VERSION

# name → (module in wrapper.commands, what it is for)
COMMANDS = {
    "run": "Run an agent and record it.",
    "serve": "Answer queries, follow and replay sessions over HTTP.",
    "sessions": "List recorded sessions, the newest first.",
    "show": "Show one session: what ran, how it ended, what was found.",
    "events": "List extracted events, the newest first.",
    "search": "Search events (their lines and values) and code.",
    "stats": "Count: everything, a span, what fails most, what needs attention.",
    "usage": "Show the tokens that agents used, and what they say it cost.",
    "tail": "Follow what happens as it is stored.",
    "export": "Write a session in another format: json, csv, har, cast, …",
    "patterns": "List, check and try the patterns by which events are found.",
    "recover": "Store recordings that were left unfinished.",
    "reindex": "Extract again from recordings.",
    "rm": "Remove sessions for good, recordings included.",
    "purge": "Remove everything, after asking.",
}


class _Commands(click.Group):
    """The table above; a first word that is none of its names is an agent."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        command = import_module(f"wrapper.commands.{cmd_name}").command
        assert isinstance(command, click.Command)  # noqa: S101 (for the type checker; the table is ours)
        raise_interrupts()
        return command

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except (KeyboardInterrupt, click.Abort) as error:
            # A question that is answered by `n` is an Abort, too; click hides what it was made of.
            if isinstance(error, click.Abort) and not isinstance(error.__context__, KeyboardInterrupt):
                raise
            leave_line()
            ctx.exit(INTERRUPTED)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and args[0] not in COMMANDS:
            args = ["run", *args]
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


def _print_version(ctx: click.Context, _parameter: click.Parameter, value: bool) -> None:
    if value and not ctx.resilient_parsing:
        click.echo(f"wrapper {VERSION}")
        ctx.exit()


_HELP = """The flight recorder for coding agents.

\b
    wrapper codex exec "fix it" --enable-db     run an agent, record it, store what happened
    wrapper sessions                            what ran
    wrapper serve                               look at it in a browser, query and replay over HTTP

`wrapper AGENT …` is short for `wrapper run AGENT …`.
"""


@click.group(cls=_Commands, help=_HELP, context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--version", is_flag=True, is_eager=True, expose_value=False, callback=_print_version, help="Show the version."
)
def wrapper() -> None:
    """The command line."""
