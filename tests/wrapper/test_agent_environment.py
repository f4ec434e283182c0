"""The agent's environment is ours, without what Python has added."""

import pytest

from program import Place
from wrapper.agent import agent_environment


@pytest.mark.parametrize(
    "given", [{}, {"LANG": "C"}, {"LC_CTYPE": "C.UTF-8"}, {"LC_ALL": "C"}, {"LANG": "C.UTF-8", "LC_CTYPE": "C"}]
)
@pytest.mark.parametrize("pty", ["--pty", "--no-pty"])
def test_the_locale_is_what_it_was(place: Place, given: dict[str, str], pty: str) -> None:
    others = {name: value for name, value in place.environ.items() if not name.startswith(("LC_", "LANG"))}
    shown = place.run("x", pty, "--", "env", env=others | given).stdout.decode().split()
    locale = [line for line in shown if line.startswith(("LC_", "LANG"))]
    assert locale == [f"{name}={value}" for name, value in given.items()]


def test_an_entry_without_a_name_keeps_no_agent_from_running() -> None:
    assert agent_environment({"": "odd", "A": "b"}) == {"A": "b"}
