"""Finding the way into an outlet by itself: its feed, news sitemap or Telegram preview. Nothing is stored.

What is found has been fetched and read. A refusal is final: nothing is worked round.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urljoin, urlsplit

from protego import Protego
from scrapy.http import Response
from w3lib.url import safe_url_string

from db.errors import CrawlError, InputError
from db.records import iso
from scrapers import guard, markup
from scrapers.asking import Ask, answer_of, asking
from scrapers.charset import decode
from scrapers.exchange import content_type
from scrapers.extract import language
from scrapers.maintext import clean_line
from scrapers.middlewares import robots_body
from scrapers.plain import printable
from scrapers.settings import CrawlSettings
from scrapers.spiders.feeds import Entry, parse_feed, parse_sitemap
from scrapers.spiders.sections import article_links
from scrapers.spiders.telegram import parse_preview
from scrapers.trial import Step

log = logging.getLogger(__name__)

LIVING = timedelta(days=30)  # a feed whose newest entry is older is not how an outlet tells its news
MOST_TRIED = 15  # addresses beside the one that was given
LEAST_LINKS = 5  # to articles, that a page needs to be a section page
LONGEST_NAME = 80
_SAMPLE = 30  # entries that tell the language
_FEEDS = ("/feed", "/rss", "/rss.xml", "/feed.xml", "/atom.xml", "/feed.json")
_SITEMAPS = ("/news-sitemap.xml", "/sitemap-news.xml", "/sitemap_news.xml")
_FEED_TYPES = re.compile(r"application/(?:(?:rss|atom|rdf)\+xml|feed\+json|json|xml)|text/xml")
_OTHER = re.compile(r"comments?\b|/wp-json/|oembed", re.IGNORECASE)  # what WordPress names beside its feed
_CHANNEL = re.compile(r"/(?:s/)?(\w{4,})(?:/\d+)?/?")
_NO_CHANNELS = frozenset(("share", "joinchat", "addstickers", "proxy"))


@dataclass(frozen=True, kw_only=True, slots=True)
class Discovery:
    """The way in that was found. route: one of `sources.ROUTES`. name: the outlet's own, may be empty.

    lang: of what it lists.
    """

    route: str
    url: str
    name: str
    lang: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Front:
    """What an outlet's page says: its name, its language, and the feeds and Telegram previews that it names."""

    name: str = ""
    lang: str | None = None
    feeds: tuple[str, ...] = ()
    telegram: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class _Way:
    """A way in that works, with what it lists."""

    route: str
    url: str
    entries: Sequence[Entry]


async def discover(
    url: str, settings: CrawlSettings, *, now: datetime, tell: Callable[[Step], object]
) -> Discovery | None:
    """Look for the way in at an outlet's address; None where there is none. Runs inside the loop of the reactor.

    url: of a front page, section, feed, sitemap or Telegram channel; without a scheme it is https. tell: is told of
    each address that was tried. Raises InputError for what may not be asked, CrawlError where the address itself does
    not answer.
    """
    url = url if "://" in url else f"https://{url.strip()}"
    refused = guard.malformed(url)
    if not refused:
        url = safe_url_string(url)
        refused = guard.refusal(url, settings.allow_hosts)
    if refused:
        raise InputError(f"is not asked: {refused}", where=printable(url))
    return await asking(settings, lambda ask: _Search(ask, url, now, tell).run())


def read_front(body: bytes, *, url: str, kind: str | None = None) -> Front:
    """Read a page for what it says of its outlet. kind: its Content-Type. What is no HTML says nothing."""
    try:
        tree = markup.parse(decode(body, header=kind))
    except ValueError:
        return Front()
    site = "og:title" if channel_of(url) else "og:site_name"
    names = [*tree.xpath("//meta[@property=$site]/@content", site=site), *tree.xpath("//head/title/text()")]
    channels = (channel_of(href) for href in tree.xpath("//a/@href"))
    return Front(
        name=next((name for name in map(clean_line, names) if name), "")[:LONGEST_NAME],
        lang=next(iter(tree.xpath("/html/@lang")), None),
        feeds=tuple(dict.fromkeys(_alternates(tree, url))),
        telegram=tuple(dict.fromkeys(channel for channel in channels if channel)),
    )


def channel_of(url: str) -> str | None:
    """The preview of the Telegram channel that an address names, or None where it names none."""
    try:
        parts = urlsplit(url.strip())
    except ValueError:
        return None
    named = _CHANNEL.fullmatch(parts.path)
    if parts.netloc.lower() not in ("t.me", "www.t.me", "telegram.me") or not named or named[1] in _NO_CHANNELS:
        return None
    return f"https://t.me/s/{named[1]}"


def _alternates(tree: Any, url: str) -> Iterator[str]:
    for link in tree.xpath("//link[@href]"):
        kind = (link.get("type") or "").split(";")[0].strip().lower()
        said = f"{link.get('href')} {link.get('title') or ''}"
        if "alternate" in (link.get("rel") or "").lower().split() and _FEED_TYPES.fullmatch(kind):
            with contextlib.suppress(ValueError):
                target = urljoin(url, link.get("href").strip())
                if not _OTHER.search(said) and not guard.malformed(target):
                    yield target


class _Search:
    def __init__(self, ask: Ask, url: str, now: datetime, tell: Callable[[Step], object]) -> None:
        self.ask = ask
        self.url = url
        self.now = now
        self.tell = tell
        self._asked: set[str] = set()

    async def run(self) -> Discovery | None:
        self.url = channel_of(self.url) or self.url
        response = await answer_of(self.ask, self.url)
        self.url, self._asked = response.url, {response.url}
        front = read_front(response.body, url=self.url, kind=content_type(response))
        if channel_of(self.url):
            return self._told(await self._read("telegram", response), front)
        if not _is_html(response):
            way = await self._read("feeds", response) or await self._read("sitemaps", response)
            return self._told(way, await self._front_page())
        way = await self._first("feeds", front.feeds) or await self._first("sitemaps", await self._named_sitemaps())
        way = way or await self._first("feeds", [urljoin(self.url, path) for path in _FEEDS])
        way = way or await self._first("sitemaps", [urljoin(self.url, path) for path in _SITEMAPS])
        way = way or await self._first("telegram", front.telegram) or await self._read("sections", response)
        return self._told(way, front)

    # --- where to look ------------------------------------------------------------------------------------------

    async def _named_sitemaps(self) -> list[str]:
        """What robots.txt lists, those of news first."""
        try:
            response = await answer_of(self.ask, urljoin(self.url, "/robots.txt"))
        except CrawlError:
            return []
        listed = list(Protego.parse(decode(robots_body(response))).sitemaps)
        return sorted(listed, key=lambda url: "news" not in url.lower())

    async def _front_page(self) -> Front:
        """What the front page says, for a feed or sitemap that was given by itself."""
        try:
            response = await answer_of(self.ask, urljoin(self.url, "/"))
        except CrawlError:
            return Front()
        return read_front(response.body, url=response.url, kind=content_type(response))

    # --- trying -------------------------------------------------------------------------------------------------

    async def _first(self, route: str, urls: Sequence[str]) -> _Way | None:
        """The first that works; each is asked once, and not too many in all."""
        for url in urls:
            if url in self._asked or len(self._asked) > MOST_TRIED:
                continue
            self._asked.add(url)
            try:
                response = await answer_of(self.ask, url)
            except CrawlError as error:
                self._note(route, url, fault=error.what)
                continue
            way = await self._read(route, response)
            if way:
                return way
        return None

    async def _read(self, route: str, response: Response) -> _Way | None:
        try:
            entries = await self._entries(route, response)
            newest = max((entry.published for entry in entries if entry.published), default=None)
            if newest and newest < self.now - LIVING:
                raise CrawlError(f"its newest entry is of {newest:%Y-%m-%d}")
        except CrawlError as error:
            self._note(route, response.url, fault=error.what)
            return None
        except Exception as error:  # what strangers send must not end the search
            log.debug("%s could not be read", response.url, exc_info=True)
            self._note(route, response.url, fault=f"could not be read: {type(error).__name__}: {error}")
            return None
        self._note(route, response.url, found=f"{len(entries)} entries" + (f", newest {iso(newest)}" if newest else ""))
        return _Way(route=route, url=response.url, entries=entries)

    async def _entries(self, route: str, response: Response) -> list[Entry]:
        """What a way in lists. Raises CrawlError where that is not what an outlet tells its news by."""
        body, url, kind = response.body, response.url, content_type(response)
        if route == "feeds":
            found = await asyncio.to_thread(parse_feed, body, url=url, content_type=kind)
        elif route == "sitemaps":
            listed = await asyncio.to_thread(parse_sitemap, body, url=url)
            if listed.sitemaps and not listed.entries:
                newest = (await answer_of(self.ask, listed.sitemaps[0])).body
                listed = await asyncio.to_thread(parse_sitemap, newest, url=listed.sitemaps[0])
            found = list(listed.entries)
            if not any(entry.published for entry in found):
                raise CrawlError("its entries have no dates")
        elif route == "telegram":
            messages = await asyncio.to_thread(parse_preview, body, url=url, lang="ar", content_type=kind)
            pages = [message.page for message in messages]
            found = [Entry(url=page.url, title=page.text, published=page.published) for page in pages]
        else:
            found = await asyncio.to_thread(article_links, body, url=url, content_type=kind)
            if len(found) < LEAST_LINKS:
                raise CrawlError(f"links to {len(found)} articles; a section page has more")
        if not found:
            raise CrawlError("lists nothing")
        return found

    # --- what is told -------------------------------------------------------------------------------------------

    def _told(self, way: _Way | None, front: Front) -> Discovery | None:
        if way is None:
            return None
        said = " ".join(entry.said for entry in way.entries[:_SAMPLE])
        lang = language(said, declared=front.lang)
        return Discovery(route=way.route, url=way.url, name=printable(front.name), lang=lang)

    def _note(self, route: str, url: str, *, found: str = "", fault: str = "") -> None:
        name = {"feeds": "feed", "sitemaps": "sitemap", "sections": "section"}.get(route, route)
        self.tell(Step(name=name, url=printable(url), found=found, fault=printable(fault)))


def _is_html(response: Response) -> bool:
    return b"<html" in response.body[:2000].lower() or "html" in (content_type(response) or "").lower()
