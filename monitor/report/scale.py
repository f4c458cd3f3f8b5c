"""The report's axes: days across, in percent of the width, and the days at which the reader can look back."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from db.records import utc
from monitor.telling.words import Words

MOST_STOPS = 366
MOST_TICKS = 7


@dataclass(frozen=True, kw_only=True, slots=True)
class Tick:
    """A mark of an axis. x: percent of the width. anchor: which end of its words stands there, as SVG says it."""

    x: float
    words: str
    anchor: str = "middle"


@dataclass(frozen=True, kw_only=True, slots=True)
class Days:
    """An axis of days from `first` to `last`. back: whether time goes from right to left, as the language reads."""

    first: date
    last: date
    back: bool = False

    def x(self, day: date) -> float:
        """Where a day begins, in percent; days beyond the axis are at its ends."""
        share = (day - self.first).days / max((self.last - self.first).days, 1)
        share = min(max(share, 0.0), 1.0)
        return round(100 * (1 - share if self.back else share), 2)

    def span(self, first: date, last: date) -> tuple[float, float]:
        """Where a stretch of days begins and how wide it is, in percent, as an SVG rectangle takes it."""
        one, other = self.x(first), self.x(last)
        return min(one, other), round(abs(one - other), 2)

    def ticks(self, words: Words) -> list[Tick]:
        """A handful of marks: days, firsts of months, or firsts of years."""
        every = self._ticked()
        step = -(-len(every) // MOST_TICKS)
        long = (self.last - self.first).days > 730
        return [
            _tick(self.x(day), str(day.year) if long else words.short_day(day, year=day.day == 1))
            for day in every[::step]
        ]

    def _ticked(self) -> list[date]:
        length = (self.last - self.first).days
        if length <= 120:
            monday = self.first + timedelta(days=-self.first.weekday() % 7)
            return [monday + timedelta(days=7 * n) for n in range((self.last - monday).days // 7 + 1)]
        months = [date(y, m, 1) for y in range(self.first.year, self.last.year + 1) for m in range(1, 13)]
        wanted = (day for day in months if length <= 730 or day.month == 1)
        return [day for day in wanted if self.first <= day <= self.last]


def _tick(x: float, words: str) -> Tick:
    """A mark whose words do not reach beyond the ends of the axis."""
    return Tick(x=x, words=words, anchor="start" if x < 6 else "end" if x > 94 else "middle")


@dataclass(frozen=True, kw_only=True, slots=True)
class Stops:
    """The days at which the reader can look back, each as it ended; the last one is now."""

    days: tuple[date, ...]

    @classmethod
    def of(cls, moments: Iterable[datetime], now: datetime) -> Stops:
        """The days on which something became known, thinned out where they are many, and today."""
        today = utc(now).date()
        days = sorted({utc(moment).date() for moment in moments} - {today})
        step = -(-len(days) // MOST_STOPS) or 1
        return cls(days=(*days[::step], today))

    def since(self, moment: datetime | None) -> int:
        """The first stop at which something that came at this moment shows; None is never."""
        return len(self.days) if moment is None else bisect_left(self.days, utc(moment).date())
