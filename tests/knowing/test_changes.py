"""Corrections and updates when articles are edited; claims that cannot be; reprints."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

PAGE: dict[str, Any] = {"outlet": "post", "url": "https://post.example/1", "published": "2026-02-18T11:50Z"}


def told(changes: list[Any]) -> list[tuple[str, str | None]]:
    """Type and new status of each change."""
    return [(c.type.value, c.after.status.value if c.after else None) for c in changes]


def test_dropping_the_only_claim_is_one_correction(fort: Any) -> None:
    fort.article("2026-02-18T12:00Z", fort.says("vacated", "2026-02-18"), **PAGE)
    changes = fort.article("2026-02-20T10:00Z", **PAGE)
    assert told(changes) == [("correction", "active")]
    assert changes[0].claim_ids == (100,), "the claim taken back is the evidence"
    assert fort.article("2026-02-20T11:00Z", **PAGE) == []


def test_dropping_a_claim_that_others_carry_is_none(fort: Any) -> None:
    fort.article("2026-02-18T12:00Z", fort.says("vacated", "2026-02-18"), **PAGE)
    fort.article("2026-02-18T13:00Z", fort.says("vacated", "2026-02-18"), outlet="herald")
    assert fort.article("2026-02-20T10:00Z", **PAGE) == []
    assert fort.fact.held.value.status == "vacated"


def test_dropping_one_side_of_a_contradiction_is_a_correction(fort: Any) -> None:
    fort.article("2026-02-18T12:00Z", fort.says("vacated", "2026-02-18"), **PAGE)
    fort.article("2026-02-19T12:00Z", fort.says("vacated", modality="denied", by="the ministry"), outlet="herald")
    changes = fort.article("2026-02-20T10:00Z", **PAGE)
    assert told(changes) == [("correction", "active")]
    assert changes[0].before.status == "vacated", "the side that fell, though the other was shown first"


def test_nothing_left_to_hold(saying: Any) -> None:
    world = saying.World()
    world.article("2026-02-18T12:00Z", world.says("vacated", "2026-02-18"), **PAGE)
    changes = world.article("2026-02-20T10:00Z", **PAGE)
    assert told(changes) == [("correction", None)]
    assert world.now.fact is None


def test_a_further_step_in_its_place_is_an_update(fort: Any) -> None:
    fort.article("2026-02-18T12:00Z", fort.says("withdrawing", "2026-02-18"), **PAGE)
    assert told(fort.article("2026-02-18T18:00Z", fort.says("vacated", "2026-02-18"), **PAGE)) == [
        ("update", "vacated")
    ]
    late = fort.article("2026-02-18T20:00Z", fort.says("withdrawing", "2026-02-18"), outlet="echo", origin="post")
    assert late == [], "a late reprint of the earlier text"


def test_an_earlier_step_in_its_place_is_a_correction(fort: Any) -> None:
    fort.article("2026-02-18T12:00Z", fort.says("vacated", "2026-02-18"), **PAGE)
    assert told(fort.article("2026-02-18T18:00Z", fort.says("withdrawing", "2026-02-18"), **PAGE)) == [
        ("correction", "withdrawing")
    ]


def test_another_receiver_in_its_place_is_a_correction(fort: Any) -> None:
    fort.article("2026-02-18T12:00Z", fort.says("handed_over to militia", "2026-02-18"), **PAGE)
    changes = fort.article("2026-02-18T18:00Z", fort.says("handed_over to army", "2026-02-18"), **PAGE)
    assert told(changes) == [("correction", "handed_over")]
    assert changes[0].after.to == "army"


def test_a_return_that_tells_the_leaving_as_history_is_a_reversal(fort: Any) -> None:
    fort.article("2026-02-18T12:00Z", fort.says("vacated", "2026-02-18"), **PAGE)
    changes = fort.article(
        "2026-03-09T12:00Z",
        fort.says("active", "2026-03-09"),
        fort.says("vacated", "2026-02-18", modality="historical"),
        **PAGE,
    )
    assert told(changes) == [("reversal", "active")]


def test_an_edit_that_keeps_its_claims_is_none(fort: Any) -> None:
    claims = [fort.says("vacated", "2026-02-18")]
    fort.article("2026-02-18T12:00Z", *claims, **PAGE)
    assert fort.article("2026-02-18T13:00Z", *claims, **PAGE) == []


def test_a_running_story_is_read_by_its_entries_days(fort: Any) -> None:
    first = fort.says("vacated", "2026-02-18")
    fort.article("2026-02-18T12:00Z", first, **PAGE)
    changes = fort.article("2026-02-22T09:00Z", first, fort.says("active", "2026-02-22"), **PAGE)
    assert told(changes) == [("reversal", "active")]


def test_reprints_raise_nothing_and_add_nothing(fort: Any) -> None:
    fort.article("2026-02-18T12:00Z", fort.says("vacated"), outlet="agency")
    sure = fort.fact.held
    for hour, outlet in enumerate(("echo", "mirror", "copy"), 13):
        assert fort.article(f"2026-02-18T{hour}:00Z", fort.says("vacated"), outlet=outlet, origin="agency") == []
    assert (fort.fact.held.confidence, fort.fact.held.origins) == (sure.confidence, 1)
    fort.article("2026-02-20T08:00Z", fort.says("active", "2026-02-20"), outlet="agency")
    late = fort.article("2026-02-21T08:00Z", fort.says("vacated"), outlet="slow", origin="agency")
    assert late == [], "it says what its root said, when its root said it"


def test_hearsay_confirms_nothing(fort: Any) -> None:
    fort.article("2026-02-18T12:00Z", fort.says("vacated", "2026-02-18"))
    fort.article("2026-02-18T13:00Z", fort.says("vacated", "2026-02-18", by="press"), outlet="herald")
    assert (fort.fact.held.origins, fort.fact.held.credibility) == (1, "C3")
    fort.article("2026-02-18T14:00Z", fort.says("vacated", "2026-02-18"), outlet="courier", reliability="B")
    assert (fort.fact.held.origins, fort.fact.held.credibility) == (2, "B1")


def test_official_and_contested_credibility(fort: Any) -> None:
    fort.article("2026-02-18T12:00Z", fort.says("vacated", "2026-02-18", by="the ministry"), reliability="A")
    assert fort.fact.held.credibility == "A2"
    fort.article("2026-02-19T12:00Z", fort.says("active", by="the ministry"), outlet="herald", reliability="A")
    assert fort.fact.held.credibility == "A4"


@pytest.mark.parametrize(
    ("date", "reason"),
    [
        ("2027-01-01", "after it was published"),
        ("2009", "before 2011"),
        ("2026-02-20/2026-02-10", "ends before it begins"),
        ("2026-02-31", "day is out of range"),
        ("next week", "not an ISO date"),
    ],
)
def test_impossible_dates_are_set_aside_by_name(fort: Any, date: str, reason: str) -> None:
    assert fort.article("2026-02-18T12:00Z", fort.says("vacated", date)) == []
    assert fort.fact.held.value.status == "active"
    assert [item.claim_id for item in fort.now.set_aside] == [100]
    assert reason in fort.now.set_aside[0].reason


def test_an_article_published_after_it_was_seen_counts_from_when_it_was_seen(fort: Any) -> None:
    fort.article("2026-02-18T12:00Z", fort.says("vacated"), published="2031-01-01T00:00Z")
    assert fort.fact.held.since == "2026-02-18"


def test_folding_claims_of_two_subjects_is_refused(fort: Any, force: Any, saying: Any) -> None:
    fort.article("2026-02-18T12:00Z", fort.says("vacated"))
    force.article("2026-02-18T12:00Z", force.says("about 1000"))
    with pytest.raises(ValueError, match="several subjects"):
        saying.fold([*fort.evidence, *force.evidence], None, rules=fort.rules, at=fort.evidence[0].at)


def test_nothing_said_is_nothing_known(saying: Any) -> None:
    folded = saying.World().folded()
    assert (folded.fact, folded.plan, folded.announced, folded.set_aside) == (None, None, (), ())


def test_claims_about_what_left_the_topic_are_set_aside_by_name(fort: Any) -> None:
    fort.article("2026-02-10T08:00Z", fort.says("vacated", "2026-02-10"))
    fort.rules = replace(fort.rules, knows=lambda subject: subject != "fort")
    folded = fort.folded()
    assert (folded.fact, folded.plan) == (None, None)
    assert [item.reason for item in folded.set_aside] == ["the topic has no fort"]


def test_an_archive_tells_no_news(saying: Any) -> None:
    """Two old articles that tell one step after the other, seen today for the first time."""
    world = saying.World()
    world.article("2026-03-01T08:00Z", world.says("withdrawing", "2019-10-20"), published="2019-10-20T16:00Z")
    assert world.now.fact.held.value.status == "withdrawing"
    later = world.article("2026-03-01T09:00Z", world.says("vacated", "2019-10-22"), published="2019-10-22T16:00Z")
    assert later == []
    assert world.now.fact.held.value.status == "vacated", "known all the same"
