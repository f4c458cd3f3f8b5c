"""The outbox: once a change and target, leased by one, back when the lease runs out."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime
from types import SimpleNamespace

import pytest
from sqlalchemy import text

from db import knowledge, outbox
from db.errors import InputError, StoreError
from db.records import Delivery, DeliveryState
from db.session import Store

Clock = Callable[[float], datetime]


@pytest.fixture
def changes(store: Store, make: SimpleNamespace) -> list[int]:
    """The ids of three stored changes."""
    with store.writing() as session:
        saved = [knowledge.save_change(session, make.change(None, subject=name)) for name in ("a", "b", "c")]
    return [change.id for change in saved if change.id is not None]


def take(store: Store, now: datetime, *, seconds: float = 60, limit: int = 10) -> list[Delivery]:
    with store.writing() as session:
        return outbox.lease(session, "mail", now=now, seconds=seconds, limit=limit)


def listed(store: Store, state: DeliveryState | None = None) -> list[Delivery]:
    with store.reading() as session:
        return outbox.deliveries(session, state=state)


def test_one_row_a_change_and_target(store: Store, changes: list[int], hour: Clock) -> None:
    with store.writing() as session:
        outbox.enqueue(session, changes[:2], ["mail", "slack", "mail"], at=hour(0))
    with store.writing() as session:
        outbox.enqueue(session, changes[:1], ["mail", "pager"], at=hour(1))
    found = [(one.change_id, one.target, one.created_at) for one in listed(store)]
    assert found == [
        (changes[0], "mail", hour(0)),
        (changes[0], "slack", hour(0)),
        (changes[1], "mail", hour(0)),
        (changes[1], "slack", hour(0)),
        (changes[0], "pager", hour(1)),
    ]
    assert {one.state for one in listed(store)} == {DeliveryState.DUE}
    columns = "change_id, target, state, created_at, attempts, error"
    with pytest.raises(StoreError, match="refused"), store.writing() as session:
        session.execute(text(f"INSERT INTO deliveries ({columns}) SELECT {columns} FROM deliveries"))


def test_a_delivery_of_no_change_is_refused(store: Store, hour: Clock) -> None:
    with pytest.raises(StoreError, match="refused"), store.writing() as session:
        outbox.enqueue(session, [99], ["mail"], at=hour(0))


def test_summary(store: Store, hour: Clock) -> None:
    with store.writing() as session:
        summary = outbox.save_summary(session, '{"bases": "قواعد"}', at=hour(0))
        outbox.enqueue_summary(session, summary, ["mail"], at=hour(0))
        outbox.enqueue_summary(session, summary, ["mail", "slack"], at=hour(1))
        assert outbox.summary(session, summary) == '{"bases": "قواعد"}'
        with pytest.raises(InputError, match="no such summary"):
            outbox.summary(session, 99)
    assert [(one.change_id, one.summary_id, one.target) for one in listed(store)] == [
        (None, summary, "mail"),
        (None, summary, "slack"),
    ]


def test_leased_once_oldest_first(store: Store, changes: list[int], hour: Clock) -> None:
    with store.writing() as session:
        outbox.enqueue(session, changes, ["mail"], at=hour(0))
    first = take(store, hour(1), limit=2)
    assert [(one.change_id, one.state, one.attempts) for one in first] == [
        (changes[0], DeliveryState.LEASED, 1),
        (changes[1], DeliveryState.LEASED, 1),
    ]
    assert [one.change_id for one in take(store, hour(1))] == [changes[2]]
    assert take(store, hour(1)) == []


def test_a_lease_that_ran_out_comes_back(store: Store, changes: list[int], hour: Clock) -> None:
    with store.writing() as session:
        outbox.enqueue(session, changes[:1], ["mail"], at=hour(0))
    take(store, hour(0), seconds=3600)
    assert take(store, hour(0.99)) == []
    (again,) = take(store, hour(1))
    assert again.attempts == 2


def test_sent_is_final(store: Store, changes: list[int], hour: Clock) -> None:
    with store.writing() as session:
        outbox.enqueue(session, changes[:1], ["mail"], at=hour(0))
    (one,) = take(store, hour(0))
    with store.writing() as session:
        outbox.mark_sent(session, one.id, at=hour(1))
        outbox.mark_sent(session, one.id, at=hour(2))
        outbox.mark_failed(session, one.id, "late", next_at=hour(3), at=hour(2))
    (sent,) = listed(store)
    assert (sent.state, sent.sent_at, sent.error) == (DeliveryState.SENT, hour(1), "")
    assert take(store, hour(99)) == []


def test_a_failure_waits_for_its_time(store: Store, changes: list[int], hour: Clock) -> None:
    with store.writing() as session:
        outbox.enqueue(session, changes[:1], ["mail"], at=hour(0))
    (one,) = take(store, hour(0))
    with store.writing() as session:
        outbox.mark_failed(session, one.id, "refused\0" + "x" * 900, next_at=hour(2), at=hour(0))
    (failed,) = listed(store)
    assert (failed.state, failed.next_at, len(failed.error)) == (DeliveryState.DUE, hour(2), 500)
    assert take(store, hour(1.9)) == []
    (again,) = take(store, hour(2))
    assert again.attempts == 2
    with store.writing() as session:
        outbox.mark_sent(session, again.id, at=hour(2))
    assert listed(store)[0].error == ""


def test_given_up_is_dead_until_it_is_retried(store: Store, changes: list[int], hour: Clock) -> None:
    with store.writing() as session:
        outbox.enqueue(session, changes[:2], ["mail"], at=hour(0))
    for one in take(store, hour(0)):
        with store.writing() as session:
            outbox.mark_failed(session, one.id, "no such address", next_at=None, at=hour(0))
    assert take(store, hour(99)) == []
    assert [one.error for one in listed(store, DeliveryState.DEAD)] == ["no such address"] * 2
    with store.writing() as session:
        assert outbox.retry_dead(session, at=hour(100)) == 2
        assert outbox.retry_dead(session, at=hour(100)) == 0
    assert [one.attempts for one in take(store, hour(100))] == [1, 1]


def test_counts_name_every_state(store: Store, changes: list[int], hour: Clock) -> None:
    with store.writing() as session:
        outbox.enqueue(session, changes, ["mail"], at=hour(0))
        (one,) = outbox.lease(session, "mail", now=hour(0), seconds=1, limit=1)
        outbox.mark_sent(session, one.id, at=hour(0))
        outbox.lease(session, "mail", now=hour(0), seconds=1, limit=1)
    with store.reading() as session:
        assert outbox.counts(session) == {
            DeliveryState.DUE: 1,
            DeliveryState.HELD: 0,
            DeliveryState.LEASED: 1,
            DeliveryState.SENT: 1,
            DeliveryState.DEAD: 0,
            DeliveryState.WITHDRAWN: 0,
        }
        assert [one.change_id for one in outbox.deliveries(session, limit=2)] == changes[1:]


def test_what_is_not_there_is_said(store: Store, hour: Clock) -> None:
    with store.writing() as session, pytest.raises(InputError, match="no such delivery"):
        outbox.mark_sent(session, 99, at=hour(0))


def test_two_senders_never_take_the_same(store: Store, changes: list[int], hour: Clock, make: SimpleNamespace) -> None:
    with store.writing() as session:
        more = [knowledge.save_change(session, make.change(None, subject=f"base {n}")).id for n in range(27)]
        outbox.enqueue(session, [*changes, *filter(None, more)], ["mail"], at=hour(0))
    taken: list[int] = []

    def send() -> None:
        while batch := take(store, hour(1), limit=3):
            taken.extend(one.id for one in batch)

    threads = [threading.Thread(target=send) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(taken) == [one.id for one in listed(store)]
    assert len(taken) == 30
