"""A person's word put to work: kept with who and when, the subject folded again, all in one transaction.

A confirmation or a pin alerts nobody. A rejection takes back what was told, so it raises a `correction`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial

from sqlalchemy.orm import Session

from db import knowledge, outbox, rulings, versions
from db.errors import InputError
from db.records import Change, ChangeType, Kind, KnownFact, Period, Ruling, Slot, StatusValue, Verdict
from monitor.knowing.changes import compare
from monitor.knowing.fold import Folded
from monitor.process import Processor


@dataclass(frozen=True, kw_only=True, slots=True)
class Ruled:
    """What came of a ruling: the fact (or plan) that is held now, and the correction that was raised, if any."""

    ruling: Ruling
    fact: KnownFact | None
    correction: Change | None = None


def confirm(processor: Processor, change_id: int, *, who: str, at: datetime) -> Ruled:
    """Say that a change is right: one more voice, of full weight. Raises InputError."""

    def work(session: Session) -> Ruled:
        change = _change(session, change_id)
        return _ruled(processor, session, _on_change(change, Verdict.CONFIRM, change.since, who, at), at)

    return processor.store.submit(work).result()


def reject(processor: Processor, change_id: int, *, because: str, who: str, at: datetime) -> Ruled:
    """Say that a change is wrong: its claims count for nothing, and who was told of it is told. Raises InputError."""
    if not because.strip():
        raise InputError("say why", where="--because")
    return processor.store.submit(partial(_reject, processor, change_id, because.strip(), who, at)).result()


def pin(
    processor: Processor, base: str, value: StatusValue, *, since: str, source: str, who: str, at: datetime
) -> Ruled:
    """Hold a base's status whatever is claimed, until it is released. Raises InputError for an impossible date."""
    try:
        began = Period.parse(since).first
    except ValueError as error:
        raise InputError(str(error), where="--since") from error
    if not processor.rules.first_day <= began <= at.date():
        raise InputError(f"not from {processor.rules.first_day} to today: {since}", where="--since")
    ruling = Ruling(
        verdict=Verdict.PIN,
        kind=Kind.BASE_STATUS,
        subject=base,
        value=value,
        since=since,
        who=who,
        at=at,
        source=source,
    )
    return processor.store.submit(lambda session: _ruled(processor, session, ruling, at)).result()


def release(processor: Processor, ruling_id: int, *, who: str, at: datetime) -> Ruled:
    """Let a ruling stand no longer; claims alone decide again. Raises InputError."""

    def work(session: Session) -> Ruled:
        return _folded(processor, session, rulings.release(session, ruling_id, who=who, at=at), at)

    return processor.store.submit(work).result()


def _change(session: Session, change_id: int) -> Change:
    change = knowledge.change(session, change_id)
    where = f"change {change_id}"
    if change is None:
        raise InputError("no change has this number; `drawdown changes` lists them", where=where)
    for ruling in rulings.of_change(session, change_id):
        if ruling.released_at is None:
            raise InputError(
                f"{ruling.who} has ruled on it ({ruling.verdict}); `drawdown release {ruling.id}` first", where=where
            )
    if change.type is ChangeType.CORRECTION or change.after is None:
        raise InputError("is a correction: pin the base's status instead", where=where)
    return change


def _on_change(change: Change, verdict: Verdict, since: str, who: str, at: datetime) -> Ruling:
    assert change.after is not None
    return Ruling(
        verdict=verdict,
        kind=change.kind,
        subject=change.subject,
        value=change.after,
        since=since,
        who=who,
        at=at,
        change_id=change.id,
    )


def _reject(processor: Processor, change_id: int, because: str, who: str, at: datetime, session: Session) -> Ruled:
    change = _change(session, change_id)
    origins = sorted({item.origin for item in knowledge.evidence_by_ids(session, change.claim_ids)})
    ruling = replace(
        _on_change(change, Verdict.REJECT, change.at.date().isoformat(), who, at),
        origins=tuple(origins),
        because=because,
    )
    before = processor.folded(session, change.kind, change.subject, at=at)
    done = _ruled(processor, session, ruling, at)
    after = processor.folded(session, change.kind, change.subject, at=at)
    aside = {item.claim_id for item in after.set_aside} - {item.claim_id for item in before.set_aside}
    kept: list[Change] = []
    if change.version_id is not None and aside:
        kept = _corrections(processor, session, change.version_id, before, after, aside, done.ruling)
    processor.take_back(session, change_id, outbox.rejection(who, at, because), kept)
    return replace(done, correction=kept[0] if kept else None)


def _corrections(
    processor: Processor,
    session: Session,
    version_id: int,
    before: Folded,
    after: Folded,
    aside: Iterable[int],
    ruling: Ruling,
) -> list[Change]:
    """What the rejection changes of what is known, kept as corrections that name it."""
    raised = compare(
        before,
        after,
        version=versions.version(session, version_id),
        evidence=[],
        withdrawn=knowledge.evidence_by_ids(session, aside),
        rules=processor.rules,
        at=ruling.at,
    )
    corrections = [replace(c, version_id=None, ruling_id=ruling.id) for c in raised if c.type is ChangeType.CORRECTION]
    return [knowledge.save_change(session, correction) for correction in corrections]


def _ruled(processor: Processor, session: Session, ruling: Ruling, at: datetime) -> Ruled:
    return _folded(processor, session, rulings.save(session, ruling), at)


def _folded(processor: Processor, session: Session, ruling: Ruling, at: datetime) -> Ruled:
    folded = processor.folded(session, ruling.kind, ruling.subject, at=at)
    processor.keep(session, ruling.kind, ruling.subject, folded, at=at)
    fact = knowledge.current(session, ruling.kind, ruling.subject, Slot.FACT)
    return Ruled(ruling=ruling, fact=fact or knowledge.current(session, ruling.kind, ruling.subject, Slot.PLAN))
