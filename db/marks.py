"""Small facts about the store itself, by name: heartbeat, first fill, topic id."""

from __future__ import annotations

from sqlalchemy.orm import Session

from db.models import MarkRow


def get(session: Session, key: str) -> str | None:
    """What is filed under `key`, or None."""
    row = session.get(MarkRow, key)
    return row.value if row else None


def put(session: Session, key: str, value: str) -> None:
    """File `value` under `key`, in place of what was there."""
    row = session.get(MarkRow, key)
    if row is None:
        session.add(MarkRow(key=key, value=value))
    else:
        row.value = value
    session.flush()
