"""`wrapper run AGENT [OPTIONS] [--] [COMMAND…]`."""

import os
import shutil
from typing import Any

import click

from wrapper.commands.options import OWN_FAILURE, USAGE, fail, load_settings, setting_option
from wrapper.invocation import resolve_command, take_last_option

_NOT_FOUND = 127  # exit status
_SEPARATED = "wrapper.separated"  # whether `--` stood before the command


class _Run(click.Command):
    """AGENT first, then our options; from the command's first word on all belongs to the command."""

    allow_interspersed_args = False

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        given = list(args)
        if given and not given[0].startswith("-"):
            args = [*given[1:]]
            ctx.params["agent"] = given[0]
        rest = super().parse_args(ctx, args)
        words = ctx.params["words"]
        ctx.meta[_SEPARATED] = given[: len(given) - len(words)][-1:] == ["--"]
        if "agent" not in ctx.params and not ctx.resilient_parsing:
            raise click.UsageError("AGENT comes first: wrapper AGENT [OPTIONS] [--] [COMMAND…]", ctx)
        return rest

    def collect_usage_pieces(self, ctx: click.Context) -> list[str]:
        return ["AGENT", "[OPTIONS]", "[--]", "[COMMAND]..."]


def _what_was_meant(ctx: click.Context, agent: str, program: str, status: int) -> str:
    """A hint for somebody whose program is not there: a mistyped command of ours is taken for an agent."""
    if status != _NOT_FOUND:
        return ""
    from difflib import get_close_matches

    if program != agent:
        return "" if shutil.which(agent) else f"nor is there a program called {agent!r}"
    group = ctx.parent.command if ctx.parent else None
    names = group.list_commands(ctx) if isinstance(group, click.Group) else []
    return "".join(f"did you mean `wrapper {name}`?" for name in get_close_matches(agent, names, 1))


_HELP = """Run an agent and record it, byte for byte.

AGENT is the name it is recorded under. COMMAND is what to run: a program with its arguments, or one word of shell.
Without one, the program named like the agent runs; arguments alone go to that program. The agent behaves as without
us, and its exit status is ours.

\b
    wrapper codex exec "fix the tests" --enable-db
    wrapper tests --enable-db -- make test
"""


@click.command(cls=_Run, help=_HELP)
@click.option("--enable-db/--disable-db", default=None, help="Store what happens in the database (WRAPPER_ENABLE_DB).")
@setting_option("db")
@setting_option("recordings")
@setting_option("patterns")
@setting_option("environment")
@setting_option("kind", metavar="KIND")
@click.option("--redact/--no-redact", default=None, help="Mask secrets before the database, or not (WRAPPER_REDACT).")
@click.option(
    "--redact-recording", is_flag=True, default=None, help="Mask them in the recording, too (WRAPPER_REDACT_RECORDING)."
)
@setting_option("stop_grace")
@setting_option("drain_timeout")
@click.option(
    "--pty/--no-pty", default=None, help="Give the agent a terminal, or pipes; as our own streams are if neither."
)
@click.argument("words", nargs=-1, type=click.UNPROCESSED)
@click.pass_context
def command(ctx: click.Context, /, words: tuple[str, ...], pty: bool | None, **flags: Any) -> None:
    """Run an agent and record it."""
    from wrapper.child import AgentNotStartedError
    from wrapper.session import run_session
    from wrapper.signals import raise_signal

    remaining, enable_last = take_last_option(words, "--enable-db", ctx.meta[_SEPARATED])
    settings = load_settings(**flags | ({"enable_db": True} if enable_last else {}))
    agent = ctx.params["agent"]
    if not agent:
        fail("AGENT is empty; it is the name that the session is recorded under", USAGE)
    argv = resolve_command(agent, remaining, lambda word: shutil.which(word) is not None)
    try:
        ended = run_session(agent, argv, settings, pty=pty, environ=os.environ)
    except AgentNotStartedError as error:
        fail(str(error), error.exit_code, hint=_what_was_meant(ctx, agent, argv[0], error.exit_code))
    except OSError as error:
        fail(f"cannot run {argv[0]!r}: {error.strerror or error}", OWN_FAILURE)
    if ended.signal is not None:
        raise_signal(ended.signal)
    os._exit(ended.exit_code)  # nothing is buffered, and taking the interpreter apart takes a while
