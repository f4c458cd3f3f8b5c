"""What holds for any claims: order is no matter, folding again is no matter, a reprint tells nothing."""

from __future__ import annotations

import importlib.util
import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import ModuleType
from typing import Any

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from db.records import Claim, Evidence, Kind, Modality, Role, Status, StatusValue
from monitor.knowing.fold import Folded, fold
from monitor.knowing.rules import Rules
from monitor.knowing.step import step

START = datetime(2026, 2, 28, 6, tzinfo=UTC)
AT = datetime(2026, 4, 1, tzinfo=UTC)
OUTLETS = {"gazette": "A", "herald": "B", "courier": "C", "rag": "D", "sheet": "D"}  # and their reliability
SPEAKERS = (None, "the ministry", "an official", "press", "a shopkeeper")


def _saying() -> ModuleType:
    key = "knowing_saying"
    if key not in sys.modules:
        spec = importlib.util.spec_from_file_location(key, Path(__file__).with_name("saying.py"))
        assert spec is not None
        assert spec.loader is not None
        sys.modules[key] = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(sys.modules[key])
    return sys.modules[key]


SAYING = _saying()
RULES: Rules = SAYING.RULES


def claims(values: st.SearchStrategy[Any], kind: Kind) -> st.SearchStrategy[Claim]:
    """Claims about one subject, dated by day, month or not at all."""
    days = st.integers(1, 28).map(lambda day: f"2026-02-{day:02}")
    return st.builds(
        Claim,
        kind=st.just(kind),
        subject=st.just("fort"),
        value=values,
        modality=st.sampled_from([Modality.ASSERTED] * 4 + list(Modality)),
        quote=st.just("so it is"),
        start=st.just(0),
        end=st.just(8),
        speaker=st.sampled_from(SPEAKERS),
        date=st.one_of(st.none(), days, st.sampled_from(["2026-02", "2026-01", "2025", "2026-02-20/2026-02-26"])),
    )


STATUSES = claims(
    st.builds(StatusValue, status=st.sampled_from(Status), to=st.sampled_from([None, "army", "militia"])),
    Kind.BASE_STATUS,
)
FIGURES = claims(
    st.builds(
        SAYING.figure,
        st.sampled_from(
            ["about 1000", "less_than 1000", "900", "about 2000", "500-1400", "more_than 1500", "about 400"]
        ),
        st.sampled_from([Role.PRESENT, Role.PRESENT, Role.TARGET]),
    ),
    Kind.TROOP_FIGURE,
)


@st.composite
def bodies(draw: st.DrawFn) -> list[Evidence]:
    """Live claims of one subject by several outlets over a month."""
    kind = draw(st.sampled_from([STATUSES, FIGURES]))
    out = []
    for number, claim in enumerate(draw(st.lists(kind, min_size=1, max_size=12)), 1):
        outlet = draw(st.sampled_from(sorted(OUTLETS)))
        hours = draw(st.integers(0, 27 * 24))
        published = START + timedelta(hours=hours)
        out.append(
            Evidence(
                id=number,
                claim=claim,
                version_id=number,
                number=1,
                article_id=number,
                url=f"https://{outlet}.example/{hours}",
                source=outlet,
                outlet=outlet,
                reliability=OUTLETS[outlet],
                lang="en",
                title="",
                published=published,
                at=published + timedelta(minutes=10),
                origin=outlet,
            )
        )
    return out


def known(folded: Folded) -> tuple[object, ...]:
    """What is held, without the ids of claims, which depend on the order they came in."""
    sides = [folded.fact, folded.plan]
    return tuple(
        (side.held.value, side.held.since, side.held.confidence, side.contested, [r.value for r in side.rivals])
        for side in sides
        if side is not None
    )


@settings(max_examples=200, deadline=None)
@given(body=bodies(), seed=st.randoms(use_true_random=False))
def test_the_order_of_claims_is_no_matter(body: list[Evidence], seed: Any) -> None:
    shuffled = list(body)
    seed.shuffle(shuffled)
    assert fold(body, None, rules=RULES, at=AT) == fold(shuffled, None, rules=RULES, at=AT)


@settings(max_examples=200, deadline=None)
@given(body=bodies(), seed=st.randoms(use_true_random=False))
def test_the_order_in_which_articles_came_in_is_no_matter(body: list[Evidence], seed: Any) -> None:
    """Ids and recorded times differ with the order of arrival; what is known at the end does not."""
    numbers = list(range(1, len(body) + 1))
    seed.shuffle(numbers)
    moved = [replace(item, id=number, version_id=number) for item, number in zip(body, numbers, strict=True)]
    assert known(fold(body, None, rules=RULES, at=AT)) == known(fold(moved, None, rules=RULES, at=AT))


@settings(max_examples=200, deadline=None)
@given(body=bodies(), letter=st.sampled_from("ABCD"))
def test_a_later_reprint_tells_nothing(body: list[Evidence], letter: str) -> None:
    """A reprint carries the claims of one article, under the same origin, some hours later."""
    assume(not fold(body, None, rules=RULES, at=AT).set_aside)
    root = body[-1]
    mine = [item for item in body if item.url == root.url]
    at = max(item.at for item in body) + timedelta(hours=1)
    copies = [
        replace(
            item,
            id=1000 + item.id,
            version_id=1000,
            url="https://echo.example/1",
            source="echo",
            outlet="echo",
            reliability=letter,
            published=min(root.published + timedelta(hours=5), at),
            at=at,
        )
        for item in mine
    ]
    version = SAYING.World.version(at, "https://echo.example/1", "echo", at)
    taken = step(
        replace(version, id=1000),
        evidence=[*body, *copies],
        withdrawn=[],
        baseline=None,
        rules=RULES,
        at=at,
        fresh=[item.id for item in copies],
    )
    assert taken.changes == ()


@settings(max_examples=200, deadline=None)
@given(body=bodies())
def test_what_is_held_can_always_be_shown(body: list[Evidence]) -> None:
    folded = fold(body, None, rules=RULES, at=AT)
    for side in (folded.fact, folded.plan):
        if side is None:
            continue
        positions = (side.held, *side.rivals)
        assert all(p.support and 0 <= p.confidence <= 1 and p.since and p.credibility for p in positions)
        assert {s.claim_id for p in positions for s in p.support} <= {item.id for item in body}
