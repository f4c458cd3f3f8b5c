"""A section page: which of its links are articles of the same site."""

from __future__ import annotations

from urllib.parse import urljoin

from db.errors import CrawlError
from scrapers import guard, markup
from scrapers.addresses import canonical, looks_like_article, same_site
from scrapers.charset import decode
from scrapers.maintext import clean_line
from scrapers.spiders.feeds import Entry

MOST_LINKS = 200


def article_links(body: bytes, *, url: str, content_type: str | None = None, path: str = "") -> list[Entry]:
    """Links that look like articles on the page's own host, in the page's order, each once, with their longest text.

    path: how an article's path must begin. Raises CrawlError when the page is no HTML.
    """
    try:
        tree = markup.parse(decode(body, header=content_type))
    except ValueError as error:
        raise CrawlError(str(error), where=url) from error
    base = _target(next(iter(tree.xpath("//base/@href")), ""), url) or url
    found: dict[str, str] = {}
    for anchor in tree.iter("a"):
        target = _target(anchor.get("href") or "", base)
        if target and same_site(target, url) and target != canonical(url) and looks_like_article(target, path=path):
            text = clean_line(anchor.text_content())
            found[target] = max(found.get(target, ""), text, key=len)
    return [Entry(url=target, title=text[:300]) for target, text in list(found.items())[:MOST_LINKS]]


def _target(href: str, base: str) -> str | None:
    if len(href) > guard.LONGEST_URL:
        return None
    try:
        target = canonical(urljoin(base, href.strip()))
    except ValueError:
        return None
    return target if target.startswith(("http://", "https://")) and not guard.malformed(target) else None
