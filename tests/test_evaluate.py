"""`drawdown eval`: what counts as right, false, missed and forgiven."""

from __future__ import annotations

from typing import Any

import pytest

from db.errors import InputError
from db.records import Claim
from monitor.evaluate import Gold, Scores, evaluate

TEXT = "They left Qasrak and Himo. About 1,000 remain."


def status(subject: str, value: str, quote: str = "They left", **more: Any) -> dict[str, Any]:
    start = TEXT.find(quote)
    usual = {"kind": "base_status", "subject": subject, "value": value, "to": None, "modality": "asserted"}
    return usual | {"quote": quote, "start": start, "end": start + len(quote)} | more


def figure(high: int, comparator: str = "about", role: str = "present", **more: Any) -> dict[str, Any]:
    usual = {"kind": "troop_figure", "subject": "us-troops-syria", "role": role, "low": high, "high": high}
    return usual | {"comparator": comparator, "modality": "asserted", "quote": "About", "start": 27, "end": 32} | more


def deadline(latest: str) -> dict[str, Any]:
    usual = {"kind": "deadline", "subject": "us-withdrawal-syria", "earliest": None, "latest": latest}
    return usual | {"modality": "planned", "quote": "They", "start": 0, "end": 4}


def score(wanted: list[dict[str, Any]], found: list[dict[str, Any]]) -> Scores:
    row = {"id": "p1", "text": TEXT, "claims": wanted}
    return evaluate([Gold.parse(row, [Claim.from_json(claim) for claim in found], "here")])


def counts(scores: Scores, name: str = "all") -> tuple[int, int, int]:
    tally = scores.tally(name)
    return tally.right, tally.false, tally.missed


@pytest.mark.parametrize(
    ("wanted", "found", "expected"),
    [
        ([status("qasrak", "vacated")], [status("qasrak", "vacated")], (1, 0, 0)),
        ([status("qasrak", "vacated")], [status("qasrak", "withdrawing")], (0, 1, 1)),
        ([status("qasrak", "vacated")], [status("himo", "vacated")], (0, 1, 1)),
        ([status("qasrak", "vacated")], [status("qasrak", "vacated", modality="planned")], (0, 1, 1)),
        ([status("qasrak", "vacated")], [], (0, 0, 1)),
        ([], [status("qasrak", "vacated")], (0, 1, 0)),
        # Said twice, counted once and not against it.
        ([status("qasrak", "vacated")], [status("qasrak", "vacated")] * 2, (1, 0, 0)),
        # Left, where the handover that implies it is labelled.
        ([status("qasrak", "handed_over")], [status("qasrak", "vacated")], (0, 0, 1)),
        # Optional: neither wanted nor wrong.
        ([status("qasrak", "vacated", optional=True)], [status("qasrak", "vacated")], (0, 0, 0)),
        ([status("qasrak", "vacated", optional=True)], [], (0, 0, 0)),
        # "about 1,000" and "1,000" say the same; another role does not.
        ([figure(1000)], [figure(1000, "exact")], (1, 0, 0)),
        ([figure(1000)], [figure(1000, role="withdrawn")], (0, 1, 1)),
        ([figure(1000)], [figure(1000, role="to_withdraw")], (0, 0, 1)),
        ([deadline("2026-04-17")], [deadline("2026-04-20")], (1, 0, 0)),
        ([deadline("2026-04-17")], [deadline("2026-04-28")], (0, 1, 1)),
        ([deadline("2026-04-17")], [deadline("2026-04")], (1, 0, 0)),
    ],
)
def test_right_false_missed(wanted: list[Any], found: list[Any], expected: tuple[int, int, int]) -> None:
    assert counts(score(wanted, found)) == expected


def test_a_quote_that_does_not_stand_there_is_false_whatever_it_says() -> None:
    scores = score([status("qasrak", "vacated")], [status("qasrak", "vacated", start=1, end=10)])
    assert counts(scores) == (0, 1, 1)
    assert scores.bad_quotes == 1


def test_what_can_raise_an_alert_is_counted_apart() -> None:
    scores = score([status("qasrak", "vacated"), deadline("2026-04-17"), figure(1000)], [figure(1000)])
    assert counts(scores, "alert-bearing") == (1, 0, 1)
    assert scores.misses == [
        "MISSED p1: base_status qasrak asserted vacated “They left”",
        "MISSED p1: deadline us-withdrawal-syria planned None–2026-04-17 “They”",
    ]


def test_shares() -> None:
    tally = score([status("qasrak", "vacated"), status("himo", "vacated")], [status("himo", "vacated")]).tally("all")
    assert (tally.precision, tally.recall) == (1.0, 0.5)
    assert tally.f1 == pytest.approx(2 / 3)


def test_a_label_that_breaks_the_contract_is_named() -> None:
    with pytest.raises(InputError, match=r"here: claim 1 .*lost"):
        score([status("qasrak", "lost")], [])
