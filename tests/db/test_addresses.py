"""Addresses that lead elsewhere are remembered by their hash alone."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from sqlalchemy import select

from db import addresses
from db.models import AddressRow
from db.records import Capture, Origin, Page
from db.session import Store
from db.versions import save_page

Clock = Callable[[float], datetime]
TWIN, OWN, PASSED = "https://m.news.example/1", "https://news.example/1", "https://news.example/عن-شيء-آخر"


def test_an_address_leads_to_an_article_or_off_the_topic(store: Store, hour: Clock) -> None:
    page = Page(url=OWN, title="x", text="a text", lang="en")
    capture = Capture(url=TWIN, fetched_at=hour(0), status=200, headers=(), body=b"x")
    with store.writing() as session:
        saved = save_page(session, page, Origin(source="agency", outlet="Agency"), capture, at=hour(0))
        addresses.remember(session, TWIN, saved.article_id, at=hour(0))
        addresses.remember(session, PASSED, None, at=hour(0))
    with store.reading() as session:
        assert addresses.led_to(session, [TWIN, PASSED, OWN, "\ud800"]) == {TWIN: OWN, PASSED: None}
        assert {len(row.hash) for row in session.scalars(select(AddressRow))} == {16}


def test_the_latest_counts(store: Store, hour: Clock) -> None:
    page = Page(url=OWN, title="x", text="a text", lang="en")
    capture = Capture(url=OWN, fetched_at=hour(0), status=200, headers=(), body=b"x")
    with store.writing() as session:
        addresses.remember(session, TWIN, None, at=hour(0))
        saved = save_page(session, page, Origin(source="agency", outlet="Agency"), capture, at=hour(1))
        addresses.remember(session, TWIN, saved.article_id, at=hour(1))
    with store.reading() as session:
        assert addresses.led_to(session, [TWIN]) == {TWIN: OWN}


def test_many_are_looked_up_at_once(store: Store, hour: Clock) -> None:
    urls = [f"https://news.example/{number}" for number in range(1200)]
    with store.writing() as session:
        for url in urls[::400]:
            addresses.remember(session, url, None, at=hour(0))
    with store.reading() as session:
        assert set(addresses.led_to(session, urls)) == set(urls[::400])
