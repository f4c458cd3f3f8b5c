"""From the outbox to the targets: at least once, in order, without one target holding up another.

A delivery is leased; what its target's settings hold back is put back till its time, and the rest is composed and sent
outside any transaction, alone or as a digest, then marked. A kill between sending and marking repeats that one message
when its lease has run out: the change's id in the text, and a mail's Message-ID, tell that it is the same. Everything
else happens once.
"""

from __future__ import annotations

import asyncio
import json
import logging
import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from db import health, knowledge, mutes, outbox, rulings
from db.errors import DeliveryError, DrawdownError, StoreError
from db.records import Change, Delivery, Evidence, KnownFact, Notice, NoticeKind, parse_moment
from db.session import Store
from monitor.telling import notices, policy
from monitor.telling.alert import Alert, Entry, claim_ids, compose, compose_summary, entry
from monitor.telling.digest import compose_digest, compose_notice, notice_entry
from monitor.telling.edited import edit_of
from monitor.telling.notify import TIMEOUT_SECONDS, Notifier, fits
from monitor.telling.target import Severity, Target
from monitor.topics import Topic

log = logging.getLogger(__name__)

ATTEMPTS = 8  # then a delivery is dead: with the waits below, after about two hours
FIRST_WAIT = timedelta(minutes=1)  # doubled at each failure
LONGEST_WAIT = timedelta(hours=1)
LONGEST_REST = timedelta(hours=6)  # that a target may ask for
JITTER = 0.25  # a wait is longer by up to this part, so that many do not come back at one moment
LEASE_SECONDS = 180
BATCH = 200  # deliveries of one target that are taken at a time, and so the most of a digest
PATIENCE = 2  # failures in a row after which a target rests until its next time
GONE = "no target is called {target!r} any more; add it, then `drawdown alerts retry`"


@dataclass(frozen=True, slots=True)
class _Outcome:
    """What became of one leased delivery: sent, failed (again at `next_at`, or dead), or put back untried."""

    delivery: Delivery
    error: str = ""
    sent: bool = False
    next_at: datetime | None = None
    tried: bool = True


@dataclass(frozen=True, slots=True)
class _Message:
    """What goes out as one: a delivery that is still to be composed, or several as a digest."""

    deliveries: tuple[Delivery, ...]
    alert: Alert | None = None


@dataclass(frozen=True, slots=True)
class _Plan:
    """What to do with what was leased: hold it, or send it, in groups of which each is one message (if it fits)."""

    held: Sequence[tuple[Delivery, policy.Hold]]
    groups: Sequence[Sequence[Delivery]]


@dataclass(slots=True)
class _Run:
    """How a target takes what is sent to it in one go."""

    failures: int = 0  # in a row
    resting: bool = False


@dataclass(kw_only=True)
class Sender:
    """Delivers what is due. One a store. A target that is still being served by an earlier call is left to that."""

    store: Store
    targets: Sequence[Target]
    topic: Topic
    notifier: Notifier = field(default_factory=Notifier)
    dice: random.Random = field(default_factory=random.Random)
    _stopping: bool = False
    _unmarked: dict[int, _Outcome] = field(default_factory=dict)
    _serving: set[str] = field(default_factory=set)
    _rests: dict[str, datetime] = field(default_factory=dict)

    async def deliver(self, now: datetime) -> int:
        """Send everything that is due at `now`; returns how many alerts were taken by their targets.

        Raises StoreError where the store can be neither read nor written; what was sent by then is marked at the
        next call, not sent again.
        """
        await self._mark(list(self._unmarked.values()), now)
        await self._prepare(now)
        free = [target for target in self.targets if target.name not in self._serving]
        ready = [target for target in free if self._rests.get(target.name, now) <= now]
        done = await asyncio.gather(*(self._serve(target, now) for target in ready), return_exceptions=True)
        for result in done:
            if isinstance(result, BaseException):
                raise result
        return sum(result for result in done if not isinstance(result, BaseException))

    def stop(self) -> None:
        """End soon: what is being sent is finished, the rest is put back. A stopped sender does not start again."""
        self._stopping = True

    async def tell(self, notice: Notice) -> list[str]:
        """Send a notice past the outbox, for when the store cannot be written; returns who took it, by name."""
        told = []
        for target in self.targets:
            if target.operations:
                try:
                    await self.notifier.send(target.url, compose_notice(notice, self.topic, lang=target.lang))
                    told.append(target.name)
                except DrawdownError as error:
                    log.warning("notice to %s failed: %s", target.name, error)
        return told

    async def _prepare(self, now: datetime) -> None:
        """1. Put new notices into the outbox, and give up what waits for targets that are no more."""
        names = [target.name for target in self.targets]

        def look() -> bool:
            with self.store.reading() as session:
                return bool(notices.waiting(session)) or outbox.has_strangers(session, names)

        def work(session: Session) -> None:
            for name in outbox.bury_strangers(session, names, why=GONE):
                text = f"alerts for {name!r} were given up: no target is called so any more"
                notices.begin(session, f"undelivered {name}", NoticeKind.UNDELIVERED, text, at=now)
            notices.announce(session, self.targets, at=now)

        if await asyncio.to_thread(look):
            await self.store.write(work)

    async def _serve(self, target: Target, now: datetime) -> int:
        """2. One target: take what is due, until there is nothing more; returns how many alerts it took."""
        self._serving.add(target.name)
        run = _Run()
        sent = 0
        try:
            while not self._stopping:
                leased = await self._lease(target, now)
                if not leased:
                    break
                sent += sum(outcome.sent for outcome in await self._round(target, leased, run, now))
        finally:
            self._serving.discard(target.name)
        return sent

    async def _lease(self, target: Target, now: datetime) -> list[Delivery]:
        """3. Take a batch, so that nobody else does."""
        return await self.store.write(
            lambda session: outbox.lease(session, target.name, now=now, seconds=LEASE_SECONDS, limit=BATCH)
        )

    async def _round(self, target: Target, leased: Sequence[Delivery], run: _Run, now: datetime) -> list[_Outcome]:
        """4. Hold what must wait; send and mark the rest, one by one. A target that fails rests until another time."""
        ends = asyncio.get_running_loop().time() + LEASE_SECONDS - TIMEOUT_SECONDS
        plan = await asyncio.to_thread(self._plan, target, leased, now)
        if plan.held:
            await self.store.write(lambda session: _hold(session, plan.held))
        outcomes: list[_Outcome] = []
        for group in plan.groups:
            messages, faulty = await self._messages(target, group, now)
            outcomes += faulty
            for message in messages:
                if self._stopping or asyncio.get_running_loop().time() > ends:
                    what = [_Outcome(one, one.error, next_at=now, tried=False) for one in message.deliveries]
                elif run.resting:
                    what = self._put_off(message, target, now)
                else:
                    what = await self._tell(message, target, run, now)
                outcomes += what
                if any(outcome.sent for outcome in what):
                    await self._mark(what, now)
        await self._mark([outcome for outcome in outcomes if not outcome.sent], now)
        return outcomes

    def _plan(self, target: Target, leased: Sequence[Delivery], now: datetime) -> _Plan:
        held: list[tuple[Delivery, policy.Hold]] = []
        due: list[Delivery] = []
        with self.store.reading() as session:
            muted = {mute.base: mute for mute in mutes.standing(session, now)}
            sent = outbox.sent_since(session, target.name, now - policy.HOUR) if target.limit else []
            for delivery in leased:
                weight, subject = _about(session, delivery)
                mute = muted.get(subject)
                hold = policy.hold(target, weight, created=delivery.created_at, now=now, mute=mute)
                if hold is None:
                    due.append(delivery)
                else:
                    held.append((delivery, hold))
        over = policy.over_limit(target, sent, now)
        if over is not None:
            return _Plan([*held, *((delivery, over) for delivery in due)], [])
        return _Plan(held, _grouped(target, due, left=target.limit - len(sent) if target.limit else None))

    async def _messages(
        self, target: Target, group: Sequence[Delivery], now: datetime
    ) -> tuple[list[_Message], list[_Outcome]]:
        """5. Make a group one message, or as many as its service needs. What cannot be told is dead at once."""
        if len(group) == 1:
            return [_Message(tuple(group))], []
        try:
            entries, faulty = await asyncio.to_thread(self._entries, target, group)
            messages = await asyncio.to_thread(self._digests, target, entries, now)
        except DrawdownError as error:
            return [], [_Outcome(delivery, str(error), next_at=None) for delivery in group]
        loose = [[one.id for one in message.deliveries] for message in messages if message.deliveries[0].digest is None]
        if loose:
            await self.store.write(lambda session: [outbox.bind(session, ids) for ids in loose])
        return messages, faulty

    def _entries(
        self, target: Target, group: Sequence[Delivery]
    ) -> tuple[list[tuple[Delivery, Entry]], list[_Outcome]]:
        entries, faulty = [], []
        with self.store.reading() as session:
            for delivery in group:
                try:
                    entries.append((delivery, _entry(session, delivery, target, self.topic)))
                except DeliveryError as error:
                    log.warning("delivery %d to %s failed (not tried again): %s", delivery.id, target.name, error)
                    faulty.append(_Outcome(delivery, str(error), next_at=None))
        return entries, faulty

    def _digests(self, target: Target, told: Sequence[tuple[Delivery, Entry]], now: datetime) -> list[_Message]:
        if not told:
            return []
        deliveries = tuple(delivery for delivery, _ in told)
        if len(told) == 1:
            return [_Message(deliveries)]
        key = repr([(one.id, one.change_id, one.notice_id, one.created_at) for one in deliveries])
        entries = [said for _, said in told]
        alert = compose_digest(entries, self.topic, lang=target.lang, at=now, key=key)
        if fits(target.url, alert):
            return [_Message(deliveries, alert)]
        half = len(told) // 2
        return [*self._digests(target, told[:half], now), *self._digests(target, told[half:], now)]

    def _put_off(self, message: _Message, target: Target, now: datetime) -> list[_Outcome]:
        again = max(self._again(message.deliveries[0], now), self._rests.get(target.name, now))
        what = "waits: the target failed just before"
        return [_Outcome(delivery, what, next_at=again, tried=False) for delivery in message.deliveries]

    async def _tell(self, message: _Message, target: Target, run: _Run, now: datetime) -> list[_Outcome]:
        """6. Compose and send one message. A fault that trying again cannot mend makes it dead at once."""
        first = message.deliveries[0]
        try:
            alert = message.alert
            if alert is None:
                alert = await asyncio.to_thread(self._compose, first, target)
            await self.notifier.send(target.url, replace(alert, terse=target.form == "short"))
        except DrawdownError as error:
            what, retry = str(error), error.retry
            log.warning("delivery %d to %s failed (attempt %d): %s", first.id, target.name, first.attempts, error)
            after = timedelta(seconds=error.after or 0) if isinstance(error, DeliveryError) else timedelta()
            if after:
                self._rests[target.name] = now + min(after, LONGEST_REST)
                run.resting = True
        except Exception as error:  # a fault of ours must not stop the other deliveries
            log.exception("delivery %d to %s broke the sender", first.id, target.name)
            what, retry = f"{type(error).__name__}; the log has the details", True
        else:
            run.failures = 0
            return [_Outcome(delivery, sent=True) for delivery in message.deliveries]
        run.failures = run.failures + 1 if retry else 0
        run.resting = run.resting or run.failures >= PATIENCE
        again = max(self._again(first, now), self._rests.get(target.name, now))
        return [
            _Outcome(delivery, what, next_at=again if retry and delivery.attempts < ATTEMPTS else None)
            for delivery in message.deliveries
        ]

    async def _mark(self, outcomes: Sequence[_Outcome], now: datetime) -> None:
        """7. Record what became of them. What cannot be recorded is remembered, so that it is not sent again."""
        if not outcomes:
            return
        self._unmarked.update({outcome.delivery.id: outcome for outcome in outcomes})

        def work(session: Session) -> None:
            for outcome in outcomes:
                if outcome.sent:
                    outbox.mark_sent(session, outcome.delivery.id, at=now)
                else:
                    delivery, again = outcome.delivery.id, outcome.next_at
                    outbox.mark_failed(session, delivery, outcome.error, next_at=again, at=now, tried=outcome.tried)
            _notice_dead(session, outcomes, now)

        await self.store.write(work)
        for outcome in outcomes:
            self._unmarked.pop(outcome.delivery.id, None)

    def _again(self, delivery: Delivery, now: datetime) -> datetime:
        doubled = FIRST_WAIT * float(2 ** min(max(delivery.attempts - 1, 0), 10))
        return now + min(doubled, LONGEST_WAIT) * (1 + JITTER * self.dice.random())

    def _compose(self, delivery: Delivery, target: Target) -> Alert:
        with self.store.reading() as session:
            if delivery.notice_id is not None:
                return compose_notice(_notice(session, delivery.notice_id), self.topic, lang=target.lang)
            if delivery.change_id is None:
                facts, at = _summary(session, delivery)
                return compose_summary(facts, self.topic, lang=target.lang, at=at)
            change, evidence = _material(session, delivery.change_id)
            edited, because = edit_of(session, change), _because(session, change)
        return compose(change, evidence, self.topic, lang=target.lang, edited=edited, because=because)


def _grouped(target: Target, due: Iterable[Delivery], *, left: int | None) -> list[list[Delivery]]:
    """What goes out together: what was one message before, what was held till now, and all where it is too much.

    left: how many messages the target takes now, None for any number. A summary goes alone.
    """
    bound: dict[int, list[Delivery]] = {}
    held: list[Delivery] = []
    single: list[list[Delivery]] = []
    for delivery in due:
        if delivery.summary_id is not None:
            single.append([delivery])
        elif delivery.digest is not None:
            bound.setdefault(delivery.digest, []).append(delivery)
        elif delivery.held_by is not None or target.digest is not None:
            held.append(delivery)
        else:
            single.append([delivery])
    groups = [*bound.values(), *([held] if held else [])]
    if left is not None and len(groups) + len(single) > left:
        held += [delivery for [delivery] in single if delivery.summary_id is None]
        single = [[delivery] for [delivery] in single if delivery.summary_id is not None]
        groups = [*bound.values(), *([sorted(held, key=lambda one: one.id)] if held else [])]
    return sorted([*groups, *single], key=lambda group: group[0].id)


def _hold(session: Session, held: Iterable[tuple[Delivery, policy.Hold]]) -> None:
    for delivery, hold in held:
        outbox.hold(session, delivery.id, until=hold.until, by=hold.by, why=hold.why)


def _notice_dead(session: Session, outcomes: Iterable[_Outcome], now: datetime) -> None:
    """Notice, once, that a target's alerts are given up; that one arrives ends it."""
    for outcome in outcomes:
        target = outcome.delivery.target
        if outcome.sent:
            notices.end(session, f"undelivered {target}", at=now)
        elif outcome.next_at is None:
            text = f"an alert for the target {target} was given up: {outcome.error}; `drawdown alerts` lists all such"
            notices.begin(session, f"undelivered {target}", NoticeKind.UNDELIVERED, text, at=now)


def _about(session: Session, delivery: Delivery) -> tuple[Severity, str]:
    """How much a delivery matters, and of which subject it is."""
    if delivery.notice_id is not None:
        return policy.severity_of_notice(_notice(session, delivery.notice_id).kind), ""
    change = knowledge.change(session, delivery.change_id) if delivery.change_id is not None else None
    return (policy.severity(change), change.subject) if change else (Severity.NORMAL, "")


def _entry(session: Session, delivery: Delivery, target: Target, topic: Topic) -> Entry:
    if delivery.notice_id is not None:
        return notice_entry(_notice(session, delivery.notice_id), topic, lang=target.lang)
    if delivery.change_id is None:
        raise DeliveryError("a summary is no part of a digest", where=f"delivery {delivery.id}")
    change, evidence = _material(session, delivery.change_id)
    return entry(change, evidence, topic, lang=target.lang, because=_because(session, change))


def _notice(session: Session, notice_id: int) -> Notice:
    notice = health.notice(session, notice_id)
    if notice is None:
        raise DeliveryError("there is no such notice in the store", where=f"notice {notice_id}")
    return notice


def _material(session: Session, change_id: int) -> tuple[Change, list[Evidence]]:
    change = knowledge.change(session, change_id)
    if change is None:
        raise DeliveryError("there is no such change in the store", where=f"change {change_id}")
    return change, knowledge.evidence_by_ids(session, claim_ids(change))


def _because(session: Session, change: Change) -> str:
    """Why a person took back what was told before, where this change does that."""
    ruling = rulings.one(session, change.ruling_id) if change.ruling_id is not None else None
    return ruling.because if ruling else ""


def _summary(session: Session, delivery: Delivery) -> tuple[list[KnownFact], datetime]:
    """The facts that a summary names: `{"facts": [ids], "at": time}`, as they were then."""
    if delivery.summary_id is None:
        raise DeliveryError("tells neither a change nor a summary", where=f"delivery {delivery.id}")
    try:
        body = json.loads(outbox.summary(session, delivery.summary_id))
        ids, at = list(body["facts"]), parse_moment(body["at"])
    except (ValueError, KeyError, TypeError) as error:
        raise StoreError(f"its body cannot be read: {error}", where=f"summary {delivery.summary_id}") from error
    return knowledge.facts_by_ids(session, ids), at
