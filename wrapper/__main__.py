"""Entry point of the `wrapper` program and of `python -m wrapper`."""

import os
import sys

try:
    from wrapper.interrupts import end_at_once
    from wrapper.place import working_directory
except KeyboardInterrupt:  # what they import takes a third of the way to the command line
    os._exit(130)


def main() -> None:
    """Runs the command line and exits with its status."""
    end_at_once()
    _prefer_own_packages()
    from wrapper.cli import wrapper

    try:
        wrapper(prog_name="wrapper")
    except OSError as error:  # what was printed could not be written: a full disk, for example
        sys.exit(f"wrapper: {error}")


def _prefer_own_packages() -> None:
    """Moves the current directory and `PYTHONPATH` behind what is installed.

    A project that has packages named `api`, `data` or `stream` must not be run instead of ours. Nothing is taken
    away, since a `PYTHONPATH` may be how Python finds our dependencies.
    """
    home = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    here = working_directory(os.environ)
    theirs = {os.path.join(here, path) for path in os.environ.get("PYTHONPATH", "").split(os.pathsep)}
    theirs = {os.path.normpath(path) for path in theirs | {here}} - {home}
    sys.path.sort(key=lambda path: os.path.normpath(os.path.join(here, path)) in theirs)


if __name__ == "__main__":
    main()
