"""`wrapper patterns`: what is looked for, whether it keeps its promises, and what a file would yield."""

import json
import os
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NoReturn

import click

from api.rows import block_json, event_json
from stream.agent_reader import marks
from stream.extractor import Extractor
from stream.grammars.kinds import kind_of, kind_of_word
from stream.lines import Reads
from stream.patterns import Pattern, PatternError, PatternSet, kinds_with_packs, load_packs
from stream.patterns.proof import Broken, broken_promises
from stream.pipeline import Findings, Pipeline
from stream.recording import RecordingHeader
from stream.secrets.masker import SecretMasker
from stream.timing import TimingRecord
from wrapper.commands.columns import Ways
from wrapper.commands.options import expect_stdout, fail, json_option, load_settings, setting_option
from wrapper.commands.tables import count, one_line, print_table

_CHUNK = 1 << 18  # bytes read from a file at once
_BROKEN = 1  # exit status of `check` when something does not hold
_LIST_TITLES = ("PATTERN", "TYPE", "PRIORITY", "RISK", "SOURCE")
_LIST_NARROWER = Ways(("PATTERN", "SOURCE"), spare=("PRIORITY",))
_TEST_TITLES = ("LINE", "TYPE", "PATTERN", "VALUE", "METADATA")
_TEST_NARROWER = Ways(("PATTERN", "VALUE", "METADATA"), spare=("METADATA",))


@click.group
def command() -> None:
    """See and try the patterns by which events are found."""


@command.command(name="list", short_help="List the patterns in force.")
@click.option("--agent", default="", help="With the pack of this agent, if no kind is set.")
@setting_option("kind", metavar="KIND")
@setting_option("patterns")
@json_option
def list_patterns(agent: str, as_json: bool, **flags: Any) -> None:
    """List the patterns in force, the first to be tried first, and where each comes from."""
    expect_stdout()
    settings = load_settings(**flags)
    found = _load(settings.kind or kind_of_word(agent), settings.patterns)
    if as_json:
        rows = [pattern._asdict() for pattern in found.patterns]
        click.echo(json.dumps({"patterns": rows, "digest": found.digest}, indent=2))
        return
    cells = [
        (pattern.name, pattern.event_type, str(pattern.priority), pattern.risk_level or "", pattern.source)
        for pattern in found.patterns
    ]
    print_table(_LIST_TITLES, cells, empty="no patterns", narrower=_LIST_NARROWER)


@command.command(short_help="Try all examples and counterexamples.")
@click.argument("files", nargs=-1, type=click.Path(path_type=Path))
@setting_option("patterns")
@json_option
def check(files: tuple[Path, ...], as_json: bool, **flags: Any) -> None:
    """Try all examples and counterexamples: ours, and those of FILES or of the files that the settings name.

    Exits with 1 when one does not hold.
    """
    expect_stdout()
    user_files = files or load_settings(**flags).patterns
    checked = [*_own(), *_of_user(user_files)]
    broken = [promise for patterns, together in checked for promise in _broken(patterns, together)]
    patterns = [pattern for patterns, _ in checked for pattern in patterns]
    lines = sum(len(pattern.examples) + len(pattern.counterexamples) for pattern in patterns)
    if as_json:
        click.echo(json.dumps({"patterns": len(patterns), "lines": lines, "broken": [*map(_row, broken)]}, indent=2))
    else:
        for promise in broken:
            pattern = promise.pattern
            click.echo(f"{pattern.source}: {pattern.name}: {promise.line!r}: {promise.problem}")
        click.echo(f"{count(len(patterns), 'pattern')}, {count(lines, 'line')}, {len(broken)} broken", err=True)
    sys.exit(_BROKEN if broken else 0)


@command.command(short_help="Show what would be found in a file.")
@click.argument("file", type=click.File("rb"))
@click.option("--agent", default="", help="With the pack of this agent, if no kind is set.")
@click.option("--size", metavar="COLUMNSxROWS", help="As a terminal of this size shows it; without, as a pipe has it.")
@setting_option("kind", metavar="KIND")
@setting_option("patterns")
@json_option
def test(file: Any, agent: str, size: str | None, as_json: bool, **flags: Any) -> None:
    """Show what would be found in FILE (`-`: standard input), as if an agent had printed it. Nothing is stored."""
    expect_stdout()
    settings = load_settings(**flags)
    header = RecordingHeader("0" * 16, agent or settings.kind or "any", (), os.getcwd(), 0, kind=settings.kind)
    if size is not None:
        columns, rows = _size(size)
        header = header._replace(mode=("pty", "pty", "pty"), columns=columns, rows=rows)
    found = _findings(file, header, _load(kind_of(header), settings.patterns))
    if as_json:
        events, blocks = [*map(event_json, found.events)], [*map(block_json, found.blocks)]
        click.echo(json.dumps({"extractions": events, "code_blocks": blocks, "lines": found.lines}, indent=2))
        return
    cells = [
        (
            str(event.line_number or ""),
            event.event_type,
            event.pattern,
            one_line(event.matched_value),
            one_line(_metadata_text(event.metadata)),
        )
        for event in found.events
    ]
    none = f"nothing found in {count(found.lines, 'line')}"
    print_table(_TEST_TITLES, cells, empty=none, narrower=_TEST_NARROWER)


def _load(kind: str | None, user_files: tuple[Path, ...], *, with_examples: bool = False) -> PatternSet:
    try:
        return load_packs(kind, user_files, with_examples=with_examples)
    except PatternError as error:
        _refuse(error)


def _refuse(error: PatternError) -> NoReturn:
    fail(str(error), _BROKEN)


def _own() -> Iterator[tuple[list[Pattern], PatternSet]]:
    """Our packs: the patterns of each, and all that are in force with it."""
    for_all = _load(None, (), with_examples=True)
    yield list(for_all.patterns), for_all
    for kind in kinds_with_packs():
        together = _load(kind, (), with_examples=True)
        yield [pattern for pattern in together.patterns if pattern.source == f"agents/{kind}.toml"], together


def _of_user(files: tuple[Path, ...]) -> Iterator[tuple[list[Pattern], PatternSet]]:
    if files:
        together = _load(None, files, with_examples=True)
        sources = set(map(str, files))
        yield [pattern for pattern in together.patterns if pattern.source in sources], together


def _broken(patterns: list[Pattern], together: PatternSet) -> Iterator[Broken]:
    names = {pattern.name for pattern in patterns}
    return (promise for promise in broken_promises(together.patterns) if promise.pattern.name in names)


def _row(promise: Broken) -> dict[str, str]:
    pattern = promise.pattern
    return {
        "source": pattern.source,
        "pattern": pattern.name,
        "line": promise.line,
        "problem": promise.problem,
    }


def _metadata_text(metadata: Mapping[str, Any]) -> str:
    """Without what is long; `--json` has it all."""
    return json.dumps({key: value for key, value in metadata.items() if key != "frames"}, ensure_ascii=False)


def _size(text: str) -> tuple[int, int]:
    columns, _, rows = text.partition("x")
    if not (columns.isdecimal() and rows.isdecimal() and 0 < int(columns) < 10_000 and 0 < int(rows) < 10_000):
        raise click.BadParameter(f"{text!r} should be columns and rows, such as 80x24", param_hint="--size")
    return int(columns), int(rows)


def _findings(file: Any, header: RecordingHeader, patterns: PatternSet) -> Findings:
    pipeline = Pipeline(header, Extractor(patterns.patterns, marks(header)), SecretMasker(os.urandom(32)))
    offset = 0
    while data := file.read(_CHUNK):
        pipeline.feed(Reads("stdout", offset, data, ((offset + len(data), 0),)))
        offset += len(data)
    pipeline.record(TimingRecord("H", 0, 0, name="EXIT_CODE", value=0))
    return pipeline.take()
