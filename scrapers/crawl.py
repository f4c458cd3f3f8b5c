"""One crawl inside the running loop. The asyncio reactor is installed first; crawls are stopped, never cancelled."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable
from datetime import datetime

from scrapy.crawler import AsyncCrawlerRunner
from scrapy.utils.reactor import install_reactor as install_scrapy_reactor
from scrapy.utils.reactor import is_asyncio_reactor_installed, is_reactor_installed
from sqlalchemy.orm import Session

from db import budgets, health, losses, versions, visits
from db.errors import CrawlError
from db.records import CrawlResult
from db.session import Store
from scrapers.faring import fare
from scrapers.hosts import HOSTS
from scrapers.losing import came_back, judge
from scrapers.plain import printable
from scrapers.revisits import AHEAD
from scrapers.settings import TWISTED_REACTOR, CrawlSettings, scrapy_settings
from scrapers.sources import Source
from scrapers.tally import Tally

log = logging.getLogger(__name__)

# What Scrapy has to say of a request is said by the pass's own result, in one line and without a traceback.
_LOUDNESS = {
    "scrapy": logging.ERROR,
    "scrapy.downloadermiddlewares.robotstxt": logging.CRITICAL,
    "scrapy.core.downloader.handlers.http11": logging.CRITICAL,
    "scrapy.core.scraper": logging.CRITICAL,
    "scrapy.core.engine": logging.CRITICAL,
}

STOP_SECONDS = 4.0  # that a crawl has for the pages it is at when it is stopped

_running: set[AsyncCrawlerRunner] = set()


def install_reactor() -> None:
    """Install Twisted's reactor on asyncio. Call before anything imports `twisted.internet.reactor`; again is fine.

    Raises CrawlError where another reactor is installed already.
    """
    if not is_reactor_installed():
        install_scrapy_reactor(TWISTED_REACTOR)
    for name, level in _LOUDNESS.items():
        logger = logging.getLogger(name)
        if logger.level == logging.NOTSET:  # somebody who looks for a fault may have set it
            logger.setLevel(level)
    if not is_asyncio_reactor_installed():
        raise CrawlError("another reactor is installed already; crawls need the asyncio one", where="Twisted")


async def run_crawl(
    source: Source, store: Store, settings: CrawlSettings, *, now: Callable[[], datetime]
) -> CrawlResult:
    """One pass over a source, its versions stored and its health filed.

    Runs inside the loop of the reactor that `install_reactor` installed. What goes wrong with the source is in the
    result; a fault of the store raises StoreError after the crawl has come to rest. A pass that is stopped, or whose
    task is cancelled, finishes the pages that it is at.
    """
    from scrapers.spiders.news import Job, NewsSpider  # here, so that importing this module is cheap

    with store.reading() as session:
        HOSTS.recall(budgets.standing(session, at=now()), now())
    tally = Tally(source.id)
    job = Job(source=source, store=store, settings=settings, now=now, tally=tally)
    runner = AsyncCrawlerRunner(scrapy_settings(settings) | {"SPIDER_MODULES": []})
    _running.add(runner)
    try:
        await _run(runner, NewsSpider, job)
    except Exception as error:  # the loop's edge: one source must not take the others down
        log.debug("the crawl of %s broke off", source.id, exc_info=True)
        tally.fault(source.id, f"the crawl broke off: {type(error).__name__}: {error}")
    finally:
        _running.discard(runner)
    if tally.store_error is not None:
        raise tally.store_error
    at = now()
    result = tally.result(at)
    if not (tally.stopped and tally.idle):
        for line in await store.write(lambda session: _file(session, tally, result, settings, at)):
            log.warning("%s: %s", source.id, line)
    return result


def _file(session: Session, tally: Tally, result: CrawlResult, settings: CrawlSettings, at: datetime) -> list[str]:
    """File when articles were seen and how the source fares; what of it is worth a line in the log.

    A pass that was cut short tells of the articles that it came to, and of nothing else.
    """
    budgets.save(session, HOSTS.spent(at), at=at)
    unchanged = {url for url, status in tally.answers.items() if status == 304}
    versions.touch(session, unchanged, at=at)
    versions.sight(session, tally.sightings, at=at)
    removed = visits.record(
        session,
        tally.answers,
        dated={} if tally.stopped else tally.dated(at + AHEAD),
        unlisted=tally.unlisted,
        at=at,
        removed_after=settings.pace().removed_after,
    )
    if tally.stopped:
        return []
    before, sizes = health.of_source(session, tally.source), health.sizes(session, tally.source)
    after, notices = fare(before, result, sizes, at=at, down_after=settings.down_after)
    health.save(session, after, notices)
    if came_back(before, after, at):
        losses.reopen(session, tally.source, at=at)
    for version_id, verdict in judge(losses.waiting(session, tally.source), after, at).items():
        losses.judge(session, version_id, verdict, at=at)
    return [*(f"{printable(url)} is removed" for url in removed), *(notice.text for notice in notices)]


async def stop_crawls() -> None:
    """Let every running crawl finish the pages it is at; nothing new is asked meanwhile.

    Returns when they have, or after `STOP_SECONDS`: a crawl that hangs on a host is left, and its next pass goes on.
    """
    HOSTS.halt()
    stops = [asyncio.ensure_future(_stop(runner)) for runner in _running]
    try:
        left = (await asyncio.wait(stops, timeout=STOP_SECONDS))[1] if stops else ()
        if left:
            log.warning("%d crawls did not stop in %g s and are left", len(left), STOP_SECONDS)
    finally:
        HOSTS.resume()


async def _run(runner: AsyncCrawlerRunner, spider: type, job: object) -> None:
    crawl = runner.crawl(spider, job=job)
    try:
        await asyncio.shield(crawl)
    except asyncio.CancelledError:
        await _stop(runner)
        raise


async def _stop(runner: AsyncCrawlerRunner) -> None:
    with contextlib.suppress(RuntimeError):  # one that has not begun yet has no engine to stop
        await runner.stop()
    await runner.join()
