"""What changed between two foldings, and of which type; told once for a version."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from collections.abc import Set as AbstractSet
from datetime import date, datetime, timedelta
from typing import Protocol

from db.records import (
    Change,
    ChangeType,
    Evidence,
    Figure,
    Kind,
    KnownFact,
    Modality,
    Period,
    Position,
    Status,
    StatusValue,
    Value,
)
from monitor.knowing.fold import Folded
from monitor.knowing.intervals import interval, overlap
from monitor.knowing.plans import covers
from monitor.knowing.position import rivals_in_value
from monitor.knowing.rules import Rules
from monitor.knowing.statuses import GONE, ORDER, PRESENT, same_status


class Told(Protocol):
    """Which version it is: all that folding needs of one beside its claims."""

    @property
    def id(self) -> int: ...
    @property
    def url(self) -> str: ...
    @property
    def seen_at(self) -> datetime: ...


def compare(
    before: Folded,
    after: Folded,
    *,
    version: Told,
    evidence: Sequence[Evidence],
    withdrawn: Sequence[Evidence],
    rules: Rules,
    at: datetime,
    beside: Sequence[KnownFact] = (),
) -> list[Change]:
    """The changes that a version raises for one subject: of the fact, and of the plan beside it.

    before, after: folded with the same `at` and rules. evidence: the subject's live claims, this version's among
    them. withdrawn: the claims that this version's article no longer carries. beside: what is held of bases that are
    spoken of as one with it, this version included where it was folded for them before.
    """
    change = _fact_change(before, after, version, evidence, withdrawn, rules, at)
    if change is not None and (_is_known_beside(change, beside, rules) or _is_of_old(change, evidence, rules)):
        change = None
    out = [change]
    out.append(_plan_change(before, after, version, evidence, rules, at))
    return [change for change in out if change is not None]


def _fact_change(
    before: Folded,
    after: Folded,
    version: Told,
    evidence: Sequence[Evidence],
    withdrawn: Sequence[Evidence],
    rules: Rules,
    at: datetime,
) -> Change | None:
    if before.fact is None and after.fact is None:
        return None
    gone = {item.id for item in withdrawn}
    kind = _type(before, after, version, evidence, gone, rules, at)
    if kind is None:
        return None
    new = _new_side(before.fact, after.fact, kind, rules)
    known = before.fact or after.fact
    if known is None or (known.kind is not Kind.BASE_STATUS and known.kind is not Kind.TROOP_FIGURE):
        return None
    previous = _previous(before.fact, new, kind, rules)
    return Change(
        kind=known.kind,
        subject=known.subject,
        type=kind,
        before=previous.value if previous else None,
        after=new.value if new else None,
        at=at,
        article=version.url,
        version_id=version.id,
        claim_ids=_claims(new, evidence, version, gone if kind is ChangeType.CORRECTION else ()),
        since=new.since if new else "",
        previous=previous,
        held=after.fact.held if after.fact else None,
        rivals=after.fact.rivals if after.fact else (),
    )


def _type(
    before: Folded,
    after: Folded,
    version: Told,
    evidence: Sequence[Evidence],
    gone: AbstractSet[int],
    rules: Rules,
    at: datetime,
) -> ChangeType | None:
    """Which change it is, if any."""
    if before.fact is None:
        return ChangeType.UPDATE if after.fact is not None and _first_is_news(after.fact, rules, at) else None
    if after.fact is None:
        return ChangeType.CORRECTION if gone & _support_ids(before.fact.held) else None
    was, now = before.fact, after.fact
    doubts, doubts_now = rivals_in_value(was, rules.comparable), rivals_in_value(now, rules.comparable)
    known = [was.held.value, *(side.value for side in doubts)]
    if doubts_now:
        sides = [now.held.value, *(side.value for side in doubts_now)]
        return ChangeType.CONTESTED if any(not _among(value, known, rules) for value in sides) else None
    if doubts:
        lost = set().union(*(_support_ids(side) for side in (was.held, *doubts)))
        if gone & lost:
            return ChangeType.CORRECTION
        oldest = min(_first_day(side) for side in (was.held, *doubts))
        as_shown = _same(was.held.value, now.held.value, before, after, rules)
        settled_new = isinstance(now.held.value, StatusValue) and _first_day(now.held) > oldest
        return ChangeType.UPDATE if settled_new or not as_shown else None
    if _same(was.held.value, now.held.value, before, after, rules):
        return None
    if gone & _support_ids(was.held) and not _went_on(was, now, version, evidence):
        return ChangeType.CORRECTION
    return ChangeType.REVERSAL if _goes_back(was.held.value, now.held.value) else ChangeType.UPDATE


def _is_of_old(change: Change, evidence: Sequence[Evidence], rules: Rules) -> bool:
    """Whether articles that were old when they were seen tell it, and they alone told what was known before: an archive
    tells what was, not what is new."""
    if change.type is ChangeType.CORRECTION or change.previous is None:
        return False
    days = timedelta(days=rules.news_days)
    old = {item.id for item in evidence if item.at - item.published > days}
    before = _support_ids(change.previous)
    return bool(before) and old.issuperset((*change.claim_ids, *before))


def _is_known_beside(change: Change, beside: Sequence[KnownFact], rules: Rules) -> bool:
    """Whether a base that is spoken of as one with this base has come to the same already: lately, or at any time where
    nothing was known of this one."""
    new = change.held.value if change.held else None
    if change.type is not ChangeType.UPDATE or not isinstance(new, StatusValue):
        return False
    same = [
        fact.held for fact in beside if isinstance(fact.held.value, StatusValue) and same_status(fact.held.value, new)
    ]
    lately = change.at.date() - timedelta(days=rules.date_slack_days)
    return any(change.before is None or _last_day(side) >= lately for side in same)


def _first_is_news(fact: KnownFact, rules: Rules, at: datetime) -> bool:
    """A first value is news when it is no presence and began lately; a first figure is compared with nothing."""
    value = fact.held.value
    if not isinstance(value, StatusValue) or value.status is Status.ACTIVE:
        return False
    period = Period.parse(fact.held.since)
    last = min(period.last, max(period.first, at.date()))
    middle = period.first + (last - period.first) / 2
    return at.date() - middle <= timedelta(days=rules.news_days)


def _same(one: Value, other: Value, before: Folded, after: Folded, rules: Rules) -> bool:
    """Whether two held values need no telling: alike, implied by each other, or figures that can both be true."""
    if isinstance(one, StatusValue) and isinstance(other, StatusValue):
        plainer = one.status is Status.REINFORCED and other.status is Status.ACTIVE
        return plainer or same_status(one, other)
    if isinstance(one, Figure) and isinstance(other, Figure):
        return overlap(interval(before.anchor or one, rules), interval(after.anchor or other, rules))
    return one == other


def _among(value: Value, known: Sequence[Value], rules: Rules) -> bool:
    if isinstance(value, Figure):
        return any(isinstance(k, Figure) and overlap(interval(k, rules), interval(value, rules)) for k in known)
    return any(value == k or (isinstance(value, StatusValue) and _alike(value, k)) for k in known)


def _alike(value: StatusValue, known: Value) -> bool:
    """Whether a side of a contested status is known already; any presence is one side against a leaving."""
    if not isinstance(known, StatusValue):
        return False
    return same_status(value, known) or (value.status in PRESENT and known.status in PRESENT)


def _went_on(was: KnownFact, now: KnownFact, version: Told, evidence: Sequence[Evidence]) -> bool:
    """Whether an article that dropped a claim tells what came after it, rather than that it was wrong.

    A further step of a withdrawal went on. So did a return, when the article still tells the leaving as history.
    A figure went on when the new one is of a later day.
    """
    old, new = was.held.value, now.held.value
    mine = [item.claim for item in evidence if item.version_id == version.id]
    if isinstance(old, StatusValue) and isinstance(new, StatusValue):
        further = ORDER[new.status] > ORDER[old.status] and any(claim.value == new for claim in mine)
        told = any(c.modality is Modality.HISTORICAL and c.value == old for c in mine)
        return further or (told and _goes_back(old, new))
    later = _first_day(now.held) > _last_day(was.held)
    return later and any(claim.value == new and claim.date is not None for claim in mine)


def _first_day(side: Position) -> date:
    return Period.parse(side.since).first


def _last_day(side: Position) -> date:
    return Period.parse(side.since).last


def _goes_back(old: Value, new: Value) -> bool:
    leaving = isinstance(old, StatusValue) and (old.status in GONE or old.status is Status.WITHDRAWING)
    return leaving and isinstance(new, StatusValue) and new.status in PRESENT


def _new_side(was: KnownFact | None, now: KnownFact | None, kind: ChangeType, rules: Rules) -> Position | None:
    """The side that a change is about: of a contested fact the one that is not what was held."""
    if now is None:
        return None
    if kind is ChangeType.CONTESTED and was is not None and now.held.value == was.held.value:
        return rivals_in_value(now, rules.comparable)[0]
    return now.held


def _previous(was: KnownFact | None, new: Position | None, kind: ChangeType, rules: Rules) -> Position | None:
    """What was known before: of a contested fact that is settled, the side that it was not settled for."""
    if was is None:
        return None
    doubts = rivals_in_value(was, rules.comparable)
    if kind is not ChangeType.CONTESTED and new is not None and doubts and new.value == was.held.value:
        return doubts[0]
    return was.held


def _support_ids(side: Position) -> set[int]:
    return {support.claim_id for support in side.support}


def _claims(
    side: Position | None, evidence: Sequence[Evidence], version: Told, withdrawn: Collection[int]
) -> tuple[int, ...]:
    """The claims behind a change, this version's first, then by weight; for a correction those taken back come last."""
    mine = {item.id for item in evidence if item.version_id == version.id}
    support = [s.claim_id for s in side.support] if side else []
    carried = [i for i in support if i in mine] or support
    return (*carried, *sorted(set(withdrawn) - set(carried)))


def _plan_change(
    before: Folded, after: Folded, version: Told, evidence: Sequence[Evidence], rules: Rules, at: datetime
) -> Change | None:
    """An announcement that no announced plan covers; of several in a version the first that bounds it both ways."""
    if after.plan is None:
        return None
    fresh = at - timedelta(days=rules.news_days)
    known = [plan.value for plan in before.announced]
    new = [
        plan
        for plan in after.announced
        if plan.published >= fresh and not any(covers(value, plan.value, rules) for value in known)
    ]
    if not new:
        return None
    plan = min(new, key=lambda p: isinstance(p.value, Figure) and p.value.high is None)
    sides = (after.plan.held, *after.plan.rivals)
    side = next((s for s in sides if s.value == plan.value), None)
    mine = {item.id for item in evidence if item.version_id == version.id}
    rumour = before.plan.held if before.plan else None
    previous = rumour if rumour is not None and rumour.value != plan.value else None  # now it is more than a rumour
    return Change(
        kind=after.plan.kind,
        subject=after.plan.subject,
        type=ChangeType.PLAN,
        before=previous.value if previous else None,
        after=plan.value,
        at=at,
        article=version.url,
        version_id=version.id,
        claim_ids=tuple(i for i in plan.claim_ids if i in mine) or plan.claim_ids,
        since=plan.published.date().isoformat(),
        previous=previous,
        held=side,
        rivals=tuple(s for s in sides if s is not side),
    )
