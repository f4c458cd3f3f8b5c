"""Articles, their versions and the captures that brought them.

Functions take the caller's session, so that a stage's result and its done-mark are one transaction.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from hashlib import sha256
from typing import overload

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from db import captures, chain
from db.claims import said_before, save_claims
from db.errors import InputError
from db.models import ArticleRow, VersionRow
from db.records import Capture, Origin, Outcome, Page, Saved, Sighting, Version, iso, utc

__all__ = [
    "capture_of",
    "find_article",
    "known",
    "look_stamp",
    "newest",
    "page_stamp",
    "said_before",
    "save_claims",
    "save_page",
    "sight",
    "told_before",
    "touch",
    "unread",
    "validators",
    "version",
    "versions_of",
    "waiting",
]

BATCH = 500  # parameters of one IN: well under SQLite's limit


def save_page(session: Session, page: Page, origin: Origin, capture: Capture, *, at: datetime) -> Saved:
    """Store what a fetch or file brought: the article, and a version with its capture when the text is new.

    page.url: the canonical URL, the article's identity. at: when it was seen. Only the newest version is compared,
    so a text that comes back (A, B, A) is a version of its own. The same text again moves `last_seen_at` forward and
    takes over title, byline, published time and validators. The first source that brought an article keeps it.

    Raises InputError for text that cannot be stored (lone surrogates, NUL), ValueError for a naive `at`.
    """
    at = utc(at)
    for text in (page.url, page.title, page.text, page.byline, page.lang):
        _storable(text, page.url)
    data = page.text.encode()
    article = session.scalar(select(ArticleRow).where(ArticleRow.url == page.url))
    if article is None:
        article = ArticleRow(url=page.url, source=origin.source, first_seen_at=at, last_seen_at=at, changed_at=at)
        _describe(article, page, origin, capture, at)
        session.add(article)
        session.flush()
        return _add_version(session, article, None, page, capture, data, at)
    _describe(article, page, origin, capture, at)
    last = _newest_row(session, article.id)
    if last is not None and last.sha256 == sha256(data).digest():
        last.last_seen_at = max(last.last_seen_at, at)
        session.flush()
        return Saved(outcome=Outcome.UNCHANGED, article_id=article.id, version_id=last.id, number=last.number)
    return _add_version(session, article, last, page, capture, data, at)


def told_before(session: Session, page: Page, *, at: datetime | None) -> Saved | None:
    """What a file tells again: the version that is stored already, or None when the page is news.

    at: when the file says that this text was first seen, so that a replay that was cut short can be begun again; a
    text that is older than what is stored and not among it is an InputError. None: a text that any of the article's
    versions has is no news. A crawl does not ask this: on the web a text may come back.
    """
    of_article = (
        select(VersionRow)
        .join(ArticleRow, ArticleRow.id == VersionRow.article_id)
        .where(ArticleRow.url == page.url)
        .order_by(VersionRow.number.desc())
        .limit(1)
    )
    newest = session.scalar(of_article)
    row = session.scalar(of_article.where(VersionRow.sha256 == sha256(page.text.encode()).digest()))
    if newest is None or (at is not None and newest.seen_at < utc(at)):
        return None
    if row is None:
        if at is None or newest.seen_at == utc(at):
            return None
        raise InputError(f"is older than what is stored of this article (seen {iso(newest.seen_at)})", where=page.url)
    return Saved(outcome=Outcome.UNCHANGED, article_id=row.article_id, version_id=row.id, number=row.number)


def waiting(session: Session) -> tuple[int, datetime | None]:
    """How many versions are not yet read or folded, and when the oldest of them was first seen."""
    query = select(func.count(), func.min(VersionRow.seen_at))
    count, oldest = session.execute(query.where(VersionRow.folded_at.is_(None))).one()  # what is not read is not folded
    return int(count), oldest


def _describe(article: ArticleRow, page: Page, origin: Origin, capture: Capture, at: datetime) -> None:
    if article.source == origin.source:
        article.outlet, article.reliability, article.reprints = (
            origin.outlet,
            origin.reliability,
            list(origin.reprints),
        )
    article.lang, article.title, article.byline = page.lang, page.title, page.byline
    article.published = page.published or article.published
    article.etag, article.last_modified = _clean(capture.etag), _clean(capture.last_modified)
    article.look, article.page = look_stamp(page.digest, origin), page_stamp(page, origin)
    article.last_seen_at = max(article.last_seen_at, at)  # the clock may have been put back


def _add_version(
    session: Session,
    article: ArticleRow,
    last: VersionRow | None,
    page: Page,
    capture: Capture,
    data: bytes,
    at: datetime,
) -> Saved:
    number = last.number + 1 if last else 1
    article.changed_at = at
    if last is None:
        chain.begin(session, VersionRow, article.id, data)
    else:
        chain.append(session, VersionRow, article.id, data, last)
    captures.add(session, article.id, number, capture)
    row = VersionRow(
        article_id=article.id,
        number=number,
        lang=page.lang,
        published=page.published or article.published,
        seen_at=at,
        last_seen_at=at,
        sha256=sha256(data).digest(),
        size=len(data),
        delta=False,
    )
    session.add(row)
    session.flush()
    outcome = Outcome.CHANGED if last else Outcome.NEW
    return Saved(outcome=outcome, article_id=article.id, version_id=row.id, number=number)


def touch(session: Session, urls: Iterable[str], *, at: datetime) -> None:
    """The articles were seen unchanged (a 304): only `last_seen_at` moves. An unknown URL is left alone."""
    at = utc(at)
    wanted = list(dict.fromkeys(urls))
    for first in range(0, len(wanted), BATCH):
        articles = select(ArticleRow.id).where(ArticleRow.url.in_(wanted[first : first + BATCH]))
        newest_of = (
            select(func.max(VersionRow.id)).where(VersionRow.article_id.in_(articles)).group_by(VersionRow.article_id)
        )
        for row, ids in ((ArticleRow, articles), (VersionRow, newest_of)):
            session.execute(
                update(row).where(row.id.in_(ids), row.last_seen_at < at).values(last_seen_at=at),
                execution_options={"synchronize_session": False},
            )
    session.expire_all()


def sight(session: Session, sightings: Iterable[Sighting], *, at: datetime) -> None:
    """The articles' pages came whole and say what is stored: as `touch`, and what is new of the pages is taken over."""
    seen = {sighting.url: sighting for sighting in sightings}
    touch(session, seen, at=at)
    wanted = list(seen)
    for first in range(0, len(wanted), BATCH):
        columns = (ArticleRow.id, ArticleRow.url, ArticleRow.etag, ArticleRow.last_modified, ArticleRow.look)
        rows = session.execute(select(*columns).where(ArticleRow.url.in_(wanted[first : first + BATCH])))
        for key, url, *before in rows.all():
            etag, modified, look = _clean(seen[url].etag), _clean(seen[url].last_modified), seen[url].look
            if before != [etag, modified, look]:
                new = update(ArticleRow).where(ArticleRow.id == key)
                session.execute(new.values(etag=etag, last_modified=modified, look=look))


def look_stamp(digest: bytes, origin: Origin) -> bytes | None:
    """What tells that a page was read of the same (see `Page.digest`), for the same source; None where nothing does."""
    return sha256(repr(origin).encode() + digest).digest() if digest else None


def page_stamp(page: Page, origin: Origin) -> bytes:
    """What tells that a page says the same, for the same source."""
    around = (origin, page.url, page.title, page.lang, page.byline, page.published)
    return sha256(repr(around).encode() + b"\n" + page.text.encode()).digest()


def validators(session: Session, url: str) -> tuple[str | None, str | None]:
    """(ETag, Last-Modified) of the last good fetch of an article, to ask with; None where unknown."""
    row = session.execute(select(ArticleRow.etag, ArticleRow.last_modified).where(ArticleRow.url == url)).first()
    return (row.etag, row.last_modified) if row else (None, None)


def known(session: Session, urls: Iterable[str]) -> set[str]:
    """Those of `urls` that are stored articles."""
    wanted = list(dict.fromkeys(urls))
    found: set[str] = set()
    for first in range(0, len(wanted), BATCH):
        found.update(session.scalars(select(ArticleRow.url).where(ArticleRow.url.in_(wanted[first : first + BATCH]))))
    return found


def outlets(session: Session) -> dict[str, str]:
    """Every source that has an article, with its outlet's name."""
    rows = session.execute(select(ArticleRow.source, ArticleRow.outlet).distinct())
    return {row.source: row.outlet for row in rows}


def unread(session: Session, *, limit: int = 50) -> list[Version]:
    """Versions that were stored and not yet read, in the order they came."""
    query = (
        select(VersionRow, ArticleRow)
        .join(ArticleRow, ArticleRow.id == VersionRow.article_id)
        .where(VersionRow.read_at.is_(None))
        .order_by(VersionRow.id)
        .limit(limit)
    )
    return [record(session, row, article) for row, article in session.execute(query)]


def earlier(session: Session, than: Version, *, since: datetime) -> Iterator[Version]:
    """Versions stored before another one and first seen since a time, in the order they came."""
    query = (
        select(VersionRow, ArticleRow)
        .join(ArticleRow, ArticleRow.id == VersionRow.article_id)
        .where(VersionRow.id < than.id, VersionRow.seen_at >= since)
        .order_by(VersionRow.id)
    )
    for row, article in session.execute(query):
        yield record(session, row, article)


def version(session: Session, version_id: int) -> Version:
    """One version by id. InputError when there is none."""
    row = session.get(VersionRow, version_id)
    if row is None:
        raise InputError("there is no such version", where=f"version {version_id}")
    return record(session, row, session.get_one(ArticleRow, row.article_id))


def newest(session: Session, article_id: int) -> Version:
    """An article's newest version. InputError when there is no such article."""
    row = _newest_row(session, article_id)
    if row is None:
        raise InputError("there is no such article", where=f"article {article_id}")
    return record(session, row, session.get_one(ArticleRow, article_id))


def versions_of(session: Session, article_id: int) -> list[Version]:
    """All versions of an article, oldest first. InputError when there is no such article."""
    article = session.get(ArticleRow, article_id)
    if article is None:
        raise InputError("there is no such article", where=f"article {article_id}")
    texts = dict(chain.walk(session, VersionRow, article_id))
    rows = session.scalars(select(VersionRow).where(VersionRow.article_id == article_id).order_by(VersionRow.number))
    return [record(session, row, article, texts[row.number]) for row in rows]


def find_article(session: Session, key: str) -> int:
    """The id of the article that `key` names: its id, or its URL. InputError when there is none."""
    key = key.strip()
    query = select(ArticleRow.id).where(ArticleRow.url == key)
    if key.isascii() and key.isdigit() and len(key) < 10:
        query = select(ArticleRow.id).where(ArticleRow.id == int(key))
    found = session.scalar(query)
    if found is None:
        raise InputError("there is no such article; give an article's id or its URL", where=key)
    return found


def capture_of(session: Session, version_id: int) -> Capture:
    """The fetch that brought a version, with its raw body. InputError when there is no such version."""
    row = session.get(VersionRow, version_id)
    if row is None:
        raise InputError("there is no such version", where=f"version {version_id}")
    return captures.get(session, row.article_id, row.number)


def record(session: Session, row: VersionRow, article: ArticleRow, data: bytes | None = None) -> Version:
    """The record of a version; `data`: its text where that was already read. StoreError where it is damaged."""
    text = chain.read(session, VersionRow, row.article_id, row.number) if data is None else data
    return Version(
        id=row.id,
        article_id=row.article_id,
        number=row.number,
        url=article.url,
        source=article.source,
        outlet=article.outlet,
        reliability=article.reliability,
        reprints=tuple(article.reprints),
        lang=row.lang,
        title=article.title,
        byline=article.byline,
        published=row.published,
        seen_at=row.seen_at,
        last_seen_at=row.last_seen_at,
        sha256=row.sha256.hex(),
        text=text.decode(),
    )


def _newest_row(session: Session, article_id: int) -> VersionRow | None:
    return session.scalar(
        select(VersionRow).where(VersionRow.article_id == article_id).order_by(VersionRow.number.desc()).limit(1)
    )


def _storable(text: str, where: str) -> None:
    """Refuse what UTF-8 or PostgreSQL cannot hold, rather than alter a text of record in silence."""
    if "\0" in text:
        raise InputError("the text has a NUL character; it cannot be stored as it is", where=where)
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise InputError(
            f"the text has a lone surrogate (U+{ord(text[error.start]):04X}, at character {error.start}): it was"
            " decoded wrongly and cannot be stored",
            where=where,
        ) from None


@overload
def _clean(text: str) -> str: ...
@overload
def _clean(text: str | None) -> str | None: ...
def _clean(text: str | None) -> str | None:
    """A header's text that both databases can hold: what UTF-8 cannot say becomes U+FFFD."""
    if text is None:
        return None
    return text.replace("\0", "\ufffd").encode("utf-16", "surrogatepass").decode("utf-16", "replace")
