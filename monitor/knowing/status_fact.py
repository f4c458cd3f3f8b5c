"""The known fact of a base: the last episode, what stands against it, and who says another day."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta

from db.records import Kind, KnownFact, Period, Position, Slot, Status, StatusValue
from monitor.knowing.credibility import confidence
from monitor.knowing.position import SHOWN, carriers, comparable, position
from monitor.knowing.rules import Rules
from monitor.knowing.statuses import GONE, PRESENT, Episode, episodes, same_status
from monitor.knowing.weighed import Weighed, since

_EPISODES = 6  # that can be gone back when the last ones fall


def status_fact(
    subject: str, claims: list[Weighed], baseline: Weighed | None, *, rules: Rules, at: datetime
) -> KnownFact | None:
    """What is held of a base at `at`, the stronger side first; None when nothing is known."""
    line = episodes(claims, baseline, rules)
    if not line:
        return None
    now = line[-1]
    contested = now.contested(rules)
    sides = [position(_shown(now, rules, at), now.supports, contested=contested)]
    for value, against in now.sides().items():
        before = next((e for e in reversed(line[:-1]) if same_status(e.value, value)), None)
        begun = since(before.supports) if before is not None else ""
        sides.append(position(value, against, contested=contested, from_when=begun))
    sides.sort(key=lambda side: -side.confidence)
    disputed, other_days = _other_days(now, rules)
    refuted = [position(episode.value, episode.supports) for episode in now.refuted]
    return KnownFact(
        kind=Kind.BASE_STATUS,
        subject=subject,
        slot=Slot.FACT,
        held=sides[0],
        contested=contested or disputed,
        rivals=(*sides[1:], *other_days, *refuted),
        recorded_at=at,
    )


def carrying_status(claims: Iterable[Weighed], baseline: Weighed | None, rules: Rules) -> list[Weighed]:
    """The claims without which a base's status would be another: those that carry its last episodes, the last of each
    value, or a side against one of them."""
    line = episodes(claims, baseline, rules)
    last = {episode.value: episode for episode in line}
    out: list[Weighed] = []
    for episode in (*line[-_EPISODES:], *last.values()):
        refuted = (other.supports for other in episode.refuted)
        for side in (episode.supports, *episode.sides().values(), *refuted):
            out += carriers(side, shown=SHOWN if episode is line[-1] else 0)
    return out


def _shown(now: Episode, rules: Rules, at: datetime) -> StatusValue:
    """A reinforcement is an event: long after the last one the base is plainly active."""
    last = max(claim.last for claim in now.supports)
    if now.value.status is Status.REINFORCED and at.date() - last > timedelta(days=rules.lapse_days):
        return StatusValue(status=Status.ACTIVE)
    return now.value


def _other_days(now: Episode, rules: Rules) -> tuple[bool, list[Position]]:
    """Sides that say the same of another time, and whether one is too far off to be about the same event.

    A presence has no day of its own to dispute. Only a leaving that is complete happened at one time: a withdrawal
    that is told of again a month later goes on.
    """
    if now.value.status in PRESENT:
        return False, []
    held = Period.parse(since(now.supports))
    with_held = [c for c in now.supports if c.dated and c.period.overlaps(held)]
    agreed = {c.origin for c in with_held}
    told = min((c.published.date() for c in now.supports if c.dated), default=date.max)
    slack = timedelta(days=rules.date_slack_days)
    groups: dict[str, list[Weighed]] = {}
    for claim in now.supports:
        news = claim.dated or claim.published.date() <= told
        apart = claim.first - held.last > (timedelta() if claim.dated else slack)
        if news and apart and claim.origin not in agreed and not claim.period.overlaps(held):
            groups.setdefault(claim.date_text, []).append(claim)
    own = confidence(with_held)
    far = [
        claims
        for claims in groups.values()
        if min(c.first for c in claims) - held.last > slack and comparable(own, confidence(claims), rules.comparable)
    ]
    return bool(far) and now.value.status in GONE, [position(now.value, groups[day]) for day in sorted(groups)]
