"""Bases of which nobody is alerted until a moment, by a person's word."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from db import outbox
from db.errors import InputError
from db.models import MuteRow
from db.records import HeldBy, Mute


def save(session: Session, mute: Mute) -> None:
    """Mute a base, in place of what was said of it before; what that held back is judged anew."""
    row = session.get(MuteRow, mute.base)
    if row is None:
        session.add(MuteRow(base=mute.base, until=mute.until, who=mute.who, at=mute.at))
    else:
        row.until, row.who, row.at = mute.until, mute.who, mute.at
    outbox.let_go(session, HeldBy.MUTE)


def end(session: Session, base: str, *, at: datetime) -> None:
    """Let a base be told of again, and what was held back of it. InputError where it is not muted at that time."""
    row = session.get(MuteRow, base)
    if row is None or row.until <= at:
        raise InputError("is not muted", where=base)
    session.delete(row)
    outbox.let_go(session, HeldBy.MUTE)


def standing(session: Session, at: datetime) -> list[Mute]:
    """The mutes that stand at a moment, by base."""
    rows = session.scalars(select(MuteRow).where(MuteRow.until > at).order_by(MuteRow.base))
    return [Mute(base=row.base, until=row.until, who=row.who, at=row.at) for row in rows]
