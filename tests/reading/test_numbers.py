"""The number grammar: quantities, comparators, ranges, from-to, and what is no quantity."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.reading.numbers import Sort, find_quantities

COUNTS = [
    ("roughly 2,000 of its troops", 2000, 2000, "about"),
    ("US mil in Syria now sub-1,000", None, 1000, "less_than"),
    ("it was ~2k last autumn", 2000, 2000, "about"),
    ("Fifteen hundred service members", 1500, 1500, "exact"),
    ("between 500 and 600 troops", 500, 600, "range"),
    ("no more than 150 soldiers", None, 150, "at_most"),
    ("'not more than a hundred' Americans", None, 100, "at_most"),
    ("upwards of 2,000", 2000, None, "more_than"),
    ("at least 1,500 servicemen", 1500, None, "at_least"),
    ("no fewer than 300", 300, None, "at_least"),
    ("40-50 soldiers", 40, 50, "range"),
    ("four or five hundred of our guys", 400, 500, "range"),
    ("1,200-1,300 men", 1200, 1300, "range"),
    ("the 1,000 or so soldiers", 1000, 1000, "about"),
    ("100-odd airmen", 100, 100, "about"),
    ("1.5 thousand soldiers", 1500, 1500, "exact"),
    ("up to about 1,000", None, 1000, "at_most"),
    ("a hundred and twenty soldiers", 120, 120, "exact"),
    ("twenty-five men", 25, 25, "exact"),
    ("has never fallen under 1,500", 1500, None, "at_least"),
    ("ألفي عسكري أميركي", 2000, 2000, "exact"),
    ("ألفا جندي", 2000, 2000, "exact"),
    ("ألفاً من الجنود", 1000, 1000, "exact"),
    ("30 ألفا من المقاتلين", 30_000, 30_000, "exact"),
    ("مئتي جندي", 200, 200, "exact"),
    ("ألف وخمسمئة جندي", 1500, 1500, "exact"),
    ("خمسة آلاف جندي", 5000, 5000, "exact"),
    ("9 آلاف", 9000, 9000, "exact"),
    ("ألف ومئتا عسكري", 1200, 1200, "exact"),
    ("خمسة وسبعون جندياً", 75, 75, "exact"),
    ("ثلاثمئة وخمسين عسكريا", 350, 350, "exact"),
    ("أقل من ٥٠٠ جندي", None, 500, "less_than"),
    ("أقل من ۵۰۰ جندي", None, 500, "less_than"),
    ("نحو ألف جندي", 1000, 1000, "about"),
    ("قرابة المئة", 100, 100, "about"),
    ("ما لا يقل عن 1500", 1500, None, "at_least"),
    ("لا يتجاوز 600", None, 600, "at_most"),
    ("ما يربو على ستمئة جندي", 600, None, "more_than"),
    ("بين 1400 و1700 عسكري", 1400, 1700, "range"),
    ("ما بين مئة ومئتي جندي", 100, 200, "range"),
    ("90 إلى 100 شاحنة", 90, 100, "range"),
    ("لا يقل عدد العسكريين الأميركيين في سوريا عن ألف وثمانمئة", 1800, None, "at_least"),
    ("الـ1720 جندياً", 1720, 1720, "exact"),
    ("سلّمت ستاً من قواعدها", 6, 6, "exact"),
    ("أربعاً وعشرين قاعدة", 24, 24, "exact"),
    ("أُخليت قاعدتان أميركيتان", 2, 2, "exact"),
    ("وأمامهم موقعان", 2, 2, "exact"),
]


@pytest.mark.parametrize(("text", "low", "high", "comparator"), COUNTS)
def test_a_count_has_its_bounds_and_comparator(text: str, low: int | None, high: int | None, comparator: str) -> None:
    found = [q for q in find_quantities(text) if q.sort is Sort.COUNT]
    assert [(q.low, q.high, q.comparator.value) for q in found] == [(low, high, comparator)]


@pytest.mark.parametrize(
    ("text", "old", "new"),
    [
        ("fell from 2,000 to 1,400", 2000, 1400),
        ("انخفض من ٢٠٠٠ إلى ١٤٠٠", 2000, 1400),
        ("نزل من ٢٠٠٠ لـ ١٤٠٠", 2000, 1400),
        ("from roughly 2,000 in January to 1,500 in June", 2000, 1500),
    ],
)
def test_from_to_is_then_and_now_never_a_range(text: str, old: int, new: int) -> None:
    found = find_quantities(text)
    assert [(q.low, q.relation) for q in found] == [(old, "from"), (new, "to")]


@pytest.mark.parametrize(
    ("text", "sort"),
    [
        ("60 days later", Sort.DURATION),
        ("عشرين يوماً", Sort.DURATION),
        ("خلال شهرين", Sort.DURATION),
        ("ثلاثة إلى خمسة أسابيع", Sort.DURATION),
        ("55 km of desert", Sort.MEASURE),
        ("30 percent", Sort.PERCENT),
        ("٨٠ في المئة", Sort.PERCENT),
        ("$40 million", Sort.MONEY),
        ("the M4 road", Sort.NAME),
        ("a C-130 landed", Sort.NAME),
        ("Tower 22", Sort.NAME),
        ("the 17th Division", Sort.NAME),
        ("الفرقة 17", Sort.NAME),
        ("at 11:40", Sort.NAME),
        ("in 2019", Sort.YEAR),
    ],
)
def test_what_measures_or_names_is_no_count(text: str, sort: Sort) -> None:
    found = find_quantities(text)
    assert found
    assert {q.sort for q in found} == {sort}


@pytest.mark.parametrize(
    "text", ["several hundred soldiers", "a few dozen men", "بضع مئات", "عشرات الجنود", "half of them", ""]
)
def test_vague_words_give_nothing(text: str) -> None:
    assert find_quantities(text) == []


_WORDS = """
2,000 about from to between and ٥٠٠ ألف و ومئة إلى من لا يقل عن k - – soldiers جندي % $ ـ 12:30
1.2.3 million hundred ٪ dozen
"""
_PIECES = st.sampled_from([*_WORDS.split(), " ", "\n", "\u202b", chr(0xD800), "\u064b"])


@settings(max_examples=300, deadline=None)
@given(
    st.one_of(
        st.text(max_size=200), st.lists(_PIECES, max_size=40).map(" ".join), st.lists(_PIECES, max_size=40).map("".join)
    )
)
def test_any_text_gives_spans_inside_it(text: str) -> None:
    for quantity in find_quantities(text):
        assert 0 <= quantity.start <= quantity.number_start < quantity.number_end <= quantity.end <= len(text)
        assert quantity.low is not None or quantity.high is not None
        assert quantity.low is None or quantity.high is None or quantity.low <= quantity.high
