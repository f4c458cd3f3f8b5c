"""A server on this machine that speaks the OpenAI chat protocol, and says what a test scripts."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

Asked = dict[str, Any]  # what a question says: the sentence with what stands around it


@dataclass
class Trouble:
    """An answer that is none: an HTTP status, or nothing at all until the test ends."""

    status: int = 0


Script = Callable[[Asked], "str | Trouble"]


@dataclass
class ModelServer:
    """What was asked, and what is answered: a text, or trouble."""

    url: str = ""
    script: Script = lambda _: '{"claims": []}'
    asked: list[Asked] = field(default_factory=list)
    requests: list[dict[str, Any]] = field(default_factory=list)
    keys: list[str] = field(default_factory=list)
    over: threading.Event = field(default_factory=threading.Event)
    silent: threading.Event = field(default_factory=threading.Event)  # set when somebody waits for an answer in vain


@pytest.fixture
def model_server() -> Iterator[ModelServer]:
    server = ModelServer()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, format: str, *args: Any) -> None:
            pass

        def do_POST(self) -> None:
            request = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            asked = json.loads(request["messages"][-1]["content"])
            server.requests.append(request)
            server.keys.append(self.headers.get("Authorization", ""))
            server.asked.append(asked)
            said = server.script(asked)
            if isinstance(said, Trouble) and not said.status:
                server.silent.set()
                server.over.wait()
                self.close_connection = True
            elif isinstance(said, Trouble):
                self._send(said.status, "application/json", json.dumps({"error": {"message": "no"}}).encode())
            elif request.get("stream"):
                self._send(200, "text/event-stream", _streamed(request["model"], said))
            else:
                self._send(200, "application/json", json.dumps(_whole(request["model"], said)).encode())

        def _send(self, status: int, kind: str, body: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    http.daemon_threads = True
    thread = threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    server.url = f"http://127.0.0.1:{http.server_port}/v1"
    yield server
    server.over.set()
    http.shutdown()
    thread.join()
    http.server_close()


USAGE = {"prompt_tokens": 900, "completion_tokens": 100, "total_tokens": 1000}


def _whole(model: str, text: str) -> dict[str, Any]:
    message = {"role": "assistant", "content": text}
    choice = {"index": 0, "message": message, "finish_reason": "stop"}
    return {
        "id": "1",
        "object": "chat.completion",
        "created": 1,
        "model": model,
        "choices": [choice],
        "usage": USAGE,
    }


def _streamed(model: str, text: str) -> bytes:
    common = {"id": "1", "object": "chat.completion.chunk", "created": 1, "model": model}
    pieces: list[dict[str, Any]] = [{"role": "assistant", "content": ""}]
    pieces += [{"content": text[at : at + 7]} for at in range(0, len(text), 7)]
    events = [common | {"choices": [{"index": 0, "delta": piece, "finish_reason": None}]} for piece in pieces]
    events.append(common | {"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]})
    events.append(common | {"choices": [], "usage": USAGE})
    return "".join(f"data: {json.dumps(event)}\n\n" for event in events).encode() + b"data: [DONE]\n\n"
