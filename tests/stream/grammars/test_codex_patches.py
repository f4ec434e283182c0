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
