"""How each source has fared, pass by pass."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from db.models import HealthRow
from db.records import CrawlResult, SourceHealth

ERROR_LENGTH = 500


def record(session: Session, result: CrawlResult, *, at: datetime) -> None:
    """File one pass that ended at `at`.

    A pass failed when it brought no good article and something went wrong: an error, or articles that failed or were
    refused. One dead link among good pages is no failure of the source, but its error is kept.
    """
    row = session.get(HealthRow, result.source)
    if row is None:
        row = HealthRow(source=result.source, failures=0, error="")
        session.add(row)
    row.last_attempt_at = _later(row.last_attempt_at, at)
    good = result.new + result.changed + result.unchanged + result.off_topic
    bad = result.failed + result.refused
    row.error = _error(result)
    if not good and (result.errors or bad):
        row.failures += 1
    else:
        row.failures = 0
        row.last_success_at = _later(row.last_success_at, at)
    if result.new or result.changed:
        row.last_new_at = _later(row.last_new_at, at)
    session.flush()


def all_health(session: Session) -> list[SourceHealth]:
    """Every source that was ever tried, by id."""
    return [
        SourceHealth(
            source=row.source,
            last_attempt_at=row.last_attempt_at,
            last_success_at=row.last_success_at,
            last_new_at=row.last_new_at,
            failures=row.failures,
            error=row.error,
        )
        for row in session.scalars(select(HealthRow).order_by(HealthRow.source))
    ]


def _error(result: CrawlResult) -> str:
    if result.errors:
        return "; ".join(result.errors).replace("\0", "")[:ERROR_LENGTH]
    parts = [(result.failed, "failed"), (result.refused, "refused")]
    return ", ".join(f"{number} {what}" for number, what in parts if number)


def _later(one: datetime | None, other: datetime) -> datetime:
    return other if one is None else max(one, other)
