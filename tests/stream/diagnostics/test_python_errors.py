"""Python's errors in groups, in logs, in pytest's reports and where Python itself cannot go on."""

import pytest

from tool_runs import said_in

GROUP = """\
  + Exception Group Traceback (most recent call last):
  |   File "/home/user/project/tg.py", line 4, in main
  |     async with asyncio.TaskGroup() as tg: tg.create_task(a())
  | ExceptionGroup: unhandled errors in a TaskGroup (1 sub-exception)
  +-+---------------- 1 ----------------
    | Traceback (most recent call last):
    |   File "/home/user/project/tg.py", line 2, in a
    |     async def a(): raise ValueError("task a failed")
    | ValueError: task a failed
    +------------------------------------
"""
TRACEBACK = """\
Traceback (most recent call last):
  File "/home/user/project/lg.py", line 6, in <module>
    try: 1/0
         ~^~
ZeroDivisionError: division by zero
"""


def test_exceptions_of_a_group_are_causes_though_they_have_tracebacks_of_their_own() -> None:
    ((_, value, metadata),) = said_in(GROUP)
    assert (value, metadata["line"]) == ("unhandled errors in a TaskGroup (1 sub-exception)", 4)
    assert metadata["causes"] == [{"kind": "ValueError", "message": "task a failed"}]


@pytest.mark.parametrize("behind", ["OK\n", "| a | table |\n", "+ added: yes\n", "\nerror: the next one\n"])
def test_nothing_behind_the_box_of_a_group_belongs_to_it(behind: str) -> None:
    chained = TRACEBACK + "\nThe above exception was the direct cause of the following exception:\n\n" + GROUP
    for text in (GROUP, chained):
        (_, value, metadata), *others = said_in(text + behind)
        assert (value, metadata["kind"]) == ("unhandled errors in a TaskGroup (1 sub-exception)", "ExceptionGroup")
        assert metadata["line_end"] == len(text.splitlines())
        assert [other[1] for other in others] == (["the next one"] if "next one" in behind else [])


def test_a_group_may_be_the_cause_of_what_is_raised_behind_its_box() -> None:
    ((_, value, metadata),) = said_in(
        f"{GROUP}\nDuring handling of the above exception, another exception occurred:\n\n{TRACEBACK}"
    )
    assert value == "division by zero"
    assert [cause["kind"] for cause in metadata["causes"]] == ["ExceptionGroup", "ValueError"]


@pytest.mark.parametrize(
    "line",
    [
        "ERROR:app.db:while dividing",
        "ERROR:    Exception in ASGI application",
        "[2026-01-02 17:51:44,882] ERROR in app: Exception on /boom [GET]",
        "2026-01-02 17:37:17,478 - app.db - ERROR - lookup",
        "2026-01-02 18:02:24.308 | ERROR    | __main__:<module>:4 - while dividing",
        "[2026-01-02 17:51:45 +0000] [8889] [ERROR] Error handling request /",
    ],
)
def test_a_line_of_a_log_and_the_traceback_below_it_are_one_error(line: str) -> None:
    ((event_type, value, metadata),) = said_in(f"{line}\n{TRACEBACK}done\n")
    assert (event_type, value, metadata["kind"]) == ("error", "division by zero", "ZeroDivisionError")
    assert (metadata["file"], metadata["line_end"]) == ("/home/user/project/lg.py", 6)


def test_a_line_of_a_log_directly_behind_a_traceback_goes_with_its_own_traceback() -> None:
    line = "2026-01-02 17:37:17,478 - app.db - ERROR - lookup\n"
    assert [value for _, value, _ in said_in((line + TRACEBACK) * 2 + line)] == ["division by zero"] * 2 + ["lookup"]


def test_frames_that_loguru_sets_apart_by_blank_lines_are_frames() -> None:
    text = (
        "Traceback (most recent call last):\n\n"
        '  File "/home/user/project/lu.py", line 9, in <module>\n    main()\n    └ <function main at 0x7f>\n\n'
        '> File "/home/user/project/lu.py", line 3, in main\n    1/0\n\nZeroDivisionError: division by zero\n'
    )
    ((_, value, metadata),) = said_in(text)
    assert (value, metadata["line"], len(metadata["frames"])) == ("division by zero", 3, 2)


def test_a_traceback_in_a_box_is_one_error() -> None:
    box = (
        "╭──── Traceback (most recent call last) ────╮\n│ /w/a.py:3 in main │\n│ ❱ 3 raise │\n╰────╯\nValueError: bad\n"
    )
    ((_, value, metadata),) = said_in(box)
    assert (value, metadata["kind"], metadata["file"], metadata["line"]) == ("bad", "ValueError", "/w/a.py", 3)


def test_an_exception_without_a_message_is_named_by_its_kind() -> None:
    text = TRACEBACK.replace("ZeroDivisionError: division by zero", "KeyboardInterrupt")
    assert [value for _, value, _ in said_in(text)] == ["KeyboardInterrupt"]


def test_what_logging_prints_below_its_own_failure_is_no_cause() -> None:
    behind = 'Call stack:\n  File "/home/user/project/lg.py", line 20, in <module>\n    l.error("bad %d", "str")\n'
    ((_, value, metadata),) = said_in(f"--- Logging error ---\n{TRACEBACK}{behind}Message: 'bad %d'\nArguments: ()\n")
    assert (value, "causes" in metadata) == ("division by zero", False)


def test_an_import_that_fails_happened_where_it_was_written_and_not_in_pythons_import_system() -> None:
    frozen = '  File "<frozen importlib._bootstrap>", line 1140, in _find_and_load_unlocked\n'
    text = f'Traceback (most recent call last):\n  File "a.py", line 3, in <module>\n{frozen}ImportError: No x\n'
    ((_, _, metadata),) = said_in(text)
    assert (metadata["file"], metadata["line"], len(metadata["frames"])) == ("a.py", 3, 2)


def test_a_crash_of_python_is_an_error_with_the_stack_of_the_thread_that_crashed() -> None:
    text = (
        "Fatal Python error: Segmentation fault\n\nThread 0x00007f01 (most recent call first):\n"
        '  File "/usr/lib/python3.11/threading.py", line 5 in wait\n\n'
        "Current thread 0x00007f02 (most recent call first):\n"
        '  File "/usr/lib/python3.11/ctypes/__init__.py", line 519 in string_at\n  File "a.py", line 1 in <module>\n'
    )
    ((_, value, metadata),) = said_in(text)
    assert (value, metadata["function"]) == ("Segmentation fault", "string_at")
    assert [frame["line"] for frame in metadata["frames"]] == [1, 519]


def test_the_hint_below_a_warning_of_python_is_no_warning_of_its_own() -> None:
    text = (
        "a.py:6: RuntimeWarning: coroutine 'sleep' was never awaited\n  asyncio.sleep(1)\n"
        "RuntimeWarning: Enable tracemalloc to get the object allocation traceback\n"
    )
    assert [value for _, value, _ in said_in(text)] == ["coroutine 'sleep' was never awaited"]


SYNTAX = """\
_________________________ ERROR collecting test_syn.py _________________________
/usr/lib/python3.11/ast.py:50: in parse
    return compile(source, filename, mode, flags,
E     File "/home/user/project/test_syn.py", line 1
E       def test_x(:
E                  ^
E   SyntaxError: invalid syntax
=========================== short test summary info ============================
"""


def test_a_test_module_that_cannot_be_parsed_fails_where_it_is_wrong() -> None:
    ((_, value, metadata),) = said_in(SYNTAX)
    assert (value, metadata["kind"]) == ("invalid syntax", "SyntaxError")
    assert (metadata["file"], metadata["line"]) == ("/home/user/project/test_syn.py", 1)


def test_a_conftest_that_cannot_be_imported_is_an_error() -> None:
    text = "ImportError while loading conftest '/home/user/project/conftest.py'.\nconftest.py:1: in <module>\n"
    ((_, value, metadata),) = said_in(text + "    import nosuch\nE   ModuleNotFoundError: No module named 'nosuch'\n")
    assert (value, metadata["kind"]) == ("No module named 'nosuch'", "ModuleNotFoundError")
    assert (metadata["file"], metadata["line"]) == ("conftest.py", 1)


LINES = """\
=================================== FAILURES ===================================
E   assert 1 == 2
----------------------------- Captured stdout call -----------------------------
Error: printed inside test
/home/user/project/test_a.py:13: assert 1 == 2
E   ZeroDivisionError: division by zero

The above exception was the direct cause of the following exception:
E   RuntimeError: wrapped
/home/user/project/test_a.py:25: RuntimeError: wrapped
[XPASS(strict)]\x20
=============================== warnings summary ===============================
test_a.py::test_ok
  /home/user/project/test_a.py:8: DeprecationWarning: old thing
=========================== short test summary info ============================
FAILED test_a.py::test_p - assert 1 == 2
FAILED test_a.py::test_chain - RuntimeError: wrapped
FAILED test_a.py::test_xs - [XPASS(strict)]\x20
========================= 3 failed, 1 warning in 0.43s =========================
"""


def test_failures_that_pytest_tells_in_a_line_each_have_the_place_and_the_tests_name() -> None:
    first, chained, warning, strict, result = said_in(LINES)
    assert (first[1], first[2]["line"], first[2]["test"]) == ("assert 1 == 2", 13, "test_p")
    assert (chained[1], chained[2]["line"], chained[2]["test"]) == ("wrapped", 25, "test_chain")
    assert chained[2]["causes"] == [{"kind": "ZeroDivisionError", "message": "division by zero"}]
    assert warning[:2] == ("warning", "old thing")
    assert (strict[1], strict[2]["test"]) == ("[XPASS(strict)]", "test_xs")
    assert (result[0], result[2]["failed"]) == ("test_result", 3)


def test_failures_of_older_pytests_have_only_the_line_with_the_place() -> None:
    text = (
        "=== FAILURES ===\n/home/user/project/test_a.py:16: KeyError: 'k'\n=== short test summary info ===\n"
        "FAILED test_a.py::test_deep - KeyError: 'k'\n=== 1 failed in 0.10s ===\n"
    )
    ((_, value, metadata), _) = said_in(text)
    assert (value, metadata["kind"], metadata["line"], metadata["test"]) == ("'k'", "KeyError", 16, "test_deep")


def test_exceptions_that_pytest_shows_one_behind_the_other_are_causes() -> None:
    text = (
        "____ test_chain ____\n\n    def test_chain():\n>       try: 1/0\n"
        "E       ZeroDivisionError: division by zero\n\n"
        "test_a.py:24: ZeroDivisionError\n\nThe above exception was the direct cause of the following exception:\n\n"
        "    def test_chain():\nE       RuntimeError: wrapped\n\ntest_a.py:25: RuntimeError\n"
        "=== short test summary info ===\n"
    )
    ((_, value, metadata),) = said_in(text)
    assert (value, metadata["line"], len(metadata["frames"])) == ("wrapped", 25, 1)
    assert metadata["causes"] == [{"kind": "ZeroDivisionError", "message": "division by zero"}]


def test_a_fixture_that_is_not_there_is_missed_where_the_test_asks_for_it() -> None:
    text = (
        "____ ERROR at setup of test_nofx ____\nfile /home/user/project/test_a.py, line 11\n"
        "  def test_nofx(nothing_such): pass\nE       fixture 'nothing_such' not found\n=== FAILURES ===\n"
    )
    ((_, value, metadata),) = said_in(text)
    assert value == "fixture 'nothing_such' not found"
    assert (metadata["file"], metadata["line"]) == ("/home/user/project/test_a.py", 11)


def test_pytests_usage_is_no_error_of_its_own() -> None:
    text = (
        "ERROR: usage: pytest [options] [file_or_dir] [...]\npytest: error: unrecognized arguments: --nope\n"
        "  inifile: None\n"
    )
    assert [(value, metadata["tool"]) for _, value, metadata in said_in(text)] == [
        ("unrecognized arguments: --nope", "pytest")
    ]


def test_a_test_that_succeeds_unexpectedly_has_failed() -> None:
    rule = "=" * 70
    text = (
        f"{rule}\nUNEXPECTED SUCCESS: test_f (__main__.T.test_f)\n{'-' * 70}\nRan 7 tests in 0.002s\n\n"
        "FAILED (failures=3, errors=2, skipped=1, unexpected successes=1)\n"
    )
    (_, value, metadata), (_, _, result) = said_in(text)
    assert (value, metadata["test"]) == ("unexpected success", "__main__.T.test_f")
    assert (result["failed"], result["failures"]) == (6, ["__main__.T.test_f"])


def test_what_goes_wrong_in_pytest_itself_is_one_error_with_its_frames() -> None:
    text = "".join(f"INTERNALERROR> {line}\n" for line in TRACEBACK.splitlines())
    (_, value, metadata), result = said_in(f"{text}\n============ no tests ran in 0.02s ============\n")
    assert (value, metadata["kind"]) == ("division by zero", "ZeroDivisionError")
    assert (metadata["file"], metadata["line"], metadata["line_end"]) == ("/home/user/project/lg.py", 6, 5)
    assert result[:2] == ("test_result", "no tests ran in 0.02s")


INTERRUPT = """\
!!!!!!!!!!!!!!!!!!!!!!!!!!!!!! KeyboardInterrupt !!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!
/w/kb/test_k.py:2: KeyboardInterrupt
(to show a full traceback on KeyboardInterrupt use --full-trace)
"""


@pytest.mark.parametrize("summary", ["", "=== short test summary info ===\nFAILED a.py::test_b - ValueError: no\n"])
def test_that_pytest_was_interrupted_is_an_error_at_its_place(summary: str) -> None:
    *_, (event_type, value, metadata), result = said_in(f"{summary}{INTERRUPT}=== 1 failed, 1 passed in 1.38s ===\n")
    assert (event_type, value) == ("error", "KeyboardInterrupt")
    assert metadata["kind"] == "KeyboardInterrupt"
    assert (metadata["file"], metadata["line"], metadata["tool"]) == ("/w/kb/test_k.py", 2, "pytest")
    assert result[2].get("failures") == (["a.py::test_b"] if summary else None)


def test_that_a_test_ended_pytest_is_an_error() -> None:
    ((_, value, metadata),) = said_in("!!!!! _pytest.outcomes.Exit: no database !!!!!\n")
    assert (value, metadata["kind"]) == ("no database", "_pytest.outcomes.Exit")
    assert said_in("!!!! stopping after 1 failures !!!!\n!!!! Interrupted: 1 error during collection !!!!\n") == []
