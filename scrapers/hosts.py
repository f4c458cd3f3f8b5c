"""One gate a host, for all crawls of the process: one request at a time, a delay between two, and rest when asked.

Scrapy's own delays hold within one crawl only. Two sources on one host would not know of each other.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from db.errors import CrawlError

LONGEST_WAIT = 60.0  # seconds that a request waits at the gate; a host that asks for more is left for a later pass
LONGEST_REST = 6 * 3600.0  # seconds that a host's Retry-After is believed for
FIRST_REST = 60.0  # seconds of rest after a 429 or 503 without Retry-After; doubles with each in a row


class StoppingError(CrawlError):
    """A request was not made because crawls are being stopped: no fault of the site's."""


@dataclass(slots=True)
class _Gate:
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    free_at: float = 0.0
    rest_until: float = 0.0
    delay: float = 0.0
    refusals: int = 0


class Hosts:
    """The gates of all hosts. Times are of a monotonic clock, in seconds."""

    def __init__(self, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._gates: dict[str, _Gate] = {}
        self._halted = False

    @contextlib.asynccontextmanager
    async def turn(self, host: str, delay: float) -> AsyncIterator[None]:
        """Hold the host's gate for one request, `delay` or its own Crawl-delay after the one before.

        Raises CrawlError (retry) when the host rests for long, StoppingError when crawls are being stopped.
        """
        gate = self._gate(host)
        async with gate.lock:
            await self._wait(host, gate)
            try:
                yield
            finally:
                gate.free_at = self._clock() + max(delay, gate.delay)

    async def _wait(self, host: str, gate: _Gate) -> None:
        while (left := max(gate.free_at, gate.rest_until) - self._clock()) > 0 or self._halted:
            if self._halted:
                raise StoppingError("not asked, because crawling is being stopped", where=host, retry=True)
            if left > LONGEST_WAIT:
                raise CrawlError(f"asked to be left alone for another {left:.0f} s", where=host, retry=True)
            await asyncio.sleep(min(left, 0.25))  # short naps, so that a stop is heard at once

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
            seconds = FIRST_REST * 2 ** min(gate.refusals - 1, 16)
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
    except ValueError:
        return None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return max(0.0, (moment - now).total_seconds())


HOSTS = Hosts()  # the process's own
