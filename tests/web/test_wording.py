"""How pages write figures and times: alike on the server and in the browser."""

import json
from typing import Any

import pytest
from playwright.sync_api import Page

from api.web import wording
from browsing import Viewer
from stream.timestamps import format_timestamp

NOW = 1_795_305_600_000_000
SECONDS = (
    0.0,
    0.04,
    0.4,
    0.25,
    0.362,
    9.99,
    10.0,
    59.9,
    59.96,
    60.0,
    185.2,
    3599.9,
    3600.0,
    7620.0,
    86_399.9,
    86_400.0,
    97_200.5,
    1e6,
)
FIGURES = (0, 1, 999, 1_000, 1_049, 9_999, 10_000, 48_210, 999_999, 1_000_000, 3_450_000, 12_345_678_901)
DOLLARS = (0.0, 0.0004, 0.0099, 0.01, 0.5, 12.345, 1234.5)
AGES = (0, 59, 60, 3_599, 3_600, 86_399, 86_400, 172_799, 172_800, 86_400 * 40)


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (None, ""),
        (-3.0, "0.0s"),
        (0.44, "0.4s"),
        (0.362, "0.4s"),
        (11.6, "11.6s"),
        (59.94, "59.9s"),
        (59.96, "1m 00s"),
        (185.2, "3m 05s"),
        (7_620.0, "2h 07m"),
        (97_200.0, "1d 3h"),
    ],
)
def test_durations_have_two_units_at_most(seconds: float | None, words: str) -> None:
    assert wording.duration(seconds) == words


@pytest.mark.parametrize(("value", "words"), [(950, "950"), (1_249, "1.2k"), (48_210, "48k"), (3_450_000, "3.4M")])
def test_figures_are_short_and_never_rounded_up(value: int, words: str) -> None:
    assert wording.short(value) == words


def test_only_all_is_all() -> None:
    assert [wording.percent(share) for share in (None, 0.0, 0.999, 1.0)] == ["", "0%", "99%", "100%"]


def test_one_thing_is_not_several() -> None:
    assert [wording.counted(value, "event") for value in (0, 1, 2_000)] == ["0 events", "1 event", "2.0k events"]


def test_a_command_can_be_typed_again() -> None:
    assert wording.command(("codex", "exec", "fix it", "$HOME")) == "codex exec 'fix it' '$HOME'"


def test_the_future_is_now() -> None:
    assert wording.relative(format_timestamp(NOW + 5_000_000), NOW) == "just now"
    assert wording.relative(None, NOW) == ""


def test_the_browser_writes_the_same(site: str, viewer: Viewer) -> None:
    page = viewer(f"{site}/search")
    moments = [format_timestamp(NOW - age * 1_000_000) for age in AGES]
    assert in_browser(page, "duration", SECONDS) == [wording.duration(value) for value in SECONDS]
    assert in_browser(page, "clock", SECONDS) == [wording.clock(value) for value in SECONDS]
    assert in_browser(page, "number", FIGURES) == [wording.number(value) for value in FIGURES]
    assert in_browser(page, "short", FIGURES) == [wording.short(value) for value in FIGURES]
    assert in_browser(page, "counted", FIGURES, "event") == [wording.counted(value, "event") for value in FIGURES]
    assert in_browser(page, "money", DOLLARS) == [wording.money(value) for value in DOLLARS]
    assert in_browser(page, "relative", moments, NOW // 1000) == [wording.relative(at, NOW) for at in moments]


def in_browser(page: Page, name: str, values: Any, *further: Any) -> list[str]:
    script = """async ([name, values, further]) => {
        const format = await import("/static/format.js");
        return values.map((value) => format[name](value, ...further));
    }"""
    found: list[str] = page.evaluate(script, [name, json.loads(json.dumps(values)), list(further)])
    return found
