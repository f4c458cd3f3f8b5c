"""What the report tells: records out of the store, as they were known at one moment."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from db import health, knowledge
from db.records import Change, Evidence, Kind, KnownFact, Role, Slot, SourceHealth, Support
from monitor.knowing.rules import Rules
from monitor.telling.alert import Edited
from monitor.telling.edited import edit_of
from monitor.topics import Topic

TOLD = 12  # changes that are told with quotes and edits
LISTED = 200  # changes before those, a line each
CLAIMS = 1500  # claims of the troop figure that are drawn, the newest ones


@dataclass(frozen=True, kw_only=True)
class Known:
    """What the report tells.

    history: of each kind and subject all that was ever held, facts and plans, in the order recorded. changes: the last
    ones, oldest first; earlier: how many came before them. claims: what was said of the number of troops, oldest first.
    evidence: by claim id. edits: by change id, where a change came by an edit. outlets: name and reliability by source.
    """

    topic: Topic
    rules: Rules
    as_of: datetime
    history: Mapping[tuple[Kind, str], Sequence[KnownFact]]
    changes: Sequence[Change]
    earlier: int
    claims: Sequence[Evidence]
    evidence: Mapping[int, Evidence]
    edits: Mapping[int, Edited]
    sources: Sequence[SourceHealth]
    outlets: Mapping[str, tuple[str, str]]

    def current(self, kind: Kind, subject: str, slot: Slot = Slot.FACT) -> KnownFact | None:
        """What is held of a subject at `as_of`, or None."""
        return next((fact for fact in self.of(kind, subject, slot) if fact.superseded_at is None), None)

    def of(self, kind: Kind, subject: str, slot: Slot = Slot.FACT) -> list[KnownFact]:
        """What was held of a subject, one after the other."""
        return [fact for fact in self.history.get((kind, subject), ()) if fact.slot is slot]

    def plans(self) -> list[KnownFact]:
        """Every plan that is held at `as_of`."""
        every = (fact for facts in self.history.values() for fact in facts)
        return [fact for fact in every if fact.slot is Slot.PLAN and fact.superseded_at is None]


def gather(session: Session, topic: Topic, rules: Rules, *, as_of: datetime) -> Known:
    """Read it from the store, as it was known then; the sources' health is always of now."""
    history = {
        (kind, subject): found
        for kind in (Kind.BASE_STATUS, Kind.TROOP_FIGURE, Kind.DEADLINE)
        for subject in _subjects(topic, kind)
        if (found := knowledge.history(session, kind, subject, as_of=as_of))
    }
    changes = [change for change in knowledge.changes(session) if change.at <= as_of]
    claims = _claims(session, topic, as_of)
    told = changes[-TOLD:]
    standing = [fact for facts in history.values() for fact in facts if fact.superseded_at is None]
    wanted = {support.claim_id for fact in standing for support in _support(fact)}
    wanted |= {number for change in told for number in change.claim_ids}
    evidence = {item.id: item for item in knowledge.evidence_by_ids(session, wanted)}
    return Known(
        topic=topic,
        rules=rules,
        as_of=as_of,
        history=history,
        changes=changes[-TOLD - LISTED :],
        earlier=max(0, len(changes) - TOLD - LISTED),
        claims=claims,
        evidence=evidence,
        edits={change.id or 0: edited for change in told if (edited := edit_of(session, change))},
        sources=health.all_health(session),
        outlets={item.source: (item.outlet, item.reliability) for item in (*evidence.values(), *claims)},
    )


def _subjects(topic: Topic, kind: Kind) -> list[str]:
    return list(topic.bases) if kind is Kind.BASE_STATUS else [topic.whole(kind), *topic.bases]


def _support(fact: KnownFact) -> list[Support]:
    return [support for side in (fact.held, *fact.rivals) for support in side.support]


def _claims(session: Session, topic: Topic, as_of: datetime) -> list[Evidence]:
    """What was said of how many troops there are or shall be, each article's saying once, as it stood last."""
    kind = Kind.TROOP_FIGURE
    last = {}
    for item in knowledge.said(session, kind, topic.whole(kind), as_of=as_of):
        value = item.claim.value
        if getattr(value, "role", None) in (Role.PRESENT, Role.TARGET):
            last[item.article_id, value, item.claim.modality] = item
    return sorted(last.values(), key=lambda item: (item.published, item.id))[-CLAIMS:]
