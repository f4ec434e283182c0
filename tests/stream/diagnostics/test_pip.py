"""Which of pip's lines tell of one failure, and which are somebody else's."""

import pytest

from tool_runs import said_in

MISSING = """\
ERROR: Could not find a version that satisfies the requirement {0} (from versions: none)
ERROR: No matching distribution found for {0}
"""
BUILD = """\
  error: subprocess-exited-with-error
  
  \u00d7 Building wheel for {0} (pyproject.toml) did not run successfully.
  \u2502 exit code: 1
  \u2570\u2500> [1 lines of output]
      ERROR: no compiler here
      [end of output]
  
  note: This error originates from a subprocess, and is likely not a problem with pip.
  ERROR: Failed building wheel for {0}
"""  # noqa: W293


def values(text: str) -> list[str | None]:
    return [value for _, value, _ in said_in(text)]


@pytest.mark.parametrize("behind", ["deploy failed", 'unknown command "frobnicate"'])
def test_an_error_behind_those_of_pip_is_its_own(behind: str) -> None:
    missing, other = said_in(MISSING.format("x==9.9") + f"ERROR: {behind}\n")
    assert (missing[2]["tool"], missing[2]["line_end"], other[1]) == ("pip", 2, behind)


def test_each_failure_of_pip_is_an_error() -> None:
    assert [str(value).split()[-4] for value in values(MISSING.format("x") + MISSING.format("y"))] == ["x", "y"]
    assert len(values(BUILD.format("x") + "\n" + BUILD.format("y") + "ERROR: deploy failed\n")) == 3


def test_versions_that_pip_ignores_are_part_of_the_failure() -> None:
    ignored = (
        "ERROR: Ignored the following versions that require a different python version: 9.9 Requires-Python >=3.99\n"
    )
    ((_, value, metadata),) = said_in(ignored + MISSING.format("x"))
    assert (value, metadata["line_end"]) == (
        "Could not find a version that satisfies the requirement x (from versions: none)",
        3,
    )


def test_a_conflict_ends_where_it_is_given_up() -> None:
    conflict = (
        "ERROR: Cannot install a and b because these package versions have conflicting dependencies.\n\n"
        "The conflict is caused by:\n    The user requested a\n\n"
        "ERROR: ResolutionImpossible: for help visit https://pip.pypa.io/\n"
    )
    (_, _, metadata), (_, other, _) = said_in(f"{conflict}ERROR: deploy failed\n")
    assert (metadata["line_end"], other) == (6, "deploy failed")
