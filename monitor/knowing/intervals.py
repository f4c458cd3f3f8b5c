"""Figures and deadlines as intervals."""

from __future__ import annotations

from datetime import date

from db.records import Comparator, Deadline, Figure, Period
from monitor.knowing.rules import Rules

INFINITE = float("inf")
Interval = tuple[float, float]


def interval(figure: Figure, rules: Rules) -> Interval:
    """What a figure covers, ends included: "about" its share to either side, an open bound to 0 or without end."""
    low = 0.0 if figure.low is None else float(figure.low)
    high = INFINITE if figure.high is None else float(figure.high)
    match figure.comparator:
        case Comparator.ABOUT:
            return low * (1 - rules.about), high * (1 + rules.about)
        case Comparator.LESS_THAN:
            return low, high - 1
        case Comparator.MORE_THAN:
            return low + 1, high
    return low, high


def overlap(one: Interval, other: Interval) -> bool:
    """Whether two intervals share a number."""
    return one[0] <= other[1] and other[0] <= one[1]


def two_sided(figure: Figure) -> bool:
    """Whether it is bounded below and above: only such a figure can show that a later one is another."""
    return figure.low is not None and figure.high is not None


def same_number(one: Figure, other: Figure) -> bool:
    """Whether two figures say the same number, however hedged."""
    return (one.low, one.high) == (other.low, other.high)


def span(deadline: Deadline) -> Period:
    """The days in which a deadline may fall; one that gives only its latest day falls on it."""
    ends = [Period.parse(text) for text in (deadline.earliest, deadline.latest) if text]
    return Period(first=ends[0].first if len(ends) == 2 else _only(ends[0]), last=ends[-1].last)


def _only(period: Period) -> date:
    return period.first
