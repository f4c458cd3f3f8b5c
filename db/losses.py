"""Versions that lost much of their article's text. What such a version drops is not withdrawn before it is judged: a
redesign may hide the text from the extraction, and then the article still says it.

Until then the dropped claims stay live, though they are of an older version than the newest one. A later version that
has its text again carries them, or withdraws them as any version does.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Select, exists, func, select, update
from sqlalchemy.orm import Session, aliased

from db.models import ArticleRow, ClaimRow, ClaimState, LossRow, VersionRow
from db.records import Loss, LossVerdict, Release, Seen, Version
from db.versions import BATCH, version

_LATELY = timedelta(days=30)  # articles that changed before are not looked at again as a rule


def before(session: Session, version_id: int) -> Iterator[Version]:
    """The version before this one; if that one lost text and no editor did it, the one of which, too; and so on."""
    row = session.get_one(VersionRow, version_id)
    earlier = (VersionRow.article_id == row.article_id) & (VersionRow.number == row.number - 1)
    one = session.scalar(select(VersionRow.id).where(earlier))
    while one is not None:
        yield version(session, one)
        loss = session.get(LossRow, one)
        one = loss.of_id if loss is not None and loss.verdict is not LossVerdict.EDITED else None


def hold(session: Session, version_id: int, *, of: int, at: datetime) -> None:
    """A version lost much of the text of an earlier one, `of`; nothing that was said up to that one is withdrawn."""
    session.add(LossRow(version_id=version_id, of_id=of, since=at))
    session.flush()


def waiting(session: Session, source: str) -> list[Loss]:
    """The source's articles whose newest version lost text and is not judged."""
    rows = session.execute(
        select(LossRow, VersionRow.article_id, VersionRow.last_seen_at)
        .join(VersionRow, VersionRow.id == LossRow.version_id)
        .join(ArticleRow, ArticleRow.id == VersionRow.article_id)
        .where(ArticleRow.source == source, LossRow.verdict.is_(None), _is_newest())
        .order_by(LossRow.version_id)
    ).all()
    lost = [row.article_id for row in rows]
    return [
        Loss(
            version_id=loss.version_id,
            since=loss.since,
            last_seen_at=last_seen_at,
            kept=_kept(session, source, loss.since, lost),
        )
        for loss, _, last_seen_at in rows
    ]


def _kept(session: Session, source: str, since: datetime, lost: Sequence[int]) -> int:
    """How many articles were seen since with the text that they had before, beside those that lost theirs."""
    lately = ArticleRow.changed_at.between(since - _LATELY, since)
    query = select(ArticleRow.id).where(ArticleRow.source == source, lately, ArticleRow.last_seen_at > since)
    return len(set(session.scalars(query)) - set(lost))


def judge(session: Session, version_id: int, verdict: LossVerdict, *, at: datetime) -> None:
    """Why a version lost text. Where it was edited, what it dropped is withdrawn when that is folded."""
    row = session.get_one(LossRow, version_id)
    row.verdict, row.judged_at = verdict, at
    session.flush()


def reopen(session: Session, source: str, *, at: datetime) -> None:
    """The source has its text again: articles that still lack theirs may have been edited. They are judged anew."""
    mine = (
        select(VersionRow.id)
        .join(ArticleRow, ArticleRow.id == VersionRow.article_id)
        .where(ArticleRow.source == source, _is_newest())
    )
    session.execute(
        update(LossRow)
        .where(LossRow.verdict == LossVerdict.REDESIGNED, LossRow.version_id.in_(mine))
        .values(verdict=None, judged_at=None, since=at),
        execution_options={"synchronize_session": False},
    )
    session.expire_all()


def _is_newest() -> ColumnElement[bool]:
    later = aliased(VersionRow)
    return ~exists().where(later.article_id == VersionRow.article_id, later.number > VersionRow.number)


def due(session: Session) -> list[Release]:
    """The folded versions that were edited, and whose dropped claims are not yet withdrawn, in the order of judging."""
    newest = session.scalar(select(func.max(VersionRow.id)).where(VersionRow.folded_at.is_not(None)))
    waits = LossRow.folded_after.is_(None) & VersionRow.folded_at.is_not(None)
    return [_release(row, newest or 0) for row in _edited(session, waits)]


def released(session: Session) -> list[Release]:
    """What `due` gave and was folded, in that order."""
    return [_release(row, row[0].folded_after) for row in _edited(session, LossRow.folded_after.is_not(None))]


def _edited(session: Session, which: ColumnElement[bool]) -> Sequence[tuple[LossRow, VersionRow, str]]:
    query = (
        select(LossRow, VersionRow, ArticleRow.url)
        .join(VersionRow, VersionRow.id == LossRow.version_id)
        .join(ArticleRow, ArticleRow.id == VersionRow.article_id)
        .where(LossRow.verdict == LossVerdict.EDITED, which)
        .order_by(LossRow.folded_after, LossRow.judged_at, LossRow.version_id)
    )
    return [(loss, of, url) for loss, of, url in session.execute(query)]


def _release(row: tuple[LossRow, VersionRow, str], after: int | None) -> Release:
    loss, of, url = row
    assert loss.judged_at is not None
    assert after is not None
    seen = Seen(id=of.id, article_id=of.article_id, url=url, seen_at=of.seen_at, holds=loss.of_id)
    return Release(seen=seen, at=loss.judged_at, after=after)


def close(session: Session, release: Release) -> None:
    """The claims that a version dropped are withdrawn, and that is folded."""
    session.get_one(LossRow, release.seen.id).folded_after = release.after
    session.flush()


def held_since(session: Session, claim_ids: Sequence[int]) -> dict[int, datetime]:
    """Those of these claims that their article lacks since it lost text, and since when."""
    found: dict[int, datetime] = {}
    for first in range(0, len(claim_ids), BATCH):
        which = ClaimRow.id.in_(claim_ids[first : first + BATCH])
        found |= {row.id: row.since for row in session.execute(_held(which))}
    return found


def counts(session: Session) -> dict[str, int]:
    """How many claims of each source its articles lack since they lost text; sources that have any."""
    held = _held().subquery()
    query = select(held.c.source, func.count()).group_by(held.c.source)
    return {source: int(count) for source, count in session.execute(query)}


def _held(*which: ColumnElement[bool]) -> Select[int, str, datetime]:
    """Live claims that are older than a version of their article that lost text, with when that was first seen."""
    of = aliased(VersionRow)
    return (
        select(ClaimRow.id, ArticleRow.source, func.min(VersionRow.seen_at).label("since"))
        .select_from(LossRow)
        .join(VersionRow, VersionRow.id == LossRow.version_id)
        .join(ArticleRow, ArticleRow.id == VersionRow.article_id)
        .join(of, (of.article_id == VersionRow.article_id) & (of.id <= LossRow.of_id))
        .join(ClaimRow, ClaimRow.version_id == of.id)
        .where(ClaimRow.state == ClaimState.LIVE, VersionRow.read_at.is_not(None), *which)
        .group_by(ClaimRow.id, ArticleRow.source)
    )
