"""Addresses that were fetched and are no article's own, by hash alone: twins of articles, and what is off the topic."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from hashlib import sha256

from sqlalchemy import select
from sqlalchemy.orm import Session

from db.models import AddressRow, ArticleRow
from db.records import utc

BATCH = 500  # parameters of one IN: well under SQLite's limit


def remember(session: Session, url: str, article_id: int | None, *, at: datetime) -> None:
    """File where an address led: to an article, or (None) to what is not on the topic. The latest counts."""
    row = session.get(AddressRow, _hash(url))
    if row is None:
        session.add(AddressRow(hash=_hash(url), article_id=article_id, at=utc(at)))
    else:
        row.article_id, row.at = article_id, utc(at)
    session.flush()


def led_to(session: Session, urls: Iterable[str]) -> Mapping[str, str | None]:
    """Where those of `urls` that are remembered led: the article's own address, or None for off the topic."""
    wanted = {_hash(url): url for url in urls}
    hashes = list(wanted)
    found: dict[str, str | None] = {}
    for first in range(0, len(hashes), BATCH):
        query = (
            select(AddressRow.hash, ArticleRow.url)
            .outerjoin(ArticleRow, ArticleRow.id == AddressRow.article_id)
            .where(AddressRow.hash.in_(hashes[first : first + BATCH]))
        )
        found.update({wanted[row.hash]: row.url for row in session.execute(query)})
    return found


def _hash(url: str) -> bytes:
    """16 bytes of SHA-256: among a billion addresses no two are likely to share them."""
    return sha256(url.encode("utf-8", "surrogatepass")).digest()[:16]
