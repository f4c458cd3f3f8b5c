"""Notices of what goes wrong with Drawdown itself: each told once, and so is its end."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy.orm import Session

from db import health, marks, outbox
from db.records import Notice, NoticeKind, iso
from monitor.telling.target import Target

TOLD = "notices_told"  # mark: the number of the last notice that was put into the outbox
_OPEN = "trouble "  # marks: what is wrong now, since when


def begin(session: Session, trouble: str, kind: NoticeKind, text: str, *, at: datetime) -> bool:
    """Notice that something went wrong; returns whether that is new. trouble: what, in a word or two."""
    if marks.get(session, _OPEN + trouble) is not None:
        return False
    marks.put(session, _OPEN + trouble, iso(at))
    health.add_notice(session, Notice(source="", kind=kind, at=at, text=text))
    return True


def end(session: Session, trouble: str, kind: NoticeKind | None = None, text: str = "", *, at: datetime) -> bool:
    """Notice that it is well again (without a kind nobody is told); returns whether it was not."""
    since = marks.get(session, _OPEN + trouble)
    if since is None:
        return False
    marks.drop(session, _OPEN + trouble)
    if kind is not None:
        text = f"{text}, after trouble since {since}"
        health.add_notice(session, Notice(source="", kind=kind, at=at, text=text))
    return True


def is_open(session: Session, trouble: str) -> bool:
    """Whether something is known to be wrong."""
    return marks.get(session, _OPEN + trouble) is not None


def file_told(
    session: Session, notice: Notice, targets: Iterable[Target], told: Iterable[str], *, at: datetime
) -> None:
    """File a notice that some targets have been told of already, past the outbox."""
    number = health.add_notice(session, notice)
    announce(session, targets, at=at)
    for delivery in outbox.of_notice(session, number):
        if delivery.target in told:
            outbox.mark_sent(session, delivery.id, at=notice.at)


def waiting(session: Session) -> list[Notice]:
    """The notices that are not in the outbox yet, oldest first."""
    return health.notices_after(session, int(marks.get(session, TOLD) or 0))


def announce(session: Session, targets: Iterable[Target], *, at: datetime) -> None:
    """Put the notices that wait into the outbox, for the targets that ask for operations."""
    names = [target.name for target in targets if target.operations]
    for notice in waiting(session):
        assert notice.id is not None
        outbox.enqueue_notice(session, notice.id, names, at=at)
        marks.put(session, TOLD, str(notice.id))
