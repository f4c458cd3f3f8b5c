"""Sources' health, pass by pass, and the marks of a store."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from db import health, marks
from db.records import CrawlResult, SourceHealth
from db.session import Store

Clock = Callable[[float], datetime]


def passes(store: Store, hour: Clock, *results: CrawlResult) -> SourceHealth:
    """File one pass an hour; how the source stands after the last."""
    with store.writing() as session:
        for n, result in enumerate(results):
            health.record(session, result, at=hour(n))
    with store.reading() as session:
        (found,) = health.all_health(session)
    return found


def test_a_good_pass(store: Store, hour: Clock) -> None:
    found = passes(
        store, hour, CrawlResult(source="agency", fetched=3, new=1), CrawlResult(source="agency", unchanged=3)
    )
    assert found == SourceHealth(
        source="agency", last_attempt_at=hour(1), last_success_at=hour(1), last_new_at=hour(0), failures=0, error=""
    )


def test_failures_in_a_row_are_counted_and_end_with_a_good_pass(store: Store, hour: Clock) -> None:
    good = CrawlResult(source="agency", fetched=1, changed=1)
    bad = CrawlResult(source="agency", errors=("feed: not XML", "feed: again"))
    found = passes(store, hour, good, bad, bad)
    assert found == SourceHealth(
        source="agency",
        last_attempt_at=hour(2),
        last_success_at=hour(0),
        last_new_at=hour(0),
        failures=2,
        error="feed: not XML; feed: again",
    )
    assert passes(store, hour, good).failures == 0


def test_nothing_but_refused_or_failed_pages_is_a_failure(store: Store, hour: Clock) -> None:
    found = passes(store, hour, CrawlResult(source="agency", fetched=5, refused=4, failed=1))
    assert (found.failures, found.error, found.last_success_at) == (1, "1 failed, 4 refused", None)


def test_one_dead_link_among_good_pages_is_none(store: Store, hour: Clock) -> None:
    found = passes(store, hour, CrawlResult(source="agency", fetched=5, unchanged=4, failed=1, errors=("404: /old",)))
    assert (found.failures, found.error, found.last_success_at) == (0, "404: /old", hour(0))


def test_a_quiet_pass_is_a_good_one(store: Store, hour: Clock) -> None:
    found = passes(store, hour, CrawlResult(source="agency"))
    assert (found.failures, found.last_success_at, found.last_new_at) == (0, hour(0), None)


def test_sources_are_by_id_and_a_clock_put_back_moves_nothing_back(store: Store, hour: Clock) -> None:
    with store.writing() as session:
        for source, at in (("zeta", 5), ("alpha", 5), ("zeta", 1)):
            health.record(session, CrawlResult(source=source, new=1), at=hour(at))
        assert [(one.source, one.last_attempt_at) for one in health.all_health(session)] == [
            ("alpha", hour(5)),
            ("zeta", hour(5)),
        ]


def test_marks(store: Store) -> None:
    with store.writing() as session:
        assert marks.get(session, "topic") is None
        marks.put(session, "topic", "syria")
        marks.put(session, "heartbeat", "1")
        marks.put(session, "heartbeat", "2")
    with store.reading() as session:
        assert (marks.get(session, "topic"), marks.get(session, "heartbeat")) == ("syria", "2")
