"""Seals the pipeline's state in checkpoints: what is still open in it, no line yet or drawn on a screen, is not masked.

It keeps a secret from those who have the database, a copy or a backup of it, and not the key, which stays beside the
recordings. Whoever has the recordings needs no state: they hold what the agent printed.

SHAKE-256 of the key and a nonce is the key stream, a keyed BLAKE2b of the result says whether it is ours, whole and
made with this key. Each state has a nonce of its own.
"""

import hashlib
import hmac
import os
import zlib
from base64 import b64decode, b64encode

_PREFIX = "sealed:"
_NONCE = 16  # bytes
_TAG = 32  # bytes


def seal(state: str, key: bytes) -> str:
    """ASCII text that says nothing of `state` but about how long it is."""
    data = zlib.compress(state.encode(), 1)
    nonce = os.urandom(_NONCE)
    hidden = _with_stream(data, key, nonce)
    return _PREFIX + b64encode(nonce + hidden + _tag(nonce + hidden, key)).decode()


def unseal(sealed: str, key: bytes) -> str | None:
    """The state; None if it was sealed with another key, or is not what was sealed."""
    if not sealed.startswith(_PREFIX):
        return None
    try:
        data = b64decode(sealed.removeprefix(_PREFIX), validate=True)
    except ValueError:  # no base64
        return None
    hidden, tag = data[:-_TAG], data[-_TAG:]
    if not hmac.compare_digest(tag, _tag(hidden, key)):
        return None
    return zlib.decompress(_with_stream(hidden[_NONCE:], key, hidden[:_NONCE])).decode()


def _with_stream(data: bytes, key: bytes, nonce: bytes) -> bytes:
    stream = hashlib.shake_256(b"wrapper state" + key + nonce).digest(len(data))
    return (int.from_bytes(data, "big") ^ int.from_bytes(stream, "big")).to_bytes(len(data), "big")


def _tag(data: bytes, key: bytes) -> bytes:
    return hashlib.blake2b(data, key=key, person=b"wrapper state", digest_size=_TAG).digest()
