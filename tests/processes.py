"""The processes of a run, found as `ps` finds them."""

from pathlib import Path


def children(parent: int) -> dict[int, str]:
    """Command lines of a process's children that live, by their ids."""
    found = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            state, of, *_ = stat.read_text().rpartition(")")[2].split()
            if int(of) == parent and state != "Z":
                found[int(stat.parent.name)] = (stat.parent / "cmdline").read_text()
        except (FileNotFoundError, ProcessLookupError):
            continue  # it has just ended
    return found


def has_ended(pid: int) -> bool:
    """Whether nothing of a process runs any more, also where nobody has asked how it ended."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except (FileNotFoundError, ProcessLookupError):
        return True


def indexer_of(wrapper: int) -> int | None:
    """The indexer of a running `wrapper`."""
    return next((pid for pid, command in children(wrapper).items() if "indexer_process" in command), None)
