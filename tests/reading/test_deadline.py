"""Deadlines: resolved from publication, none without it, never what lasted or is past."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from db.records import Claim, Deadline, Modality
from monitor.reading.figures import FigureCues, Passage
from monitor.reading.kinds.deadline import deadlines
from monitor.reading.text import Text
from monitor.topics import load_topic

MONDAY = datetime(2026, 2, 23, tzinfo=UTC)


@pytest.fixture(scope="module")
def cues() -> FigureCues:
    return FigureCues(load_topic("syria"))


def _read(cues: FigureCues, lang: str, text: str, published: datetime | None = MONDAY) -> list[Claim]:
    return list(deadlines(Passage(Text(text), lang, cues, published)))


@pytest.mark.parametrize(
    ("lang", "text", "earliest", "latest"),
    [
        ("en", "All US forces will leave Syria within two months, officials said.", None, "2026-04-23"),
        ("en", "US forces are to complete their withdrawal from Syria by 15 April.", None, "2026-04-15"),
        ("ar", "ستنسحب القوات الأمريكية من سوريا بالكامل خلال شهر.", None, "2026-03-23"),
        ("ar", "سيكتمل انسحاب القوات الأمريكية من سوريا بحلول منتصف نيسان.", None, "2026-04-15"),
    ],
)
def test_a_deadline_is_counted_from_publication(
    cues: FigureCues, lang: str, text: str, earliest: str | None, latest: str
) -> None:
    (claim,) = _read(cues, lang, text)
    assert claim.value == Deadline(earliest=earliest, latest=latest)
    assert claim.modality is Modality.PLANNED
    assert text[claim.start : claim.end] == claim.quote


def test_the_rules_alone_find_the_plain_case() -> None:
    rules = FigureCues(load_topic("syria"), models={})
    (claim,) = _read(rules, "en", "All US forces will leave Syria within two months.")
    assert claim.value == Deadline(earliest=None, latest="2026-04-23")


@pytest.mark.parametrize(
    ("lang", "text"),
    [
        ("en", "The troops left Syria on Thursday after ten years."),
        ("en", "Another review of the deployment is due."),
        ("ar", "غادرت القوات الأمريكية قاعدة التنف في 11 شباط."),
    ],
)
def test_what_is_over_is_no_deadline(cues: FigureCues, lang: str, text: str) -> None:
    assert _read(cues, lang, text) == []


def test_without_publication_there_is_none(cues: FigureCues) -> None:
    assert _read(cues, "en", "All US forces will leave Syria within two months.", None) == []
