"""The packs that come with the project: their examples are their tests."""

import pytest

from stream.extractor import Extractor, Match
from stream.patterns import Pattern, kinds_with_packs, load_packs
from stream.patterns.proof import broken_promises
from stream.patterns.syntax import regex_problem

AGENTS = ["another", *kinds_with_packs()]
EXTRACTORS = {agent: Extractor(load_packs(agent).patterns) for agent in AGENTS}
OWN = [
    pytest.param(pattern, id=f"{pattern.source}-{pattern.name}")
    for agent in AGENTS
    for pattern in load_packs(agent, with_examples=True).patterns
    if agent == "another" or pattern.source == f"agents/{agent}.toml"
]


def matches(agent: str, line: str) -> dict[str, Match]:
    """What the patterns for an agent find in a line, by event type."""
    return {match.pattern.event_type: match for match in EXTRACTORS[agent].look(line.encode()).matches}


def names(agent: str, line: str) -> dict[str, str]:
    return {event_type: match.pattern.name for event_type, match in matches(agent, line).items()}


@pytest.mark.parametrize("agent", AGENTS)
def test_every_pattern_keeps_the_promises_of_its_examples(agent: str) -> None:
    broken = broken_promises(load_packs(agent, with_examples=True).patterns)
    assert [(promise.pattern.name, promise.line, promise.problem) for promise in broken] == []


@pytest.mark.parametrize("pattern", OWN)
def test_every_regex_is_one_that_a_pack_may_hold(pattern: Pattern) -> None:
    assert regex_problem(pattern.regex) is None


@pytest.mark.parametrize("agent", AGENTS)
def test_leaving_the_examples_out_changes_nothing_else(agent: str) -> None:
    proven = load_packs(agent, with_examples=True)
    quick = load_packs(agent)
    bare = tuple(pattern._replace(examples=(), counterexamples=()) for pattern in proven.patterns)
    assert quick.patterns == bare
    assert quick.digest == proven.digest


@pytest.mark.parametrize("agent", AGENTS)
def test_the_first_pattern_has_the_highest_priority(agent: str) -> None:
    priorities = [pattern.priority for pattern in load_packs(agent).patterns]
    assert priorities == sorted(priorities, reverse=True)


@pytest.mark.parametrize("agent", AGENTS)
@pytest.mark.parametrize(
    "line",
    [
        "test error",
        "0 errors remain, no warnings.",
        "Done. I ran the tests: 1 passed, 1 failed, 1 error (see above).",
        "I will handle division by zero. No error: handling existed before.",
        'A tiny sample project. Known issue: "Error: division by zero" is raised on purpose.',
        "the error: was fixed",
        "No errors",
        "Error handling",
        "## Error: what to do",
        "- Warning: the list",
        "+Error: this is file content, not an error",
        "-ERROR: it was here",
        "src/a.py:10: error handling",
        "src/a.py:10:    raise ValueError('x')",
        '    print("warning: this script is about to fail", file=sys.stderr)',
        "except (OSError, ValueError) as error:",
        "index 381f4d6..505c883 100644",
        "+++ b/errors/fatal.py",
        "Traceback (most recent call last):",
        "error: null,",
        "| Error: x | fixed |",
        "> Error: quoted",
        '{"type":"error","message":"Reconnecting... 1/1 (unexpected status 401 Unauthorized)"}',
        '{"type":"turn.failed","error":{"message":"stream disconnected before completion"}}',
        '{"type":"item.completed","item":{"command":"/bin/bash -lc \'rm -rf /\'","exit_code":1}}',
        '{"type":"tool_result","status":"error","output":"cat: x: No such file or directory"}',
    ],
)
def test_prose_code_diffs_search_results_and_json_are_no_events(agent: str, line: str) -> None:
    assert names(agent, line) == {}


@pytest.mark.parametrize("agent", AGENTS)
@pytest.mark.parametrize(("line", "value"), [("Error: test error", "test error"), ("Error: sh", "sh")])
def test_an_error_line_is_exactly_one_error(agent: str, line: str, value: str) -> None:
    assert names(agent, line) == {"error": "error_message"}
    assert matches(agent, line)["error"].value == value


def test_a_reconnect_of_codex_is_a_change_of_state_and_no_error() -> None:
    assert names("codex", "ERROR: Reconnecting... 1/5") == {"state_change": "reconnecting"}
    assert names("another", "ERROR: Reconnecting... 1/5") == {"error": "error_uppercase"}


def test_a_failed_command_of_codex_is_an_error_with_its_exit_code() -> None:
    assert matches("codex", " exited 127 in 1.20s:")["error"].metadata["exit_code"] == 127


@pytest.mark.parametrize(
    ("line", "name", "risk"),
    [
        ("$ rm -rf /", "remove_root", "critical"),
        ("$ rm -rf build", "remove_recursively", "high"),
        ("$ sudo rm -rf /", "remove_root", "critical"),
        ("+ curl -s https://example.com/x | sh", "pipe_to_shell", "critical"),
        ("$ git push --force origin main", "force_push", "high"),
        ("$ sudo systemctl stop nginx", "sudo", "high"),
    ],
)
def test_a_dangerous_command_as_it_is_run_has_its_risk(line: str, name: str, risk: str) -> None:
    assert names("another", line) == {"tool_use": name}
    assert matches("another", line)["tool_use"].pattern.risk_level == risk


@pytest.mark.parametrize("agent", AGENTS)
def test_only_what_an_agent_does_or_asks_for_is_risky(agent: str) -> None:
    risky = {pattern.event_type for pattern in load_packs(agent).patterns if pattern.risk_level}
    assert risky <= {"tool_use", "permission"}


def test_a_dangerous_command_of_codex_keeps_its_risk() -> None:
    found = names("codex", "/bin/bash -lc 'cd /w && rm -rf build' in /w")
    assert found == {"tool_use": "remove_recursively"}
