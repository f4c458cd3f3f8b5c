"""Everything folded again from what the stored versions say, with alerts off: what would be known and raised now.

The same claims, rules and rulings give the same facts as the daily run; other weights, or a topic that moved on, may
not, and then the difference is told. What was raised once stays on record: nobody is told anything again.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from math import inf

from sqlalchemy.orm import Session

from db import knowledge, losses, rulings
from db.records import Change, Kind, KnownFact, Ruling, Slot
from monitor.knowing.fold import Folded
from monitor.knowing.refold import Place, Refold
from monitor.process import Processor


@dataclass(frozen=True, kw_only=True, slots=True)
class Difference:
    """A fact, or a plan, that is another when it is folded again; None where there is none."""

    kind: Kind
    subject: str
    slot: Slot
    was: KnownFact | None
    now: KnownFact | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Rebuilt:
    """What folding everything again gave. gone: changes that were raised and would not be now; new: the reverse.

    Changes before the first that was raised belong to the first fill, and those of a person's rejection to no
    version; neither is compared.
    """

    versions: int
    claims: int
    differences: Sequence[Difference]
    gone: Sequence[Change]
    new: Sequence[Change]

    @property
    def same(self) -> bool:
        """Whether nothing differs."""
        return not (self.differences or self.gone or self.new)


def rebuild(processor: Processor, *, at: datetime, keep: bool) -> Rebuilt:
    """Fold everything again. keep: hold what differs from `at` on, with what settles now; else only tell of it."""
    with processor.store.reading() as session:
        refold, done = _refolded(processor, session, at)
    if keep:

        def work(session: Session) -> None:
            knowledge.settle_anew(session, refold.settled, refold.settled_until)
            for kind, subject in dict.fromkeys((d.kind, d.subject) for d in done.differences):
                folded = _recorded(refold.folded.get((kind, subject), Folded()), at)
                processor.keep(session, kind, subject, folded, at=at)

        processor.store.submit(work).result()
    return done


def _recorded(folded: Folded, at: datetime) -> Folded:
    """What was folded as held from `at` on: until then something else was known, and that stays on record."""
    fact, plan = (side and replace(side, recorded_at=at) for side in (folded.fact, folded.plan))
    return replace(folded, fact=fact, plan=plan)


def _refolded(processor: Processor, session: Session, at: datetime) -> tuple[Refold, Rebuilt]:
    given: defaultdict[Place, list[Ruling]] = defaultdict(list)
    for ruling in rulings.every(session):
        given[ruling.kind, ruling.subject].append(ruling)
    baseline = {(fact.kind, fact.subject): fact for fact in knowledge.baselines(session)}
    refold = Refold(processor.rules, baseline=baseline, rulings=given)
    told = [*knowledge.changes(session), *knowledge.due_held(session, datetime.max.replace(tzinfo=UTC))]
    first = min((change.version_id for change in told if change.version_id is not None), default=None)
    again: list[Change] = []
    versions = claims = 0
    releases = deque(losses.released(session))

    def release(before: float) -> None:
        while releases and releases[0].after < before:
            one = releases.popleft()
            again.extend(refold.release(one, quiet=first is None or one.after < first))

    for seen, evidence in knowledge.by_version(session):
        release(seen.id)
        versions, claims = versions + 1, claims + len(evidence)
        quiet = first is None or seen.id < first
        again += refold.take(seen, seen.article_id, evidence, quiet=quiet, holds=seen.holds)
    release(inf)
    again += refold.held()
    refold.finish(at)
    told = [change for change in told if change.version_id is not None]
    return refold, Rebuilt(
        versions=versions,
        claims=claims,
        differences=_differences(knowledge.facts(session), refold),
        gone=_without(told, again),
        new=_without(again, told),
    )


def _differences(held: Sequence[KnownFact], refold: Refold) -> list[Difference]:
    was = {(fact.kind, fact.subject, fact.slot): fact for fact in held}
    now = {
        (*place, slot): fact
        for place, folded in refold.folded.items()
        for slot, fact in ((Slot.FACT, folded.fact), (Slot.PLAN, folded.plan))
        if fact is not None
    }
    return [
        Difference(kind=key[0], subject=key[1], slot=key[2], was=was.get(key), now=now.get(key))
        for key in sorted(was.keys() | now.keys())
        if not knowledge.same_saying(was.get(key), now.get(key))
    ]


def _without(some: Sequence[Change], others: Sequence[Change]) -> list[Change]:
    """Those of `some` that have no like among `others`."""

    def what(change: Change) -> tuple[object, ...]:
        return change.version_id, change.kind, change.subject, change.type, change.after

    there = {what(change) for change in others}
    return [change for change in some if what(change) not in there]
