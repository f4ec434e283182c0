"""Why git moves HEAD, where it says so."""

import pytest

from tool_runs import said_in

HEAD = "HEAD is now at af8bb11 Fix the ratio\n"
ADVICE = """\
Note: switching to 'af8bb11'.

You are in 'detached HEAD' state. You can look around, make experimental
changes and commit them, and you can discard any commits you make in this
state without impacting any branches by switching back to a branch.

If you want to create a new branch to retain commits you create, you may
do so (now or later) by using -c with the switch command. Example:

  git switch -c <new-branch-name>

Or undo this operation with:

  git switch -

Turn off this advice by setting config variable advice.detachedHead to false

"""


@pytest.mark.parametrize("why", [ADVICE, "Previous HEAD position was 64036e7 Start\n", "Note: checking out 'v1'.\n\n"])
def test_a_commit_that_is_checked_out_is_no_reset(why: str) -> None:
    ((event_type, value, metadata),) = said_in(why + HEAD)
    assert (event_type, value) == ("git", "Fix the ratio")
    assert metadata == {"action": "checkout", "sha": "af8bb11", "message": "Fix the ratio"}


@pytest.mark.parametrize(
    ("why", "branch"),
    [
        ("Preparing worktree (new branch 'fix')\n", "fix"),
        ("Preparing worktree (checking out 'fix')\nUpdating files: 100% (90/90), done.\n", "fix"),
        ("Preparing worktree (new branch 'fix')\nbranch 'fix' set up to track 'origin/fix'.\n", "fix"),
        ("Preparing worktree (detached HEAD af8bb11)\n", None),
    ],
)
def test_a_new_worktree_is_no_reset(why: str, branch: str | None) -> None:
    ((_, _, metadata),) = said_in(why + HEAD)
    assert (metadata["action"], metadata.get("branch")) == ("worktree_add", branch)


@pytest.mark.parametrize(
    "before",
    [
        "",
        "Previous HEAD position was 64036e7 Start\nSwitched to branch 'main'\n",
        "Preparing worktree (x)\nfatal: no x\n",
    ],
)
def test_where_git_says_no_reason_head_was_reset(before: str) -> None:
    *_, (event_type, _, metadata) = said_in(before + HEAD)
    assert (event_type, metadata["action"]) == ("git", "reset")


def test_what_git_says_in_place_of_the_new_head_is_told() -> None:
    assert [value for _, value, _ in said_in("Preparing worktree (new branch 'x')\nfatal: 'x' already exists\n")] == [
        "'x' already exists"
    ]


CLONED = ADVICE.replace("af8bb11", "77381776a18db4de722405a362dd4e28d14e74b1")


def test_a_commit_that_is_checked_out_by_its_whole_name_is_no_reset() -> None:
    ((_, _, metadata),) = said_in(CLONED + "HEAD is now at 7738177 Start\n")
    assert (metadata["action"], metadata["sha"]) == ("checkout", "7738177")


def test_behind_a_clone_that_detaches_head_a_reset_is_a_reset() -> None:
    ((_, _, metadata),) = said_in(CLONED + HEAD)
    assert (metadata["action"], metadata["sha"]) == ("reset", "af8bb11")


@pytest.mark.parametrize("advice", [ADVICE, CLONED, "Note: switching to 'v1'.\n"])
def test_what_comes_between_the_advice_of_git_and_a_reset_is_told(advice: str) -> None:
    error, commit, reset = said_in(advice + "error: pathspec 'x' did not match\n[master abc1234] fix\n" + HEAD)
    assert (error[0], commit[1], reset[2]["action"]) == ("error", "fix", "reset")
