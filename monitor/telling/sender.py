"""From the outbox to the targets: at least once, in order, without one target holding up another.

A delivery is leased, its alert composed and sent outside any transaction, then marked. A kill between sending and
marking repeats that one delivery when its lease has run out: the change's id in the text, and a mail's Message-ID,
tell that it is the same. Everything else happens once.
"""

from __future__ import annotations

import asyncio
import json
import logging
import random
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from db import knowledge, outbox, versions
from db.errors import DeliveryError, DrawdownError, StoreError
from db.records import Change, Delivery, Evidence, KnownFact, parse_moment
from db.session import Store
from monitor.config import Target
from monitor.telling.alert import Alert, Edited, claim_ids, compose, compose_summary
from monitor.telling.notify import TIMEOUT_SECONDS, Notifier
from monitor.topics import Topic

log = logging.getLogger(__name__)

ATTEMPTS = 8  # then a delivery is dead: with the waits below, after about two hours
FIRST_WAIT = timedelta(minutes=1)  # doubled at each failure
LONGEST_WAIT = timedelta(hours=1)
JITTER = 0.25  # a wait is longer by up to this part, so that many do not come back at one moment
LEASE_SECONDS = 180
BATCH = 100
PATIENCE = 2  # failures in a row after which a target rests until its next time


@dataclass(frozen=True, slots=True)
class _Outcome:
    """What became of one leased delivery: sent, failed (again at `next_at`, or dead), or put back untried."""

    delivery: Delivery
    error: str = ""
    sent: bool = False
    next_at: datetime | None = None


@dataclass(kw_only=True)
class Sender:
    """Delivers what is due. One a store: `deliver` is not to be called again before it has returned."""

    store: Store
    targets: Sequence[Target]
    topic: Topic
    notifier: Notifier = field(default_factory=Notifier)
    dice: random.Random = field(default_factory=random.Random)
    _stopping: bool = False
    _unmarked: dict[int, _Outcome] = field(default_factory=dict)

    async def deliver(self, now: datetime) -> int:
        """Send everything that is due at `now`; returns how many alerts were taken by their targets.

        Raises StoreError where the store can be neither read nor written; what was sent by then is marked at the
        next call, not sent again.
        """
        await self._mark(list(self._unmarked.values()), now)
        resting: set[str] = set()
        sent = 0
        while not self._stopping:
            leased = await self._lease(now)
            if not leased:
                break
            outcomes = await self._serve_all(leased, resting, now)
            sent += sum(outcome.sent for outcome in outcomes)
        return sent

    def stop(self) -> None:
        """End soon: what is being sent is finished, the rest is put back. A stopped sender does not start again."""
        self._stopping = True

    async def _lease(self, now: datetime) -> list[Delivery]:
        """1. Take what is due, so that nobody else does."""
        return await self.store.write(
            lambda session: outbox.lease(session, now=now, seconds=LEASE_SECONDS, limit=BATCH)
        )

    async def _serve_all(self, leased: Sequence[Delivery], resting: set[str], now: datetime) -> list[_Outcome]:
        """2. Each target gets its own in order, all targets at the same time."""
        by_target: dict[str, list[Delivery]] = {}
        for delivery in sorted(leased, key=lambda delivery: delivery.id):
            by_target.setdefault(delivery.target, []).append(delivery)
        done = await asyncio.gather(
            *(self._serve(name, deliveries, resting, now) for name, deliveries in by_target.items()),
            return_exceptions=True,
        )
        for result in done:
            if isinstance(result, BaseException):
                raise result
        return [outcome for result in done if not isinstance(result, BaseException) for outcome in result]

    async def _serve(
        self, name: str, deliveries: Sequence[Delivery], resting: set[str], now: datetime
    ) -> list[_Outcome]:
        """3. One target: send and mark one by one; after two failures in a row the others wait for another time."""
        target = next((target for target in self.targets if target.name == name), None)
        ends = asyncio.get_running_loop().time() + LEASE_SECONDS - TIMEOUT_SECONDS
        outcomes: list[_Outcome] = []
        failures = 0
        for delivery in deliveries:
            if target is None:
                what = f"no target is called {name!r} any more; add it, then `drawdown alerts retry`"
                outcome = _Outcome(delivery, error=what)
            elif self._stopping or asyncio.get_running_loop().time() > ends:
                outcome = _Outcome(delivery, error=delivery.error, next_at=now)
            elif name in resting:
                outcome = _Outcome(
                    delivery, error="waits: the target failed just before", next_at=self._again(delivery, now)
                )
            else:
                outcome = await self._tell(delivery, target, now)
                failures = 0 if outcome.sent or outcome.next_at is None else failures + 1
                if failures >= PATIENCE:
                    resting.add(name)
            outcomes.append(outcome)
            if outcome.sent:
                await self._mark([outcome], now)
        await self._mark([outcome for outcome in outcomes if not outcome.sent], now)
        return outcomes

    async def _tell(self, delivery: Delivery, target: Target, now: datetime) -> _Outcome:
        """4. Compose and send one alert. A fault that trying again cannot mend makes it dead at once."""
        try:
            alert = await asyncio.to_thread(self._compose, delivery, target)
            await self.notifier.send(target.url, replace(alert, terse=target.form == "short"))
        except DrawdownError as error:
            again = error.retry and delivery.attempts < ATTEMPTS
            left = f"attempt {delivery.attempts} of {ATTEMPTS}" if again else "not tried again"
            log.warning("delivery %d to %s failed (%s): %s", delivery.id, target.name, left, error)
            return _Outcome(delivery, error=str(error), next_at=self._again(delivery, now) if again else None)
        except Exception as error:  # a fault of ours must not stop the other deliveries
            log.exception("delivery %d to %s broke the sender", delivery.id, target.name)
            again = delivery.attempts < ATTEMPTS
            what = f"{type(error).__name__}; the log has the details"
            return _Outcome(delivery, error=what, next_at=self._again(delivery, now) if again else None)
        return _Outcome(delivery, sent=True)

    async def _mark(self, outcomes: Sequence[_Outcome], now: datetime) -> None:
        """5. Record what became of them. What cannot be recorded is remembered, so that it is not sent again."""
        if not outcomes:
            return
        self._unmarked.update({outcome.delivery.id: outcome for outcome in outcomes})

        def work(session: Session) -> None:
            for outcome in outcomes:
                if outcome.sent:
                    outbox.mark_sent(session, outcome.delivery.id, at=now)
                else:
                    outbox.mark_failed(session, outcome.delivery.id, outcome.error, next_at=outcome.next_at, at=now)

        await self.store.write(work)
        for outcome in outcomes:
            self._unmarked.pop(outcome.delivery.id, None)

    def _again(self, delivery: Delivery, now: datetime) -> datetime:
        doubled = FIRST_WAIT * float(2 ** min(max(delivery.attempts - 1, 0), 10))
        return now + min(doubled, LONGEST_WAIT) * (1 + JITTER * self.dice.random())

    def _compose(self, delivery: Delivery, target: Target) -> Alert:
        with self.store.reading() as session:
            if delivery.change_id is None:
                facts, at = _summary(session, delivery)
                return compose_summary(facts, self.topic, lang=target.lang, at=at)
            change, evidence, edited = _material(session, delivery.change_id)
        return compose(change, evidence, self.topic, lang=target.lang, edited=edited)


def _material(session: Session, change_id: int) -> tuple[Change, list[Evidence], Edited | None]:
    change = knowledge.change(session, change_id)
    if change is None:
        raise DeliveryError("there is no such change in the store", where=f"change {change_id}")
    return change, knowledge.evidence_by_ids(session, claim_ids(change)), _edited(session, change)


def _edited(session: Session, change: Change) -> Edited | None:
    """The texts before and after, when the change came from an article's later version."""
    if change.version_id is None:
        return None
    version = versions.version(session, change.version_id)
    if version.number < 2:
        return None
    older = next((v for v in versions.versions_of(session, version.article_id) if v.number == version.number - 1), None)
    return Edited(older=older.text, newer=version.text) if older else None


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
