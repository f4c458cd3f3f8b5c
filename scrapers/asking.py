"""Asking for one address after another, as politely and as safely as a crawl does; nothing is stored."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any, Generic, TypeVar

from scrapy import Request, Spider
from scrapy.crawler import AsyncCrawlerRunner
from scrapy.http import Response

from db.errors import CrawlError
from scrapers.middlewares import plain_reason
from scrapers.settings import CrawlSettings, scrapy_settings

log = logging.getLogger(__name__)
T = TypeVar("T")

Ask = Callable[[str], Awaitable[Response]]
"""An address → the answer, whatever its status. CrawlError where there is none, or where it must not be asked."""


async def asking(settings: CrawlSettings, work: Callable[[Ask], Awaitable[T]]) -> T:
    """Run `work` with an `Ask`, inside the loop of the reactor that `install_reactor` installed; its result.

    robots.txt itself may always be asked for (RFC 9309, 2.2.1), anything else as it allows.
    """
    errand = _Errand(work)
    bare = {"SPIDER_MODULES": [], "ITEM_PIPELINES": {}, "CLOSESPIDER_TIMEOUT": 0}
    runner = AsyncCrawlerRunner(scrapy_settings(settings) | bare)
    await runner.crawl(_Asker, errand=errand)
    if errand.failure is not None:
        raise errand.failure
    if not errand.results:
        raise CrawlError("the asking broke off")
    return errand.results[0]


async def answer_of(ask: Ask, url: str) -> Response:
    """The answer, where the status is 200. Raises CrawlError for another."""
    response = await ask(url)
    if response.status != 200:
        raise CrawlError(f"HTTP status {response.status}", where=url)
    return response


class _Errand(Generic[T]):
    """What is to be done with an `Ask`, and what came of it."""

    def __init__(self, work: Callable[[Ask], Awaitable[T]]) -> None:
        self._work = work
        self.results: list[T] = []
        self.failure: Exception | None = None

    async def run(self, ask: Ask) -> None:
        try:
            self.results.append(await self._work(ask))
        except Exception as error:  # raised again where the work was handed in; Scrapy would only log it
            self.failure = error


class _Asker(Spider):
    name = "asker"

    def __init__(self, *, errand: _Errand[Any], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._errand = errand

    async def start(self) -> AsyncIterator[Any]:
        """No requests for Scrapy's own queue: each is asked for when the one before is answered."""
        await self._errand.run(self._ask)
        nothing: tuple[Request, ...] = ()
        for request in nothing:
            yield request

    async def _ask(self, url: str) -> Response:
        free = {"dont_obey_robotstxt": True} if url.endswith("/robots.txt") else {}
        engine = self.crawler.engine
        if engine is None:
            raise CrawlError("crawling has ended", where=url)
        try:
            return await engine.download_async(Request(url, meta=free, dont_filter=True))
        except Exception as error:  # what Scrapy and Twisted raise has no common base
            log.debug("%s was not answered", url, exc_info=True)
            raise CrawlError(plain_reason(error), where=url) from error
