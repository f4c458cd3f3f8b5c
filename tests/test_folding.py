"""Folding with a store: everything again gives what the daily run gave; rulings; a subject that flaps."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from db import knowledge, losses, marks, versions
from db.records import (
    BaselineFact,
    Capture,
    Change,
    Claim,
    Comparator,
    Figure,
    Kind,
    LossVerdict,
    Modality,
    Origin,
    Page,
    Role,
    Slot,
    Status,
    StatusValue,
    iso,
)
from db.session import Store
from monitor import ruling
from monitor.knowing.rules import Rules
from monitor.process import FIRST_FILL, Processor
from monitor.rebuild import rebuild
from monitor.topics import load_topic

START = datetime(2026, 2, 1, 8, tzinfo=UTC)
TOPIC = load_topic()
SPEAKERS = (None, "CENTCOM", "a Kurdish source", "the Syrian Observatory for Human Rights")
OUTLETS = ("alpha", "beta", "gamma")
DATES = (None, "2026-02-03", "2026-02-10", "2026-02", "2025", "2019-10")

Version = tuple[str, int, tuple[Claim, ...]]  # outlet, article, claims


def said(kind: Kind, subject: str, value: StatusValue | Figure, modality: Modality, **more: Any) -> Claim:
    return Claim(kind=kind, subject=subject, value=value, modality=modality, quote="so", start=0, end=2, **more)


STATUSES = st.builds(
    said,
    kind=st.just(Kind.BASE_STATUS),
    subject=st.sampled_from(["tanf", "qasrak"]),
    value=st.builds(StatusValue, status=st.sampled_from(Status), to=st.sampled_from([None, "sdf"])),
    modality=st.sampled_from([Modality.ASSERTED] * 4 + list(Modality)),
    speaker=st.sampled_from(SPEAKERS),
    date=st.sampled_from(DATES),
)
FIGURES = st.builds(
    said,
    kind=st.just(Kind.TROOP_FIGURE),
    subject=st.just("us-troops-syria"),
    value=st.builds(
        lambda number, role: Figure(low=number, high=number, comparator=Comparator.ABOUT, role=role),
        st.sampled_from([900, 1000, 2000]),
        st.sampled_from([Role.PRESENT, Role.TARGET]),
    ),
    modality=st.sampled_from([Modality.ASSERTED, Modality.PLANNED]),
    speaker=st.sampled_from(SPEAKERS),
    date=st.sampled_from(DATES),
)
VERSIONS = st.lists(
    st.tuples(st.sampled_from(OUTLETS), st.integers(1, 3), st.lists(STATUSES | FIGURES, max_size=4).map(tuple)),
    min_size=1,
    max_size=8,
)


KNOWN = [  # of the first the versions speak, of the other none does
    BaselineFact(
        kind=Kind.BASE_STATUS, subject=base, value=StatusValue(status=Status.ACTIVE), since="2026-01", source="survey"
    )
    for base in ("tanf", "himo")
]


def tell(
    processor: Processor, told: Sequence[Version], *, first: int = 1, hours: float = 36, lost: bool = False
) -> list[Change]:
    """Store each version with its claims and fold it, so many hours after the one before; the changes raised.

    lost: each has lost much of the text of the one before it.
    """
    raised: list[Change] = []
    for number, (outlet, article, claims) in enumerate(told, first):
        at = START + timedelta(hours=hours * number)
        url = f"https://{outlet}.example/{article}"
        text = f"version {number} of {url}"
        page = Page(url=url, title="", text=text, lang="en", published=START + timedelta(hours=30 * article))
        capture = Capture(url=url, fetched_at=at, status=200, headers=(), body=text.encode())
        with processor.store.writing() as session:
            saved = versions.save_page(session, page, Origin(source=outlet, outlet=outlet), capture, at=at)
            before = next(losses.before(session, saved.version_id), None)
            if lost and before is not None:
                losses.hold(session, saved.version_id, of=before.id, at=at)
            unlike = {(claim.subject, repr(claim.value), claim.modality, claim.date): claim for claim in claims}
            mine = [replace(claim, start=n, end=n + 2) for n, claim in enumerate(unlike.values())]
            knowledge_of = [outlet] * len(mine)
            versions.save_claims(session, saved.version_id, mine, knowledge_of, at=at)
        raised += processor.fold_waiting()
    return raised


def opened(url: str, rules: Rules | None = None) -> Processor:
    """A processor of a store whose first fill is over."""
    store = Store.open(url)
    with store.writing() as session:
        marks.put(session, FIRST_FILL, iso(START))
    return Processor(store=store, topic=TOPIC, rules=rules or Rules(), tell=False)


@settings(max_examples=60, deadline=None)
@given(told=VERSIONS, hours=st.sampled_from([0.3, 36]), settle_days=st.sampled_from([1, 3, 30]))
def test_incremental_and_rebuilt_states_are_equal(told: list[Version], hours: float, settle_days: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        processor = opened(f"sqlite:///{Path(folder) / 'drawdown.db'}", Rules(settle_days=settle_days, settle_beyond=0))
        processor.file_baseline(KNOWN, at=START)
        tell(processor, told, hours=hours)
        done = rebuild(processor, at=START, keep=False)
        processor.store.close()
    assert done.versions == len(told)
    assert done.same, done


@settings(max_examples=15, deadline=None)
@given(told=st.lists(st.tuples(VERSIONS, st.booleans(), st.booleans()), min_size=1, max_size=4))
def test_they_are_equal_where_versions_lose_text(told: list[tuple[list[Version], bool, bool]]) -> None:
    """Some versions hold what they drop; of those that do so at the end of a turn, some are judged to be edited."""
    with tempfile.TemporaryDirectory() as folder:
        processor = opened(f"sqlite:///{Path(folder) / 'drawdown.db'}", Rules(settle_days=3, settle_beyond=0))
        first = 1
        for versions_, lost, edited in told:
            tell(processor, versions_, first=first, lost=lost)
            first += len(versions_)
            at = START + timedelta(hours=36 * first - 18)
            if edited:
                with processor.store.writing() as session:
                    for loss in [loss for outlet in OUTLETS for loss in losses.waiting(session, outlet)]:
                        losses.judge(session, loss.version_id, LossVerdict.EDITED, at=at)
                processor.fold_waiting()
        done = rebuild(processor, at=START, keep=False)
        processor.store.close()
    assert done.same, done


def left(base: str, date: str | None = None, **more: Any) -> Claim:
    return said(Kind.BASE_STATUS, base, StatusValue(status=Status.VACATED), Modality.ASSERTED, date=date, **more)


def test_with_rulings_too_on_each_database(database_url: str) -> None:
    processor = opened(database_url)
    tell(processor, [("alpha", 1, (left("tanf"),)), ("beta", 1, (left("qasrak"),))])
    at = START + timedelta(days=10)
    ruling.reject(processor, 1, because="a drill", who="Mona", at=at)
    value = StatusValue(status=Status.ACTIVE)
    given = ruling.pin(processor, "qasrak", value, since="2026-02-01", source="https://a.example/", who="Mona", at=at)
    assert given.ruling.id is not None
    tell(processor, [("gamma", 1, (left("tanf"), left("qasrak")))], first=9)
    ruling.release(processor, given.ruling.id, who="Mona", at=at + timedelta(days=20))
    assert rebuild(processor, at=at, keep=False).same
    processor.store.close()


def test_other_rules_are_told_and_kept_without_a_change(database_url: str) -> None:
    processor = opened(database_url)
    tell(processor, [("alpha", 1, (left("tanf", speaker="a Kurdish source"),))])
    with processor.store.reading() as session:
        assert len(knowledge.changes(session)) == 1
        assert knowledge.current(session, Kind.BASE_STATUS, "tanf", Slot.FACT) is not None
    strict = Processor(store=processor.store, topic=TOPIC, rules=Rules(threshold=0.9), tell=False)
    at = START + timedelta(days=30)
    told = rebuild(strict, at=at, keep=True)
    assert [(d.subject, d.now) for d in told.differences] == [("tanf", None)]
    assert [change.subject for change in told.gone] == ["tanf"]
    with processor.store.reading() as session:
        assert len(knowledge.changes(session)) == 1, "what was raised stays on record"
        assert knowledge.facts(session) == []
        assert len(knowledge.facts(session, as_of=at - timedelta(days=1))) == 1, "and what was known then"
    assert rebuild(strict, at=at, keep=False).differences == []
    processor.store.close()


def test_what_is_folded_anew_is_held_from_then_on_and_the_baseline_stays(database_url: str) -> None:
    processor = opened(database_url)
    processor.file_baseline(KNOWN, at=START)
    tell(processor, [("alpha", 1, (left("tanf", speaker="a Kurdish source"),))])
    strict = Processor(store=processor.store, topic=TOPIC, rules=Rules(threshold=0.9), tell=False)
    at = START + timedelta(days=30)
    assert [difference.subject for difference in rebuild(strict, at=at, keep=True).differences] == ["tanf"]

    def statuses(moment: datetime) -> dict[str, str]:
        with processor.store.reading() as session:
            facts = knowledge.facts(session, as_of=moment)
        return {
            fact.subject: fact.held.value.status.value for fact in facts if isinstance(fact.held.value, StatusValue)
        }

    assert statuses(at - timedelta(days=1)) == {"tanf": "vacated", "himo": "active"}, "what was known then"
    assert statuses(at) == {"tanf": "active", "himo": "active"}
    processor.store.close()


def test_what_settles_by_other_rules_settles_with_them(database_url: str) -> None:
    """Else the next version would be folded without claims that count by the rules of now."""

    def settled(processor: Processor) -> int:
        with processor.store.reading() as session:
            return sum(item.settled for _, items in knowledge.by_version(session) for item in items)

    processor = opened(database_url, Rules(settle_days=1, settle_beyond=0))
    once = said(Kind.BASE_STATUS, "tanf", StatusValue(status=Status.VACATED), Modality.HISTORICAL)
    tell(processor, [("alpha", article, (once, left("tanf"))) for article in range(1, 6)])
    assert settled(processor) > 0
    again = Processor(store=processor.store, topic=TOPIC, rules=Rules(), tell=False)
    rebuild(again, at=START + timedelta(days=40), keep=True)
    assert settled(processor) == 0, "so few are not worth it"
    tell(again, [("beta", 5, (left("tanf"),))], first=30)
    assert rebuild(again, at=START + timedelta(days=50), keep=False).same
    processor.store.close()


def test_a_baseline_filed_later_does_not_lift_a_pin(database_url: str) -> None:
    processor = opened(database_url)
    gone = StatusValue(status=Status.VACATED)
    ruling.pin(processor, "himo", gone, since="2026-01", source="https://a.example/", who="Mona", at=START)
    processor.file_baseline(KNOWN, at=START + timedelta(hours=1))
    with processor.store.reading() as session:
        fact = knowledge.current(session, Kind.BASE_STATUS, "himo", Slot.FACT)
    assert fact is not None
    assert fact.held.value == gone
    processor.store.close()


def back(base: str, day: int) -> Claim:
    return said(Kind.BASE_STATUS, base, StatusValue(status=Status.ACTIVE), Modality.ASSERTED, date=f"2026-01-{day:02}")


def flaps() -> list[Version]:
    """Left, back, left again: told by three outlets, each of a later day than the one before."""
    return [
        ("alpha", 1, (left("tanf", "2026-01-29"),)),
        ("beta", 1, (back("tanf", 30),)),
        ("gamma", 1, (left("tanf", "2026-01-31"),)),
    ]


def known(processor: Processor) -> list[tuple[str, list[str]]]:
    """The changes told: the new status, and those that were noted."""
    with processor.store.reading() as session:
        changes = knowledge.changes(session, subject="tanf")
    return [(c.to_json()["to"]["value"], [n["value"]["value"] for n in c.to_json()["notes"]]) for c in changes]


def test_there_and_back_within_the_hold_down_is_one_change_and_a_note(database_url: str) -> None:
    processor = opened(database_url)
    told = [("delta", 1, (back("tanf", 28),)), *flaps()]
    raised = tell(processor, told, hours=0.3)
    assert [change.to_json()["to"]["value"] for change in raised] == ["vacated"]
    assert known(processor) == [("vacated", ["active", "vacated"])]
    assert processor.settle(START + timedelta(days=1)) == []
    processor.store.close()


def test_what_is_still_so_after_the_hold_down_is_told(database_url: str) -> None:
    processor = opened(database_url)
    told = [("delta", 1, (back("tanf", 28),)), *flaps()[:2]]
    assert len(tell(processor, told, hours=0.3)) == 1
    first = START + timedelta(hours=0.6)
    assert processor.settle(first + timedelta(minutes=59)) == []
    settled = processor.settle(first + timedelta(minutes=60))
    assert [change.type.value for change in settled] == ["reversal"]
    assert known(processor) == [("vacated", ["active"]), ("active", [])]
    assert rebuild(processor, at=first, keep=False).same
    processor.store.close()


def test_the_next_version_tells_it_as_well(database_url: str) -> None:
    processor = opened(database_url)
    told = [("delta", 1, (back("tanf", 28),)), *flaps()[:2]]
    tell(processor, told, hours=0.3)
    raised = tell(processor, [("delta", 2, (left("qasrak"),))], first=2, hours=24)
    assert [(change.subject, change.type.value) for change in raised] == [("tanf", "reversal"), ("qasrak", "update")]
    processor.store.close()


def test_days_apart_each_is_told(database_url: str) -> None:
    processor = opened(database_url)
    tell(processor, [("delta", 1, (back("tanf", 28),)), *flaps()])
    assert [value for value, _ in known(processor)] == ["vacated", "active", "vacated"]
    processor.store.close()


def test_a_third_value_is_told_from_what_was_told_last(database_url: str) -> None:
    processor = opened(database_url)
    to_army = StatusValue(status=Status.HANDED_OVER, to="sdf")
    third = said(Kind.BASE_STATUS, "tanf", to_army, Modality.ASSERTED, date="2026-01-31")
    told = [("delta", 1, (back("tanf", 28),)), *flaps()[:2], ("gamma", 1, (third,))]
    raised = tell(processor, told, hours=0.3)
    assert [(c.to_json()["from"]["value"], c.to_json()["to"]["value"]) for c in raised] == [
        ("active", "vacated"),
        ("vacated", "handed_over"),
    ]
    processor.store.close()
