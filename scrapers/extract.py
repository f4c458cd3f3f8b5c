"""A page's bytes to an article: title, byline, published time, language and the text of record. No Scrapy, no network.

The text of record is the article's own: what stands in the frame around it (adverts, counters, related links, the
headline itself) is left out, so that it changes only when the article does. Paragraphs are joined by a blank line.
"""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

from db.errors import InputError
from db.records import YEARS, Page
from scrapers import markup
from scrapers.addresses import own_address
from scrapers.charset import decode
from scrapers.maintext import clean_line, main_text
from scrapers.plain import unpaired

LONGEST_TITLE = 300
MOST_TEXT = 500_000  # characters on an article's page, comments and all; a usual one has ten thousand
_MOST_MARKED = 20  # elements that may be the byline's
_ARTICLE_TYPES = re.compile(
    r"(?:News|Reportage|Analysis|Background|Opinion|Review)?(?:Article|LiveBlogPosting)|BlogPosting|Report"
)
_ARABIC = re.compile("[\u0600-\u06ff\u0750-\u077f\ufb50-\ufefc]")
_DATES = ("article:published_time", "og:article:published_time", "datePublished", "parsely-pub-date", "pubdate")
_SITE_SUFFIX = re.compile(r"\s+[|–—·»-]\s+[^|–—·»]{2,40}$")
_ARABIC_SCRIPT = frozenset(("ar", "fa", "ckb", "ur", "ps", "ku", "sd", "ug"))
_NUMERIC_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")


@dataclass(frozen=True, kw_only=True, slots=True)
class _Linked:
    """What a page's JSON-LD says of its article."""

    headline: str = ""
    body: str = ""
    published: datetime | None = None
    byline: str = ""


def extract(
    body: bytes,
    *,
    url: str,
    content_type: str | None = None,
    lang_hint: str | None = None,
    charset: str | None = None,
    title: str = "",
    published: datetime | None = None,
    latest: datetime | None = None,
) -> Page:
    """Read an HTML page. Its own address (`rel=canonical`) becomes the article's where it can be believed.

    content_type: the header, which may lie about the charset. lang_hint: the source's language. charset: known for the
    source. title, published: what a feed says, used when the page does not. latest: a date after it is a mistake and
    counts as none. The text may be empty: `quality.refusal` judges.
    Raises InputError where the bytes are not HTML at all.
    """
    tree = _parse(decode(body, header=content_type, lang=lang_hint, known=charset), url)
    url = own_address(tree, url=url)
    linked = _linked_data(tree)
    title = _title(tree, linked) or title
    byline = clean_line(linked.byline or _byline(tree))
    offers = (linked.published, _published(tree), published)
    when = next((offer for offer in offers if offer and (latest is None or offer <= latest)), None)
    text = main_text(tree, body=linked.body, title=title, byline=byline)
    return Page(
        url=url,
        title=title[:LONGEST_TITLE],
        text=text,
        lang=language(text or title, declared=_declared_language(tree), hint=lang_hint),
        byline=byline[:LONGEST_TITLE],
        published=when,
    )


def language(text: str, *, declared: str | None = None, hint: str | None = None) -> str:
    """The language by script first: an Arabic text stays Arabic on a page that calls itself English."""
    letters = [c for c in text[:4000] if c.isalpha()]
    arabic = sum(
        1 for c in letters if "\u0600" <= c <= "\u06ff" or "\u0750" <= c <= "\u077f" or "\ufb50" <= c <= "\ufefc"
    )
    offers = [offer.lower().split("-")[0].split("_")[0] for offer in (declared, hint) if offer]
    if letters and arabic * 2 > len(letters):
        return next((offer for offer in offers if offer in _ARABIC_SCRIPT), "ar")
    return next((offer for offer in offers if offer not in _ARABIC_SCRIPT and offer.isalpha()), "en")


def moment(text: str | None) -> datetime | None:
    """A date as pages write it (ISO 8601, RFC 2822), in UTC; without a zone it counts as UTC.

    None when it is none, or of a year that no news is of.
    """
    value = clean_line(text or "")
    if not value:
        return None
    for read in (datetime.fromisoformat, parsedate_to_datetime):
        try:
            found = read(value)
            found = (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)
        except (ValueError, TypeError, OverflowError):
            continue
        if found.year in YEARS:
            return found
    return None


def _parse(text: str, url: str) -> Any:
    try:
        tree = markup.parse(text, remove_comments=True, remove_pis=True)
    except ValueError as error:
        raise InputError(str(error), where=url) from error
    if len(text) > MOST_TEXT and (said := _length(tree)) > MOST_TEXT:
        raise InputError(f"has {said} characters of text; no article's page has more than {MOST_TEXT}", where=url)
    return tree


def _length(tree: Any) -> int:
    """Characters that the page shows; scripts may be as long as they like."""
    return sum(map(len, tree.xpath("//text()[not(parent::script or parent::style)]")))


# --- around the text --------------------------------------------------------------------------------------------


def _title(tree: Any, linked: _Linked) -> str:
    headings = tree.xpath("//article//h1 | //main//h1")[:_MOST_MARKED] + tree.xpath("//h1")[:_MOST_MARKED]
    page = clean_line(" ".join(tree.xpath("//head/title//text()")[:1]) or " ".join(tree.xpath("//title//text()")[:1]))
    offers = itertools.chain(
        (clean_line(linked.headline), _meta(tree, "og:title", "twitter:title")),
        (clean_line(heading.text_content()) for heading in headings),
        (_SITE_SUFFIX.sub("", page),),
    )
    return next((offer for offer in offers if offer), "")


def _byline(tree: Any) -> str:
    named = _meta(tree, "author", "article:author", "parsely-author")
    if named and not named.startswith("http"):
        return named
    marked = tree.xpath(
        "//*[@rel='author' or @itemprop='author' or contains(concat(' ', @class, ' '), ' byline ')"
        " or contains(concat(' ', @class, ' '), ' author ')]"
    )
    texts = (clean_line(element.text_content()) for element in marked[:_MOST_MARKED])
    return next((text for text in texts if 0 < len(text) <= 120), "")


def _published(tree: Any) -> datetime | None:
    offers = [
        _meta(
            tree, "article:published_time", "og:article:published_time", "datePublished", "parsely-pub-date", "pubdate"
        )
    ]
    offers += tree.xpath("//*[@itemprop='datePublished']/@content | //*[@itemprop='datePublished']/@datetime")
    offers += tree.xpath("//article//time/@datetime") or tree.xpath("//time/@datetime")
    found = (moment(offer) for offer in offers if _NUMERIC_DATE.match(offer or "") or "," in (offer or ""))
    return next((when for when in found if when is not None), None)


def _meta(tree: Any, *names: str) -> str:
    for name in names:
        for value in tree.xpath("//meta[@property=$n or @name=$n or @itemprop=$n]/@content", n=name):
            if value.strip():
                return clean_line(value)
    return ""


def _declared_language(tree: Any) -> str | None:
    for value in (*tree.xpath("/html/@lang"), _meta(tree, "og:locale", "language", "content-language")):
        if value.strip():
            return str(value.strip())
    return None


# --- JSON-LD ----------------------------------------------------------------------------------------------------


def _linked_data(tree: Any) -> _Linked:
    for article in _linked_articles(tree):
        return _Linked(
            headline=_first_text(article.get("headline")),
            body=_first_text(article.get("articleBody")),
            published=moment(_first_text(article.get("datePublished"))),
            byline=", ".join(_names(article.get("author"))),
        )
    return _Linked()


def _linked_articles(tree: Any) -> Iterator[Mapping[str, Any]]:
    for script in tree.xpath("//script[contains(@type, 'ld+json')]/text()"):
        try:
            document = json.loads(script, strict=False)
        except (ValueError, RecursionError):
            continue
        yield from (node for node in _nodes(document) if _is_article(node))


def _nodes(document: Any) -> Iterator[Mapping[str, Any]]:
    """The top nodes of a JSON-LD document: itself, its list, its @graph. Not deeper: related articles live there."""
    for node in document if isinstance(document, list) else [document]:
        if isinstance(node, dict):
            yield node
            graph = node.get("@graph")
            yield from (inner for inner in graph if isinstance(inner, dict)) if isinstance(graph, list) else ()


def _is_article(node: Mapping[str, Any]) -> bool:
    types = node.get("@type")
    return any(
        isinstance(t, str) and _ARTICLE_TYPES.fullmatch(t) for t in (types if isinstance(types, list) else [types])
    )


def _first_text(value: Any) -> str:
    if isinstance(value, list):
        value = value[0] if value else ""
    return _said(value) if isinstance(value, str) else ""


def _said(text: str) -> str:
    """A text of JSON without what JSON can escape and no store can hold."""
    return unpaired(text.replace("\x00", ""))


def _names(author: Any) -> list[str]:
    found = []
    for one in author if isinstance(author, list) else [author]:
        name = one.get("name") if isinstance(one, dict) else one
        if isinstance(name, str) and name.strip() and not name.startswith("http"):
            found.append(_said(name.strip()))
    return found
