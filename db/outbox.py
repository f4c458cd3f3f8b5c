"""What is to be told: one row an alert and target, written with the change it tells of.

At least once: a delivery is leased, sent outside any transaction, then marked. A process that dies in between leaves
a lease that runs out, and the delivery comes back.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import Session

from db.errors import InputError
from db.models import DeliveryRow, RulingRow, SummaryRow
from db.records import Delivery, DeliveryState, HeldBy, Verdict, iso

ERROR_LENGTH = 500
_WAITING = (DeliveryState.DUE, DeliveryState.HELD)


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


def enqueue_notice(session: Session, notice_id: int, targets: Iterable[str], *, at: datetime) -> None:
    """One delivery of a notice for each target. One that is there already stays as it is."""
    there = set(session.scalars(select(DeliveryRow.target).filter_by(notice_id=notice_id)))
    _add(session, [name for name in targets if name not in there], at, notice_id=notice_id)


def _add(
    session: Session,
    targets: Iterable[str],
    at: datetime,
    *,
    change_id: int | None = None,
    summary_id: int | None = None,
    notice_id: int | None = None,
) -> None:
    for target in dict.fromkeys(targets):
        session.add(
            DeliveryRow(
                change_id=change_id,
                summary_id=summary_id,
                notice_id=notice_id,
                target=target,
                state=DeliveryState.DUE,
                created_at=at,
                attempts=0,
                error="",
            )
        )
    session.flush()


def lease(session: Session, target: str, *, now: datetime, seconds: float, limit: int) -> list[Delivery]:
    """Take up to `limit` deliveries of a target that are due, or whose lease ran out, for `seconds`; oldest first.

    `attempts` counts this one, so that a delivery that kills its sender is counted too. Those of a change that a
    person has rejected meanwhile are withdrawn instead.
    """
    waits = DeliveryRow.state.in_(_WAITING) & (DeliveryRow.next_at.is_(None) | (DeliveryRow.next_at <= now))
    lost = (DeliveryRow.state == DeliveryState.LEASED) & (DeliveryRow.leased_until <= now)
    query = (
        select(DeliveryRow)
        .where(DeliveryRow.target == target, waits | lost)
        .order_by(DeliveryRow.id)
        .limit(limit)
        .with_for_update(skip_locked=True)  # SQLite has no such words: there one writer is alone anyway
    )
    rows = session.scalars(query).all()
    rejected = _rejections(session, [row.change_id for row in rows if row.change_id is not None])
    for row in rows:
        if row.change_id in rejected:
            _withdraw(row, rejected[row.change_id])
            continue
        row.state, row.leased_until = DeliveryState.LEASED, now + timedelta(seconds=seconds)
        row.attempts += 1
    session.flush()
    return [_delivery(row) for row in rows if row.state is DeliveryState.LEASED]


def release(session: Session) -> int:
    """Make every leased delivery due again, and return how many those were; what is held is judged anew.

    For whoever alone holds the store: a lease that is found then is of a sender that died, and the targets' settings
    may be others than before.
    """
    rows = _of_state(session, DeliveryState.LEASED)
    for row in rows:
        row.state, row.leased_until, row.next_at = DeliveryState.DUE, None, None
    _let_go(_of_state(session, DeliveryState.HELD))
    session.flush()
    return len(rows)


def hold(session: Session, delivery_id: int, *, until: datetime, by: HeldBy, why: str) -> None:
    """Put a leased delivery back until a moment. That it was taken is no attempt."""
    row = _row(session, delivery_id)
    if row.state is not DeliveryState.LEASED:
        return
    row.state, row.leased_until, row.next_at, row.held_by = DeliveryState.HELD, None, until, by
    row.attempts = max(row.attempts - 1, 0)
    row.error = why[:ERROR_LENGTH]
    session.flush()


def let_go(session: Session, by: HeldBy) -> int:
    """Let what is held for one reason be judged anew now; how many those were."""
    rows = [row for row in _of_state(session, DeliveryState.HELD) if row.held_by is by]
    _let_go(rows)
    session.flush()
    return len(rows)


def _let_go(rows: Iterable[DeliveryRow]) -> None:
    for row in rows:
        row.state, row.next_at, row.error = DeliveryState.DUE, None, ""


def bind(session: Session, delivery_ids: Collection[int]) -> int:
    """Make leased deliveries one message, now and at every attempt; returns the number that they share."""
    number = min(delivery_ids)
    for delivery_id in delivery_ids:
        _row(session, delivery_id).digest = number
    session.flush()
    return number


def withdraw(session: Session, change_id: int, why: str) -> list[str]:
    """Take back what was not sent of a rejected change; returns the targets that were alerted of it.

    One that is being sent counts as alerted. If it fails, it is not tried again.
    """
    rows = session.scalars(select(DeliveryRow).filter_by(change_id=change_id).order_by(DeliveryRow.id)).all()
    alerted = [row.target for row in rows if row.state in (DeliveryState.SENT, DeliveryState.LEASED)]
    for row in rows:
        if row.state in (*_WAITING, DeliveryState.DEAD):
            _withdraw(row, why)
    session.flush()
    return alerted


def _withdraw(row: DeliveryRow, why: str) -> None:
    row.state, row.next_at, row.leased_until = DeliveryState.WITHDRAWN, None, None
    row.error = why.replace("\0", "")[:ERROR_LENGTH]


def _rejections(session: Session, change_ids: Iterable[int]) -> dict[int | None, str]:
    """Of these changes, those that a standing word of a person rejects, with that word."""
    query = select(RulingRow).where(
        RulingRow.change_id.in_(list(change_ids)),
        RulingRow.verdict == Verdict.REJECT,
        RulingRow.released_at.is_(None),
    )
    return {row.change_id: rejection(row.who, row.at, row.because) for row in session.scalars(query)}


def rejection(who: str, at: datetime, because: str) -> str:
    """Why a delivery is withdrawn, in one line."""
    return f"rejected by {who}, {iso(at)}: {because}"


def sent_since(session: Session, target: str, since: datetime) -> list[datetime]:
    """When messages went to a target after a moment, oldest first; a digest is one."""
    number = func.coalesce(DeliveryRow.digest, DeliveryRow.id)
    query = (
        select(func.max(DeliveryRow.sent_at))
        .where(_sent(target), DeliveryRow.sent_at > since)
        .group_by(number)
        .order_by(func.max(DeliveryRow.sent_at))
    )
    return list(session.scalars(query))


def _sent(target: str) -> ColumnElement[bool]:
    return (DeliveryRow.target == target) & (DeliveryRow.state == DeliveryState.SENT)


def has_strangers(session: Session, targets: Collection[str]) -> bool:
    """Whether anything waits for a target that is not among these."""
    return session.scalar(_strangers(targets).limit(1)) is not None


def bury_strangers(session: Session, targets: Collection[str], *, why: str) -> list[str]:
    """Give up what waits for targets that are not among these; returns their names. why: {target} is the name."""
    rows = session.scalars(_strangers(targets)).all()
    for row in rows:
        row.state, row.next_at, row.error = DeliveryState.DEAD, None, why.format(target=row.target)[:ERROR_LENGTH]
    session.flush()
    return sorted({row.target for row in rows})


def _strangers(targets: Collection[str]) -> Select[DeliveryRow]:
    return select(DeliveryRow).where(DeliveryRow.state.in_(_WAITING), DeliveryRow.target.not_in(list(targets)))


def mark_sent(session: Session, delivery_id: int, *, at: datetime) -> None:
    """It was told. Final: a later failure of the same delivery changes nothing."""
    row = _row(session, delivery_id)
    if row.state is DeliveryState.SENT:
        return
    row.state, row.sent_at, row.next_at, row.leased_until, row.error = DeliveryState.SENT, at, None, None, ""
    session.flush()


def mark_failed(
    session: Session,
    delivery_id: int,
    error: str,
    *,
    next_at: datetime | None,
    at: datetime,
    tried: bool = True,
) -> None:
    """It could not be told. next_at: when to try again; None gives it up (dead) until `retry_dead`.

    error: why, in one line without secrets; cut to 500 characters. at: when it failed. tried: False where it was put
    back untried: that is no attempt. One whose change a person has rejected meanwhile is withdrawn.
    """
    row = _row(session, delivery_id)
    if row.state in (DeliveryState.SENT, DeliveryState.WITHDRAWN):
        return
    rejected = _rejections(session, [row.change_id] if row.change_id is not None else [])
    if row.change_id in rejected:
        _withdraw(row, rejected[row.change_id])
        return
    row.state = DeliveryState.DEAD if next_at is None else DeliveryState.DUE
    row.next_at, row.leased_until = next_at, None
    row.error = error.replace("\0", "")[:ERROR_LENGTH]
    if not tried:
        row.attempts = max(row.attempts - 1, 0)
    session.flush()


def retry_dead(session: Session, *, at: datetime) -> int:
    """Make all dead deliveries due at once, their attempts counted anew; how many there were."""
    rows = _of_state(session, DeliveryState.DEAD)
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


def of_notice(session: Session, notice_id: int) -> list[Delivery]:
    """The deliveries of a notice, oldest first."""
    query = select(DeliveryRow).filter_by(notice_id=notice_id).order_by(DeliveryRow.id)
    return [_delivery(row) for row in session.scalars(query)]


def counts(session: Session) -> dict[DeliveryState, int]:
    """How many deliveries stand where; every state is there."""
    found = dict.fromkeys(DeliveryState, 0)
    for state, number in session.execute(select(DeliveryRow.state, func.count()).group_by(DeliveryRow.state)):
        found[DeliveryState(state)] = number
    return found


def _of_state(session: Session, state: DeliveryState) -> list[DeliveryRow]:
    return list(session.scalars(select(DeliveryRow).filter_by(state=state)))


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
        notice_id=row.notice_id,
        held_by=HeldBy(row.held_by) if row.held_by else None,
        digest=row.digest,
        next_at=row.next_at,
        sent_at=row.sent_at,
        error=row.error,
    )
