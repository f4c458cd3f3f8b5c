"""What is planned beside what is: a base's next step, a target figure, deadlines; and what of it is announced."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from db.records import Deadline, Figure, Kind, KnownFact, Modality, Role, Slot, StatusValue, Value
from monitor.knowing.credibility import strongest_by_origin
from monitor.knowing.intervals import interval, overlap, span
from monitor.knowing.position import carriers, position
from monitor.knowing.rules import Rules
from monitor.knowing.statuses import ORDER
from monitor.knowing.weighed import Weighed


@dataclass(frozen=True, kw_only=True, slots=True)
class Announced:
    """A plan that counts as announced: by a named or official source, or by two origins.

    published: when it first was.
    """

    value: Value
    published: datetime
    claim_ids: tuple[int, ...]


def planned(kind: Kind, claims: Iterable[Weighed]) -> list[Weighed]:
    """The claims that speak of a plan, of the kinds that keep one, in the order of publication."""
    wanted = [claim for claim in claims if _is_plan(kind, claim)]
    return sorted(wanted, key=lambda c: c.key)


def _is_plan(kind: Kind, claim: Weighed) -> bool:
    told = claim.modality in (Modality.PLANNED, Modality.ASSERTED)
    match claim.value:
        case StatusValue():
            return claim.modality is Modality.PLANNED
        case Figure(role=role):
            return kind is Kind.TROOP_FIGURE and told and role is Role.TARGET
        case Deadline():
            return told


def announced(kind: Kind, plans: Sequence[Weighed], rules: Rules) -> tuple[Announced, ...]:
    """The announced plans among `plans`, as first published; statuses are never announced, only kept."""
    if kind not in rules.plan_speakers:
        return ()
    groups = _by_value(plans)
    out: list[Announced] = []
    for value, claims in groups.items():
        named = [c for c in claims if c.speaker_kind in rules.plan_speakers[kind]]
        alike = [c for other in groups for c in groups[other] if other == value or covers(other, value, rules)]
        if named or len(strongest_by_origin(alike)) >= 2:
            ids = tuple(c.claim_id for c in claims if c.claim_id is not None)
            out.append(Announced(value=value, published=(named or claims)[0].published, claim_ids=ids))
    return tuple(out)


def _by_value(plans: Sequence[Weighed]) -> dict[Value, list[Weighed]]:
    groups: dict[Value, list[Weighed]] = {}
    for claim in plans:
        groups.setdefault(claim.value, []).append(claim)
    return groups


def same_plan(one: Value, other: Value, rules: Rules) -> bool:
    """Whether two plans can be one: figures that overlap, deadlines that share a day."""
    match one, other:
        case Figure(), Figure():
            return overlap(interval(one, rules), interval(other, rules))
        case Deadline(), Deadline():
            return span(one).overlaps(span(other))
    return one == other


def covers(known: Value, new: Value, rules: Rules) -> bool:
    """Whether a known plan makes another no news. "At least 500" says too little to cover a number, "fewer than 1,000"
    covers those that are not far below."""
    if isinstance(known, Figure) and isinstance(new, Figure) and new.high is not None:
        if known.high is None:
            return False
        if known.low is None and new.low is not None and new.high < (1 - rules.below) * known.high:
            return False
    return same_plan(known, new, rules)


def carrying_plans(kind: Kind, plans: Sequence[Weighed], rules: Rules) -> list[Weighed]:
    """The plans without which others would be announced, or shown: last words, as far as they carry a plan; and where
    plans are announced, of each value the first, the first by a named source and one of each origin."""
    out: list[Weighed] = []
    final = _last_words(plans)
    for claims in _by_value(final).values():
        out += carriers(claims, shown=0)
    names = rules.plan_speakers.get(kind, frozenset())
    for claims in _by_value(plans).values() if names else ():
        named = [c for c in claims if c.speaker_kind in names]
        out += [claims[0], *named[:1], *strongest_by_origin(claims).values()]
    voices = {(c.origin, c.speaker) for c in out}
    return [*out, *(c for c in final if (c.origin, c.speaker) in voices)]


def plan_fact(
    kind: Kind,
    subject: str,
    plans: Sequence[Weighed],
    known: tuple[Announced, ...],
    fact: KnownFact | None,
    *,
    at: datetime,
) -> KnownFact | None:
    """The plan to show: the last announced, else the last told; the others beside it. None without an open one."""
    open_plans = [c for c in _last_words(plans) if not _fulfilled(c, fact)]
    if not open_plans:
        return None
    groups = _by_value(open_plans)
    ranks = {a.value: a.published for a in known}

    def rank(value: Value) -> tuple[bool, tuple[str, ...]]:
        return value in ranks, max(c.key for c in groups[value])

    order = sorted(groups, key=rank, reverse=True)
    sides = [position(value, groups[value]) for value in order]
    return KnownFact(kind=kind, subject=subject, slot=Slot.PLAN, held=sides[0], rivals=tuple(sides[1:]), recorded_at=at)


def _last_words(plans: Sequence[Weighed]) -> list[Weighed]:
    """One speaker's last word replaces those before it; what one article says at once stands together."""
    last = {(c.origin, c.speaker): c.article for c in plans}
    return [c for c in plans if last[c.origin, c.speaker] == c.article]


def _fulfilled(plan: Weighed, fact: KnownFact | None) -> bool:
    if fact is None or fact.contested or not isinstance(plan.value, StatusValue):
        return False
    held = fact.held.value
    return isinstance(held, StatusValue) and 2 <= ORDER[plan.value.status] <= ORDER[held.status]
