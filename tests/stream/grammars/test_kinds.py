from collections.abc import Sequence
from pathlib import Path

import pytest

from agent_text import header
from stream.grammars.kinds import KINDS, agent_kind, kind_of
from stream.grammars.table import GRAMMARS
from stream.recording import TIMING, RecordingWriter, read_header
from wrapper.config import AGENT_KINDS


@pytest.mark.parametrize(
    ("command", "kind"),
    [
        (["codex", "exec", "x"], "codex"),
        (["/opt/bin/codex"], "codex"),
        (["npx", "-y", "@openai/codex@latest", "exec"], "codex"),
        (["npx", "@google/gemini-cli", "-p", "x"], "gemini"),
        (["gemini-cli"], "gemini"),
        (["claude-code"], "claude"),
        (["env", "A=1", "claude", "-p", "hi"], "claude"),
        (["uvx", "aider-chat", "--message", "x"], "aider"),
        (["python", "-m", "aider"], "aider"),
        (["/bin/sh", "-c", "cd /w && opencode run x 2>&1 | tee log"], "opencode"),
        (["sh", "-c", "timeout 60 codex exec x"], "codex"),
        (["node", "/x/node_modules/@openai/codex/bin/codex.js"], "codex"),
    ],
)
def test_the_kind_is_that_of_the_agent_which_the_command_runs(command: Sequence[str], kind: str) -> None:
    assert agent_kind(command, "nightly") == kind


def test_where_the_command_runs_no_agent_the_name_counts() -> None:
    assert agent_kind(["cat", "log"], "codex") == "codex"
    assert agent_kind(["cat", "log"], "nightly") is None
    assert agent_kind(["make", "codex"], "nightly") is None
    assert agent_kind([], "claude") == "claude"


def test_the_kind_that_was_given_counts_first() -> None:
    assert kind_of(header("codex", ("codex",), kind="claude")) == "claude"
    assert kind_of(header("x", ("gemini",))) == "gemini"


def test_each_kind_that_may_be_given_has_a_grammar() -> None:
    assert set(AGENT_KINDS) == set(KINDS.values()) == set(GRAMMARS)


def test_a_recording_says_its_kind_and_one_made_before_there_were_kinds_still_reads(tmp_path: Path) -> None:
    directory = tmp_path / "codex" / "0123456789abcdef"
    with RecordingWriter(directory, header("nightly", ("make",), kind="codex")):
        assert read_header(directory).kind == "codex"
    timing = directory / TIMING
    lines = [line for line in timing.read_bytes().splitlines(keepends=True) if b" KIND " not in line]
    timing.write_bytes(b"".join(lines))
    assert read_header(directory).kind is None
