"""What a user can do with a recording that cannot be stored where, or by what, its run wanted it."""


def ways_out(session_id: str, *, patterns: bool) -> str:
    """The commands that store it all the same or remove it; `patterns`: its run had pattern files of the user's."""
    by = " [--patterns FILE]" if patterns else ""
    return f"`wrapper reindex {session_id} --db FILE{by}` stores it all the same, `wrapper rm {session_id}` removes it"
