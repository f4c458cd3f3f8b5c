"""Trying a source now, step by step: what a crawl would come to, and where it would fail. Nothing is stored."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TypeVar
from urllib.parse import urlsplit

from protego import Protego
from scrapy.http import Response

from db.errors import CrawlError, InputError
from db.records import Page, iso
from scrapers import guard, quality
from scrapers.addresses import canonical, looks_like_article
from scrapers.asking import Ask, answer_of, asking
from scrapers.charset import decode
from scrapers.exchange import content_type
from scrapers.extract import extract
from scrapers.following import by_topic
from scrapers.middlewares import robots_body
from scrapers.plain import printable
from scrapers.revisits import AHEAD
from scrapers.settings import ROBOTSTXT_USER_AGENT, CrawlSettings
from scrapers.sources import Source
from scrapers.spiders.feeds import Entry, parse_feed, parse_sitemap
from scrapers.spiders.news import not_an_article
from scrapers.spiders.sections import article_links
from scrapers.spiders.telegram import Message, parse_preview

log = logging.getLogger(__name__)

MOST_ARTICLES = 3  # that are tried until one can be read: the first may be a video, or behind a wall
T = TypeVar("T")


@dataclass(frozen=True, kw_only=True, slots=True)
class Step:
    """One step of a trial. name: "address", "robots.txt", "feed", "article" … found: what it came to.

    fault: why it failed, in one line; empty when it did not.
    """

    name: str
    url: str
    found: str = ""
    fault: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Taken:
    """One article that a crawl would ask for. sure: what is said of it is on the topic; else its text decides."""

    url: str
    title: str
    published: datetime | None
    sure: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Trial:
    """What trying a source came to: its steps in order, and what a crawl that knew nothing yet would take."""

    source: str
    steps: tuple[Step, ...]
    taken: tuple[Taken, ...]

    def faults(self) -> list[Step]:
        """The steps that failed."""
        return [step for step in self.steps if step.fault]


async def try_source(source: Source, settings: CrawlSettings, *, now: Callable[[], datetime]) -> Trial:
    """Try every way into a source. Runs inside the loop of the reactor; what goes wrong is in the trial."""
    return await asking(settings, lambda ask: _Trial(source, settings, ask, now()).run())


class _Trial:
    def __init__(self, source: Source, settings: CrawlSettings, ask: Ask, now: datetime) -> None:
        self.source = source
        self.settings = settings
        self.ask = ask
        self.now = now
        self.steps: list[Step] = []
        self.taken: dict[str, Taken] = {}
        self._robots: dict[str, Protego | None] = {}

    async def run(self) -> Trial:
        for url in self.source.feeds:
            await self._listing("feed", url, self._feed)
        for url in self.source.sitemaps_on(self.now):
            await self._listing("sitemap", url, self._sitemap)
        for url in self.source.sections:
            await self._listing("section", url, self._section)
        for url in self.source.telegram:
            await self._preview(url)
        for url in map(canonical, self.source.pages):
            if await self._may_ask(url):
                self._take([Entry(url=url)], sure=True)
                await self._article(Entry(url=url))
        taken = list(self.taken.values())[: self.settings.max_articles]
        return Trial(source=self.source.id, steps=tuple(self.steps), taken=tuple(taken))

    # --- steps --------------------------------------------------------------------------------------------------

    async def _listing(self, name: str, url: str, read: Callable[[str], Awaitable[list[Entry]]]) -> None:
        if not await self._may_ask(url):
            return
        entries = await self._step(name, url, self._some(read(url)), self._say_entries)
        if not entries:
            return
        sure, unsure = by_topic([e for e in entries if not self._foreign(e.url)], self.settings.about)
        self._take(sure, sure=True)
        self._take(unsure, sure=False)
        first = len(self.steps)
        for entry in list({entry.url: entry for entry in [*sure, *unsure, *entries]}.values())[:MOST_ARTICLES]:
            if await self._article(entry):  # then those before it are none, as some always are, and no fault
                tried = self.steps[first:]
                self.steps[first:] = [replace(s, found=s.found or f"not taken: {s.fault}", fault="") for s in tried]
                return

    async def _some(self, work: Awaitable[list[Entry]]) -> list[Entry]:
        entries = await work
        if not entries:
            raise CrawlError("lists no articles")
        return entries

    async def _may_ask(self, url: str) -> bool:
        """The steps before a request: the guard, then robots.txt, once a host."""
        refused = guard.refusal(url, self.settings.allow_hosts)
        self._note("address", url, fault=f"not asked: {refused}" if refused else "", found="may be asked")
        if refused:
            return False
        site = "://".join(urlsplit(url)[:2])
        if site not in self._robots:
            read = await self._step("robots.txt", f"{site}/robots.txt", self._rules(site), _say_rules)
            self._robots[site] = read
        rules = self._robots[site]
        if rules is not None and not rules.can_fetch(url, ROBOTSTXT_USER_AGENT):
            self._note("robots.txt", url, fault="not asked: forbidden by robots.txt")
            return False
        return rules is not None

    async def _rules(self, site: str) -> Protego:
        response = await self.ask(f"{site}/robots.txt")
        if response.status >= 500 or response.status == 429:
            raise CrawlError(f"HTTP status {response.status}, so nothing may be asked")
        return Protego.parse(decode(robots_body(response)))

    async def _feed(self, url: str) -> list[Entry]:
        response = await answer_of(self.ask, url)
        return await asyncio.to_thread(parse_feed, response.body, url=url, content_type=content_type(response))

    async def _sitemap(self, url: str) -> list[Entry]:
        listed = await asyncio.to_thread(parse_sitemap, (await answer_of(self.ask, url)).body, url=url)
        if listed.sitemaps:
            newest = listed.sitemaps[0]
            listed = await asyncio.to_thread(parse_sitemap, (await answer_of(self.ask, newest)).body, url=newest)
        return [entry for entry in listed.entries if looks_like_article(entry.url, path=self.source.path)]

    async def _section(self, url: str) -> list[Entry]:
        response = await answer_of(self.ask, url)
        kind = content_type(response)
        return await asyncio.to_thread(article_links, response.body, url=url, content_type=kind, path=self.source.path)

    async def _preview(self, url: str) -> None:
        if not await self._may_ask(url):
            return
        messages = await self._step("telegram", url, self._messages(url), lambda found: f"{len(found)} messages")
        about = self.settings.about
        on_topic = [message.page for message in messages or [] if about is None or about(message.page.text)]
        self._take([Entry(url=page.url, title=page.title, published=page.published) for page in on_topic], sure=True)
        if messages:
            self._note("extraction", messages[-1].page.url, found=self._say_page(messages[-1].page))

    async def _messages(self, url: str) -> list[Message]:
        response = await answer_of(self.ask, url)
        kind = content_type(response)
        found = await asyncio.to_thread(parse_preview, response.body, url=url, lang=self.source.lang, content_type=kind)
        if not found:
            raise CrawlError("no message with text", where=url)
        return found

    async def _article(self, entry: Entry) -> bool:
        """Whether the article could be fetched and read, and is the source's own."""
        foreign = self._foreign(entry.url)
        if foreign:
            self._note("article", entry.url, fault=foreign)
            return False
        response = await self._step("article", entry.url, self._page_of(entry), _say_answer)
        if response is None:
            return False
        return await self._step("extraction", entry.url, self._extracted(response, entry), self._say_page) is not None

    async def _page_of(self, entry: Entry) -> Response:
        response = await self.ask(entry.url)
        reason = self._foreign(response.url) or not_an_article(response, entry)
        if reason:
            raise CrawlError(reason, where=entry.url)
        return response

    def _foreign(self, url: str) -> str | None:
        return self.settings.foreign(url, self.source.id)

    async def _extracted(self, response: Response, entry: Entry) -> Page:
        page = await asyncio.to_thread(
            extract,
            response.body,
            url=canonical(response.url),
            content_type=content_type(response),
            lang_hint=self.source.lang,
            charset=self.source.charset,
            title=entry.title,
            published=entry.published,
            latest=self.now + AHEAD,
        )
        reason = quality.refusal(page, status=response.status)
        if reason:
            raise CrawlError(reason, where=entry.url)
        return page

    # --- what is noted ------------------------------------------------------------------------------------------

    async def _step(self, name: str, url: str, work: Awaitable[T], say: Callable[[T], str]) -> T | None:
        """The result of a step, noted; None when it failed, noted with the cause."""
        try:
            result = await work
        except (CrawlError, InputError) as error:
            self._note(name, url, fault=error.what)
            return None
        except Exception as error:  # what strangers send must not end the trial
            log.debug("%s could not be read", url, exc_info=True)
            self._note(name, url, fault=f"could not be read: {type(error).__name__}: {error}")
            return None
        self._note(name, url, found=say(result))
        return result

    def _note(self, name: str, url: str, *, found: str = "", fault: str = "") -> None:
        self.steps.append(
            Step(name=name, url=printable(url), found="" if fault else printable(found), fault=printable(fault))
        )

    def _take(self, entries: Sequence[Entry], *, sure: bool) -> None:
        for entry in entries:
            title = printable(entry.title)
            self.taken.setdefault(
                entry.url, Taken(url=printable(entry.url), title=title, published=entry.published, sure=sure)
            )

    def _say_entries(self, entries: list[Entry]) -> str:
        newest = max((entry.published for entry in entries if entry.published), default=None)
        sure, unsure = by_topic(entries, self.settings.about)
        said = [f"{len(entries)} entries", f"newest {iso(newest)}" if newest else "without dates"]
        if self.settings.about is not None:
            said += [f"{len(sure)} on the topic", f"{len(unsure)} whose text decides"]
        return ", ".join(said)

    def _say_page(self, page: Page) -> str:
        said = [
            f"“{page.title}”" if page.title else "no title",
            f"published {iso(page.published)}" if page.published else "no date",
            page.lang + ("" if page.lang == self.source.lang else f" (the source says {self.source.lang})"),
            f"{len(page.text.split())} words",
        ]
        if self.settings.about is not None:
            said.append("on the topic" if self.settings.about(f"{page.title}\n{page.text}") else "not on the topic")
        return ", ".join(said)


def _say_rules(rules: Protego) -> str:
    delay = rules.crawl_delay(ROBOTSTXT_USER_AGENT)
    return "read" + (f", Crawl-delay {delay:g} s" if delay else "")


def _say_answer(response: Response) -> str:
    moved = response.meta.get("redirect_urls") if response.request else None
    return f"HTTP {response.status}, {len(response.body)} bytes" + (f", at {response.url}" if moved else "")
