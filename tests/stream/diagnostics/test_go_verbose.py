"""What tests of Go log with `-v`: each under its own name, far from its result."""

from tool_runs import said_in

TABLE = """\
=== RUN   TestTab
=== RUN   TestTab/a
    a_test.go:3: checking a
=== RUN   TestTab/b
    a_test.go:3: checking b
    a_test.go:7: case b: got 1 want 2
=== RUN   TestTab/c
    a_test.go:3: checking c
--- FAIL: TestTab (0.00s)
    --- PASS: TestTab/a (0.00s)
    --- FAIL: TestTab/b (0.00s)
    --- PASS: TestTab/c (0.00s)
FAIL
"""


def failures(text: str) -> list[tuple[str | None, str, int]]:
    return [(value, metadata["test"], metadata["line"]) for _, value, metadata in said_in(text)]


def test_a_subtest_fails_with_what_it_logged_itself() -> None:
    assert failures(TABLE) == [("case b: got 1 want 2", "TestTab/b", 7)]


def test_a_subtest_fails_though_another_ran_before_the_result_came() -> None:
    text = TABLE.replace("    a_test.go:3: checking c\n", "")
    assert failures(text) == [("case b: got 1 want 2", "TestTab/b", 7)]


def test_two_subtests_that_fail_are_two_errors() -> None:
    text = TABLE.replace("--- PASS: TestTab/c", "--- FAIL: TestTab/c")
    assert [(value, test) for value, test, _ in failures(text)] == [
        ("case b: got 1 want 2", "TestTab/b"),
        ("checking c", "TestTab/c"),
    ]


def test_what_was_logged_last_says_why_a_test_failed() -> None:
    text = "--- FAIL: TestA (0.00s)\n    a_test.go:3: checking b\n    a_test.go:7: got 1 want 2\nFAIL\n"
    assert failures(text) == [("got 1 want 2", "TestA", 7)]


def test_what_a_program_prints_between_the_log_and_the_result_does_not_hide_the_failure() -> None:
    text = "=== RUN   TestA\n    a_test.go:7: got 1 want 2\nclosing the server\n--- FAIL: TestA (0.00s)\n"
    assert failures(text) == [("got 1 want 2", "TestA", 7)]


def test_of_tests_that_run_at_once_each_has_its_own_log() -> None:
    text = (
        "=== RUN   TestA\n=== PAUSE TestA\n=== RUN   TestB\n=== PAUSE TestB\n=== CONT  TestA\n=== CONT  TestB\n"
        "    a_test.go:9: b is bad\n--- FAIL: TestB (0.00s)\n=== NAME  TestA\n    a_test.go:5: a is bad\n"
        "--- FAIL: TestA (0.00s)\nFAIL\n"
    )
    assert sorted(failures(text)) == [("a is bad", "TestA", 5), ("b is bad", "TestB", 9)]


def test_what_a_test_that_passes_prints_is_looked_at_line_by_line() -> None:
    text = "=== RUN   TestA\n    a_test.go:7: fine\nerror: of the server\n--- PASS: TestA (0.00s)\nPASS\n"
    assert [value for _, value, _ in said_in(text)] == ["of the server"]


def test_what_testify_compares_is_the_message() -> None:
    text = (
        "--- FAIL: TestA (0.00s)\n    a_test.go:10: \n        \tError Trace:\t/home/user/project/a_test.go:10\n"
        "        \tError:      \tNot equal: \n        \t            \texpected: 1\nFAIL\n"
    )
    assert failures(text) == [("Not equal:", "TestA", 10)]


def test_what_is_logged_behind_a_failure_is_not_the_failure() -> None:
    text = "--- FAIL: TestA (0.00s)\n    a_test.go:5: got 3, want 4\n    a_test.go:30: removed the directory\nFAIL\n"
    assert [value for value, *_ in failures(text)] == ["got 3, want 4"]
