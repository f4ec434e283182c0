"""Where git says why HEAD moves before it says where to: a checkout of a commit, a worktree. Shapes: git 2.17 to 2.52.

Without these lines it was a `git reset --hard`, or nobody can tell: that is a pattern's.
"""

from stream.diagnostics.diagnostic import DiagnosticOpening, Finding, Section, Shape, known

_WORKTREE = Shape(r"Preparing worktree \((?:(?:new|resetting) branch|checking out) '(?P<branch>[^']+)'")
_HEAD = Shape(r"HEAD is now at (?P<sha>[0-9a-f]{7,40}) (?P<message>\S.*)$")
_BETWEEN = Shape(r"branch '.+' set up to track |Branch '.+' set up to track |Updating files: ")
_NOTE = Shape(r"Note: (?:switching to|checking out) '(?P<name>.+)'\.$")
_FULL_SHA = Shape(r"(?:[0-9a-f]{40}|[0-9a-f]{64})$")
_ADVICE = Shape(
    r"$|You are in 'detached HEAD' state\.|changes and commit them, and |state without impacting any branches by "
    r"|If you want to create a new branch |do so \(now or later\) by using |  git (?:switch|checkout) -"
    r"|Or undo this operation with:$|Turn off this advice by setting "
)
_MAX_ADVICE = 20  # lines about a detached HEAD


class HeadMoved(Section):
    """From the reason to `HEAD is now at`, which is the event; git may work for a while in between."""

    def belongs(self, line: str) -> bool:
        self.done = bool(_HEAD.match(line))
        may_advise = self.lines[0].startswith("Note: ") and len(self.lines) < _MAX_ADVICE
        return self.done or bool((may_advise and _ADVICE.match(line)) or _BETWEEN.match(line))

    def findings(self) -> list[Finding]:
        head = _HEAD.match(self.lines[-1])
        if head is None or _is_elsewhere(self.lines[0], head["sha"]):
            return []
        worktree = _WORKTREE.match(self.lines[0])
        action = "worktree_add" if self.lines[0].startswith("Preparing worktree ") else "checkout"
        branch = worktree["branch"] if worktree else None
        metadata = known(action=action, sha=head["sha"], branch=branch, message=head["message"])
        return [Finding("git", head["message"], metadata, first=len(self.lines) - 1)]


def _is_elsewhere(reason: str, sha: str) -> bool:
    """Whether the reason names another commit: `git clone` has no such line of its own, and HEAD was moved later."""
    note = _NOTE.match(reason)
    return bool(note and _FULL_SHA.match(note["name"]) and not note["name"].startswith(sha))


OPENINGS = (
    DiagnosticOpening(
        "git_head_moved",
        r"^Note: (?:switching to|checking out) '.+'\.$|^Previous HEAD position was [0-9a-f]{7,40} "
        r"|^Preparing worktree \(",
        HeadMoved,
    ),
)
