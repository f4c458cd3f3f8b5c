"""A real HTTP server to crawl, and a running reactor to crawl it in."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Coroutine, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, TypeVar

import pytest

from db.records import CrawlResult, Version
from db.session import Store
from db.versions import find_article, unread, versions_of
from scrapers.crawl import install_reactor, run_crawl
from scrapers.hosts import HOSTS
from scrapers.settings import CrawlSettings
from scrapers.sources import Source, parse_source

T = TypeVar("T")
BEGIN = datetime(2026, 2, 21, 6, 0, tzinfo=UTC)


@dataclass(frozen=True, kw_only=True)
class Reply:
    """What a site answers. Where `raw` is given it goes out as it is, status line and all."""

    body: bytes = b""
    type: str = "text/html; charset=utf-8"
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    raw: bytes | None = None


@dataclass(frozen=True, kw_only=True)
class Asked:
    """One request that a site got, and when, in seconds of a monotonic clock; header names are in lower case."""

    path: str
    headers: Mapping[str, str]
    at: float = field(default_factory=time.monotonic)


class Site:
    """A site on 127.0.0.1: what is put at a path is answered there, everything else is 404. Pages may be functions."""

    def __init__(self) -> None:
        self.pages: dict[str, Reply | Callable[[Asked], Reply]] = {}
        self.asked: list[Asked] = []
        site = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                asked = Asked(path=self.path, headers={name.lower(): value for name, value in self.headers.items()})
                site.asked.append(asked)
                found = site.pages.get(self.path, Reply(status=404, body=b"<p>nothing here</p>"))
                self.reply(found(asked) if callable(found) else found)

            def reply(self, reply: Reply) -> None:
                if reply.raw is not None:
                    self.wfile.write(reply.raw)
                    self.close_connection = True
                    return
                self.send_response(reply.status)
                for name, value in {"Content-Type": reply.type, **reply.headers}.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(reply.body)))
                self.end_headers()
                if reply.status != 304:
                    self.wfile.write(reply.body)

            def log_message(self, *args: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._server.handle_error = lambda *_: None  # a client that hangs up is what some tests want
        self.host = f"127.0.0.1:{self._server.server_address[1]}"
        self.url = f"http://{self.host}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)
        self._thread.start()

    def paths(self) -> list[str]:
        """What was asked for, robots.txt left out."""
        return [asked.path for asked in self.asked if asked.path != "/robots.txt"]

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


@pytest.fixture
def site() -> Iterator[Site]:
    made = Site()
    yield made
    made.close()


@pytest.fixture
def other_site() -> Iterator[Site]:
    made = Site()
    yield made
    made.close()


@pytest.fixture
def sites() -> Iterator[list[Site]]:
    """Four sites."""
    made = [Site() for _ in range(4)]
    yield made
    for one in made:
        one.close()


@pytest.fixture(scope="session")
def made_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file of an empty store, made once: making one takes longer than most of what is tried with it."""
    path = tmp_path_factory.mktemp("made") / "drawdown.db"
    Store.open(f"sqlite:///{path}").close()
    return path


@pytest.fixture(scope="session")
def in_reactor() -> Callable[[Coroutine[Any, Any, T]], T]:
    """Runs a coroutine in the process's reactor and returns its result.

    A reactor cannot be started twice, so it is started once, in a thread of its own, and left running to the end.
    """
    install_reactor()
    from twisted.internet import reactor

    loop: asyncio.AbstractEventLoop = reactor._asyncioEventloop  # type: ignore[attr-defined]
    if not reactor.running:  # type: ignore[attr-defined]
        started = threading.Event()

        def run() -> None:
            asyncio.set_event_loop(loop)
            reactor.callWhenRunning(started.set)  # type: ignore[attr-defined]
            reactor.run(installSignalHandlers=False)  # type: ignore[attr-defined]

        threading.Thread(target=run, name="reactor", daemon=True).start()
        assert started.wait(10)

    def call(work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, loop).result(timeout=60)

    return call


class Crawler:
    """Passes over one source; the clock moves on ten minutes with each."""

    def __init__(self, in_reactor: Callable[..., Any], store: Store, site: Site) -> None:
        self._in_reactor = in_reactor
        self.store = store
        self.settings = CrawlSettings(
            contact="mailto:desk@example.org", delay_seconds=0, timeout_seconds=5, allow_hosts=(site.host,)
        )
        self.source = parse_source(
            {
                "id": "rafid",
                "name": {"en": "Rafid", "ar": "رافد"},
                "lang": "ar",
                "kind": "agency",
                "group": "rafid",
                "reliability": "B",
                "every": 10,
                "feeds": [f"{site.url}/feed.xml"],
            },
            "test",
        )
        self.clock = BEGIN

    def routes(self, **routes: list[str]) -> Source:
        """Use these ways in, in place of the feed."""
        empty = dict.fromkeys(("feeds", "sitemaps", "sections", "telegram", "pages"), ())
        self.source = replace(self.source, **{**empty, **{name: tuple(urls) for name, urls in routes.items()}})
        return self.source

    def __call__(self, **settings: Any) -> CrawlResult:
        chosen = replace(self.settings, **settings)
        self.clock += timedelta(minutes=10)
        result: CrawlResult = self._in_reactor(run_crawl(self.source, self.store, chosen, now=lambda: self.clock))
        return result

    def versions(self, url: str) -> list[Version]:
        with self.store.reading() as session:
            return versions_of(session, find_article(session, url))

    def stored(self) -> list[Version]:
        """Every version, in the order they came."""
        with self.store.reading() as session:
            return unread(session, limit=1000)


@pytest.fixture(autouse=True)
def _strangers(monkeypatch: pytest.MonkeyPatch) -> None:
    """No test knows the hosts of another: a port that was used before is a new site now, and owes nothing."""
    monkeypatch.setattr(HOSTS, "_gates", {})


@pytest.fixture
def crawl(in_reactor: Callable[..., Any], store: Store, site: Site) -> Crawler:
    return Crawler(in_reactor, store, site)


def _rss(site: Site, *paths: str, date: str = "Sat, 21 Feb 2026 05:00:00 GMT") -> Reply:
    items = "".join(
        f"<item><title>خبر {path}</title><link>{site.url}{path}</link><pubDate>{date}</pubDate>"
        f"<description>ملخص</description></item>"
        for path in paths
    )
    text = f'<?xml version="1.0" encoding="utf-8"?><rss version="2.0"><channel><title>x</title>{items}</channel></rss>'
    return Reply(body=text.encode(), type="application/rss+xml")


@pytest.fixture
def rss() -> Callable[..., Reply]:
    """An RSS feed of these paths of a site."""
    return _rss


PARAGRAPHS = (
    "أفاد مراسلنا في ريف الحسكة بأن رتلاً من عشرات الشاحنات غادر الموقع صباح اليوم باتجاه الحدود، وسط تحليق مكثف.",
    "وقال مصدر محلي إن عملية الإخلاء ستستمر أياماً عدة، وإن المعدات الثقيلة نُقلت أولاً على دفعات متتالية.",
    "ولم يصدر تعليق رسمي حتى ساعة إعداد هذا الخبر، فيما تحدثت مصادر أخرى عن بقاء نحو 1000 جندي في البلاد.",
)


def _article(*paragraphs: str, title: str = "رتل يغادر الموقع", turn: int = 0, charset: str = "utf-8") -> bytes:
    body = "".join(f"<p>{paragraph}</p>" for paragraph in paragraphs or PARAGRAPHS)
    related = "".join(f'<li><a href="/n/{turn + n}">خبر آخر رقم {turn + n} عن شأن آخر تماماً</a></li>' for n in range(5))
    return (
        f'<!doctype html><html lang="ar"><head><meta charset="{charset}"><title>{title} | رافد</title>'
        f'<meta property="article:published_time" content="2026-02-21T08:00:00+03:00"></head><body>'
        f'<nav><a href="/">الرئيسية</a></nav><main><article><h1>{title}</h1>'
        f'<div class="meta">المشاهدات: {turn * 37 + 5}</div>'
        f"{body}</article><aside><h3>اقرأ أيضاً</h3><ul>{related}</ul></aside></main>"
        f'<div class="ad">إعلان {turn}: عروض الموسم</div><footer>جميع الحقوق محفوظة</footer></body></html>'
    ).encode(charset, "xmlcharrefreplace")


@pytest.fixture
def article() -> Callable[..., bytes]:
    """An article's page; `turn` changes everything but the article."""
    return _article


@pytest.fixture
def paragraphs() -> tuple[str, ...]:
    return PARAGRAPHS


@pytest.fixture
def reply() -> type[Reply]:
    return Reply
