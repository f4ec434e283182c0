"""Secrets are found by their form or their place, masked so that one recognises the kind, and told apart by a key."""

import hmac
import json
import re

import pytest
import re2
from detect_secrets.core.scan import scan_line
from detect_secrets.settings import transient_settings
from hypothesis import given, settings
from hypothesis import strategies as st

from made_secrets import FORMATS, KEY_BODY, LINES, PLACES, PRIVATE_KEY
from stream.secrets.masker import SecretMasker
from stream.secrets.rules import FORMATS as RULES
from stream.secrets.rules import INTERESTING

KEY = b"k" * 32
MASKER = SecretMasker(KEY)
OF_INTEREST = re2.compile(f"(?m)^.*(?:{INTERESTING}).*$")

# Plugins of detect-secrets that know a form; those for entropy take words for secrets in text that is no code.
JUDGES = [
    "ArtifactoryDetector",
    "AWSKeyDetector",
    "AzureStorageKeyDetector",
    "BasicAuthDetector",
    "CloudantDetector",
    "DiscordBotTokenDetector",
    "GitHubTokenDetector",
    "GitLabTokenDetector",
    "IbmCloudIamDetector",
    "JwtTokenDetector",
    "KeywordDetector",
    "MailchimpDetector",
    "NpmDetector",
    "OpenAIDetector",
    "PrivateKeyDetector",
    "PypiTokenDetector",
    "SendGridDetector",
    "SlackDetector",
    "SoftlayerDetector",
    "SquareOAuthDetector",
    "StripeDetector",
    "TelegramBotTokenDetector",
    "TwilioKeyDetector",
]
_HEX_64, _MIXED_44 = "0123456789abcdef" * 4, FORMATS["github_token"][4:] + "Zz9-_Qq1"
FOR_JUDGES = [line for line, _ in LINES.values()] + [
    f'ibm_cloud_iam_key = "{_MIXED_44}"',
    f"https://account:{_HEX_64}@account.cloudant.com/db",
    f'softlayer_api_key = "{_HEX_64}"',
    f"DefaultEndpointsProtocol=https;AccountKey={_MIXED_44}{_MIXED_44[:42]}==;EndpointSuffix=test",
    f"//registry.example.org/:_authToken={FORMATS['npm_token']}",
    f"GITHUB_TOKEN: {FORMATS['github_token']}",
    'password = "S3cr3t-w0rd"',
    f'"secret_key": "{_MIXED_44}"',
]


def masked(text: str) -> str:
    return MASKER.mask(text)[0]


@pytest.mark.parametrize("kind", LINES)
def test_every_kind_is_found_and_masked(kind: str) -> None:
    line, secret = LINES[kind]
    text, (found,) = MASKER.mask(line)
    assert text == line.replace(secret, found.masked)
    assert found.kind == kind
    assert [(row.kind, line[row.start : row.end]) for row in MASKER.find(line)] == [(kind, secret)]


@pytest.mark.parametrize("kind", LINES)
def test_what_is_shown_is_a_label_and_at_most_four_characters_of_the_issuer(kind: str) -> None:
    line, secret = LINES[kind]
    shown, _, label = MASKER.mask(line)[1][0].masked.partition("…")
    assert re.fullmatch(r"\[[a-z. ]+\]", label)
    assert len(shown) <= 4
    assert secret.startswith(shown)


def test_there_is_a_made_secret_for_every_rule() -> None:
    assert {rule.kind for rule in RULES} == set(FORMATS)


@pytest.mark.parametrize(
    "around",
    [
        "%s", "key=%s,", '{"key": "%s"}', "first line\\n%s", "see %s.", "(%s)", "`%s`", "url?key=%s&x=1", "%%20%s",
        "\t%s\r", "café %s…", '\\"%s\\"', "<%s>", "x_%s", "-----%s",
    ],
)  # fmt: skip
@pytest.mark.parametrize("kind", FORMATS)
def test_a_known_form_is_found_wherever_it_stands(kind: str, around: str) -> None:
    text, found = MASKER.mask(around % FORMATS[kind])
    assert FORMATS[kind] not in text
    assert FORMATS[kind][-6:] not in text
    assert len(found) == 1


def test_several_secrets_in_a_line_are_masked_each() -> None:
    secrets = list(FORMATS.values())
    text, found = MASKER.mask(", ".join(secrets))
    assert [row.kind for row in found] == list(FORMATS)
    assert not any(secret[-8:] in text for secret in secrets)


@pytest.mark.parametrize(
    "text",
    [
        "task-" + "a" * 40,
        "sk-short and sk-learn-is-a-library-for-learning",
        "disk-usage-of-all-the-mounted-volumes",
        "AKIA and AIza alone",
        "the bearer of news",
        "Authorization: Bearer <token>",
        "Authorization: Bearer $OPENAI_API_KEY",
        "Bearer YOUR_OPENAI_API_KEY_HERE",
        "-----BEGIN PUBLIC KEY-----\nMIIBIjANBgkqhkiG9w0BAQEFAAOC\n-----END PUBLIC KEY-----",
        'grep "-----BEGIN RSA PRIVATE KEY-----" file',
        "max_tokens: 12345678",
        '"total_tokens":123456789,"cached_input_tokens":20000000',
        "token = response.data.access_token2",
        "password: string;",
        "password = getPassword1();",
        "export API_KEY=${OPENAI_API_KEY2}",
        "API_KEY=your-api-key-12345",
        "PASSWORD=changeme",
        "next_page_token=abc123def456ghi789",
        "token: tokenizer.encode(text1)",
        "SECRET_FILE=/run/secrets/database1/password2",
        "https://user:password@example.com/",
        "https://host:8080/path@2x.png",
        "commit 3f786850e387550fdab836ed7e6dc881de23001b",
        "sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        "session id: 01a2008a-f5dc-7732-9fc3-9382e44ba92f",
        "npm_config_user_agent=npm/10.2.4 node/v20.11.0 linux x64",
        "",
    ],
)
def test_what_only_looks_alike_stays(text: str) -> None:
    assert MASKER.mask(text) == (text, ())
    assert MASKER.find(text) == []


def test_the_fingerprint_is_keyed_and_the_same_wherever_the_secret_stands() -> None:
    secret = FORMATS["github_token"]
    expected = hmac.new(KEY, secret.encode(), "sha256").hexdigest()[:16]
    for text in (secret, f"GITHUB_TOKEN={secret}", f"Authorization: Bearer {secret}", f"https://{secret}@github.com"):
        assert [found.fingerprint for found in MASKER.mask(text)[1]] == [expected]
    assert SecretMasker(b"other").mask(secret)[1][0].fingerprint != expected


def test_the_most_certain_rule_names_a_secret_that_several_find() -> None:
    text, found = MASKER.mask(f"OPENAI_API_KEY={FORMATS['openai_api_key']}")
    assert text == "OPENAI_API_KEY=sk-…[openai key]"
    assert [row.kind for row in found] == ["openai_api_key"]


def test_a_secret_that_is_longer_than_its_form_leaves_nothing_over() -> None:
    assert masked(f"{FORMATS['aws_access_key']}XYZ-tail end") == "AKIA…[aws access key] end"


def test_a_long_value_is_masked_to_its_end() -> None:
    assert masked(f"DEPLOY_TOKEN={PLACES['token'][1] * 100} end") == "DEPLOY_TOKEN=…[token] end"


def test_a_value_that_is_not_ascii_is_masked_whole() -> None:
    assert masked("DB_PASSWORD=grüße42 ok") == "DB_PASSWORD=…[password] ok"
    assert MASKER.find("é DB_PASSWORD=grüße42 ok")[0][1:] == (14, 21)


def test_lone_surrogates_are_let_through() -> None:
    text = f"\ud800 {FORMATS['npm_token']}"
    assert masked(text) == "\ud800 npm_…[npm token]"


def test_json_stays_json() -> None:
    values = {kind: {"line": line, "text": json.dumps(line)} for kind, (line, _) in LINES.items()}
    text, found = MASKER.mask(json.dumps(values | {"pem": "\n".join(PRIVATE_KEY)}))
    assert json.loads(text).keys() == values.keys() | {"pem"}
    assert len(found) == 2 * len(LINES) + 1


PIECES = [
    *(line for line, _ in LINES.values()), *FORMATS.values(), *PRIVATE_KEY, "\n", " ", "=", "sk-", "TOKEN=", '"', "…",
    "[", "]", "a1", "_", "ghp_", "://u:", "@", "é", "\\n", "Bearer ", "password: ", "A1b2C3d4", "-----",
    "\x1b[1m", "eyJ",
]  # fmt: skip
TEXTS = st.lists(st.sampled_from(PIECES) | st.text(max_size=12), max_size=10).map("".join)


@settings(deadline=None)  # the first one compiles the rules
@given(TEXTS)
def test_masking_what_is_masked_changes_nothing(text: str) -> None:
    once = masked(text)
    assert MASKER.mask(once) == (once, ())


@settings(deadline=None)  # the first one compiles the rules
@given(TEXTS)
def test_all_but_the_secrets_stays(text: str) -> None:
    found = MASKER.find(text)
    assert [row.start for row in found] == sorted(row.start for row in found)
    rest = masked(text)
    done = 0
    for row in found:
        assert rest.startswith(text[done : row.start])
        rest = (
            rest[rest.index("]", row.start - done) + 1 :]
            if row.kind != "private_key"
            else rest[len(rest) - len(masked(text[row.end :])) :]  # each line of a key has a mask
        )
        done = row.end
    assert rest == text[done:]


@settings(deadline=None)  # the first one compiles the rules
@given(TEXTS)
def test_every_line_that_holds_a_secret_is_of_interest(text: str) -> None:
    for line in text.split("\n"):
        if MASKER.find(line):
            assert OF_INTEREST.search(line)


@pytest.mark.parametrize("number", range(len(FOR_JUDGES)))
def test_detect_secrets_finds_nothing_that_we_leave(number: int) -> None:
    line = FOR_JUDGES[number]
    with transient_settings({"plugins_used": [{"name": name} for name in JUDGES]}):
        for found in scan_line(line):
            value = found.secret_value or ""
            assert value in ("ghp", "") or value not in masked(line), (
                f"{found.type}: {value}"
            )  # it gives but the prefix


def test_the_judge_knows_most_of_the_corpus() -> None:
    with transient_settings({"plugins_used": [{"name": name} for name in JUDGES]}):
        assert sum(any(True for _ in scan_line(line)) for line in FOR_JUDGES) >= 20


@pytest.mark.parametrize("piece", ["eyJ-", "sk-", "token=", "://a:", "-----BEGIN PRIVATE KEY-----", "\\n"])
def test_hostile_lines_take_linear_time(piece: str) -> None:
    assert MASKER.mask("-----BEGIN PRIVATE KEY-----" + piece * 4_000) is not None  # a quadratic rule would take hours


def test_a_private_key_is_one_secret_and_keeps_its_lines() -> None:
    text = "\n".join(["before", *PRIVATE_KEY, "after"])
    (secret,) = MASKER.find(text)
    assert text[secret.start : secret.end] == "\n".join(KEY_BODY)
    hidden, found = MASKER.mask(text)
    assert hidden.splitlines() == [
        "before",
        PRIVATE_KEY[0],
        *["…[private key]"] * len(KEY_BODY),
        PRIVATE_KEY[-1],
        "after",
    ]
    assert [row.kind for row in found] == ["private_key"]
