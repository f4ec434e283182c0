"""Commands to a replay in progress: pause, resume, seek, speed, stop.

A replay is known by the id that its `session_start` told, for as long as its client is there.
"""

from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import aclosing
from typing import Any, cast

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from api.context import settings_of
from api.errors import NotFoundError
from api.json_body import Field, read_body
from api.params import read_parameters
from api.replay_player import Player
from stream.pacing import MAX_SPEED, MIN_SPEED
from stream.timing import MICROSECONDS

BODIES: Mapping[str, tuple[Field, ...]] = {
    "pause": (),
    "resume": (),
    "seek": (Field("t", 0, 1e9),),
    "speed": (Field("speed", MIN_SPEED, MAX_SPEED),),
    "stop": (),
}

_COMMANDS: Mapping[str, Callable[[Player, Mapping[str, Any]], None]] = {
    "pause": lambda player, _: player.pause(),
    "resume": lambda player, _: player.resume(),
    "seek": lambda player, body: player.seek(round(body["t"] * MICROSECONDS)),
    "speed": lambda player, body: player.change_speed(body["speed"]),
    "stop": lambda player, _: player.stop(),
}


class Replays:
    """The replays that are being played."""

    def __init__(self) -> None:
        self._players: dict[str, Player] = {}

    async def playing(self, player: Player) -> AsyncGenerator[bytes, None]:
        """The events of the replay, which can be commanded until they end or are closed."""
        self._players[player.replay_id] = player
        try:
            async with aclosing(player.play()) as frames:
                async for frame in frames:
                    yield frame
        finally:
            del self._players[player.replay_id]

    def find(self, replay_id: str) -> Player:
        """Raises `NotFoundError`."""
        if player := self._players.get(replay_id):
            return player
        raise NotFoundError(
            f"no replay has the id {replay_id!r}", "it is over, or was never begun: session_start tells the id"
        )


def replays_of(request: Request) -> Replays:
    """The replays of this server."""
    return cast("Replays", request.app.state.replays)


async def control(request: Request) -> Response:
    """A command to a replay in progress; the answer says where it stands now."""
    read_parameters(request.query_params, (), settings_of(request).now())
    command = request.path_params["command"]
    if command not in _COMMANDS:
        raise NotFoundError(f"there is no command {command!r}", f"there are: {', '.join(_COMMANDS)}")
    body = await read_body(request, BODIES[command])
    player = replays_of(request).find(request.path_params["replay_id"])
    _COMMANDS[command](player, body)
    return JSONResponse(player.status())
