"""From a page to a version: the quality gate, then one transaction of the store's writer."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from scrapy.crawler import Crawler
from sqlalchemy.orm import Session

from db import addresses, losses, versions
from db.errors import InputError, StoreError
from db.records import Capture, Origin, Outcome, Page
from scrapers import quality
from scrapers.addresses import canonical
from scrapers.losing import lost


@dataclass(frozen=True, kw_only=True, slots=True)
class Found:
    """A page that was fetched and read. least_words: that its text needs to be an article.

    asked: the address that led to it, where that is remembered. said: what was said of it where it was found, if it
    must be on the topic to be kept; None where it is kept in any case.
    """

    page: Page
    capture: Capture
    asked: str = ""
    said: str | None = None
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
        """Count the item as refused or off the topic, or store it and count what that did.

        A fault of the store ends the crawl.
        """
        job: Any = self._crawler.spider.job  # type: ignore[union-attr]
        reason = quality.refusal(item.page, status=item.capture.status, least_words=item.least_words)
        if reason:
            job.tally.refuse(item.page.url, reason)
            return item
        origin, at = job.source.origin(), job.now()
        about = job.settings.about
        kept = about is None or item.said is None or about(f"{item.said}\n{item.page.title}\n{item.page.text}")
        keep = _save if kept else _pass_over
        try:
            outcome = await job.store.write(lambda session: keep(session, item, origin, at))
        except InputError as error:
            job.tally.refuse(item.page.url, error.what)
        except StoreError as error:
            self.give_up(error)
        else:
            job.tally.count(outcome)
            if item.asked and (outcome is Outcome.NEW or _is_own(item)):  # from now on it is asked for there
                job.tally.answers[item.page.url] = item.capture.status
        return item

    def give_up(self, error: StoreError) -> None:
        """End the crawl: what cannot be stored need not be fetched."""
        job: Any = self._crawler.spider.job  # type: ignore[union-attr]
        if job.tally.store_error is None:
            job.tally.store_error = error
            self._stopping = asyncio.ensure_future(self._crawler.stop_async())


def _save(session: Session, item: Found, origin: Origin, at: datetime) -> Outcome:
    """Store the page; an address that led to another one's article is remembered with it.

    The text of an article is its own page's: that of a twin counts only while there is no other.
    """
    url = item.page.url
    if not _is_own(item) and versions.known(session, [url]):
        addresses.remember(session, item.asked or item.capture.url, versions.find_article(session, url), at=at)
        return Outcome.UNCHANGED
    saved = versions.save_page(session, item.page, origin, item.capture, at=at)
    if saved.outcome is Outcome.CHANGED:
        of = next((v.id for v in losses.before(session, saved.version_id) if lost(v.text, item.page.text)), None)
        if of is not None:
            losses.hold(session, saved.version_id, of=of, at=at)
    if item.asked not in ("", url):
        addresses.remember(session, item.asked, saved.article_id, at=at)
    return saved.outcome


def _is_own(item: Found) -> bool:
    """Whether the page was fetched at its article's own address, not at a twin's."""
    return canonical(item.capture.url) == item.page.url


def _pass_over(session: Session, item: Found, origin: Origin, at: datetime) -> Outcome:
    """Remember what need not be fetched again."""
    for url in {item.asked or item.page.url, item.page.url}:
        addresses.remember(session, url, None, at=at)
    return Outcome.OFF_TOPIC
