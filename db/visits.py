"""When the stored articles were looked at, and which of them are gone."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime, timedelta

from sqlalchemy import Select, or_, select, update
from sqlalchemy.orm import Session

from db.models import AbsenceRow, ArticleRow, ClaimRow, FactRow, VersionRow
from db.records import Absence, Visit
from db.versions import BATCH

GONE = (404, 410)  # RFC 9110, 15.5: not there, and not there for good


def of_urls(session: Session, urls: Iterable[str]) -> dict[str, Visit]:
    """Those of these addresses that are stored articles. `lasting` is not looked up."""
    wanted = list(dict.fromkeys(urls))
    found: dict[str, Visit] = {}
    for first in range(0, len(wanted), BATCH):
        for row, absence in session.execute(_articles().where(ArticleRow.url.in_(wanted[first : first + BATCH]))):
            found[row.url] = _visit(row, absence)
    return found


def of_source(session: Session, source: str, *, since: datetime) -> list[Visit]:
    """The source's articles that changed since a time or carry a current known fact, without the removed ones."""
    lasting = carriers(session, source)
    numbers = sorted(lasting)
    chosen = [ArticleRow.id.in_(numbers[first : first + BATCH]) for first in range(0, len(numbers), BATCH)]
    query = (
        _articles()
        .where(ArticleRow.source == source, or_(ArticleRow.changed_at >= since, *chosen))
        .where(ArticleRow.asked_at.is_not(None), AbsenceRow.removed_at.is_(None))
        .order_by(ArticleRow.id)
    )
    return [_visit(row, absence, lasting=row.id in lasting) for row, absence in session.execute(query)]


def carriers(session: Session, source: str) -> set[int]:
    """Ids of the source's articles whose claims carry what is held now of any subject."""
    held = session.scalars(select(FactRow.held).where(FactRow.superseded_at.is_(None)))
    claims = sorted({piece["claim"] for position in held for piece in position["support"]})
    found: set[int] = set()
    for first in range(0, len(claims), BATCH):
        query = (
            select(VersionRow.article_id)
            .join(ClaimRow, ClaimRow.version_id == VersionRow.id)
            .join(ArticleRow, ArticleRow.id == VersionRow.article_id)
            .where(ClaimRow.id.in_(claims[first : first + BATCH]), ArticleRow.source == source)
        )
        found.update(session.scalars(query))
    return found


def record(
    session: Session,
    answers: Mapping[str, int],
    *,
    dated: Mapping[str, datetime],
    unlisted: Collection[str],
    at: datetime,
    removed_after: timedelta,
) -> list[str]:
    """File what a pass saw of stored articles; addresses that are none are passed over.

    answers: the HTTP status that the site answered for each that was asked for. dated: the newest date that a way in
    showed for one. unlisted: those of which it is sure that no way in lists them any more. Returns the addresses that
    count as removed from now on: they are not there, have not been for `removed_after`, and are listed no more.
    """
    _asked(session, list(answers), at)
    _date(session, dated)
    missing = {url: status for url, status in answers.items() if status in GONE}
    there = {url for url, status in answers.items() if status == 304 or 200 <= status < 300}
    open_now = _open_absences(session, [*missing, *there])
    removed = []
    for url, (article_id, absence) in open_now.items():
        if url in there and absence is not None:
            absence.returned_at = at
        elif url in missing and absence is None:
            session.add(AbsenceRow(article_id=article_id, status=missing[url], since=at))
        elif absence is not None and absence.removed_at is None and url in unlisted:
            if at - absence.since < removed_after:
                continue
            absence.removed_at, absence.status = at, missing[url]
            removed.append(url)
    session.flush()
    return removed


def absences(session: Session, article_id: int) -> list[Absence]:
    """Every time that an article was not where it had been, oldest first."""
    query = select(AbsenceRow).where(AbsenceRow.article_id == article_id).order_by(AbsenceRow.id)
    return [_absence(row) for row in session.scalars(query)]


def removals(session: Session, article_ids: Iterable[int]) -> dict[int, Absence]:
    """Those of these articles that are removed, and how."""
    wanted = sorted(set(article_ids))
    found = {}
    for first in range(0, len(wanted), BATCH):
        query = select(AbsenceRow).where(
            AbsenceRow.article_id.in_(wanted[first : first + BATCH]),
            AbsenceRow.removed_at.is_not(None),
            AbsenceRow.returned_at.is_(None),
        )
        found.update({row.article_id: _absence(row) for row in session.scalars(query)})
    return found


def _articles() -> Select[ArticleRow, AbsenceRow]:
    current = (AbsenceRow.article_id == ArticleRow.id) & AbsenceRow.returned_at.is_(None)
    return select(ArticleRow, AbsenceRow).outerjoin(AbsenceRow, current)


def _open_absences(session: Session, urls: list[str]) -> dict[str, tuple[int, AbsenceRow | None]]:
    found: dict[str, tuple[int, AbsenceRow | None]] = {}
    for first in range(0, len(urls), BATCH):
        query = _articles().where(ArticleRow.url.in_(urls[first : first + BATCH]))
        found.update({row.url: (row.id, absence) for row, absence in session.execute(query)})
    return found


def _asked(session: Session, urls: list[str], at: datetime) -> None:
    for first in range(0, len(urls), BATCH):
        session.execute(
            update(ArticleRow).where(ArticleRow.url.in_(urls[first : first + BATCH])).values(asked_at=at),
            execution_options={"synchronize_session": False},
        )
    session.expire_all()


def _date(session: Session, dated: Mapping[str, datetime]) -> None:
    for visit in of_urls(session, dated).values():
        shown = dated[visit.url]
        if visit.dated_at is None or visit.dated_at < shown:
            session.execute(update(ArticleRow).where(ArticleRow.url == visit.url).values(dated_at=shown))


def _visit(row: ArticleRow, absence: AbsenceRow | None, *, lasting: bool = False) -> Visit:
    return Visit(
        url=row.url,
        title=row.title,
        published=row.published,
        first_seen_at=row.first_seen_at,
        changed_at=row.changed_at,
        asked_at=row.asked_at,
        dated_at=row.dated_at,
        gone_since=absence.since if absence else None,
        removed=absence is not None and absence.removed_at is not None,
        lasting=lasting,
        etag=row.etag,
        last_modified=row.last_modified,
        look=row.look,
        page=row.page,
    )


def _absence(row: AbsenceRow) -> Absence:
    return Absence(status=row.status, since=row.since, removed_at=row.removed_at, returned_at=row.returned_at)
