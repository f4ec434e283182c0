"""The one watcher of the live feed: whom it serves, how it begins, and how it ends."""

import asyncio
import threading
from pathlib import Path
from typing import Any

import pytest

from api.live_feed import LiveFeed
from data.changes import Wanted
from data.stores import StoreError
from program import wait_until
from sample_database import SampleDatabase
from sample_recording import header, store
from stream.recording import RecordingWriter


def never() -> None:
    raise AssertionError("somebody was cut off")


@pytest.mark.anyio
async def test_whose_buffer_is_full_is_cut_off_alone(database: SampleDatabase) -> None:
    cut_off: list[bool] = []
    feed = LiveFeed(database.path, on_cut_off=lambda: cut_off.append(True), buffer=2000)
    async with feed.subscribe(Wanted(), output=False) as slow, feed.subscribe(Wanted(), output=False) as quick:
        taken = b""
        for number in range(50):
            database.event(matched_value=f"number {number}.")
            while f"number {number}.".encode() not in taken:
                part = await quick.take()
                assert part
                taken += part
        assert await slow.take() == b""
        assert cut_off == [True]
    await feed.close()


@pytest.mark.anyio
async def test_a_watcher_that_fails_ends_all_and_the_next_one_begins_anew(
    database: SampleDatabase, tmp_path: Path
) -> None:
    feed = LiveFeed(tmp_path / "nowhere.db", on_cut_off=never)
    with pytest.raises(StoreError, match="nowhere"):
        async with feed.subscribe(Wanted(), output=False):
            pass
    database.connection.execute("VACUUM INTO ?", (str(tmp_path / "nowhere.db"),))
    async with feed.subscribe(Wanted(), output=False) as subscription:
        start = await subscription.start()
        assert start is not None
        assert start.rows.extraction == 0
    await feed.close()


@pytest.mark.anyio
async def test_nobody_looks_at_the_database_while_nobody_listens(database: SampleDatabase) -> None:
    feed = LiveFeed(database.path, on_cut_off=never)
    for _ in range(3):
        async with feed.subscribe(Wanted(), output=False):
            assert [thread.name for thread in threading.enumerate()].count("live feed") >= 1
    await feed.close()
    wait_until(lambda: "live feed" not in [thread.name for thread in threading.enumerate()], "the watchers' ends")


async def listen(feed: LiveFeed) -> None:
    async with feed.subscribe(Wanted(), output=False) as subscription:
        await subscription.take()


@pytest.mark.anyio
async def test_who_goes_away_while_the_watcher_starts_leaves_nothing_behind(database: SampleDatabase) -> None:
    complaints: list[dict[str, Any]] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: complaints.append(context))
    feed = LiveFeed(database.path, on_cut_off=never)
    for turns in range(6):
        listening = asyncio.create_task(listen(feed))
        for _ in range(turns):
            await asyncio.sleep(0)
        listening.cancel()
        await asyncio.wait({listening})
    database.event()
    async with feed.subscribe(Wanted(), output=False) as subscription:
        start = await subscription.start()
        assert start is not None
        assert start.rows.extraction == 1
        database.event(matched_value="the second")
        assert b"the second" in await subscription.take()
    await feed.close()
    assert complaints == []


@pytest.mark.anyio
async def test_a_new_watcher_follows_output_anew_also_while_listeners_of_the_old_one_linger(
    database: SampleDatabase, tmp_path: Path
) -> None:
    feed = LiveFeed(database.path, on_cut_off=never)
    async with feed.subscribe(Wanted(), output=True) as old:
        assert await old.start() is not None
        await feed.close()
        assert await old.take() == b""
        with RecordingWriter(tmp_path / "s1", header("s1")) as writer:
            store(database, tmp_path / "s1", end=None)
            async with feed.subscribe(Wanted(), output=True) as new:
                start = await new.start()
                assert start is not None
                assert list((start.output or {}).values()) == [0]
                writer.output("stdout", b"for the new one", 1)
                assert b"for the new one" in await new.take()
    await feed.close()
