"""Settling: old claims that no longer have a part in what is known of a subject are not folded again.

A claim of some months ago still counts where it carries something: what is known, what speaks against it, what was
known before, a plan. The others are settled. They stay on record, but what is folded does not grow with the years.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from db.records import BaselineFact, Evidence, Kind, KnownFact, Modality, Ruling
from monitor.knowing.figures import carrying_figures
from monitor.knowing.fold import Folded, fold
from monitor.knowing.plans import carrying_plans, planned
from monitor.knowing.position import carriers, rivals_in_value
from monitor.knowing.rules import Rules
from monitor.knowing.status_fact import carrying_status
from monitor.knowing.weighed import Weighed, weigh_all, weigh_baseline

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, kw_only=True, slots=True)
class Settled:
    """The ids of a subject's claims that settle. until: those seen before it were looked through."""

    ids: frozenset[int]
    until: datetime


def settling(
    evidence: Sequence[Evidence],
    baseline: BaselineFact | None,
    *,
    rules: Rules,
    at: datetime,
    until: datetime | None,
    rulings: Sequence[Ruling] = (),
) -> Settled | None:
    """Which of the live claims of one kind and subject settle at `at`; None when nothing is due.

    Due is a subject once in `settle_days`, for the claims seen before the period that ended last; so a claim is folded
    for one to two such periods. While a person's word stands, nothing settles. until: up to when it was done last.
    """
    period = timedelta(days=rules.settle_days)
    before = _EPOCH + ((at - _EPOCH) // period - 1) * period
    if (until is not None and until >= before) or any(ruling.stands(at) for ruling in rulings):
        return None
    return Settled(ids=_settled(evidence, baseline, rules, at, before), until=before)


def _settled(
    evidence: Sequence[Evidence], baseline: BaselineFact | None, rules: Rules, at: datetime, before: datetime
) -> frozenset[int]:
    """None of the claims where they are few, or where what is known would be another without them: then they are
    looked through next time."""
    if sum(item.at < before for item in evidence) <= rules.settle_beyond:
        return frozenset()
    whole = fold(evidence, baseline, rules=rules, at=at)
    aside = {item.claim_id for item in whole.set_aside}
    carried = aside | _carrying(evidence, baseline, rules, at)
    kept = [item for item in evidence if item.at >= before or item.id in carried]
    if not _alike(whole, fold(kept, baseline, rules=rules, at=at), rules):
        return frozenset()
    return frozenset(item.id for item in evidence) - {item.id for item in kept}


def _carrying(evidence: Sequence[Evidence], baseline: BaselineFact | None, rules: Rules, at: datetime) -> set[int]:
    kind = evidence[0].claim.kind
    claims, _ = weigh_all(evidence, rules)
    start = weigh_baseline(baseline, rules) if baseline is not None else None
    carrying = carrying_plans(kind, planned(kind, claims), rules)
    if kind is Kind.BASE_STATUS:
        carrying += carrying_status(claims, start, rules)
    elif kind is Kind.TROOP_FIGURE:
        carrying += carrying_figures(claims, start, rules, at=at)
    else:
        carrying += _last_said(claims)
    return {claim.claim_id for claim in carrying if claim.claim_id is not None}


def _last_said(claims: Sequence[Weighed]) -> list[Weighed]:
    told = [claim for claim in claims if claim.modality is Modality.ASSERTED]
    last = max(told, key=lambda c: (c.last, c.weight, c.key), default=None)
    return carriers([c for c in told if last is not None and c.value == last.value])


def _alike(one: Folded, other: Folded, rules: Rules) -> bool:
    """Whether two foldings say the same, by equal weights; what no longer weighs against it may be shown by fewer."""
    plans = [{(plan.value, plan.published) for plan in folded.announced} for folded in (one, other)]
    return plans[0] == plans[1] and one.anchor == other.anchor and _said(one, rules) == _said(other, rules)


def _said(folded: Folded, rules: Rules) -> tuple[object, ...]:
    return (*_sides(folded.fact, rules), *_sides(folded.plan, rules))


def _sides(fact: KnownFact | None, rules: Rules) -> list[object]:
    if fact is None:
        return [None]
    sides = (fact.held, *rivals_in_value(fact, rules.comparable))
    return [fact.contested, *((s.value, s.since, s.confidence, s.credibility, s.origins) for s in sides)]
