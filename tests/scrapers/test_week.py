"""A week of the web, simulated: outlets publish, edit, fall over and redesign; the real spider and store follow.

The clock is the test's, the sites are real HTTP servers on 127.0.0.1. A whole week has 50 sources, passed over hourly,
and 200 articles a day: `DRAWDOWN_WEEK=full` runs it. Without it the test runs a week of fewer sources and passes, with
as many articles a source.
"""

from __future__ import annotations

import os
import random
import resource
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from db import health, versions
from db.records import NoticeKind, SourceHealth, Trouble, Version
from db.session import Store
from scrapers.crawl import run_crawl
from scrapers.revisits import LONGEST
from scrapers.settings import CrawlSettings
from scrapers.sources import Source, parse_source

BEGIN = datetime(2026, 2, 14, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
END = BEGIN + 7 * DAY
FULL = os.environ.get("DRAWDOWN_WEEK") == "full"
SOURCES, EVERY = (50, HOUR) if FULL else (6, 4 * HOUR)
A_DAY = 4  # articles a source
OUTAGES = {1: (BEGIN + 2 * DAY + 5 * HOUR, BEGIN + 3 * DAY + 5 * HOUR), 4: (BEGIN + 4 * DAY, BEGIN + 5 * DAY)}
REDESIGNED, REDESIGN = 2, BEGIN + 5 * DAY + 7 * HOUR
SETTINGS = CrawlSettings(delay_seconds=0, timeout_seconds=20)
MOST_GROWTH = 30_000  # kB of memory from the second day on: what a week's rows in caches may take
FRAME = '<html lang="en"><head><title>{0}</title></head><body><nav>Home</nav><article><h1>{0}</h1>{1}</article>'


@dataclass
class Article:
    """What a site publishes, and its one edit, if it has one."""

    path: str
    published: datetime
    edited: datetime | None

    def body(self, at: datetime, *, whole: bool) -> str:
        said = "after the edit of it" if self.edited and self.edited <= at else "as it was at first"
        lines = [
            f"Residents on the road of {self.path} saw a column of {number} trucks leave the site at dawn, {said},"
            f" and reporters who followed it for {number} hours counted the loaders that came behind."
            for number in ((11, 22, 33, 44) if whole else (11, 22))
        ]
        return "".join(f"<p>{line}</p>" for line in lines)


@dataclass
class Outlet:
    """A site on 127.0.0.1 whose every answer depends on the clock."""

    number: int
    articles: list[Article]
    clock: Callable[[], datetime]
    asked: int = 0
    server: ThreadingHTTPServer = field(init=False)

    def __post_init__(self) -> None:
        outlet = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                outlet.asked += 1
                status, kind, body, etag = outlet.answer(self.path)
                if etag and self.headers.get("If-None-Match") == etag:
                    status, body = 304, b""
                self.send_response(status)
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(body)))
                if etag:
                    self.send_header("ETag", etag)
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *args: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        threading.Thread(target=self.server.serve_forever, args=(0.2,), daemon=True).start()

    @property
    def host(self) -> str:
        return f"127.0.0.1:{self.server.server_address[1]}"

    def url(self, article: Article) -> str:
        return f"http://{self.host}{article.path}"

    def down(self, at: datetime) -> bool:
        begin, end = OUTAGES.get(self.number, (END, END))
        return begin <= at < end

    def answer(self, path: str) -> tuple[int, str, bytes, str | None]:
        now = self.clock()
        if self.down(now):
            return 502, "text/plain", b"bad gateway", None
        if path == "/robots.txt":
            return 200, "text/plain", b"User-agent: *\nDisallow:\n", None
        shown = [article for article in self.articles if article.published <= now]
        if path == "/feed.xml":
            return 200, "application/rss+xml", self.feed(shown[-6:]), None
        for article in shown:
            if article.path == path:
                whole = self.number != REDESIGNED or now < REDESIGN
                body = FRAME.format(path, article.body(now, whole=whole))
                page = f"{body}<div>{self.asked} views</div></body></html>".encode()
                return 200, "text/html", page, f'"{hash(body):x}"' if self.number % 2 else None
        return 404, "text/plain", b"nothing here", None

    def feed(self, articles: list[Article]) -> bytes:
        items = "".join(
            f"<item><title>{a.path}</title><link>{self.url(a)}</link>"
            f"<pubDate>{format_datetime(a.published, usegmt=True)}</pubDate></item>"
            for a in articles
        )
        return f'<?xml version="1.0"?><rss version="2.0"><channel><title>x</title>{items}</channel></rss>'.encode()

    def source(self) -> Source:
        table = {
            "id": f"outlet-{self.number:02}",
            "name": {"en": f"Outlet {self.number}"},
            "lang": "en",
            "kind": "daily",
            "reliability": "B",
            "every": EVERY / timedelta(minutes=1),
            "feeds": [f"http://{self.host}/feed.xml"],
        }
        return parse_source(table, "week")

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()


@dataclass
class Fared:
    """What the test itself counted of a source's passes, to hold the health report against."""

    passes: list[datetime] = field(default_factory=list)
    last_new: datetime | None = None

    def failed_in_a_row(self, outlet: Outlet) -> int:
        good = [n for n, at in enumerate(self.passes) if not outlet.down(at)]
        return len(self.passes) - 1 - (good[-1] if good else -1)


class Week:
    """Passes in their order, the clock going with them, and a look at the health report at every hour."""

    def __init__(self, store: Store) -> None:
        chance = random.Random(5)
        self.clock = BEGIN
        self.store = store
        self.outlets = [Outlet(n, list(_articles(n, chance)), lambda: self.clock) for n in range(SOURCES)]
        self.fared = [Fared() for _ in self.outlets]
        self.memory: list[int] = []
        self.wrong: list[str] = []
        self.shrunk_at: datetime | None = None

    def run(self, in_reactor: Callable[..., Any]) -> None:
        hosts = tuple(outlet.host for outlet in self.outlets)
        settings = replace(SETTINGS, allow_hosts=hosts)
        sources = [outlet.source() for outlet in self.outlets]
        turns = [
            (BEGIN + number * EVERY / SOURCES + turn * EVERY, number)
            for number in range(SOURCES)
            for turn in range(int(7 * DAY / EVERY))
        ]
        hour = BEGIN + HOUR
        for at, number in sorted(turns):
            while hour <= at:
                self.clock = hour
                self.check()
                hour += HOUR
            self.clock = at
            result = in_reactor(run_crawl(sources[number], self.store, settings, now=lambda: self.clock))
            fared = self.fared[number]
            fared.passes.append(at)
            fared.last_new = at if result.new or result.changed else fared.last_new

    def check(self) -> None:
        """Hold the health report of this hour against what the sites did."""
        self.memory.append(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
        with self.store.reading() as session:
            reported = {one.source: one for one in health.all_health(session)}
        for outlet, fared in zip(self.outlets, self.fared, strict=True):
            if fared.passes:
                self.compare(reported[f"outlet-{outlet.number:02}"], outlet, fared)

    def compare(self, one: SourceHealth, outlet: Outlet, fared: Fared) -> None:
        good = [at for at in fared.passes if not outlet.down(at)]
        failed = fared.failed_in_a_row(outlet)
        server = sum(outlet.down(at) for at in fared.passes)
        wanted: dict[str, object] = {
            "last_attempt_at": fared.passes[-1],
            "last_success_at": good[-1] if good else None,
            "failures": failed,
            "down_since": fared.passes[-failed + 2] if failed >= 3 else None,
            "last_new_at": fared.last_new,
            "troubles": {Trouble.SERVER: server} if server else {},
            "stale_since": None,
        }
        shrunk = one.shrunk_since is not None
        if shrunk and self.shrunk_at is None:
            self.shrunk_at = one.shrunk_since
        if shrunk and (outlet.number != REDESIGNED or self.clock < REDESIGN):
            self.wrong.append(f"{self.clock} {one.source} is called shrunk")
        if not shrunk and outlet.number == REDESIGNED and self.clock > REDESIGN + 12 * HOUR:
            self.wrong.append(f"{self.clock} {one.source} is not called shrunk")
        for name, value in wanted.items():
            if getattr(one, name) != value:
                self.wrong.append(f"{self.clock} {one.source} {name} {getattr(one, name)}, not {value}")

    def versions(self, outlet: Outlet) -> Iterator[list[Version]]:
        """The versions of each stored article of an outlet."""
        with self.store.reading() as session:
            stored = versions.known(session, [outlet.url(article) for article in outlet.articles])
            for url in sorted(stored):
                yield versions.versions_of(session, versions.find_article(session, url))


def _articles(number: int, chance: random.Random) -> Iterator[Article]:
    for turn in range(7 * A_DAY):
        published = BEGIN + (turn + chance.random()) * DAY / A_DAY
        edited = published + chance.choice([1 / 4, 1, 4, 12, 30, 60]) * HOUR * (1 + chance.random())
        yield Article(f"/{number}/news/{turn + 1000}", published, edited if chance.random() < 0.1 else None)


@pytest.fixture
def week(tmp_path: Path) -> Iterator[Week]:
    store = Store.open(f"sqlite:///{tmp_path / 'week.db'}")
    made = Week(store)
    yield made
    for outlet in made.outlets:
        outlet.close()
    store.close()


@pytest.mark.timeout(4 * 3600 if FULL else 300)
def test_a_week(week: Week, in_reactor: Callable[..., Any]) -> None:
    week.run(in_reactor)
    assert week.wrong == []
    assert told(week) == wanted_notices()
    assert week.memory[-1] - week.memory[47] < MOST_GROWTH
    found, late = edits(week)
    assert found > SOURCES
    assert late == []


def told(week: Week) -> list[tuple[str, NoticeKind]]:
    with week.store.reading() as session:
        return sorted((notice.source, notice.kind) for notice in health.notices(session))


def wanted_notices() -> list[tuple[str, NoticeKind]]:
    down = [(f"outlet-{n:02}", kind) for n in OUTAGES for kind in (NoticeKind.DOWN, NoticeKind.RECOVERED)]
    return sorted([*down, (f"outlet-{REDESIGNED:02}", NoticeKind.SHRUNK)])


def edits(week: Week) -> tuple[int, list[str]]:
    """How many edits were found, and those that were found later than the schedule promises."""
    found, late = 0, []
    for outlet in week.outlets:
        stored = {one[0].url: one for one in week.versions(outlet)}
        for article in outlet.articles:
            if article.edited is None:
                continue
            looked = min(SETTINGS.revisit_share * (article.edited - article.published), LONGEST)
            by = article.edited + looked + EVERY
            begin, end = OUTAGES.get(outlet.number, (END, END))
            if begin <= by and article.edited < end:
                by = max(by, end + EVERY)
            if by >= END or (outlet.number == REDESIGNED and by >= REDESIGN):
                continue
            seen = [v.seen_at for v in stored.get(outlet.url(article), []) if "after the edit" in v.text]
            found += bool(seen)
            if not seen or seen[0] > by:
                late.append(f"{outlet.url(article)} edited {article.edited}, found {seen[:1]}, wanted by {by}")
    return found, late
