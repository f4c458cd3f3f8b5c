"""From a page to a version: the quality gate, then one transaction of the store's writer."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Any

from scrapy.crawler import Crawler

from db import versions
from db.errors import InputError, StoreError
from db.records import Capture, Page
from scrapers import quality


@dataclass(frozen=True, kw_only=True, slots=True)
class Found:
    """A page that was fetched and read. least_words: that its text needs to be an article."""

    page: Page
    capture: Capture
    least_words: int = quality.LEAST_WORDS


class StorePipeline:
    """Stores what passes the gate. Works for a spider that carries `job` (see scrapers.spiders.news)."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        self._stopping: asyncio.Task[None] | None = None

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> StorePipeline:
        """Built by Scrapy."""
        return cls(crawler)

    async def process_item(self, item: Found) -> Found:
        """Count the item as refused, or store it and count what that did. A fault of the store ends the crawl."""
        job: Any = self._crawler.spider.job  # type: ignore[union-attr]
        reason = quality.refusal(item.page, status=item.capture.status, least_words=item.least_words)
        if reason:
            job.tally.refuse(item.page.url, reason)
            return item
        origin, at = job.source.origin(), job.now()
        try:
            saved = await job.store.write(
                lambda session: versions.save_page(session, item.page, origin, item.capture, at=at)
            )
        except InputError as error:
            job.tally.refuse(item.page.url, error.what)
        except StoreError as error:
            self.give_up(error)
        else:
            job.tally.count(saved.outcome)
        return item

    def give_up(self, error: StoreError) -> None:
        """End the crawl: what cannot be stored need not be fetched."""
        job: Any = self._crawler.spider.job  # type: ignore[union-attr]
        if job.tally.store_error is None:
            job.tally.store_error = error
            self._stopping = asyncio.ensure_future(self._crawler.stop_async())
