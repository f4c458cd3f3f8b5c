"""One gate a host, for all crawls of the process: one request at a time, a delay between two, rest when asked, and no
more in a day than a budget.

Scrapy's own delays hold within one crawl only. Two sources on one host would not know of each other.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
import time
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from db.errors import CrawlError
from db.records import Spent

LONGEST_WAIT = 60.0  # seconds that a request waits at the gate; a host that asks for more is left for a later pass
LONGEST_REST = 6 * 3600.0  # seconds that a host's Retry-After is believed for
FIRST_REST = 60.0  # seconds of rest after a 429 or 503 without Retry-After; doubles with each in a row
JITTER = 0.25  # share by which such a rest is lengthened at random, so that not all come back at once
DAY = 86_400.0


class StoppingError(CrawlError):
    """A request was not made because crawls are being stopped: no fault of the site's."""


class RestingError(CrawlError):
    """A request was not made because the host asked to be left alone."""


class BudgetError(CrawlError):
    """A request was not made because the host has been asked for as much as a day may ask."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Budget:
    """What a day may ask of one host: requests, and bytes of their answers."""

    requests: int
    bytes: int


@dataclass(slots=True)
class _Gate:
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    free_at: float = 0.0
    rest_until: float = 0.0
    delay: float = 0.0
    refusals: int = 0
    day_ends: float = 0.0
    requests: int = 0
    bytes: int = 0
    told: tuple[int, int] = (0, 0)  # requests and bytes that `spent` gave last


class Hosts:
    """The gates of all hosts. Times are of a monotonic clock, in seconds; a day begins with its first request."""

    def __init__(
        self, *, clock: Callable[[], float] = time.monotonic, chance: Callable[[], float] = random.random
    ) -> None:
        self._clock = clock
        self._chance = chance
        self._gates: dict[str, _Gate] = {}
        self._halted = False

    @contextlib.asynccontextmanager
    async def turn(self, host: str, delay: float, budget: Budget | None = None) -> AsyncIterator[None]:
        """Hold the host's gate for one request, `delay` or its own Crawl-delay after the one before.

        Raises RestingError when the host rests for long, BudgetError when the day's budget is used up, StoppingError
        when crawls are being stopped.
        """
        gate = self._gate(host)
        async with gate.lock:
            await self._wait(host, gate)
            self._spend(host, gate, budget)
            try:
                yield
            finally:
                gate.free_at = self._clock() + max(delay, gate.delay)

    async def _wait(self, host: str, gate: _Gate) -> None:
        while (left := max(gate.free_at, gate.rest_until) - self._clock()) > 0 or self._halted:
            if self._halted:
                raise StoppingError("not asked, because crawling is being stopped", where=host, retry=True)
            if left > LONGEST_WAIT:
                raise RestingError(f"asked to be left alone for another {left:.0f} s", where=host, retry=True)
            await asyncio.sleep(min(left, 0.25))  # short naps, so that a stop is heard at once

    def _spend(self, host: str, gate: _Gate, budget: Budget | None) -> None:
        now = self._clock()
        if now >= gate.day_ends:
            gate.day_ends, gate.requests, gate.bytes = now + DAY, 0, 0
        if budget is not None and (gate.requests >= budget.requests or gate.bytes >= budget.bytes):
            spent = f"{gate.requests} requests and {gate.bytes / 1e6:.1f} MB"
            raise BudgetError(
                f"not asked: the day's budget is used up ({spent}); more in {gate.day_ends - now:.0f} s",
                where=host,
                retry=True,
            )
        gate.requests += 1

    def took(self, host: str, size: int) -> None:
        """Count the bytes of an answer."""
        self._gate(host).bytes += size

    def spent(self, now: datetime) -> list[Spent]:
        """What was spent of the days that go on, of the hosts that spent any since this was asked last."""
        found = []
        for host, gate in self._gates.items():
            left = gate.day_ends - self._clock()
            if left > 0 and gate.told != (gate.requests, gate.bytes):
                gate.told = gate.requests, gate.bytes
                ends_at = now + timedelta(seconds=left)
                found.append(Spent(host=host, ends_at=ends_at, requests=gate.requests, bytes=gate.bytes))
        return found

    def recall(self, spent: Iterable[Spent], now: datetime) -> None:
        """Count what was spent before, as another process has filed it, where that is more than is known here."""
        for one in spent:
            gate, left = self._gate(one.host), min((one.ends_at - now).total_seconds(), DAY)
            if left > 0 and one.requests > (gate.requests if gate.day_ends > self._clock() else 0):
                gate.day_ends, gate.requests, gate.bytes = self._clock() + left, one.requests, one.bytes
                gate.told = one.requests, one.bytes

    def slow_down(self, host: str, delay: float) -> None:
        """Keep at least this many seconds between requests: the host's Crawl-delay."""
        self._gate(host).delay = min(max(delay, 0.0), LONGEST_WAIT)

    def heard(self, host: str, status: int, headers: Mapping[str, str], *, now: datetime | None = None) -> None:
        """Take note of an answer: 429 and 503 mean rest, as long as Retry-After (seconds or a date) says."""
        gate = self._gate(host)
        if status not in (429, 503):
            gate.refusals = 0
            return
        gate.refusals += 1
        seconds = retry_after(headers.get("retry-after", ""), now or datetime.now(UTC))
        if seconds is None:
            seconds = FIRST_REST * 2 ** min(gate.refusals - 1, 16) * (1 + JITTER * self._chance())
        gate.rest_until = self._clock() + min(seconds, LONGEST_REST)

    def halt(self) -> None:
        """Let nobody through any more; who waits is sent away."""
        self._halted = True

    def resume(self) -> None:
        """Let requests through again."""
        self._halted = False

    def _gate(self, host: str) -> _Gate:
        return self._gates.setdefault(host.lower(), _Gate())


def retry_after(value: str, now: datetime) -> float | None:
    """Seconds that a Retry-After header asks for (RFC 9110, 10.2.3), or None when it says nothing usable."""
    text = value.strip()
    if text.isascii() and text.isdigit():
        return float(text)
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, TypeError, OverflowError):
        return None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return max(0.0, (moment - now).total_seconds())


HOSTS = Hosts()  # the process's own
