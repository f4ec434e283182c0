"""Where the paths of a command lie: within the working directory, or outside it. Pure: no file is looked at."""

from posixpath import isabs, join, normpath
from typing import NamedTuple

from stream.lazy_regex import lazy_regex

# Room for scratch, which belongs to nobody, and devices that keep nothing.
_SCRATCH = lazy_regex(
    r"(?:/private)?(?:/tmp|/var/tmp|/var/folders|/dev/shm)(?:/|$)|/dev/(?:null|zero|std(?:in|out|err)|tty|fd/\d+|random)$"
)
_SYSTEM = lazy_regex(r"/(?:$|(?:bin|boot|dev|etc|lib\w*|opt|proc|sbin|sys|usr|var|Library|System|Applications)(?:/|$))")
_HOME = lazy_regex(r"(/home/[^/]+|/Users/[^/]+|/root)(?=/|$)")
_HOME_WORDS = lazy_regex(r"(?:~|\$HOME|\$\{HOME\})(?=/|$)")
_REMOTE = lazy_regex(r"\w[\w+.-]*://|[\w.-]+@[\w.-]+:|[\w-][\w.-]+:(?!\\)")


class Places(NamedTuple):
    """`root` is the session's working directory, `here` the one that `cd` has led to; None where it is not known."""

    root: str | None
    here: str | None

    def entered(self, path: str) -> "Places":
        """Behind `cd PATH`."""
        return Places(self.root, self._resolve(path))

    def is_outside(self, path: str) -> bool:
        """Whether a file at this path is outside the working directory, and no scratch; False if that is not known."""
        whole = self._resolve(path)
        if whole is None or _SCRATCH.match(whole):
            return False
        if whole.startswith("~"):
            return True
        if self.root is None:
            return _SYSTEM.match(whole) is not None
        root = normpath(self.root)
        return whole != root and not whole.startswith(root.rstrip("/") + "/")

    def _resolve(self, path: str) -> str | None:
        if _REMOTE.match(path):
            return None
        home = _HOME.match(self.root or "")
        path = _HOME_WORDS.sub(home[1] if home else "~", path, count=1)
        if "$" in path or "`" in path or not path:
            return None
        if isabs(path) or path.startswith("~"):
            return normpath(path)
        return normpath(join(self.here, path)) if self.here else None
