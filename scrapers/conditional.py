"""Asking only for what is new: a page that has not changed costs a 304, one that is known not to be worth it nothing.

Scrapy's own HTTP cache with the RFC 9111 policy answers "fresh" pages from its store without asking, and a monitor
would miss changes. Here every request asks, with the validators that were saved together with the version.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from datetime import datetime

from db import addresses, visits
from db.records import Visit
from db.session import Store
from scrapers.revisits import Pace, due

LONGEST = 1000  # characters of a validator; servers refuse requests with longer heads


def headers(visit: Visit) -> dict[str, str]:
    """Request headers that let the server answer 304 (RFC 9110, 13.1)."""
    offers = {"If-None-Match": visit.etag, "If-Modified-Since": visit.last_modified}
    # A value with a line break is none that a server sent; it must not become a header of its own.
    return {
        name: value
        for name, value in offers.items()
        if value and len(value) <= LONGEST and value.isprintable() and value.isascii()
    }


async def load_known(store: Store, urls: Sequence[str]) -> Mapping[str, Visit]:
    """Which of these addresses are stored articles. Raises StoreError."""

    def load() -> Mapping[str, Visit]:
        with store.reading() as session:
            return visits.of_urls(session, urls)

    return await asyncio.to_thread(load)


async def load_due(store: Store, source: str, pace: Pace, now: datetime) -> Sequence[Visit]:
    """The source's articles to look at again now, those that have waited longest first. Raises StoreError."""

    def load() -> Sequence[Visit]:
        with store.reading() as session:
            return due(visits.of_source(session, source, since=now - pace.span), pace, now)

    return await asyncio.to_thread(load)


async def load_led(store: Store, urls: Sequence[str]) -> Mapping[str, str | None]:
    """Where addresses led when they were last asked: to an article's own address, or None to nothing on the topic.

    Addresses that are not remembered are left out. Raises StoreError.
    """

    def load() -> Mapping[str, str | None]:
        with store.reading() as session:
            return addresses.led_to(session, urls)

    return await asyncio.to_thread(load)
