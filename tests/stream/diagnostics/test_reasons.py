"""Errors whose reasons stand below them, errors that only follow from others, and what other runners tell."""

import pytest

from tool_runs import events_of, said_in, told

TRACEBACK = """\
Traceback (most recent call last):
  File "<string>", line 14, in <module>
RuntimeError: cannot build this
"""


@pytest.mark.parametrize("label", ["cause", "Caused by"])
def test_the_reasons_that_uv_gives_are_causes(label: str) -> None:
    ((_, value, metadata),) = said_in(f"error: Failed to spawn: `x`\n  {label}: No such file or directory\ndone\n")
    assert (value, metadata["causes"]) == ("Failed to spawn: `x`", [{"message": "No such file or directory"}])
    assert metadata["line_end"] == 2


def test_a_reason_in_several_lines_is_one_cause() -> None:
    text = (
        "  × No solution found when resolving dependencies:\n"  # noqa: RUF001
        "  ╰─▶ Because flask==3.0.0 depends on werkzeug>=3.0.0 and your project\n      depends on flask==3.0.0, no.\n"
    )
    ((_, value, metadata),) = said_in(text + "done\n")
    assert (value, metadata["tool"]) == ("No solution found when resolving dependencies", "uv")
    assert metadata["causes"] == [
        {"message": "Because flask==3.0.0 depends on werkzeug>=3.0.0 and your project depends on flask==3.0.0, no."}
    ]


@pytest.mark.parametrize("indent", ["", " " * 9])
def test_the_exception_of_a_build_backend_is_a_cause_and_no_error_of_its_own(indent: str) -> None:
    head = "error: The build backend returned an error\n  cause: Call to `x` failed (exit status: 1)\n"
    output = "".join(f"{indent}{line}\n" for line in ("[stderr]", *TRACEBACK.splitlines()))
    ((_, value, metadata),) = said_in(f"{head}\n{output}\n")
    assert value == "The build backend returned an error"
    assert metadata["causes"] == [
        {"message": "Call to `x` failed (exit status: 1)"},
        {"kind": "RuntimeError", "message": "cannot build this"},
    ]


def test_an_error_without_reasons_stays_what_it_is() -> None:
    assert [value for _, value, _ in said_in("error: a b\n\nerror: c d\n  hint: e\n")] == ["a b", "c d"]


def test_what_went_wrong_in_gradle_is_an_error_where_the_build_file_says_it() -> None:
    text = (
        "FAILURE: Build failed with an exception.\n\n* Where:\nBuild file '/home/user/project/build.gradle' line: 3\n\n"
        "* What went wrong:\nA problem occurred evaluating root project 'w'.\n> Could not find method foo()\n\n* Try:\n"
    )
    ((_, value, metadata),) = said_in(text)
    assert (value, metadata["line"]) == ("A problem occurred evaluating root project 'w'.", 3)
    assert metadata["causes"] == [{"message": "Could not find method foo()"}]


def test_a_task_of_gradle_that_failed_is_told_only_where_nothing_said_why() -> None:
    text = "* What went wrong:\nExecution failed for task ':compileJava'.\n> Compilation failed; see above.\n\n* Try:\n"
    assert [value for _, value, _ in said_in(text)] == ["Execution failed for task ':compileJava'."]
    assert [value for _, value, _ in said_in("A.java:3: error: no\n" + text)] == ["no"]


def test_the_errors_that_msbuild_says_once_more_at_its_end_count_once() -> None:
    error = "Program.cs(5,13): error CS0103: The name 'foo' does not exist [/home/user/project/w.csproj]\n"
    end = f"\nBuild FAILED.\n\n{error}    0 Warning(s)\n    1 Error(s)\n"
    assert [(value, metadata.get("kind")) for _, value, metadata in said_in(error + end)] == [
        ("The name 'foo' does not exist", "CS0103")
    ]
    assert [value for _, value, _ in said_in(end)] == ["Build FAILED."]


def test_a_makefile_that_is_not_there_is_one_error() -> None:
    text = "make: nofile: No such file or directory\nmake: *** No rule to make target 'nofile'.  Stop.\n"
    assert [value for _, value, _ in said_in(text)] == ["nofile: No such file or directory"]
    other = text.replace("target 'nofile'", "target 'all'")
    assert [value for _, value, _ in said_in(other)] == [
        "nofile: No such file or directory",
        "No rule to make target 'all'",
    ]


@pytest.mark.parametrize(
    ("cause", "consequence"),
    [
        ("clang: error: no such file or directory: 'a.c'\n", "clang: error: no input files\n"),
        ("B.java:1: error: ';' expected\n", "1 error\nerror: compilation failed\n"),
        (
            "Can't locate No/Such.pm in @INC (x) at c.pl line 1.\n",
            "BEGIN failed--compilation aborted at c.pl line 1.\n",
        ),
        ("error: cannot parse: syn.py:1:6\n    def f(:\n         ^\n", "ParseError: bad input\n"),
        ("E: Could not get lock /var/lib/dpkg/lock-frontend\n", "E: Unable to acquire the dpkg frontend lock (x)\n"),
        ("Resolving a.example... failed: Name not known.\n", "wget: unable to resolve host address ‘a.example’\n"),  # noqa: RUF001
    ],
)
def test_what_only_follows_from_an_error_is_told_where_nothing_else_was(cause: str, consequence: str) -> None:
    assert len(said_in(cause + consequence)) == 1
    assert len(said_in(consequence)) == 1


def test_pyrights_rule_may_stand_at_the_end_of_the_explanation() -> None:
    text = (
        '  /home/user/project/m.py:4:12 - error: Type "int" is not assignable to return type "str"\n'
        '  \xa0\xa0"int" is not assignable to "str" (reportReturnType)\n'
        "  /home/user/project/m.py:9:8 - error: Expected 1 positional argument (reportCallIssue)\n"
    )
    assert [(value, metadata["kind"]) for _, value, metadata in said_in(text)] == [
        ('Type "int" is not assignable to return type "str"', "reportReturnType"),
        ("Expected 1 positional argument", "reportCallIssue"),
    ]


def test_what_a_sanitizer_reports_is_one_error_where_the_program_did_it() -> None:
    text = (
        "==26738==ERROR: AddressSanitizer: heap-buffer-overflow on address 0x602 at pc 0x55 bp 0x7f sp 0x7f\n"
        "WRITE of size 4 at 0x602 thread T0\n    #0 0x7f in memcpy ../libsanitizer/interceptors.inc:827\n"
        "    #1 0x55 in main /home/user/project/san.c:2\n\nallocated by thread T0 here:\n"
        "    #0 0x7f in malloc ../libsanitizer/asan/asan_malloc_linux.cpp:69\n\n"
        "SUMMARY: AddressSanitizer: heap-buffer-overflow /home/user/project/san.c:2 in main\n==26738==ABORTING\n"
    )
    ((_, value, metadata),) = said_in(text)
    assert (value, metadata["kind"]) == ("heap-buffer-overflow on address 0x602", "heap-buffer-overflow")
    assert (metadata["file"], metadata["line"], metadata["line_end"]) == ("/home/user/project/san.c", 2, 10)


def test_ctest_names_the_tests_that_failed_below_its_totals() -> None:
    text = (
        "50% tests passed, 1 tests failed out of 2\n\nTotal Test time (real) =   0.00 sec\n\n"
        "The following tests FAILED:\n\t  1 - t1 (Failed)\nErrors while running CTest\n"
    )
    ((_, _, metadata),) = said_in(text)
    assert (metadata["failed"], metadata["failures"]) == (1, ["t1"])


MINITEST = """\
  1) Failure:
T#test_a [mt.rb:3]:
Expected: 1
  Actual: 2

  2) Error:
T#test_b:
RuntimeError: boom
    mt.rb:4:in `test_b'

4 runs, 1 assertions, 1 failures, 1 errors, 1 skips
"""


def test_minitests_failures_and_errors_are_told_with_their_tests_and_places() -> None:
    failure, error, result = said_in(MINITEST)
    assert (failure[1], failure[2]["test"], failure[2]["line"]) == ("Expected: 1 Actual: 2", "T#test_a", 3)
    assert (error[1], error[2]["kind"], error[2]["test"]) == ("boom", "RuntimeError", "T#test_b")
    assert (error[2]["file"], error[2]["line"]) == ("mt.rb", 4)
    assert result[2]["failures"] == ["T#test_a", "T#test_b"]


def test_what_a_ruby_exception_was_raised_from_is_its_cause() -> None:
    raised = "e.rb:2:in `rescue in f': outer (RuntimeError)\n\tfrom e.rb:5:in `<main>'\n"
    cause = "e.rb:1:in `Integer': invalid value (ArgumentError)\n\tfrom e.rb:5:in `<main>'\n"
    ((_, value, metadata),) = said_in(raised + cause)
    assert (value, metadata["causes"]) == ("outer", [{"kind": "ArgumentError", "message": "invalid value"}])
    assert [value for _, value, _ in said_in(raised + cause.replace("e.rb", "x.rb"))] == ["outer", "invalid value"]


def test_what_ruby_cannot_load_is_missed_where_the_program_asks_for_it() -> None:
    text = (
        "<internal:/usr/lib/ruby/rubygems/core_ext/kernel_require.rb>:85:in `require': cannot load such file -- x "
        "(LoadError)\n\tfrom c.rb:1:in `<main>'\n"
    )
    ((_, value, metadata),) = said_in(text)
    assert (value, metadata["file"], metadata["line"]) == ("cannot load such file -- x", "c.rb", 1)


def test_why_rake_aborts_is_an_error_unless_a_command_said_it() -> None:
    end = "\nTasks: TOP => x\n(See full trace by running task with --trace)\n"
    ((_, value, metadata),) = said_in(f"rake aborted!\nArgumentError: no\nRakefile:2:in `block in <top>'{end}")
    assert (value, metadata["kind"], metadata["line"]) == ("no", "ArgumentError", 2)
    command = f"a.c:3:5: error: no\nrake aborted!\nCommand failed with status (1): [gcc a.c]\n{end}"
    assert [value for _, value, _ in said_in(command)] == ["no"]


@pytest.mark.parametrize("head", ["error: cannot open the file", "  \u00d7 cannot do this"])
def test_a_reason_stands_near_its_error_however_the_lines_come(head: str) -> None:
    text = f"{head}\n    indented\n\n\n\n  cause: because of x\n".encode()
    whole = [told(event) for event in events_of(text)]
    assert [told(event) for event in events_of(text, [*range(1, len(text))])] == whole
    assert not any("causes" in event["metadata"] for event in whole)
