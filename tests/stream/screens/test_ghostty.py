"""The emulator's library and its declarations fit together, and are not read again."""

import subprocess
import sys
from pathlib import Path

import pytest

from stream.screens import _ghostty_abi
from stream.screens.emulated_terminal import EmulatedTerminal
from stream.screens.ghostty import EmulatorError, ghostty


@pytest.fixture
def not_loaded() -> None:
    ghostty.cache_clear()


def test_a_terminal_is_there_without_anybody_reading_declarations() -> None:
    program = """
import sys
from stream.screens.emulated_terminal import EmulatedTerminal
terminal = EmulatedTerminal(80, 24)
terminal.feed(b"hello")
print(terminal.text(), *{"cffi", "pycparser", "pyghostty"} & sys.modules.keys())
"""
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert run.stdout == "hello\n"


def test_a_structure_that_stands_for_a_union_has_its_layout() -> None:
    ffi = ghostty().ffi
    for measure in (ffi.sizeof, ffi.alignof):
        assert measure("PlainPoint") == measure("GhosttyPoint") > 0
    for field in ("tag", "value"):
        assert ffi.offsetof("PlainPoint", field) == ffi.offsetof("GhosttyPoint", field)


@pytest.mark.usefixtures("not_loaded")
def test_another_version_of_the_emulator_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_ghostty_abi, "DIGEST", "another")
    with pytest.raises(EmulatorError, match="not the version that wrapper was built for: install wrapper again"):
        EmulatedTerminal(80, 24)


@pytest.mark.usefixtures("not_loaded")
def test_a_missing_emulator_is_said(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(sys, "path", [str(tmp_path)])
    monkeypatch.delitem(sys.modules, "pyghostty", raising=False)
    with pytest.raises(EmulatorError, match="pyghostty is not installed"):
        EmulatedTerminal(80, 24)
