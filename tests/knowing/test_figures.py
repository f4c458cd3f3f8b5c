"""How a troop figure moves: intervals, refinements, copies, contradictions."""

from __future__ import annotations

from typing import Any

import pytest

from db.records import Comparator, Figure


def told(changes: list[Any]) -> list[tuple[str, int | None, int | None]]:
    """Type and bounds of each change."""
    return [(c.type.value, c.after.low, c.after.high) for c in changes]


def test_a_figure_that_cannot_overlap_is_an_update(force: Any) -> None:
    changes = force.article("2026-02-17T22:00Z", force.says("about 1000", "2026-02-17", by="an official"))
    assert told(changes) == [("update", 1000, 1000)]
    assert changes[0].before == Figure(low=2000, high=2000, comparator=Comparator.ABOUT, role=changes[0].before.role)


@pytest.mark.parametrize("text", ["less_than 1000", "about 900", "1050", "at_least 900", "900-1400", "more_than 500"])
def test_a_figure_that_can_be_true_too_is_none(force: Any, text: str) -> None:
    force.article("2026-02-17T22:00Z", force.says("about 1000", "2026-02-17"))
    assert force.article("2026-02-23T10:00Z", force.says(text, "2026-02-23"), outlet="herald") == []


def test_small_steps_do_not_add_up_unseen(force: Any) -> None:
    force.article("2026-02-17T22:00Z", force.says("about 1000", "2026-02-17"))
    assert force.article("2026-02-20T10:00Z", force.says("about 900", "2026-02-20")) == []
    assert told(force.article("2026-02-25T10:00Z", force.says("about 800", "2026-02-25"))) == [("update", 800, 800)]


def test_a_vague_bound_does_not_hide_a_later_change(force: Any) -> None:
    force.article("2026-02-17T22:00Z", force.says("about 1000", "2026-02-17"))
    for day in ("23", "24", "25"):
        force.article(f"2026-02-{day}T10:00Z", force.says("less_than 1000"), outlet=f"herald{day}")
    assert force.fact.held.value.comparator is Comparator.LESS_THAN, "what most say is shown"
    changes = force.article("2026-03-10T10:00Z", force.says("about 500", "2026-03-10"))
    assert told(changes) == [("update", 500, 500)]


def test_a_range_gives_way_to_a_number_within_it(saying: Any) -> None:
    force = saying.World.figures()
    force.article("2026-02-17T22:00Z", force.says("500-1400", "2026-02-17"))
    assert force.article("2026-02-18T22:00Z", force.says("about 1000", "2026-02-18")) == []
    assert told(force.article("2026-02-20T22:00Z", force.says("about 600", "2026-02-20"))) == [("update", 600, 600)]


def test_two_figures_for_one_day_contradict(force: Any) -> None:
    force.article("2026-02-24T14:00Z", force.says("about 900", "2026-02-24"))
    changes = force.article("2026-02-26T09:00Z", force.says("about 1500", "2026-02-24"), outlet="herald")
    assert told(changes) == [("contested", 1500, 1500)]
    assert force.fact.contested
    later = force.article("2026-02-28T09:00Z", force.says("less_than 1000", "2026-02-28"), outlet="courier")
    assert later == [], "settled as it was"
    assert not force.fact.contested


def test_a_contradiction_taken_back_is_a_correction(force: Any) -> None:
    force.article("2026-02-24T14:00Z", force.says("about 900", "2026-02-24"))
    where = {"outlet": "herald", "url": "https://herald.example/count", "published": "2026-02-26T08:30Z"}
    force.article("2026-02-26T09:00Z", force.says("about 1500", "2026-02-24"), **where)
    changes = force.article("2026-02-27T11:00Z", force.says("less_than 1000", "2026-02-24"), **where)
    assert [c.type.value for c in changes] == ["correction"]
    assert changes[0].after in (force.fact.held.value,)
    assert len(changes[0].claim_ids) >= 2, "what was taken back is shown as well"


def test_the_old_number_copied_as_background_is_none(force: Any) -> None:
    force.article("2026-02-17T22:00Z", force.says("about 1000", "2026-02-17"))
    assert force.article("2026-02-25T08:00Z", force.says("about 2000"), outlet="echo") == []
    assert not force.fact.contested
    official = force.article("2026-02-26T08:00Z", force.says("about 2000", by="the ministry"), outlet="herald")
    assert told(official) == [("update", 2000, 2000)], "an official voice speaks of its own time"


def test_a_slip_in_an_article_that_also_says_the_figure_is_none(force: Any) -> None:
    force.article("2026-02-17T05:04Z", force.says("about 1000"))
    slip = force.article("2026-02-17T05:12Z", force.says("about 1000"), force.says("100"), outlet="herald")
    assert slip == []
    assert not force.fact.contested


def test_a_repetition_of_the_day_before_does_not_hold_a_change_up(force: Any) -> None:
    force.article("2026-06-04T05:08Z", force.says("about 2000"), outlet="dawn")
    changes = force.article("2026-06-05T05:04Z", force.says("about 1500"), outlet="herald")
    assert told(changes) == [("update", 1500, 1500)]


def test_other_roles_and_modalities_are_not_the_force(force: Any, saying: Any) -> None:
    part = saying.figure("200", saying.Role.WITHDRAWN)
    assert force.article("2026-02-24T14:00Z", force.claim(part, "2026-02-24", modality="asserted")) == []
    for modality in ("historical", "possible", "denied"):
        assert force.article("2026-02-24T14:00Z", force.says("about 500", modality=modality)) == []
    assert force.fact.held.value.low == 2000


def test_an_old_article_republished_is_none(force: Any) -> None:
    force.article("2026-02-17T22:00Z", force.says("about 1000", "2026-02-17"))
    old = force.article("2026-02-20T09:00Z", force.says("about 1500"), outlet="echo", published="2025-06-04T10:00Z")
    assert old == []
    assert force.fact.held.value.low == 1000


def test_an_outlet_replaces_its_own_figure_of_the_day(force: Any) -> None:
    force.article("2026-02-17T08:00Z", force.says("about 1000", "2026-02-17"))
    changes = force.article("2026-02-17T20:00Z", force.says("about 700", "2026-02-17"))
    assert told(changes) == [("update", 700, 700)]


def test_a_first_figure_has_nothing_to_differ_from(saying: Any) -> None:
    force = saying.World.figures()
    assert force.article("2026-02-17T22:00Z", force.says("about 50", "2026-02-17")) == []
    assert force.fact.held.value.low == 50


def test_an_undated_figure_does_not_overtake_what_officials_have_just_said(saying: Any) -> None:
    force = saying.World.figures()
    force.article("2026-04-17T05:04Z", force.says("about 2000", by="an official"))
    changes = force.article("2026-04-18T05:08Z", force.says("about 1000"), outlet="herald")
    assert told(changes) == [("contested", 1000, 1000)]
    assert force.article("2026-04-19T05:08Z", force.says("about 2000", by="the ministry"), outlet="courier") == []
    assert not force.fact.contested
    assert told(force.article("2026-06-05T05:08Z", force.says("about 1500"), outlet="herald")) == [
        ("update", 1500, 1500)
    ]


def test_a_figure_with_its_own_day_overtakes_what_officials_said_before(saying: Any) -> None:
    force = saying.World.figures()
    force.article("2026-04-17T05:04Z", force.says("about 2000", by="an official"))
    changes = force.article("2026-04-18T05:08Z", force.says("about 1000", "2026-04-18"), outlet="herald")
    assert told(changes) == [("update", 1000, 1000)]
