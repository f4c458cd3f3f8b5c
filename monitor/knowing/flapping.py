"""Hold-down: a subject that goes A → B → A within a short time gives one change and a note, not three alerts.

The first change is told at once. One that only takes it back is held, with a note on the first, until the hold-down of
the first is over; it is told then if it is still what is known, so that nobody is left with what no longer holds.
Corrections and contradictions are never held: they take back, or put in doubt, what was told.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from db.records import Change, ChangeType, KnownFact, Note
from monitor.knowing.rules import Rules

_PLAIN = frozenset({ChangeType.UPDATE, ChangeType.REVERSAL})


@dataclass(frozen=True, kw_only=True, slots=True)
class Met:
    """What becomes of a change. told: to be told now. held: kept back until then. note: for the last one that was told.

    One that was held before this one came is over in any case.
    """

    told: Change | None = None
    held: tuple[Change, datetime] | None = None
    note: Note | None = None


def meet(change: Change, last: Change | None, held: Change | None, rules: Rules) -> Met:
    """A change of a fact meets the last one of its subject that was told, and one that is held since then."""
    if last is None or change.type is ChangeType.PLAN:
        return Met(told=change)
    note = Note(at=change.at, value=change.after, article=change.article)
    if held is not None and change.type in _PLAIN:
        if change.after == last.after:
            return Met(note=note)  # back to what was told
        return Met(told=replace(change, before=last.after, previous=last.held))
    until = last.at + timedelta(minutes=rules.hold_minutes)
    takes_back = last.before is not None and change.after == last.before
    if takes_back and change.type in _PLAIN and last.type in _PLAIN and change.at < until:
        return Met(held=(change, until), note=note)
    return Met(told=change)


def still_so(held: Change, fact: KnownFact | None) -> bool:
    """Whether a change that was held is still what is known, once its hold-down is over."""
    return fact is not None and not fact.contested and fact.held.value == held.after
