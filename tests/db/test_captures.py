"""Captures: how they came is kept with them, they can be dropped, and what no longer holds is named."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import text

from db import captures, integrity, knowledge, versions
from db.chain import WHOLE_EVERY
from db.errors import StoreError
from db.models import CaptureRow
from db.records import Capture, Checked, Exchange, Saved
from db.session import Store

Clock = Callable[[float], datetime]
Save = Callable[..., Saved]

EXCHANGE = Exchange(
    url="https://news.example/tanf",
    headers=(("User-Agent", "Drawdown/0.1"), ("X-Odd", "a\0b \xff")),
    protocol="HTTP/1.1",
    ip="192.0.2.7",
    encoding="gzip",
    via=("https://news.example/t",),
)


def capture(store: Store, saved: Saved) -> Capture:
    with store.reading() as session:
        return versions.capture_of(session, saved.version_id)


def fold(store: Store, saved: Saved, hour: Clock, *claims: Any) -> None:
    with store.writing() as session:
        versions.save_claims(session, saved.version_id, claims, ["afp"] * len(claims), at=hour(0))
        knowledge.mark_folded(session, saved.version_id, at=hour(0))


def edits(store: Store, save: Save, hour: Clock, count: int) -> list[Saved]:
    """An article of so many versions, folded and without a claim."""
    saved = [save(f"They left, {n}.", at=n, body=b"<p>the same of all, " * 40 + b"%d" % n) for n in range(count)]
    for one in saved:
        fold(store, one, hour)
    return saved


def drop(store: Store, saved: Saved, before: datetime, at: datetime) -> int:
    with store.writing() as session:
        return captures.drop_idle(session, saved.article_id, before=before, at=at)


def check(store: Store) -> Checked:
    with store.reading() as session:
        found = integrity.articles(session, after=0, limit=100)
        return sum((integrity.check(session, article) for article in found), Checked())


def bodies(store: Store, saved: list[Saved]) -> list[int]:
    """The number at the end of each capture's body, -1 where it was dropped."""
    return [-1 if is_dropped(store, one) else int(capture(store, one).body.rpartition(b" ")[2]) for one in saved]


def is_dropped(store: Store, saved: Saved) -> bool:
    with store.reading() as session:
        return session.get_one(CaptureRow, (saved.article_id, saved.number)).dropped_at is not None


def test_how_a_capture_came_is_kept_with_it(store: Store, save: Save) -> None:
    first = save("They left.", exchange=EXCHANGE)
    second = save("They left for good.", at=1)
    assert capture(store, first).exchange == EXCHANGE
    assert capture(store, second).exchange is None


def test_what_made_nothing_known_is_dropped_when_it_is_old(store: Store, save: Save, hour: Clock) -> None:
    saved = edits(store, save, hour, 5)
    now = hour(24 * 15)
    with store.reading() as session:
        assert captures.idle(session, before=hour(0)) == []
        assert captures.idle(session, before=hour(3)) == [saved[0].article_id]
    assert drop(store, saved[0], hour(3), now) == 3
    assert bodies(store, saved) == [-1, -1, -1, 3, 4]
    with pytest.raises(StoreError, match=r"was dropped 2026-03-02T06:00:00Z: old, and without a claim"):
        capture(store, saved[0])
    with store.reading() as session:
        assert captures.idle(session, before=hour(3)) == []
        assert [one.text for one in versions.versions_of(session, saved[0].article_id)] == [
            f"They left, {n}." for n in range(5)
        ]
    assert check(store) == Checked(articles=1, versions=5, captures=2, dropped=3)


def test_an_article_whose_captures_are_all_dropped_goes_on(store: Store, save: Save, hour: Clock) -> None:
    saved = edits(store, save, hour, 3)
    assert drop(store, saved[0], hour(99), hour(24 * 15)) == 3
    assert check(store) == Checked(articles=1, versions=3, captures=0, dropped=3)
    saved += [save(f"They stay, {n}.", at=n, body=b"<p>another page %d" % n) for n in (5, 6)]
    assert bodies(store, saved) == [-1, -1, -1, 5, 6]
    assert check(store).faults == ()


def test_what_is_needed_is_kept(store: Store, save: Save, hour: Clock, make: SimpleNamespace) -> None:
    claimed = save("They left.", body=b"<p> 0")
    withdrew = save("They walked.", at=1, body=b"<p> 1")
    raised = save("They ran.", at=2, body=b"<p> 2")
    idle = save("They sat.", at=3, body=b"<p> 3")
    unread = save("They slept.", at=4, body=b"<p> 4")
    fold(store, claimed, hour, make.claim())
    for one in (withdrew, raised, idle):
        fold(store, one, hour)
    with store.writing() as session:
        knowledge.save_change(session, make.change(raised.version_id))
    assert drop(store, claimed, hour(99), hour(24 * 15)) == 1
    assert bodies(store, [claimed, withdrew, raised, idle, unread]) == [0, 1, 2, -1, 4]


def test_a_long_history_with_gaps_is_read(store: Store, save: Save, hour: Clock, make: SimpleNamespace) -> None:
    saved = [save(f"They left, {n}.", at=n, body=b"<p>the same of all %d" % n) for n in range(WHOLE_EVERY + 40)]
    for number, one in enumerate(saved, 1):
        fold(store, one, hour, *([make.claim()] if number % WHOLE_EVERY else []))  # the one that is whole goes
    with store.writing() as session:
        session.execute(text("UPDATE claims SET withdrawn_by = NULL, state = 'carried'"))
    assert drop(store, saved[0], hour(999), hour(24 * 15)) == 1
    expected = list(range(WHOLE_EVERY + 40))
    expected[WHOLE_EVERY - 1] = -1
    assert bodies(store, saved) == expected
    assert check(store).faults == ()


def test_nothing_is_dropped_beside_damage(store: Store, save: Save, hour: Clock) -> None:
    saved = edits(store, save, hour, 3)
    with store.writing() as session:
        session.execute(text("UPDATE captures SET sha256 = :other WHERE number = 2"), {"other": b"x" * 32})
    with pytest.raises(StoreError, match="SHA-256"):
        drop(store, saved[0], hour(2), hour(24 * 15))
    assert bodies(store, saved[2:]) == [2]
    assert check(store).dropped == 0


def test_a_sound_store_has_no_faults(store: Store, save: Save, hour: Clock) -> None:
    assert check(store) == Checked()
    edits(store, save, hour, 3)
    save("Elsewhere.", url="https://news.example/other")
    assert check(store) == Checked(articles=2, versions=4, captures=4)


def test_each_hash_that_does_not_hold_is_named(store: Store, save: Save, hour: Clock) -> None:
    edits(store, save, hour, 4)
    with store.writing() as session:
        session.execute(text("UPDATE versions SET sha256 = :other WHERE number = 3"), {"other": b"x" * 32})
        session.execute(text("UPDATE captures SET data = :frame WHERE number = 2"), {"frame": b"no frame"})
    whole, cut, unreadable = check(store).faults
    assert whole == "article 1, versions 3: stored data does not match its SHA-256; restore a backup"
    assert cut.startswith("article 1, captures 2: stored data is damaged (")
    assert unreadable == "article 1, captures 1: cannot be read: it is kept as the difference from a damaged one"


def test_a_capture_that_is_gone_is_named(store: Store, save: Save, hour: Clock) -> None:
    edits(store, save, hour, 2)
    with store.writing() as session:
        session.execute(text("DELETE FROM captures WHERE number = 1"))
        session.execute(text("DELETE FROM wholes WHERE part = 'versions'"))
    faults = check(store).faults
    assert [fault.split(":")[0] for fault in faults] == [
        "article 1, versions 2",
        "article 1, versions 1",
        "article 1, captures 1",
    ]
