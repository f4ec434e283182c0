"""A model on loopback that a coding agent can talk to: it has a shell command run, and then ends its turn.

Speaks as much of OpenAI's Responses API as codex needs (https://platform.openai.com/docs/api-reference/responses-streaming).
"""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

CALL = "call_1"
USAGE = {"input_tokens": 11, "input_tokens_details": None, "output_tokens": 7, "output_tokens_details": None}


class ModelServer(ThreadingHTTPServer):
    """Answers every conversation the same: first with `command` for the agent's shell, then with `answer`."""

    daemon_threads = True

    def __init__(self, command: str, answer: str) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.command = command
        self.answer = answer

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/v1"

    def next_item(self, conversation: dict[str, Any]) -> dict[str, Any]:
        """What the model says next: its answer, once the command has been run."""
        if any(item.get("call_id") == CALL and "output" in item for item in conversation["input"]):
            text = {"type": "output_text", "text": self.answer, "annotations": []}
            return {"type": "message", "id": "msg_1", "role": "assistant", "status": "completed", "content": [text]}
        name, arguments = shell_call(conversation.get("tools", []), self.command)
        return {
            "type": "function_call",
            "id": "fc_1",
            "call_id": CALL,
            "name": name,
            "arguments": json.dumps(arguments),
        }


def shell_call(tools: list[dict[str, Any]], command: str) -> tuple[str, dict[str, Any]]:
    """Name and arguments of the agent's own tool that runs a line of shell."""
    for tool in tools:
        properties = tool.get("parameters", {}).get("properties", {})
        if "cmd" in properties:
            return tool["name"], {"cmd": command}
        if "command" in properties:
            is_list = properties["command"].get("type") == "array"
            return tool["name"], {"command": ["bash", "-c", command] if is_list else command}
    raise LookupError(f"no tool runs a command: {[tool.get('name') for tool in tools]}")


class _Handler(BaseHTTPRequestHandler):
    server: ModelServer

    def log_message(self, format: str, *values: Any) -> None:  # noqa: A002 (the base class's name)
        """Nothing is printed: the screen belongs to what is tested."""

    def do_GET(self) -> None:
        self._send(b'{"data": [], "models": []}', "application/json")

    def do_POST(self) -> None:
        conversation = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        item = self.server.next_item(conversation)
        response = {"id": "resp_1", "object": "response", "output": [item], "usage": USAGE | {"total_tokens": 18}}
        events: list[dict[str, Any]] = [
            {"type": "response.created", "response": {"id": "resp_1"}},
            {"type": "response.output_item.added", "output_index": 0, "item": item | {"content": []}},
            {"type": "response.output_item.done", "output_index": 0, "item": item},
            {"type": "response.completed", "response": response},
        ]
        body = "".join(f"event: {event['type']}\ndata: {json.dumps(event)}\n\n" for event in events)
        self._send(body.encode(), "text/event-stream")

    def _send(self, body: bytes, kind: str) -> None:
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


@contextmanager
def model(command: str, answer: str) -> Iterator[ModelServer]:
    """A model that serves within the block."""
    with ModelServer(command, answer) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()
