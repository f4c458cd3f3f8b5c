"""A source's health: what passes make of it, and which notices they call for."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from db.records import CrawlResult, Notice, NoticeKind, Sized, SourceHealth, Trouble
from scrapers.faring import FORGOTTEN, failed, fare, publishes_daily

START = datetime(2026, 2, 15, 6, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
GOOD = CrawlResult(source="agency", ways=1, unchanged=3)
BAD = CrawlResult(source="agency", errors=("feed: HTTP status 500",), troubles={Trouble.SERVER: 1})


def after(
    passes: Iterable[CrawlResult], *, health: SourceHealth | None = None, sizes: Iterable[Sized] = ()
) -> tuple[SourceHealth, list[Notice]]:
    """A pass an hour; how the source stands then, and every notice."""
    health = health or SourceHealth(source="agency")
    told: list[Notice] = []
    for number, result in enumerate(passes):
        health, notices = fare(health, result, list(sizes), at=START + number * HOUR, down_after=3)
        told += notices
    return health, told


def test_a_good_pass() -> None:
    health, told = after([CrawlResult(source="agency", fetched=3, new=1), GOOD])
    assert (health.last_attempt_at, health.last_success_at, health.last_new_at) == (START + HOUR, START + HOUR, START)
    assert (health.failures, health.error, health.states, told) == (0, "", (), [])


def test_what_is_off_the_topic_is_news_of_the_outlet_too() -> None:
    health, _ = after([GOOD, CrawlResult(source="agency", ways=1, off_topic=1)])
    assert (health.news_at, health.days, health.last_new_at) == (START + HOUR, ("2026-02-15",), None)


def test_down_and_recovered_are_told_once() -> None:
    health, told = after([GOOD, *[BAD] * 10])
    assert (health.failures, health.down_since, health.states) == (10, START + 3 * HOUR, ("down",))
    assert [(notice.kind, notice.at) for notice in told] == [(NoticeKind.DOWN, START + 3 * HOUR)]
    assert "last success 2026-02-15T06:00:00Z; feed: HTTP status 500" in told[0].text
    health, told = after([GOOD, *[BAD] * 10, GOOD, GOOD])
    assert [notice.kind for notice in told] == [NoticeKind.DOWN, NoticeKind.RECOVERED]
    assert (health.failures, health.states, health.error) == (0, (), "")


@given(st.lists(st.sampled_from([GOOD, BAD])))
def test_every_down_has_one_recovered_before_the_next(passes: list[CrawlResult]) -> None:
    health, told = after(passes)
    kinds = [notice.kind for notice in told]
    assert kinds == [NoticeKind.DOWN, NoticeKind.RECOVERED] * (len(kinds) // 2) + [NoticeKind.DOWN] * (len(kinds) % 2)
    assert (health.down_since is not None) == (len(kinds) % 2 == 1)


@pytest.mark.parametrize(
    ("result", "verdict"),
    [
        (CrawlResult(source="a"), False),
        (CrawlResult(source="a", ways=1, gone=2), False),  # gone is no failure
        (CrawlResult(source="a", unchanged=4, failed=1, errors=("404: /old",)), False),  # one dead link
        (CrawlResult(source="a", fetched=5, refused=4, failed=1), True),
        (CrawlResult(source="a", unchanged=4, blind=True, errors=("feed: gone",)), True),  # nothing new can be found
        (CrawlResult(source="a", unchanged=4, ways=1, blind=True, errors=("second feed: gone",)), False),
        (CrawlResult(source="a", unchanged=4, ways=1, failed=1, again=1), False),
        (CrawlResult(source="a", ways=1, off_topic=1, refused=1), False),  # an answer is an answer
        (CrawlResult(source="a", ways=1, refused=1), True),  # what is new is a wall
        (CrawlResult(source="a", ways=1, refused=1, again=1), None),  # one old article is not what it was
        (CrawlResult(source="a", ways=1, refused=3, again=3), True),
        (CrawlResult(source="a", refused=1, again=1, errors=("feed: gone",)), True),
        (CrawlResult(source="a", errors=("feed: later",), troubles={Trouble.BUDGET: 3}), None),
        (CrawlResult(source="a", errors=("x",), troubles={Trouble.BUDGET: 3, Trouble.SLOW: 1}), True),
    ],
)
def test_what_counts_as_a_failure(result: CrawlResult, verdict: bool | None) -> None:
    assert failed(result) is verdict


def test_a_pass_that_says_neither_leaves_the_count() -> None:
    neither = CrawlResult(source="agency", ways=1, refused=1, again=1)
    health, _ = after([BAD, BAD, neither])
    assert (health.failures, health.error) == (2, "1 refused")


def days(*numbers: int) -> tuple[str, ...]:
    return tuple(f"2026-02-{number:02}" for number in numbers)


def test_a_daily_outlet_that_is_silent_is_stale_until_it_has_news() -> None:
    listed = CrawlResult(source="agency", ways=1, newest=START - HOUR, days=days(*range(8, 16)))
    health, told = after([listed] * 72)
    assert [(notice.kind, notice.at) for notice in told] == [(NoticeKind.STALE, START + 48 * HOUR)]
    assert health.states == ("stale",)
    assert "nothing new since 2026-02-15T05:00:00Z" in told[0].text
    news = CrawlResult(source="agency", ways=1, newest=START + 71 * HOUR)
    health, told = after([listed] * 72 + [news])
    assert [notice.kind for notice in told] == [NoticeKind.STALE, NoticeKind.NEWS_AGAIN]
    assert health.states == ()


@pytest.mark.parametrize(
    ("listed", "daily"),
    [
        (days(*range(8, 16)), True),
        (days(8, 9, 10, 12, 13, 14, 15), True),
        (days(1, 4, 5, 6, 11, 12, 13, 14, 15), False),  # not at weekends
        (days(14, 15), False),
        ((), False),
    ],
)
def test_who_has_news_daily(listed: tuple[str, ...], daily: bool) -> None:
    assert publishes_daily(listed) is daily
    result = CrawlResult(source="agency", ways=1, newest=START - HOUR, days=listed)
    assert bool(after([result] * 60)[1]) is daily


def test_who_is_down_is_not_called_stale_too() -> None:
    listed = CrawlResult(source="agency", ways=1, newest=START, days=days(*range(8, 16)))
    assert [notice.kind for notice in after([listed] + [BAD] * 80)[1]] == [NoticeKind.DOWN]


def edit(before: int | None, size: int, *, hours: float = -1) -> Sized:
    return Sized(seen_at=START + timedelta(hours=hours), size=size, before=before)


WHOLE = [edit(None, 1000, hours=-30) for _ in range(12)]


def test_texts_that_are_halved_at_once_are_told_and_so_is_their_return() -> None:
    halved = [*WHOLE, *(edit(1000, 450) for _ in range(3))]
    health, told = after([GOOD], sizes=halved)
    assert (health.shrunk_since, health.usual_size, health.states) == (START, 1000, ("shrunk",))
    assert [notice.kind for notice in told] == [NoticeKind.SHRUNK]
    assert after([GOOD] * 5, sizes=halved, health=health)[1] == []
    back = [*WHOLE, *(edit(450, 1000, hours=1.5) for _ in range(3))]
    health, told = after([GOOD] * 3, sizes=back, health=health)
    assert [notice.kind for notice in told] == [NoticeKind.RESTORED]
    assert (health.states, health.usual_size, health.size) == ((), None, 1000)


@pytest.mark.parametrize(
    "sizes",
    [
        [],
        WHOLE,
        [*WHOLE, edit(1000, 100), edit(1000, 100)],  # an editor who cuts
        [*WHOLE, *(edit(1000, 700) for _ in range(9))],
        [*WHOLE, *(edit(1000, 400) for _ in range(3)), *(edit(1000, 1010) for _ in range(4))],
        [*WHOLE, *(edit(1000, 400, hours=-25) for _ in range(5))],
    ],
)
def test_what_is_no_redesign(sizes: list[Sized]) -> None:
    assert after([GOOD], sizes=sizes)[1] == []


def test_a_shorter_text_is_the_usual_one_after_a_while() -> None:
    health, _ = after([GOOD], sizes=[*WHOLE, *(edit(1000, 450) for _ in range(3))])
    later = START + FORGOTTEN + HOUR
    health, told = fare(health, GOOD, [edit(None, 450)] * 12, at=later, down_after=3)
    assert (health.states, [notice.kind for notice in told]) == ((), [NoticeKind.RESTORED])
