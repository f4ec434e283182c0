"""Tokens that a program has broken at the width of a screen or a page."""

import textwrap

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chunking import END, EXTRACTOR, HEADER, cut, reads_of
from made_secrets import FORMATS
from stream.pipeline import Findings, Pipeline
from stream.recording import RecordingHeader
from stream.secrets.masker import SecretMasker
from stream.secrets.redaction import RawMasker

KEY = b"k" * 32
TOKEN = FORMATS["anthropic_api_key"].replace(" ", "")
PAGE = 80


def wrapped(text: str, width: int = PAGE, left: str = "", right: str = "") -> str:
    room = width - len(left) - len(right)
    lines = textwrap.wrap(text, room, break_on_hyphens=False)
    return "".join(f"{left}{line.ljust(room) if right else line}{right}\n" for line in lines)


def found(output: str, cuts: tuple[int, ...] = (), *, columns: int = 0, resume: bool = False) -> list[Findings]:
    header: RecordingHeader = HEADER._replace(columns=columns)
    pipeline = Pipeline(header, EXTRACTOR, SecretMasker(KEY, columns))
    findings = []
    for read in reads_of(cut(output.encode(), list(cuts))):
        pipeline.feed(read)
        if resume:
            findings.append(pipeline.take())
            state = pipeline.state()
            pipeline = Pipeline(header, EXTRACTOR, SecretMasker(KEY, columns))
            pipeline.resume(state)
    pipeline.record(END)
    return [*findings, pipeline.take()]


@pytest.mark.parametrize(("left", "right"), [("", ""), ("    ", ""), ("│ ", " │"), ("> ", "")])
def test_a_token_that_was_broken_at_the_width_of_a_page_is_one_secret(left: str, right: str) -> None:
    text = wrapped(f"The server says that the key {'x' * 8} {TOKEN} is unknown", left=left, right=right)
    masked, secrets = SecretMasker(KEY).mask(text)
    assert [secret.fingerprint for secret in secrets] == [SecretMasker(KEY).mask(TOKEN)[1][0].fingerprint]
    assert not [piece for piece in TOKEN.split("-")[-2:] if piece[-12:] in masked]
    assert masked.count("\n") == text.count("\n")
    assert SecretMasker(KEY).mask(masked) == (masked, ())


@pytest.mark.parametrize("columns", [57, 94])
def test_the_width_of_the_terminal_counts_too(columns: int) -> None:
    text = wrapped(f"key {TOKEN}", columns - 2)
    masker = SecretMasker(KEY, columns)
    assert TOKEN[-8:] not in masker.mask(text)[0]
    (secret,) = masker.find(text)
    assert text[secret.start : secret.end].replace("\n", "") == TOKEN


def test_the_event_says_where_the_token_begins_and_ends() -> None:
    (event,) = found("first\n" + wrapped(f"key {TOKEN} seen", 57) + "last\n", columns=57)[-1].events
    assert (event.event_type, event.matched_value) == ("secret", "sk-…[anthropic key]")
    assert (event.line_number, event.metadata["line_end"]) == (2, 3)
    assert TOKEN[-8:] not in str(event)


@pytest.mark.parametrize("below", ["done\n", "2026-11-22T09:00:01Z next\n", "\n", "", "ok 3 passed\n"])
def test_a_line_below_that_is_none_of_it_stays(below: str) -> None:
    line = f"{TOKEN.rjust(120)}\n"
    (event,) = (event for event in found(line + below)[-1].events if event.event_type == "secret")
    assert "line_end" not in event.metadata
    masked, secrets = SecretMasker(KEY).mask(line + below)
    assert masked.endswith(below)
    assert event.metadata["fingerprint"] == secrets[0].fingerprint == SecretMasker(KEY).mask(TOKEN)[1][0].fingerprint


def test_two_tokens_one_below_the_other_are_two() -> None:
    other = FORMATS["github_token"].replace(" ", "")
    line = TOKEN.rjust(120)
    assert [secret.kind for secret in SecretMasker(KEY).find(f"{line}\n{other}\n")] == [
        "anthropic_api_key", "github_token",
    ]  # fmt: skip


@settings(deadline=None, max_examples=50)
@given(st.lists(st.integers(0, 400), max_size=8).map(tuple), st.integers(40, 130))
def test_what_is_found_does_not_depend_on_how_the_output_was_cut(cuts: tuple[int, ...], columns: int) -> None:
    text = f"before\n{wrapped(f'the key {TOKEN} here', columns)}and {TOKEN}\n"
    whole = [event for findings in found(text, columns=columns) for event in findings.events]
    pieces = [event for findings in found(text, cuts, columns=columns, resume=True) for event in findings.events]
    assert whole == pieces


def test_a_recording_is_masked_over_the_lines_too() -> None:
    raw = wrapped(f"the key {TOKEN} here").replace("\n", "\r\n").encode()
    masker = RawMasker(SecretMasker(b""))
    masked = masker.feed(raw) + masker.flush()
    assert len(masked) == len(raw)
    assert TOKEN[-8:].encode() not in masked
    assert b" here" in masked
