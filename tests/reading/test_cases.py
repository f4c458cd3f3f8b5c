"""What a text may claim something about: bases named and carried over, numbers, dates; and what is seen of words."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import cache

import pytest

from monitor.reading.read import Reader
from monitor.reading.second.cases import BaseCase, DeadlineCase, FigureCase, View
from monitor.topics import load_topic

MONDAY = datetime(2026, 2, 23, tzinfo=UTC)


@cache
def _reader() -> Reader:
    return Reader(load_topic())


def _view(text: str, lang: str = "en") -> View:
    view = _reader().view(text, lang, MONDAY)
    assert view is not None
    return view


def _bases(text: str, lang: str = "en") -> list[tuple[str, int, bool]]:
    return [(c.base, c.question.here, c.question.carried) for c in _view(text, lang).cases if isinstance(c, BaseCase)]


def test_each_base_of_a_sentence_is_a_case() -> None:
    assert _bases("Troops left Himo and Qasrak.") == [("himo", 0, False), ("qasrak", 0, False)]
    assert _bases("غادرت القوات هيمو وقسرك.", "ar") == [("himo", 0, False), ("qasrak", 0, False)]


def test_a_base_is_carried_into_sentences_that_do_not_name_it() -> None:
    assert _bases("Troops left Himo. It is empty.") == [("himo", 0, False), ("himo", 1, True)]
    assert _bases("Troops left Himo. Qasrak stays. It is big.")[2:] == [
        ("himo", 1, True),
        ("qasrak", 2, True),
    ]


def test_a_base_is_carried_over_two_sentences_and_no_further() -> None:
    assert [here for _, here, _ in _bases("Troops left Himo. One. Two. Three.")] == [0, 1, 2]


def test_numbers_and_dates_are_cases() -> None:
    view = _view("About 900 US troops will leave Syria within two months; 30,000 people live there.")
    numbers = [c.number.quantity.low for c in view.cases if isinstance(c, FigureCase)]
    assert numbers == [900]
    assert [c.deadline.value.latest for c in view.cases if isinstance(c, DeadlineCase)] == ["2026-04-23"]


@pytest.mark.parametrize(
    ("text", "places"),
    [
        (
            "Troops left Himo. Some 200 remain at Qasrak and Sarrin.",
            {"after": "qasrak", "first": "qasrak", "back": "himo"},
        ),
        ("From Himo and Qasrak 200 men went to Sarrin.", {"before": "qasrak", "after": "sarrin", "first": "himo"}),
        ("Some 200 troops are in Syria.", {}),
    ],
)
def test_the_bases_that_a_number_may_be_of(text: str, places: dict[str, str]) -> None:
    (case,) = (case for case in _view(text).cases if isinstance(case, FigureCase))
    assert case.places == places


def test_the_dates_that_a_case_may_have() -> None:
    view = _view("It began in January. On 11 February they left Himo, on 15 February Qasrak, and Sarrin on Friday.")
    himo, qasrak, sarrin = (case for case in view.cases if isinstance(case, BaseCase))
    january, eleventh, fifteenth, friday = "2026-01", "2026-02-11", "2026-02-15", "2026-02-20"
    whole = {"first": eleventh, "last": friday, "back": january}
    for case, near in (
        (himo, {"before": eleventh, "after": fifteenth}),
        (qasrak, {"before": fifteenth, "after": friday}),
        (sarrin, {"before": fifteenth, "after": friday}),
    ):
        assert {name: date.date for name, date in view.dates(case).items()} == whole | near


def test_a_base_is_seen_as_a_base_and_not_as_which() -> None:
    def seen(name: str) -> list[str]:
        view = _view(f"US forces have left the {name} base.")
        return list(view.shown(0).marks[view.cases[0].question.word])

    assert seen("Himo") == seen("Qasrak")
    assert "head=base" in seen("Himo")
    assert not any("himo" in mark for mark in seen("Himo"))


@pytest.mark.parametrize(
    ("text", "mark"),
    [
        ("US forces left Himo on Friday.", "date=now"),
        ("US forces left Himo in 2019.", "date=old"),
        ("US forces will leave Himo in April 2026.", "date=ahead"),
        ("Fewer than 900 troops are at Himo.", "cmp=less_than"),
        ("US forces have not vacated Himo.", "not vacate"),
        ("US forces have begun leaving Himo.", "c=begin"),
        ("US forces have decamped from Himo.", "m=leave"),
    ],
)
def test_what_is_seen_of_words(text: str, mark: str) -> None:
    assert any(mark in marks for marks in _view(text).shown(0).marks)
