"""Dropping old captures of versions that made nothing known; the versions' texts stay."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from db import captures
from db.errors import StoreError
from db.session import Store

log = logging.getLogger(__name__)


def drop_captures(store: Store, *, days: int, now: datetime) -> int:
    """Drop what is older than so many days, an article a transaction; how many captures were dropped.

    An article with a damaged capture is named in the log and left as it is. Raises StoreError for a store that fails.
    """
    before = now - timedelta(days=days)
    with store.reading() as session:
        articles = captures.idle(session, before=before)
    dropped = 0
    for article in articles:

        def work(session: Session, article: int = article) -> int:
            return captures.drop_idle(session, article, before=before, at=now)

        try:
            dropped += store.submit(work).result()
        except StoreError as error:
            if error.where == store.name:
                raise
            log.warning("captures of an article are kept: %s", error)
    if dropped:
        log.info("dropped %d captures older than %d days, of versions that made nothing known", dropped, days)
    return dropped
