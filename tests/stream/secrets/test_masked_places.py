"""Recordings that were masked in place still tell where secrets stood."""

import pytest

from chunking import END, EXTRACTOR, HEADER, reads_of
from made_secrets import LINES
from stream.pipeline import Pipeline
from stream.records import ExtractionEvent
from stream.secrets.masker import SecretMasker
from stream.secrets.redaction import RawMasker


def masked(text: str) -> bytes:
    masker = RawMasker(SecretMasker(b""))
    return masker.feed(text.encode()) + masker.flush()


def secrets(raw: bytes, *, redacted: bool | None = True) -> list[ExtractionEvent]:
    pipeline = Pipeline(HEADER._replace(redacted=redacted), EXTRACTOR, SecretMasker(b"k"))
    for read in reads_of([raw]):
        pipeline.feed(read)
    pipeline.record(END)
    return [event for event in pipeline.take().events if event.event_type == "secret"]


@pytest.mark.parametrize("name", LINES)
def test_a_line_whose_secret_was_masked_has_an_event_of_it(name: str) -> None:
    raw = masked(f"before\n{LINES[name][0]}\nafter\n")
    (event,) = secrets(raw)
    assert (event.pattern, event.line_number, event.metadata) == ("redacted", 2, {"kind": "redacted"})
    assert secrets(raw, redacted=None) == secrets(raw, redacted=False) == []


@pytest.mark.parametrize("line", ["*" * 40, "***** title *****", "/******", " ******* x", "a ****** b", "* one\n* two"])
def test_stars_that_are_drawn_are_none(line: str) -> None:
    assert secrets(f"{line}\n".encode()) == []


def test_what_a_line_says_beside_its_secret_is_told_too() -> None:
    raw = masked(f"Error: no\nError: {LINES['github_token'][0]}\nError: yes\n")
    pipeline = Pipeline(HEADER._replace(redacted=True), EXTRACTOR, SecretMasker(b"k"))
    for read in reads_of([raw]):
        pipeline.feed(read)
    pipeline.record(END)
    found = sorted((event.line_number or 0, event.event_type) for event in pipeline.take().events)
    assert found == [(1, "error"), (2, "error"), (2, "secret"), (3, "error")]
