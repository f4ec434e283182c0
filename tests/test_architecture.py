"""The house's plan, held by a test: `stream ← data ← api ← wrapper`, one way, without circles."""

import ast
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
ROOMS = ("stream", "data", "api", "wrapper")
MAY_IMPORT = {
    "stream": set(),
    "data": {"stream"},
    "api": {"stream", "data"},
    "wrapper": {"stream", "data", "api"},
}
STREAM_FOR_DATA = {"stream.records", "stream.timestamps"}
STREAM_FOR_EXPORT = STREAM_FOR_DATA | {
    "stream.ansi",
    "stream.line_blocks",
    "stream.lines",
    "stream.recording",
    "stream.replay.items",
    "stream.replay.line_ends",
    "stream.replay.output_text",
    "stream.replay.playback",
    "stream.screen",
    "stream.secrets.masker",
    "stream.secrets.redaction",
    "stream.timing",
}
DODGING_NAMES = {"utils", "util", "helpers", "misc", "manager", "common", "base", "core"}

MADE_BY_THE_BUILD = "stream.screens._ghostty_abi"  # not in the repository; nothing in it is ours

FILES = [path for room in ROOMS for path in sorted((ROOT / room).rglob("*.py"))]
MODULES = {".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): path for path in FILES}
MODULES.pop(MADE_BY_THE_BUILD)


def imports(path: Path) -> Iterator[tuple[str, bool]]:
    """(module of ours, whether the import is lazy) for each import of a file."""
    tree = ast.parse(path.read_text())
    top_level = set(map(id, tree.body))
    for node in ast.walk(tree):
        names = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: import by the whole name"
            deeper = [f"{node.module}.{alias.name}" for alias in node.names]
            names = [name if name in MODULES else str(node.module) for name in deeper]
        for name in names:
            if name.split(".")[0] in ROOMS and name != MADE_BY_THE_BUILD:
                yield name, id(node) not in top_level


@pytest.mark.parametrize("module", MODULES)
def test_imports_go_one_way(module: str) -> None:
    room = module.split(".", maxsplit=1)[0]
    for imported, _ in imports(MODULES[module]):
        other = imported.split(".")[0]
        assert other == room or other in MAY_IMPORT[room], f"{module} imports {imported}"


@pytest.mark.parametrize("module", [module for module in MODULES if module.split(".")[0] == "data"])
def test_what_is_kept_knows_only_the_records_of_what_is_extracted(module: str) -> None:
    known = STREAM_FOR_EXPORT if module.startswith("data.export") else STREAM_FOR_DATA
    for imported, _ in imports(MODULES[module]):
        assert not imported.startswith("stream") or imported in known, f"{module} imports {imported}"


def test_there_is_no_import_circle_lazy_or_not() -> None:
    graph = {module: {name for name, _ in imports(path) if name != module} for module, path in MODULES.items()}
    TopologicalSorter(graph).prepare()


@pytest.mark.parametrize("module", [module for module in MODULES if module.split(".")[0] != "wrapper"])
def test_only_the_wrapper_imports_lazily(module: str) -> None:
    assert [name for name, lazy in imports(MODULES[module]) if lazy] == []


@pytest.mark.parametrize(
    "path", [path for room in (*ROOMS, "tests", "benchmarks") for path in (ROOT / room).rglob("*.py")]
)
def test_no_file_is_over_300_lines(path: Path) -> None:
    assert len(path.read_text().splitlines()) <= 300


@pytest.mark.parametrize("module", MODULES)
def test_names_say_what_a_module_holds(module: str) -> None:
    assert not DODGING_NAMES & set(module.split("."))


@pytest.mark.parametrize("module", MODULES)
def test_each_module_says_what_it_is(module: str) -> None:
    assert ast.get_docstring(ast.parse(MODULES[module].read_text()))
