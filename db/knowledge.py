"""Known facts, changes and the baseline; and what the next version to fold brings.

Nothing is overwritten: a known fact that gives way keeps its row and gets the time when it was superseded.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from db import positions
from db.claims import (
    add_claims,
    by_version,
    claims_of,
    evidence,
    evidence_by_ids,
    otherwise,
    release,
    said,
    settle,
    settle_anew,
    settled_until,
    subjects_of,
    withdrawn_by,
)
from db.errors import InputError
from db.models import ArticleRow, BaselineRow, ChangeRow, FactRow, VersionRow
from db.records import (
    BaselineFact,
    Change,
    ChangeType,
    Kind,
    KnownFact,
    Note,
    Slot,
    Version,
    iso,
    parse_moment,
    value_from_json,
    value_to_json,
)
from db.versions import record

__all__ = [
    "add_claims",
    "add_note",
    "baseline",
    "baselines",
    "by_version",
    "change",
    "changes",
    "claims_of",
    "current",
    "drop_fact",
    "due_held",
    "evidence",
    "evidence_by_ids",
    "facts",
    "held_change",
    "history",
    "last_change",
    "let_go",
    "mark_folded",
    "otherwise",
    "release",
    "said",
    "same_saying",
    "save_baseline",
    "save_change",
    "save_fact",
    "settle",
    "settle_anew",
    "settled_until",
    "subjects_of",
    "unfolded",
    "withdrawn_by",
]


EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def unfolded(session: Session, *, limit: int = 50) -> list[Version]:
    """Versions that were read and not yet folded into known facts, in the order they came."""
    query = (
        select(VersionRow, ArticleRow)
        .join(ArticleRow, ArticleRow.id == VersionRow.article_id)
        .where(VersionRow.folded_at.is_(None), VersionRow.read_at.is_not(None))
        .order_by(VersionRow.id)
        .limit(limit)
    )
    return [record(session, row, article) for row, article in session.execute(query)]


def mark_folded(session: Session, version_id: int, *, at: datetime) -> None:
    """The done-mark of folding, for the transaction that saves facts and changes. The first mark stays."""
    row = session.get(VersionRow, version_id)
    if row is None:
        raise InputError("there is no such version", where=f"version {version_id}")
    if row.folded_at is None:
        row.folded_at = at
        session.flush()


def current(session: Session, kind: Kind, subject: str, slot: Slot) -> KnownFact | None:
    """What is held now of a subject, or None."""
    row = _current_row(session, kind, subject, slot)
    return _fact(row) if row else None


def save_fact(session: Session, fact: KnownFact) -> KnownFact:
    """Hold `fact` from its `recorded_at` on, in place of the current one of its kind, subject and slot.

    Returns it with its id. When it says the same as the current one (all but the times), nothing is stored and the
    current one is returned. `changed_at` None means: as before when the value is the same, else `recorded_at`.
    A recorded time before that of the fact it follows (a clock put back) is moved up to it.
    """
    row = _current_row(session, fact.kind, fact.subject, fact.slot)
    recorded_at, changed_at = fact.recorded_at, fact.changed_at
    if row is not None:
        held = _fact(row)
        if same_saying(held, fact):
            return held
        recorded_at = max(recorded_at, row.recorded_at)
        if changed_at is None and held.held.value == fact.held.value:
            changed_at = held.changed_at
        row.superseded_at = recorded_at
        session.flush()  # before the insert: only one may be current
    made = FactRow(
        kind=fact.kind.value,
        subject=fact.subject,
        slot=fact.slot,
        since=fact.held.since,
        held=positions.to_json(fact.held),
        contested=fact.contested,
        rivals=[positions.to_json(rival) for rival in fact.rivals],
        recorded_at=recorded_at,
        changed_at=changed_at or recorded_at,
    )
    session.add(made)
    session.flush()
    return _fact(made)


def drop_fact(session: Session, kind: Kind, subject: str, slot: Slot, at: datetime) -> None:
    """Hold nothing of a subject from `at` on: its claims are gone. Its history stays."""
    row = _current_row(session, kind, subject, slot)
    if row is not None:
        row.superseded_at = max(at, row.recorded_at)
        session.flush()


def facts(session: Session, *, as_of: datetime | None = None) -> list[KnownFact]:
    """What is held now, or was held at `as_of` (recorded time), by kind, subject and slot."""
    query = select(FactRow).order_by(FactRow.kind, FactRow.subject, FactRow.slot)
    if as_of is None:
        query = query.where(FactRow.superseded_at.is_(None))
    else:
        query = query.where(
            FactRow.recorded_at <= as_of, FactRow.superseded_at.is_(None) | (FactRow.superseded_at > as_of)
        )
    return [_fact(row, as_of) for row in session.scalars(query)]


def facts_by_ids(session: Session, ids: Iterable[int]) -> list[KnownFact]:
    """Known facts, held now or once, in the order they were recorded."""
    query = select(FactRow).where(FactRow.id.in_(list(ids))).order_by(FactRow.id)
    return [_fact(row) for row in session.scalars(query)]


def history(session: Session, kind: Kind, subject: str, *, as_of: datetime | None = None) -> list[KnownFact]:
    """All that was ever held of a subject, facts and plans, in the order recorded; or all until `as_of`, as then."""
    query = select(FactRow).filter_by(kind=kind.value, subject=subject).order_by(FactRow.recorded_at, FactRow.id)
    if as_of is not None:
        query = query.where(FactRow.recorded_at <= as_of)
    return [_fact(row, as_of) for row in session.scalars(query)]


def save_change(session: Session, change: Change, *, held_until: datetime | None = None) -> Change:
    """Store a change and return it with its id. held_until: it is not told before then, see `due_held`.

    A version records one change of a type about a kind and subject, and one more of what came late: a second one
    returns the first, unaltered.
    """
    if change.version_id is not None:
        there = session.scalar(
            select(ChangeRow).filter_by(
                version_id=change.version_id,
                kind=change.kind.value,
                subject=change.subject,
                type=change.type,
                late=change.late,
            )
        )
        if there is not None:
            return _change(there)
    row = ChangeRow(
        kind=change.kind.value,
        subject=change.subject,
        type=change.type,
        before=value_to_json(change.before),
        after=value_to_json(change.after),
        at=change.at,
        article=change.article,
        version_id=change.version_id,
        claim_ids=list(change.claim_ids),
        since=change.since,
        previous=positions.to_json(change.previous) if change.previous else None,
        held=positions.to_json(change.held) if change.held else None,
        rivals=[positions.to_json(rival) for rival in change.rivals],
        held_until=held_until,
        notes=[_note_json(note) for note in change.notes],
        late=change.late,
        ruling_id=change.ruling_id,
    )
    session.add(row)
    session.flush()
    return replace(change, id=row.id)


def last_change(session: Session, kind: Kind, subject: str) -> Change | None:
    """The last change of a subject's fact that was told, or None."""
    query = (
        select(ChangeRow)
        .filter_by(kind=kind.value, subject=subject)
        .where(ChangeRow.type != ChangeType.PLAN, ChangeRow.held_until.is_(None))
        .order_by(ChangeRow.at.desc(), ChangeRow.id.desc())
        .limit(1)
    )
    row = session.scalar(query)
    return _change(row) if row else None


def held_change(session: Session, kind: Kind, subject: str) -> Change | None:
    """The change of a subject that is held back, or None."""
    query = select(ChangeRow).filter_by(kind=kind.value, subject=subject).where(ChangeRow.held_until.is_not(None))
    row = session.scalar(query)
    return _change(row) if row else None


def due_held(session: Session, at: datetime) -> list[Change]:
    """The changes that were held back until `at` or earlier, in the order they came."""
    query = select(ChangeRow).where(ChangeRow.held_until <= at).order_by(ChangeRow.id)
    return [_change(row) for row in session.scalars(query)]


def let_go(session: Session, change_id: int, *, told: bool) -> None:
    """Hold a change back no longer: it counts as told from now on, or it never was one (its note stays)."""
    row = session.get_one(ChangeRow, change_id)
    if told:
        row.held_until = None
    else:
        session.delete(row)
    session.flush()


def add_note(session: Session, change_id: int, note: Note) -> None:
    """Note on a change what came soon after it."""
    row = session.get_one(ChangeRow, change_id)
    row.notes = [*row.notes, _note_json(note)]
    session.flush()


def _note_json(note: Note) -> dict[str, Any]:
    return {"at": iso(note.at), "value": value_to_json(note.value), "article": note.article}


def count_changes(session: Session) -> int:
    """How many changes were told."""
    return session.scalar(select(func.count()).select_from(ChangeRow).where(ChangeRow.held_until.is_(None))) or 0


def changes(
    session: Session, *, since: datetime | None = None, subject: str | None = None, limit: int | None = None
) -> list[Change]:
    """Changes that were told, oldest first. since: recorded then or later. limit: only so many, the newest ones."""
    query: Select[ChangeRow] = select(ChangeRow).where(ChangeRow.held_until.is_(None))
    if since is not None:
        query = query.where(ChangeRow.at >= since)
    if subject is not None:
        query = query.where(ChangeRow.subject == subject)
    query = query.order_by(ChangeRow.at.desc(), ChangeRow.id.desc()).limit(limit)
    return [_change(row) for row in reversed(session.scalars(query).all())]


def change(session: Session, change_id: int) -> Change | None:
    """One change by id, or None."""
    row = session.get(ChangeRow, change_id)
    return _change(row) if row else None


def save_baseline(session: Session, facts: Sequence[BaselineFact], *, at: datetime) -> None:
    """File what was known before the first pass. The same kind and subject again replaces what was filed."""
    for fact in facts:
        row = session.get(BaselineRow, (fact.kind.value, fact.subject))
        value = value_to_json(fact.value)
        assert value is not None
        if row is None:
            row = BaselineRow(kind=fact.kind.value, subject=fact.subject)
            session.add(row)
        elif (row.value, row.since, row.source) == (value, fact.since, fact.source):
            continue
        row.value, row.since, row.source, row.at = value, fact.since, fact.source, at
    session.flush()


def baseline(session: Session, kind: Kind, subject: str) -> BaselineFact | None:
    """What was known of a subject before the first pass, or None."""
    row = session.get(BaselineRow, (kind.value, subject))
    return _baseline(row) if row else None


def baselines(session: Session) -> list[BaselineFact]:
    """The whole baseline, by kind and subject."""
    return [
        _baseline(row) for row in session.scalars(select(BaselineRow).order_by(BaselineRow.kind, BaselineRow.subject))
    ]


def _current_row(session: Session, kind: Kind, subject: str, slot: Slot) -> FactRow | None:
    return session.scalar(
        select(FactRow).filter_by(kind=kind.value, subject=subject, slot=slot).where(FactRow.superseded_at.is_(None))
    )


def same_saying(one: KnownFact | None, other: KnownFact | None) -> bool:
    """Whether two facts differ in nothing but their ids and times."""
    if one is None or other is None:
        return one is other
    return _sayings(one) == _sayings(other)


def _sayings(fact: KnownFact) -> KnownFact:
    """The fact without its id and times: what decides whether it says anything new."""
    return replace(fact, id=None, recorded_at=EPOCH, superseded_at=None, changed_at=None)


def _fact(row: FactRow, as_of: datetime | None = None) -> KnownFact:
    """The record of a row, as it was at `as_of`: what came later was not known."""
    kind = Kind(row.kind)
    superseded = row.superseded_at
    return KnownFact(
        kind=kind,
        subject=row.subject,
        slot=Slot(row.slot),
        held=positions.from_json(kind, row.held),
        contested=row.contested,
        rivals=tuple(positions.from_json(kind, rival) for rival in row.rivals),
        recorded_at=row.recorded_at,
        superseded_at=None if superseded and as_of and superseded > as_of else superseded,
        changed_at=row.changed_at,
        id=row.id,
    )


def _change(row: ChangeRow) -> Change:
    kind = Kind(row.kind)
    return Change(
        kind=kind,
        subject=row.subject,
        type=ChangeType(row.type),
        before=value_from_json(kind, row.before) if row.before is not None else None,
        after=value_from_json(kind, row.after) if row.after is not None else None,
        at=row.at,
        article=row.article,
        version_id=row.version_id,
        claim_ids=tuple(row.claim_ids),
        since=row.since,
        previous=positions.from_json(kind, row.previous) if row.previous is not None else None,
        held=positions.from_json(kind, row.held) if row.held is not None else None,
        rivals=tuple(positions.from_json(kind, rival) for rival in row.rivals),
        notes=tuple(_note(kind, note) for note in row.notes),
        late=row.late,
        ruling_id=row.ruling_id,
        id=row.id,
    )


def _note(kind: Kind, data: dict[str, Any]) -> Note:
    value = value_from_json(kind, data["value"]) if data["value"] is not None else None
    return Note(at=parse_moment(data["at"]), value=value, article=data["article"])


def _baseline(row: BaselineRow) -> BaselineFact:
    kind = Kind(row.kind)
    return BaselineFact(
        kind=kind,
        subject=row.subject,
        value=value_from_json(kind, row.value),
        since=row.since,
        source=row.source,
    )
