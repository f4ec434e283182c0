"""Short reads of files in another thread, which nobody leaves while they go on."""

import asyncio
from collections.abc import Callable
from typing import TypeVar

Result = TypeVar("Result")


async def read_in_thread(read: Callable[[], Result]) -> Result:
    """What `read` returns. Whoever is cancelled waits for it: the files that it uses are closed next."""
    reading = asyncio.create_task(asyncio.to_thread(read))
    try:
        return await asyncio.shield(reading)
    except asyncio.CancelledError:
        await asyncio.wait({reading})
        raise
