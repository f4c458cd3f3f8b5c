"""What the day has asked of each host, so that a new process goes on counting."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from db.models import BudgetRow
from db.records import Spent


def standing(session: Session, *, at: datetime) -> list[Spent]:
    """What was spent of the days that go on at a time, by host."""
    rows = session.scalars(select(BudgetRow).where(BudgetRow.ends_at > at).order_by(BudgetRow.host))
    return [Spent(host=row.host, ends_at=row.ends_at, requests=row.requests, bytes=row.bytes) for row in rows]


def save(session: Session, spent: Iterable[Spent], *, at: datetime) -> None:
    """File what was spent, in place of what was; days that are over are forgotten."""
    session.execute(delete(BudgetRow).where(BudgetRow.ends_at <= at))
    for one in spent:
        session.merge(BudgetRow(host=one.host, ends_at=one.ends_at, requests=one.requests, bytes=one.bytes))
    session.flush()
