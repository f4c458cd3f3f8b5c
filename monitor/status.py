"""The status report: what is known now, or was known at a moment, as one record that prints and exports."""

from __future__ import annotations

import itertools
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from db import health, knowledge, marks, mutes, outbox, questions, rulings, versions
from db.records import (
    Change,
    Deadline,
    Evidence,
    Figure,
    Kind,
    KnownFact,
    ModelHealth,
    Mute,
    Notice,
    Position,
    Ruling,
    Slot,
    SourceHealth,
    StatusValue,
    iso,
    value_to_json,
)
from db.room import Room
from monitor.topics import Topic

HEARTBEAT = "heartbeat"  # mark: when the daemon was last alive
RUNNING = "running"  # mark: since when a daemon runs; one that ends in order drops it
DEAD_AFTER = timedelta(minutes=3)  # the daemon's heart beats every 30 seconds
WAITING_AFTER = timedelta(minutes=10)
FAILED_AFTER = 3  # requests in a row to the language model
RECENT_CHANGES = 10
RECENT_NOTICES = 10


@dataclass(frozen=True, kw_only=True)
class StatusReport:
    """What `status` says. `faults` are the reasons to exit with 1: a dead daemon, a full disk, unwell sources.

    notices: the last ones. rulings: every person's word that stands. set_aside: how many live claims count
    for nothing, now. evidence: the claims behind what is held and planned, by id. courses: the figures that were held
    one after the other, by subject, the last one now. model: how the language model fares, None where there is none.
    mutes: the bases of which nobody is alerted now.
    """

    as_of: datetime
    past: bool
    topic: Topic
    facts: Sequence[KnownFact]
    changes: Sequence[Change]
    sources: Sequence[SourceHealth]
    deliveries: dict[str, int]
    heartbeat: datetime | None
    faults: Sequence[str]
    rulings: Sequence[Ruling] = ()
    set_aside: int = 0
    notices: Sequence[Notice] = ()
    model: ModelHealth | None = None
    evidence: Mapping[int, Evidence] = field(default_factory=dict)
    courses: Mapping[str, Sequence[Figure]] = field(default_factory=dict)
    mutes: Sequence[Mute] = ()

    def latest(self, position: Position) -> Evidence | None:
        """The newest claim that carries a position, by its article's own time; None where none is stored."""
        found = [self.evidence[item.claim_id] for item in position.support if item.claim_id in self.evidence]
        return max(found, key=lambda item: (item.published, item.id), default=None)

    def rulings_on(self, kind: Kind, subject: str) -> list[Ruling]:
        """Every person's word that stands on a subject, oldest first."""
        return [ruling for ruling in self.rulings if (ruling.kind, ruling.subject) == (kind, subject)]

    def fact(self, kind: Kind, subject: str, slot: Slot = Slot.FACT) -> KnownFact | None:
        """The known fact, or plan, of one subject."""
        return next((f for f in self.facts if (f.kind, f.subject, f.slot) == (kind, subject, slot)), None)

    def of(self, kind: Kind, slot: Slot = Slot.FACT) -> list[KnownFact]:
        """All known facts, or plans, of one kind."""
        return [f for f in self.facts if f.kind is kind and f.slot is slot]

    def to_json(self) -> dict[str, Any]:
        """The object that `status --json` prints."""
        return {
            "as_of": iso(self.as_of),
            "topic": self.topic.id,
            "bases": [self._base(base_id) for base_id in self.known_bases()],
            "figures": {fact.subject: self._figure(fact) for fact in self.of(Kind.TROOP_FIGURE)},
            "deadlines": [line for fact in self.of(Kind.DEADLINE, Slot.PLAN) for line in self._deadlines(fact)],
            "plans": [_plan(fact) for fact in self.of(Kind.TROOP_FIGURE, Slot.PLAN)],
            "changes": [change.to_json() for change in self.changes],
            "sources": [_source(source) for source in self.sources],
            "deliveries": self.deliveries,
            "faults": list(self.faults),
            "rulings": [ruling.to_json() for ruling in self.rulings],
            "set_aside": self.set_aside,
            "notices": [notice.to_json() for notice in self.notices],
            "model": self.model.to_json() if self.model else None,
            "mutes": [mute.to_json() for mute in self.mutes],
        }

    def known_bases(self) -> list[str]:
        """Ids of the bases of which anything is known or planned, in the topic's order."""
        known = {fact.subject for fact in self.facts if fact.kind is Kind.BASE_STATUS}
        return [base_id for base_id in self.topic.bases if base_id in known] + sorted(known - set(self.topic.bases))

    def _base(self, base_id: str) -> dict[str, Any]:
        base = self.topic.bases.get(base_id)
        fact = self.fact(Kind.BASE_STATUS, base_id)
        plan = self.fact(Kind.BASE_STATUS, base_id, Slot.PLAN)
        value = fact.held.value if fact else None
        return {
            "id": base_id,
            "name": dict(base.name) if base else {},
            "status": value.status.value if isinstance(value, StatusValue) else None,
            "to": value.to if isinstance(value, StatusValue) else None,
            **_common(fact),
            "latest": self._latest(fact),
            "plan": _position(plan.held) if plan else None,
            "changed_at": iso(fact.changed_at) if fact and fact.changed_at else None,
            "rivals": [_position(rival) for rival in fact.rivals] if fact else [],
        }

    def _figure(self, fact: KnownFact) -> dict[str, Any]:
        value = fact.held.value
        assert isinstance(value, Figure)
        return {
            "low": value.low,
            "high": value.high,
            "comparator": value.comparator.value,
            **_common(fact),
            "latest": self._latest(fact),
            "history": [value_to_json(figure) for figure in self.courses.get(fact.subject, ())],
            "rivals": [_position(rival) for rival in fact.rivals],
        }

    def _deadlines(self, fact: KnownFact) -> Iterable[dict[str, Any]]:
        for position in (fact.held, *fact.rivals):
            if isinstance(position.value, Deadline):
                latest = self.latest(position)
                speaker = latest.claim.speaker if latest else None
                yield {"subject": fact.subject, **_position(position), "speaker": speaker}

    def _latest(self, fact: KnownFact | None) -> dict[str, Any] | None:
        latest = self.latest(fact.held) if fact else None
        if latest is None:
            return None
        return {"outlet": latest.outlet, "published": iso(latest.published), "article": latest.url}


def build(
    session: Session,
    topic: Topic,
    *,
    now: datetime,
    as_of: datetime | None = None,
    crawled: Collection[str] = (),
    room: Room | None = None,
    model: bool = False,
) -> StatusReport:
    """Read the report from the store.

    as_of: what was known then, as it was known then (health and deliveries are always of now).
    crawled: ids of the sources that are crawled; the health of others is no fault. room: on the store's disk. model:
    whether a language model is asked.
    """
    heartbeat = last_beat(session)
    sources = health.all_health(session)
    fares = questions.health(session, at=now) if model else None
    changes = [c for c in knowledge.changes(session) if as_of is None or c.at <= as_of]
    facts = knowledge.facts(session, as_of=as_of)
    sides = [side for fact in facts for side in (fact.held, *(fact.rivals if fact.slot is Slot.PLAN else ()))]
    behind = knowledge.evidence_by_ids(session, {item.claim_id for side in sides for item in side.support})
    return StatusReport(
        as_of=as_of or now,
        past=as_of is not None,
        topic=topic,
        facts=facts,
        changes=changes[-RECENT_CHANGES:],
        sources=sources,
        deliveries={state.value: count for state, count in outbox.counts(session).items()},
        heartbeat=heartbeat,
        rulings=[r.as_of(as_of or now) for r in rulings.every(session) if r.stands(as_of or now)],
        set_aside=rulings.count_set_aside(session),
        faults=faults(session, now=now, crawled=crawled, room=room, model=model),
        model=fares,
        notices=health.notices(session, limit=RECENT_NOTICES),
        mutes=mutes.standing(session, now),
        evidence={item.id: item for item in behind},
        courses={
            fact.subject: _course(knowledge.history(session, fact.kind, fact.subject, as_of=as_of))
            for fact in facts
            if fact.kind is Kind.TROOP_FIGURE and fact.slot is Slot.FACT
        },
    )


def _course(history: Iterable[KnownFact]) -> list[Figure]:
    """The figures held one after the other; one that only gets more evidence counts once."""
    held = [fact.held.value for fact in history if fact.slot is Slot.FACT]
    figures = [value for value in held if isinstance(value, Figure)]
    return [figure for figure, _ in itertools.groupby(figures)]


def model_fault(fares: ModelHealth) -> str:
    """What is wrong with the language model, in one line."""
    since = f" since {iso(fares.down_since)}" if fares.down_since else ""
    again = f"; asked again after {iso(fares.next_at)}" if fares.next_at else ""
    return f"the language model does not answer{since} ({fares.failures} in a row): {fares.error}{again}"


def last_beat(session: Session) -> datetime | None:
    """When the daemon was last alive, None where it never was."""
    beat = marks.get(session, HEARTBEAT)
    return datetime.fromisoformat(beat) if beat else None


def faults(
    session: Session,
    *,
    now: datetime,
    crawled: Collection[str] = (),
    room: Room | None = None,
    model: bool = False,
) -> list[str]:
    """Why things are not well, a line each: a dead daemon, a full disk, versions that wait, unwell sources, a language
    model that does not answer."""
    shortage = room.shortage() if room else None
    heartbeat = last_beat(session)
    fares = questions.health(session, at=now) if model else None
    return [
        *_dead(heartbeat, now),
        *([shortage] if shortage else []),
        *_waiting(session, now),
        *(_unwell(health.all_health(session), crawled) if heartbeat else []),
        *([model_fault(fares)] if fares and fares.failures >= FAILED_AFTER else []),
    ]


def _dead(heartbeat: datetime | None, now: datetime) -> Iterable[str]:
    if heartbeat is not None and now - heartbeat > DEAD_AFTER:
        yield f"the daemon is not running: last alive {iso(heartbeat)}; start it with `drawdown run`"


def _waiting(session: Session, now: datetime) -> Iterable[str]:
    """Versions that lie unread: the processing fails, or nobody runs it."""
    count, oldest = versions.waiting(session)
    if oldest is not None and now - oldest > WAITING_AFTER:
        yield (
            f"{count} versions wait to be read, the oldest since {iso(oldest)}; `drawdown run` or `drawdown crawl` "
            "goes on with them, and its log says what holds it up"
        )


def _unwell(sources: Sequence[SourceHealth], crawled: Collection[str]) -> Iterable[str]:
    for source in sources:
        if source.source not in crawled:
            continue
        if source.down_since:
            last = f"last success {iso(source.last_success_at)}" if source.last_success_at else "it never succeeded"
            yield f"source {source.source} is down: {last}; {source.error or 'no answer'}"
        if source.stale_since and source.news_at:
            yield f"source {source.source} is stale: it has news daily, and nothing new since {iso(source.news_at)}"
        if source.shrunk_since:
            yield (
                f"source {source.source} has less text since {iso(source.shrunk_since)}: {source.size} bytes an "
                f"article, usually {source.usual_size}; its pages may have changed"
            )


def _common(fact: KnownFact | None) -> dict[str, Any]:
    held = fact.held if fact else None
    return {
        "since": held.since if held else None,
        "credibility": held.credibility if held else None,
        "confidence": round(held.confidence, 3) if held else None,
        "origins": held.origins if held else 0,
        "contested": fact.contested if fact else False,
    }


def _position(position: Position) -> dict[str, Any]:
    return {
        **(value_to_json(position.value) or {}),
        "since": position.since,
        "credibility": position.credibility,
        "confidence": round(position.confidence, 3),
        "origins": position.origins,
        "source": position.source,
    }


def _plan(fact: KnownFact) -> dict[str, Any]:
    return {"subject": fact.subject, **_position(fact.held)}


def _source(source: SourceHealth) -> dict[str, Any]:
    return {
        "id": source.source,
        "last_attempt_at": iso(source.last_attempt_at) if source.last_attempt_at else None,
        "last_success_at": iso(source.last_success_at) if source.last_success_at else None,
        "last_new_at": iso(source.last_new_at) if source.last_new_at else None,
        **health_json(source),
    }


def health_json(source: SourceHealth) -> dict[str, Any]:
    """What is wrong with a source, and since when; how long its articles are, and how many claims are held since they
    lost much of it; what went wrong in a week, by class."""
    moments = ("news_at", "down_since", "stale_since", "shrunk_since")
    found = {name: getattr(source, name) for name in moments}
    return {
        "failures": source.failures,
        "error": source.error or None,
        "states": list(source.states),
        **{name: iso(moment) if moment else None for name, moment in found.items()},
        "size": source.size,
        "usual_size": source.usual_size,
        "held": source.held,
        "troubles": {trouble.value: count for trouble, count in sorted(source.troubles.items())},
    }
