"""Folding: from the live claims about one subject to what is known of it. A pure function of the set of claims."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from db.records import BaselineFact, Evidence, Figure, Kind, KnownFact, Modality, Ruling, Slot
from monitor.knowing.figures import figure_fact
from monitor.knowing.plans import Announced, announced, plan_fact, planned
from monitor.knowing.position import position
from monitor.knowing.rules import Rules
from monitor.knowing.rulings import confirmed, pinned, without_rejected
from monitor.knowing.status_fact import status_fact
from monitor.knowing.weighed import Memo, SetAside, Weighed, weigh_all, weigh_baseline


@dataclass(frozen=True, kw_only=True, slots=True)
class Folded:
    """What is known of a subject, and what is planned beside it.

    anchor: the figure that a later one is compared by. announced: the plans that were announced. set_aside: claims
    that count for nothing, with the reason.
    """

    fact: KnownFact | None = None
    plan: KnownFact | None = None
    anchor: Figure | None = None
    announced: tuple[Announced, ...] = ()
    set_aside: tuple[SetAside, ...] = ()


def fold(
    evidence: Sequence[Evidence],
    baseline: BaselineFact | None,
    *,
    rules: Rules,
    at: datetime,
    rulings: Sequence[Ruling] = (),
    memo: Memo | None = None,
) -> Folded:
    """What follows from the live claims of one kind and subject, in whatever order, from the baseline and rulings.

    at: the time for which it is folded; it dates the facts, lets a reinforcement lapse, and says which rulings stand.
    memo: claims weighed before under the same rules, see `weigh_all`.
    Raises ValueError when the claims are of several subjects.
    """
    places = {(item.claim.kind, item.claim.subject) for item in evidence}
    if baseline is not None:
        places.add((baseline.kind, baseline.subject))
    standing = [ruling for ruling in rulings if ruling.stands(at)]
    places.update((ruling.kind, ruling.subject) for ruling in standing)
    if not places:
        return Folded()
    if len(places) > 1:
        raise ValueError(f"claims of several subjects: {sorted(places)}")
    kind, subject = places.pop()
    if rules.knows is not None and not rules.knows(subject):
        gone = f"the topic has no {subject}"
        return Folded(set_aside=tuple(SetAside(claim_id=item.id, reason=gone) for item in evidence))
    claims, set_aside = weigh_all(evidence, rules, memo)
    claims, rejected = without_rejected(claims, standing, rules)
    claims += confirmed(standing, at.date())
    start = weigh_baseline(baseline, rules) if baseline is not None else None
    fact, anchor = _fact(kind, subject, claims, start, rules, at)
    fact = pinned(fact, claims, standing, rules=rules, at=at)
    plans = planned(kind, claims)
    known = announced(kind, plans, rules)
    plan = plan_fact(kind, subject, plans, known, fact, at=at)
    return Folded(fact=fact, plan=plan, anchor=anchor, announced=known, set_aside=(*set_aside, *rejected))


def _fact(
    kind: Kind, subject: str, claims: list[Weighed], start: Weighed | None, rules: Rules, at: datetime
) -> tuple[KnownFact | None, Figure | None]:
    if kind is Kind.BASE_STATUS:
        return status_fact(subject, claims, start, rules=rules, at=at), None
    if kind is Kind.TROOP_FIGURE:
        return figure_fact(subject, claims, start, rules=rules, at=at)
    if kind is Kind.DEADLINE:
        return None, None
    return _latest(kind, subject, claims, start, at), None


def _latest(kind: Kind, subject: str, claims: list[Weighed], start: Weighed | None, at: datetime) -> KnownFact | None:
    """Kinds that raise no alert: what was said last, with those who say the same."""
    told = [c for c in claims if c.modality is Modality.ASSERTED]
    told = [start, *told] if start is not None else told
    if not told:
        return None
    last = max(told, key=lambda c: (c.last, c.weight, c.key))
    same = [c for c in told if c.value == last.value]
    return KnownFact(kind=kind, subject=subject, slot=Slot.FACT, held=position(last.value, same), recorded_at=at)
