from __future__ import annotations

import asyncio
import json
import random
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from db import knowledge, outbox
from db.errors import DeliveryError, StoreError
from db.records import Delivery, DeliveryState, Kind, KnownFact, Slot, Status, iso
from db.session import Store
from monitor.telling import sender as room
from monitor.telling.alert import Alert
from monitor.telling.notify import Notifier
from monitor.telling.sender import ATTEMPTS, LEASE_SECONDS, Sender
from monitor.telling.target import Target
from monitor.topics import Topic

Tell = Callable[..., list[int]]


def rows(store: Store) -> list[Delivery]:
    with store.reading() as session:
        return outbox.deliveries(session)


def deliver(sender: Sender, now: datetime) -> int:
    return asyncio.run(sender.deliver(now))


@pytest.fixture
def webhook(httpserver: HTTPServer) -> Any:
    """A webhook that keeps what it is told and answers with `status`."""

    class Webhook:
        def __init__(self) -> None:
            self.status = 200
            self.got: list[str] = []
            self.url = f"slackhook://127.0.0.1:{httpserver.port}/services/T/B/verysecret"

        def answer(self, request: Request) -> Response:
            if self.status == 200:
                self.got.append(request.get_json()["text"])
            return Response("ok" if self.status == 200 else "no", status=self.status)

    hook = Webhook()
    httpserver.expect_request("/services/T/B/verysecret", method="POST").respond_with_handler(hook.answer)
    return hook


@pytest.fixture
def mail_and_slack(store: Store, topic: Topic, post_office: Any, webhook: Any) -> Sender:
    targets = (Target(name="desk", url=post_office.url), Target(name="slack", url=webhook.url))
    return Sender(store=store, targets=targets, topic=topic, dice=random.Random(1))


def test_a_change_is_told_once_to_each_target(
    mail_and_slack: Sender, store: Store, told: Tell, post_office: Any, webhook: Any, make: Any
) -> None:
    (change,) = told("desk", "slack")
    assert deliver(mail_and_slack, make.at) == 2
    assert deliver(mail_and_slack, make.at + timedelta(days=1)) == 0
    (mail,) = post_office.messages
    (message,) = webhook.got
    plain = mail.get_body(("plain",)).get_content()
    assert mail["Subject"] == "Qasrak: withdrawing → vacated (B2)"
    assert make.quote in plain
    assert make.quote in message
    assert f"Change {change}" in plain
    assert f"Change {change}" in message
    assert "What the edit changed around the quote" in plain
    assert "[-" in plain
    assert {row.state for row in rows(store)} == {DeliveryState.SENT}
    assert {row.sent_at for row in rows(store)} == {make.at}


def test_each_target_reads_its_own_language(
    store: Store, topic: Topic, told: Tell, post_office: Any, make: Any
) -> None:
    told("desk")
    target = Target(name="desk", url=post_office.url, lang="ar")
    deliver(Sender(store=store, targets=[target], topic=topic), make.at)
    (mail,) = post_office.messages
    assert mail["Subject"].startswith("قسرك")
    assert mail["Content-Language"] == "ar"


@pytest.mark.parametrize("behaviour", ["refuse", "defer", "drop"])
def test_a_target_that_fails_is_tried_again_and_holds_up_nobody(
    behaviour: str, mail_and_slack: Sender, store: Store, told: Tell, post_office: Any, webhook: Any, make: Any
) -> None:
    told("desk", "slack")
    post_office.behaviour = behaviour
    assert deliver(mail_and_slack, make.at) == 1
    assert len(webhook.got) == 1
    (failed,) = [row for row in rows(store) if row.target == "desk"]
    assert failed.state is DeliveryState.DUE
    assert failed.error
    assert failed.next_at is not None
    assert timedelta(minutes=1) <= failed.next_at - make.at <= timedelta(minutes=1.25)
    assert deliver(mail_and_slack, make.at + timedelta(seconds=59)) == 0
    post_office.behaviour = "accept"
    assert deliver(mail_and_slack, failed.next_at) == 1
    assert len(post_office.messages) == 1
    assert len(webhook.got) == 1


@pytest.mark.parametrize("status", [429, 500])
def test_a_webhook_that_never_answers_well_ends_dead_with_its_reason(
    status: int, mail_and_slack: Sender, store: Store, told: Tell, webhook: Any, make: Any
) -> None:
    told("slack")
    webhook.status = status
    now, waits = make.at, []
    for _ in range(ATTEMPTS):
        assert deliver(mail_and_slack, now) == 0
        (row,) = rows(store)
        if row.next_at:
            waits.append(row.next_at - now)
            now = row.next_at
    (row,) = rows(store)
    assert (row.state, row.attempts) == (DeliveryState.DEAD, ATTEMPTS)
    assert f"the webhook said: {status}" in row.error
    assert "verysecret" not in row.error
    assert waits == sorted(waits)
    assert timedelta(hours=1) <= waits[-1] <= timedelta(hours=1.25)
    webhook.status = 200
    assert deliver(mail_and_slack, now + timedelta(days=1)) == 0
    with store.writing() as session:
        assert outbox.retry_dead(session, at=now) == 1
    assert deliver(mail_and_slack, now) == 1


def test_an_alert_that_cannot_be_told_is_dead_at_once_and_the_next_is_told(
    mail_and_slack: Sender, store: Store, told: Tell, post_office: Any, make: Any
) -> None:
    told("desk", quote=" ")
    told("desk")
    assert deliver(mail_and_slack, make.at) == 1
    dead, sent = rows(store)
    assert (dead.state, sent.state) == (DeliveryState.DEAD, DeliveryState.SENT)
    assert "an alert without date, source or quote is never sent" in dead.error
    assert len(post_office.messages) == 1


def test_a_target_that_is_gone_or_mistaken_is_dead_at_once(store: Store, topic: Topic, told: Tell, make: Any) -> None:
    told("gone", "mistaken")
    sender = Sender(store=store, targets=[Target(name="mistaken", url="nonsense://verysecret")], topic=topic)
    assert deliver(sender, make.at) == 0
    gone, mistaken = rows(store)
    assert {gone.state, mistaken.state} == {DeliveryState.DEAD}
    assert "no target is called 'gone'" in gone.error
    assert "does not parse" in mistaken.error
    assert "verysecret" not in mistaken.error


def test_many_changes_pass_a_broken_target_in_one_go(
    mail_and_slack: Sender, store: Store, told: Tell, post_office: Any, webhook: Any, make: Any, monkeypatch: Any
) -> None:
    monkeypatch.setattr(room, "BATCH", 7)
    told("desk", count=20)
    ids = told("slack", count=10)
    post_office.behaviour = "defer"
    assert deliver(mail_and_slack, make.at) == 10
    assert [text.rpartition("Change ")[2].split()[0] for text in webhook.got] == [str(number) for number in ids]
    assert post_office.connections == room.PATIENCE
    waiting = [row for row in rows(store) if row.target == "desk"]
    assert all(row.next_at and row.next_at > make.at for row in waiting)
    assert sorted(row.attempts for row in waiting) == [0] * (20 - room.PATIENCE) + [1] * room.PATIENCE


def test_a_target_that_hangs_costs_its_timeout_only(store: Store, topic: Topic, told: Tell, make: Any) -> None:
    told("hanging", "quick")
    taken: list[str] = []

    class Half(Notifier):
        async def send(self, url: str, alert: Alert) -> None:
            if url == "hang://":
                await quick_is_told.wait()
                raise DeliveryError("no answer", retry=True)
            taken.append(alert.subject)
            quick_is_told.set()

    quick_is_told = asyncio.Event()
    targets = [Target(name="hanging", url="hang://"), Target(name="quick", url="quick://")]
    assert deliver(Sender(store=store, targets=targets, topic=topic, notifier=Half()), make.at) == 1
    assert len(taken) == 1


class Killed(BaseException):
    """Stands for kill -9: nothing of the sender's code goes on after it."""


def test_a_kill_between_sending_and_marking_repeats_that_one_alone(
    mail_and_slack: Sender, store: Store, topic: Topic, told: Tell, post_office: Any, make: Any
) -> None:
    told("desk", count=3)

    class KilledAfterSecond(Notifier):
        async def send(self, url: str, alert: Alert) -> None:
            await super().send(url, alert)
            if len(post_office.messages) == 2:
                raise Killed

    mail_and_slack.notifier = KilledAfterSecond()
    with pytest.raises(Killed):
        deliver(mail_and_slack, make.at)
    fresh = Sender(store=store, targets=mail_and_slack.targets, topic=topic)
    assert deliver(fresh, make.at + timedelta(seconds=LEASE_SECONDS - 1)) == 0
    assert deliver(fresh, make.at + timedelta(seconds=LEASE_SECONDS)) == 2
    ids = [mail["Message-ID"] for mail in post_office.messages]
    assert len(ids) == 4
    assert ids[1] == ids[2]
    assert len(set(ids)) == 3
    assert deliver(fresh, make.at + timedelta(days=1)) == 0


def test_what_could_not_be_marked_is_not_sent_again(
    mail_and_slack: Sender, store: Store, told: Tell, post_office: Any, make: Any, monkeypatch: Any
) -> None:
    told("desk")
    real = outbox.mark_sent

    def locked(*_: Any, **__: Any) -> None:
        raise StoreError("database is locked", retry=True)

    monkeypatch.setattr(outbox, "mark_sent", locked)
    with pytest.raises(StoreError):
        deliver(mail_and_slack, make.at)
    monkeypatch.setattr(outbox, "mark_sent", real)
    assert deliver(mail_and_slack, make.at + timedelta(hours=1)) == 0
    assert len(post_office.messages) == 1
    assert rows(store)[0].state is DeliveryState.SENT


def test_a_fault_of_the_program_is_told_and_stops_nobody_else(
    store: Store, topic: Topic, told: Tell, webhook: Any, make: Any
) -> None:
    told("bad", "slack")

    class Faulty(Notifier):
        async def send(self, url: str, alert: Alert) -> None:
            if url == "bad://":
                raise KeyError("verysecret")
            await super().send(url, alert)

    targets = [Target(name="bad", url="bad://"), Target(name="slack", url=webhook.url)]
    assert deliver(Sender(store=store, targets=targets, topic=topic, notifier=Faulty()), make.at) == 1
    (bad,) = [row for row in rows(store) if row.target == "bad"]
    assert (bad.state, bad.error) == (DeliveryState.DUE, "KeyError; the log has the details")


def test_stopping_finishes_the_message_at_hand_and_puts_the_rest_back(
    mail_and_slack: Sender, store: Store, topic: Topic, told: Tell, post_office: Any, make: Any
) -> None:
    told("desk", count=3)

    class Stopping(Notifier):
        async def send(self, url: str, alert: Alert) -> None:
            mail_and_slack.stop()
            await super().send(url, alert)

    mail_and_slack.notifier = Stopping()
    assert deliver(mail_and_slack, make.at) == 1
    assert [row.state for row in rows(store)] == [DeliveryState.SENT, DeliveryState.DUE, DeliveryState.DUE]
    fresh = Sender(store=store, targets=mail_and_slack.targets, topic=topic)
    assert deliver(fresh, make.at) == 2
    assert len(post_office.messages) == 3


def test_the_summary_of_the_first_fill_is_told_once(
    mail_and_slack: Sender, store: Store, post_office: Any, webhook: Any, make: Any
) -> None:
    with store.writing() as session:
        held = make.position(Status.VACATED)
        fact = knowledge.save_fact(
            session, KnownFact(kind=Kind.BASE_STATUS, subject="qasrak", slot=Slot.FACT, held=held, recorded_at=make.at)
        )
        body = json.dumps({"facts": [fact.id], "at": iso(make.at)})
        number = outbox.save_summary(session, body, at=make.at)
        outbox.enqueue_summary(session, number, ["desk", "slack"], at=make.at)
    assert deliver(mail_and_slack, make.at) == 2
    assert deliver(mail_and_slack, make.at) == 0
    (mail,) = post_office.messages
    assert "Qasrak: vacated, since 21 February 2026, B2" in mail.get_body(("plain",)).get_content()
    assert "*Qasrak*: vacated" in webhook.got[0]
