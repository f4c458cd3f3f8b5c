"""Who watches the watcher: the heartbeat, metrics and health, what the daemon notices, and secrets that stay secret."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import requests
from prometheus_client.parser import text_string_to_metric_families
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from db import health, marks, outbox, questions
from db.errors import ConfigError, StoreError
from db.records import ModelHealth, NoticeKind, SourceHealth, iso
from db.room import Room
from db.session import Store
from monitor.daemon import Daemon
from monitor.status import FAILED_AFTER, HEARTBEAT, RUNNING
from monitor.telling.alert import Alert
from monitor.telling.notify import Notifier
from monitor.telling.sender import Sender
from monitor.telling.target import Target
from monitor.topics import load_topic
from monitor.watch import Heartbeat, Window, listening
from scrapers.settings import CrawlSettings

NOW = datetime(2026, 2, 23, 14, 5, tzinfo=UTC)
OPERATIONS = Target(name="ops", url="ops://", operations=True)


@pytest.fixture(params=["sqlite"])
def database_url(tmp_path: Path) -> str:
    """These tests are of the daemon, not of a database."""
    return f"sqlite:///{tmp_path / 'drawdown.db'}"


class Kept(Notifier):
    """Keeps what it is to send."""

    def __init__(self) -> None:
        super().__init__()
        self.subjects: list[str] = []

    async def send(self, url: str, alert: Alert) -> None:
        self.subjects.append(alert.subject)


@pytest.fixture
def daemon(store: Store) -> Daemon:
    """A daemon without sources, whose processor reads what it is given to read."""
    processor = SimpleNamespace(taken=0, broken=[], run=list, stop=lambda: None, end_first_fill=lambda _: None)
    sender = Sender(store=store, targets=[OPERATIONS], topic=load_topic("syria"), notifier=Kept())
    given: Any = processor
    return Daemon(store=store, sources=[], settings=CrawlSettings(), processor=given, sender=sender, now=lambda: NOW)


def noticed(store: Store) -> list[NoticeKind]:
    with store.reading() as session:
        return [notice.kind for notice in health.notices(session)]


def test_a_heartbeat_is_asked_for_and_its_failure_said_without_its_secret(
    httpserver: HTTPServer, root_log: list[str]
) -> None:
    httpserver.expect_oneshot_request("/ping/verysecret").respond_with_data("ok")
    httpserver.expect_oneshot_request("/ping/verysecret").respond_with_data("no", status=503)
    heart = Heartbeat(url=httpserver.url_for("/ping/verysecret"))
    asyncio.run(heart.ping())
    assert [line for line in root_log if line.startswith("WARNING")] == []
    asyncio.run(heart.ping())
    asyncio.run(Heartbeat(url="http://127.0.0.1:1/ping/verysecret").ping())
    warnings = [line for line in root_log if line.startswith("WARNING")]
    assert warnings[0] == "WARNING the heartbeat's address said: 503"
    assert "could not be asked" in warnings[1]
    assert "verysecret" not in f"{root_log}{heart!r}"


@pytest.fixture
def window(store: Store) -> Window:
    with store.writing() as session:
        marks.put(session, HEARTBEAT, iso(NOW))
        health.save(session, SourceHealth(source="agency", last_attempt_at=NOW, last_success_at=NOW, failures=2), [])
    return Window(store=store, crawled={"agency"}, room=None, now=lambda: NOW)


def test_health_is_200_while_all_is_well_and_503_when_not(window: Window) -> None:
    with listening(0, window) as port:
        well = requests.get(f"http://127.0.0.1:{port}/health", timeout=10)
        assert (well.status_code, well.json()) == (200, {"ok": True, "faults": [], "heartbeat": "2026-02-23T14:05:00Z"})
        assert requests.get(f"http://127.0.0.1:{port}/other", timeout=10).status_code == 404
    with listening(0, replace(window, now=lambda: NOW + timedelta(hours=1))) as port:
        dead = requests.get(f"http://127.0.0.1:{port}/health", timeout=10)
        assert dead.status_code == 503
        assert "the daemon is not running" in dead.json()["faults"][0]


def test_metrics_are_in_prometheus_form(window: Window) -> None:
    with listening(0, window) as port:
        text = requests.get(f"http://127.0.0.1:{port}/metrics", timeout=10).text
    found = {
        (sample.name, *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }
    assert found["drawdown_faults",] == 0
    assert found["drawdown_deliveries", "dead"] == 0
    assert found["drawdown_source_failures", "agency"] == 2
    assert found["drawdown_source_state", "agency", "down"] == 0
    assert found["drawdown_heartbeat_timestamp_seconds",] == NOW.timestamp()


def test_a_port_that_is_taken_is_said(window: Window) -> None:
    with listening(0, window) as port, pytest.raises(ConfigError, match=f"port {port} "), listening(port, window):
        pass


def test_an_end_out_of_order_is_noticed_at_the_next_start(daemon: Daemon, store: Store) -> None:
    async def live_and_stop() -> None:
        daemon.stop()
        await daemon.run()

    asyncio.run(live_and_stop())
    with store.writing() as session:
        assert marks.get(session, RUNNING) is None
        assert health.notices(session) == []
        marks.put(session, RUNNING, iso(NOW))  # as a killed one leaves it
    daemon.stopping = asyncio.Event()
    asyncio.run(live_and_stop())
    assert noticed(store) == [NoticeKind.RESTARTED]


def test_reading_that_fails_and_is_well_again_is_noticed_once_each(daemon: Daemon, store: Store) -> None:
    processor: Any = daemon.processor

    async def process(broken: list[str], taken: int) -> None:
        processor.broken, processor.run = broken, lambda: setattr(processor, "taken", processor.taken + taken)
        await daemon.process()

    async def play() -> None:
        for broken, taken in ((["https://a.example/1"], 1), (["https://a.example/2"], 1), ([], 0), ([], 1), ([], 1)):
            await process(broken, taken)

    asyncio.run(play())
    assert noticed(store) == [NoticeKind.READING_FAILING, NoticeKind.READING_WELL]


def test_a_store_that_cannot_be_written_is_told_past_it_and_filed_when_it_can(
    daemon: Daemon, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept: Any = daemon.sender.notifier
    real = store.write

    async def full(_: Any) -> None:
        raise StoreError("disk is full", where=store.name, retry=True)

    async def play() -> None:
        monkeypatch.setattr(store, "write", full)
        for _ in range(4):
            await daemon.beat()
        await asyncio.gather(*daemon.running)
        assert kept.subjects == ["Drawdown: the store cannot be written"]
        monkeypatch.setattr(store, "write", real)
        await daemon.beat()
        await daemon.beat()
        await daemon.deliver()

    asyncio.run(play())
    assert noticed(store) == [NoticeKind.STORE_FAILING, NoticeKind.STORE_WELL]
    assert kept.subjects[1:] == ["Drawdown: the store can be written again"]
    with store.reading() as session:
        assert {row.state.value for row in outbox.deliveries(session)} == {"sent"}


def test_a_full_disk_is_noticed_and_so_is_room(daemon: Daemon, store: Store, tmp_path: Path) -> None:
    async def play() -> None:
        for least in (10_000_000, 10_000_000, 0, 0):
            daemon.room = Room(tmp_path, least)
            await daemon.beat()

    asyncio.run(play())
    assert noticed(store) == [NoticeKind.NO_ROOM, NoticeKind.ROOM_AGAIN]


SECRET = "Zq9verysecretZq9"
CONFIG = """
[store]
least_free_mb = 0

[sources]
from_topic = false

[[target]]
name = "hook"
url = "slackhook://127.0.0.1:{port}/{secret}"

[[target]]
name = "json"
url = "json://user:{secret}@127.0.0.1:{port}/{secret}"

[[target]]
name = "mail"
url = "mailto://user:{secret}@127.0.0.1:1?from=a@example.org&to=b@example.org"
operations = true

[watch]
heartbeat = "http://127.0.0.1:1/{secret}"
"""
LINE = (
    '{"url": "https://example.org/1", "outlet": "Post", "lang": "en", "published": "2026-02-21", "reliability": "B", '
    '"title": "They left", "text": "US forces completed their withdrawal from Qasrak base on Saturday, CENTCOM said."}'
)


@pytest.fixture
def desk(drawdown: Any, tmp_path: Path, httpserver: HTTPServer) -> Iterator[Callable[..., Any]]:
    httpserver.expect_request(f"/{SECRET}").respond_with_data(f"no such hook: {SECRET}", status=500)
    (tmp_path / "drawdown.toml").write_text(CONFIG.format(port=httpserver.port, secret=SECRET), encoding="utf-8")
    known = '[{"kind": "base_status", "subject": "qasrak", "value": "active", "since": "2026-02-01", "source": "s"}]'
    (tmp_path / "known.json").write_text(known, encoding="utf-8")
    (tmp_path / "news.jsonl").write_text(LINE, encoding="utf-8")
    assert drawdown("init", "--baseline", "known.json").code == 0
    return drawdown


def test_secrets_appear_nowhere(desk: Any, root_log: list[str], tmp_path: Path) -> None:
    lines = (
        "check", "ingest news.jsonl", "alerts test", "alerts", "alerts --json", "alerts retry", "status --json",
        "changes --json", "mute qasrak --until 2090-01-01", "status",
    )  # fmt: skip
    said = [desk(*line.split()) for line in lines]
    shown = "".join(f"{one.out}{one.err}" for one in said) + "".join(root_log)
    assert said[2].code == 1
    assert "500 no such hook: ****" in shown
    assert "Muted: Qasrak until 2090-01-01" in said[-1].out
    assert SECRET not in shown
    fault = (
        CONFIG.format(port=1, secret=SECRET).replace('"slackhook://', '"nonsense://').replace("http://", "gopher://")
    )
    (tmp_path / "drawdown.toml").write_text(fault, encoding="utf-8")
    wrong = desk("check")
    assert "[watch], key heartbeat" in wrong.err
    assert SECRET not in wrong.out + wrong.err


@pytest.mark.parametrize(
    ("line", "key"),
    [
        ('bases = ["atlantis"]', "key bases"),
        ('governorates = ["Atlantis"]', "key governorates"),
        ('quiet = "22:00-22:00"', "key quiet"),
        ("digest = 7", "key digest"),
        ('zone = "Nowhere"', "key zone"),
    ],
)
def test_check_names_table_and_key(desk: Any, tmp_path: Path, line: str, key: str) -> None:
    toml = f'[[target]]\nname = "desk"\nurl = "json://127.0.0.1"\n{line}\n'
    (tmp_path / "drawdown.toml").write_text(toml, encoding="utf-8")
    said = desk("check")
    assert said.code == 1
    assert "[[target]] 1" in said.err
    assert key in said.err


def test_mutes_are_said_and_ended(desk: Any) -> None:
    assert "is over already" in desk("mute", "qasrak", "--until", "2020-01-01").err
    assert "no base of the topic" in desk("mute", "atlantis", "--until", "2090-01-01").err
    assert "is not muted" in desk("unmute", "qasrak").err
    assert desk("mute", "qasrak", "--until", "2090-01-01", "--by", "Mona").code == 0
    assert "by \u2068Mona\u2069" in desk("alerts").out
    assert desk("unmute", "qasrak").code == 0
    assert "Muted" not in desk("alerts").out


def test_a_correction_goes_to_those_who_had_been_alerted_with_the_reason(
    desk: Any, tmp_path: Path, httpserver: HTTPServer
) -> None:
    got: list[str] = []

    def answer(request: Request) -> Response:
        got.append(request.get_json()["text"])
        return Response("ok")

    httpserver.expect_request("/good").respond_with_handler(answer)
    url = f"slackhook://127.0.0.1:{httpserver.port}"
    toml = f'[[target]]\nname = "good"\nurl = "{url}/good"\n[[target]]\nname = "bad"\nurl = "{url}/{SECRET}"\n'
    (tmp_path / "drawdown.toml").write_text(toml, encoding="utf-8")
    assert desk("ingest", "news.jsonl").code == 0
    assert len(got) == 1
    assert desk("reject", "1", "--because", "a rotation of units", "--by", "Mona").code == 0
    assert "withdrawn" in desk("alerts").out
    (tmp_path / "more.jsonl").write_text(LINE.replace("/1", "/2").replace("Qasrak", "Tanf"), encoding="utf-8")
    assert desk("ingest", "more.jsonl").code == 0
    correction = next(text for text in got if "correction" in text)
    assert "*Taken back because:* \u2068a rotation of units\u2069" in correction
    rows = json.loads(desk("alerts", "--json").out)
    assert sorted((row["change"], row["target"], row["state"]) for row in rows if row["change"] in (1, 2)) == [
        (1, "bad", "withdrawn"),
        (1, "good", "sent"),
        (2, "good", "sent"),
    ]


def test_health_knows_of_a_language_model_that_fails_where_one_is_asked(store: Store, window: Window) -> None:
    fares = ModelHealth(failures=FAILED_AFTER, error="HTTP status 500")
    store.submit(lambda session: questions.save_health(session, fares)).result()
    assert not any("language model" in fault for fault in window.health()[1]["faults"])
    well, said = replace(window, model=True).health()
    assert not well
    assert any("the language model does not answer" in fault and "HTTP status 500" in fault for fault in said["faults"])
