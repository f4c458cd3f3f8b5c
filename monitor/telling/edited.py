"""The edit of an article that brought a change, out of the store."""

from __future__ import annotations

from sqlalchemy.orm import Session

from db import versions
from db.records import Change
from monitor.telling.alert import Edited


def edit_of(session: Session, change: Change) -> Edited | None:
    """The texts before and after, when the change came from an article's later version."""
    if change.version_id is None:
        return None
    version = versions.version(session, change.version_id)
    if version.number < 2:
        return None
    older = next((v for v in versions.versions_of(session, version.article_id) if v.number == version.number - 1), None)
    return Edited(older=older.text, newer=version.text) if older else None
