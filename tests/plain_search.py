"""What a search finds, by plain reasoning."""

import re
from typing import Any

from data.terms import Term


def tokens(text: str) -> list[str]:
    return re.findall(r"[^\W_]+", text.lower().replace("ï", "i"))


def searched(row: dict[str, Any]) -> list[str]:
    """The words of a row: its line's, and its value's where the line does not hold it."""
    line, value = row["original_line"], row["matched_value"]
    return tokens(line if value is None or value in line else f"{line}\n{value}")


def holds(text: list[str], term: Term) -> bool:
    *words, last = tokens(term.text)
    for start in range(len(text) - len(words)):
        found = text[start : start + len(words) + 1]
        if found[:-1] == words and (found[-1] == last or (term.prefix and found[-1].startswith(last))):
            return True
    return False
