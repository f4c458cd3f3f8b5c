"""The bases: where they are, how each stands at every stop, and how each came there."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from db.records import Kind, KnownFact, Period, Position, Status, StatusValue
from monitor.report.known import Known
from monitor.report.labels import NARROW, WIDE, Label, base_labels
from monitor.report.outline import Outline, Point, apart
from monitor.report.scale import Days, Stops
from monitor.telling import clean
from monitor.telling.words import Words
from monitor.topics import Base

UNKNOWN = "unknown"
APART = 21.0  # pixels between two marks
_ORDER = {status: place for place, status in enumerate((*Status, UNKNOWN))}


@dataclass(frozen=True, kw_only=True, slots=True)
class State:
    """How a subject stood from a stop on, in words.

    status: a base's, else "". others: what others say while it is contested. line: all of it.
    """

    stop: int
    status: str
    value: str
    since: str
    sure: str
    others: str
    line: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Segment:
    """A stretch of a base's timeline that begins at x and lasts until another one is drawn over it.

    fade, fade_x: how wide its uncertain beginning is and where, in percent. start, stop: the stops between which it is
    known. rival: whether it is what others say.
    """

    status: str
    x: float
    width: float
    fade_x: float
    fade: float
    start: int
    stop: int
    rival: bool
    words: str


@dataclass(frozen=True, kw_only=True, slots=True)
class BaseView:
    """A base on the map, in the list and on the timeline.

    at: None where its place is not known. label, small: its name on a wide map and on a phone's.
    """

    id: str
    name: str
    governorate: str
    at: Point | None
    rough: bool
    label: Label | None
    small: Label | None
    states: tuple[State, ...]
    segments: tuple[Segment, ...]
    plan: str

    @property
    def now(self) -> State:
        """How it stands."""
        return self.states[-1]

    @property
    def ever(self) -> bool:
        """Whether anything is known of it, was ever, or is planned."""
        return self.now.status != UNKNOWN or bool(self.segments) or bool(self.plan)


def bases(known: Known, words: Words, outline: Outline, axis: Days, stops: Stops) -> list[BaseView]:
    """Every base of the topic, those that are still held first."""
    places = apart(
        {
            base.id: outline.projection.place(base.lon, base.lat)
            for base in known.topic.bases.values()
            if base.lat is not None and base.lon is not None
        },
        APART,
    )
    spoken = {subject for kind, subject in known.history if kind is Kind.BASE_STATUS}
    spelled = {b.id: words.name(b.name) for b in known.topic.bases.values() if b.id in spoken and b.id in places}
    names = {base: name.partition(" (")[0] for base, name in spelled.items()}  # the list has them whole
    marks = {base: places[base] for base in names}
    labels = base_labels(names, marks, outline, WIDE), base_labels(names, marks, outline, NARROW)
    views = [_base(base, known, words, places, labels, axis, stops) for base in known.topic.bases.values()]
    return sorted(views, key=lambda view: (not view.ever, _ORDER.get(view.now.status, len(_ORDER))))


def _base(
    base: Base,
    known: Known,
    words: Words,
    places: dict[str, Point],
    labels: tuple[Mapping[str, Label], Mapping[str, Label]],
    axis: Days,
    stops: Stops,
) -> BaseView:
    facts = known.of(Kind.BASE_STATUS, base.id)
    plans = [fact for fact in known.plans() if (fact.kind, fact.subject) == (Kind.BASE_STATUS, base.id)]
    return BaseView(
        id=base.id,
        name=words.name(base.name),
        governorate=words.name(base.governorate),
        at=places.get(base.id),
        rough=base.precision != "W",
        label=labels[0].get(base.id),
        small=labels[1].get(base.id),
        states=tuple(states(facts, words, stops, words.name(base.name))),
        segments=tuple(_segments(facts, known, words, axis, stops)),
        plan=words.value(plans[0].held.value) if plans else "",
    )


def states(facts: Sequence[KnownFact], words: Words, stops: Stops, name: str) -> list[State]:
    """How a subject stood from each stop on at which that changed; the first one is at stop 0, the last one is now."""
    found = {0: _state(None, 0, words, name)}
    for fact in facts:
        start, end = stops.since(fact.recorded_at), stops.since(fact.superseded_at)
        if start < end:
            found[start] = _state(fact, start, words, name)
            if end < len(stops.days):
                found[end] = _state(None, end, words, name)
    kept: list[State] = []
    for _, state in sorted(found.items()):
        if not kept or kept[-1].line != state.line:
            kept.append(state)
    return kept


def _state(fact: KnownFact | None, stop: int, words: Words, name: str) -> State:
    if fact is None:
        value = words.say("report", "unknown")
        line = words.say("report", "point_plain", base=name, value=value)
        return State(stop=stop, status=UNKNOWN, value=value, since="", sure="", others="", line=line)
    value, since, sure = words.value(fact.held.value), period(fact.held, words), clean.line(fact.held.credibility)
    rivals = list(dict.fromkeys(words.value(rival.value) for rival in fact.rivals))
    others = words.any_of(rivals) if fact.contested else ""
    line = words.say("report", "point" if since else "point_plain", base=name, value=value, since=since)
    if sure:
        line = words.all_of([line, sure])
    if others:
        line = words.all_of([line, words.say("label", "contested_with", others=others)])
    held = fact.held.value
    status = held.status.value if isinstance(held, StatusValue) else ""
    return State(stop=stop, status=status, value=value, since=since, sure=sure, others=others, line=line)


def period(side: Position, words: Words) -> str:
    """Since when, in words; nothing where the date is none."""
    try:
        return words.period(side.since)
    except ValueError:
        return ""


def _segments(facts: Sequence[KnownFact], known: Known, words: Words, axis: Days, stops: Stops) -> Iterable[Segment]:
    """What was held, in the order in which it began; what is drawn later covers what began before.

    A fact takes back what was held to have begun with it or after it, and a value that goes on what was held of its
    beginning: these are known up to its stop only.
    """
    open_: list[tuple[KnownFact, int]] = []
    done: list[tuple[KnownFact, int, int]] = []
    for number, fact in enumerate(facts):
        start = stops.since(fact.recorded_at)
        begins = _begins(fact.held)
        same = open_[-1][0] if open_ else None
        if same and (same.held.value, same.held.since) == (fact.held.value, fact.held.since):
            open_[-1] = (fact, open_[-1][1])
            continue
        keep = []
        for other, since in open_:
            taken = begins <= _begins(other.held) or (other is same and other.held.value == fact.held.value)
            if taken:
                done.append((other, since, start))
            else:
                keep.append((other, since))
        open_ = [*keep, (fact, start)]
        after = facts[number + 1] if number + 1 < len(facts) else None
        gone = fact.superseded_at
        if gone and (after is None or after.recorded_at > gone):  # nothing was held for a while
            done.append((fact, start, stops.since(gone)))
            open_.pop()
    done += [(fact, start, len(stops.days)) for fact, start in open_]
    for fact, start, end in sorted(done, key=lambda item: _begins(item[0].held)):
        if start < end:
            yield _segment(fact.held, start, end, words, axis)
    for fact in facts:
        start, end = stops.since(fact.recorded_at), stops.since(fact.superseded_at)
        if fact.contested and start < end:
            yield from (_segment(rival, start, end, words, axis, rival=True) for rival in fact.rivals)


def _segment(side: Position, start: int, end: int, words: Words, axis: Days, *, rival: bool = False) -> Segment:
    begun = _period(side)
    certain = min(begun.last, axis.last)
    x, width = axis.span(certain, axis.last)
    fade_x, fade = axis.span(begun.first, certain)
    value = side.value
    said = words.say("report", "point_plain", base=words.value(value), value=period(side, words))
    status = value.status.value if isinstance(value, StatusValue) else UNKNOWN
    return Segment(
        status=status, x=x, width=width, fade_x=fade_x, fade=fade, start=start, stop=end, rival=rival, words=said
    )


def _begins(side: Position) -> date:
    return _period(side).first


def _period(side: Position) -> Period:
    try:
        return Period.parse(side.since)
    except ValueError:
        return Period(first=date.min, last=date.min)


def window(known: Known) -> tuple[date, date]:
    """The days that the timelines show: from two weeks before anything was known, at least sixty, to the last one."""
    last = known.as_of.date()
    moments = [fact.recorded_at.date() for facts in known.history.values() for fact in facts[:1]]
    first = min(moments, default=last) - timedelta(days=14)
    return min(first, last - timedelta(days=60)), last + timedelta(days=1)
