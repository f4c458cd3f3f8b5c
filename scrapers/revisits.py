"""When to look at a stored article again: a schedule, pure.

News is edited in its first hours, seldom in its first days, hardly ever later. So an article is looked at again when a
share of its age has passed (minutes for one of today, hours for one of this week, a day for an older one), until
it has been the same for so many days. An edit makes it young again. One that carries a current known fact is looked at
for as long as it does.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from db.records import Visit

LONGEST = timedelta(days=1)  # between two looks
AHEAD = timedelta(days=1)  # a date further ahead than zones can explain is a mistake


@dataclass(frozen=True, kw_only=True, slots=True)
class Pace:
    """How often articles are looked at again.

    share: of an article's age that passes between two looks; 0: look at every pass. days: after which an article that
    stays the same is let be. removed_after: how long one must be gone before it counts as removed.
    """

    share: float
    days: float
    removed_after: timedelta

    @property
    def span(self) -> timedelta:
        """How long an article that stays the same is followed."""
        return timedelta(days=self.days)


def born(visit: Visit) -> datetime:
    """From when an article's age counts: its last edit, else when it was published, at the latest when it was found."""
    if visit.changed_at > visit.first_seen_at:
        return visit.changed_at
    return min(visit.published or visit.first_seen_at, visit.first_seen_at)


def due_at(visit: Visit, pace: Pace) -> datetime | None:
    """When an article is to be looked at again; None: not any more, or it is never asked for by its own address."""
    asked = visit.asked_at
    if asked is None or visit.removed:
        return None
    age = max(asked - born(visit), timedelta())
    due = asked + min(age * pace.share, LONGEST)
    if visit.gone_since is not None:
        settled = visit.gone_since + pace.removed_after
        return min(due, settled) if asked < settled else due
    return due if visit.lasting or due <= born(visit) + pace.span else None


def due(visits: Iterable[Visit], pace: Pace, now: datetime) -> list[Visit]:
    """The articles to look at now, those that have waited longest first."""
    waiting = [(moment, visit) for visit in visits if (moment := due_at(visit, pace)) is not None and moment <= now]
    return [visit for _, visit in sorted(waiting, key=lambda pair: pair[0])]


def called(visit: Visit, dated: datetime | None, now: datetime) -> bool:
    """Whether a way in that lists the article, with this date, asks for a look at once.

    So it is when the date is newer than any that was shown before, when the article was never asked for, and, once a
    day, when it counts as removed.
    """
    if visit.asked_at is None:
        return True
    if visit.removed:
        return now - visit.asked_at >= LONGEST
    return dated is not None and (visit.dated_at or visit.asked_at) < dated <= now + AHEAD
