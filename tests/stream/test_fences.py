from collections.abc import Iterator
from importlib.metadata import distributions

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

import stream.fences
from chunking import cut, reads_of, run

MARKDOWN = MarkdownIt("commonmark")

# Lines that make fences and things that look like them.
FENCE_LINES = [
    "```", "````", "~~~", "~~~~", "```python", "~~~ js title", "``` a`b", " ```", "  ~~~", "   ```rust",
    "``", "text", "  indented", "", "``` ", "~~~  ", "```PY", "`````",
]  # fmt: skip

# How the first line of something begins that stands in quotes and list items, and how the others do.
CONTAINERS = [
    ("", ""), ("> ", "> "), (">", ">"), ("- ", "  "), ("* ", "  "), ("1. ", "   "), ("10) ", "    "), ("> > ", "> > "),
    ("> - ", ">   "), ("- > ", "  > "), ("- - ", "    "), ("1. - ", "     "), ("-   ", "    "), ("> 1. ", ">    "),
]  # fmt: skip
INSIDE = ["x = 1", "    deep", "", "``", "# no heading", "- no item", "> no quote", "\ttab", "~~~", "  ```js"]


@st.composite
def contained_fences(draw: st.DrawFn) -> str:
    """A fence in quotes and list items, closed or not, and a paragraph behind it."""
    first, others = draw(st.sampled_from(CONTAINERS))
    marks = draw(st.sampled_from(["````", "`````", "~~~~"]))
    inside = draw(st.lists(st.sampled_from(INSIDE), max_size=6))
    if others == ">":  # markdown-it keeps the whole of a tab of which one column belongs to the quote
        inside = [line for line in inside if "\t" not in line]
    closing = [marks] if draw(st.booleans()) else []
    lines = [marks + draw(st.sampled_from(["", "py", " sh title"])), *inside, *closing]
    contained = [(others if index else first) + line for index, line in enumerate(lines)]
    return "\n".join([*contained, *([""] if closing else []), *(["text", ""] if first else [])])


documents = st.lists(st.sampled_from(FENCE_LINES), max_size=30).map("\n".join)


def blocks(document: str) -> list[tuple[str, str]]:
    return [(str(b.context["info"]), b.content) for b in run(reads_of([document.encode()])).blocks]


@given(documents)
def test_blocks_are_those_that_commonmark_has(document: str) -> None:
    tokens = [token for token in MARKDOWN.parse(document) if token.type == "fence"]
    assert [(info, content) for info, content in blocks(document)] == [
        (token.info.strip(), token.content.removesuffix("\n")) for token in tokens
    ]


@given(st.lists(contained_fences(), max_size=4).map("\n".join), st.lists(st.integers(0, 1000), max_size=20))
def test_blocks_in_quotes_and_lists_are_those_that_commonmark_has(document: str, places: list[int]) -> None:
    found = run(reads_of(cut(document.encode(), places)), resume_every=3).blocks
    tokens = [token for token in MARKDOWN.parse(document) if token.type == "fence"]
    assert [(block.context["info"], block.content) for block in found] == [
        (token.info.strip(), token.content.removesuffix("\n")) for token in tokens
    ]


def markdown_of_others() -> Iterator[tuple[str, str]]:
    """What the installed packages say of themselves, where it holds a fence."""
    for distribution in distributions():
        name, text = distribution.metadata["Name"], distribution.metadata.json.get("description")
        if isinstance(text, str) and "```" in text and "\x1b" not in text:
            yield name, text.replace("\r\n", "\n")


OTHERS = dict(markdown_of_others())


def test_there_is_markdown_of_others_to_try() -> None:
    assert len(OTHERS) >= 10


@pytest.mark.parametrize("name", OTHERS)
def test_blocks_of_other_peoples_markdown_are_those_that_commonmark_has(name: str) -> None:
    text = OTHERS[name]
    pieces = cut(text.encode(), list(range(0, len(text), 997)))
    tokens = [token for token in MARKDOWN.parse(text) if token.type == "fence"]
    assert [block.content for block in run(reads_of(pieces)).blocks] == [
        token.content.removesuffix("\n") for token in tokens
    ]


def test_a_tab_of_which_a_quote_takes_one_column_leaves_the_others() -> None:
    assert blocks(">```\n>\ttab\n>```\n") == [("", "  tab")]


@pytest.mark.parametrize(
    ("document", "contents"),
    [
        ("        ```\n        x\n        ```\n", ["x"]),  # how deep the list is that it stands in nobody knows
        ("<div>\n```\nx\n```\n", ["x"]),  # agents' text has tags in it, and they end nothing
        ("- a\n\n  ```\nx\n```\n", ["x"]),  # a model that forgets the indentation
        ("+ ```\n", []),  # a line that a diff adds
        ("-```\n+```\n", []),
    ],
)
def test_where_commonmark_would_read_it_otherwise(document: str, contents: list[str]) -> None:
    assert [content for _, content in blocks(document)] == contents


@given(documents, st.lists(st.integers(0, 1000), max_size=20))
def test_blocks_at_the_cap_do_not_depend_on_how_the_output_was_cut(document: str, places: list[int]) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(stream.fences, "MAX_BLOCK", 24)
        data = document.replace("text", "error: t").encode()
        whole = run(reads_of([data]))
        assert run(reads_of(cut(data, places))) == whole
        assert run(reads_of(cut(data, places)), resume_every=1) == whole


def test_a_block_says_where_it_stood() -> None:
    (block,) = run(reads_of([b"text\n```Python title\nx = 1\n```\n"])).blocks
    assert (block.language, block.content, block.line_start, block.line_end) == ("python", "x = 1", 2, 4)
    assert block.context == {"info": "Python title"}
    assert block.byte_offset == 5


def test_each_block_is_an_event_too() -> None:
    (event,) = run(reads_of([b"```sh\nls\n```\n"])).events
    assert (event.event_type, event.code_block_language, event.line_number) == ("code_block", "bash", 1)
    assert event.matched_value == "sh"
    assert event.metadata["line_end"] == 3


def test_code_in_a_closed_block_is_not_something_that_happened() -> None:
    found = run(reads_of([b"```\nerror: printed as an example\n```\nerror: real\n"])).events
    assert [(event.event_type, event.matched_value) for event in found] == [("code_block", ""), ("error", "real")]


def test_an_unclosed_fence_hides_no_error() -> None:
    found = run(reads_of([b"```\nsome code\nerror: real\n"]))
    assert [event.event_type for event in found.events] == ["error", "code_block"]
    assert found.blocks[0].context == {"info": "", "cut": "end"}


def test_a_fence_that_is_never_closed_ends_at_the_cap() -> None:
    line = b"x" * 99 + b"\n"
    found = run(reads_of([b"```\n" + line * 5000 + b"error: after the cap\n```sh\nls\n```\n"]))
    first, second = found.blocks
    assert first.context["cut"] == "size"
    assert 260_000 < len(first.content) < stream.fences.MAX_BLOCK
    assert second.content == "ls"
    assert "after the cap" in [event.matched_value for event in found.events]


def test_a_log_in_a_fence_is_not_held_back_without_end() -> None:
    found = run(reads_of([b"```\n" + b"error: x\n" * 2000 + b"```\n"]))
    assert sum(event.event_type == "error" for event in found.events) >= stream.fences.MAX_HELD
