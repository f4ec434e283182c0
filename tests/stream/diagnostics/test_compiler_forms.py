"""Compilers' diagnostics in one line, with the code where each tool puts it."""

from tool_runs import said_in


def test_cargos_short_messages_are_diagnostics_of_rustc() -> None:
    (_, unused, warning), (_, mismatched, error) = said_in(
        "src/main.rs:1:36: warning: unused variable: `u`\n"
        "src/main.rs:1:83: error[E0308]: mismatched types: expected `i32`, found `&str`\n"
        'error: could not compile `x` (bin "x") due to 1 previous error\n'
    )
    assert (unused, warning["tool"]) == ("unused variable: `u`", "rustc")
    assert mismatched == "mismatched types: expected `i32`, found `&str`"
    assert error == {"kind": "E0308", "file": "src/main.rs", "line": 1, "column": 83, "tool": "rustc"}


def test_the_option_of_a_warning_may_name_a_directive() -> None:
    ((_, value, metadata),) = said_in("w.c:1:2: warning: old thing [-W#warnings]\n#warning old thing\n ^\n")
    assert (value, metadata["kind"]) == ("old thing", "-W#warnings")
