"""Private keys are followed over their lines, however they are indented, numbered, framed or escaped."""

import json

import pytest

from made_secrets import DASHES, KEY_BODY, PRIVATE_KEY
from stream.secrets.masker import SecretMasker
from stream.secrets.private_keys import PrivateKeyReader
from stream.secrets.redaction import MAX_HELD, RawMasker

MASKER = SecretMasker(b"k" * 32)
PLAIN = "\n".join(PRIVATE_KEY)
FINGERPRINT = MASKER.mask(PLAIN)[1][0].fingerprint


def numbered(form: str) -> str:
    return "\n".join(form.format(number=number, line=line) for number, line in enumerate(PRIVATE_KEY, 8))


@pytest.mark.parametrize(
    "text",
    [
        PLAIN,
        PLAIN + "\n",
        PLAIN.replace("\n", "\r\n"),
        numbered("    {line}"),
        numbered("+{line}"),
        numbered("-{line}"),
        numbered("> {line}"),
        numbered("{number:6}\t{line}"),
        numbered("{number:4} | {line}"),
        numbered("keys/id.pem:{number}:{line}"),
        numbered("│ {line:70} │"),
        numbered('    "{line}\\n" +'),
        'KEY="' + PLAIN + '"',
        json.dumps({"private_key": PLAIN + "\n", "id": "a1"}),
        json.dumps(json.dumps({"private_key": PLAIN})),
        PLAIN.replace("\n", " "),
    ],
)
def test_a_key_is_found_in_any_dress_and_has_one_fingerprint(text: str) -> None:
    masked, found = MASKER.mask(text)
    assert not any(body in masked for body in KEY_BODY)
    assert [row.fingerprint for row in found] == [FINGERPRINT]
    assert masked.count("\n") == text.count("\n")


@pytest.mark.parametrize("kind", ["", "RSA ", "EC ", "DSA ", "OPENSSH ", "ENCRYPTED ", "PGP "])
def test_every_kind_of_key_is_one(kind: str) -> None:
    block = " BLOCK" if kind == "PGP " else ""
    begin, end = (f"{DASHES}{word} {kind}PRIVATE KEY{block}{DASHES}" for word in ("BEGIN", "END"))
    masked, found = MASKER.mask("\n".join([begin, *KEY_BODY, end]))
    assert [row.kind for row in found] == ["private_key"]
    assert masked.split("\n") == [begin, *["…[private key]"] * len(KEY_BODY), end]


def test_headers_and_blank_lines_before_the_key_stay() -> None:
    headers = ["Proc-Type: 4,ENCRYPTED", "DEK-Info: AES-128-CBC,3F17F5316E2BAC89", ""]
    masked, found = MASKER.mask("\n".join([PRIVATE_KEY[0], *headers, *PRIVATE_KEY[1:]]))
    assert masked.split("\n")[1:4] == headers
    assert [row.fingerprint for row in found] == [FINGERPRINT]


def test_a_key_without_its_end_hides_nothing_else() -> None:
    text = "\n".join([*PRIVATE_KEY[:3], "and then some prose", KEY_BODY[0]])
    masked, found = MASKER.mask(text)
    assert masked.split("\n")[3:] == ["and then some prose", KEY_BODY[0]]
    assert len(found) == 1


def test_two_keys_are_two_secrets() -> None:
    assert len(MASKER.mask(f"{PLAIN}\n{PLAIN}")[1]) == 2


def test_a_reader_goes_on_where_another_one_stood_and_its_state_holds_nothing_of_the_key() -> None:
    reader = PrivateKeyReader(b"k" * 32)
    parts = []
    for line in PRIVATE_KEY:
        parts += reader.read(line.encode())
        state = json.dumps(reader.state())
        assert not any(body[:8] in state for body in KEY_BODY)
        reader = PrivateKeyReader(b"k" * 32)
        reader.resume(json.loads(state))
    assert [part.fingerprint for part in parts if part.fingerprint] == [FINGERPRINT]


def raw(text: str) -> str:
    masker = RawMasker(MASKER)
    return (masker.feed(text.encode()) + masker.flush()).decode()


def test_in_raw_bytes_colours_hide_nothing_and_stay() -> None:
    assert raw("\x1b[1mDEPLOY_TOKEN\x1b[0m=\x1b[32mA1b2C3d4\x1b[33mE5f6G7h8\x1b[0m") == (
        "\x1b[1mDEPLOY_TOKEN\x1b[0m=\x1b[32m********\x1b[33m********\x1b[0m"
    )


def test_in_raw_bytes_what_is_drawn_elsewhere_ends_a_line() -> None:
    secret = "gh" + "p_" + "A1b2C3d4" * 5
    assert raw(f"word\x1b[5;1H{secret}\x1b[6;1Hnext") == f"word\x1b[5;1Hghp_{'*' * 40}\x1b[6;1Hnext"


def test_a_line_without_end_is_let_through_in_pieces() -> None:
    masker = RawMasker(MASKER)
    out = b"".join(masker.feed(b"word " * 1000) for _ in range(40))
    assert len(out) >= 200_000 - 2 * MAX_HELD
    assert len(out) + len(masker.flush()) == 200_000


def test_a_secret_in_a_very_long_line_is_masked() -> None:
    secret = "gh" + "p_" + "A1b2C3d4" * 5
    for before in range(MAX_HELD - 9000, MAX_HELD + 9000, 571):
        assert secret not in raw("word " * (before // 5) + secret + " word" * 9000)
