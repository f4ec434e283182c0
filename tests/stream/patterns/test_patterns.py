"""Loading packs: order, override, digest, and every error by name."""

from pathlib import Path

import pytest

from stream.patterns import Example, PatternError, load_packs
from stream.patterns.syntax import without_groups

PATTERN = """
[[pattern]]
name = "deploy"
event_type = "state_change"
regex = '^Deployed (?P<value>.+)'
examples = ['Deployed web']
"""


def pack(folder: Path, text: str, name: str = "mine.toml") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def refusal(folder: Path, text: str) -> PatternError:
    with pytest.raises(PatternError) as caught:
        load_packs("any", [pack(folder, text)])
    assert caught.value.source == str(folder / "mine.toml")
    assert str(caught.value).startswith(f"{folder / 'mine.toml'}: ")
    return caught.value


def changed(field: str) -> str:
    """The pack with one line instead of that of the same key."""
    key = field.partition(" = ")[0]
    lines = [field if line.startswith(f"{key} =") else line for line in PATTERN.splitlines()]
    return "\n".join(lines if field in lines else [*lines, field])


def test_an_agent_without_a_pack_has_the_patterns_for_every_agent() -> None:
    patterns = load_packs("nobody-knows-it").patterns
    assert patterns == load_packs("").patterns
    assert {pattern.source.partition("/")[0] for pattern in patterns} == {"families"}


def test_an_agents_own_pack_comes_beside_those_for_every_agent() -> None:
    sources = {pattern.source for pattern in load_packs("codex").patterns}
    assert sources == {pattern.source for pattern in load_packs("").patterns} | {"agents/codex.toml"}


def test_of_patterns_with_the_same_priority_those_of_an_earlier_pack_come_first() -> None:
    patterns = load_packs("codex").patterns
    plain = [pattern.source for pattern in patterns if pattern.priority == 0]
    assert plain[0] == "families/messages.toml"
    assert plain[-1] == "agents/codex.toml"


@pytest.mark.parametrize("agent", ["../patterns/codex", "/etc/passwd", "", ".", "a/b", "codex.toml", "x\0y"])
def test_an_agents_name_is_never_taken_for_a_path(agent: str) -> None:
    assert load_packs(agent).patterns == load_packs("nobody-knows-it").patterns


def test_a_users_pattern_is_added_with_all_its_fields(tmp_path: Path) -> None:
    text = """
        [[pattern]]
        name = "deploy"
        event_type = "state_change"
        regex = '^Deployed (?P<value>\\S+) to (?P<place>\\S+)'
        risk_level = "high"
        auto_confirmable = true
        priority = 1000
        examples = ['Deployed a to b', {line = 'Deployed web to prod', value = 'web', metadata = {place = 'prod'}}]
        counterexamples = ['I Deployed web to prod']
    """
    first = load_packs("any", [pack(tmp_path, text)]).patterns[0]
    assert first.name == "deploy"
    assert (first.risk_level, first.auto_confirmable, first.priority) == ("high", True, 1000)
    assert first.examples == (Example("Deployed a to b"), Example("Deployed web to prod", "web", {"place": "prod"}))
    assert first.counterexamples == ("I Deployed web to prod",)


def test_a_users_pattern_replaces_ours_of_the_same_name(tmp_path: Path) -> None:
    path = pack(tmp_path, PATTERN.replace('"deploy"', '"fatal"'))
    fatal = [pattern for pattern in load_packs("any", [path]).patterns if pattern.name == "fatal"]
    assert [(pattern.event_type, pattern.source) for pattern in fatal] == [("state_change", str(path))]
    assert len(load_packs("any", [path]).patterns) == len(load_packs("any").patterns)


def test_a_later_file_of_the_user_replaces_an_earlier_one(tmp_path: Path) -> None:
    paths = [pack(tmp_path, PATTERN, "a.toml"), pack(tmp_path, PATTERN.replace("Deployed", "Done"), "b.toml")]
    paths[1].write_text(paths[1].read_text().replace("'Deployed web'", "'Done web'"))
    deploy = [pattern for pattern in load_packs("any", paths).patterns if pattern.name == "deploy"]
    assert [pattern.source for pattern in deploy] == [str(paths[1])]


def test_a_higher_priority_is_tried_first_and_equal_ones_in_the_order_of_the_files(tmp_path: Path) -> None:
    other = PATTERN.replace('"deploy"', '"other"')
    names = [p.name for p in load_packs("any", [pack(tmp_path, PATTERN + other + "priority = 500\n")]).patterns]
    assert names[0] == "other"
    names = [p.name for p in load_packs("any", [pack(tmp_path, PATTERN + other)]).patterns]
    assert names.index("deploy") + 1 == names.index("other")


def test_an_empty_pack_adds_nothing(tmp_path: Path) -> None:
    empty = load_packs("any", [pack(tmp_path, "# none yet\n")])
    assert (empty.patterns, empty.digest) == (load_packs("any").patterns, load_packs("any").digest)


def test_the_digest_has_sixteen_hex_digits_and_differs_between_agents() -> None:
    digest = load_packs("codex").digest
    assert len(digest) == 16
    assert int(digest, 16) >= 0
    assert digest != load_packs("any").digest


def test_the_digest_depends_neither_on_the_place_of_a_file_nor_on_its_examples(tmp_path: Path) -> None:
    first = pack(tmp_path, PATTERN, "a.toml")
    second = pack(tmp_path, "# a comment\n" + PATTERN.replace("'Deployed web'", "'Deployed api'"), "b.toml")
    assert load_packs("any", [first]).digest == load_packs("any", [second]).digest


@pytest.mark.parametrize(
    "field",
    [
        'name = "release"',
        'event_type = "git"',
        "regex = '^Deployed (?P<value>.*)'",
        'risk_level = "low"',
        "auto_confirmable = true",
        "priority = 1",
        'value = "deployed"',
        'metadata = {place = "prod"}',
        "consequence = true",
    ],
)
def test_the_digest_differs_with_every_field_that_counts(tmp_path: Path, field: str) -> None:
    before = load_packs("any", [pack(tmp_path, PATTERN)]).digest
    assert load_packs("any", [pack(tmp_path, changed(field))]).digest != before


def test_the_digest_differs_with_the_order_of_patterns(tmp_path: Path) -> None:
    other = PATTERN.replace('"deploy"', '"other"')
    forth = load_packs("any", [pack(tmp_path, PATTERN + other)]).digest
    assert load_packs("any", [pack(tmp_path, other + PATTERN)]).digest != forth


@pytest.mark.parametrize(
    ("field", "where", "words"),
    [
        ('colour = "red"', "colour", ["unknown key", "risk_level"]),
        ('name = "a b"', "name", ["'a b'", "letters"]),
        ("name = 3", "name", ["3", "a text"]),
        ('event_type = "eror"', "event_type", ["'eror'", "error, warning, tool_use"]),
        ('risk_level = "extreme"', "risk_level", ["'extreme'", "low, medium, high, critical"]),
        ('auto_confirmable = "yes"', "auto_confirmable", ["'yes'", "true or false"]),
        ("priority = true", "priority", ["True", "a whole number"]),
        ("priority = 1.5", "priority", ["1.5", "a whole number"]),
        ("examples = []", "examples", ["at least one"]),
        ('examples = "Deployed web"', "examples", ["a list of lines"]),
        ("examples = [3]", "examples", ["3", "a line"]),
        ("examples = [{value = 'web'}]", "examples", ["'web'", "a line"]),
        ("examples = [{line = 'x', colour = 'red'}]", "examples, colour", ["unknown key"]),
        ("examples = [{line = 'x', metadata = 1}]", "examples, metadata", ["1", "a table"]),
        ("metadata = 'pytest'", "metadata", ["'pytest'", "a table"]),
        ("value = 3", "value", ["3", "a text"]),
        ("consequence = 'yes'", "consequence", ["'yes'", "true or false"]),
        ("counterexamples = [3]", "counterexamples", ["3", "a line"]),
        ("regex = '(?=x)'", "regex", ["RE2 refuses", "invalid perl operator: (?="]),
        ("regex = 'x{1001}'", "regex", ["RE2 refuses", "invalid repetition size: {1001}"]),
        ("regex = 'x*'", "regex", ["matches the empty line"]),
        (r"regex = 'x\z'", "regex", [r"\z", "write $"]),
        (r"regex = '\Ax'", "regex", [r"\A", "write ^"]),
        (r"regex = 'x\ny'", "regex", [r"\n", "one line"]),
        ("regex = '(?s)x.'", "regex", ["the flag s", "(?s)"]),
        ("regex = 'a(?i-s:x.)'", "regex", ["the flag s", "(?i-s:"]),
        ("regex = '(?-m)^x'", "regex", ["the flag m", "already"]),
        ("regex = '(?P<value>x)(?P<value>y)'", "regex", ["'value'", "twice"]),
    ],
)
def test_a_field_that_is_wrong_is_named_with_what_would_be_right(
    tmp_path: Path, field: str, where: str, words: list[str]
) -> None:
    error = refusal(tmp_path, changed(field))
    assert error.field == where
    assert [word for word in words if word not in str(error)] == []


@pytest.mark.parametrize("key", ["name", "event_type", "regex", "examples"])
def test_a_field_that_is_missing_is_named(tmp_path: Path, key: str) -> None:
    text = "\n".join(line for line in PATTERN.splitlines() if not line.startswith(key))
    error = refusal(tmp_path, text)
    assert error.field == key
    assert "missing" in str(error)
    assert error.pattern == ("number 1" if key == "name" else "deploy")


@pytest.mark.parametrize(
    "regex", [r"x\\z", r"[\\(?s)]z", r"\Q(?s)\z\E", "(?i)deployed", "[]z]x", r"[[:alpha:]\]]\(?P<x>", "(?i:x)y"]
)
def test_what_only_resembles_something_refused_is_taken(tmp_path: Path, regex: str) -> None:
    assert load_packs("any", [pack(tmp_path, changed(f"regex = '{regex}'"))]).patterns


def test_a_name_that_is_used_twice_is_refused(tmp_path: Path) -> None:
    error = refusal(tmp_path, PATTERN + PATTERN)
    assert (error.pattern, error.field) == ("deploy", "name")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[[pattern]\n", ["not TOML", "line 1"]),
        ("patterns = []\n", ["patterns", "[[pattern]]"]),
        ("[pattern]\nname = 'x'\n", ["[[pattern]]"]),
    ],
)
def test_a_file_that_is_no_pack_is_refused(tmp_path: Path, text: str, words: list[str]) -> None:
    message = str(refusal(tmp_path, text))
    assert [word for word in words if word not in message] == []


def test_a_file_that_is_not_there_or_not_utf8_is_named(tmp_path: Path) -> None:
    with pytest.raises(PatternError, match="No such file"):
        load_packs("any", [tmp_path / "mine.toml"])
    (tmp_path / "mine.toml").write_bytes(b"\xff")
    with pytest.raises(PatternError, match="utf-8"):
        load_packs("any", [tmp_path / "mine.toml"])


@pytest.mark.parametrize(
    ("regex", "without"),
    [
        ("(a)(?P<b>c)(?:d)", "(?:a)(?:c)(?:d)"),
        (r"\((a[(]\Q(\E(?i:x)", r"\((?:a[(]\Q(\E(?i:x)"),
    ],
)
def test_without_groups_nothing_is_captured_and_all_else_stays(regex: str, without: str) -> None:
    assert without_groups(regex) == without
