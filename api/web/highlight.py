"""Source text as pieces with CSS classes, by Pygments. Pieces are text, never HTML.

Lexers are regular expressions that were not made for hostile input, and some take minutes for a line that is. So they
run in a process of their own, which is given up after a while: this file is also that process's program. It reads one
JSON array of `[language, text]` and writes one of `[[class, piece], …]`.
"""

import asyncio
import json
import sys
from collections.abc import Iterable, Sequence

Pieces = list[tuple[str, str]]

TIME_LIMIT = 5.0  # seconds for all texts of one call
MAX_CHARACTERS = 50_000  # of one text; a longer one stays plain


async def highlighted(sources: Sequence[tuple[str, str]]) -> list[Pieces]:
    """For each (language, text) its pieces; all of them plain if that takes too long."""
    plain: list[Pieces] = [[("", text)] for _, text in sources]
    if not sources:
        return plain
    # -I: nothing of the directory or the environment that the server happens to run in is imported.
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-I",
        __file__,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        async with asyncio.timeout(TIME_LIMIT):
            answer, _ = await process.communicate(json.dumps(sources).encode())
        return json.loads(answer) if process.returncode == 0 else plain
    except TimeoutError:
        return plain
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


def pieces(language: str, text: str) -> Pieces:
    """The pieces of one text; their classes are Pygments' short names of tokens, `""` for plain text."""
    from pygments.lexers import get_lexer_by_name
    from pygments.token import STANDARD_TYPES
    from pygments.util import ClassNotFound

    words = language.split()
    if not words or len(text) > MAX_CHARACTERS:
        return [("", text)]
    try:
        lexer = get_lexer_by_name(words[0].lower(), stripnl=False, ensurenl=False)
    except ClassNotFound:
        return [("", text)]
    # Unprocessed: line ends and the byte order mark stay as they are.
    made = merged((STANDARD_TYPES.get(kind, ""), value) for _, kind, value in lexer.get_tokens_unprocessed(text))
    return made if "".join(value for _, value in made) == text else [("", text)]


def merged(parts: Iterable[tuple[str, str]]) -> Pieces:
    """Neighbours of one class as one piece."""
    found: Pieces = []
    for name, value in parts:
        if found and found[-1][0] == name:
            found[-1] = (name, found[-1][1] + value)
        elif value:
            found.append((name, value))
    return found


if __name__ == "__main__":
    json.dump([pieces(language, text) for language, text in json.load(sys.stdin)], sys.stdout)
