"""How a base's status moves, and what does not move it."""

from __future__ import annotations

from typing import Any

from db.records import ChangeType
from monitor.knowing.weighed import weight


def told(changes: list[Any]) -> list[tuple[str, str, str | None]]:
    """Type, new status and receiver of each change."""
    return [(c.type.value, c.after.status.value, c.after.to) for c in changes]


def test_a_withdrawal_step_by_step(fort: Any) -> None:
    assert told(fort.article("2026-02-10T08:00Z", fort.says("withdrawing", "2026-02-10"))) == [
        ("update", "withdrawing", None)
    ]
    assert told(fort.article("2026-02-12T08:00Z", fort.says("vacated", "2026-02-11"))) == [("update", "vacated", None)]
    assert told(fort.article("2026-02-13T08:00Z", fort.says("handed_over to army", "2026-02-12"))) == [
        ("update", "handed_over", "army")
    ]
    assert fort.fact.held.since == "2026-02-12"
    assert not fort.fact.contested


def test_several_steps_in_one_version_give_the_last(fort: Any) -> None:
    changes = fort.article(
        "2026-02-13T08:00Z",
        fort.says("vacated", "2026-02-11"),
        fort.says("handed_over to army", "2026-02-12"),
        fort.says("withdrawing", "2026-02-10"),
    )
    assert told(changes) == [("update", "handed_over", "army")]


def test_steps_told_in_any_order_on_one_day(fort: Any) -> None:
    fort.article("2026-02-11T15:00Z", fort.says("vacated", "2026-02-11"))
    late = fort.article("2026-02-11T18:00Z", fort.says("withdrawing", "2026-02-11"), outlet="herald")
    assert late == []
    assert fort.fact.held.value.status == "vacated"


def test_handed_over_to_nobody_knows_whom_says_no_more_than_left(fort: Any) -> None:
    fort.article("2026-02-12T08:00Z", fort.says("vacated", "2026-02-12"))
    assert not told(fort.article("2026-02-14T08:00Z", fort.says("handed_over"), outlet="herald"))
    changes = fort.article("2026-02-15T08:00Z", fort.says("handed_over to army", "2026-02-14"), outlet="courier")
    assert told(changes) == [("update", "handed_over", "army")]


def test_left_after_handed_over_says_nothing_new(fort: Any) -> None:
    fort.article("2026-02-12T08:00Z", fort.says("handed_over to army", "2026-02-12"))
    assert fort.article("2026-02-14T08:00Z", fort.says("vacated"), outlet="herald") == []
    assert fort.article("2026-02-15T08:00Z", fort.says("withdrawing", "2026-02-14"), outlet="herald") == []
    assert fort.fact.held.value.to == "army"


def test_presence_beside_a_withdrawal_is_no_change(fort: Any) -> None:
    fort.article("2026-02-10T08:00Z", fort.says("withdrawing", "2026-02-10"))
    assert fort.article("2026-02-20T08:00Z", fort.says("active", "2026-02-20"), outlet="herald") == []
    assert fort.fact.held.value.status == "withdrawing"


def test_a_return_with_its_own_day_is_a_reversal(fort: Any) -> None:
    fort.article("2026-03-02T08:00Z", fort.says("vacated", "2026-03-01"))
    assert told(fort.article("2026-03-09T16:00Z", fort.says("active", "2026-03-09"))) == [("reversal", "active", None)]
    assert fort.article("2026-03-10T16:00Z", fort.says("vacated"), outlet="herald") == [], "the old leaving retold"
    assert told(fort.article("2026-03-11T09:00Z", fort.says("reinforced", "2026-03-11"))) == [
        ("update", "reinforced", None)
    ]
    assert fort.article("2026-03-12T09:00Z", fort.says("active"), outlet="herald") == []


def test_reinforcing_a_base_that_was_being_left_is_a_reversal(fort: Any) -> None:
    fort.article("2026-02-10T08:00Z", fort.says("withdrawing", "2026-02-10"))
    assert told(fort.article("2026-02-20T08:00Z", fort.says("reinforced", "2026-02-20"))) == [
        ("reversal", "reinforced", None)
    ]


def test_an_undated_presence_contests_a_leaving(fort: Any) -> None:
    fort.article("2026-02-18T12:00Z", fort.says("vacated", "2026-02-18"))
    changes = fort.article("2026-02-20T12:00Z", fort.says("active"), outlet="herald")
    assert told(changes) == [("contested", "active", None)]
    assert fort.fact.contested
    assert {fort.fact.held.value.status, fort.fact.rivals[0].value.status} == {"vacated", "active"}
    assert fort.article("2026-02-20T13:00Z", fort.says("active"), outlet="courier") == [], "told already"


def test_a_weak_voice_does_not_contest_what_many_confirm(fort: Any) -> None:
    for outlet in ("gazette", "herald", "courier"):
        fort.article("2026-02-18T12:00Z", fort.says("vacated", "2026-02-18", by="the ministry"), outlet=outlet)
    assert fort.article("2026-02-20T12:00Z", fort.says("active", by="a shopkeeper"), outlet="echo") == []
    assert not fort.fact.contested
    assert fort.fact.rivals[0].value.status == "active", "yet it stays visible"


def test_presence_and_leaving_of_one_day_from_two_outlets_contradict(fort: Any) -> None:
    assert fort.article("2026-02-23T06:00Z", fort.says("active", "2026-02-23"), outlet="herald") == []
    changes = fort.article("2026-02-24T08:00Z", fort.says("vacated", "2026-02-23"))
    assert told(changes) == [("contested", "vacated", None)]
    later = fort.article("2026-02-27T08:00Z", fort.says("vacated", "2026-02-26"), outlet="courier")
    assert told(later) == [("update", "vacated", None)], "said again of a later day"
    assert not fort.fact.contested


def test_presence_reported_before_the_leaving_of_that_day_is_no_contradiction(fort: Any) -> None:
    fort.article("2026-02-23T06:00Z", fort.says("active"), outlet="herald")
    changes = fort.article("2026-02-23T18:00Z", fort.says("vacated", "2026-02-23"))
    assert told(changes) == [("update", "vacated", None)]


def test_a_denial_of_what_is_held_contests_it(fort: Any) -> None:
    fort.article("2026-02-18T12:00Z", fort.says("vacated", "2026-02-18"))
    denial = fort.says("vacated", "2026-02-18", modality="denied", by="the ministry")
    changes = fort.article("2026-02-19T17:00Z", denial, outlet="herald")
    assert told(changes) == [("contested", "active", None)]
    assert fort.fact.held.since == "2026-01-01", "the denial restores what was known before"


def test_denials_that_agree_do_nothing(fort: Any) -> None:
    denial = fort.says("withdrawing", modality="denied", by="the ministry")
    assert fort.article("2026-02-13T15:00Z", denial) == []
    assert told(fort.article("2026-02-20T08:00Z", fort.says("withdrawing", "2026-02-20"), outlet="herald")) == [
        ("update", "withdrawing", None)
    ], "nor does a denial outlive what happens after it"
    fort.article("2026-02-25T08:00Z", fort.says("vacated", "2026-02-25"), outlet="herald")
    assert fort.article("2026-03-01T08:00Z", fort.says("active", modality="denied", by="the ministry")) == []


def test_old_news_does_not_turn_the_clock_back(fort: Any) -> None:
    fort.article("2026-02-12T08:00Z", fort.says("vacated", "2026-02-12"))
    old = fort.article("2026-03-01T08:00Z", fort.says("active"), outlet="archive", published="2019-10-20T16:00Z")
    assert old == []
    assert fort.fact.held.value.status == "vacated"


def test_planned_possible_and_historical_claims_do_not_move_a_fact(fort: Any) -> None:
    for modality in ("planned", "possible", "historical"):
        assert fort.article("2026-02-13T15:00Z", fort.says("vacated", modality=modality)) == []
    assert fort.fact.held.value.status == "active"
    assert fort.now.plan.held.value.status == "vacated"


def test_a_plan_that_came_true_is_none_any_more(fort: Any) -> None:
    fort.article("2026-02-13T15:00Z", fort.says("vacated", modality="planned"))
    fort.article("2026-02-20T15:00Z", fort.says("handed_over to army", "2026-02-20"))
    assert fort.now.plan is None


def test_first_values(saying: Any) -> None:
    def first(text: str, date: str | None, published: str = "2026-02-16T08:00Z") -> list[Any]:
        world = saying.World()
        return world.article("2026-02-16T09:00Z", world.says(text, date), published=published)

    assert first("active", "2026-02-15") == []
    assert told(first("vacated", "2026-02-10")) == [("update", "vacated", None)]
    assert first("vacated", "2025") == [], "background"
    assert first("vacated", None, published="2019-10-20T08:00Z") == [], "an old article"
    assert first("vacated", "2025-06-17") == []


def test_a_coarse_date_gives_way_to_a_day_within_it(fort: Any) -> None:
    fort.article("2026-02-16T08:00Z", fort.says("handed_over to army", "2026-02-15"))
    fort.article("2026-02-27T08:00Z", fort.says("handed_over to army", "2026-02"), outlet="herald")
    assert fort.fact.held.since == "2026-02-15"
    assert not fort.fact.contested
    back = fort.article("2026-02-28T08:00Z", fort.says("active", "2026-02"), outlet="courier")
    assert back == [], "some time in February is not after the 15th"


def test_two_days_for_one_event_are_kept_and_not_contested(fort: Any) -> None:
    fort.article("2026-02-21T13:00Z", fort.says("withdrawing", "2026-02-21"))
    assert fort.article("2026-02-23T07:00Z", fort.says("withdrawing", "2026-02-23"), outlet="herald") == []
    assert (fort.fact.held.since, [rival.since for rival in fort.fact.rivals]) == ("2026-02-21", ["2026-02-23"])
    assert not fort.fact.contested


def test_times_too_far_apart_are_contested_without_an_alert(saying: Any) -> None:
    world = saying.World()
    world.article("2026-02-23T08:00Z", world.says("vacated", "2025"))
    assert world.article("2026-02-23T09:00Z", world.says("vacated"), outlet="herald") == []
    assert world.fact.contested
    assert world.fact.held.since == "2025"
    later = saying.World()
    later.article("2026-02-08T08:00Z", later.says("vacated", "2025"))
    later.article("2026-02-23T09:00Z", later.says("vacated"), outlet="herald")
    assert not later.fact.contested, "what was known before is retold, not told anew"


def test_another_receiver(fort: Any) -> None:
    fort.article("2026-03-04T10:00Z", fort.says("handed_over"), fort.says("handed_over to militia", "2026-03-04"))
    assert fort.fact.held.value.to == "militia", "a receiver fills in for none"
    other = fort.article("2026-03-04T12:00Z", fort.says("handed_over to army", "2026-03-04"), outlet="herald")
    assert told(other) == [("contested", "handed_over", "army")]
    later = fort.article("2026-03-20T12:00Z", fort.says("handed_over to army", "2026-03-20"), outlet="herald")
    assert told(later) == [("update", "handed_over", "army")]


def test_a_reinforcement_lapses_and_may_come_again(fort: Any) -> None:
    fort.article("2026-02-01T08:00Z", fort.says("reinforced", "2026-02-01"))
    assert fort.article("2026-03-01T08:00Z", fort.says("reinforced", "2026-03-01"), outlet="herald") == []
    again = fort.article("2026-11-08T08:00Z", fort.says("reinforced", "2026-11-08"), outlet="herald")
    assert told(again) == [("update", "reinforced", None)]


def test_an_unreliable_outlet_alone_moves_nothing(fort: Any) -> None:
    claim = fort.says("vacated", "2026-02-18", by="the ministry")
    assert fort.article("2026-02-18T12:00Z", claim, reliability="D") == []
    second = fort.article("2026-02-18T13:00Z", claim, outlet="herald", reliability="D")
    assert told(second) == [("update", "vacated", None)], "two such voices are enough"


def test_an_outweighed_leaving_falls_and_stays_visible(fort: Any) -> None:
    fort.article("2026-02-18T12:00Z", fort.says("vacated", "2026-02-18", by="a shopkeeper"))
    for outlet in ("herald", "courier", "post"):
        fort.article("2026-02-20T12:00Z", fort.says("active", by="the ministry"), outlet=outlet, reliability="A")
    assert fort.fact.held.value.status == "active"
    assert not fort.fact.contested
    assert fort.fact.rivals[0].value.status == "vacated"


def test_the_baseline_is_the_beginning(fort: Any) -> None:
    assert fort.article("2026-02-01T08:00Z", fort.says("vacated", "2020-01-08")) == []
    assert fort.fact.held.since == "2026-01-01"
    assert fort.fact.held.source == "our own list"
    assert fort.fact.held.credibility == "F6"


def test_types_are_the_records_own(fort: Any) -> None:
    change = fort.article("2026-02-10T08:00Z", fort.says("vacated", "2026-02-10"))[0]
    assert change.type is ChangeType.UPDATE
    assert change.before.status == "active"
    assert change.claim_ids == (100,)
    assert change.previous.source == "our own list"
    assert change.held.support[0].factors[0] == ("reliability C", 0.6)


def test_a_long_list_without_a_day_moves_nothing_alone(fort: Any) -> None:
    listed = fort.article("2026-03-14T12:00Z", fort.says("vacated", by="sources"), listed=5)
    assert listed == []
    assert fort.fact.held.value.status == "active"
    _, factors = weight(fort.evidence[-1], fort.rules)
    assert ("listed 5", 0.5) in factors
    told = fort.article("2026-03-16T12:00Z", fort.says("vacated", "2026-03-13"), outlet="herald")
    assert [(c.type.value, c.after.status.value) for c in told] == [("update", "vacated")]


def test_an_official_may_list(fort: Any) -> None:
    told = fort.article("2026-03-14T12:00Z", fort.says("vacated", by="the ministry"), listed=5)
    assert [(c.type.value, c.after.status.value) for c in told] == [("update", "vacated")]


def test_what_is_held_of_a_base_spoken_of_as_one_is_no_news(saying: Any) -> None:
    lodge = saying.World(subject="lodge")
    lodge.article("2026-03-01T12:00Z", lodge.says("vacated", "2026-03-01"))
    fort = saying.World(beside=[lodge.now.fact])
    assert fort.article("2026-03-09T12:00Z", fort.says("vacated")) == []
    assert fort.now.fact.held.value.status == "vacated", "known all the same"
    alone = saying.World()
    assert len(alone.article("2026-03-09T12:00Z", alone.says("vacated"))) == 1
    late = saying.World(beside=[lodge.now.fact]).knew(saying.status("active"), "2025-01-01")
    assert len(late.article("2026-06-09T12:00Z", late.says("vacated", "2026-06-09"))) == 1, "months later it is"
