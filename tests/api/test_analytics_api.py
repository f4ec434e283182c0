"""Search, statistics and comparisons over HTTP: shapes, spans, errors, and values that look like SQL."""

import http.client
import threading
from contextlib import closing, suppress
from itertools import pairwise
from typing import Any

import httpx
import pytest

from data.sqlite.batch import event_statements
from data.sqlite.database import open_writer
from data.sqlite.transaction import converse, transaction
from sample_database import SampleDatabase, at
from samples import an_event


def get(client: httpx.Client, path: str, **params: object) -> Any:
    response = client.get(path, params={name.rstrip("_"): str(value) for name, value in params.items()})
    assert response.status_code == 200, response.text
    return response.json()


def test_a_search_tells_pieces_of_text_and_the_row(client: httpx.Client, database: SampleDatabase) -> None:
    database.event("s1", original_line="could not <b>open</b> it", matched_value="open")
    database.block("s1", "open('x')")
    answer = get(client, "/api/query/search", q="open", in_="extraction")
    (hit,) = answer["hits"]
    assert hit["snippet"] == [
        {"text": "could not <b>", "match": False},
        {"text": "open", "match": True},
        {"text": "</b> it", "match": False},
    ]
    assert (hit["source"], hit["row"]["id"], hit["row"]["metadata"]) == ("extraction", 1, {})
    assert (answer["total"], answer["total_is"], answer["ranked_by"], answer["complete"]) == (1, "exact", "bm25", True)
    assert get(client, "/api/query/search", q="open")["total"] == 2
    assert get(client, "/api/query/search", q="nothing")["hits"] == []


@pytest.mark.parametrize(
    ("q", "problem"),
    [('say "open', "character 5"), ("--", "no letter"), ("", "no letter"), ("x" * 1001, "1001 characters")],
)
@pytest.mark.parametrize("path", ["/api/query/search", "/api/query/extractions", "/api/query/code-blocks"])
def test_a_search_that_cannot_be_read_is_refused(empty: httpx.Client, path: str, q: str, problem: str) -> None:
    response = empty.get(path, params={"q": q})
    error = response.json()["error"]
    assert (response.status_code, error["kind"]) == (400, "invalid_parameter")
    assert problem in error["message"]
    assert "phrases" in error["hint"]
    assert len(response.content) < 1000


@pytest.mark.parametrize(
    "q", ["'; DROP TABLE code_blocks; --x", 'x" OR "y', "NEAR(x y)", "text:x", "x AND", "^x", "{x}"]
)
def test_nothing_in_a_search_is_a_command(client: httpx.Client, database: SampleDatabase, q: str) -> None:
    database.event(original_line=q)
    database.event(original_line="other")
    for path, rows in (("/api/query/search", "hits"), ("/api/query/extractions", "extractions")):
        assert len(get(client, path, q=q)[rows]) == 1


def test_metadata_that_is_no_json_is_told_as_text(client: httpx.Client, database: SampleDatabase) -> None:
    database.event()
    database.connection.execute("UPDATE extraction_events SET metadata_json = '{\"cost\":NaN}'")
    (row,) = get(client, "/api/query/extractions")["extractions"]
    assert row["metadata"] == '{"cost":NaN}'


def test_totals_of_everything(client: httpx.Client, database: SampleDatabase) -> None:
    database.session("s1", ended_at=at(1), exit_code=0, state="completed")
    database.event("s1", risk_level="high")
    answer = get(client, "/api/query/stats")
    assert answer["sessions_by_state"] == {"completed": 1}
    assert answer["extractions_by_risk"] == {"high": 1}
    assert (answer["total_sessions"], answer["success_rate"]) == (1, 1.0)


def test_a_summary_says_what_it_covers_and_what_was_different(client: httpx.Client, database: SampleDatabase) -> None:
    database.session("s1", started_at=at(7), state="failed", ended_at=at(8), exit_code=1)
    database.event("s1", timestamp=at(7))
    database.event("s0", timestamp=at(1), event_type="git")
    answer = get(client, "/api/query/summary", from_=at(6), to=at(8), versus="previous")
    assert (answer["from"], answer["to"]) == (at(5), at(10))
    assert (answer["total_sessions"], answer["extractions_by_type"]) == (1, {"error": 1})
    assert answer["versus"]["from"] == at(0)
    assert answer["difference"]["extractions_by_type"] == {"error": 1, "git": -1}
    assert get(client, "/api/query/summary", period=f"{at(0)}..{at(5)}")["extractions_by_type"] == {"git": 1}
    assert get(client, "/api/query/summary", agent="nobody", period="last-week")["total_extractions"] == 0


def test_sessions_and_spans_are_compared(client: httpx.Client, database: SampleDatabase) -> None:
    database.session("one", state="completed")
    database.event("one")
    database.session("two")
    answer = get(client, "/api/query/compare", a="one", b="two")
    assert answer["difference"]["extractions_by_type"] == {"error": 1}
    assert answer["a"]["session_id"] == "one"
    spans = get(client, "/api/query/compare", a=f"{at(0)}..{at(5)}", b="-14d..-7d")
    assert spans["a"]["total_extractions"] == 1
    response = client.get("/api/query/compare", params={"a": "one", "b": "nobody"})
    assert (response.status_code, response.json()["error"]["kind"]) == (404, "session_not_found")


def test_attention_and_top(client: httpx.Client, database: SampleDatabase) -> None:
    database.session("s1", state="failed", ended_at=at(1), exit_code=1, command_json=["make"])
    database.event("s1", risk_level="critical", matched_value="no such file")
    (concern,) = get(client, "/api/query/attention")["sessions"]
    assert (concern["reasons"], concern["session"]["session_id"]) == (["failed", "risk"], "s1")
    span = f"{at(0)}..{at(5)}"
    for by, name in (("pattern", "error_line"), ("agent", "codex"), ("value", "no such file"), ("command", "make")):
        answer = get(client, "/api/query/top", by=by, period=span)
        assert answer["top"] == [{"name": name, "count": 1}]
        assert (answer["counted_is"], answer["by"]) == ("all", by)


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("/api/query/search", "q"),
        ("/api/query/compare?a=x", "b"),
        ("/api/query/summary?period=someday", "period"),
        ("/api/query/summary?period=today&days=3", "period"),
        ("/api/query/summary?from=now&to=-1d", "from"),
        ("/api/query/summary?versus=later", "versus"),
        ("/api/query/compare?a=-1d..-2d&b=x", "a"),
        ("/api/query/compare?a=-1d..-2d&b=x", "the span ends before it begins"),
        ("/api/query/summary?period=now..-1d", "the span ends before it begins"),
        ("/api/query/top?by=size", "by"),
        ("/api/query/top?by=command&type=error", "type"),
        ("/api/query/top?limit=1000000", "limit"),
        ("/api/query/attention?limit=0", "limit"),
        ("/api/query/extractions?limit=1000000", "limit"),
        ("/api/query/extractions?cursor=YWJvdmUgMQ", "cursor"),
        ("/api/query/extractions?after=1&cursor=YmVmb3JlIDE", "cursor"),
    ],
)
def test_what_cannot_be_is_named(empty: httpx.Client, path: str, name: str) -> None:
    response = empty.get(path)
    assert response.status_code == 400, response.text
    assert name in response.json()["error"]["message"]
    assert response.json()["error"]["hint"]


def test_a_query_of_ten_megabytes_is_refused_and_the_server_goes_on(empty: httpx.Client) -> None:
    connection = http.client.HTTPConnection(empty.base_url.host, empty.base_url.port, timeout=30)
    with closing(connection), suppress(ConnectionError):  # a server that hangs up has refused as well
        connection.request("GET", "/api/query/extractions?q=" + "x" * 10_000_000)
        answer = connection.getresponse()
        assert answer.status in {400, 414, 431}
        assert len(answer.read()) < 1000
    assert empty.get("/api/health").status_code == 200


def test_who_polls_behind_the_last_id_sees_each_row_once_while_a_writer_adds(
    client: httpx.Client, database: SampleDatabase
) -> None:
    def write() -> None:
        connection = open_writer(database.path)
        for _ in range(40):
            with transaction(connection):
                converse(connection, event_statements([an_event(session_id="s1")] * 25))
        connection.close()

    writer = threading.Thread(target=write)
    writer.start()
    seen: list[int] = []
    while len(seen) < 1000:
        assert writer.is_alive() or database.number("SELECT MAX(id) FROM extraction_events") == 1000
        answer = get(client, "/api/query/extractions", after=seen[-1] if seen else 0, limit=7)
        seen += [row["id"] for row in answer["extractions"]]
    writer.join()
    assert all(before < row for before, row in pairwise(seen))
    assert seen == list(range(1, 1001))


def test_pages_behind_an_id_go_on_by_cursor(client: httpx.Client, database: SampleDatabase) -> None:
    ids = [database.event() for _ in range(7)]
    seen: list[int] = []
    cursor: dict[str, str] = {}
    while True:
        answer = get(client, "/api/query/extractions", after=ids[1], limit=2, **cursor)
        seen += [row["id"] for row in answer["extractions"]]
        assert answer["total"] == 5
        if answer["next"] is None:
            break
        cursor = {"cursor": answer["next"]}
    assert seen == ids[2:]
