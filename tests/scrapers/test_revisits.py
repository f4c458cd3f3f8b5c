"""The schedule: when an article is looked at again, whatever its dates are."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from db.records import Visit
from scrapers.revisits import LONGEST, Pace, born, called, due, due_at

NOW = datetime(2026, 2, 21, 6, 0, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
PACE = Pace(share=1 / 12, days=30, removed_after=DAY)

spans = st.timedeltas(min_value=timedelta(), max_value=60 * DAY)
paces = st.builds(
    Pace,
    share=st.floats(0, 1),
    days=st.floats(0, 90),
    removed_after=st.timedeltas(min_value=timedelta(), max_value=10 * DAY),
)


def seen(*, found: timedelta = timedelta(), asked: timedelta | None = timedelta(), **more: Any) -> Visit:
    """An article that was found and asked for so long before NOW."""
    times = {"changed_at": NOW - found, "asked_at": None if asked is None else NOW - asked}
    return Visit(
        url="https://news.example/1", title="Title", published=None, first_seen_at=NOW - found, **(times | more)
    )


@st.composite
def visits(draw: st.DrawFn) -> Visit:
    found, asked = draw(spans), draw(spans)
    edited = draw(st.none() | spans)
    published = draw(st.none() | spans)
    gone = draw(st.none() | spans)
    return replace(
        seen(found=found, asked=asked, lasting=draw(st.booleans()), removed=draw(st.booleans())),
        published=published if published is None else NOW - published,
        changed_at=NOW - (found if edited is None else min(found, edited)),
        gone_since=gone if gone is None else NOW - gone,
    )


@given(visits(), paces)
def test_no_look_is_due_before_the_last_or_more_than_a_day_after_it(visit: Visit, pace: Pace) -> None:
    moment = due_at(visit, pace)
    assert visit.asked_at is not None
    assert moment is None or visit.asked_at <= moment <= visit.asked_at + LONGEST


@given(visits(), paces, st.timedeltas(min_value=timedelta(), max_value=DAY))
def test_the_older_an_article_the_longer_it_waits(visit: Visit, pace: Pace, more: timedelta) -> None:
    older = replace(visit, published=born(visit) - more, changed_at=visit.first_seen_at, gone_since=None, lasting=True)
    younger = replace(older, published=born(visit))
    sooner, later = due_at(younger, pace), due_at(older, pace)
    assert (sooner is None) == (later is None)
    if sooner is not None and later is not None:
        assert sooner <= later


@given(visits(), paces)
def test_what_carries_a_known_fact_is_never_looked_at_less(visit: Visit, pace: Pace) -> None:
    plain, lasting = due_at(replace(visit, lasting=False), pace), due_at(replace(visit, lasting=True), pace)
    assert plain in (None, lasting)
    assert (lasting is None) == visit.removed


@given(visits(), paces)
def test_an_article_that_stays_the_same_comes_to_rest(visit: Visit, pace: Pace) -> None:
    visit = replace(visit, lasting=False, gone_since=None)
    for _ in range(3):
        moment = due_at(visit, pace)
        if moment is None:
            return
        assert moment <= born(visit) + pace.span
        visit = replace(visit, asked_at=moment)
    late = replace(visit, asked_at=born(visit) + pace.span + HOUR)
    assert due_at(late, pace) is None


@given(visits(), paces, st.booleans())
def test_what_is_removed_or_has_no_address_of_its_own_is_let_be(visit: Visit, pace: Pace, removed: bool) -> None:
    gone = replace(visit, removed=True) if removed else replace(visit, asked_at=None)
    assert due_at(gone, pace) is None


@given(st.lists(visits(), max_size=8), paces)
def test_what_is_due_now_comes_in_the_order_of_waiting(articles: list[Visit], pace: Pace) -> None:
    chosen = due(articles, pace, NOW)
    moments = [moment for visit in chosen if (moment := due_at(visit, pace)) is not None]
    assert len(moments) == len(chosen)
    assert moments == sorted(moments)
    waiting = [visit for visit in articles if (moment := due_at(visit, pace)) is not None and moment <= NOW]
    assert len(chosen) == len(waiting)


@pytest.mark.parametrize(
    ("age", "waits"),
    [(HOUR, 5 * timedelta(minutes=1)), (6 * HOUR, HOUR / 2), (DAY, 2 * HOUR), (6 * DAY, 12 * HOUR), (20 * DAY, DAY)],
)
def test_minutes_then_hours_then_days(age: timedelta, waits: timedelta) -> None:
    assert due_at(seen(found=age), PACE) == NOW + waits


def test_after_thirty_days_it_stops_unless_it_carries_a_known_fact() -> None:
    old = seen(found=31 * DAY, asked=DAY)
    assert due_at(old, PACE) is None
    assert due_at(replace(old, lasting=True), PACE) == NOW


def test_an_edit_makes_an_article_young_again() -> None:
    old = seen(found=20 * DAY)
    assert due_at(replace(old, changed_at=NOW - HOUR), PACE) == NOW + timedelta(minutes=5)


def test_what_is_gone_is_looked_at_when_that_may_be_settled() -> None:
    gone = seen(found=20 * DAY, asked=HOUR, gone_since=NOW - 23 * HOUR)
    assert due_at(gone, PACE) == NOW + HOUR
    assert due_at(replace(gone, gone_since=NOW - 30 * HOUR), PACE) == NOW + 23 * HOUR  # it is still listed


def test_a_share_of_nothing_is_a_look_at_every_pass() -> None:
    assert due_at(seen(found=20 * DAY), replace(PACE, share=0)) == NOW


@pytest.mark.parametrize(
    ("shown", "before", "wanted"),
    [
        (None, None, False),
        (-2 * HOUR, None, False),  # before the last look
        (-HOUR / 2, None, True),
        (-2 * HOUR, -3 * HOUR, True),  # newer than what was shown before: a feed's clock may be slow
        (-3 * HOUR, -3 * HOUR, False),
        (HOUR, -3 * HOUR, True),
        (2 * DAY, -3 * HOUR, False),  # no date that can be
    ],
)
def test_a_newer_date_calls(shown: timedelta | None, before: timedelta | None, wanted: bool) -> None:
    visit = seen(found=5 * DAY, asked=HOUR, dated_at=None if before is None else NOW + before)
    assert called(visit, None if shown is None else NOW + shown, NOW) is wanted


def test_a_listing_calls_for_what_was_never_asked_for_and_daily_for_what_was_removed() -> None:
    assert called(seen(asked=None), None, NOW)
    assert not called(seen(found=5 * DAY, asked=HOUR, removed=True), NOW, NOW)
    assert called(seen(found=5 * DAY, asked=DAY, removed=True), None, NOW)
