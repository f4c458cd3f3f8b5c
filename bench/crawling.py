"""What crawling costs: `make bench`. CPU time a page beside a bare Scrapy spider, paired in one run.

The site is another process (bench.magazine), so that its work is not counted; spider and store are the real ones, with
the topic's filter, and no selector for any page.
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from scrapy import Request, Spider
from scrapy.crawler import AsyncCrawlerRunner
from scrapy.http import Response
from sqlalchemy import func, select

from bench.magazine import SITEMAP, Magazine
from db.models import VersionRow
from db.records import CrawlResult
from db.session import Store
from monitor.loop import run_in_reactor
from monitor.reading.about import About
from monitor.topics import load_topic
from scrapers.crawl import run_crawl
from scrapers.settings import CrawlSettings
from scrapers.sources import Source, parse_source

PAGES = 500
ROUNDS = 2
UNCHANGED = 5  # passes a round
EDITS = 100  # pages with one edited sentence, a round
START = datetime(2026, 2, 21, tzinfo=UTC)


@dataclass
class Took:
    """Milliseconds of CPU a page, one figure a pass, and what the passes found."""

    bare: list[float] = field(default_factory=list)
    first: list[float] = field(default_factory=list)
    unchanged: list[float] = field(default_factory=list)
    edited: list[float] = field(default_factory=list)
    found: int = 0
    made: int = 0
    false: int = 0
    bytes: list[int] = field(default_factory=list)


def main() -> None:
    """Print the medians, and their ratios to the bare spider of the same round."""
    command = [sys.executable, "-m", "bench.magazine", str(PAGES)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as site:
        assert site.stdin is not None
        assert site.stdout is not None
        magazine = Magazine(PAGES, base=site.stdout.readline().strip())
        took = Took()
        run_in_reactor(lambda: _rounds(magazine, site, took))
        site.stdin.close()
    _tell(took)


async def _rounds(magazine: Magazine, site: subprocess.Popen[str], took: Took) -> None:
    about = About(load_topic())
    about("Warm.")
    for number in range(ROUNDS):
        with tempfile.TemporaryDirectory() as folder:
            await _round(magazine, site, took, about, f"sqlite:///{Path(folder) / 'bench.db'}", number)


def crawl_of(magazine: Magazine, *, delay: float, about: Callable[[str], bool]) -> tuple[Source, CrawlSettings]:
    """A source that lists every page of a magazine, and settings with which one pass takes all of them."""
    table = {
        "id": "magazine", "name": {"en": "Magazine"}, "lang": "en", "kind": "daily", "reliability": "C",
        "every": 10, "sitemaps": [magazine.base + SITEMAP],
    }  # fmt: skip
    settings = CrawlSettings(
        delay_seconds=delay, revisit_share=0, max_articles=magazine.pages, daily_requests=10**6, daily_bytes=10**11,
        allow_hosts=(magazine.base.removeprefix("http://"),), about=about,
    )  # fmt: skip
    return parse_source(table, "bench"), settings


async def _round(
    magazine: Magazine, site: subprocess.Popen[str], took: Took, about: Callable[[str], bool], url: str, number: int
) -> None:
    """A store's first pass, unchanged ones, one with edits; the bare spider before and between."""
    store = Store.open(url)
    clock = START

    async def ours(into: list[float]) -> CrawlResult:
        nonlocal clock
        clock += timedelta(minutes=10)
        result: CrawlResult = await _timed(into, run_crawl(source, store, settings, now=lambda: clock))
        assert result.fetched == PAGES, result
        return result

    source, settings = crawl_of(magazine, delay=0, about=about)
    await _timed(took.bare, _bare(magazine))
    result = await ours(took.first)
    assert result.new == PAGES, result
    for _ in range(UNCHANGED):
        result = await ours(took.unchanged)
        took.false += result.new + result.changed
        await _timed(took.bare, _bare(magazine))
    before = _text_bytes(store)
    edited = [(number + n * (PAGES // EDITS)) % PAGES for n in range(EDITS)]
    _edit(site, edited)
    took.made += EDITS
    result = await ours(took.edited)
    took.found += result.changed
    took.bytes.append((_text_bytes(store) - before) // max(1, result.changed))
    store.close()


def _edit(site: subprocess.Popen[str], numbers: list[int]) -> None:
    assert site.stdin is not None
    assert site.stdout is not None
    site.stdin.write(json.dumps(numbers) + "\n")
    site.stdin.flush()
    site.stdout.readline()


def _text_bytes(store: Store) -> int:
    """Bytes of the texts of versions that have a newer one: what edits add beside the newest text."""
    with store.reading() as session:
        return session.scalar(select(func.sum(func.length(VersionRow.data)))) or 0


async def _bare(magazine: Magazine) -> None:
    """Scrapy as it comes over the same pages, looking at nothing."""
    urls = magazine.urls()

    class Bare(Spider):
        name = "bare"

        async def start(self) -> AsyncIterator[Request]:
            for url in urls:
                yield Request(url)

        def parse(self, response: Response) -> None:
            assert response.status == 200

    settings = {"LOG_ENABLED": False, "TELNETCONSOLE_ENABLED": False, "STATS_DUMP": False}
    await AsyncCrawlerRunner(settings).crawl(Bare)


async def _timed(into: list[float], work: Any) -> Any:
    began = time.process_time()
    result = await work
    into.append((time.process_time() - began) * 1000 / PAGES)
    return result


def _tell(took: Took) -> None:
    bare = statistics.median(took.bare)
    print(f"{PAGES} pages; ms of CPU a page, medians (least to most), and times the bare spider's")
    for name in ("bare", "first", "unchanged", "edited"):
        ran = getattr(took, name)
        middle = statistics.median(ran)
        print(f"  {name}: {middle:.1f} ({min(ran):.1f} to {max(ran):.1f}), {middle / bare:.2f} times")
    print(f"edits found: {took.found} of {took.made}; text store: {statistics.median(took.bytes):.0f} bytes an edit")
    print(f"false versions in {len(took.unchanged)} unchanged passes: {took.false}")


if __name__ == "__main__":
    main()
