"""Whether what stands behind a name like `API_KEY=` is a secret, or code, a placeholder, or a word. Pure."""

from collections import Counter
from collections.abc import Callable, Mapping
from math import log2

from stream.lazy_regex import lazy_regex

MASK = "…"  # what every masked form holds, so that it is never masked again

_MIN_ENTROPY = (
    2.8  # bits a character; 12 characters of hexadecimal digits have about 3, words and paths of code 2 to 3.5
)
_LONG = 12
_NOT_SECRET = lazy_regex(
    rf"{MASK}|\*\*\*|\.\.\.|<|\$\{{?[A-Za-z_]|%[(sd]|(?i:x{{4}}|0{{8}}|your|example|placeholder|changeme|change[_-]me|redacted|dummy|"
    r"process\.env|os\.environ|getenv|import\.meta)"
)
_CODE = lazy_regex(
    r"(?:[A-Za-z_]\w*(?:(?:\.|::|->|\?\.)[A-Za-z_]\w*)+|[a-z_]+|[A-Z_]+|_{0,2}[A-Za-z]?[a-z]+(?:[A-Z][a-z]+)*)[?!]?"
)
_PATH = lazy_regex(r"~?\.{0,2}/|[A-Za-z][A-Za-z0-9+.-]*://|[A-Za-z]:\\|[\w.-]+(?:/[\w.-]+)*\.[a-z]{1,4}$")
_DATE_OR_NUMBER = lazy_regex(r"[-+0-9.,:/TZ_x]+")
_PUBLIC_NAME = lazy_regex(
    r"(?i:public|publishable|page|next|cursor|continuation|cancel|pad|eos|bos|unk|mask|sep|cls|stop|special|idempotency|cache|sort|"
    r"primary|foreign|partition)[A-Za-z0-9]*[._-]?$|(?i:total|max|min|num|count|input|output|prompt|completion)[._-]?$"
)


def is_random(value: str) -> bool:
    """Whether a token without a known form looks made by chance: long, letters and digits, no word and no code."""
    if len(value) < _LONG or _is_something_else(value):
        return False
    has_letter, has_digit = any(map(str.isalpha, value)), any(map(str.isdigit, value))
    return has_letter and has_digit and _entropy(value) >= _MIN_ENTROPY


def is_password(value: str) -> bool:
    """Whether it may be a password that somebody chose: two kinds of characters at least."""
    if len(value) < 6 or _is_something_else(value):
        return False
    kinds = (str.islower, str.isupper, str.isdigit, _is_symbol)
    return sum(any(map(kind, value)) for kind in kinds) >= 2


def is_mixed(value: str) -> bool:
    """Whether it is no word: of small letters, capitals and digits it has two."""
    if _NOT_SECRET.search(value):
        return False
    return sum(any(map(kind, value)) for kind in (str.islower, str.isupper, str.isdigit)) >= 2


def is_url_password(value: str) -> bool:
    """Whether it is more than the word that stands for a password in documentation."""
    return not _NOT_SECRET.search(value) and value.lower() not in ("pass", "password", "passwd", "pwd", "pw", "secret")


def is_assigned(value: str, name: str, before: str) -> bool:
    """Whether a value is a secret, by its `name` and by what stands right `before` the name."""
    if _PUBLIC_NAME.search(before):
        return False
    return is_password(value) if "pass" in name.lower() or "pwd" in name.lower() else is_random(value)


def is_any(value: str) -> bool:
    """Whether it is not masked already, nor a placeholder."""
    return not _NOT_SECRET.search(value)


# What else must hold of a format, by its kind; the others need nothing but their form.
FORMAT_CHECKS: Mapping[str, Callable[[str], bool]] = {"openai_api_key": is_mixed}


def _is_something_else(value: str) -> bool:
    return bool(
        _NOT_SECRET.search(value) or _CODE.fullmatch(value) or _PATH.match(value) or _DATE_OR_NUMBER.fullmatch(value)
    )


def _is_symbol(character: str) -> bool:
    return not character.isalnum()


def _entropy(text: str) -> float:
    """Shannon's, in bits a character."""
    return -sum(count / len(text) * log2(count / len(text)) for count in Counter(text).values())
