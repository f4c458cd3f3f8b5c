"""Troop figures of whole texts, and what holds for any text: exact quotes, no exception."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from db.records import Claim, Comparator, Figure, Kind, Modality, Role
from monitor.reading.figures import FigureCues, Passage
from monitor.reading.kinds.deadline import deadlines
from monitor.reading.kinds.troop_figure import troop_figures
from monitor.reading.read import Reader
from monitor.reading.text import Text
from monitor.topics import load_topic

FOUNDING = Path(__file__).resolve().parents[2].parent / "shared" / "corpus" / "founding"
MONDAY = datetime(2026, 2, 23, tzinfo=UTC)


@cache
def _cues(rules_only: bool = False) -> FigureCues:
    return FigureCues(load_topic("syria"), models={} if rules_only else None)


def _figures(text: str, lang: str, published: datetime | None = MONDAY, *, rules_only: bool = False) -> list[Claim]:
    return list(troop_figures(Passage(Text(text), lang, _cues(rules_only), published)))


def _read(text: str, published: datetime = MONDAY) -> list[Claim]:
    claims = Reader(load_topic("syria")).read(text, "en", published)
    return [claim for claim in claims if claim.kind is Kind.TROOP_FIGURE]


def _said(claim: Claim) -> tuple[Role | None, int | None, int | None, Modality]:
    assert isinstance(claim.value, Figure)
    return claim.value.role, claim.value.low, claim.value.high, claim.modality


def test_the_two_founding_articles_read_whole() -> None:
    files = sorted(FOUNDING.glob("*.txt"))
    if not files:
        pytest.skip("the founding articles are not beside the project (../shared/corpus/founding)")
    reader = Reader(load_topic("syria"))
    claims: list[Claim] = []
    for path in files:
        text = path.read_text(encoding="utf-8")
        found = [c for c in reader.read(text, "ar", MONDAY) if c.kind is Kind.TROOP_FIGURE]
        assert all(text[c.start : c.end] == c.quote for c in found)
        claims += found
    said = {_said(claim) for claim in claims}
    assert (Role.PRESENT, 1000, 1000, Modality.ASSERTED) in said
    assert (Role.PRESENT, None, 1000, Modality.ASSERTED) in said
    assert (Role.PRESENT, 2000, 2000, Modality.HISTORICAL) in said
    assert not [s for s in said if 5700 in s[1:3]]
    then = next(c for c in claims if _said(c)[1:] == (2000, 2000, Modality.HISTORICAL))
    assert then.date == "2025-10/2025-12"


def test_a_claim_carries_date_speaker_and_rule() -> None:
    text = "CENTCOM said on Friday that fewer than 500 US troops remain in Syria."
    (claim,) = _figures(text, "en")
    assert claim.speaker == "CENTCOM"
    assert claim.date == "2026-02-20"
    assert isinstance(claim.value, Figure)
    assert claim.value.comparator is Comparator.LESS_THAN
    assert claim.rule.startswith("troop_figure: present/asserted")


def test_the_rules_alone_read_the_plain_cases() -> None:
    text = "The number of US troops in Syria fell from 2,000 to 1,400."
    assert [_said(c) for c in _figures(text, "en", rules_only=True)] == [
        (Role.PRESENT, 2000, 2000, Modality.HISTORICAL),
        (Role.PRESENT, 1400, 1400, Modality.ASSERTED),
    ]


@pytest.mark.parametrize(
    ("lang", "text"),
    [
        ("en", ""),
        ("en", "Three US soldiers were killed and more than 40 wounded in the attack."),
        ("en", "In Kabul 650 US troops will stay to guard the embassy."),
        ("en", "The prison holds 5,700 ISIS detainees; US soldiers guard it."),
        ("ar", "يحتجز الأكراد نحو 900 من عناصر تنظيم داعش بإشراف القوات الأمريكية."),
        ("ar", "قتل 12 جندياً أمريكياً في الهجوم."),
        ("ar", "بدأ قرب تدمر تدريب مشترك بين الجيش السوري وخبراء من التحالف الدولي، ويشارك فيه 120 جنديا سوريا."),
    ],
)
def test_others_are_never_counted(lang: str, text: str) -> None:
    assert _figures(text, lang) == []


@pytest.mark.parametrize(
    ("lang", "text", "subjects"),
    [
        (
            "en",
            "US forces left the Himo base on Monday. Some 200 soldiers remain at Qasrak, about 1,000 in all of Syria.",
            {200: "qasrak", 1000: "us-troops-syria"},
        ),
        (
            "en",
            "The Qasrak base is being emptied. Only 120 American soldiers are left there.",
            {120: "qasrak"},
        ),
        (
            "ar",
            "لا يزال نحو 200 جندي أميركي في قاعدة قسرك، فيما يبلغ عدد القوات الأميركية في سوريا نحو ألف جندي.",
            {200: "qasrak", 1000: "us-troops-syria"},
        ),
    ],
)
def test_a_figure_is_of_a_base_or_of_the_country(lang: str, text: str, subjects: dict[int, str]) -> None:
    claims = Reader(load_topic("syria")).read(text, lang, MONDAY)
    said = {c.value.high: c.subject for c in claims if isinstance(c.value, Figure)}
    assert said == subjects


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "The US military is going from 2,000 to 1,400 troops in Syria, officials said.",
            {(Role.PRESENT, 2000, Modality.ASSERTED), (Role.TARGET, 1400, Modality.PLANNED)},
        ),
        (
            "The US military went from 2,000 to 1,400 troops in Syria this spring, officials said.",
            {(Role.PRESENT, 2000, Modality.HISTORICAL), (Role.PRESENT, 1400, Modality.ASSERTED)},
        ),
    ],
)
def test_what_is_under_way_is_a_target(text: str, said: set[tuple[Role, int, Modality]]) -> None:
    assert {(r, high, m) for r, _, high, m in map(_said, _read(text))} == said


def test_who_cut_is_no_article() -> None:
    text = "The Pentagon cut the number of US troops in Syria from 2,000 to 1,400."
    for claims in (_read(text), _figures(text, "en", rules_only=True)):
        assert [_said(claim) for claim in claims] == [
            (Role.PRESENT, 2000, 2000, Modality.HISTORICAL),
            (Role.PRESENT, 1400, 1400, Modality.ASSERTED),
        ]


def test_a_cut_is_no_verb() -> None:
    """ "Part of a cut from 1,200 troops to 600" tells of no 600 who are there."""
    said = [_said(claim) for claim in _read("The move is part of a cut from 1,200 troops to 600, it added.")]
    assert (Role.PRESENT, 600, 600, Modality.ASSERTED) not in said


def test_a_plan_whose_day_has_passed_is_of_an_old_text() -> None:
    text = (
        "The drawdown, to be complete by late 2025, would take the force in Syria from roughly 1,000 to fewer than 200."
    )
    now = {(c.modality, c.date) for c in _read(text, datetime(2025, 9, 1, tzinfo=UTC))}
    assert (Modality.ASSERTED, None) in now
    later = {(c.modality, c.date) for c in _read(text, datetime(2026, 4, 18, tzinfo=UTC))}
    assert later == {(Modality.HISTORICAL, "2025-10/2025-12"), (Modality.PLANNED, "2025-10/2025-12")}


def test_a_day_without_its_year_is_one_to_come() -> None:
    text = (
        "The roughly 1,000 US troops in Syria will be cut to about 400 by the end of March, Washington told its allies."
    )
    said = {(_said(claim)[1], claim.modality) for claim in _read(text, datetime(2026, 5, 10, tzinfo=UTC))}
    assert said == {(1000, Modality.ASSERTED), (400, Modality.PLANNED)}


_WORDS = """
2,000 ٥٠٠ ألف جندي US troops in Syria Iraq سوريا إلى من from to ( ) . ، : withdraw will left ينسحب
غادر by Friday خلال شهرين a month قسرك ?
"""
_PIECES = st.sampled_from([*_WORDS.split(), "\n", "\u202b", chr(0xD800), "\u064b"])


@settings(max_examples=200, deadline=None)
@given(
    st.one_of(
        st.text(max_size=300), st.lists(_PIECES, max_size=60).map(" ".join), st.lists(_PIECES, max_size=60).map("".join)
    ),
    st.sampled_from(["ar", "en"]),
    st.booleans(),
)
def test_any_text_gives_exact_quotes(text: str, lang: str, dated: bool) -> None:
    passage = Passage(Text(text), lang, _cues(), MONDAY if dated else None)
    for claim in [*troop_figures(passage), *deadlines(passage)]:
        assert claim.quote
        assert text[claim.start : claim.end] == claim.quote


def test_work_grows_with_the_length_alone() -> None:
    """Twice the text, at most about twice the calls: counted, not timed."""
    calls = []
    for size in (200, 400):
        text = "The US has 2,000 troops in Syria and 500 left on Friday, said a source. " * size
        passage = Passage(Text(text), "en", _cues(), MONDAY)
        assert len(list(troop_figures(passage))) >= size
        calls.append(sum(len(line.hits) + len(line.words) for line in passage.lines))
    assert calls[1] <= 2 * calls[0] + 50
