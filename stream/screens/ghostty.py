"""libghostty-vt, which pyghostty brings: the library and its declarations, as cffi has them. Bytes in, bytes out.

The declarations are read when we are built (hatch_build.py). pyghostty itself is never imported: it reads them again.
"""

from functools import cache
from hashlib import sha256
from importlib.util import find_spec
from pathlib import Path
from typing import Any

_SUFFIXES = (".so", ".dylib")
_AGAIN = "install wrapper again"


class EmulatorError(RuntimeError):
    """The emulator did not do what it was asked for."""


class Ghostty:
    """`lib` has the functions and constants, `ffi` the types.

    `point_to` is `ghostty_terminal_grid_ref` with a `PlainPoint` for its `GhosttyPoint`.
    """

    def __init__(self, ffi: Any, path: Path) -> None:
        self.ffi = ffi
        self.lib: Any = ffi.dlopen(str(path))
        self.point_to: Any = ffi.cast(
            "GhosttyResult(*)(GhosttyTerminal, PlainPoint, GhosttyGridRef*)",
            ffi.addressof(self.lib, "ghostty_terminal_grid_ref"),
        )

    def check(self, result: int, what: str) -> None:
        """Raises `EmulatorError` if a call did not succeed."""
        if result:
            raise EmulatorError(f"{what} failed: {result}")

    def sized(self, kind: str) -> Any:
        """A structure of zeros that says how large it is, and so do those in it."""
        made = self.ffi.new(f"{kind}*")
        self._tell_size(made)
        return made

    def _tell_size(self, structure: Any) -> None:
        kind = self.ffi.typeof(structure).item
        for name, field in kind.fields:
            if name == "size":
                structure.size = self.ffi.sizeof(kind)
            elif field.type.kind == "struct":
                self._tell_size(self.ffi.addressof(structure[0], name))


@cache
def ghostty() -> Ghostty:
    """Loaded when it is asked for first. Raises `EmulatorError` where what is installed does not fit together."""
    try:
        from stream.screens._ghostty_abi import DIGEST, ffi  # here: it costs the start of those who need no terminal
    except ModuleNotFoundError as error:
        raise EmulatorError(f"wrapper was not built: {_AGAIN}") from error

    found = find_spec("pyghostty")
    if found is None or not found.submodule_search_locations:
        raise EmulatorError(f"pyghostty is not installed: {_AGAIN}")
    folder = Path(found.submodule_search_locations[0])
    if sha256((folder / "_cdef.py").read_bytes()).hexdigest() != DIGEST:
        raise EmulatorError(f"pyghostty is not the version that wrapper was built for: {_AGAIN}")
    path = next((path for path in sorted((folder / "_lib").iterdir()) if path.suffix in _SUFFIXES), None)
    if path is None:
        raise EmulatorError(f"pyghostty has no library for this platform: {_AGAIN}")
    return Ghostty(ffi, path)
