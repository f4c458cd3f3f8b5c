"""A thousand changes at once beside a crawl: does telling them delay it? Seconds of a pass, paired in one run.

Usage: python -m bench.flooding [CHANGES]

A mail server, a webhook and a webhook that is broken are another process, and so is the site. In a round the same
unchanged pass runs alone, while the changes go out, and alone again; at each pace of PACES.
"""

from __future__ import annotations

import asyncio
import os
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bench.crawling import crawl_of
from bench.killing import fill, serve
from bench.magazine import Magazine
from db import outbox
from db.records import DeliveryState
from db.session import Store
from monitor.loop import run_in_reactor
from monitor.reading.about import About
from monitor.telling.sender import Sender
from monitor.telling.target import Target
from monitor.topics import Topic, load_topic
from scrapers.crawl import run_crawl

PAGES = 50
PACES = (0.0, 0.1, 2.0)  # seconds between two requests; a daemon takes 2
ROUNDS = 1
START = datetime(2026, 2, 23, 14, 10, tzinfo=UTC)


@dataclass
class Took:
    """Seconds of the passes at one pace, and of telling."""

    alone: list[float] = field(default_factory=list)
    beside: list[float] = field(default_factory=list)
    telling: list[float] = field(default_factory=list)


def main(count: int = 1000) -> None:
    """Print the seconds of a pass alone and beside the flood, their ratio, and how long telling took."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        reading, writing = os.pipe()
        servers = os.fork()
        if servers == 0:
            serve(folder, writing)
        try:
            http, mail = os.read(reading, 100).decode().split()
            targets = [
                Target(name="mail", url=f"mailto://127.0.0.1:{mail}?from=a@example.org&to=b@example.org", limit=0),
                Target(name="hook", url=f"slackhook://127.0.0.1:{http}/hook", limit=0),
                Target(name="broken", url=f"slackhook://127.0.0.1:{http}/broken", limit=0),
            ]
            command = [sys.executable, "-m", "bench.magazine", str(PAGES)]
            with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as site:
                assert site.stdin is not None
                assert site.stdout is not None
                magazine = Magazine(PAGES, base=site.stdout.readline().strip())
                took = run_in_reactor(lambda: _rounds(folder, magazine, targets, count))
                site.stdin.close()
        finally:
            os.kill(servers, signal.SIGKILL)
            os.waitpid(servers, 0)
    _tell(took, count)


async def _rounds(folder: Path, magazine: Magazine, targets: list[Target], count: int) -> dict[float, Took]:
    topic = load_topic()
    took = {pace: Took() for pace in PACES}
    for number in range(ROUNDS):
        for pace in PACES:
            url = f"sqlite:///{folder / f'{number}-{pace}.db'}"
            await asyncio.to_thread(fill, url, count)
            await _round(Store.open(url), magazine, targets, topic, pace, took[pace], count)
    return took


async def _round(
    store: Store, magazine: Magazine, targets: list[Target], topic: Topic, pace: float, took: Took, count: int
) -> None:
    clock = START
    source, settings = crawl_of(magazine, delay=pace, about=About(topic))

    async def crawl(into: list[float]) -> None:
        nonlocal clock
        clock += timedelta(minutes=10)
        began = time.perf_counter()
        result = await run_crawl(source, store, settings, now=lambda: clock)
        into.append(time.perf_counter() - began)
        assert result.fetched == PAGES, result

    async def tell() -> None:
        began = time.perf_counter()
        await Sender(store=store, targets=targets, topic=topic).deliver(START)
        took.telling.append(time.perf_counter() - began)

    await crawl([])
    await crawl(took.alone)
    await asyncio.gather(tell(), crawl(took.beside))
    await crawl(took.alone)
    with store.reading() as session:
        states = outbox.counts(session)
    assert states[DeliveryState.SENT] == 2 * count, states
    store.close()


def _tell(took: dict[float, Took], count: int) -> None:
    for pace, found in took.items():
        alone, beside = statistics.median(found.alone), statistics.median(found.beside)
        least, most = min(found.alone), max(found.alone)
        print(
            f"{PAGES} pages, one each {pace:g} s: {alone:.1f} s alone ({least:.1f} to {most:.1f}), "
            f"{beside:.1f} s beside {count} changes for three targets, {beside / alone:.2f} times; "
            f"telling took {statistics.median(found.telling):.1f} s"
        )


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
