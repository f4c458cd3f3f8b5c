"""The date grammar: everything is resolved from the publication, in both languages."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from db.records import Period
from monitor.reading.dates import date_for, find_dates

MONDAY = datetime(2026, 2, 23, 9, tzinfo=UTC)

PAST = [
    ("on Monday", "2026-02-23"),
    ("on Thursday", "2026-02-19"),
    ("last Monday", "2026-02-16"),
    ("أول من أمس السبت", "2026-02-21"),
    ("فجر الاثنين", "2026-02-23"),
    ("yesterday", "2026-02-22"),
    ("البارحة", "2026-02-22"),
    ("on Feb. 11", "2026-02-11"),
    ("23 February 2026", "2026-02-23"),
    ("Oct. 16, 2019", "2019-10-16"),
    ("2026-02-11", "2026-02-11"),
    ("في 11 فبراير/ شباط الحالي", "2026-02-11"),
    ("في الثاني عشر من شباط", "2026-02-12"),
    ("13/02/2026", "2026-02-13"),
    ("أواخر يناير/كانون الثاني 2026", "2026-01-21/2026-01-31"),
    ("في كانون الأول", "2025-12"),
    ("الشهر الماضي", "2026-01"),
    ("last month", "2026-01"),
    ("العام الماضي", "2025"),
    ("last year", "2025"),
    ("late 2025", "2025-10/2025-12"),
    ("في أواخر 2025", "2025-10/2025-12"),
    ("since January", "2026-01/2026-02"),
    ("منذ عام 2025 وحتى فبراير الحالي", "2025/2026-02"),
    ("two weeks ago", "2026-02-09"),
    ("قبل يومين", "2026-02-21"),
    ("قبل سنة", "2025-02"),
    ("between 11 and 15 February", "2026-02-11/2026-02-15"),
    ("from January to June 2025", "2025-01/2025-06"),
    ("دجنبر 2025", "2025-12"),
    ("in 2019", "2019"),
]

AHEAD = [
    ("by Friday", "2026-02-27"),
    ("by the end of April", "2026-04-30"),
    ("mid-April", "2026-04-15"),
    ("نهاية مارس", "2026-03-31"),
    ("منتصف نيسان", "2026-04-15"),
    ("الشهر المقبل", "2026-03"),
    ("the first half of April", "2026-04-01/2026-04-15"),
    ("by the end of the year", "2026-12-31"),
    ("in May", "2026-05"),
]


@pytest.mark.parametrize(("text", "expected"), PAST)
def test_a_date_is_resolved_from_publication(text: str, expected: str) -> None:
    assert [mention.date for mention in find_dates(text, MONDAY)] == [expected]


@pytest.mark.parametrize(("text", "expected"), AHEAD)
def test_what_may_be_either_is_read_as_to_come_when_asked(text: str, expected: str) -> None:
    assert [mention.date for mention in find_dates(text, MONDAY, ahead=True)] == [expected]


@pytest.mark.parametrize(
    "text", ["أمس الخميس", "Sunday, 21 February", "30/30/2026", "she may leave", "troops march on", "2,000 men"]
)
def test_contradictions_and_ordinary_words_give_nothing(text: str) -> None:
    assert find_dates(text, MONDAY) == []


@pytest.mark.parametrize("text", ["yesterday", "on Monday", "الشهر الماضي", "in May", "15 فبراير", "two weeks ago"])
def test_without_publication_only_full_dates_stay(text: str) -> None:
    assert find_dates(text, None) == []
    assert [m.date for m in find_dates(f"{text}; 3 March 2025", None)] == ["2025-03-03"]


def test_a_claim_takes_the_date_of_its_clause_before_that_of_its_sentence() -> None:
    text = "On Monday 500 left, and on Friday 200 more."
    mentions = find_dates(text, MONDAY)
    whole = (0, len(text))
    first = text.index("200")
    assert date_for(mentions, first, first + 3, clause=(text.index("and"), len(text)), sentence=whole) == "2026-02-20"
    assert date_for(mentions, first, first + 3, clause=(first, first + 8), sentence=whole) == "2026-02-23"


_WORDS = """
Monday by 11 February / 2026 - 02 شباط كانون الثاني أمس منذ عام the end of year's two weeks ago قبل
يومين نهاية الشهر 31 999999999 99 . , st spring إلى to
"""
_PIECES = st.sampled_from([*_WORDS.split(), "\u202b", chr(0xD800)])


@settings(max_examples=300, deadline=None)
@given(
    st.one_of(st.text(max_size=200), st.lists(_PIECES, max_size=30).map(" ".join)),
    st.booleans(),
    st.one_of(st.none(), st.datetimes(min_value=datetime(1990, 1, 1), max_value=datetime(2050, 1, 1))),  # noqa: DTZ001
)
def test_any_text_gives_valid_dates_inside_it(text: str, ahead: bool, published: datetime | None) -> None:
    last = 0
    for mention in find_dates(text, published, ahead=ahead):
        assert last <= mention.start < mention.end <= len(text)
        Period.parse(mention.date)
        last = mention.end
