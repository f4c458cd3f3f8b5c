"""What is held, gathered, withdrawn and told of operations, by a real mail server and a real webhook."""

from __future__ import annotations

import asyncio
import os
import random
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, time, timedelta
from typing import Any

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from db import health, mutes, outbox, rulings
from db.records import (
    Delivery,
    DeliveryState,
    HeldBy,
    Kind,
    Mute,
    Notice,
    NoticeKind,
    Ruling,
    Status,
    StatusValue,
    Verdict,
)
from db.session import Store
from monitor.telling.notify import Notifier
from monitor.telling.sender import BATCH, LEASE_SECONDS, Sender
from monitor.telling.target import Quiet, Severity, Target
from monitor.topics import Topic

Tell = Callable[..., list[int]]
HOUR = timedelta(hours=1)
FLOOD = 1000 if os.environ.get("DRAWDOWN_FLOOD") == "full" else 230


@pytest.fixture(params=["sqlite"])
def database_url(tmp_path: Any) -> str:
    """These tests are of the sender, not of a database."""
    return f"sqlite:///{tmp_path / 'drawdown.db'}"


@pytest.fixture
def sender_of(store: Store, topic: Topic, post_office: Any) -> Callable[..., Sender]:
    """A sender to one mail target with these settings."""

    def made(**settings: Any) -> Sender:
        target = Target(name="desk", url=post_office.url, **settings)
        return Sender(store=store, targets=[target], topic=topic, dice=random.Random(1))

    return made


def deliver(sender: Sender, now: datetime) -> int:
    return asyncio.run(sender.deliver(now))


def rows(store: Store) -> list[Delivery]:
    with store.reading() as session:
        return outbox.deliveries(session)


def plain(mail: Any) -> str:
    return str(mail.get_body(("plain",)).get_content())


def test_a_digest_gathers_till_its_time(sender_of: Any, store: Store, told: Tell, post_office: Any, make: Any) -> None:
    sender = sender_of(digest=time(18))
    ids = told("desk", count=3)
    assert deliver(sender, make.at) == 0
    assert {(row.state, row.held_by, row.attempts) for row in rows(store)} == {(DeliveryState.HELD, HeldBy.DIGEST, 0)}
    assert {row.next_at for row in rows(store)} == {make.at.replace(hour=18, minute=0)}
    assert deliver(sender, make.at.replace(hour=18, minute=0)) == 3
    (mail,) = post_office.messages
    assert mail["Subject"].endswith(": 3 alerts")
    for number in ids:
        assert f"Change {number}" in plain(mail)
    assert make.quote in plain(mail)
    assert "https://news.example/1" in plain(mail)
    assert {row.digest for row in rows(store)} == {rows(store)[0].id}


def test_quiet_hours_hold_and_then_tell_as_one(
    sender_of: Any, store: Store, told: Tell, post_office: Any, make: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    sender = sender_of(quiet=Quiet(start=time(13), end=time(15)))
    told("desk", count=2)
    assert deliver(sender, make.at) == 2  # a base that was left is urgent
    monkeypatch.setattr("monitor.telling.policy.severity", lambda _: Severity.NORMAL)
    told("desk", count=2)
    assert deliver(sender, make.at) == 0
    held = [row for row in rows(store) if row.state is DeliveryState.HELD]
    assert [row.error for row in held] == ["quiet hours 13:00-15:00 UTC"] * 2
    assert deliver(sender, make.at.replace(hour=15, minute=0)) == 2
    assert len(post_office.messages) == 3


def test_a_flood_becomes_one_message(sender_of: Any, store: Store, told: Tell, post_office: Any, make: Any) -> None:
    sender = sender_of(limit=3)
    told("desk", count=2)
    assert deliver(sender, make.at) == 2
    told("desk", count=20)
    assert deliver(sender, make.at) == 20
    assert len(post_office.messages) == 3
    told("desk", count=2)
    assert deliver(sender, make.at) == 0
    assert {row.held_by for row in rows(store)[-2:]} == {HeldBy.LIMIT}
    assert deliver(sender, make.at + HOUR) == 2
    assert len(post_office.messages) == 4


def test_a_muted_base_is_told_of_when_the_mute_ends(
    sender_of: Any, store: Store, topic: Topic, told: Tell, post_office: Any, make: Any
) -> None:
    sender = sender_of()
    muted, other = list(topic.bases)[:2]
    with store.writing() as session:
        mutes.save(session, Mute(base=muted, until=make.at + 48 * HOUR, who="Mona", at=make.at))
    told("desk", count=2)
    assert deliver(sender, make.at) == 1
    held, sent = rows(store)
    assert (held.state, held.held_by, sent.state) == (DeliveryState.HELD, HeldBy.MUTE, DeliveryState.SENT)
    assert other not in held.error
    with store.writing() as session:
        mutes.end(session, muted, at=make.at + HOUR)
        assert mutes.standing(session, make.at + HOUR) == []
    assert deliver(sender, make.at + HOUR) == 1


def reject(store: Store, change: int, at: datetime) -> list[str]:
    """A person's word as `drawdown reject` keeps it; who had been alerted."""
    with store.writing() as session:
        ruling = Ruling(
            verdict=Verdict.REJECT, kind=Kind.BASE_STATUS, subject="qasrak", since="2026-02-23",
            value=StatusValue(status=Status.VACATED), who="Mona", at=at, change_id=change, because="a drill",
        )  # fmt: skip
        rulings.save(session, ruling)
        return outbox.withdraw(session, change, outbox.rejection("Mona", at, "a drill"))


def test_a_rejected_change_is_told_to_nobody_more(
    sender_of: Any, store: Store, told: Tell, post_office: Any, make: Any
) -> None:
    (change,) = told("desk", "gone")
    with store.writing() as session:
        (one,) = outbox.lease(session, "gone", now=make.at, seconds=60, limit=1)
        outbox.mark_sent(session, one.id, at=make.at)
    assert reject(store, change, make.at) == ["gone"]
    assert deliver(sender_of(), make.at + HOUR) == 0
    desk, gone = sorted(rows(store), key=lambda row: row.target)
    assert (desk.state, gone.state) == (DeliveryState.WITHDRAWN, DeliveryState.SENT)
    assert desk.error == "rejected by Mona, 2026-02-23T14:05:00Z: a drill"
    assert post_office.messages == []


def test_one_that_is_being_sent_when_it_is_rejected_is_not_tried_again(
    sender_of: Any, store: Store, told: Tell, post_office: Any, make: Any
) -> None:
    (change,) = told("desk")
    post_office.behaviour = "defer"

    class Meanwhile(Notifier):
        async def send(self, url: str, alert: Any) -> None:
            assert reject(store, change, make.at) == ["desk"]
            await super().send(url, alert)

    sender = replace(sender_of(), notifier=Meanwhile())
    assert deliver(sender, make.at) == 0
    assert [row.state for row in rows(store)] == [DeliveryState.WITHDRAWN]


def test_a_webhook_that_asks_for_a_rest_gets_it(
    store: Store, topic: Topic, told: Tell, make: Any, httpserver: HTTPServer
) -> None:
    answers = [Response("slow down", status=429, headers={"Retry-After": "600"})]
    asked: list[str] = []

    def answer(request: Request) -> Response:
        asked.append(request.get_json()["text"])
        return answers.pop() if answers else Response("ok")

    httpserver.expect_request("/hook").respond_with_handler(answer)
    target = Target(name="slack", url=f"slackhook://127.0.0.1:{httpserver.port}/hook")
    sender = Sender(store=store, targets=[target], topic=topic)
    told("slack", count=3)
    assert deliver(sender, make.at) == 0
    assert len(asked) == 1
    assert min(row.next_at or make.at for row in rows(store)) >= make.at + timedelta(seconds=600)
    assert "429 slow down" in rows(store)[0].error
    assert deliver(sender, make.at + timedelta(seconds=599)) == 0
    assert deliver(sender, make.at + timedelta(seconds=600)) == 3
    assert len(asked) == 4


def test_a_digest_whose_sender_died_comes_again_as_the_same_message(
    sender_of: Any, store: Store, told: Tell, post_office: Any, make: Any
) -> None:
    class Killed(BaseException):
        """Stands for kill -9."""

    class Dying(Notifier):
        async def send(self, url: str, alert: Any) -> None:
            await super().send(url, alert)
            raise Killed

    told("desk", count=4)
    with pytest.raises(Killed):
        deliver(replace(sender_of(limit=2), notifier=Dying()), make.at)
    told("desk", count=1)
    again = make.at + timedelta(seconds=LEASE_SECONDS)
    assert deliver(sender_of(limit=2), again) == 5
    first, second, third = [mail["Message-ID"] for mail in post_office.messages]
    assert first == second
    assert first != third


def test_a_long_digest_goes_to_slack_in_parts_and_loses_nothing(
    store: Store, topic: Topic, told: Tell, make: Any, httpserver: HTTPServer
) -> None:
    got: list[str] = []

    def answer(request: Request) -> Response:
        got.append(request.get_json()["text"])
        return Response("ok")

    httpserver.expect_request("/hook").respond_with_handler(answer)
    target = Target(name="slack", url=f"slackhook://127.0.0.1:{httpserver.port}/hook", digest=1)
    ids = told("slack", count=30)
    assert deliver(Sender(store=store, targets=[target], topic=topic), make.at + HOUR) == 30
    assert len(got) > 1
    assert all(len(text) <= 4000 for text in got)
    for number in ids:
        assert sum(f"Change {number}\n" in text for text in got) == 1


def test_notices_go_once_to_those_who_ask_for_operations(
    store: Store, topic: Topic, post_office: Any, make: Any
) -> None:
    targets = [
        Target(name="desk", url=post_office.url),
        Target(name="ops", url=post_office.url, operations=True, lang="ar"),
    ]
    sender = Sender(store=store, targets=targets, topic=topic)
    with store.writing() as session:
        text = "is down: 3 passes in a row failed"
        health.add_notice(session, Notice(source="sana_ar", kind=NoticeKind.DOWN, at=make.at, text=text))
    assert deliver(sender, make.at) == 1
    assert deliver(sender, make.at + HOUR) == 0
    (mail,) = post_office.messages
    assert mail["Subject"] == "Drawdown: المصدر sana_ar لا يستجيب"
    assert "sana_ar is down: 3 passes" in plain(mail)
    assert [(row.target, row.notice_id) for row in rows(store)] == [("ops", 1)]


def test_alerts_that_are_given_up_are_noticed_once(
    store: Store, topic: Topic, told: Tell, post_office: Any, make: Any
) -> None:
    targets = [
        Target(name="desk", url="nonsense://verysecret"),
        Target(name="ops", url=post_office.url, operations=True, types=()),
    ]
    sender = Sender(store=store, targets=targets, topic=topic)
    told("desk", count=2)
    deliver(sender, make.at)
    assert deliver(sender, make.at + timedelta(minutes=1)) == 1
    assert deliver(sender, make.at + timedelta(minutes=2)) == 0
    (mail,) = post_office.messages
    assert mail["Subject"] == "Drawdown: alerts do not arrive"
    assert "target desk was given up" in plain(mail)
    assert "verysecret" not in plain(mail)


def test_a_target_that_hangs_delays_no_other_call(store: Store, topic: Topic, told: Tell, make: Any) -> None:
    taken: list[str] = []

    async def play() -> None:
        hanging, free = asyncio.Event(), asyncio.Event()

        class Half(Notifier):
            async def send(self, url: str, alert: Any) -> None:
                if url == "hang://":
                    hanging.set()
                    await free.wait()
                taken.append(url)

        targets = [Target(name="hanging", url="hang://"), Target(name="quick", url="quick://")]
        sender = Sender(store=store, targets=targets, topic=topic, notifier=Half())
        told("hanging")
        first = asyncio.create_task(sender.deliver(make.at))
        await hanging.wait()
        told("hanging", "quick")
        assert await sender.deliver(make.at) == 1
        assert taken == ["quick://"]
        free.set()
        assert await first == 2

    asyncio.run(play())


def test_many_changes_at_once_reach_two_targets_past_a_broken_one(
    store: Store, topic: Topic, told: Tell, post_office: Any, make: Any, httpserver: HTTPServer
) -> None:
    got: list[str] = []

    def answer(request: Request) -> Response:
        got.append(request.get_json()["text"])
        return Response("ok")

    httpserver.expect_request("/hook").respond_with_handler(answer)
    httpserver.expect_request("/broken").respond_with_data("no", status=500)
    hook = f"slackhook://127.0.0.1:{httpserver.port}"
    targets = [
        Target(name="desk", url=post_office.url),
        Target(name="slack", url=f"{hook}/hook", limit=10_000, digest=1),
        Target(name="broken", url=f"{hook}/broken"),
    ]
    bases = len(topic.bases)
    ids = [
        number
        for first in range(0, FLOOD, bases)
        for number in told("desk", "slack", "broken", count=min(bases, FLOOD - first))
    ]
    assert len(ids) == FLOOD
    assert deliver(Sender(store=store, targets=targets, topic=topic), make.at + HOUR) == 2 * FLOOD
    mails = "\n".join(map(plain, post_office.messages))
    assert len(post_office.messages) == -(-FLOOD // BATCH)
    hooked = "\n".join(got)
    for number in ids:
        assert mails.count(f"Change {number}\n") == 1
        assert hooked.count(f"Change {number}\n") == 1
    broken = [row for row in rows(store) if row.target == "broken"]
    assert {row.state for row in broken} == {DeliveryState.DUE}
    assert all(row.error and row.next_at for row in broken)
