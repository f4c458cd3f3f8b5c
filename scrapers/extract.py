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
from functools import cache
from hashlib import sha256
from importlib.resources import files
from typing import Any, TypedDict, Unpack

import trafilatura

from db.errors import InputError
from db.records import YEARS, Page
from scrapers import markup
from scrapers.addresses import own_address
from scrapers.charset import decode
from scrapers.container import article_alone
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
_HEADINGS = markup.finder("//article//h1 | //main//h1"), markup.finder("//h1")
_PAGE_TITLES = markup.finder("//head/title//text()"), markup.finder("//title//text()")
# By attribute: an XPath that tries every element takes five times as long.
_MAYBE_BYLINE = markup.finder(
    "//@rel[.='author']/.. | //@itemprop[.='author']/.. | //@class[contains(., 'byline') or contains(., 'author')]/.."
)
_DATED = markup.finder("//@itemprop[.='datePublished']/../@content | //@itemprop[.='datePublished']/../@datetime")
_ARTICLE_TIMES, _TIMES = markup.finder("//article//time/@datetime"), markup.finder("//time/@datetime")
_LINKED_DATA = markup.finder("//script[contains(@type, 'ld+json')]/text()")
_SITE_SUFFIX = re.compile(r"\s+[|–—·»-]\s+[^|–—·»]{2,40}$")
_ARABIC_SCRIPT = frozenset(("ar", "fa", "ckb", "ur", "ps", "ku", "sd", "ug"))
_NUMERIC_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_READING = (
    "charset.py", "markup.py", "extract.py", "container.py", "furniture.py", "maintext.py", "quality.py", "signals.py",
    "signals.toml",
)  # fmt: skip


@dataclass(frozen=True, kw_only=True, slots=True)
class _Linked:
    """What a page's JSON-LD says of its article."""

    headline: str = ""
    body: str = ""
    published: datetime | None = None
    byline: str = ""


class Hints(TypedDict, total=False):
    """What is known of a page beside its bytes and address.

    content_type: the header, which may lie about the charset. lang_hint: the source's language. charset: known for the
    source. title, published: what a feed says, used when the page does not. latest: a date after it is a mistake and
    counts as none.
    """

    content_type: str | None
    lang_hint: str | None
    charset: str | None
    title: str
    published: datetime | None
    latest: datetime | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Look:
    """A page whose text is not read yet, since that takes most of the time.

    digest: of all that the text is read of, where that is less than the page; empty where it is not.
    """

    url: str
    digest: bytes
    _tree: Any
    _article: Any
    _title: str
    _byline: str
    _published: datetime | None
    _body: str
    _language: str | None
    _hint: str | None

    def page(self) -> Page:
        """Read it, once. The text may be empty: `quality.refusal` judges."""
        text, alone = main_text(self._tree, self._article, body=self._body, title=self._title, byline=self._byline)
        return Page(
            url=self.url,
            title=self._title[:LONGEST_TITLE],
            text=text,
            lang=language(text or self._title, declared=self._language, hint=self._hint),
            byline=self._byline[:LONGEST_TITLE],
            published=self._published,
            digest=self.digest if alone else b"",
        )


def extract(body: bytes, *, url: str, **hints: Unpack[Hints]) -> Page:
    """Read an HTML page, see `look`."""
    return look(body, url=url, **hints).page()


def look(body: bytes, *, url: str, **hints: Unpack[Hints]) -> Look:
    """What an HTML page is, short of its text. Its own address (`rel=canonical`) becomes the article's where it can be
    believed.

    Raises InputError where the bytes are not HTML at all.
    """
    hint = hints.get("lang_hint")
    tree = _parse(decode(body, header=hints.get("content_type"), lang=hint, known=hints.get("charset")), url)
    linked = _linked_data(tree)
    meta = _meta(tree)
    title = _title(tree, meta, linked) or hints.get("title", "")
    byline = clean_line(linked.byline or _byline(tree, meta))
    latest = hints.get("latest")
    offers = (linked.published, _published(tree, meta), hints.get("published"))
    when = next((offer for offer in offers if offer and (latest is None or offer <= latest)), None)
    declared = _declared_language(tree, meta)
    article = article_alone(tree)
    url = own_address(tree, url=url)
    around = (url, title, byline, when, declared, hint, linked.body)
    return Look(
        url=url,
        digest=b"" if article is None else _digest(article, around),
        _tree=tree,
        _article=article,
        _title=title,
        _byline=byline,
        _published=when,
        _body=linked.body,
        _language=declared,
        _hint=hint,
    )


def _digest(article: Any, around: tuple[object, ...]) -> bytes:
    made = sha256(_reader() + repr(around).encode("utf-8", "surrogatepass"))
    made.update(markup.written(article))
    return made.digest()


@cache
def _reader() -> bytes:
    """What a digest holds for: the program that reads. Another one may make another text of the same page."""
    made = sha256(trafilatura.__version__.encode())
    for name in _READING:
        made.update(files("scrapers").joinpath(name).read_bytes())
    return made.digest()


def language(text: str, *, declared: str | None = None, hint: str | None = None) -> str:
    """The language by script first: an Arabic text stays Arabic on a page that calls itself English."""
    letters = sum(map(str.isalpha, text[:4000]))
    arabic = sum(map(str.isalpha, _ARABIC.findall(text[:4000])))
    offers = [offer.lower().split("-")[0].split("_")[0] for offer in (declared, hint) if offer]
    if letters and arabic * 2 > letters:
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


def _title(tree: Any, meta: Mapping[str, str], linked: _Linked) -> str:
    offers = itertools.chain(
        (clean_line(linked.headline), _first(meta, "og:title", "twitter:title")),
        (clean_line(heading.text_content()) for find in _HEADINGS for heading in find(tree)[:_MOST_MARKED]),
        (_SITE_SUFFIX.sub("", clean_line(" ".join(find(tree)[:1]))) for find in _PAGE_TITLES),
    )
    return next((offer for offer in offers if offer), "")


def _byline(tree: Any, meta: Mapping[str, str]) -> str:
    named = _first(meta, "author", "article:author", "parsely-author")
    if named and not named.startswith("http"):
        return named
    marked = [element for element in _MAYBE_BYLINE(tree) if _is_byline(element)]
    texts = (clean_line(element.text_content()) for element in marked[:_MOST_MARKED])
    return next((text for text in texts if 0 < len(text) <= 120), "")


def _is_byline(element: Any) -> bool:
    names = f" {element.get('class', '')} "
    return "author" in (element.get("rel"), element.get("itemprop")) or " byline " in names or " author " in names


def _published(tree: Any, meta: Mapping[str, str]) -> datetime | None:
    offers = itertools.chain((_first(meta, *_DATES),), _DATED(tree), _ARTICLE_TIMES(tree) or _TIMES(tree))
    found = (moment(offer) for offer in offers if _NUMERIC_DATE.match(offer or "") or "," in (offer or ""))
    return next((when for when in found if when is not None), None)


def _meta(tree: Any) -> dict[str, str]:
    """What the page's meta tags say, by name; of several the first that says anything."""
    said: dict[str, str] = {}
    for tag in tree.iter("meta"):
        content = tag.get("content", "")
        if content.strip():
            for attribute in ("property", "name", "itemprop"):
                said.setdefault(tag.get(attribute, ""), content)
    return said


def _first(meta: Mapping[str, str], *names: str) -> str:
    return next((clean_line(meta[name]) for name in names if name in meta), "")


def _declared_language(tree: Any, meta: Mapping[str, str]) -> str | None:
    for value in (*tree.xpath("/html/@lang"), _first(meta, "og:locale", "language", "content-language")):
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
    for script in _LINKED_DATA(tree):
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
