"""Where a command was given."""

import os
from collections.abc import Mapping


def working_directory(environ: Mapping[str, str]) -> str:
    """The working directory, or where it was if it has been removed: an agent can run there, and so can we."""
    try:
        return os.getcwd()
    except FileNotFoundError:
        return environ.get("PWD", "/")
