"""Whether the text of a row is another state of what stood there before, or something new. Pure.

A progress bar, a clock, a spinner is one thing with many states. So is a text that is being typed. The rules look at
what both texts have in common, not at the programs that print them; docs/extraction.md tells them.
"""

from typing import NamedTuple

from stream.lazy_regex import lazy_regex

_NUMBER = lazy_regex(r"\d[\d.,:]*\s?(?:(?:[kKMGT]i?)?[Bb](?:/s)?|[kKMGT]i?\b|ms\b|[smhd]\b|sec\b|min\b|%)?")
_LETTERS = lazy_regex(r"[^\W\d_]+")
_PROGRESS = lazy_regex(
    r"\d\s?%"
    r"|\[[-=#*>.\s]{4,}\]"  # apt, cargo, docker
    r"|[━─╸╺#█▉▊▋▌▍▎▏▓▒░■□⬝]{4,}"  # pip, cargo, tqdm
    r"|^\s*[\u2800-\u28ff|/\\-]\s"  # a spinner
    r"|\b\d+\s?/\s?\d+\b"
)
_PERCENT = lazy_regex(r"\s*\d+(?:\.\d+)?\s?%")
_FRAME = " \t│┃|╎▌█>\u203a\u276f*•●·_"  # what stands around a text in an input box, and a cursor that is drawn


SAME, COUNTS, GROWS = "same", "counts", "grows"


class Shape(NamedTuple):
    """What of a text is compared: its words without numbers, itself without frames, what its progress is of, if any."""

    words: list[str]
    core: str
    progress: str | None


def shape_of(text: str) -> Shape:
    """Made once for each text, which is compared with several."""
    words = _LETTERS.findall(_NUMBER.sub(" ", text))
    progress = None
    if _PROGRESS.search(text):
        progress = words[0] if words and not _PERCENT.match(text) else ""
    return Shape(words, text.strip(_FRAME), progress)


def revision(before: Shape, now: Shape) -> str:
    """How `now` is another state of `before`; empty if it is not.

    `SAME`: only frame and marks differ. `COUNTS`: only numbers and drawing differ, or both show the progress of the
    same thing. `GROWS`: one text begins with the other, it is being typed or taken back.
    """
    if before.core == now.core and now.core:
        return SAME
    if before.words == now.words and before.words:
        return COUNTS
    if before.progress is not None and before.progress == now.progress:
        return COUNTS
    if before.core and now.core and (now.core.startswith(before.core) or before.core.startswith(now.core)):
        return GROWS
    return ""
