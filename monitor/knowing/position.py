"""From weighed claims to a position: one side of what is said of a subject."""

from __future__ import annotations

from collections.abc import Sequence

from db.records import KnownFact, Position, Support, Value
from monitor.knowing.credibility import admiralty, confidence, strongest_by_origin, voices
from monitor.knowing.weighed import BASELINE, Weighed, dating, since

SHOWN = 60  # claims kept with a side: a fact that a thousand articles repeat is written again with each of them


def position(value: Value, claims: Sequence[Weighed], *, contested: bool = False, from_when: str = "") -> Position:
    """The side that `claims` (at least one) carry. from_when: since when, where it is not theirs to say."""
    ordered = sorted(claims, key=lambda c: (-c.weight, c.key))
    told = [c for c in ordered if c.claim_id is not None]
    return Position(
        value=value,
        since=from_when or since(claims),
        confidence=confidence(claims),
        credibility=admiralty(claims, contested=contested),
        origins=len(strongest_by_origin(claims)),
        support=tuple(
            Support(claim_id=c.claim_id, origin=c.origin, weight=c.weight, factors=c.factors)
            for c in told[:SHOWN]
            if c.claim_id is not None
        ),
        more=max(len(told) - SHOWN, 0),
        source=next((c.source for c in ordered if c.origin == BASELINE), ordered[0].source),
    )


def carriers(claims: Sequence[Weighed], *, shown: int = SHOWN) -> list[Weighed]:
    """Those of a side's claims without which its position would be another, and the heaviest `shown`; none of none."""
    if not claims:
        return []
    heaviest = sorted(claims, key=lambda c: (-c.weight, c.key))[:shown]
    direct, hearsay = voices(claims)
    return [*heaviest, *direct.values(), *hearsay.values(), *dating(claims)]


def comparable(one: float, other: float, share: float) -> bool:
    """Whether the weaker weighs at least `share` of the stronger; a side without weight is never comparable."""
    return min(one, other) > 0 and min(one, other) >= share * max(one, other)


def rivals_in_value(fact: KnownFact | None, share: float) -> tuple[Position, ...]:
    """The sides of a contested fact that hold another value at comparable weight; a dispute of dates has none."""
    if fact is None or not fact.contested:
        return ()
    held = fact.held
    return tuple(
        side for side in fact.rivals if side.value != held.value and comparable(side.confidence, held.confidence, share)
    )
