"""Feeds and news sitemaps: bytes in, entries out. Nothing here fetches anything.

An entity or a DTD of its own has no business in a feed and can be a bomb, so such a document is refused before any
parser with entities sees it.
"""

from __future__ import annotations

import contextlib
import io
import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from xml.parsers import expat
from xml.sax import SAXException

import feedparser  # type: ignore[import-untyped]
import lxml.etree  # type: ignore[import-untyped]
from scrapy.utils.gz import gunzip

from db.errors import CrawlError
from db.records import YEARS
from scrapers import markup
from scrapers.addresses import canonical
from scrapers.charset import decode, header_charset
from scrapers.extract import LONGEST_TITLE, moment
from scrapers.maintext import clean_line
from scrapers.plain import unpaired
from scrapers.settings import DOWNLOAD_MAXSIZE

MOST_ENTRIES = 500  # the newest ones are kept
MOST_TAGS = 300_000  # of the entries that are read, the markup of whole articles included
LONGEST_SUMMARY = 2000
LONGEST_MARKUP = 20_000  # characters of what is said of an entry; some feeds carry whole articles
_MOST_READ = 2000  # feeds put the newest first; what comes later is not even read
_ENTRY = re.compile(rb"<(item|entry)[\s/>]", re.IGNORECASE)
_REFERENCE = re.compile(rb"&#(?:[xX]([0-9a-fA-F]+)|([0-9]+));?")
_PROLOG = 4096
_GZIP = b"\x1f\x8b\x08"
_NEVER = datetime.min.replace(tzinfo=UTC)
_DECLARED = re.compile(
    rb"<\?xml[^>]{0,200}encoding\s*=\s*[\"'](?!utf-?8)", re.IGNORECASE
)  # as something else than UTF-8
_SITEMAP_PARSER = {
    "resolve_entities": False,
    "no_network": True,
    "load_dtd": False,
    "huge_tree": False,
    "recover": True,
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Entry:
    """One article that a feed, sitemap or section page points to. summary: plain text, may be empty.

    dated: the newest date shown for it, of its publication or of a change.
    """

    url: str
    title: str = ""
    summary: str = ""
    published: datetime | None = None
    dated: datetime | None = None

    @property
    def said(self) -> str:
        """What is said of the article where it is listed; may be empty."""
        return f"{self.title}\n{self.summary}".strip()


@dataclass(frozen=True, kw_only=True, slots=True)
class SitemapLinks:
    """What a sitemap lists: articles, or further sitemaps (newest first), or both."""

    entries: tuple[Entry, ...]
    sitemaps: tuple[str, ...]


def parse_feed(body: bytes, *, url: str, content_type: str | None = None) -> list[Entry]:
    """The entries of an RSS, Atom or JSON feed, newest first. Raises CrawlError when it is none, or unsafe to read."""
    body = _unpacked(body, url)
    if body.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{"):
        return _newest(_json_entries(body, url))
    refuse_entities(body, where=url)
    begun = _beginning(_utf8(body, content_type))
    if begun.count(b"<") > MOST_TAGS:
        raise CrawlError(f"has more than {MOST_TAGS} tags; no feed needs so many", where=url)
    # A stream, never a string: feedparser would take a string for an address or a file name and open it.
    stream = io.BytesIO(_REFERENCE.sub(_character, begun))
    try:
        parsed = feedparser.parse(stream, sanitize_html=False, resolve_relative_uris=False)
    except Exception as error:  # it lets through what its own parsers make of strange input
        raise CrawlError(f"is not a feed that can be read: {type(error).__name__}", where=url) from error
    if not parsed.get("version") and not parsed.entries:
        raise CrawlError(f"is not a feed: {_looks_like(body)}", where=url)
    entries = (_entry(item, parsed) for item in parsed.entries)
    found = [entry for entry in entries if entry is not None]
    if not found and isinstance(parsed.get("bozo_exception"), SAXException):
        raise CrawlError("is not a feed that can be read: not well-formed, and no entry in it", where=url)
    return _newest(found)


def parse_sitemap(body: bytes, *, url: str) -> SitemapLinks:
    """What a (news) sitemap or sitemap index lists. Raises CrawlError when it is none, or not safe to read."""
    body = _unpacked(body, url)
    refuse_entities(body, where=url)
    try:
        parser = lxml.etree.XMLParser(**_SITEMAP_PARSER)
        root = lxml.etree.fromstring(body, parser)
    except (lxml.etree.LxmlError, ValueError) as error:
        raise CrawlError(f"is not a sitemap: {_looks_like(body)}", where=url) from error
    kind = lxml.etree.QName(root).localname if root is not None else ""
    if kind not in ("urlset", "sitemapindex"):
        raise CrawlError(f"is not a sitemap: {_looks_like(body)}", where=url)
    entries = [_listed(node) for node in root]
    entries = [entry for entry in entries if entry.url]
    if not entries and len(parser.error_log):
        raise CrawlError("is not a sitemap that can be read: not well-formed, and nothing listed in it", where=url)
    entries = _newest(entries)
    if kind == "sitemapindex":
        return SitemapLinks(entries=(), sitemaps=tuple(entry.url for entry in entries))
    return SitemapLinks(entries=tuple(entries), sitemaps=())


def _unpacked(body: bytes, url: str) -> bytes:
    """The document itself, where the file is kept as gzip (`sitemap.xml.gz`). Raises CrawlError."""
    if not body.startswith(_GZIP):
        return body
    try:
        return gunzip(body, max_size=DOWNLOAD_MAXSIZE)
    except Exception as error:  # of gzip, of zlib, or that it is too large
        fault = "is larger than allowed, once unpacked" if isinstance(error, ValueError) else "is broken gzip"
        raise CrawlError(fault, where=url) from error


def refuse_entities(body: bytes, *, where: str) -> None:
    """Raises CrawlError when the document declares entities, whatever its encoding."""
    parser = expat.ParserCreate()
    state = {"declared": False}

    def declared(*_: Any) -> None:
        state["declared"] = True
        raise _SeenEnough

    def started(*_: Any) -> None:
        raise _SeenEnough

    parser.EntityDeclHandler = declared
    parser.StartElementHandler = started
    # What is not well-formed is judged by the feed's own parser.
    with contextlib.suppress(_SeenEnough, expat.ExpatError, LookupError, ValueError):
        parser.Parse(body, True)
    if state["declared"] or b"<!ENTITY" in body.replace(b"\x00", b"").upper():
        raise CrawlError("declares entities of its own, which can be a bomb; not read", where=where)


class _SeenEnough(Exception):  # noqa: N818 (a jump out of a parser, not an error)
    pass


def _newest(entries: Iterable[Entry]) -> list[Entry]:
    """Stable, so that entries without a date keep the feed's order, after those with one."""
    return sorted(entries, key=lambda entry: entry.published or _NEVER, reverse=True)[:MOST_ENTRIES]


def _json_entries(body: bytes, url: str) -> Iterator[Entry]:
    """The items of a JSON Feed (jsonfeed.org/version/1.1); what is not as that says is passed over."""
    try:
        document = json.loads(body.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise CrawlError("is not a feed that can be read: broken JSON", where=url) from error
    items = document.get("items")
    if "jsonfeed.org/version/" not in str(document.get("version")) or not isinstance(items, list):
        raise CrawlError("is not a feed: it looks like JSON of another kind", where=url)
    for item in items[:_MOST_READ]:
        if not isinstance(item, dict):
            continue
        said = {key: unpaired(text) for key, text in item.items() if isinstance(text, str)}
        link = (said.get("url") or said.get("external_url") or said.get("id") or "").strip()
        if link.startswith(("http://", "https://")):
            published, changed = moment(said.get("date_published")), moment(said.get("date_modified"))
            summary = said.get("summary") or said.get("content_text") or said.get("content_html") or ""
            yield Entry(
                url=canonical(link),
                title=_plain(said.get("title", ""))[:LONGEST_TITLE],
                summary=_plain(summary)[:LONGEST_SUMMARY],
                published=published or changed,
                dated=changed or published,
            )


def _utf8(body: bytes, content_type: str | None) -> bytes:
    """The feed as UTF-8 where its own declaration is missing or cannot be true; feedparser reads the rest itself."""
    try:
        body.decode("utf-8")
    except UnicodeDecodeError:
        if not _DECLARED.search(body[:_PROLOG]) or header_charset(content_type):
            text = decode(body, header=content_type, lang="ar")
            return re.sub(r"^\s*<\?xml[^>]*\?>", "", text).encode("utf-8")
    return body


def _beginning(body: bytes) -> bytes:
    """The feed with no more than its first entries: a hundred thousand would take half a minute to read."""
    for number, begin in enumerate(_ENTRY.finditer(body)):
        if number == _MOST_READ:
            return body[: begin.start()] + (b"</channel></rss>" if begin[1].lower() == b"item" else b"</feed>")
    return body


def _character(match: re.Match[bytes]) -> bytes:
    """A character reference as it is, or U+FFFD where it names no character of XML: feedparser fails on those."""
    digits = (match[1] or match[2]).lstrip(b"0")
    code = int(digits or b"0", 16 if match[1] else 10) if len(digits) < 8 else 0
    known = code in (9, 10, 13) or 0x20 <= code < 0xD800 or 0xE000 <= code < 0x110000
    return match[0] if known else "\ufffd".encode()


def _entry(item: Any, parsed: Any) -> Entry | None:
    link = (item.get("link") or "").strip()
    if not link.startswith(("http://", "https://")):
        return None
    summary = item.get("summary") or ""
    return Entry(
        url=canonical(link),
        title=_plain(item.get("title") or "")[:LONGEST_TITLE],
        summary=_plain(summary)[:LONGEST_SUMMARY],
        published=_when(item, "published", "updated"),
        dated=_when(item, "updated", "published"),
    )


def _when(item: Any, *names: str) -> datetime | None:
    """The first of these dates that the entry has."""
    for name in names:
        parts = _given(item, f"{name}_parsed")
        if parts:
            try:
                year, month, day, hour, minute, second = parts[:6]
                found = datetime(year, month, day, hour, minute, min(second, 59), tzinfo=UTC)
            except (ValueError, TypeError, OverflowError):
                continue
            if found.year in YEARS:
                return found
    return moment(next(filter(None, (_given(item, name) for name in names)), None))


def _given(item: Any, name: str) -> Any:
    return item[name] if name in item else None  # noqa: SIM401 (feedparser's `get` warns where there is no such date)


def _listed(node: Any) -> Entry:
    values: dict[str, str] = {}
    for child in node.iter():
        if isinstance(child.tag, str) and child.text:
            values.setdefault(lxml.etree.QName(child).localname, child.text.strip())
    loc = values.get("loc", "")
    published, changed = moment(values.get("publication_date")), moment(values.get("lastmod"))
    return Entry(
        url=canonical(loc) if loc.startswith(("http://", "https://")) else "",
        title=clean_line(values.get("title", ""))[:LONGEST_TITLE],
        published=published or changed,
        dated=max(filter(None, (published, changed)), default=None),
    )


def _plain(said: str) -> str:
    said = said[:LONGEST_MARKUP]
    if "<" in said:
        try:
            said = markup.parse(f"<div>{said}</div>").text_content()
        except ValueError:
            said = re.sub(r"<[^>]*>", " ", said)
    return clean_line(said)


def _looks_like(body: bytes) -> str:
    head = body[:2000].lstrip().lower()
    if not head:
        return "the answer is empty"
    if b"<html" in head or b"<!doctype html" in head:
        return "it looks like an HTML page; perhaps the address has changed or asks for consent"
    if head.startswith((b"{", b"[")):
        return "it looks like JSON"
    return "it looks like XML of another kind" if head.startswith(b"<") else "it is not XML"
