"""What we read out of a tool's text is what the same tool says of the same run in JSON or XML."""

import json
from collections import Counter
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from stream.records import ExtractionEvent
from tool_runs import ROOT, events_of

Diagnosis = tuple[str, str, str, int, int | None]  # event type, message, file's name, line, column


def events(tool: str, case: str) -> list[ExtractionEvent]:
    return events_of((ROOT / tool / case / "raw").read_bytes())


def judge(tool: str, case: str, name: str = "judge.json") -> str:
    return (ROOT / tool / case / name).read_text("utf-8")


def diagnoses(tool: str, case: str) -> list[Diagnosis]:
    return sorted(
        (
            event.event_type,
            str(event.matched_value),
            Path(event.metadata["file"]).name,
            event.metadata["line"],
            event.metadata.get("column"),
        )
        for event in events(tool, case)
        if event.event_type in ("error", "warning")
    )


def result(tool: str, case: str) -> dict[str, Any]:
    (event,) = (event for event in events(tool, case) if event.event_type == "test_result")
    return dict(event.metadata)


def failures(tool: str, case: str) -> dict[str, str]:
    """Test → message."""
    return {
        event.metadata["test"]: str(event.matched_value) for event in events(tool, case) if event.event_type == "error"
    }


def xml_failures(case: str) -> list[tuple[str, str]]:
    """Name and first line of the message of each test that did not pass, by `--junitxml`."""
    found = []
    for test in ET.fromstring(judge("pytest", case, "judge.xml")).iter("testcase"):
        for outcome in (*test.iter("failure"), *test.iter("error")):
            message = outcome.attrib["message"].splitlines()[0].removeprefix("failed on setup with ").strip('"')
            found.append((test.attrib["name"], message))
    return found


@pytest.mark.parametrize("case", ["long", "short", "line", "no"])
def test_pytests_failures_are_those_of_its_xml(case: str) -> None:
    told = {
        event.metadata["test"].rpartition(".")[2]: (event.metadata.get("kind"), str(event.matched_value))
        for event in events("pytest", case)
        if event.event_type == "error"
    }
    wanted = dict(xml_failures(case))
    assert told.keys() == wanted.keys()
    for name, (kind, value) in told.items():
        assert wanted[name].removeprefix(f"{kind}: ").startswith(value.removesuffix("..."))


@pytest.mark.parametrize("case", ["long", "short", "line", "no"])
def test_pytests_totals_are_those_of_its_xml(case: str) -> None:
    (suite,) = ET.fromstring(judge("pytest", case, "judge.xml"))
    ran, failed, errors, skipped = (int(suite.attrib[key]) for key in ("tests", "failures", "errors", "skipped"))
    found = result("pytest", case)
    assert (found["failed"], found["errors"], found["skipped"]) == (failed + errors, errors, skipped)
    assert found["passed"] == ran - failed - errors - skipped
    assert len(found["failures"]) == failed + errors


@pytest.mark.parametrize("case", ["plain", "pretty"])
def test_mypys_errors_are_those_of_its_json(case: str) -> None:
    rows = [json.loads(line) for line in judge("mypy", case).splitlines()]
    assert diagnoses("mypy", case) == sorted(
        (row["severity"], row["message"], row["file"], row["line"], None) for row in rows
    )
    assert [event.metadata["kind"] for event in events("mypy", case)] == [row["code"] for row in rows]


@pytest.mark.parametrize("case", ["full", "concise"])
def test_ruffs_findings_are_those_of_its_json(case: str) -> None:
    rows = json.loads(judge("ruff", case))
    assert diagnoses("ruff", case) == sorted(
        ("error", row["message"], Path(row["filename"]).name, row["location"]["row"], row["location"]["column"])
        for row in rows
    )
    kinds = Counter(event.metadata["kind"] for event in events("ruff", case))
    assert kinds == Counter(row["code"] or "invalid-syntax" for row in rows)


def test_eslints_findings_are_those_of_its_json() -> None:
    rows = [
        (Path(file["filePath"]).name, row)
        for file in json.loads(judge("eslint", "stylish"))
        for row in file["messages"]
    ]
    assert [(kind, value.rstrip("."), *where) for kind, value, *where in diagnoses("eslint", "stylish")] == sorted(
        ("error" if row["severity"] == 2 else "warning", row["message"].rstrip("."), name, row["line"], row["column"])
        for name, row in rows
    )


@pytest.mark.parametrize("case", ["errors", "include"])
def test_gccs_diagnostics_are_those_of_its_json(case: str) -> None:
    rows = [row for row in json.loads(judge("gcc", case).splitlines()[0]) if row["kind"] != "note"]
    places = [row["locations"][0]["caret"] for row in rows]
    assert diagnoses("gcc", case) == sorted(
        (row["kind"].removeprefix("fatal "), row["message"], place["file"], place["line"], place["column"])
        for row, place in zip(rows, places, strict=True)
    )
    kinds = {(event.matched_value, event.metadata.get("kind")) for event in events("gcc", case)}
    assert kinds == {(row["message"], row.get("option")) for row in rows}


def rustc_rows(text: str) -> list[dict[str, Any]]:
    rows = [json.loads(line) for line in text.splitlines()]
    messages = [row.get("message") if isinstance(row.get("message"), dict) else row for row in rows]
    return [row for row in messages if row and row.get("spans")]


@pytest.mark.parametrize("case", ["plain", "cargo"])
def test_rustcs_diagnostics_are_those_of_its_json(case: str) -> None:
    rows = rustc_rows(judge("rustc", case, "judge.jsonl"))
    places = [next(span for span in row["spans"] if span["is_primary"]) for row in rows]
    assert diagnoses("rustc", case) == sorted(
        (row["level"], row["message"], Path(place["file_name"]).name, place["line_start"], place["column_start"])
        for row, place in zip(rows, places, strict=True)
    )


@pytest.mark.parametrize("tool", ["jest", "vitest"])
def test_failures_and_totals_of_jest_and_vitest_are_those_of_their_json(tool: str) -> None:
    told = json.loads(judge(tool, "failing"))
    found = result(tool, "failing")
    assert (found["passed"], found["failed"], found["skipped"]) == (
        told["numPassedTests"],
        told["numFailedTests"],
        told["numPendingTests"],
    )
    wanted = {test["title"]: test["failureMessages"][0] for test in told["tests"] if test["status"] == "failed"}
    names = {
        name.replace(" \u203a ", " > ").rpartition(" > ")[2]: said for name, said in failures(tool, "failing").items()
    }
    assert names.keys() == wanted.keys()
    assert all(wanted[name].endswith(said) for name, said in names.items())


def test_mochas_failures_and_totals_are_those_of_its_json() -> None:
    told = json.loads(judge("mocha", "failing"))
    found = result("mocha", "failing")
    counts = told["stats"]
    assert (found["passed"], found["failed"], found["skipped"]) == (
        counts["passes"],
        counts["failures"],
        counts["pending"],
    )
    wanted = {test["fullTitle"]: " ".join(test["err"]["message"].split()) for test in told["failures"]}
    assert failures("mocha", "failing") == wanted


@pytest.mark.parametrize("case", ["plain", "verbose"])
def test_the_failures_of_go_test_are_the_leaves_of_its_json(case: str) -> None:
    rows = [json.loads(line) for line in judge("gotest", case, "judge.jsonl").splitlines()]
    failed = {row["Test"] for row in rows if row["Action"] == "fail" and "Test" in row}
    leaves = {name for name in failed if not any(other.startswith(f"{name}/") for other in failed)}
    assert failures("gotest", case).keys() == leaves


def test_rubocops_offenses_are_those_of_its_json() -> None:
    (file,) = json.loads(judge("rubocop", "offenses"))["files"]
    assert diagnoses("rubocop", "offenses") == sorted(
        (
            "error" if row["severity"] in ("error", "fatal") else "warning",
            row["message"].replace("`", ""),
            file["path"],
            row["location"]["start_line"],
            row["location"]["start_column"],
        )
        for row in file["offenses"]
    )


def test_shellchecks_findings_are_those_of_its_json() -> None:
    rows = json.loads(judge("shellcheck", "script"))
    assert diagnoses("shellcheck", "script") == sorted(
        ("error" if row["level"] == "error" else "warning", row["message"], row["file"], row["line"], row["column"])
        for row in rows
    )
    kinds = Counter(event.metadata["kind"] for event in events("shellcheck", "script"))
    assert kinds == Counter(f"SC{row['code']}" for row in rows)


def test_biomes_findings_are_those_of_its_json() -> None:
    rows = json.loads(judge("biome", "lint"))["diagnostics"]
    found = Counter(
        (event.event_type, event.matched_value, event.metadata["kind"]) for event in events("biome", "lint")
    )
    assert found == Counter((row["severity"], row["message"], row["category"]) for row in rows)


def test_yamllints_findings_are_those_of_its_parsable_output() -> None:
    rows = [line.split(":", 3) for line in judge("yamllint", "file", "judge.txt").splitlines()]
    told = [(file, int(line), int(column), rest.strip()[1:].partition("] ")) for file, line, column, rest in rows]
    assert diagnoses("yamllint", "file") == sorted(
        (severity, said.rpartition(" (")[0], file, line, column) for file, line, column, (severity, _, said) in told
    )


def test_rspecs_failures_and_totals_are_those_of_its_json() -> None:
    told = json.loads(judge("rspec", "failing"))
    found = result("rspec", "failing")
    counts = told["summary"]
    assert (found["failed"], found["skipped"]) == (counts["failure_count"], counts["pending_count"])
    assert found["passed"] == counts["example_count"] - counts["failure_count"] - counts["pending_count"]
    said = {
        test["full_description"]: " ".join(test["exception"]["message"].split())
        for test in told["examples"]
        if test["status"] == "failed"
    }
    assert failures("rspec", "failing").keys() == said.keys()
    assert all(said[name].startswith(value) for name, value in failures("rspec", "failing").items())
