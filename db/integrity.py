"""Whether what is stored is still what was stored: every text and capture against its SHA-256."""

from __future__ import annotations

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from db import chain
from db.errors import StoreError
from db.models import ArticleRow, CaptureRow, VersionRow
from db.records import Checked


def articles(session: Session, *, after: int, limit: int) -> list[int]:
    """Ids of articles, in order."""
    return list(
        session.scalars(select(ArticleRow.id).where(ArticleRow.id > after).order_by(ArticleRow.id).limit(limit))
    )


def check(session: Session, article_id: int) -> Checked:
    """All of an article's texts and captures, each through its chain; `faults` names those that do not hold."""
    texts = list(chain.check(session, VersionRow, article_id))
    captures = list(chain.check(session, CaptureRow, article_id))
    dropped = select(func.count()).where(CaptureRow.article_id == article_id, CaptureRow.dropped_at.is_not(None))
    return Checked(
        articles=1,
        versions=len(texts),
        captures=len(captures),
        dropped=session.scalar(dropped) or 0,
        faults=tuple(str(fault) for fault in (*texts, *captures, *_bare(session, article_id)) if fault is not None),
    )


def _bare(session: Session, article_id: int) -> list[StoreError]:
    """Versions that have no row of a capture, not even of a dropped one."""
    captured = select(CaptureRow.number).where(CaptureRow.article_id == article_id)
    bare = select(VersionRow.number).where(VersionRow.article_id == article_id, VersionRow.number.not_in(captured))
    return [
        StoreError("is missing; restore a backup", where=f"article {article_id}, captures {number}")
        for number in session.scalars(bare.order_by(VersionRow.number))
    ]
