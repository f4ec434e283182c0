"""Keeps a new database out of the git work tree that it lies in: `git add -A` must not commit it."""

import subprocess
from pathlib import Path

from stream.lazy_regex import lazy_regex

_TIMEOUT = 5.0  # seconds; a repository on a slow disk is no reason to hang
_SPECIAL = lazy_regex(r"([\\*?\[ ])")  # in gitignore's patterns


def exclude_from_git(db: Path) -> str | None:
    """Adds the database to the work tree's own `info/exclude`, unless git ignores it already.

    Returns what was done, for the user; None when there was nothing to do, or no git.
    """
    folder = db.absolute().parent
    if _git(folder, "check-ignore", "-q", "--", db.name) is not None:
        return None
    paths = _git(folder, "rev-parse", "--show-prefix", "--git-path", "info/exclude")
    if paths is None:
        return None
    prefix, exclude = paths.split("\n")[:2]
    file = folder / exclude
    pattern = "/" + _SPECIAL.sub(r"\\\1", prefix + db.name) + "*"
    try:
        file.parent.mkdir(exist_ok=True)
        with file.open("a+", encoding="utf-8") as lines:
            lines.seek(0)
            text = lines.read()
            lines.write(f"{'' if text.endswith(chr(10)) or not text else chr(10)}{pattern}\n")
    except (OSError, UnicodeDecodeError) as error:
        return f"git does not ignore {db}, and {file} cannot be changed: {error}"
    return f"{db} is new and lies in a git work tree: it was added to {file}"


def _git(folder: Path, *arguments: str) -> str | None:
    """What git answers; None if it says no, or is not there."""
    try:
        done = subprocess.run(
            ["git", *arguments], cwd=folder, capture_output=True, encoding="utf-8", check=True, timeout=_TIMEOUT
        )
    except (OSError, ValueError, subprocess.SubprocessError):
        return None
    return done.stdout
