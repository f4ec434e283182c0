"""Files that codex changed: what its patches did, and what their repeated diffs do not do."""

from typing import Any

import pytest

from agent_text import find, header, told
from stream.records import ExtractionEvent

EXEC = header("codex", ("codex", "exec", "do it"))
HEADER = "OpenAI Codex v0.169.0\n--------\nmodel: m\n--------\nuser\ndo it\n"


def read(text: str) -> tuple[ExtractionEvent, ...]:
    return find(EXEC, stderr=HEADER + text).events


PATCH = """apply patch
patch: completed
/home/dev/project/a.py
diff --git a/a.py b/a.py
--- a/a.py
+++ b/a.py
@@ -1,2 +1,3 @@
 one
+two
 three

"""
SECOND = """apply patch
patch: completed
/home/dev/project/b.py
/home/dev/project/a.py
diff --git a/a.py b/a.py
--- a/a.py
+++ b/a.py
@@ -1,2 +1,4 @@
 one
+two
+and a half
 three
diff --git a/b.py b/b.py
new file mode 100644
--- /dev/null
+++ b/b.py
@@ -0,0 +1,1 @@
+--- not a header

"""


def changes(events: tuple[ExtractionEvent, ...]) -> list[Any]:
    files = [event for event in events if event.event_type == "file_operation"]
    return [(event.matched_value, event.line_number, dict(event.metadata)) for event in files]


def test_a_diff_that_repeats_earlier_edits_adds_nothing() -> None:
    assert changes(read(PATCH + SECOND + "hook: PostToolUse\n" + SECOND.partition("a.py\n")[2])) == [
        ("/home/dev/project/a.py", 9, {"operation": "modified", "added": 1, "removed": 0}),
        ("/home/dev/project/b.py", 20, {"operation": "created", "added": 1, "removed": 0}),
        ("/home/dev/project/a.py", 21, {"operation": "modified", "added": 1, "removed": 0}),
    ]


def test_a_file_is_told_without_figures_where_no_diff_comes() -> None:
    assert changes(read("apply patch\npatch: completed\n/w/a.py\ncodex\nDone.\n")) == [("/w/a.py", 9, {})]


@pytest.mark.parametrize(
    ("status", "outcome"), [("failed", "error"), ("declined", "denied"), ("in_progress", "unknown")]
)
def test_a_patch_that_was_not_applied_changes_no_file(status: str, outcome: str) -> None:
    events = read(PATCH.replace("completed", status) + "codex\nx\n")
    assert changes(events) == []
    (call,) = [event for event in events if event.event_type == "tool_use"]
    assert (call.matched_value, call.metadata["outcome"]) == ("apply_patch: /home/dev/project/a.py", outcome)
    assert [e.pattern for e in events if e.event_type == "error"] == (["tool_failed"] if outcome == "error" else [])


RENAME = """apply patch
patch: completed
/home/dev/project/README.md
/home/dev/project/docs/index.md
diff --git a/README.md b/docs/README.md
index f594e43..06b2141
--- a/README.md
+++ b/docs/README.md
@@ -1,2 +1,2 @@
-# calc
+# small project
 one
diff --git a/docs/index.md b/docs/index.md
--- a/docs/index.md
+++ b/docs/index.md
@@ -1,1 +1,2 @@
 one
+two

"""


def test_a_file_that_has_another_name_in_the_diff_was_renamed() -> None:
    assert changes(read(RENAME)) == [
        (
            "/home/dev/project/README.md",
            9,
            {"operation": "renamed", "to": "/home/dev/project/docs/README.md", "added": 1, "removed": 1},
        ),
        ("/home/dev/project/docs/index.md", 10, {"operation": "modified", "added": 1, "removed": 0}),
    ]


def test_a_copy_is_a_new_file() -> None:
    diff = "diff --git a/a.py b/b.py\nsimilarity index 100%\ncopy from a.py\ncopy to b.py\n\n"
    assert changes(read("apply patch\npatch: completed\n/w/b.py\n" + diff)) == [
        ("/w/b.py", 9, {"operation": "created", "added": 0, "removed": 0})
    ]


def test_a_rename_that_a_later_diff_repeats_is_none() -> None:
    later = RENAME.replace("project/README.md", "project/docs/README.md").replace("+1,2 @@\n-", "+1,3 @@\n+new\n-")
    assert changes(read(RENAME + later))[2:] == [
        ("/home/dev/project/docs/README.md", 28, {"operation": "modified", "added": 1, "removed": 0}),
        ("/home/dev/project/docs/index.md", 29, {"operation": "modified", "added": 0, "removed": 0}),
    ]


def test_of_two_files_with_the_same_last_name_each_has_its_own_figures() -> None:
    text = PATCH.replace("/project/a.py\n", "/project/a.py\n/home/dev/project/src/a.py\n")
    text = text.rstrip("\n") + "\ndiff --git a/src/a.py b/src/a.py\n@@ -1,2 +1,1 @@\n one\n-two\n\n"
    assert [metadata for _, _, metadata in changes(read(text))] == [
        {"operation": "modified", "added": 1, "removed": 0},
        {"operation": "modified", "added": 0, "removed": 1},
    ]


def test_a_name_with_the_words_of_a_diff_in_it_is_one_name() -> None:
    text = PATCH.replace("a.py", "x b/a.py")
    assert changes(read(text)) == [
        ("/home/dev/project/x b/a.py", 9, {"operation": "modified", "added": 1, "removed": 0})
    ]


LOG = "2026-11-22T17:36:37.819561Z ERROR codex_core::tools::router: error=apply_patch verification failed: "


def test_a_patch_that_does_not_fit_is_a_call_that_failed_with_all_that_is_said() -> None:
    text = f"{LOG}Failed to find expected lines in /home/dev/my project/a.py:\n    error: not there\n\nexec x\n\n"
    call, error = read(text + "codex\nDone.\n")[1:]
    assert (call.matched_value, call.metadata["outcome"]) == ("apply_patch: /home/dev/my project/a.py", "error")
    said = "Failed to find expected lines in /home/dev/my project/a.py:\n    error: not there\n\nexec x"
    assert error.matched_value == f"apply_patch verification failed: {said}"
    assert (error.line_number, error.metadata["line_end"]) == (7, 10)
    assert (error.pattern, error.metadata["tool"]) == ("tool_failed", "apply_patch")


def test_a_patch_that_does_not_fit_and_says_so_in_one_line_leaves_the_next_one_alone() -> None:
    text = f"{LOG}Failed to read file to update /w/no.py: No such file or directory (os error 2)\nERROR: real\n"
    call, error, other = read(text)[1:]
    assert call.matched_value == "apply_patch: /w/no.py"
    assert (error.matched_value or "").endswith("/w/no.py: No such file or directory (os error 2)")
    assert (other.matched_value, other.line_number) == ("real", 8)


def test_the_next_patch_is_told_behind_one_that_did_not_fit() -> None:
    events = read(f"{LOG}Failed to find expected lines in /w/a.py:\n  x\n{PATCH}")
    assert [event.metadata["outcome"] for event in events if event.event_type == "tool_use"] == ["error", "ok"]
    assert changes(events) == [("/home/dev/project/a.py", 11, {"operation": "modified", "added": 1, "removed": 0})]


def test_a_line_of_the_log_within_output_does_not_take_the_output() -> None:
    text = "exec\nbash -lc make in /w\n exited 2 in 1ms:\nfirst\n" + LOG + "Failed in /w/a:\nerror: of make\n\n"
    assert ("error", "error: of make", 12) not in told(read(text))
    assert ("error", "of make", 12) in told(read(text))


def test_older_versions_list_the_files_of_a_patch() -> None:
    text = """file update
M a.py
@@ -1,1 +1,1 @@
-error: x
+error: y
apply_patch(auto_approved=true) exited 0 in 5ms:
Success. Updated the following files:
M a.py
D old.py

"""
    events = read(text)
    assert changes(events) == [
        ("a.py", 14, {"operation": "modified"}),
        ("old.py", 15, {"operation": "deleted"}),
    ]
    assert told(events, "error") == []


def test_a_patch_that_failed_says_why() -> None:
    text = "file update\nM a.py\napply_patch(auto_approved=true) exited 1 in 5ms:\nno such line\n\ncodex\nx\n"
    assert told(read(text), "error") == [("error", "no such line", 7)]
