"""Small facts about the store itself, by name: heartbeat, first fill, topic id."""

from __future__ import annotations

from sqlalchemy import delete
from sqlalchemy.orm import Session

from db.models import MarkRow


def get(session: Session, key: str) -> str | None:
    """What is filed under `key`, or None."""
    row = session.get(MarkRow, key)
    return row.value if row else None


def drop(session: Session, beginning: str) -> None:
    """Forget every mark whose key begins so."""
    session.execute(delete(MarkRow).where(MarkRow.key.startswith(beginning, autoescape=True)))


def put(session: Session, key: str, value: str) -> None:
    """File `value` under `key`, in place of what was there."""
    row = session.get(MarkRow, key)
    if row is None:
        session.add(MarkRow(key=key, value=value))
    else:
        row.value = value
    session.flush()
