"""What somebody searches for, read from the text that they typed. Pure.

    open file         both words, anywhere, whatever their case and accents
    "could not open"  these words, one behind the other
    conn*             words that begin so; "no such f"* the same of a phrase

No other character has a meaning, and what is neither letter nor digit only parts words: a line can be searched as it
was printed, quotes aside.
"""

import re
from typing import NamedTuple

MAX_LENGTH = 1000
MAX_TERMS = 32
ALLOWED = 'words, "phrases" and beginnings*, all of which must occur'

_TERM = re.compile(r'"(?P<phrase>[^"]*)"(?P<open>\*?)|(?P<word>[^\s"]+)')
_WORD = re.compile(r"[^\W_]")


class Term(NamedTuple):
    """Words that must follow each other; of the last one only the beginning counts if it is a `prefix`."""

    text: str
    prefix: bool = False


class SearchSyntaxError(ValueError):
    """The text cannot be read; the message says at which character, counted from 1."""


def parse_terms(text: str) -> tuple[Term, ...]:
    """The terms of a search. Raises `SearchSyntaxError`."""
    if len(text) > MAX_LENGTH:
        raise SearchSyntaxError(f"it has {len(text)} characters, at most {MAX_LENGTH} are taken")
    text = text.replace("\0", " ")
    terms, position = [], 0
    while position < len(text):
        if text[position].isspace():
            position += 1
            continue
        match = _TERM.match(text, position)
        if match is None:
            raise SearchSyntaxError(f"the quote at character {position + 1} is not closed")
        term = _term(match)
        if _WORD.search(term.text):
            terms.append(term)
        position = match.end()
    if not terms:
        raise SearchSyntaxError("it holds no letter and no digit, and nothing else can be searched for")
    if len(terms) > MAX_TERMS:
        raise SearchSyntaxError(f"it has {len(terms)} terms, at most {MAX_TERMS} are taken")
    return tuple(terms)


def _term(match: re.Match[str]) -> Term:
    if match["phrase"] is not None:
        return Term(match["phrase"], prefix=bool(match["open"]))
    return Term(match["word"].removesuffix("*"), prefix=match["word"].endswith("*"))
