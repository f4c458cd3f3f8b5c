"""A person's word on changes and bases, and the claims that are set aside. Nothing is deleted: a ruling is released."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import ColumnElement, delete, func, select
from sqlalchemy.orm import Session

from db.errors import InputError
from db.models import RulingRow, SetAsideRow
from db.records import Kind, Ruling, Verdict, value_from_json, value_to_json


def save(session: Session, ruling: Ruling) -> Ruling:
    """Keep a ruling; returns it with its id."""
    value = value_to_json(ruling.value)
    assert value is not None
    row = RulingRow(
        verdict=ruling.verdict,
        kind=ruling.kind.value,
        subject=ruling.subject,
        value=value,
        since=ruling.since,
        who=ruling.who,
        at=ruling.at,
        change_id=ruling.change_id,
        origins=list(ruling.origins),
        source=ruling.source,
        because=ruling.because,
        released_at=None,
        released_by="",
    )
    session.add(row)
    session.flush()
    return _ruling(row)


def release(session: Session, ruling_id: int, *, who: str, at: datetime) -> Ruling:
    """Let a ruling stand no longer. InputError when there is none, or it was released before."""
    row = session.get(RulingRow, ruling_id)
    if row is None:
        raise InputError("no ruling has this number; `drawdown rulings` lists them", where=f"ruling {ruling_id}")
    if row.released_at is not None:
        raise InputError("was released before", where=f"ruling {ruling_id}")
    row.released_at, row.released_by = max(at, row.at), who
    session.flush()
    return _ruling(row)


def one(session: Session, ruling_id: int) -> Ruling | None:
    """One ruling by its number, or None."""
    row = session.get(RulingRow, ruling_id)
    return _ruling(row) if row else None


def of_subject(session: Session, kind: Kind, subject: str) -> list[Ruling]:
    """Every ruling about a subject, released ones too, in the order given."""
    return _rulings(session, (RulingRow.kind == kind.value) & (RulingRow.subject == subject))


def of_change(session: Session, change_id: int) -> list[Ruling]:
    """Every ruling on a change, released ones too, in the order given."""
    return _rulings(session, RulingRow.change_id == change_id)


def every(session: Session) -> list[Ruling]:
    """All rulings, released ones too, in the order given."""
    return _rulings(session, RulingRow.id > 0)


def _rulings(session: Session, which: ColumnElement[bool]) -> list[Ruling]:
    return [_ruling(row) for row in session.scalars(select(RulingRow).where(which).order_by(RulingRow.id))]


def set_aside(session: Session, kind: Kind, subject: str, reasons: Mapping[int, str]) -> None:
    """Keep which live claims of a subject count for nothing (claim id → reason), in place of what was kept of it."""
    session.execute(delete(SetAsideRow).filter_by(kind=kind.value, subject=subject))
    session.add_all(
        SetAsideRow(claim_id=claim, kind=kind.value, subject=subject, reason=reason)
        for claim, reason in sorted(reasons.items())
    )
    session.flush()


def count_set_aside(session: Session) -> int:
    """How many live claims count for nothing."""
    return session.scalar(select(func.count()).select_from(SetAsideRow)) or 0


def reasons_set_aside(session: Session, subject: str) -> dict[int, str]:
    """The live claims about a subject that count for nothing: id → reason."""
    query = select(SetAsideRow.claim_id, SetAsideRow.reason).filter_by(subject=subject).order_by(SetAsideRow.claim_id)
    return {row.claim_id: row.reason for row in session.execute(query)}


def _ruling(row: RulingRow) -> Ruling:
    kind = Kind(row.kind)
    return Ruling(
        verdict=Verdict(row.verdict),
        kind=kind,
        subject=row.subject,
        value=value_from_json(kind, row.value),
        since=row.since,
        who=row.who,
        at=row.at,
        change_id=row.change_id,
        origins=tuple(row.origins),
        source=row.source,
        because=row.because,
        released_at=row.released_at,
        released_by=row.released_by,
        id=row.id,
    )
