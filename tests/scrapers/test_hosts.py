"""The gate of a host, with a clock of the test's own."""

# ruff: noqa: E501 (tables of examples)

from __future__ import annotations

import asyncio
import itertools
from datetime import UTC, datetime, timedelta

import pytest

from db import budgets
from db.errors import CrawlError
from scrapers import hosts
from scrapers.hosts import Budget, BudgetError, Hosts, StoppingError, retry_after

NOW = datetime(2026, 2, 21, 6, 0, tzinfo=UTC)


class Clock:
    """Time that passes only by sleeping."""

    def __init__(self) -> None:
        self.time = 1000.0

    def __call__(self) -> float:
        return self.time


@pytest.fixture
def clock(monkeypatch) -> Clock:
    made = Clock()
    real = asyncio.sleep

    async def sleep(seconds: float) -> None:
        made.time += seconds
        await real(0)

    monkeypatch.setattr(hosts.asyncio, "sleep", sleep)
    return made


async def ask(gates: Hosts, clock: Clock, host: str, times: list[float], *, delay: float = 5, takes: float = 1) -> None:
    async with gates.turn(host, delay):
        times.append(clock())
        clock.time += takes


def test_two_crawls_of_one_host_keep_its_delay_between_them(clock) -> None:
    gates, times = Hosts(clock=clock), []

    async def both() -> None:
        await asyncio.gather(
            *(ask(gates, clock, host, times) for host in ("news.example", "NEWS.example", "news.example"))
        )

    asyncio.run(both())
    assert [round(b - a, 1) for a, b in itertools.pairwise(times)] == [6.0, 6.0]


def test_one_host_does_not_wait_for_another(clock) -> None:
    gates, times = Hosts(clock=clock), []

    async def both() -> None:
        await ask(gates, clock, "one.example", times)
        await ask(gates, clock, "two.example", times)

    asyncio.run(both())
    assert times[1] - times[0] == 1


def test_a_crawl_delay_is_kept(clock) -> None:
    gates, times = Hosts(clock=clock), []
    gates.slow_down("news.example", 20)

    async def twice() -> None:
        await ask(gates, clock, "news.example", times)
        await ask(gates, clock, "news.example", times)

    asyncio.run(twice())
    assert round(times[1] - times[0]) == 21


def test_a_short_rest_is_waited_for_and_a_long_one_is_not(clock) -> None:
    gates, times = Hosts(clock=clock), []
    gates.heard("news.example", 503, {"retry-after": "30"}, now=NOW)
    asyncio.run(ask(gates, clock, "news.example", times))
    assert times == [1030.0]
    gates.heard("news.example", 429, {"retry-after": "Sat, 21 Feb 2026 07:00:00 GMT"}, now=NOW)
    with pytest.raises(CrawlError, match="left alone for another 3600 s") as caught:
        asyncio.run(ask(gates, clock, "news.example", times))
    assert caught.value.retry


def test_refusals_in_a_row_lengthen_the_rest(clock) -> None:
    gates = Hosts(clock=clock, chance=lambda: 0.0)
    rests = []
    for _ in range(3):
        gates.heard("news.example", 429, {}, now=NOW)
        rests.append(gates._gate("news.example").rest_until - clock())
    assert rests == [60, 120, 240]
    gates.heard("news.example", 200, {}, now=NOW)
    gates.heard("news.example", 429, {}, now=NOW)
    assert gates._gate("news.example").rest_until - clock() == 60


def test_a_rest_is_lengthened_at_random_but_not_what_the_host_asked_for(clock) -> None:
    gates = Hosts(clock=clock, chance=lambda: 0.5)
    gates.heard("news.example", 503, {}, now=NOW)
    assert gates._gate("news.example").rest_until - clock() == 60 * (1 + hosts.JITTER / 2)
    gates.heard("news.example", 503, {"retry-after": "30"}, now=NOW)
    assert gates._gate("news.example").rest_until - clock() == 30


@pytest.mark.parametrize("budget", [Budget(requests=2, bytes=10**6), Budget(requests=100, bytes=2000)])
def test_a_day_asks_no_more_than_its_budget(clock, budget) -> None:
    gates = Hosts(clock=clock)

    async def once(host: str) -> None:
        async with gates.turn(host, 0, budget):
            gates.took(host, 1000)

    async def day() -> None:
        await once("news.example")
        await once("news.example")
        await once("other.example")  # has a budget of its own
        with pytest.raises(BudgetError, match=r"2 requests and 0.0 MB.*more in 8\d{4} s") as caught:
            await once("news.example")
        assert caught.value.retry

    asyncio.run(day())
    clock.time += 86_400
    asyncio.run(day())


def test_a_new_process_goes_on_with_the_day(clock, store) -> None:
    budget = Budget(requests=3, bytes=10**6)

    async def asked(gates: Hosts, times: int) -> None:
        for _ in range(times):
            async with gates.turn("news.example", 0, budget):
                gates.took("news.example", 1000)

    def file(gates: Hosts, now: datetime) -> None:
        with store.writing() as session:
            budgets.save(session, gates.spent(now), at=now)

    def started(now: datetime) -> Hosts:
        with store.reading() as session:
            gates = Hosts(clock=clock)
            gates.recall(budgets.standing(session, at=now), now)
            return gates

    first = Hosts(clock=clock)
    asyncio.run(asked(first, 2))
    file(first, NOW)
    assert first.spent(NOW) == [], "nothing since"
    second = started(NOW + timedelta(hours=20))
    asyncio.run(asked(second, 1))
    with pytest.raises(BudgetError, match=r"3 requests.*more in 14400 s"):
        asyncio.run(asked(second, 1))
    file(second, NOW + timedelta(hours=20))
    asyncio.run(asked(started(NOW + timedelta(hours=25)), 3))


def test_who_waits_is_sent_away_when_crawls_stop(clock) -> None:
    gates = Hosts(clock=clock, chance=lambda: 0.0)
    gates.halt()
    with pytest.raises(StoppingError):
        asyncio.run(ask(gates, clock, "news.example", []))
    gates.resume()
    asyncio.run(ask(gates, clock, "news.example", []))


@pytest.mark.parametrize(
    ("value", "seconds"),
    [("120", 120), (" 5 ", 5), ("Sat, 21 Feb 2026 06:02:00 GMT", 120), ("Sat, 21 Feb 2026 05:00:00 GMT", 0), ("soon", None), ("", None), ("-5", None)],
)  # fmt: skip
def test_retry_after(value, seconds) -> None:
    assert retry_after(value, NOW) == seconds


def test_a_digit_that_is_no_number_is_no_rest() -> None:
    assert retry_after("²", NOW) is None


def test_refusals_without_end_do_not_overflow(clock) -> None:
    gates = Hosts(clock=clock, chance=lambda: 0.0)
    for _ in range(2000):
        gates.heard("news.example", 429, {}, now=NOW)
    assert gates._gate("news.example").rest_until - clock() == hosts.LONGEST_REST
