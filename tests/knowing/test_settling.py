"""Settling: what is known is the same without the claims that settle, and few are folded again."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from db.records import (
    BaselineFact,
    Change,
    Claim,
    Comparator,
    Evidence,
    Figure,
    Kind,
    Modality,
    Role,
    Ruling,
    Seen,
    Status,
    StatusValue,
    Value,
    Verdict,
)
from monitor.knowing.fold import Folded, fold
from monitor.knowing.refold import Place, Refold
from monitor.knowing.rules import Rules
from monitor.knowing.settling import settling

START = datetime(2026, 1, 5, 8, tzinfo=UTC)
OUTLETS = "ABC"  # each is its own reliability, too
NEVER = 100_000  # days


def evidence(number: int, at: datetime, value: Value, **more: object) -> Evidence:
    """One claim of an article of its own, seen two hours after it came out."""
    outlet = OUTLETS[number % len(OUTLETS)]
    kind = Kind.BASE_STATUS if isinstance(value, StatusValue) else Kind.TROOP_FIGURE
    subject = "fort" if kind is Kind.BASE_STATUS else "us-troops-there"
    claim = Claim(kind=kind, subject=subject, value=value, modality=Modality.ASSERTED, quote="so", start=0, end=2)
    return Evidence(
        id=number,
        claim=replace(claim, **more),
        version_id=number,
        number=1,
        article_id=number,
        url=f"https://{outlet}.example/{number}",
        source=outlet,
        outlet=outlet,
        reliability=outlet,
        lang="en",
        title="",
        published=at - timedelta(hours=2),
        at=at,
        origin=outlet,
    )


def story(seed: int, days: int = 150) -> Iterator[Evidence]:
    """A base whose status changes now and then, told twice a day, at times wrongly, late, or of another time."""
    chance = random.Random(seed)
    now = Status.ACTIVE
    for number in range(1, 2 * days):
        at = START + timedelta(hours=12 * number)
        now = chance.choice(list(Status)) if chance.random() < 0.03 else now
        told = now if chance.random() < 0.85 else chance.choice(list(Status))
        to = chance.choice([None, "army"]) if told is Status.HANDED_OVER else None
        figure = Figure(low=(n := chance.choice([900, 1000, 2000])), high=n, comparator=Comparator.ABOUT)
        role = replace(figure, role=chance.choice([Role.PRESENT, Role.TARGET]))
        value: Value = StatusValue(status=told, to=to) if chance.random() < 0.7 else role
        month, day, before = f"{at:%Y-%m}", f"{at:%Y-%m-%d}", f"{at - timedelta(days=4):%Y-%m-%d}"
        yield evidence(
            number,
            at,
            value,
            modality=chance.choice([Modality.ASSERTED] * 6 + list(Modality)),
            date=chance.choice([None, None, day, before, month, "2025"]),
        )


def told(seed: int, settle_days: int) -> tuple[list[Change], dict[Place, Folded]]:
    refold = Refold(Rules(settle_days=settle_days, settle_beyond=0))
    changes: list[Change] = []
    for item in story(seed):
        version = Seen(id=item.version_id, article_id=item.article_id, url=item.url, seen_at=item.at)
        changes += refold.take(version, item.article_id, [item])
    return changes, refold.folded


@pytest.mark.parametrize("seed", range(6))
def test_what_settles_would_have_changed_nothing(seed: int) -> None:
    (changes, facts), (all_changes, all_facts) = told(seed, 10), told(seed, NEVER)
    assert [(c.subject, c.type, c.after, c.at) for c in changes] == [
        (c.subject, c.type, c.after, c.at) for c in all_changes
    ]
    assert len(changes) > 10
    assert facts.keys() == all_facts.keys()
    for place, folded in facts.items():
        one, other = folded.fact, all_facts[place].fact
        assert one is not None
        assert other is not None
        assert replace(one.held, support=(), more=0) == replace(other.held, support=(), more=0)


def test_most_of_what_is_old_settles_and_what_is_new_does_not() -> None:
    items = [item for item in story(1, days=400) if item.claim.kind is Kind.BASE_STATUS]
    at = items[-1].at
    rules = Rules()
    done = settling(items, None, rules=rules, at=at, until=None)
    assert done is not None
    assert at - timedelta(days=2 * rules.settle_days) < done.until <= at - timedelta(days=rules.settle_days)
    kept = [item for item in items if item.id not in done.ids]
    assert all(item.at < done.until for item in items if item.id in done.ids)
    assert sum(item.at < done.until for item in kept) < 100 < len(done.ids)
    assert settling(kept, None, rules=rules, at=at, until=done.until) is None, "once in a period"


def test_only_what_carries_is_kept_of_one_status_told_a_thousand_times() -> None:
    active = StatusValue(status=Status.ACTIVE)
    items = [evidence(n, START + timedelta(hours=n), active) for n in range(1, 1000)]
    at = START + timedelta(days=200)
    done = settling(items, None, rules=Rules(), at=at, until=None)
    assert done is not None
    kept = [item for item in items if item.id not in done.ids]
    before, after = (fold(some, None, rules=Rules(), at=at).fact for some in (items, kept))
    assert before is not None
    assert after is not None
    assert len(kept) < 70
    assert replace(after.held, more=0) == replace(before.held, more=0)
    assert before.held.since == "2026-01-05"


def test_a_claim_that_is_set_aside_stays_so() -> None:
    items = [evidence(n, START + timedelta(hours=n), StatusValue(status=Status.ACTIVE)) for n in range(1, 300)]
    wrong = evidence(300, START, StatusValue(status=Status.VACATED), date="1990")
    done = settling([*items, wrong], None, rules=Rules(), at=START + timedelta(days=200), until=None)
    assert done is not None
    assert len(done.ids) > 200
    assert wrong.id not in done.ids


def test_few_claims_are_not_worth_it() -> None:
    active = StatusValue(status=Status.ACTIVE)
    items = [evidence(n, START + timedelta(hours=n), active) for n in range(1, 101)]
    at = START + timedelta(days=200)
    for beyond, gone in ((100, False), (99, True)):
        done = settling(items, None, rules=Rules(settle_beyond=beyond), at=at, until=None)
        assert done is not None
        assert bool(done.ids) is gone


def test_nothing_settles_while_a_persons_word_stands() -> None:
    active = StatusValue(status=Status.ACTIVE)
    items = [evidence(n, START + timedelta(hours=n), active) for n in range(1, 300)]
    at = START + timedelta(days=200)
    pin = Ruling(
        verdict=Verdict.PIN, kind=Kind.BASE_STATUS, subject="fort", value=active, since="2026", who="Mona", at=at
    )
    assert settling(items, None, rules=Rules(), at=at, until=None, rulings=[pin]) is None
    released = replace(pin, released_at=at)
    done = settling(items, None, rules=Rules(), at=at, until=None, rulings=[released])
    assert done is not None
    assert done.ids


def test_a_baseline_stands_beside_what_settles() -> None:
    gone = StatusValue(status=Status.VACATED)
    known = BaselineFact(kind=Kind.BASE_STATUS, subject="fort", value=gone, since="2025-12", source="survey")
    items = [evidence(n, START + timedelta(hours=n), gone) for n in range(1, 300)]
    at = START + timedelta(days=200)
    done = settling(items, known, rules=Rules(), at=at, until=None)
    assert done is not None
    kept = [item for item in items if item.id not in done.ids]
    whole, part = (fold(some, known, rules=Rules(), at=at).fact for some in (items, kept))
    assert whole is not None
    assert part is not None
    assert (part.held.since, part.held.confidence) == (whole.held.since, whole.held.confidence)
