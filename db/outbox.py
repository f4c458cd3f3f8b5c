"""What is to be told: one row an alert and target, written with the change it tells of.

At least once: a delivery is leased, sent outside any transaction, then marked. A process that dies in between leaves
a lease that runs out, and the delivery comes back.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from db.errors import InputError
from db.models import DeliveryRow, SummaryRow
from db.records import Delivery, DeliveryState

ERROR_LENGTH = 500


def enqueue(session: Session, change_ids: Iterable[int], targets: Iterable[str], *, at: datetime) -> None:
    """One delivery of each change for each target (by name). One that is there already stays as it is."""
    names = list(targets)
    for change_id in change_ids:
        there = set(session.scalars(select(DeliveryRow.target).filter_by(change_id=change_id)))
        _add(session, [name for name in names if name not in there], at, change_id=change_id)


def save_summary(session: Session, body: str, *, at: datetime) -> int:
    """Keep what the first pass found (JSON text); its id."""
    row = SummaryRow(body=body, at=at)
    session.add(row)
    session.flush()
    return row.id


def summary(session: Session, summary_id: int) -> str:
    """A summary's body. InputError when there is none."""
    row = session.get(SummaryRow, summary_id)
    if row is None:
        raise InputError("there is no such summary", where=f"summary {summary_id}")
    return row.body


def enqueue_summary(session: Session, summary_id: int, targets: Iterable[str], *, at: datetime) -> None:
    """One delivery of a summary for each target. One that is there already stays as it is."""
    there = set(session.scalars(select(DeliveryRow.target).filter_by(summary_id=summary_id)))
    _add(session, [name for name in targets if name not in there], at, summary_id=summary_id)


def _add(
    session: Session,
    targets: Iterable[str],
    at: datetime,
    *,
    change_id: int | None = None,
    summary_id: int | None = None,
) -> None:
    for target in dict.fromkeys(targets):
        session.add(
            DeliveryRow(
                change_id=change_id,
                summary_id=summary_id,
                target=target,
                state=DeliveryState.DUE,
                created_at=at,
                attempts=0,
                error="",
            )
        )
    session.flush()


def lease(session: Session, *, now: datetime, seconds: float, limit: int) -> list[Delivery]:
    """Take up to `limit` deliveries that are due, or whose lease ran out, for `seconds`; oldest first.

    `attempts` counts this one, so that a delivery that kills its sender is counted too.
    """
    due = (DeliveryRow.state == DeliveryState.DUE) & (DeliveryRow.next_at.is_(None) | (DeliveryRow.next_at <= now))
    lost = (DeliveryRow.state == DeliveryState.LEASED) & (DeliveryRow.leased_until <= now)
    query = (
        select(DeliveryRow)
        .where(due | lost)
        .order_by(DeliveryRow.id)
        .limit(limit)
        .with_for_update(skip_locked=True)  # SQLite has no such words: there one writer is alone anyway
    )
    rows = session.scalars(query).all()
    for row in rows:
        row.state, row.leased_until = DeliveryState.LEASED, now + timedelta(seconds=seconds)
        row.attempts += 1
    session.flush()
    return [_delivery(row) for row in rows]


def release(session: Session) -> int:
    """Make every leased delivery due again, and return how many those were.

    For whoever alone holds the store: a lease that is found then is of a sender that died.
    """
    rows = session.scalars(select(DeliveryRow).where(DeliveryRow.state == DeliveryState.LEASED)).all()
    for row in rows:
        row.state, row.leased_until, row.next_at = DeliveryState.DUE, None, None
    session.flush()
    return len(rows)


def mark_sent(session: Session, delivery_id: int, *, at: datetime) -> None:
    """It was told. Final: a later failure of the same delivery changes nothing."""
    row = _row(session, delivery_id)
    if row.state is DeliveryState.SENT:
        return
    row.state, row.sent_at, row.next_at, row.leased_until, row.error = DeliveryState.SENT, at, None, None, ""
    session.flush()


def mark_failed(session: Session, delivery_id: int, error: str, *, next_at: datetime | None, at: datetime) -> None:
    """It could not be told. next_at: when to try again; None gives it up (dead) until `retry_dead`.

    error: why, in one line without secrets; cut to 500 characters. at: when it failed.
    """
    row = _row(session, delivery_id)
    if row.state is DeliveryState.SENT:
        return
    row.state = DeliveryState.DEAD if next_at is None else DeliveryState.DUE
    row.next_at, row.leased_until = next_at, None
    row.error = error.replace("\0", "")[:ERROR_LENGTH]
    session.flush()


def retry_dead(session: Session, *, at: datetime) -> int:
    """Make all dead deliveries due at once, their attempts counted anew; how many there were."""
    rows = session.scalars(select(DeliveryRow).filter_by(state=DeliveryState.DEAD)).all()
    for row in rows:
        row.state, row.next_at, row.attempts = DeliveryState.DUE, at, 0
    session.flush()
    return len(rows)


def deliveries(session: Session, *, state: DeliveryState | None = None, limit: int | None = None) -> list[Delivery]:
    """Deliveries, oldest first. limit: only so many, the newest ones."""
    query = select(DeliveryRow).order_by(DeliveryRow.id.desc()).limit(limit)
    if state is not None:
        query = query.where(DeliveryRow.state == state)
    return [_delivery(row) for row in reversed(session.scalars(query).all())]


def counts(session: Session) -> dict[DeliveryState, int]:
    """How many deliveries stand where; every state is there."""
    found = dict.fromkeys(DeliveryState, 0)
    for state, number in session.execute(select(DeliveryRow.state, func.count()).group_by(DeliveryRow.state)):
        found[DeliveryState(state)] = number
    return found


def _row(session: Session, delivery_id: int) -> DeliveryRow:
    row = session.get(DeliveryRow, delivery_id)
    if row is None:
        raise InputError("there is no such delivery", where=f"delivery {delivery_id}")
    return row


def _delivery(row: DeliveryRow) -> Delivery:
    return Delivery(
        id=row.id,
        target=row.target,
        state=DeliveryState(row.state),
        created_at=row.created_at,
        attempts=row.attempts,
        change_id=row.change_id,
        summary_id=row.summary_id,
        next_at=row.next_at,
        sent_at=row.sent_at,
        error=row.error,
    )
