"""`/api/query/usage`: what agents used, by day, agent, model and session."""

from functools import partial
from typing import Any

import httpx
import pytest

from api.context import Settings
from data.sqlite.transaction import converse
from data.sqlite.usage import usage_statements
from running_server import running
from sample_database import MINUTE, START, SampleDatabase, at
from stream.records import Usage

DAY = 24 * 60


def use(database: SampleDatabase, session_id: str, minutes: float, total: int, **fields: Any) -> None:
    """One step of an agent."""
    usage = Usage(session_id, at(minutes), "thread", f"step {minutes} {total}", "step", "test", total=total)
    converse(database.connection, usage_statements([usage._replace(**fields)]))


def get(client: httpx.Client, **params: object) -> Any:
    names = {name.rstrip("_"): str(value) for name, value in params.items()}
    response = client.get("/api/query/usage", params=names)
    assert response.status_code == 200, response.text
    return response.json()


@pytest.fixture
def used(database: SampleDatabase) -> SampleDatabase:
    database.session("aaaa")
    database.session("bbbb", agent_name="opencode")
    database.session("cccc")
    use(database, "aaaa", 1, 100, input_uncached=90, output=10)
    use(database, "aaaa", 61, 50, model="big")
    use(database, "aaaa", DAY + 1, 30, model="big")
    use(database, "bbbb", 2, 200, cost_usd=0.25)
    return database


@pytest.mark.usefixtures("used")
def test_days_come_newest_first_with_what_was_told_and_null_for_what_was_not(client: httpx.Client) -> None:
    answer = get(client, from_=at(0))
    assert (answer["by"], answer["from"], answer["to"]) == ("day", at(0), None)
    assert [(row["day"], row["sessions"], row["tokens"]["total"], row["cost_usd"]) for row in answer["usage"]] == [
        ("2026-11-23", 1, 30, None),
        ("2026-11-22", 2, 350, 0.25),
    ]
    assert answer["usage"][1]["tokens"] == {
        "input_uncached": 90, "cache_read": None, "cache_write": None, "output": 10, "reasoning": None, "total": 350,
    }  # fmt: skip
    assert (answer["total"]["sessions"], answer["total"]["tokens"]["total"], answer["total"]["cost_usd"]) == (
        2,
        380,
        0.25,
    )


@pytest.mark.usefixtures("used")
@pytest.mark.parametrize(
    ("by", "rows"),
    [
        ("agent", [("opencode", 200), ("codex", 180)]),
        ("model", [(None, 300), ("big", 80)]),
        ("session", [("bbbb", 200), ("aaaa", 180)]),
    ],
)
def test_others_come_by_their_tokens(client: httpx.Client, by: str, rows: list[tuple[str | None, int]]) -> None:
    answer = get(client, by=by, from_=at(0))
    assert [(row[by], row["tokens"]["total"]) for row in answer["usage"]] == rows
    assert len(get(client, by=by, limit=1, from_=at(0))["usage"]) == 1
    assert get(client, by=by, limit=1, from_=at(0))["total"] == answer["total"]


@pytest.mark.usefixtures("used")
@pytest.mark.parametrize(
    ("wanted", "total"),
    [
        ({"from": at(0), "agent": "codex"}, 180),
        ({"session": "bbbb"}, 200),
        ({"from": at(0), "agent": "nobody"}, None),
        ({"from": at(60)}, 80),
        ({"from": at(90)}, 80),
        ({"to": at(60)}, 300),
        ({"from": at(0), "to": at(DAY), "agent": "codex"}, 150),
    ],
)
def test_filters_apply_together(client: httpx.Client, wanted: dict[str, str], total: int | None) -> None:
    assert get(client, **wanted)["total"]["tokens"]["total"] == total


@pytest.mark.parametrize("query", ["by=week", "limit=0", "from=never", "from=-1h&to=-2h", "days=3&from=-1h", "x=1"])
def test_a_wrong_parameter_is_named(empty: httpx.Client, query: str) -> None:
    answer = empty.get(f"/api/query/usage?{query}")
    assert answer.status_code == 400
    assert query.partition("=")[0] in answer.json()["error"]["message"]


@pytest.mark.usefixtures("used")
def test_by_default_it_is_the_last_thirty_days_and_all_of_a_session(database: SampleDatabase) -> None:
    for days, total in ((29, 380), (31, 30), (40, None)):
        clock = partial(int, START + days * DAY * MINUTE)
        with running(Settings(database.path, "1.2.3", now=clock)) as http:
            answer = get(http)
            assert answer["total"]["tokens"]["total"] == total
            assert answer["from"] == at((days - 30) * DAY)
            assert get(http, session="aaaa")["total"]["tokens"]["total"] == 180


def test_without_any_row_nothing_was_told(empty: httpx.Client) -> None:
    answer = get(empty)
    assert answer["usage"] == []
    assert (answer["total"]["sessions"], answer["total"]["tokens"]["total"], answer["total"]["cost_usd"]) == (
        0,
        None,
        None,
    )


@pytest.mark.usefixtures("used")
def test_sessions_and_statistics_tell_the_same(client: httpx.Client) -> None:
    rows = {row["session_id"]: row for row in client.get("/api/query/sessions").json()["sessions"]}
    assert {key: (row["tokens_total"], row["cost_usd"]) for key, row in rows.items()} == {
        "aaaa": (180, None), "bbbb": (200, 0.25), "cccc": (None, None),
    }  # fmt: skip
    stats = client.get("/api/query/stats").json()
    assert (stats["tokens_total"], stats["cost_usd"]) == (380, 0.25)
    codex = client.get("/api/query/stats/agent/codex").json()
    assert (codex["tokens_total"], codex["cost_usd"]) == (180, None)
