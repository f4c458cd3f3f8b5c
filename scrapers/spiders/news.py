"""One pass over one source: its ways in, then the articles that they lead to."""

from __future__ import annotations

import asyncio
import itertools
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, TypeVar
from urllib.parse import urlsplit

from scrapy import Request, Spider, signals
from scrapy.crawler import Crawler
from scrapy.exceptions import CloseSpider, DontCloseSpider
from scrapy.http import Response
from twisted.python.failure import Failure

from db import versions
from db.errors import CrawlError, InputError, StoreError
from db.records import Capture, Outcome, Page, Sighting, Trouble, Visit
from db.session import Store
from db.visits import GONE
from scrapers import guard
from scrapers.addresses import canonical, looks_like_article
from scrapers.conditional import headers, load_due, load_known, load_led
from scrapers.exchange import content_type, header, header_pairs
from scrapers.extract import Look, look
from scrapers.following import by_topic
from scrapers.hosts import StoppingError
from scrapers.middlewares import Refused, plain_reason, trouble_of, trouble_of_status
from scrapers.pipelines import Found
from scrapers.revisits import AHEAD, called
from scrapers.settings import CrawlSettings
from scrapers.sources import Source
from scrapers.spiders.feeds import Entry, parse_feed, parse_sitemap
from scrapers.spiders.sections import article_links
from scrapers.spiders.telegram import parse_preview
from scrapers.tally import Tally

log = logging.getLogger(__name__)
T = TypeVar("T")

MOST_SITEMAPS = 3  # of an index, the newest
_MARKUP = ("text/html", "application/xhtml+xml", "text/xml", "application/xml", "")
_ROUTE, _NEW, _AGAIN = 100, 10, 0  # priorities of requests
_TRANSIENT = (429, 503)  # no answer about the article


@dataclass(frozen=True, kw_only=True, slots=True)
class Job:
    """What a pass works with. `now` is its clock."""

    source: Source
    store: Store
    settings: CrawlSettings
    now: Callable[[], datetime]
    tally: Tally


class NewsSpider(Spider):
    """Follows feeds, sitemaps, section pages, Telegram previews and watched pages of one source."""

    name = "news"

    def __init__(self, *, job: Job | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        if job is None:
            raise CrawlError("is started by `drawdown crawl SOURCE`, which gives it a source and a store", where="news")
        self.job = job
        self._asked: set[str] = set()
        self._due: Sequence[Visit] = ()
        self._watched = {canonical(url) for url in job.source.pages}
        self._barred: set[str] = set()
        self._sitemaps = 0

    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: Any, **kwargs: Any) -> NewsSpider:
        """Built by Scrapy."""
        spider = super().from_crawler(crawler, *args, **kwargs)
        crawler.signals.connect(spider.broke, signal=signals.spider_error)
        crawler.signals.connect(spider.broke, signal=signals.item_error)
        crawler.signals.connect(spider.look_again, signal=signals.spider_idle)
        return spider

    async def start(self) -> AsyncIterator[Any]:
        """A request for each way in."""
        source, now = self.job.source, self.job.now()
        self._due = await self._stored(load_due(self.job.store, source.id, self.job.settings.pace(), now))
        for url in source.feeds:
            yield self._route(url, self.parse_feed)
        for url in source.sitemaps_on(now):
            yield self._route(url, self.parse_sitemap)
        for url in source.sections:
            yield self._route(url, self.parse_section)
        for url in source.telegram:
            yield self._route(url, self.parse_telegram)
        for request in await self._follow([Entry(url=url) for url in self._watched], chosen=True):
            yield request

    # --- ways in ------------------------------------------------------------------------------------------------

    async def parse_feed(self, response: Response) -> AsyncIterator[Any]:
        """Entries of a feed → requests for articles."""
        entries = await self._read(parse_feed, response, content_type=content_type(response))
        for request in await self._follow(entries or []):
            yield request

    async def parse_sitemap(self, response: Response) -> AsyncIterator[Any]:
        """Entries of a sitemap → requests for articles; an index → its newest sitemaps."""
        listed = await self._read(parse_sitemap, response)
        if listed is None:
            return
        for url in self._sound(listed.sitemaps):
            if self._sitemaps < MOST_SITEMAPS and url not in self._asked:
                self._sitemaps += 1
                self._asked.add(url)
                yield self._route(url, self.parse_sitemap)
        path = self.job.source.path
        wanted = [e for e in listed.entries if guard.malformed(e.url) or looks_like_article(e.url, path=path)]
        for request in await self._follow(wanted):
            yield request

    async def parse_section(self, response: Response) -> AsyncIterator[Any]:
        """Links of a section page → requests for articles."""
        entries = await self._read(
            article_links, response, content_type=content_type(response), path=self.job.source.path
        )
        if entries == []:
            self.job.tally.fault(response.url, "lists no articles; the page may have changed")
        for request in await self._follow(entries or []):
            yield request

    async def parse_telegram(self, response: Response) -> AsyncIterator[Found]:
        """Messages of a preview, each a page of its own."""
        job = self.job
        messages = await self._read(parse_preview, response, lang=job.source.lang, content_type=content_type(response))
        addresses = [message.page.url for message in messages or []]
        known = await self._stored(load_known(job.store, addresses))
        job.tally.note_listed((message.page.url, message.page.published) for message in messages or [])
        for message in messages or []:
            if message.page.url in known or job.settings.about is None or job.settings.about(message.page.text):
                job.tally.fetched += 1
                capture = _capture(response, job.now(), url=message.page.url, body=message.markup)
                yield Found(page=message.page, capture=capture, least_words=1)

    def _route(self, url: str, callback: Callable[..., Any]) -> Request:
        return Request(url, callback=callback, errback=self.route_failed, priority=_ROUTE, dont_filter=True)

    async def _read(self, parse: Callable[..., Any], response: Response, **kwargs: Any) -> Any:
        """What the parser makes of a way in, or None when it cannot be used; that is a fault of the source."""
        if response.status != 200:
            trouble = trouble_of_status(response.status)
            self.job.tally.fault(response.url, f"HTTP status {response.status}", trouble)
            return None
        try:
            found = await asyncio.to_thread(parse, response.body, url=response.url, **kwargs)
            self.job.tally.ways += 1
            return found
        except CrawlError as error:
            self.job.tally.fault(response.url, error.what)
        except Exception as error:  # what strangers send must not end a pass that then looks like a success
            log.debug("%s could not be read", response.url, exc_info=True)
            self.job.tally.fault(response.url, f"could not be read: {_named(error)}")
        return None

    # --- articles -----------------------------------------------------------------------------------------------

    async def _follow(self, entries: Sequence[Entry], *, chosen: bool = False) -> list[Request]:
        """Requests for entries that are worth one now: new ones first, as many as a pass may make."""
        entries, passed = await self._led(entries)
        entries = [entry for entry in entries if self._own(entry.url)]
        if chosen:
            self._watched |= {entry.url for entry in entries}
        else:
            self.job.tally.note_listed((entry.url, entry.dated) for entry in entries)
        fresh = {entry.url: entry for entry in entries if entry.url not in self._asked}
        fresh = {url: fresh[url] for url in self._sound(fresh)}
        known = await self._stored(load_known(self.job.store, list(fresh)))
        now = self.job.now()
        wanted = [entry for entry in fresh.values() if entry.url not in known]
        if not chosen:
            sure, unsure = await asyncio.to_thread(by_topic, wanted, self.job.settings.about, passed=passed)
            wanted = sure + unsure
        wanted += [e for e in fresh.values() if e.url in known and (chosen or called(known[e.url], e.dated, now))]
        return self._requests(((entry, known.get(entry.url)) for entry in wanted), chosen=chosen)

    def look_again(self) -> None:
        """The ways in are read and what they led to is fetched: now the stored articles that are due."""
        due, self._due = self._due, ()
        if self.job.tally.stopped or self.job.tally.host_is_down:
            return
        entries = ((Entry(url=v.url, title=v.title, published=v.published), v) for v in due if v.url not in self._asked)
        requests = self._requests(entries)
        for request in requests:
            self.crawler.engine.crawl(request)
        if requests:
            raise DontCloseSpider

    def _requests(self, entries: Iterable[tuple[Entry, Visit | None]], *, chosen: bool = False) -> list[Request]:
        """Requests for these articles, as many as a pass may still make."""
        budget = self.job.settings.max_articles - len(self._asked)
        found = itertools.islice(entries, max(budget, 0))
        requests = [self._article(entry, known, chosen) for entry, known in found]
        return [request for request in requests if request is not None]

    async def _led(self, entries: Sequence[Entry]) -> tuple[list[Entry], set[str]]:
        """The entries under their articles' own addresses, as far as those are known; and what led off the topic."""
        led = await self._stored(load_led(self.job.store, [entry.url for entry in entries]))
        own = [replace(entry, url=led.get(entry.url) or entry.url) for entry in entries]
        return own, {url for url, article in led.items() if article is None}

    def _own(self, url: str) -> bool:
        """Whether this source may bring what is at an address; what it may not is refused once in a pass."""
        reason = self._foreign(url)
        if reason and url not in self._barred:
            self._barred.add(url)
            self.job.tally.refuse(url, reason, Trouble.FORBIDDEN)
        return reason is None

    def _foreign(self, url: str) -> str | None:
        return self.job.settings.foreign(url, self.job.source.id)

    def _sound(self, urls: Iterable[str]) -> list[str]:
        """Those that can be URLs; each of the others is refused once in a pass."""
        sound = []
        for url in urls:
            reason = guard.malformed(url)
            if not reason:
                sound.append(url)
            elif url not in self._barred:
                self._barred.add(url)
                self.job.tally.refuse(url, reason)
        return sound

    async def _stored(self, loading: Awaitable[T]) -> T:
        try:
            return await loading
        except StoreError as error:
            self.job.tally.store_error = error
            raise CloseSpider("store") from error

    def _article(self, entry: Entry, known: Visit | None, chosen: bool) -> Request | None:
        self._asked.add(entry.url)
        if known:
            self.job.tally.again.add(entry.url)
        try:
            return Request(
                entry.url,
                headers=headers(known) if known else {},
                callback=self.parse_article,
                errback=self.article_failed,
                cb_kwargs={"entry": entry, "known": known, "judged": known is None and not chosen},
                priority=_AGAIN if known else _NEW,
                dont_filter=True,  # each is asked once by `_asked`; a redirect back to itself is bounded by its number
            )
        except ValueError:
            self.job.tally.refuse(entry.url, "is not a URL")
            return None

    async def parse_article(
        self, response: Response, entry: Entry, known: Visit | None, judged: bool
    ) -> AsyncIterator[Found]:
        """An article's page → what it says, for the store, if that is not stored yet.

        known: what is stored of it. judged: it is kept only if it is on the topic.
        """
        job = self.job
        job.tally.fetched += 1
        if response.status not in _TRANSIENT:
            job.tally.answers[entry.url] = response.status
        if response.status == 304 and entry.url in job.tally.again:
            job.tally.count(Outcome.UNCHANGED)
            return
        if response.status in GONE and entry.url in job.tally.again - self._watched:
            job.tally.count(Outcome.GONE)
            return
        foreign = self._foreign(response.url)
        reason = foreign or not_an_article(response, entry)
        if reason:
            bad = job.tally.fail if response.status in (429, *range(500, 600)) else job.tally.refuse
            bad(entry.url, reason, Trouble.FORBIDDEN if foreign else trouble_of_status(response.status))
            return
        try:
            found = await asyncio.to_thread(self._news, response, entry, known)
        except InputError as error:
            job.tally.refuse(entry.url, error.what)
            return
        except Exception as error:  # likewise
            log.debug("%s could not be read", entry.url, exc_info=True)
            job.tally.fail(entry.url, f"could not be read: {_named(error)}")
            return
        if isinstance(found, Sighting):
            job.tally.count(Outcome.UNCHANGED)
            job.tally.sightings.append(found)
            return
        said = entry.said if judged else None
        yield Found(page=found, capture=_capture(response, job.now()), asked=entry.url, said=said)

    def _news(self, response: Response, entry: Entry, known: Visit | None) -> Page | Sighting:
        """The page; or, where it says what is stored, that it was seen, which is filed at the end of the pass."""
        seen, origin = self._look(response, entry), self.job.source.origin()
        if known is None or not known.url == seen.url == canonical(response.url):
            return seen.page()
        stamp = versions.look_stamp(seen.digest, origin)
        if stamp is None or stamp != known.look:
            page = seen.page()
            if versions.page_stamp(page, origin) != known.page:
                return page
            stamp = versions.look_stamp(page.digest, origin)
        etag, last_modified = _validators(response)
        return Sighting(url=known.url, etag=etag, last_modified=last_modified, look=stamp)

    def _look(self, response: Response, entry: Entry) -> Look:
        return look(
            response.body,
            url=canonical(response.url),
            content_type=content_type(response),
            lang_hint=self.job.source.lang,
            charset=self.job.source.charset,
            title=entry.title,
            published=entry.published,
            latest=self.job.now() + AHEAD,
        )

    # --- what went wrong ----------------------------------------------------------------------------------------

    def route_failed(self, failure: Failure) -> None:
        """A way in could not be fetched."""
        if not self._was_stopped(failure):
            self.job.tally.fault(_asked_url(failure), plain_reason(failure.value), trouble_of(failure.value))

    def article_failed(self, failure: Failure) -> None:
        """An article could not be fetched, or must not be."""
        if self._was_stopped(failure):
            return
        error = failure.value
        refused = isinstance(error, Refused) or (isinstance(error, CrawlError) and not error.retry)
        bad = self.job.tally.refuse if refused else self.job.tally.fail
        bad(_asked_url(failure), plain_reason(error), trouble_of(error))

    def broke(self, failure: Failure, response: Any = None) -> None:
        """A callback or the store's pipeline raised what nobody expected: the source's pass has failed."""
        url = str(getattr(response, "url", "") or self.job.source.id)
        log.debug("a callback broke", exc_info=failure.value)
        self.job.tally.fault(url, f"could not be dealt with: {_named(failure.value)}")

    def _was_stopped(self, failure: Failure) -> bool:
        stopped = isinstance(failure.value, StoppingError)
        self.job.tally.stopped |= stopped
        return stopped

    def closed(self, reason: str) -> None:
        """Called by Scrapy at the end."""
        self.job.tally.stopped |= reason == "shutdown"


def _named(error: BaseException | None) -> str:
    return f"{type(error).__name__}: {error}"


def not_an_article(response: Response, entry: Entry) -> str | None:
    """Why an answer cannot be an article's page, in a few words, or None when it may be one."""
    if not 200 <= response.status < 300:
        return f"HTTP status {response.status}"
    kind = (content_type(response) or "").split(";")[0].strip().lower()
    if kind not in _MARKUP:
        return f"is {kind}, not HTML"
    if urlsplit(response.url).path in ("", "/") and urlsplit(entry.url).path not in ("", "/"):
        return "leads to the front page"
    return None


def _capture(response: Response, at: datetime, *, url: str | None = None, body: bytes | None = None) -> Capture:
    headers = header_pairs(response.headers)
    own = body is None  # validators are of the whole answer, not of a part of it
    etag, last_modified = _validators(response) if own else (None, None)
    return Capture(
        url=url or response.url,
        fetched_at=at,
        status=response.status,
        headers=headers,
        body=response.body if body is None else body,
        etag=etag,
        last_modified=last_modified,
        exchange=response.meta.get("exchange"),
    )


def _validators(response: Response) -> tuple[str | None, str | None]:
    return header(response, "ETag"), header(response, "Last-Modified")


def _asked_url(failure: Failure) -> str:
    request: Request | None = getattr(failure, "request", None)
    if request is None:
        return "?"
    first = request.meta.get("redirect_urls", [request.url])[0]
    return str(first) if first == request.url else f"{first} → {request.url}"
