"""What a use of an agent's tool risks, or a question about one: whatever the agent calls its tools. Pure."""

import shlex
from collections.abc import Mapping
from typing import Any

from stream.risk.assessment import assess, assess_read, assess_sql, assess_write
from stream.risk.network import is_of_this_machine
from stream.risk.rules import Risk

# Names in lower case, as agents have them. A permission has a `kind` instead, which stands beside them.
_SHELLS = frozenset(
    {
        "shell", "bash", "command", "exec", "exec_command", "local_shell", "run_shell_command", "run_command",
        "terminal", "powershell",
    }
)  # fmt: skip
_WRITERS = frozenset(
    {
        "edit", "multiedit", "write", "write_file", "replace", "notebookedit", "apply_patch", "patch", "file_change",
        "create", "create_file", "update", "str_replace_editor", "str_replace_based_edit_tool", "insert",
    }
)  # fmt: skip
_READERS = frozenset({"read", "read_file", "view", "view_file", "open"})
_FETCHERS = frozenset({"network", "webfetch", "web_fetch", "fetch"})
_SEARCHERS = frozenset({"websearch", "web_search", "google_web_search"})

_COMMAND_KEYS = ("command", "cmd", "script")
_PATH_KEYS = ("file_path", "filePath", "path", "absolute_path", "notebook_path", "filename", "file")
_ADDRESS_KEYS = ("url", "urls", "prompt")
_SQL_KEYS = ("sql", "query", "statement")


def tool_risk(value: str | None, metadata: Mapping[str, Any], cwd: str | None) -> Risk | None:
    """Of a `tool_use` or `permission` with this value and metadata (docs/events.md), in a session started in `cwd`."""
    tool = str(metadata.get("tool") or metadata.get("kind") or "").lower()
    arguments = metadata.get("arguments")
    cwd = metadata.get("cwd") or cwd
    if tool in _SHELLS:
        return assess(_argument(arguments, _COMMAND_KEYS) or value or "", cwd)
    if tool in _SEARCHERS or tool in _FETCHERS:
        address = _argument(arguments, _ADDRESS_KEYS) or _used_on(tool, value)
        is_here = tool in _FETCHERS and is_of_this_machine(address)
        return None if is_here else Risk("medium", f"network access ({tool})")
    path = _argument(arguments, _PATH_KEYS) or _used_on(tool, value)
    if tool in _WRITERS:
        return assess_write(path, cwd)
    if tool in _READERS:
        return assess_read(path)
    return assess_sql(_argument(arguments, _SQL_KEYS))


def _argument(arguments: Any, keys: tuple[str, ...]) -> str:
    given = arguments if isinstance(arguments, Mapping) else {}
    for value in map(given.get, keys):
        if isinstance(value, str):
            return value
        if isinstance(value, list) and all(isinstance(word, str) for word in value):
            return shlex.join(value)
    return ""


def _used_on(tool: str, value: str | None) -> str:
    """What stands behind the tool's name in `Tool: path`; the whole value if the name is not there."""
    name, colon, rest = (value or "").partition(": ")
    return rest if colon and name.lower() == tool else value or ""
