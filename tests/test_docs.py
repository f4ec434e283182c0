"""What the documents say is what there is."""

from pathlib import Path

import pytest
from starlette.routing import Route

from api.app import ROUTES
from wrapper.cli import COMMANDS
from wrapper.config import SETTINGS

ROOT = Path(__file__).parent.parent
DOCS = {path.name: path.read_text() for path in (ROOT / "README.md", *(ROOT / "docs").glob("*.md"))}


@pytest.mark.parametrize("name", SETTINGS)
def test_every_setting_is_documented(name: str) -> None:
    assert f"| `{name}` | `{SETTINGS[name].variable}` |" in DOCS["configuration.md"]


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_is_in_the_readme(command: str) -> None:
    assert f"`wrapper {command}" in DOCS["README.md"]


@pytest.mark.parametrize("route", ROUTES, ids=[route.path for route in ROUTES])
def test_every_endpoint_is_documented(route: Route) -> None:
    method = "POST" if "POST" in (route.methods or ()) else "GET"
    address = f"`{method} {route.path.replace(':path', '')}"
    assert f"{address}`" in DOCS["api.md"] or f"{address}?" in DOCS["api.md"]


@pytest.mark.parametrize("name", DOCS)
def test_links_between_documents_lead_somewhere(name: str) -> None:
    folder = ROOT if name == "README.md" else ROOT / "docs"
    targets = [part.split(")")[0] for part in DOCS[name].split("](")[1:]]
    for target in targets:
        assert target.startswith("http") or (folder / target).exists(), target


@pytest.mark.parametrize("table", ["extraction_events", "code_blocks", "process_sessions", "process_state_changes"])
def test_every_table_is_documented(table: str) -> None:
    assert f"`{table}`" in DOCS["database.md"]
