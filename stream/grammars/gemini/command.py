"""With which words a recording's command starts gemini, as far as it shows them. Pure."""

import shlex

from stream.grammars.kinds import agent_kind
from stream.recording import RecordingHeader
from stream.shell.programs import programs

_PASSING_ON = frozenset({"tee", "cat"})


def gemini_words(header: RecordingHeader) -> tuple[str, ...]:
    """`gemini` and what stands behind it, also in a shell's text; a command that does not show it (a script), as it is.

    Of a gemini whose output another program makes something of, they say nothing.
    """
    words: list[str] = []
    found = list(programs(shlex.join(header.command)))
    starts = [program for program in found if agent_kind((program.name, *program.arguments), "") == "gemini"]
    for start in starts:
        readers = [program.name for program in found if program.command.feeds is start.command]
        if _PASSING_ON.issuperset(readers):
            words += start.arguments
    return ("gemini", *words) if starts else header.command
