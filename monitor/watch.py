"""Who watches the watcher: a heartbeat for a dead-man's switch, and metrics and health on this machine."""

from __future__ import annotations

import asyncio
import json
import logging
import threading
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from socketserver import ThreadingMixIn
from typing import TYPE_CHECKING, Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

import requests
from prometheus_client import CollectorRegistry
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.exposition import make_wsgi_app
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector
from sqlalchemy.orm import Session

from db import health, knowledge, outbox, versions
from db.errors import ConfigError, StoreError
from db.records import iso
from db.room import Room
from db.session import Store
from monitor import status
from monitor.telling.notify import masked

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

log = logging.getLogger(__name__)

HOST = "127.0.0.1"
TIMEOUT = (5, 10)  # seconds to connect to the heartbeat's address, and for its answer
STATES = ("down", "stale", "shrunk")


@dataclass(kw_only=True)
class Heartbeat:
    """A URL (a secret) that is asked for after each pass, so that whoever is behind it misses a daemon that is dead.

    One request at a time: a pass that ends while one is under way asks for none.
    """

    url: str = field(repr=False)
    busy: bool = False

    async def ping(self) -> None:
        """Ask for the URL, if there is one. A failure is logged, without what is secret, and goes no further."""
        if not self.url or self.busy:
            return
        self.busy = True
        try:
            answer = await asyncio.to_thread(requests.get, self.url, timeout=TIMEOUT)
            if not answer.ok:
                log.warning("the heartbeat's address said: %d", answer.status_code)
        except requests.RequestException as error:
            log.warning("the heartbeat's address could not be asked: %s", masked(str(error), self.url))
        finally:
            self.busy = False


@dataclass(frozen=True, kw_only=True)
class Window:
    """What is shown at the listening port; read from the store at each request, so nothing of it can be stale.

    model: whether a language model is asked.
    """

    store: Store
    crawled: Collection[str]
    room: Room | None
    now: Callable[[], datetime]
    model: bool = False

    def faults(self, session: Session) -> list[str]:
        """Why things are not well, as `drawdown status` says it."""
        return status.faults(session, now=self.now(), crawled=self.crawled, room=self.room, model=self.model)

    def health(self) -> tuple[bool, dict[str, Any]]:
        """Whether all is well, and the object that `/health` answers with."""
        try:
            with self.store.reading() as session:
                found = self.faults(session)
                beat = status.last_beat(session)
        except StoreError as error:
            found, beat = [str(error)], None
        return not found, {"ok": not found, "faults": found, "heartbeat": iso(beat) if beat else None}


class _Metrics(Collector):
    """The store's figures in Prometheus' form."""

    def __init__(self, window: Window) -> None:
        self.window = window

    def collect(self) -> Iterable[Metric]:
        window = self.window
        with window.store.reading() as session:
            waiting, _ = versions.waiting(session)
            counts = outbox.counts(session)
            sources = [one for one in health.all_health(session) if one.source in window.crawled]
            found = window.faults(session)
            beat = status.last_beat(session)
            changed = knowledge.count_changes(session)
        yield _gauge("faults", "Reasons for which `drawdown status` exits with 1", len(found))
        yield _gauge("changes", "Changes that were raised", changed)
        yield _gauge("versions_waiting", "Versions that wait to be read", waiting)
        if beat is not None:
            yield _gauge("heartbeat_timestamp_seconds", "When the daemon was last alive", beat.timestamp())
        deliveries = _gauge("deliveries", "Deliveries by state", labels=["state"])
        for state, count in counts.items():
            deliveries.add_metric([state.value], count)
        yield deliveries
        failures = _gauge("source_failures", "Passes in a row that failed", labels=["source"])
        held = _gauge("source_claims_held", "Claims held since their pages lost much of their text", labels=["source"])
        states = _gauge("source_state", "1 where a source is so", labels=["source", "state"])
        success = _gauge("source_last_success_timestamp_seconds", "When a pass last succeeded", labels=["source"])
        for source in sources:
            failures.add_metric([source.source], source.failures)
            held.add_metric([source.source], source.held)
            for name in STATES:
                states.add_metric([source.source, name], name in source.states)
            if source.last_success_at is not None:
                success.add_metric([source.source], source.last_success_at.timestamp())
        yield from (failures, held, states, success)


def _gauge(name: str, what: str, value: float | None = None, labels: list[str] | None = None) -> GaugeMetricFamily:
    return GaugeMetricFamily(f"drawdown_{name}", what, value=value, labels=labels)


class _Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True


class _Quiet(WSGIRequestHandler):
    timeout = 10  # seconds for one request, so that nobody holds a thread for ever

    def log_message(self, format: str, *args: Any) -> None:
        log.debug(format, *args)


def _measured(metrics: Any, environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
    try:
        found: Iterable[bytes] = metrics(environ, start)
    except StoreError as error:
        start("503 Service Unavailable", [("Content-Type", "text/plain; charset=utf-8")])
        return [f"{error}\n".encode()]
    return found


@contextmanager
def listening(port: int, window: Window) -> Iterator[int]:
    """Answer `/metrics` and `/health` on 127.0.0.1 while the block runs; gives the port (of the system's choice for 0).

    Raises ConfigError where the port is taken.
    """
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Metrics(window))
    metrics = make_wsgi_app(registry)

    def answer(environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        path = environ.get("PATH_INFO", "")
        if path == "/metrics":
            return _measured(metrics, environ, start)
        if path != "/health":
            start("404 Not Found", [("Content-Type", "text/plain")])
            return [b"/metrics and /health are here\n"]
        well, said = window.health()
        start("200 OK" if well else "503 Service Unavailable", [("Content-Type", "application/json")])
        return [json.dumps(said, ensure_ascii=False).encode()]

    try:
        server = make_server(HOST, port, answer, server_class=_Server, handler_class=_Quiet)
    except OSError as error:
        what = f"port {port} of {HOST} cannot be used: {error.strerror}"
        raise ConfigError(what, where="[watch], key listen") from error
    thread = threading.Thread(target=server.serve_forever, name="drawdown-watch", daemon=True)
    thread.start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
