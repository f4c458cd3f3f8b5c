"""`check`, `ask`, `eval`, `why`, `status` and `crawl` with a language model; and the daemon."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from db.session import Store
from monitor.asking.asker import Asker
from monitor.asking.client import Client
from monitor.asking.settings import ModelSettings
from monitor.daemon import Daemon
from monitor.knowing.rules import Rules
from monitor.process import ATTEMPTS, Processor
from monitor.reading.llm.ask import Contract, Sentences
from monitor.telling.sender import Sender
from monitor.topics import load_topic
from scrapers.settings import CrawlSettings
from tests.asking.conftest import Asked, ModelServer, Trouble

ODD = "Of the Americans at the Qasrak base nobody was to be seen any longer on Thursday."
VACATED = {
    "kind": "base_status",
    "subject": "qasrak",
    "value": "vacated",
    "modality": "asserted",
    "date": "2026-02-12",
    "quote": ODD.removesuffix("."),
}
ARTICLE = {
    "url": "https://post.example/a",
    "outlet": "Post",
    "lang": "en",
    "published": "2026-02-13",
    "title": "News",
    "text": f"{ODD} It was a quiet day in the town, and shops opened late along the road.",
}
NO_SOURCES = "[sources]\nfrom_topic = false\n"


def says(*claims: dict[str, Any]) -> Callable[[Asked], str]:
    return lambda asked: json.dumps({"claims": [claim for claim in claims if claim["quote"] in asked["sentence"]]})


@pytest.fixture
def ask(drawdown: Any, tmp_path: Path, model_server: ModelServer) -> Any:
    """Commands in a folder whose configuration names the server as the language model."""
    table = f'[llm]\nendpoint = "{model_server.url}"\nmodel = "reader-1"\nsentences = "on_topic"\nprice_in = 10.0\n'
    (tmp_path / "drawdown.toml").write_text(NO_SOURCES + table, encoding="utf-8")
    known = [{"kind": "base_status", "subject": "qasrak", "value": "active", "since": "2026-02-01", "source": "survey"}]
    (tmp_path / "known.json").write_text(json.dumps(known), encoding="utf-8")
    (tmp_path / "news.jsonl").write_text(json.dumps(ARTICLE), encoding="utf-8")
    assert drawdown("init", "--baseline", "known.json").code == 0
    return drawdown


def test_check_tries_it_with_one_sentence(ask: Any, model_server: ModelServer) -> None:
    def leaves(asked: Asked) -> str:
        (base,) = asked["bases"]
        left = VACATED | {"subject": base, "date": None, "quote": asked["sentence"]}
        return json.dumps({"claims": [left, left | {"quote": "They are gone."}]})

    model_server.script = leaves
    said = ask("check")
    assert said.code == 0, said.err
    assert "reader-1" in said.out
    assert "900 + 100 tokens" in said.out
    assert "vacated, asserted" in said.out
    assert "1: quote" in said.out


def test_check_names_an_endpoint_that_fails(ask: Any, model_server: ModelServer) -> None:
    model_server.script = lambda _: Trouble(500)
    said = ask("check")
    assert said.code == 1
    assert f"[llm]: reader-1 at {model_server.url}" in said.err


@pytest.mark.parametrize(
    ("table", "error"),
    [
        ('endpoint = "http://127.0.0.1/v1"', "model"),
        ('endpoint = "ftp://x"\nmodel = "m"', "endpoint must be"),
        ('endpoint = "http://127.0.0.1/v1"\nmodel = "m"\nsentences = "all"', "sentences"),
        ('endpoint = "http://127.0.0.1/v1"\nmodel = "m"\nconcurrency = 0', "concurrency must be"),
        ('endpoint = "http://127.0.0.1/v1"\nmodel = "m"\nkey = "env:DRAWDOWN_NO_SUCH"', "DRAWDOWN_NO_SUCH is not set"),
    ],
)
def test_a_bad_table_is_named(drawdown: Any, tmp_path: Path, table: str, error: str) -> None:
    (tmp_path / "drawdown.toml").write_text(f"[llm]\n{table}\n", encoding="utf-8")
    said = drawdown("check")
    assert said.code == 1
    assert "[llm]" in said.err
    assert error in said.err


def test_ingest_asks_nobody_and_ask_folds_the_answers_in(ask: Any, model_server: ModelServer) -> None:
    model_server.script = says(VACATED)
    assert ask("ingest", "news.jsonl").code == 0
    assert not model_server.asked
    said = ask("ask")
    assert said.code == 0, said.err
    assert "0 wait" in said.out
    (change,) = json.loads(ask("changes", "--json").out)
    assert (change["from"]["value"], change["to"]["value"]) == ("active", "vacated")
    why = ask("why", "qasrak").out
    assert "reader llm 0.7" in why
    assert "llm reader-1, prompt" in why
    model = json.loads(ask("status", "--json").out)["model"]
    assert (model["failures"], model["waiting"], model["today"]["claims"]) == (0, 0, 1)
    assert "Language model today" in ask("status").out


def test_ask_says_what_is_wrong(ask: Any, model_server: ModelServer) -> None:
    model_server.script = lambda _: Trouble(503)
    ask("ingest", "news.jsonl")
    said = ask("ask")
    assert said.code == 1
    assert "the language model does not answer" in said.err
    assert "503" in said.err


def test_ask_without_a_model(drawdown: Any, tmp_path: Path) -> None:
    (tmp_path / "drawdown.toml").write_text(NO_SOURCES, encoding="utf-8")
    assert drawdown("init").code == 0
    said = drawdown("ask")
    assert said.code == 1
    assert "docs/second-reader.md" in said.err
    gold = tmp_path / "gold.jsonl"
    gold.write_text(json.dumps({"id": "1", "lang": "en", "text": ODD, "claims": []}), encoding="utf-8")
    assert "no language model is configured" in drawdown("eval", str(gold), "--reader", "llm").err
    assert drawdown("eval", str(gold)).code == 0


@pytest.mark.parametrize("reader", ["llm", "both"])
def test_eval_measures_it_with_tokens_and_cost(
    ask: Any, model_server: ModelServer, tmp_path: Path, reader: str
) -> None:
    wrong = VACATED | {"quote": ODD, "value": "active", "date": "2025-01-01"}
    model_server.script = says(VACATED, wrong)
    row = {"id": "1", "lang": "en", "published": "2026-02-13", "text": ODD, "claims": [VACATED]}
    (tmp_path / "gold.jsonl").write_text(f"{json.dumps(row)}\n{json.dumps(row | {'id': '2'})}\n", encoding="utf-8")
    said = ask("eval", "gold.jsonl", "--reader", reader, "--json")
    assert said.code == 0, said.err
    scores = json.loads(said.out)
    statuses = next(kind for kind in scores["kinds"] if kind["kind"] == "base_status")
    assert (statuses["right"], statuses["missed"]) == (2, 0)
    assert scores["model"] == {
        "requests": 2, "tokens_in": 1800, "tokens_out": 200, "cost": 0.018, "rejected": {"date": 2},
    }  # fmt: skip
    assert "2 date" in ask("eval", "gold.jsonl", "--reader", reader).out


def daemon(store: Store, server: ModelServer) -> Daemon:
    topic = load_topic()
    settings = ModelSettings(endpoint=server.url, model="m", sentences=Sentences.ON_TOPIC)
    contract = Contract(topic, model="m", sentences=Sentences.ON_TOPIC)
    client = Client(settings)

    def now() -> datetime:
        return datetime(2026, 2, 13, tzinfo=UTC)

    asker = Asker(store=store, contract=contract, endpoint=client, settings=settings, now=now, attempts=ATTEMPTS)
    processor = Processor(store=store, topic=topic, rules=Rules(), contract=contract)
    sender = Sender(store=store, targets=(), topic=topic)
    return Daemon(
        store=store, sources=(), settings=CrawlSettings(), processor=processor, sender=sender, now=now, asker=asker
    )


def test_the_daemon_folds_answers_in_and_stops_though_no_answer_comes(
    ask: Any, model_server: ModelServer, tmp_path: Path
) -> None:
    model_server.script = lambda _: Trouble()
    ask("ingest", "news.jsonl")
    store = Store.open(f"sqlite:///{tmp_path / 'drawdown.db'}")
    watcher = daemon(store, model_server)

    async def run() -> None:
        asking = asyncio.ensure_future(watcher.ask())
        await asyncio.to_thread(model_server.silent.wait)
        await watcher.process()  # waits for nobody
        watcher.stop()
        await asking
        assert watcher.asker is not None
        watcher.stopping.clear()
        watcher.processor.stopping = False
        model_server.script = says(VACATED)
        await watcher.ask()
        await watcher.asker.endpoint.close()

    asyncio.run(run())
    store.close()
    assert json.loads(ask("status", "--json").out)["model"]["waiting"] == 0
    assert "llm" in ask("why", "qasrak").out
