"""Sources' health and notices as they are kept, and the marks of a store."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from db import health, marks
from db.records import Notice, NoticeKind, Saved, Sized, SourceHealth, Trouble
from db.session import Store

Clock = Callable[[float], datetime]


def test_what_is_filed_comes_back(store: Store, hour: Clock) -> None:
    whole = SourceHealth(
        source="agency",
        last_attempt_at=hour(5),
        last_success_at=hour(1),
        last_new_at=hour(0),
        failures=3,
        error="وكالة: HTTP status 500",
        news_at=hour(0),
        days=("2026-02-14", "2026-02-15"),
        size=450,
        usual_size=1000,
        down_since=hour(5),
        stale_since=hour(4),
        shrunk_since=hour(3),
        troubles={Trouble.SERVER: 2, Trouble.SLOW: 1},
    )
    with store.writing() as session:
        assert health.of_source(session, "agency") == SourceHealth(source="agency")
        health.save(session, whole, [])
    with store.reading() as session:
        assert health.all_health(session) == [whole]
        assert health.of_source(session, "agency") == replace(whole, troubles={})


def test_sources_are_by_id(store: Store, hour: Clock) -> None:
    with store.writing() as session:
        for source in ("zeta", "alpha", "zeta"):
            health.save(session, SourceHealth(source=source, last_attempt_at=hour(0)), [])
        assert [one.source for one in health.all_health(session)] == ["alpha", "zeta"]


def test_troubles_are_counted_over_a_week(store: Store, hour: Clock) -> None:
    with store.writing() as session:
        for at, trouble in ((0, Trouble.SLOW), (1, Trouble.SLOW), (24, Trouble.BUSY), (24 * 7, Trouble.MISSING)):
            standing = SourceHealth(source="agency", last_attempt_at=hour(at), troubles={trouble: 2})
            health.save(session, standing, [])
        assert [dict(one.troubles) for one in health.all_health(session)] == [{Trouble.BUSY: 2, Trouble.MISSING: 2}]


def test_notices_are_kept_oldest_first(store: Store, hour: Clock) -> None:
    told = [
        Notice(source="agency", kind=kind, at=hour(n), text=f"notice {n}")
        for n, kind in enumerate((NoticeKind.DOWN, NoticeKind.RECOVERED, NoticeKind.STALE))
    ]
    with store.writing() as session:
        for notice in told:
            health.save(session, SourceHealth(source="agency"), [notice])
    with store.reading() as session:
        assert health.notices(session) == told
        assert health.notices(session, limit=2) == told[1:]


def test_sizes_are_of_the_newest_versions(store: Store, hour: Clock, save: Callable[..., Saved]) -> None:
    save("a" * 100)
    save("a" * 40, at=2)
    save("b" * 70, at=1, url="https://news.example/other")
    save("c" * 10, at=3, url="https://elsewhere.example/", source="another")
    with store.reading() as session:
        found = sorted(health.sizes(session, "agency"), key=lambda one: one.size)
    assert found == [Sized(seen_at=hour(2), size=40, before=100), Sized(seen_at=hour(1), size=70, before=None)]


def test_marks(store: Store) -> None:
    with store.writing() as session:
        assert marks.get(session, "topic") is None
        marks.put(session, "topic", "syria")
        marks.put(session, "heartbeat", "1")
        marks.put(session, "heartbeat", "2")
    with store.reading() as session:
        assert (marks.get(session, "topic"), marks.get(session, "heartbeat")) == ("syria", "2")
