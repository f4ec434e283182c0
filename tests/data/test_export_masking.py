"""Secrets of published formats do not leave, however the output was cut; everything else does as it is."""

import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.export.encoder import About
from data.export.masked_items import ItemMasker, mask_about
from data.export.masking import Masker, mask, mask_text, mask_value
from stream.recording import RecordingHeader
from stream.records import Session, StateChange
from stream.replay.items import Item
from stream.replay.playback import OutputPiece, ResizePiece
from stream.secrets.redaction import MAX_HELD

# Made up; put together here so that no scanner takes this file for a leak.
PREFIXED = {
    "sk-ant-": "api03-" + "Ab1_" * 20,
    "sk-": "Ab1x" * 12,
    "sk-proj-": "Ab-_" * 30,
    "ghp_": "Ab1x" * 9,
    "gho_": "Ab1x" * 9,
    "github_pat_": "11AAAAAAA0" + "Ab1_" * 15,
    "AKIA": "IOSFODNN7EXAMPLE",
    "AIza": "Sy-_a" * 7,
    "xoxb-": "123456789012-Ab1xAb1x",
    "Bearer ": "abc.DEF-123_~+/abcdef==",
}
TOKENS = [(prefix + rest).encode() for prefix, rest in PREFIXED.items()]
RANDOM = "Xk29d" + "LmQ01xZp8aFk2q"  # of no known form
DASHES = b"-----"
KEY = (
    DASHES + b"BEGIN RSA PRIVATE KEY" + DASHES + b"\r\nMIIEowIBAAKCAQEA+/9=\r\nabcdef\r\n"
    + DASHES + b"END RSA PRIVATE KEY" + DASHES + b"\r\n"
)  # fmt: skip


@pytest.mark.parametrize(("prefix", "rest"), PREFIXED.items())
@pytest.mark.parametrize("around", ["%s", "key=%s,", '"%s"', "\x1b[32m%s\x1b[0m", "first line\\n%s", "at %s."])
def test_a_token_keeps_its_length_and_at_most_four_characters(prefix: str, rest: str, around: str) -> None:
    text = around % (prefix + rest)
    masked = mask_text(text)
    assert len(masked) == len(text)
    shown = re.sub(r"\*+", "*", masked)
    assert shown in {around % f"{start}*" for start in (prefix, prefix[:3], prefix[:4])}
    assert rest[-10:] not in masked


@pytest.mark.parametrize(
    "text",
    [
        "task-" + "a" * 40,
        "sk-short",
        "disk-" + "usage-of-all-the-mounted-volumes",
        "AKIA and AIza alone",
        "the bearer of news",
        "-----BEGIN PUBLIC KEY-----\nMIIB\n-----END PUBLIC KEY-----",
        'grep "-----BEGIN RSA PRIVATE KEY-----" file',
    ],
)
def test_what_only_looks_alike_stays(text: str) -> None:
    assert mask_text(text) == text


def test_of_a_private_key_the_lines_stay_and_nothing_in_them() -> None:
    masked = mask(b"before\n" + KEY + b"after\n")
    assert masked.startswith(b"before\n" + DASHES + b"BEGIN RSA PRIVATE KEY" + DASHES + b"\r\n****")
    assert masked.endswith(DASHES + b"END RSA PRIVATE KEY" + DASHES + b"\r\nafter\n")
    assert b"MIIE" not in masked
    assert b"abcdef" not in masked


def test_json_with_a_private_key_stays_json() -> None:
    text = json.dumps({"key": KEY.decode()})
    assert "MIIE" not in mask_text(text)
    assert json.loads(mask_text(text))["key"].count("\r\n") == KEY.count(b"\r\n")


SAMPLES = st.lists(
    st.sampled_from([*TOKENS, KEY, KEY[:40], b"plain text\n", b" ", b"=", b"sk-", b"\x1b[1m", b"a" * 700, b"\xff\x00"])
    | st.binary(max_size=20),
    max_size=12,
).map(b"".join)


@given(SAMPLES, st.lists(st.integers(1, 60), min_size=1, max_size=60))
def test_it_does_not_matter_where_the_reads_are_cut(data: bytes, sizes: list[int]) -> None:
    masker = Masker()
    parts = []
    offset = number = 0
    while offset < len(data):
        size = sizes[number % len(sizes)]
        parts.append(masker.feed(data[offset : offset + size]))
        offset, number = offset + size, number + 1
    assert b"".join([*parts, masker.flush()]) == mask(data)


@given(SAMPLES)
def test_the_length_stays_and_so_does_all_but_the_secrets(data: bytes) -> None:
    masked = mask(data)
    assert len(masked) == len(data)
    assert all(new in (old, ord("*")) for new, old in zip(masked, data, strict=True))


def test_what_is_held_back_is_bounded() -> None:
    masker = Masker()
    data = b"a" * 100_000
    let_through = sum(len(masker.feed(data[start : start + 1000])) for start in range(0, len(data), 1000))
    assert len(data) - let_through <= MAX_HELD + 2048
    masker.flush()
    assert len(masker.feed(KEY[:60] + b"abcd\n" * 20_000)) == 60 + 100_000


def test_a_bearer_and_its_token_may_come_in_two_reads() -> None:
    masker = Masker()
    parts = [masker.feed(b"Authorization: Bear"), masker.feed(b"er "), masker.feed(b"Abcdefghijklmno9"), masker.flush()]
    assert b"".join(parts) == b"Authorization: Bearer " + b"*" * 16


def test_values_of_any_shape_are_masked() -> None:
    secret = TOKENS[0].decode()
    assert mask_value({"a": [secret, 1, None], secret: {"b": (secret, True)}}) == {
        "a": [mask_text(secret), 1, None],
        mask_text(secret): {"b": (mask_text(secret), True)},
    }


def test_pieces_keep_their_order_lengths_and_times() -> None:
    token = TOKENS[0]
    items = [
        Item(1, OutputPiece(1, "stdout", b"say " + token[:20])),
        Item(2, OutputPiece(2, "stderr", b"meanwhile\n")),
        Item(3, ResizePiece(3, 80, 24)),
        Item(4, StateChange("s", "", "paused", metadata={"why": token.decode()})),
        Item(5, OutputPiece(5, "stdout", token[20:] + b"\n")),
    ]
    masker = ItemMasker()
    assert [list(masker.feed(item)) for item in items[:4]] == [[], [], [], []]
    masked = [*masker.feed(items[4]), *masker.flush()]
    assert [item.at for item in masked] == [1, 2, 3, 4, 5]
    pieces = [item.value for item in masked if isinstance(item.value, OutputPiece)]
    assert [len(piece.data) for piece in pieces] == [24, 10, len(token) - 20 + 1]
    assert pieces[0].data + pieces[2].data == b"say " + mask(token) + b"\n"
    assert isinstance(masked[3].value, StateChange)
    assert masked[3].value.metadata == {"why": mask_text(token.decode())}


def test_what_waits_for_the_end_of_a_secret_that_never_comes_is_let_through() -> None:
    masker = ItemMasker()
    first = list(masker.feed(Item(0, OutputPiece(0, "stdout", b"sk-"))))
    assert first == []
    rest = [item for number in range(5000) for item in masker.feed(Item(number, ResizePiece(number, 80, 24)))]
    assert len(rest) >= 4000
    assert len(rest) + len(list(masker.flush())) == 5001


def test_what_stands_behind_an_option_for_secrets_is_masked_and_so_is_the_reason_of_the_verdict() -> None:
    command, reason = ("deploy", "--token", RANDOM, "--dry-run", RANDOM), f"refused: {TOKENS[0].decode()}"
    session = Session("codex", "s", command=command, verdict_reason=reason)
    masked = mask_about(About(session, RecordingHeader("s", "codex", command, "/", 0), 0, "1"))
    assert masked.session.command == masked.header.command == (*command[:2], "*" * len(RANDOM), *command[3:])
    assert masked.session.verdict_reason == mask_text(reason) != reason


def test_a_secret_in_the_command_is_masked() -> None:
    command = ("curl", "-H", f"Authorization: {TOKENS[-1].decode()}")
    header = RecordingHeader("s", "codex", command, "/", 0)
    masked = mask_about(About(Session("codex", "s", command=command), header, 0, "1"))
    assert masked.session.command == masked.header.command == tuple(map(mask_text, command))
    assert masked.session.command != command
