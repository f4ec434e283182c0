"""A program in tmux: a terminal emulator of somebody else's, whose screen can be read and whose keys can be pressed."""

import shlex
import subprocess
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress

from program import TIMEOUT, Place, wait_until

Size = tuple[int, int]  # columns, rows


# Tells how the program ended, and stays until it is told to go.
RUN = '"$@"; echo $? > "$0"; read _'


class TmuxScreen:
    """One program in a tmux server of its own."""

    def __init__(self, place: Place, command: Sequence[str], size: Size) -> None:
        self._socket = place.directory.with_name(f"{place.directory.name}.tmux")
        self._status = place.directory.with_name(f"{place.directory.name}.status")
        self._environ = place.environ  # the server's, and so the program's
        columns, rows = map(str, size)
        new = ["new-session", "-d", "-x", columns, "-y", rows, "-c", str(place.directory)]
        self._tmux("-f", "/dev/null", *new, shlex.join(["sh", "-c", RUN, str(self._status), *command]))

    def text(self) -> str:
        """The screen, row by row."""
        return self._tmux("capture-pane", "-p")

    def press(self, *keys: str) -> None:
        """Keys by tmux's names (`Enter`, `C-c`), or text."""
        self._tmux("send-keys", *keys)

    def resize(self, columns: int, rows: int) -> None:
        self._tmux("resize-window", "-x", str(columns), "-y", str(rows))

    def wait_for(self, text: str) -> str:
        """The screen, as soon as it holds `text`."""
        shown = ""

        def is_shown() -> bool:
            nonlocal shown
            shown = self.text()
            return text in shown

        try:
            wait_until(is_shown, repr(text), pause=0.05)
        except AssertionError:
            raise AssertionError(f"waited in vain for {text!r} on this screen:\n{shown}") from None
        return shown

    def status(self) -> int:
        """The exit status of the program; waits for its end."""
        wait_until(lambda: self._status.exists() and self._status.read_text(), "the end of the program")
        return int(self._status.read_text())

    def close(self) -> None:
        self._tmux("kill-server")

    def _tmux(self, *words: str) -> str:
        command = ["tmux", "-S", str(self._socket), *words]
        done = subprocess.run(command, env=self._environ, capture_output=True, text=True, timeout=TIMEOUT, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout


def wait_until_alike(screens: Sequence[TmuxScreen], text: str, plain: Callable[[str], str] = str) -> None:
    """All come to show the same, and `text` in it; `plain` takes out what may differ."""
    shown: list[str] = []

    def are_alike() -> bool:
        shown[:] = [plain(screen.text()) for screen in screens]
        return len({*shown}) == 1 and text in shown[0]

    with suppress(AssertionError):  # what they show says more
        wait_until(are_alike, "screens alike", pause=0.1)
    assert shown[1:] == shown[:-1]
    assert text in shown[0]


@contextmanager
def on_screen(place: Place, command: Sequence[str], size: Size = (100, 30)) -> Iterator[TmuxScreen]:
    """The program runs in tmux within the block."""
    screen = TmuxScreen(place, command, size)
    try:
        yield screen
    finally:
        screen.close()
