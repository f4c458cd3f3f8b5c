"""The client against a server that speaks the protocol: rightly, brokenly, with errors, or not at all."""

from __future__ import annotations

import asyncio
import json

import pytest

from db.errors import ConfigError, DrawdownError
from db.records import Answer
from monitor.asking import client as module
from monitor.asking.client import Client
from monitor.asking.settings import ModelSettings
from tests.asking.conftest import ModelServer, Trouble


def ask(server: ModelServer, *, key: str = "", stream: bool = False, timeout_seconds: float = 20) -> Answer:
    settings = ModelSettings(
        endpoint=server.url, model="reader-1", key=key, stream=stream, timeout_seconds=timeout_seconds
    )

    async def once() -> Answer:
        client = Client(settings)
        try:
            return await client.ask("Read it.", json.dumps({"sentence": "one"}))
        finally:
            await client.close()

    return asyncio.run(once())


@pytest.mark.parametrize("stream", [False, True])
def test_an_answer_comes_whole_or_in_pieces_with_its_tokens(model_server: ModelServer, stream: bool) -> None:
    text = '{"claims": [{"quote": "قاعدة قسرك"}]}'
    model_server.script = lambda _: text
    assert ask(model_server, key="secret", stream=stream) == Answer(text=text, tokens_in=900, tokens_out=100)
    (request,) = model_server.requests
    assert [message["role"] for message in request["messages"]] == ["system", "user"]
    assert (request["model"], request["messages"][0]["content"]) == ("reader-1", "Read it.")
    assert request["response_format"]["type"] == "json_schema"
    assert "claims" in request["response_format"]["json_schema"]["schema"]["properties"]
    assert model_server.keys == ["Bearer secret"]


@pytest.mark.parametrize("status", [400, 401, 429, 500, 503])
def test_an_error_is_told_with_model_and_endpoint_and_asked_once(model_server: ModelServer, status: int) -> None:
    model_server.script = lambda _: Trouble(status)
    with pytest.raises(DrawdownError, match=str(status)) as caught:
        ask(model_server)
    assert caught.value.retry
    assert caught.value.where == f"reader-1 at {model_server.url}"
    assert len(model_server.requests) == 1


def test_an_endpoint_that_never_answers_is_given_up_in_time(model_server: ModelServer) -> None:
    model_server.script = lambda _: Trouble()
    with pytest.raises(DrawdownError, match=r"no answer within 0\.3 seconds"):
        ask(model_server, timeout_seconds=0.3)


def test_nobody_there(model_server: ModelServer) -> None:
    model_server.url = "http://127.0.0.1:9/v1"
    with pytest.raises(DrawdownError, match="reader-1 at http://127"):
        ask(model_server)


def test_without_the_optional_packages_the_way_out_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "find_spec", lambda name: None)
    with pytest.raises(ConfigError, match=r"pip install 'drawdown\[llm\]'"):
        Client(ModelSettings(endpoint="http://127.0.0.1:9/v1", model="m"))
