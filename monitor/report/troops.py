"""The troop figure: what was held as a band, and each claim as a mark, from its low to its high."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from db.records import Evidence, Figure, Kind, KnownFact, Modality, Role, utc
from monitor.knowing.intervals import interval
from monitor.knowing.rules import Rules
from monitor.report.bases import window
from monitor.report.known import Known
from monitor.report.scale import Days, Stops, Tick
from monitor.telling import clean
from monitor.telling.words import Words

HEIGHT = 260.0
TOP = 12.0
SHOWN = 12  # claims in the table
TITLED = 300  # marks with words of their own, the newest ones
_STEPS = (1, 2, 2.5, 5, 10)


@dataclass(frozen=True, kw_only=True, slots=True)
class Band:
    """What was held for a time: a rectangle in percent across and pixels down. open: "up", "down" or ""."""

    x: float
    width: float
    y: float
    height: float
    open: str
    start: int
    stop: int
    rival: bool
    words: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Mark:
    """A claim: a line from its low to its high, a dot where both are one. way: how it is meant, or "gone"."""

    x: float
    low: float
    high: float
    open: str
    way: str
    start: int
    words: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Said:
    """A claim in words, each a safe line."""

    value: str
    way: str
    speaker: str
    outlet: str
    time: str
    quote: str
    lang: str
    url: str
    gone: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Chart:
    """The whole chart. levels: marks of its upright axis, pixels from the top and words. more: claims not listed."""

    height: float
    bands: tuple[Band, ...]
    marks: tuple[Mark, ...]
    levels: tuple[tuple[float, str], ...]
    ticks: tuple[Tick, ...]
    said: tuple[Said, ...]
    more: int
    line: str


def chart(known: Known, words: Words, stops: Stops, *, back: bool) -> Chart | None:
    """The chart, or None where nothing was ever said of how many there are."""
    kind = Kind.TROOP_FIGURE
    facts = known.of(kind, known.topic.whole(kind))
    if not facts and not known.claims:
        return None
    axis = _axis(known, back)
    newest = known.claims[::-1]
    drawn = [item for item in newest if utc(item.published).date() >= axis.first]
    held = [fact.held.value for fact in facts if isinstance(fact.held.value, Figure)]
    ceiling = _ceiling([*held, *map(_figure, drawn)], known.rules)
    current = known.current(kind, known.topic.whole(kind))
    return Chart(
        height=HEIGHT,
        bands=tuple(_bands(facts, words, known.rules, stops, axis, ceiling)),
        marks=tuple(
            _mark(item, words if place < TITLED else None, known.rules, stops, axis, ceiling)
            for place, item in enumerate(drawn)
        )[::-1],
        levels=tuple((_y(level, ceiling), words.number(level)) for level in range(0, ceiling + 1, ceiling // 4)),
        ticks=tuple(axis.ticks(words)),
        said=tuple(_said(item, words) for item in newest[:SHOWN]),
        more=max(0, len(newest) - SHOWN),
        line=words.value(current.held.value) if current else words.say("report", "unknown"),
    )


def _axis(known: Known, back: bool) -> Days:
    """The days that the other timelines show, too: an old number beside them would press the new ones together."""
    first, last = window(known)
    return Days(first=first, last=last + timedelta(days=1), back=back)


def _figure(item: Evidence) -> Figure:
    value = item.claim.value
    assert isinstance(value, Figure)
    return value


def _ceiling(figures: Iterable[Figure], rules: Rules) -> int:
    """The least round number above what is drawn, of which a quarter is a whole number."""
    most = max((max(f.low or 0, f.high or 0) for f in figures), default=1) * (1 + rules.about)
    power = 1
    while True:
        for step in _STEPS:
            top = int(4 * step * power)
            if top >= most and top % 4 == 0:
                return top
        power *= 10


def _y(number: float, ceiling: int) -> float:
    share = min(max(number / ceiling, 0.0), 1.0)
    return round(TOP + (HEIGHT - TOP) * (1 - share), 1)


def _reach(figure: Figure, rules: Rules, ceiling: int) -> tuple[float, float, str]:
    """Upper and lower pixel, and the side on which it is open."""
    low, high = interval(figure, rules)
    side = "down" if figure.low is None else "up" if figure.high is None else ""
    return _y(high, ceiling), _y(low, ceiling), side


def _bands(
    facts: Sequence[KnownFact], words: Words, rules: Rules, stops: Stops, axis: Days, ceiling: int
) -> Iterable[Band]:
    for fact in facts:
        start, end = stops.since(fact.recorded_at), stops.since(fact.superseded_at)
        if start >= end:
            continue
        until = utc(fact.superseded_at).date() if fact.superseded_at else axis.last
        for side in (fact.held, *(fact.rivals if fact.contested else ())):
            if isinstance(side.value, Figure):
                x, width = axis.span(utc(fact.recorded_at).date(), until)
                high, low, open_ = _reach(side.value, rules, ceiling)
                yield Band(
                    x=x,
                    width=max(width, 0.4),
                    y=high,
                    height=max(round(low - high, 1), 3.0),
                    open=open_,
                    start=start,
                    stop=len(stops.days),
                    rival=side is not fact.held,
                    words=words.value(side.value),
                )


def _mark(item: Evidence, words: Words | None, rules: Rules, stops: Stops, axis: Days, ceiling: int) -> Mark:
    high, low, open_ = _reach(_figure(item), rules, ceiling)
    return Mark(
        x=axis.x(utc(item.published).date()),
        low=low,
        high=high,
        open=open_,
        way=_way(item),
        start=stops.since(item.at),
        words=words.all_of([words.value(item.claim.value), words.outlet(item), _day(item, words)]) if words else "",
    )


def _day(item: Evidence, words: Words) -> str:
    day: date = utc(item.published).date()
    return words.day(day)


def _way(item: Evidence) -> str:
    if item.withdrawn_at is not None:
        return "gone"
    figure = _figure(item)
    return Modality.PLANNED.value if figure.role is Role.TARGET else item.claim.modality.value


def _said(item: Evidence, words: Words) -> Said:
    return Said(
        value=words.value(item.claim.value),
        way=words.say("report", f"way_{_way(item)}"),
        speaker=clean.cut(clean.line(item.claim.speaker or ""), 120),
        outlet=clean.cut(words.outlet(item), 120),
        time=_day(item, words),
        quote=clean.cut(clean.line(item.claim.quote), 300),
        lang=item.lang if item.lang.isalpha() else "",
        url=clean.link(item.url),
        gone=item.withdrawn_at is not None,
    )
