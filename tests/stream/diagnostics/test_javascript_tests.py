"""What JavaScript's test runners say of failures and of a whole run; real runs, and totals that no recorded run has."""

from typing import Any

import pytest

from stream.diagnostics.javascript_tests import NumberedFailure
from tool_runs import ROOT, events_of

Event = tuple[str | None, dict[str, Any]]


def printed(case: str) -> str:
    return (ROOT / case / "raw").read_text("utf-8")


def told(text: str, event_type: str = "error") -> list[Event]:
    return [
        (event.matched_value, dict(event.metadata))
        for event in events_of(text.encode())
        if event.event_type == event_type
    ]


def the_error(text: str) -> Event:
    (error,) = told(text)
    return error


def the_result(text: str) -> dict[str, Any]:
    ((_, metadata),) = told(text, "test_result")
    return metadata


def of(metadata: dict[str, Any], *names: str) -> tuple[Any, ...]:
    return tuple(metadata.get(name) for name in names)


@pytest.mark.parametrize(
    ("totals", "wanted"),
    [
        ("Test Suites: 1 failed, 1 passed, 2 total\nTests:       1 passed, 1 total\n", (1, 1, 1)),
        ("Test Suites: 1 failed, 1 of 2 total\nTests:       0 total\n", (1, 1, 0)),
        ("Test Suites: 3 failed, 3 total\nTests:       1 failed, 1 total\n", (3, 2, 0)),
        ("Test Suites: 1 failed, 1 total\nTests:       2 failed, 2 total\n", (2, None, 0)),
        (" Test Files  1 failed | 1 passed (2)\n      Tests  1 passed (1)\n", (1, 1, 1)),
        (" Test Files  2 failed (2)\n      Tests  no tests\n", (2, 2, 0)),
        (" Test Files  1 passed (1)\n      Tests  1 passed (1)\n", (0, None, 1)),
    ],
)
def test_a_suite_that_could_not_run_counts_among_what_failed(totals: str, wanted: tuple[int, int | None, int]) -> None:
    assert of(the_result(totals), "failed", "errors", "passed") == wanted


@pytest.mark.parametrize(("case", "file"), [("jest/suites", "mod.test.js"), ("vitest/suites", "mod.test.ts")])
def test_a_suite_that_could_not_run_is_an_error_of_its_file_and_of_no_test(case: str, file: str) -> None:
    value, metadata = the_error(printed(case))
    assert str(value).startswith("Cannot find module './nothere'")
    assert of(metadata, "test", "file", "line") == (None, file, 1)


def test_a_test_file_that_cannot_be_parsed_is_an_error_at_its_place() -> None:
    value, metadata = the_error(printed("jest/syntax"))
    assert (value, metadata["kind"]) == ("Unexpected token", "SyntaxError")
    assert of(metadata, "file", "line", "column") == ("/home/user/project/syn.test.js", 2, 1)
    _, (value, metadata), *_ = told(printed("vitest/mixed").partition("Failed Suites")[2])
    assert (value, metadata["kind"]) == ("Unexpected token", "PARSE_ERROR")
    assert of(metadata, "file", "line", "column") == ("syn.test.ts", 1, 11)


def test_what_node_cannot_parse_in_jest_is_at_the_line_that_it_names() -> None:
    text = printed("jest/syntax").replace(
        "SyntaxError: /home/user/project/syn.test.js: Unexpected token (2:0)",
        "/home/user/project/esm.js:7\n    import x from 'y';\n    ^^^^^^\n\n    SyntaxError: Cannot use import",
    )
    value, metadata = the_error(text)
    assert (value, *of(metadata, "file", "line")) == ("Cannot use import", "/home/user/project/esm.js", 7)


def test_what_the_compiler_says_in_jest_is_at_the_line_that_it_names() -> None:
    suite = "  ● Test suite failed to run\n\n"
    text = f"{suite}    src/a.test.ts:3:5 - error TS2322: Type 'string'.\n\n    3 let x\n\nPASS b.test.ts\n"
    value, metadata = the_error(text)
    assert (value, *of(metadata, "kind", "file", "line", "column")) == (
        "Type 'string'.",
        "TS2322",
        "src/a.test.ts",
        3,
        5,
    )


def test_what_a_test_prints_is_no_failure_of_jest() -> None:
    assert told(printed("jest/console")) == []


@pytest.mark.parametrize(
    ("case", "framework", "failures"),
    [
        ("jest/failing", "jest", ["fails", "raises"]),
        ("vitest/failing", "vitest", ["fails", "raises"]),
        ("node-test/tap", "node", ["fails", "raises"]),
        ("bun/test", "bun test", ["eq", "thr"]),
        ("playwright/list", "playwright", ["eq", "thr", "browser", "slow"]),
    ],
)
def test_a_result_names_the_tests_whose_failures_were_told_above_it(
    case: str, framework: str, failures: list[str]
) -> None:
    found = the_result(printed(case))
    assert found["framework"] == framework
    assert [name.split(" ")[-1] for name in found["failures"]] == failures


def test_a_result_names_no_more_tests_than_failed_and_none_of_another_runner() -> None:
    failures = printed("jest/failing").partition("Test Suites:")[0]
    assert "failures" not in the_result(failures + "Tests:       1 failed, 2 total\n")
    assert "failures" not in the_result(failures + "PASS ok.test.js\n      Tests  2 failed (2)\n")


@pytest.mark.parametrize("project", ["|unit| ", " unit  "])
def test_a_test_of_one_of_several_projects_of_vitest_has_its_name(project: str) -> None:
    value, metadata = the_error(f" FAIL  {project}src/a.test.ts > grp > eq\nError: no\n\n")
    assert (value, metadata["test"]) == ("no", "src/a.test.ts > grp > eq")


def test_a_frame_may_be_of_an_address() -> None:
    frame = "      at Context.eval (webpack://app/./cypress/e2e/a.cy.js:5:7)"
    value, metadata = the_error(f"  1) login\n       shows:\n     AssertionError: Timed out retrying\n{frame}\n")
    assert (value, metadata["test"]) == ("Timed out retrying", "login shows")
    assert of(metadata, "file", "line") == ("webpack://app/./cypress/e2e/a.cy.js", 5)


def test_a_failure_without_a_frame_of_ours_is_told_without_a_file() -> None:
    *_, (value, metadata), _ = told(printed("mocha/mixed"))
    assert str(value).startswith("Timeout of 20ms exceeded.")
    assert metadata == {"kind": "Error", "test": "grp to", "tool": "mocha", "line_end": 63}


def test_what_mocha_compares_at_the_start_of_the_line_belongs_to_the_failure() -> None:
    value, metadata = told(printed("mocha/mixed"))[2]
    assert value == "Expected values to be strictly deep-equal: { + a: 1 - a: 2 }"
    assert of(metadata, "test", "file", "line", "line_end") == ("grp deep", "moc/a.js", 2, 57)


def test_what_mocha_says_in_tap_is_one_error_for_each_test() -> None:
    found = told(printed("mocha/tap"))
    assert [metadata["test"] for _, metadata in found[:4]] == ["grp eq", "grp thr", "grp deep", "grp to"]
    assert (found[1][0], found[1][1]["kind"]) == ("out of it", "RangeError")


@pytest.mark.parametrize(
    ("case", "value"),
    [("vitest/mixed", "Test timed out in 50ms."), ("playwright/list", "pw boom"), ("mocha/mixed", "hook broke")],
)
def test_a_plain_error_has_its_kind_and_no_label_in_its_message(case: str, value: str) -> None:
    assert [metadata["kind"] for said, metadata in told(printed(case)) if said == value] == ["Error"]


def test_what_nobody_caught_while_vitest_ran_has_its_place() -> None:
    value, metadata = told(printed("vitest/mixed"))[-1]
    assert (value, *of(metadata, "kind", "file", "line")) == ("unhandled in test", "Error", "a.test.ts", 11)


def test_a_failed_test_of_playwright_is_one_error_whatever_its_attempts() -> None:
    value, metadata = the_error(printed("playwright/retry"))
    assert (value, metadata["test"]) == ("pw boom", "thr")
    assert of(metadata, "file", "line", "column") == ("/home/user/project/a.spec.ts", 4, 33)


def test_a_test_of_playwright_without_a_stack_has_the_place_where_it_begins() -> None:
    value, metadata = told(printed("playwright/list"))[-1]
    assert (value, *of(metadata, "test", "file", "line")) == ("Test timeout of 200ms exceeded.", "slow", "a.spec.ts", 6)


def test_playwright_counts_what_passed_in_the_end_and_names_what_did_not() -> None:
    listed = " \u203a ".join(("    [chromium]", "a.spec.ts:3:1", "math", "eq \u2500\u2500\u2500"))
    shaky = "    a.spec.ts:9:1 \u203a shaky \u2500\u2500\u2500"
    found = the_result(f"  1 failed\n{listed}\n  1 flaky\n{shaky}\n  2 skipped\n  3 did not run\n  4 passed (1.5m)\n")
    assert of(found, "passed", "failed", "skipped", "duration_ms") == (5, 1, 5, 90_000)
    assert found["failures"] == ["math \u203a eq"]


@pytest.mark.parametrize("text", ["  4 failed\n", "  2 skipped\nand so on\n", "  1) see a.ts:3:1 \u203a here\n"])
def test_a_count_or_a_place_alone_is_nothing_of_playwright(text: str) -> None:
    assert events_of(text.encode()) == []


@pytest.mark.parametrize("case", ["node-test/todo", "node-test/spec-todo"])
def test_a_test_that_is_to_be_written_yet_may_fail(case: str) -> None:
    assert "# TODO" in printed(case)
    assert "todo" not in [str(metadata.get("test")).partition(" ")[0] for _, metadata in told(printed(case))]


@pytest.mark.parametrize("case", ["node-test/todo", "node-test/spec-todo"])
def test_an_assertion_says_what_it_compared(case: str) -> None:
    value, _ = told(printed(case))[-1]
    assert value == "Expected values to be loosely deep-equal: { a: 1 } should loosely deep-equal { a: 2 }"


def test_a_long_comparison_is_cut() -> None:
    text = printed("node/assert").replace("1 !== 2", f"'{'x' * 500}' !== 2")
    value, _ = the_error(text)
    assert str(value).startswith("Expected values to be strictly equal: 'xxx")
    assert len(str(value)) == 200


def test_totals_in_tap_are_those_of_node_only_where_it_says_so() -> None:
    assert the_result("# tests 6\n# pass 1\n# fail 5\n1..6\n")["framework"] == "tap"
    assert the_result("# tests 6\n# suites 0\n# pass 1\n# fail 5\n# duration_ms 3\n")["framework"] == "node"


def test_bun_names_a_test_below_its_error() -> None:
    assert [(value, *of(metadata, "test", "line")) for value, metadata in told(printed("bun/test"))] == [
        ("expect(received).toBe(expected)", "eq", 3),
        ("bun boom", "thr", 4),
    ]
    assert of(the_result(printed("bun/test")), "passed", "failed", "skipped", "duration_ms") == (1, 2, 1, 6)


def test_a_test_of_mocha_is_named_once_however_often_the_output_rests() -> None:
    lines = ["  2) grp", "       thr:", "     RangeError: out of it", "      at Context.<anonymous> (moc/a.js:2:97)"]
    failure = NumberedFailure(lines[0], None, "grp")
    for line in lines[1:]:
        failure.take(line)
        failure.findings()
    (found,) = failure.findings()
    assert found.metadata["test"] == "grp thr"


def test_totals_with_nodes_own_sign_are_nodes() -> None:
    assert the_result("\u2139 tests 3\n\u2139 pass 2\n\u2139 fail 1\n")["framework"] == "node"


@pytest.mark.parametrize("between", ["", "Type Errors  no errors\n"])
def test_an_error_that_no_test_of_vitest_accounts_for_is_a_failure(between: str) -> None:
    text = (
        f" Test Files  2 passed (2)\n      Tests  2 passed (2)\n{between}     Errors  1 error\n   Start at  00:17:05\n"
    )
    (result,) = events_of(text.encode())
    assert [result.metadata[key] for key in ("passed", "failed", "errors")] == [2, 1, 1]
