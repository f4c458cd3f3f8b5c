"""A person's word in the folding: above all claims, until it is released."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from db.records import Kind, Ruling, StatusValue, Verdict, parse_moment
from monitor.knowing.fold import Folded, fold

NOON = parse_moment("2026-02-12T12:00Z")
LATER = parse_moment("2026-02-20T12:00Z")


@pytest.fixture
def ruling(saying: Any) -> Any:
    """Makes a ruling on the fort, given at noon of 12 February."""

    def make(verdict: Verdict, value: str, since: str = "2026-02-11", **said: Any) -> Ruling:
        usual = {"kind": Kind.BASE_STATUS, "subject": "fort", "who": "Mona", "at": NOON, "since": since}
        return Ruling(verdict=verdict, value=saying.status(value), **usual | said)

    return make


def held(world: Any, *rulings: Ruling, at: datetime = LATER) -> Folded:
    """What is known of the fort with these rulings."""
    return fold(world.evidence, world.baseline, rules=world.rules, at=at, rulings=rulings)


def value(folded: Folded) -> str:
    assert folded.fact is not None
    assert isinstance(folded.fact.held.value, StatusValue)
    return folded.fact.held.value.status.value


def test_a_rejected_voice_counts_for_nothing_and_is_named(fort: Any, ruling: Any) -> None:
    fort.article("2026-02-12T08:00Z", fort.says("vacated", "2026-02-11"))
    no = ruling(Verdict.REJECT, "vacated", "2026-02-12", origins=("gazette",), because="a drill")
    assert value(held(fort)) == "vacated"
    folded = held(fort, no)
    assert value(folded) == "active"
    assert [item.reason for item in folded.set_aside] == ["rejected by Mona, 2026-02-12T12:00:00Z: a drill"]


def test_another_voice_a_later_day_and_another_value_are_not_rejected(fort: Any, ruling: Any) -> None:
    no = ruling(Verdict.REJECT, "vacated", "2026-02-12", origins=("gazette",), because="a drill")
    fort.article("2026-02-12T08:00Z", fort.says("withdrawing", "2026-02-11"))
    assert value(held(fort, no)) == "withdrawing"
    fort.article("2026-02-13T08:00Z", fort.says("vacated", "2026-02-11"), outlet="herald")
    assert value(held(fort, no)) == "vacated"
    fort.evidence.pop()
    fort.article("2026-02-14T08:00Z", fort.says("vacated", "2026-02-14"))
    assert value(held(fort, no)) == "vacated"


def test_a_confirmation_settles_a_contradiction_and_later_news_moves_on(fort: Any, ruling: Any) -> None:
    fort.article("2026-02-11T08:00Z", fort.says("vacated", "2026-02-11"))
    fort.article("2026-02-11T09:00Z", fort.says("vacated", "2026-02-11", modality="denied"), outlet="herald")
    doubtful = held(fort).fact
    assert doubtful is not None
    assert doubtful.contested
    yes = ruling(Verdict.CONFIRM, "vacated")
    sure = held(fort, yes).fact
    assert sure is not None
    assert (sure.contested, sure.held.credibility, sure.held.confidence) == (False, "A1", 1.0)
    assert sure.held.source == "confirmed by Mona"
    fort.article("2026-02-15T08:00Z", fort.says("handed_over to army", "2026-02-15"))
    assert value(held(fort, yes)) == "handed_over"


def test_a_pin_stands_above_all_claims_and_later_ones_contest_it(fort: Any, ruling: Any) -> None:
    fort.article("2026-02-12T08:00Z", fort.says("vacated", "2026-02-11"))
    pin = ruling(Verdict.PIN, "active", "2026-02-01", source="https://a.example/")
    fact = held(fort, pin).fact
    assert fact is not None
    assert (fact.held.credibility, fact.held.source) == ("A1", "pinned by Mona, https://a.example/")
    assert value(held(fort, pin)) == "active"
    assert not fact.contested, "what was known when it was pinned is no new doubt"
    assert [side.value.status for side in fact.rivals if isinstance(side.value, StatusValue)] == ["vacated"]
    official = fort.says("vacated", "2026-02-13", by="the ministry")
    fort.article("2026-02-13T08:00Z", official, outlet="herald", reliability="A")
    doubted = held(fort, pin).fact
    assert doubted is not None
    assert value(held(fort, pin)) == "active"
    assert doubted.contested
    assert doubted.held.credibility == "A4"


def test_a_pin_alone_is_a_fact(saying: Any, ruling: Any) -> None:
    folded = held(saying.World(), ruling(Verdict.PIN, "handed_over to army"))
    assert value(folded) == "handed_over"


def test_a_ruling_stands_from_when_it_is_given_until_it_is_released(fort: Any, ruling: Any) -> None:
    fort.article("2026-02-12T08:00Z", fort.says("vacated", "2026-02-11"))
    pin = ruling(Verdict.PIN, "active", released_at=parse_moment("2026-02-14T00:00Z"))
    seen = [value(held(fort, pin, at=parse_moment(at))) for at in ("2026-02-12T11:00Z", "2026-02-13", "2026-02-14")]
    assert seen == ["vacated", "active", "vacated"]


def test_figures_that_can_both_be_true_are_rejected_together(force: Any, saying: Any) -> None:
    force.article(
        "2026-02-12T08:00Z", force.says("about 900", "2026-02-12"), force.says("less_than 1000", "2026-02-12")
    )
    no = Ruling(
        verdict=Verdict.REJECT,
        kind=Kind.TROOP_FIGURE,
        subject=force.subject,
        value=saying.figure("about 900"),
        since="2026-02-12",
        who="Mona",
        at=NOON,
        origins=("gazette",),
        because="the number of years past",
    )
    fact = held(force, no).fact
    assert fact is not None
    assert fact.held.value == saying.figure("about 2000")
