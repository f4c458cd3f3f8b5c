"""Asking only for what is new: a page that has not changed costs a 304, one that is known not to be worth it nothing.

Scrapy's own HTTP cache with the RFC 9111 policy answers "fresh" pages from its store without asking, and a monitor
would miss changes. Here every pass asks, with the validators that were saved together with the version.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from db import addresses, versions
from db.session import Store


@dataclass(frozen=True, kw_only=True, slots=True)
class Known:
    """A stored article's validators, as its last good fetch gave them; either may be None."""

    etag: str | None
    last_modified: str | None

    def headers(self) -> dict[str, str]:
        """Request headers that let the server answer 304 (RFC 9110, 13.1)."""
        offers = {"If-None-Match": self.etag, "If-Modified-Since": self.last_modified}
        # A value with a line break is none that a server sent; it must not become a header of its own.
        return {name: value for name, value in offers.items() if value and value.isprintable() and value.isascii()}


async def load_known(store: Store, urls: Sequence[str]) -> Mapping[str, Known]:
    """Which of these addresses are stored articles, and what to ask for them with. Raises StoreError."""
    return await asyncio.to_thread(_load, store, urls)


async def load_led(store: Store, urls: Sequence[str]) -> Mapping[str, str | None]:
    """Where addresses led when they were last asked: to an article's own address, or None to nothing on the topic.

    Addresses that are not remembered are left out. Raises StoreError.
    """
    return await asyncio.to_thread(_load_led, store, urls)


def _load_led(store: Store, urls: Sequence[str]) -> Mapping[str, str | None]:
    with store.reading() as session:
        return addresses.led_to(session, urls)


def _load(store: Store, urls: Sequence[str]) -> dict[str, Known]:
    with store.reading() as session:
        found = {}
        for url in versions.known(session, urls):
            etag, last_modified = versions.validators(session, url)
            found[url] = Known(etag=etag, last_modified=last_modified)
        return found
