"""JSON as it can be sent anywhere: compact, on one line by anybody's idea of a line, always valid UTF-8. Pure."""

import json

_COMPACT = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))
# They end no line of JSON lines or of an event stream, but JSON leaves them as they are and some readers break there.
_LINE_ENDS = {"\x85": "\\u0085", "\u2028": "\\u2028", "\u2029": "\\u2029"}


def to_json(value: object) -> str:
    """The text. A lone surrogate becomes its JSON escape."""
    text = _COMPACT.encode(value)
    if text.isascii():
        return text
    for character, escaped in _LINE_ENDS.items():
        text = text.replace(character, escaped)
    return text.encode("utf-8", "backslashreplace").decode()
