"""A side of a fact keeps its weightiest claims, and says how many more there are."""

from __future__ import annotations

from typing import Any

from monitor.knowing.position import SHOWN


def test_what_a_hundred_articles_say_keeps_the_weightiest(fort: Any) -> None:
    for number in range(SHOWN + 40):
        fort.article(f"2026-02-10T08:{number % 60:02}Z", fort.says("active"), outlet=f"outlet {number}")
    fort.article("2026-02-11T08:00Z", fort.says("active", by="the ministry"), outlet="herald")
    held = fort.fact.held
    assert (len(held.support), held.more) == (SHOWN, 41)
    assert held.support[0].origin == "herald"
    assert held.origins == SHOWN + 42, "the baseline is one, too"
