"""Who is told of what, and when: pure decisions from a target's settings. `now` is an argument."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from apscheduler.triggers.cron import CronTrigger

from db.errors import ConfigError
from db.records import Change, ChangeType, HeldBy, Kind, Mute, NoticeKind, Status, StatusValue, utc
from monitor.telling.target import Severity, Target
from monitor.topics import Topic

HOUR = timedelta(hours=1)
_LEFT = {Status.VACATED, Status.HANDED_OVER}
_URGENT_NOTICES = {NoticeKind.STORE_FAILING, NoticeKind.NO_ROOM, NoticeKind.READING_FAILING, NoticeKind.UNDELIVERED}


@dataclass(frozen=True, kw_only=True, slots=True)
class Hold:
    """Why a delivery waits, and until when."""

    until: datetime
    by: HeldBy
    why: str


def severity(change: Change) -> Severity:
    """Urgent is what happened to a base and turns the picture: forces are back, a base is left or handed over, or one
    of these was not so. Low is what is only announced."""
    if change.type is ChangeType.PLAN:
        return Severity.LOW
    if change.type is ChangeType.REVERSAL:
        return Severity.URGENT
    if change.kind is not Kind.BASE_STATUS or change.type is ChangeType.CONTESTED:
        return Severity.NORMAL
    told = change.before if change.type is ChangeType.CORRECTION else change.after
    return Severity.URGENT if isinstance(told, StatusValue) and told.status in _LEFT else Severity.NORMAL


def severity_of_notice(kind: NoticeKind) -> Severity:
    """Urgent is what keeps alerts from being raised or told."""
    return Severity.URGENT if kind in _URGENT_NOTICES else Severity.NORMAL


def wants(target: Target, change: Change, topic: Topic) -> bool:
    """Whether a target is to be told of a change."""
    if severity(change).rank < target.least.rank:
        return False
    if target.types is not None and change.type not in target.types:
        return False
    if target.bases is None and target.governorates is None:
        return True
    base = topic.bases.get(change.subject)
    within = set(base.governorate.values()) & set(target.governorates or ()) if base else set()
    return change.subject in (target.bases or ()) or bool(within)


def addressees(targets: Iterable[Target], changes: Iterable[Change], topic: Topic) -> Mapping[str, Sequence[int]]:
    """For each target's name, the ids of the stored changes that it is to be told of."""
    told = list(changes)
    return {target.name: [c.id for c in told if c.id is not None and wants(target, c, topic)] for target in targets}


def hold(target: Target, weight: Severity, *, created: datetime, now: datetime, mute: Mute | None) -> Hold | None:
    """Why something is not told now, None where it is. mute: the one that stands on its base.

    A mute and a digest hold what is urgent, too; quiet hours do not.
    """
    if mute is not None and mute.until > now:
        return Hold(until=mute.until, by=HeldBy.MUTE, why=f"{mute.base} is muted by {mute.who}")
    if target.digest is not None and (due := next_digest(target, created)) > now:
        return Hold(until=due, by=HeldBy.DIGEST, why="waits for the digest")
    if target.quiet is not None and weight is not Severity.URGENT and (ends := quiet_until(target, now)):
        return Hold(until=ends, by=HeldBy.QUIET, why=f"quiet hours {target.quiet} {target.zone}")
    return None


def over_limit(target: Target, sent: Sequence[datetime], now: datetime) -> Hold | None:
    """Why nothing more is told now: as many messages as the target takes went out in the last hour (times, oldest
    first)."""
    within = [moment for moment in sent if moment > now - HOUR]
    if not target.limit or len(within) < target.limit:
        return None
    return Hold(until=within[-target.limit] + HOUR, by=HeldBy.LIMIT, why=f"more than {target.limit} messages an hour")


def next_digest(target: Target, moment: datetime) -> datetime:
    """When what came at a moment is told by a target that takes digests."""
    if isinstance(target.digest, time):
        return _next(target, moment, hour=target.digest.hour, minute=target.digest.minute)
    hours = target.digest or 1
    return _next(target, moment, hour="0" if hours == 24 else f"*/{hours}", minute=0)


def quiet_until(target: Target, now: datetime) -> datetime | None:
    """When the quiet hours end in which `now` is, None outside of them. The end itself is not quiet."""
    if target.quiet is None:
        return None
    clock, start, end = now.astimezone(target.zone).time(), target.quiet.start, target.quiet.end
    within = start <= clock < end if start < end else clock >= start or clock < end
    return _next(target, now, hour=end.hour, minute=end.minute) if within else None


def _next(target: Target, moment: datetime, **fields: object) -> datetime:
    found: datetime = CronTrigger(timezone=target.zone, **fields).get_next_fire_time(None, moment)
    return utc(found)


def check(targets: Sequence[Target], topic: Topic, path: str) -> list[ConfigError]:
    """What the targets ask for that the topic does not have; each fault names file, table and key."""
    places = {name for base in topic.bases.values() for name in base.governorate.values()}
    faults = []
    for number, target in enumerate(targets, 1):
        where = f"{path}: [[target]] {number} ({target.name}), key"
        for name in target.bases or ():
            if not topic.knows(name):
                what = f"no base of the topic is called {name!r}; `drawdown base` lists them"
                faults.append(ConfigError(what, where=f"{where} bases"))
        for name in target.governorates or ():
            if name not in places:
                what = f"no governorate of the topic is called {name!r}; there are {', '.join(sorted(places))}"
                faults.append(ConfigError(what, where=f"{where} governorates"))
    return faults
