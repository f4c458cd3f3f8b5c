"""Plans beside facts: which announcements are told."""

from __future__ import annotations

from typing import Any


def targets(changes: list[Any]) -> list[tuple[str, int | None, int | None]]:
    """Type and bounds of each change."""
    return [(c.type.value, c.after.low, c.after.high) for c in changes]


def days(changes: list[Any]) -> list[tuple[str, str | None]]:
    """Type and latest day of each change."""
    return [(c.type.value, c.after.latest) for c in changes]


def test_a_target_told_by_officials_is_a_plan(force: Any) -> None:
    target = force.says("target about 1400", modality="planned", by="an official")
    assert targets(force.article("2026-04-17T05:00Z", target)) == [("plan", 1400, 1400)]
    assert force.fact.held.value.low == 2000, "the fact stays"
    other = force.says("target less_than 1000", modality="planned", by="an official")
    assert targets(force.article("2026-04-18T05:00Z", other, outlet="herald")) == [("plan", None, 1000)]
    assert force.article("2026-04-18T06:00Z", target, outlet="courier") == [], "known already"
    near = force.says("target about 900", modality="planned", by="the ministry")
    assert force.article("2026-04-19T06:00Z", near, outlet="post") == [], "about 900 are fewer than 1,000"
    further = force.says("target about 600", modality="planned", by="the ministry")
    assert targets(force.article("2026-04-20T06:00Z", further, outlet="post")) == [("plan", 600, 600)]


def test_a_target_of_nobody_needs_two_origins(force: Any) -> None:
    target = force.says("target about 500", modality="planned", by="a source")
    assert force.article("2026-04-17T05:00Z", target) == []
    assert force.article("2026-04-17T06:00Z", target, outlet="echo", origin="gazette") == [], "a reprint"
    assert targets(force.article("2026-04-17T07:00Z", target, outlet="herald")) == [("plan", 500, 500)]


def test_at_least_some_does_not_cover_a_number(force: Any) -> None:
    both = [force.says(f"target {t}", modality="planned", by="an official") for t in ("at_least 500", "about 1400")]
    assert targets(force.article("2026-04-17T05:00Z", *both)) == [("plan", 1400, 1400)]


def test_an_old_plan_is_no_news(force: Any) -> None:
    target = force.says("target about 150", modality="planned", by="the ministry")
    assert force.article("2026-03-01T08:00Z", target, published="2019-10-20T16:00Z") == []


def test_a_deadline_needs_a_name_or_two_origins(saying: Any) -> None:
    end = saying.World.deadlines()
    guess = end.claim(saying.by("2026-04-17"), by="an official")
    assert end.article("2026-02-17T22:00Z", guess) == []
    assert end.article("2026-02-18T06:00Z", end.claim(saying.by("2026-04-17"), by="press"), outlet="echo") == []
    named = end.claim(saying.by("2026-04-30"), by="the ministry")
    changes = end.article("2026-03-10T21:00Z", named, outlet="herald")
    assert days(changes) == [("plan", "2026-04-30")]
    assert changes[0].before.latest == "2026-04-17"
    assert end.article("2026-03-11T21:00Z", named, outlet="courier") == []
    assert days(end.article("2026-03-12T21:00Z", end.claim(saying.by("2026-05-31"), by="the ministry"))) == [
        ("plan", "2026-05-31")
    ]
    assert len(end.now.plan.rivals) == 2, "one for each who speaks: a speaker's last word replaces his first"


def test_a_deadline_that_had_passed_is_set_aside(saying: Any) -> None:
    end = saying.World.deadlines()
    assert end.article("2026-03-10T21:00Z", end.claim(saying.by("2024-12"), by="the ministry")) == []
    assert end.now.plan is None
    assert "had passed" in end.now.set_aside[0].reason


def test_statuses_are_planned_without_alerts(fort: Any) -> None:
    assert (
        fort.article("2026-02-17T22:00Z", fort.says("vacated", "2026-04", modality="planned", by="the ministry")) == []
    )
    assert fort.now.plan.held.value.status == "vacated"
    assert fort.now.plan.held.since == "2026-04"
