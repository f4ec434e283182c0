"""Tests of Rust that fail without a panic."""

from tool_runs import said_in

END = "failures:\n    res\n\ntest result: FAILED. 0 passed; 1 failed; 0 ignored; finished in 0.22s\n"


def test_an_error_that_a_test_returns_is_that_tests() -> None:
    output = "---- tests::res stdout ----\ncomputing\nError: Broken {\n    line: 3,\n}\n\n\n"
    error, result = said_in(output + END)
    assert (error[1], error[2]["test"], error[2]["line_end"]) == ("Broken {", "tests::res", 5)
    assert result[0] == "test_result"


def test_a_test_that_should_have_panicked_is_an_error() -> None:
    for said in ("test did not panic as expected", "test did not panic as expected at src/lib.rs:5:28"):
        (_, value, metadata), *_ = said_in(f"---- sp - should panic stdout ----\nnote: {said}\n\n{END}")
        assert (value, metadata["test"]) == (said, "sp")


def test_a_test_that_panics_is_told_by_its_panic() -> None:
    panic = "thread 'tests::bad' panicked at src/lib.rs:3:20:\nno\nnote: run with `RUST_BACKTRACE=1`\n\n"
    (_, value, metadata), *_ = said_in(f"---- tests::bad stdout ----\n{panic}{END}")
    assert (value, metadata["kind"], metadata["test"]) == ("no", "panic", "tests::bad")
