"""The OpenAPI document says what is so: every route, every parameter, every status."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import Case, GenerationMode
from schemathesis.checks import content_type_conformance, not_a_server_error, status_code_conformance
from schemathesis.schemas import BaseSchema

from api.app import ROUTES
from api.context import Settings
from api.openapi import OPERATIONS, document, plain_path
from running_server import running
from sample_database import SampleDatabase
from sample_recording import Read, moment, record

PATHS = [plain_path(route) for route in ROUTES]
EXAMPLES = 30
CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance]
KNOWN = {"session_id": "s1", "agent": "codex", "pattern": "error_line"}  # what is there to be found


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    folder: Path = tmp_path_factory.mktemp("served")
    database = SampleDatabase(folder / "wrapper.db")
    record(database, folder / "s1", [Read(0, b"Error: it\n")], end=0)
    database.event("s1", timestamp=moment(0), original_line="Error: it")
    database.block("s1", "print()")
    with running(Settings(database.path, "1.2.3")) as client:
        yield client
    database.close()


@pytest.fixture(scope="module")
def schema(served: httpx.Client) -> BaseSchema:
    return schemathesis.openapi.from_url(f"{served.base_url}/api/openapi.json")


def test_every_route_is_in_the_document() -> None:
    assert sorted(OPERATIONS) == sorted(PATHS)
    told = document(ROUTES, "1.2.3", token=False)
    assert sorted(told["paths"]) == sorted(PATHS)
    for path, route in zip(PATHS, ROUTES, strict=True):
        (operation,) = told["paths"][path].values()
        assert operation["summary"] == (route.endpoint.__doc__ or "").partition("\n")[0]
    ids = [operation["operationId"] for path in told["paths"].values() for operation in path.values()]
    assert len(set(ids)) == len(ids)


def test_a_server_with_a_token_says_so() -> None:
    assert "security" not in document(ROUTES, "1.2.3", token=False)
    told = document(ROUTES, "1.2.3", token=True)
    assert told["security"] == [{"token": []}]
    assert told["components"]["securitySchemes"]["token"]["scheme"] == "bearer"


@pytest.mark.parametrize("path", [path for path in PATHS if "control" not in path])
def test_the_parameters_are_those_that_the_server_reads(served: httpx.Client, path: str) -> None:
    operation = served.get("/api/openapi.json").json()["paths"][path]["get"]
    told = [parameter["name"] for parameter in operation["parameters"] if parameter["in"] == "query"]
    response = served.get(path.format(**KNOWN), params={"no_such_parameter": "1"})
    assert response.status_code == 400
    assert response.json()["error"]["hint"] == f"there are: {', '.join(told) or 'none'}"


def values(schema: dict[str, Any]) -> list[tuple[Any, bool]]:
    """Values at the edges of what a schema allows, and whether it allows them."""
    if "enum" in schema:
        return [*((value, True) for value in schema["enum"]), ("nothing of this", False)]
    if "minimum" in schema:
        lowest, highest = schema["minimum"], schema["maximum"]
        return [(lowest, True), (highest, True), (lowest - 1, False), (highest + 1, False), ("many", False)]
    return []


@pytest.mark.parametrize("path", [path for path in PATHS if "control" not in path and "live" not in path])
def test_what_the_document_allows_is_taken_and_nothing_beside_it(served: httpx.Client, path: str) -> None:
    operation = served.get("/api/openapi.json").json()["paths"][path]["get"]
    for parameter in operation["parameters"]:
        for value, allowed in values(parameter["schema"]):
            text = f"{value:f}".rstrip("0").rstrip(".") if isinstance(value, float) else str(value)
            response = served.get(path.format(**KNOWN), params={parameter["name"]: text})
            refused = response.status_code == 400 and response.json()["error"]["message"].startswith(
                f"{parameter['name']} is "
            )
            assert refused != allowed, (path, parameter["name"], text, response.text)


# The live feed never ends, so that nobody can ask for it a thousand times. Wrong requests are made of parameters.
FINITE = [path for path in PATHS if path != "/api/live"]
ASKED = [(path, GenerationMode.POSITIVE) for path in FINITE] + [
    (path, GenerationMode.NEGATIVE) for path in FINITE if OPERATIONS[path].parameters or "control" in path
]


@pytest.mark.parametrize(("path", "mode"), ASKED)
def test_whatever_is_asked_the_answer_is_declared(schema: BaseSchema, path: str, mode: GenerationMode) -> None:
    method = "POST" if "control" in path else "GET"
    operation = schema[path][method]

    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        derandomize=True,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(operation.as_strategy(generation_mode=mode))
    def ask(case: Case[Any]) -> None:
        for name, value in KNOWN.items():
            if name in case.path_parameters and len(str(case.path_parameters[name])) % 2:
                case.path_parameters[name] = value
        case.call_and_validate(checks=CHECKS, timeout=30)

    ask()
