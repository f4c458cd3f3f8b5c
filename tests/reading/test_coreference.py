"""What is said of bases together, and of bases whose names follow: across sentences."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import cache

import pytest

from db.records import Kind
from monitor.reading.read import Reader
from monitor.topics import load_topic

TUESDAY = datetime(2025, 6, 3, 12, tzinfo=UTC)


@cache
def _reader() -> Reader:
    return Reader(load_topic())


def _said(text: str) -> set[tuple[str, str, str | None, str]]:
    said = set()
    for claim in _reader().read(text, published=TUESDAY):
        assert text[claim.start : claim.end] == claim.quote
        if claim.kind is Kind.BASE_STATUS:
            data = claim.to_json()
            said.add((data["subject"], data["value"], data["to"], data["modality"]))
    return said


def _of(
    bases: str, value: str, to: str | None = None, modality: str = "asserted"
) -> set[tuple[str, str, str | None, str]]:
    return {(base, value, to, modality) for base in bases.split()}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "US forces evacuated the Himo and Qasrak bases on Tuesday. The Syrian army entered both bases hours later.",
            _of("himo qasrak", "vacated") | _of("himo qasrak", "handed_over", "syrian-government"),
        ),
        (
            "US forces left two big bases in the countryside: the al-Omar oil field and the Conoco gas plant.\n"
            "It began bit by bit on May 18. Al-Omar is widely seen as the largest US base.\n"
            "SDF commandos took over the vacated bases.",
            _of("omar-field conoco", "vacated") | _of("omar-field conoco", "handed_over", "sdf"),
        ),
        (
            "أخلت القوات الأميركية قاعدتي هيمو وقسرك مساء الاثنين. ودخلت قوات من الجيش السوري القاعدتين صباح الثلاثاء.",
            _of("himo qasrak", "vacated") | _of("himo qasrak", "handed_over", "syrian-government"),
        ),
        (
            "The Pentagon plans to close three bases. They are Himo, Qasrak and Tal Baydar.",
            _of("himo qasrak tal-baydar", "vacated", modality="planned"),
        ),
        (
            "The United States is closing three of its eight operational bases in north-eastern Syria. They are "
            "Mission Support Site Green Village, MSS Euphrates and a smaller unnamed place.",
            _of("omar-field conoco", "withdrawing"),
        ),
        (
            "أخلت القوات الأميركية أربع قواعد في الحسكة هذا الأسبوع. وهي هيمو وقسرك وتل بيدر ولايف ستون.",
            _of("himo qasrak tal-baydar life-stone", "vacated"),
        ),
    ],
)
def test_what_is_said_of_several_is_said_of_each(text: str, said: set[tuple[str, str, str | None, str]]) -> None:
    assert _said(text) == said


@pytest.mark.parametrize(
    "text",
    [
        "US forces evacuated the Himo, Qasrak and Tal Baydar bases. The Syrian army entered both bases hours later.",
        "US forces evacuated the Himo and Qasrak bases on Tuesday. The Syrian army entered it hours later.",
        "أخلت القوات الأميركية قواعد هيمو وقسرك وتل بيدر. ودخلت قوات من الجيش السوري القاعدتين صباح الثلاثاء.",
    ],
)
def test_two_are_two_and_one_is_one(text: str) -> None:
    assert not any(value == "handed_over" for _, value, _, _ in _said(text))


def test_the_day_of_what_is_said_goes_with_the_names() -> None:
    text = "US forces evacuated three bases in Hasakah on Monday. They are Himo, Qasrak and Tal Baydar."
    assert {claim.date for claim in _reader().read(text, published=TUESDAY) if claim.kind is Kind.BASE_STATUS} == {
        "2025-06-02"
    }


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "A US convoy left the Omar and Conoco bases on Friday, a source said.",
            _of("omar-field conoco", "withdrawing"),
        ),
        (
            "قال مصدر إن قافلة أميركية غادرت مساء الجمعة قاعدتي العمر وكونيكو في ريف دير الزور إلى قاعدتين في الحسكة.",
            _of("omar-field conoco", "withdrawing"),
        ),
        ("The last US convoy left the Omar base on Friday.", _of("omar-field", "vacated")),
    ],
)
def test_a_convoy_that_leaves_empties_nothing_unless_it_is_the_last(
    text: str, said: set[tuple[str, str, str | None, str]]
) -> None:
    assert _said(text) == said


def test_what_a_later_sentence_says_of_the_base_is_its_own() -> None:
    text = "A US convoy of 40 trucks left the Qasrak base on Monday. On Tuesday US forces vacated the Qasrak base."
    assert _said(text) == _of("qasrak", "withdrawing") | _of("qasrak", "vacated")
