"""A section page: which of its links are articles of the same site."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import unquote, urljoin, urlsplit

import lxml.etree  # type: ignore[import-untyped]
import lxml.html  # type: ignore[import-untyped]

from db.errors import CrawlError
from scrapers import guard
from scrapers.charset import decode
from scrapers.extract import canonical
from scrapers.maintext import clean_line
from scrapers.spiders.feeds import Entry

MOST_LINKS = 200
_NOT_ARTICLES = re.compile(
    r"(?:^|/)(?:tags?|topics?|categor(?:y|ies)|authors?|writers?|users?|login|signin|register|subscribe|search|page|privacy"
    r"|terms|cookies?|contact|about|careers|jobs|advertis\w*|newsletters?|rss|feeds?|live-tv|videos?|photos?|galler(?:y|ies)"
    r"|podcasts?|programs?|wp-\w+|cdn-cgi|share)(?:/|$)",
    re.IGNORECASE,
)
_FILES = re.compile(r"\.(?:jpe?g|png|gif|webp|svg|pdf|mp[34]|zip|css|js|xml|ico)$", re.IGNORECASE)
_LONG_NUMBER = re.compile(r"\d{4,}")
_DATE = re.compile(r"/20\d\d/\d{1,2}/")


def article_links(body: bytes, *, url: str, content_type: str | None = None, path: str = "") -> list[Entry]:
    """Links that look like articles on the page's own host, in the page's order, each once, with their longest text.

    path: how an article's path must begin. Raises CrawlError when the page is no HTML.
    """
    parser = lxml.html.HTMLParser(encoding="utf-8")
    try:
        tree: Any = lxml.html.document_fromstring(decode(body, header=content_type).encode("utf-8"), parser=parser)
    except (lxml.etree.LxmlError, ValueError, AssertionError) as error:
        raise CrawlError("is not an HTML page, or is empty", where=url) from error
    base = _target(next(iter(tree.xpath("//base/@href")), ""), url) or url
    found: dict[str, str] = {}
    for anchor in tree.iter("a"):
        target = _target(anchor.get("href") or "", base)
        if target and _same_site(target, url) and target != canonical(url) and looks_like_article(target, path=path):
            text = clean_line(anchor.text_content())
            found[target] = max(found.get(target, ""), text, key=len)
    return [Entry(url=target, title=text[:300]) for target, text in list(found.items())[:MOST_LINKS]]


def looks_like_article(url: str, *, path: str = "") -> bool:
    """Whether the address has an article's form: a long number, a date, or a slug of several words."""
    parts = urlsplit(url)
    if not parts.path.startswith(path) or _FILES.search(parts.path) or _NOT_ARTICLES.search(parts.path):
        return False
    segments = [unquote(segment) for segment in parts.path.split("/") if segment]
    if not segments:
        return bool(_LONG_NUMBER.search(parts.query))
    slug = max(segments[-2:], key=len)
    words = [word for word in re.split(r"[-_ ]", slug) if word]
    return bool(_LONG_NUMBER.search(parts.path) or _DATE.search(parts.path)) or len(words) >= 4


def _target(href: str, base: str) -> str | None:
    try:
        target = canonical(urljoin(base, href.strip()))
    except ValueError:
        return None
    return target if target.startswith(("http://", "https://")) and not guard.malformed(target) else None


def _same_site(one: str, other: str) -> bool:
    return _bare(one) == _bare(other)


def _bare(url: str) -> str:
    return urlsplit(url).netloc.lower().removeprefix("www.")
