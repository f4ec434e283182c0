"""The secrets that reach over several lines: private keys, and tokens that were broken at a width. Pure."""

from collections.abc import Mapping
from typing import Any

from stream.secrets.private_keys import PrivateKeyReader
from stream.secrets.wrapped_tokens import WrappedTokens


class OpenSecrets:
    """What is open at the end of a line; lines come one after the other."""

    def __init__(self, key: bytes, columns: int) -> None:
        self.keys = PrivateKeyReader(key)
        self.tokens = WrappedTokens(key, columns)

    @property
    def is_open(self) -> bool:
        """Whether the next line may belong to one."""
        return self.keys.is_open or self.tokens.is_open

    def state(self) -> Mapping[str, Any] | None:
        """JSON-serialisable; to be sealed, for it may hold a part of a token."""
        return {"keys": self.keys.state(), "tokens": self.tokens.state()} if self.is_open else None

    def resume(self, state: Mapping[str, Any] | None) -> None:
        """Goes on where `state` was taken."""
        self.keys.resume(state["keys"] if state else None)
        self.tokens.resume(state["tokens"] if state else None)
