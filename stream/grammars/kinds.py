"""Which agent a command runs: its kind, by which its grammar and its decoder are known. Pure."""

import shlex
from collections.abc import Mapping, Sequence

from stream.lazy_regex import lazy_regex
from stream.recording import RecordingHeader
from stream.shell.programs import Program, programs

# Names of programs and packages, without `-cli` and `-code` behind them.
KINDS: Mapping[str, str] = {
    "codex": "codex",
    "claude": "claude",
    "gemini": "gemini",
    "aider": "aider",
    "aider-chat": "aider",
    "opencode": "opencode",
    "opencode-ai": "opencode",
}
_RUNNERS = frozenset({"npx", "bunx", "uvx", "pnpm", "yarn", "npm", "bun", "uv", "pipx", "node", "python", "python3"})
_SUFFIX = lazy_regex(r"-(?:cli|code)$|\.(?:js|cmd|exe|py)$")
_VERSION = lazy_regex(r"(?<=.)@[^/]*$")


def kind_of(header: RecordingHeader) -> str | None:
    """The kind of agent that a recording is of: the one that was given, else the one that is found."""
    return header.kind or agent_kind(header.command, header.agent)


def agent_kind(command: Sequence[str], agent: str) -> str | None:
    """The kind of the first agent that the command runs; else of the agent's name; None if neither is known."""
    for program in programs(shlex.join(command)):
        if kind := _kind(program):
            return kind
    return kind_of_word(agent)


def kind_of_word(word: str) -> str | None:
    """The kind of agent that a program, a package (`@openai/codex@latest`) or a path is."""
    name = _VERSION.sub("", word).replace("\\", "/").rpartition("/")[2].lower()
    return KINDS.get(_SUFFIX.sub("", name))


def _kind(program: Program) -> str | None:
    if program.name not in _RUNNERS:
        return kind_of_word(program.name)
    words = (word for word in program.arguments if not word.startswith("-"))
    return next((kind for kind in map(kind_of_word, list(words)[:3]) if kind), None)
