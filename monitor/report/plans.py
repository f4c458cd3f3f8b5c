"""Plans and deadlines, by speaker, beside what happened."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from db.records import Deadline, Kind, KnownFact, Period, Position, Status, StatusValue, utc
from monitor.report.bases import period
from monitor.report.known import Known
from monitor.report.scale import Days, Stops, Tick
from monitor.telling import clean
from monitor.telling.words import Words

LEFT = {Status.VACATED, Status.HANDED_OVER}


@dataclass(frozen=True, kw_only=True, slots=True)
class Plan:
    """A plan in words, and what came of it. outcome: "kept", "late", "missed", "open" or "".

    x, width: the days by which it is due, in percent; None where it names none. said_x: when it was said.
    """

    subject: str
    what: str
    whom: str
    said: str
    sure: str
    outcome: str
    happened: str
    x: float | None
    width: float
    said_x: float
    start: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Plans:
    """All plans, those of the whole first. today_x: where today is, in percent."""

    rows: tuple[Plan, ...]
    ticks: tuple[Tick, ...]
    today_x: float


def plans(known: Known, words: Words, stops: Stops, *, back: bool) -> Plans:
    """Every plan that is held, and every rival of it."""
    sides = [(fact, side) for fact in known.plans() for side in (fact.held, *fact.rivals)]
    whole = known.topic.whole(Kind.DEADLINE)
    sides.sort(key=lambda pair: (pair[0].kind is not Kind.DEADLINE, pair[0].subject != whole, pair[0].subject))
    axis = _axis(known, sides, back)
    return Plans(
        rows=tuple(_plan(fact, side, known, words, axis, stops) for fact, side in sides),
        ticks=tuple(axis.ticks(words)),
        today_x=axis.x(known.as_of.date()),
    )


def _axis(known: Known, sides: Iterable[tuple[KnownFact, Position]], back: bool) -> Days:
    today = known.as_of.date()
    days = [today - timedelta(days=30), today + timedelta(days=14)]
    for fact, side in sides:
        days.append(max(utc(fact.recorded_at).date(), today - timedelta(days=365)))
        days += [day for day in _due(side) if day < today + timedelta(days=365)]
    return Days(first=min(days) - timedelta(days=2), last=max(days) + timedelta(days=2), back=back)


def _due(side: Position) -> tuple[date, ...]:
    """The first and the last day by which it is due; nothing where it names none."""
    if not isinstance(side.value, Deadline):
        return ()
    found = list(_periods((side.value.earliest, side.value.latest)))
    return (found[0].first, found[-1].last) if found else ()


def _periods(texts: Iterable[str | None]) -> Iterator[Period]:
    for text in texts:
        if text:
            try:
                yield Period.parse(text)
            except ValueError:
                continue


def _plan(fact: KnownFact, side: Position, known: Known, words: Words, axis: Days, stops: Stops) -> Plan:
    due = _due(side)
    outcome, happened = _happened(fact, side, due, known, words)
    x, width = axis.span(due[0], due[1]) if due else (None, 0.0)
    said = next(iter(_periods([side.since])), None)
    return Plan(
        subject=words.subject(fact.kind, fact.subject),
        what=words.value(side.value),
        whom=_whom(side, known, words),
        said=period(side, words),
        sure=clean.line(side.credibility),
        outcome=outcome,
        happened=happened,
        x=x,
        width=width,
        said_x=axis.x(said.first if said else axis.first),
        start=stops.since(fact.recorded_at),
    )


def _whom(side: Position, known: Known, words: Words) -> str:
    """Who says so: the speakers of its claims, else their outlets."""
    items = [known.evidence[support.claim_id] for support in side.support if support.claim_id in known.evidence]
    speakers = (clean.line(item.claim.speaker or "") or words.outlet(item) for item in items)
    found = list(dict.fromkeys(clean.isolated(clean.cut(name, 80)) for name in speakers if name))
    return words.all_of(found[:3]) or clean.isolated(
        clean.cut(words.source(side.source, known.outlets.get(side.source, (side.source, ""))[0]), 80)
    )


def _happened(fact: KnownFact, side: Position, due: tuple[date, ...], known: Known, words: Words) -> tuple[str, str]:
    today = known.as_of.date()
    if fact.kind is Kind.TROOP_FIGURE:
        held = known.current(Kind.TROOP_FIGURE, fact.subject)
        return "", words.say("report", "now", value=words.value(held.held.value)) if held else ""
    if fact.subject not in known.topic.bases:
        return _whole(due, known, words, today)
    held = known.current(Kind.BASE_STATUS, fact.subject)
    if held is None:
        return "", words.say("report", "unknown")
    value = held.held.value
    said = words.say("report", "state_since", value=words.value(value), since=period(held.held, words))
    done = isinstance(value, StatusValue) and value.status in LEFT
    if isinstance(side.value, StatusValue):
        kept = isinstance(value, StatusValue) and (
            value.status is side.value.status or (done and side.value.status in LEFT)
        )
        return "kept" if kept else "open", said
    if done:
        begun = next(iter(_periods([held.held.since])), None)
        return "late" if begun and due and begun.first > due[1] else "kept", said
    return ("missed" if due and due[1] < today else "open"), said


def _whole(due: tuple[date, ...], known: Known, words: Words, today: date) -> tuple[str, str]:
    """What came of a deadline for all: whether there are bases that are still held."""
    held = [known.current(Kind.BASE_STATUS, base) for base in known.topic.bases]
    values = [fact.held.value for fact in held if fact is not None]
    left = [value for value in values if isinstance(value, StatusValue) and value.status not in LEFT]
    said = words.say("report", "still_held", count=len(left))
    if not left and values:
        return "kept", said
    return ("missed" if due and due[1] < today else "open"), said
