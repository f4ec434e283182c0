"""Through the pipeline no secret gets into what is stored, however the output was cut and wherever it was resumed."""

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chunking import END, EXTRACTOR, HEADER, cut, reads_of
from made_secrets import KEY_BODY, LINES, PRIVATE_KEY
from stream.ansi import clean, without_controls
from stream.pipeline import Findings, Pipeline
from stream.secrets.masker import SecretMasker

CAPTURES = Path(__file__).parents[2] / "captures"
MASKER = SecretMasker(b"k" * 32)
PEM = "\n".join(PRIVATE_KEY) + "\n"


def found(pieces: list[bytes], *, resume: bool = False) -> Findings:
    """What a pipeline finds; with `resume`, another one goes on after each piece."""
    pipeline = Pipeline(HEADER, EXTRACTOR, MASKER)
    parts = []
    for read in reads_of(pieces):
        pipeline.feed(read)
        if resume:
            parts.append(pipeline.take())
            state = pipeline.state()
            pipeline = Pipeline(HEADER, EXTRACTOR, MASKER)
            pipeline.resume(state)
    pipeline.record(END)
    parts.append(pipeline.take())
    events = tuple(event for part in parts for event in part.events)
    return Findings(events, tuple(block for part in parts for block in part.blocks), (), 0, 0)


def stored(findings: Findings) -> str:
    rows = [event._asdict() for event in findings.events] + [block._asdict() for block in findings.blocks]
    return json.dumps(rows, ensure_ascii=False)


@pytest.mark.parametrize("kind", LINES)
def test_every_kind_cut_anywhere_is_masked(kind: str) -> None:
    line, secret = LINES[kind]
    output = f"Error: {line}\n".encode()
    whole = found([output])
    assert secret not in stored(whole)
    assert [event.pattern for event in whole.events if event.event_type == "secret"] == [kind]
    for place in range(1, len(output)):
        assert found([output[:place], output[place:]], resume=True) == whole


@pytest.mark.parametrize("kind", ["github_token", "assigned_secret"])  # masks longer, and shorter, than the secrets
@pytest.mark.parametrize("secrets", [1, 3, 20])
def test_lines_of_a_terminal_stand_where_they_stood_behind_masked_ones(kind: str, secrets: int) -> None:
    """A screen among plain lines: blocks of several kinds come together, in one text."""
    plain = [b"first\r\n", *[LINES[kind][0].encode() + b"\r\n"] * secrets, b"Error: plain\r\n"]
    output = b"".join(plain) + b"\x1b[2J\x1b[HError: on a screen\r\n" + b"Error: below\r\n" * 2000
    pipeline = Pipeline(HEADER._replace(mode=("pty",) * 3, columns=80, rows=5), EXTRACTOR, MASKER)
    for read in reads_of([output]):
        pipeline.feed(read)
    pipeline.record(END)
    events = [event for event in pipeline.take().events if event.event_type != "secret"]
    assert (events[0].line_number, events[0].byte_offset) == (secrets + 2, output.index(b"Error: plain"))
    assert [event.line_number for event in events] == list(range(secrets + 2, secrets + 2 + len(events)))
    assert len(events) == 2002


def test_a_secret_that_stands_twice_in_a_line_is_one_event_and_in_two_lines_two() -> None:
    line, secret = LINES["github_token"]
    twice = found([f"{line} {line}\n{line}\n".encode()])
    assert [event.line_number for event in twice.events if event.event_type == "secret"] == [1, 2]
    assert secret not in stored(twice)


def test_a_secret_is_an_event_that_tells_its_kind_and_no_more() -> None:
    line, secret = LINES["github_token"]
    (event,) = (event for event in found([f"first\n{line}\n".encode()]).events if event.event_type == "secret")
    assert (event.matched_value, event.risk_level, event.line_number) == ("ghp_…[github token]", "high", 2)
    assert event.original_line == line.replace(secret, "ghp_…[github token]")
    assert event.metadata == {"kind": "github_token", "fingerprint": MASKER.mask(line)[1][0].fingerprint}


def test_a_private_key_over_many_lines_is_one_event_from_its_first_line_to_its_last() -> None:
    findings = found([b"before\n", PEM.encode(), b"after\n"])
    (event,) = findings.events
    assert (event.pattern, event.line_number) == ("private_key", 2)
    assert event.metadata["line_end"] == 1 + len(PRIVATE_KEY)
    assert event.byte_offset == len("before\n")
    assert event.metadata["fingerprint"] == MASKER.mask(PEM)[1][0].fingerprint


def test_a_private_key_that_never_ends_is_told_at_the_end() -> None:
    findings = found(["\n".join(PRIVATE_KEY[:4]).encode()])
    assert [event.pattern for event in findings.events] == ["private_key"]


def test_code_is_masked_before_it_is_stored() -> None:
    line, secret = LINES["token"]
    findings = found([f"```sh\n{line}\n{PEM}```\n".encode()])
    (block,) = findings.blocks
    assert secret not in block.content
    assert not any(body in block.content for body in KEY_BODY)
    assert len(block.content.splitlines()) == 1 + len(PRIVATE_KEY)
    (event,) = (event for event in findings.events if event.event_type == "code_block")
    assert event.metadata["digest"] == block.digest
    assert {event.pattern for event in findings.events} == {"token", "private_key", "code_fence"}


def test_a_control_character_within_a_secret_hides_nothing() -> None:
    _, secret = LINES["openai_api_key"]
    hidden = secret[:12] + "\x07" + secret[12:]
    assert secret not in stored(found([f"Error: {hidden}\n```\nkey {hidden}\n```\n".encode()]))


def test_an_escaped_secret_in_a_record_is_masked_once_it_is_read() -> None:
    line, secret = LINES["github_token"]
    escaped = line.replace("_", "\\u005f")
    record = '{"type":"item.completed","item":{"id":"i","type":"agent_message","text":"Error: %s"}}' % escaped
    start = '{"type":"thread.started","thread_id":"t"}'
    assert secret not in stored(found([f"{start}\n{record}\n".encode()]))


def test_without_a_masker_everything_stays() -> None:
    line, secret = LINES["github_token"]
    pipeline = Pipeline(HEADER, EXTRACTOR)
    pipeline.feed(reads_of([f"Error: {line}\n".encode()])[0])
    pipeline.record(END)
    (event,) = pipeline.take().events
    assert secret in (event.matched_value or "")


PIECES = (
    [line for line, _ in LINES.values()] + PRIVATE_KEY + ["```", "~~~", "Error: x", "a.py:3: ", "text", "warning: w"]
)


@settings(deadline=None)
@given(st.lists(st.sampled_from(PIECES), max_size=25), st.lists(st.integers(0, 9999), max_size=12))
def test_how_the_output_was_cut_does_not_show(lines: list[str], cuts: list[int]) -> None:
    output = "".join(line + "\n" for line in lines).encode()
    assert found(cut(output, cuts), resume=True) == found([output])


@pytest.mark.parametrize("capture", sorted(CAPTURES.glob("*.raw")), ids=lambda path: path.name)
def test_in_what_real_agents_printed_only_the_rejected_key_is_a_secret(capture: Path) -> None:
    text = without_controls(clean(capture.read_bytes() + b"\n")).decode()
    hits = {text[row.start : row.end] for row in MASKER.find(text)}
    assert hits == ({"sk-" + "mock1234"} if "API key provided: " in text else set())
