"""What bundlers, linters, package managers and runtimes of JavaScript say, and what only looks like it."""

from typing import Any

import pytest

from tool_runs import ROOT, events_of

Event = tuple[str, str | None, dict[str, Any]]


def printed(case: str) -> str:
    return (ROOT / case / "raw").read_text("utf-8")


def told(text: str) -> list[Event]:
    return [(event.event_type, event.matched_value, dict(event.metadata)) for event in events_of(text.encode())]


def errors(text: str) -> list[tuple[str | None, dict[str, Any]]]:
    return [(value, metadata) for event_type, value, metadata in told(text) if event_type == "error"]


def of(metadata: dict[str, Any], *names: str) -> tuple[Any, ...]:
    return tuple(metadata.get(name) for name in names)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        (
            "ERROR in ./a.js 4:0-29\nModule not found: Error: Can't resolve './x' in '/home/user/project'\n @ ./b.js\n",
            ("Module not found: Error: Can't resolve './x' in '/home/user/project'", None, "./a.js", 4, 1),
        ),
        (
            """\
ERROR in ./src/a.js
Module build failed (from ./node_modules/babel-loader/lib/index.js):
SyntaxError: /home/user/project/src/a.js: Unexpected token (3:4)

  1 | x
> 3 | y
""",
            ("Unexpected token", "SyntaxError", "/home/user/project/src/a.js", 3, 5),
        ),
        (
            "ERROR in src/a.ts:3:5\nTS2322: Type 'string' is not assignable to type 'number'.\n    1 | x\n",
            ("Type 'string' is not assignable to type 'number'.", "TS2322", "src/a.ts", 3, 5),
        ),
        (
            """\
ERROR in /home/user/project/a.ts
./a.ts 3:4-9
[tsl] ERROR in /home/user/project/a.ts(3,5)
      TS2322: Type 'string'.
""",
            ("Type 'string'.", "TS2322", "/home/user/project/a.ts", 3, 5),
        ),
        (
            "ERROR in main\nModule not found: Error: Can't resolve './src' in '/home/user/project'\n",
            ("Module not found: Error: Can't resolve './src' in '/home/user/project'", None, None, None, None),
        ),
    ],
)
def test_webpack_tells_what_is_wrong_below_the_place(text: str, wanted: tuple[Any, ...]) -> None:
    ((value, metadata),) = errors(text)
    assert (value, *of(metadata, "kind", "file", "line", "column")) == wanted
    assert metadata["tool"] == "webpack"


def test_each_message_of_webpack_is_one_event_with_its_details() -> None:
    found = told(printed("webpack/unresolved"))
    assert [(event_type, *of(metadata, "file", "line", "column")) for event_type, _, metadata in found] == [
        ("warning", "./c.js", 1, 95),
        ("error", "./c.js", 1, 1),
        ("error", "./c.js", 1, 57),
    ]


def test_a_limit_of_webpack_is_a_warning_in_one_line() -> None:
    text = (
        "WARNING in asset size limit: The following asset(s) exceed the recommended size limit (244 KiB).\nAssets: \n"
    )
    ((event_type, value, _),) = told(text)
    assert (event_type, value) == (
        "warning",
        "asset size limit: The following asset(s) exceed the recommended size limit (244 KiB).",
    )


@pytest.mark.parametrize(
    "text",
    [
        "ERROR in the log\nmeans that it failed\n",
        "ERROR in parser\nsomething is wrong\n",
        "WARNING in ./a.js\n\nsee above\n",
        "(!) mind the gap\nand the platform\n",
        "[NOTE] Remember this\n   and that\n",
        "error: see below\nfor more\n    at f (a.js:1:2)\n",
        "Oops! Something went wrong! :(\n\nThat is all.\n",
        "src/a.css\n  is where the styles are\n",
        "standard: Use JavaScript Standard Style (https://standardjs.com)\nand be happy\n",
        "npm warns you\n",
        "Error: ERR_PNPM_X\nis a code\n",
    ],
)  # fmt: skip
def test_what_only_begins_like_a_tools_message_is_told_by_no_reader_of_it(text: str) -> None:
    readers = {
        *("webpack_message", "rollup_error", "rollup_warning", "bundler_error", "bun_error", "eslint_crash"),
        *("stylelint", "standard", "npm_warning", "pnpm_error"),
    }
    assert not readers & {event.pattern for event in events_of(text.encode())}


@pytest.mark.parametrize(
    "first", ["ERROR in ./a.js 1:2", "[!] Error: no", "Oops! Something went wrong! :(\nESLint: 9.0.0"]
)
def test_a_code_fence_ends_a_message_that_may_go_on(first: str) -> None:
    found = told(f"{first}\n```\nerror: it is code\n```\n")
    assert [value for event_type, value, _ in found if event_type == "code_block"] == [""]
    assert {value for event_type, value, _ in found if event_type == "error"} <= {"no"}


def test_rollup_tells_an_error_at_its_place_and_a_warning_by_its_page() -> None:
    ((value, metadata),) = errors(printed("rollup/syntax"))
    assert value == "Expected ';', '}' or <eof>"
    assert of(metadata, "kind", "file", "line", "column") == ("RollupError", "w.js", 1, 85)
    assert [(event_type, value) for event_type, value, _ in told(printed("rollup/unresolved"))] == [
        ("warning", "Unresolved dependencies"),
        ("error", 'Could not resolve "./nothere.js" from "c.js"'),
    ]


@pytest.mark.parametrize(("label", "event_type"), [("", "error"), ("Error: ", "error"), ("Warning: ", "warning")])
def test_an_error_of_rolldown_has_the_place_in_the_box_below_it(label: str, event_type: str) -> None:
    box = "   \u256d\u2500[ c.js:1:15 ]\n   \u2502\n 1 \u2502 import x\n\u2500\u2500\u2500\u256f\n"
    ((found, value, metadata),) = told(f"[UNRESOLVED_IMPORT] {label}Could not resolve './x'\n{box}done\n")
    assert (found, value) == (event_type, "Could not resolve './x'")
    assert of(metadata, "kind", "file", "line", "column", "line_end") == ("UNRESOLVED_IMPORT", "c.js", 1, 15, 5)


def test_an_error_of_tsc_may_have_no_file() -> None:
    ((value, metadata),) = errors("error TS5058: The specified path does not exist: '/home/user/project/x.json'.\n")
    assert value == "The specified path does not exist: '/home/user/project/x.json'."
    assert metadata == {"kind": "TS5058", "tool": "tsc"}


@pytest.mark.parametrize("case", ["node/export", "node/module-syntax"])
def test_the_file_above_the_stack_of_a_module_may_be_an_url(case: str) -> None:
    ((_, metadata),) = errors(printed(case))
    assert str(metadata["file"]).startswith("/home/user/project/")
    assert (metadata["line"], metadata["kind"], metadata.get("function")) == (1, "SyntaxError", None)


def test_a_command_that_failed_in_node_is_told_once_where_it_said_why() -> None:
    assert [value for value, _ in errors(printed("node/command"))] == [
        "cannot access '/nosuchdir': No such file or directory"
    ]
    ((value, metadata),) = errors(printed("node/command").partition("\n")[2])
    assert (value, *of(metadata, "file", "line")) == ("Command failed: ls /nosuchdir", "/home/user/project/log.js", 3)


def test_a_transform_that_failed_is_the_error_that_it_lists() -> None:
    ((value, metadata),) = errors(printed("esbuild/tsx"))
    assert value == 'Unexpected ";"'
    assert of(metadata, "file", "line", "column", "function") == ("/home/user/project/syn.ts", 1, 19, None)


def test_what_babel_cannot_parse_is_at_the_place_in_its_message() -> None:
    text = """\
/home/user/project/node_modules/@babel/parser/lib/index.js:367
      throw toParseError(error);
            ^

SyntaxError: /home/user/project/src/a.js: Unexpected token (2:0)
    at constructor (/home/user/project/node_modules/@babel/parser/lib/index.js:367:19)

Node.js v20.20.2
"""
    ((value, metadata),) = errors(text)
    assert (value, *of(metadata, "file", "line", "column")) == ("Unexpected token", "/home/user/project/src/a.js", 2, 1)


@pytest.mark.parametrize("prefix", ["Uncaught ", 'Exception in thread "main" '])
def test_a_message_that_ends_in_a_colon_is_said_without_what_stands_before_its_kind(prefix: str) -> None:
    ((value, metadata),) = errors(f"{prefix}AssertionError: what was read:\n    at f (a.js:1:2)\n")
    assert (value, metadata["kind"]) == ("what was read:", "AssertionError")


@pytest.mark.parametrize(
    ("case", "wanted"),
    [
        ("bun/error", ("uncaught bun", "/home/user/project/e.ts", 1)),
        ("bun/build", ('Could not resolve: "./nothere"', "/home/user/project/m.ts", 1)),
    ],
)
def test_an_error_of_bun_has_the_place_of_its_frames(case: str, wanted: tuple[Any, ...]) -> None:
    ((value, metadata),) = errors(printed(case))
    assert (value, *of(metadata, "file", "line")) == wanted


def test_that_a_script_of_npm_failed_follows_from_what_it_said() -> None:
    assert [value for value, _ in errors(printed("npm/lifecycle"))] == ["1"]
    _, alone = printed("npm/lifecycle").split("Node.js v20.20.2\n")
    ((value, metadata),) = errors(alone)
    assert value == 'command failed: sh -c node -e "throw new Error(1)"'
    assert metadata["kind"] == "exit 1"


def test_what_a_script_of_npm_threw_stands_among_its_lines() -> None:
    said = ("code 1", "command failed", "command sh -c x", "gyp ERR! find Python", "gyp ERR! stack Error: no Python")
    text = "".join(f"npm error {line}\n" for line in said)
    assert errors(text) == [("no Python", {"kind": "Error", "tool": "npm", "line_end": 5})]


def test_a_warning_of_npm_of_several_lines_is_one() -> None:
    found = told(printed("npm/engines"))
    assert [(event_type, of(metadata, "kind", "line_end")) for event_type, _, metadata in found] == [
        ("warning", ("EBADENGINE", 7)),
        ("warning", ("EBADENGINE", 12)),
        ("warning", ("install-scripts", 22)),
    ]
    assert str(found[0][1]).startswith("Unsupported engine { package: 'ini@7.0.0', required: { node:")


def test_a_peer_that_npm_overrides_is_one_warning_up_to_the_next() -> None:
    text = """\
npm warn ERESOLVE overriding peer dependency
npm warn While resolving: old@1.0.0
npm warn Found: react@19.0.0
npm warn node_modules/react
npm warn   react@"^19" from the root project
npm warn
npm warn Could not resolve dependency:
npm warn peer react@"^16" from old@1.0.0
npm warn deprecated inflight@1.0.6: This module is not supported
"""
    assert [value for _, value, _ in told(text)] == [
        "overriding peer dependency",
        "deprecated inflight@1.0.6: This module is not supported",
    ]


def test_pnpm_says_in_a_box_why_it_failed() -> None:
    ((value, metadata),) = errors(printed("pnpm/boxed"))
    assert str(value).startswith("Failed to resolve the latest version of no-such-package: Failed to fetch metadata")
    assert metadata["kind"] == "ERR_PNPM_PACKAGE_MANAGER_ADD_RESOLVE_LATEST"


@pytest.mark.parametrize(
    ("case", "value"),
    [
        ("eslint/no-config", "ESLint couldn't find an eslint.config.(js|mjs|cjs) file."),
        ("eslint/no-files", 'No files matching the pattern "nofile.js" were found.'),
        ("eslint/crash", 'Key "rules": Key "nosuch": Could not find "nosuch" in plugin "@".'),
    ],
)
def test_what_keeps_eslint_from_running_is_one_error(case: str, value: str) -> None:
    assert [said for said, _ in errors(printed(case))] == [value]


def test_rows_of_standard_and_stylelint_are_findings() -> None:
    found = told(printed("standard/report"))
    assert [(event_type, metadata["kind"]) for event_type, _, metadata in found][:2] == [
        ("warning", "no-var"),
        ("error", "semi"),
    ]
    ((value, metadata),) = errors(printed("stylelint/syntax"))
    assert (value, *of(metadata, "kind", "file", "line", "tool")) == (
        "Unclosed block",
        "CssSyntaxError",
        "a.css",
        1,
        "stylelint",
    )


@pytest.mark.parametrize("place", ["[eval]", "[stdin]", "/w/a.js"])
def test_what_is_no_error_may_be_thrown(place: str) -> None:
    text = (
        f'{place}:1\nthrow "str"\n^\nstr\n(Use `node --trace-uncaught ...` to show where the exception was thrown)\n\n'
        "Node.js v20.20.2\n"
    )
    (event,) = events_of(text.encode())
    assert (event.event_type, event.matched_value, event.metadata["file"]) == ("error", "str", place)
