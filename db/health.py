"""How each source has fared, as `scrapers.faring` judges it pass by pass, and the notices of it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session, aliased

from db import losses
from db.models import ArticleRow, HealthRow, NoticeRow, TroubleRow, VersionRow
from db.records import Notice, NoticeKind, Sized, SourceHealth, Trouble

TROUBLE_DAYS = 7  # that failures are counted over
_LAST_ARTICLES = 40  # that the length of a source's texts is judged by
_FIELDS = (
    "last_attempt_at",
    "last_success_at",
    "last_new_at",
    "failures",
    "error",
    "news_at",
    "size",
    "usual_size",
    "down_since",
    "stale_since",
    "shrunk_since",
)


def of_source(session: Session, source: str) -> SourceHealth:
    """How a source stands, without its troubles; nothing is known of one that was never tried."""
    row = session.get(HealthRow, source)
    return SourceHealth(source=source) if row is None else _health(row)


def save(session: Session, health: SourceHealth, notices: Iterable[Notice]) -> None:
    """File how a source stands after a pass, with the notices that it called for.

    health.troubles: those of the pass alone; they are added to the day's.
    """
    row = session.get(HealthRow, health.source)
    if row is None:
        row = HealthRow(source=health.source)
        session.add(row)
    for name in _FIELDS:
        setattr(row, name, getattr(health, name))
    row.days = list(health.days)
    session.add_all(NoticeRow(source=n.source, kind=n.kind, at=n.at, text=n.text) for n in notices)
    if health.last_attempt_at is not None:
        _count(session, health, health.last_attempt_at)
    session.flush()


def _count(session: Session, health: SourceHealth, at: datetime) -> None:
    of_source = TroubleRow.source == health.source
    session.execute(delete(TroubleRow).where(of_source, TroubleRow.day <= _day(at - timedelta(days=TROUBLE_DAYS))))
    for trouble, count in health.troubles.items():
        row = session.get(TroubleRow, (health.source, _day(at), trouble))
        if row is None:
            session.add(TroubleRow(source=health.source, day=_day(at), trouble=trouble, count=count))
        else:
            row.count += count


def all_health(session: Session) -> list[SourceHealth]:
    """Every source that was ever tried, by id, with its troubles of the last week up to its last pass and the claims
    that are held."""
    troubles: dict[str, dict[Trouble, int]] = {}
    counted = select(TroubleRow.source, TroubleRow.trouble, func.sum(TroubleRow.count))
    for source, trouble, count in session.execute(counted.group_by(TroubleRow.source, TroubleRow.trouble)):
        troubles.setdefault(source, {})[Trouble(trouble)] = int(count)
    held = losses.counts(session)
    rows = session.scalars(select(HealthRow).order_by(HealthRow.source))
    return [replace(_health(row, troubles.get(row.source, {})), held=held.get(row.source, 0)) for row in rows]


def sizes(session: Session, source: str) -> list[Sized]:
    """How long the newest version of each of the source's last articles is, and how long the one before it was."""
    last = (
        select(ArticleRow.id)
        .where(ArticleRow.source == source)
        .order_by(ArticleRow.changed_at.desc(), ArticleRow.id.desc())
        .limit(_LAST_ARTICLES)
    )
    later, earlier = aliased(VersionRow), aliased(VersionRow)
    query = (
        select(VersionRow.seen_at, VersionRow.size, earlier.size)
        .outerjoin(earlier, (earlier.article_id == VersionRow.article_id) & (earlier.number == VersionRow.number - 1))
        .outerjoin(later, (later.article_id == VersionRow.article_id) & (later.number == VersionRow.number + 1))
        .where(VersionRow.article_id.in_(last), later.id.is_(None))
    )
    return [Sized(seen_at=seen_at, size=size, before=before) for seen_at, size, before in session.execute(query)]


def notices(session: Session, *, limit: int | None = None) -> list[Notice]:
    """Notices, oldest first. limit: only so many, the newest ones."""
    rows = session.scalars(select(NoticeRow).order_by(NoticeRow.id.desc()).limit(limit)).all()
    return [_notice(row) for row in reversed(rows)]


def notice(session: Session, notice_id: int) -> Notice | None:
    """One notice by its number, or None."""
    row = session.get(NoticeRow, notice_id)
    return _notice(row) if row else None


def notices_after(session: Session, notice_id: int) -> list[Notice]:
    """The notices that came after one, oldest first."""
    query = select(NoticeRow).where(NoticeRow.id > notice_id).order_by(NoticeRow.id)
    return [_notice(row) for row in session.scalars(query)]


def add_notice(session: Session, notice: Notice) -> int:
    """File a notice; its number."""
    row = NoticeRow(source=notice.source, kind=notice.kind, at=notice.at, text=notice.text)
    session.add(row)
    session.flush()
    return row.id


def _notice(row: NoticeRow) -> Notice:
    return Notice(source=row.source, kind=NoticeKind(row.kind), at=row.at, text=row.text, id=row.id)


def _health(row: HealthRow, troubles: dict[Trouble, int] | None = None) -> SourceHealth:
    values: dict[str, Any] = {name: getattr(row, name) for name in _FIELDS}
    return SourceHealth(source=row.source, days=tuple(row.days), troubles=troubles or {}, **values)


def _day(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d}"
