"""Whose voice a claim is."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from db.records import Version
from monitor.knowing.origin import Citations, Copies, origin_of, outlet_names, shingles
from monitor.knowing.voices import citations_of
from monitor.topics import load_topic

LONG = " ".join(f"word{n} of the long report about the garrison" for n in range(30))


@pytest.fixture(scope="module")
def citations() -> Citations:
    outlets = {"delta": "وكالة دلتا للأنباء", "northern-post": "The Northern Post News Agency"}
    return citations_of(load_topic("syria"), outlets, ("وكالة", "للأنباء", "news", "agency", "the"))


@pytest.fixture
def page(saying: Any) -> Version:
    version: Version = saying.World.version(datetime(2026, 2, 18, tzinfo=UTC), "https://a.example/1", "daily", None)
    return version


def claim_at(world: Any, text: str, quote: str, speaker: str | None = None) -> Any:
    """A claim whose quote stands in a text."""
    start = text.index(quote)
    return replace(world.says("vacated", by=speaker), quote=quote, start=start, end=start + len(quote))


def test_names_of_outlets() -> None:
    names = outlet_names({"delta": "وكالة دلتا للأنباء", "b": "The B News"}, ("وكالة", "للأنباء", "news", "the"))
    assert names["دلتا"] == "delta"
    assert "b" not in names, "what is left of a name must be long enough to mean it"


@pytest.mark.parametrize(
    ("speaker", "root"),
    [
        ("Reuters", "reuters"),
        ("وكالة فرانس برس", "afp"),
        ("لوكالة دلتا", "delta"),
        ("a Northern Post reporter", "northern-post"),
        ("a local source", "daily"),
        (None, "daily"),
    ],
)
def test_the_speaker_names_the_root(
    fort: Any, page: Version, citations: Citations, speaker: str | None, root: str
) -> None:
    text = "They have left the base."
    version = replace(page, text=text)
    assert origin_of(claim_at(fort, text, "left the base", speaker), version, citations) == root


@pytest.mark.parametrize(
    ("fields", "text"),
    [
        ({"byline": "اليومية - دلتا"}, "They have left the base."),
        ({}, "القامشلي (دلتا) - They have left the base."),
        ({}, "They have left the base.\nدلتا"),
    ],
)
def test_bylines_datelines_and_credits(
    fort: Any, page: Version, citations: Citations, fields: dict[str, str], text: str
) -> None:
    version = replace(page, text=text, **fields)
    assert origin_of(claim_at(fort, text, "left the base"), version, citations) == "delta"


@pytest.mark.parametrize(
    ("title", "text", "root"),
    [
        ("", "No. They have left the base, Reuters reported on Monday.", "reuters"),
        ("They left - NYT", "They have left the base.", "nyt"),
        ("", "The New York Times reports a retreat. It began in May. They have left the base.", "nyt"),
        ("", "They have left the base at delta dawn, دلتا.. and no more was said of it by anybody here.", "daily"),
    ],
)
def test_sentences_and_leads_cite_agencies_alone(
    fort: Any, page: Version, citations: Citations, title: str, text: str, root: str
) -> None:
    """An outlet's name may be an ordinary word, so in running text it cites nobody."""
    version = replace(page, title=title, text=text)
    assert origin_of(claim_at(fort, text, "left the base"), version, citations) == root


def test_an_official_quoted_beside_another_report_is_not_that_report(
    fort: Any, page: Version, citations: Citations
) -> None:
    text = "Reuters reported a convoy. " + "The road is long. " * 20 + "They have left the base, CENTCOM said."
    version = replace(page, text=text)
    assert origin_of(claim_at(fort, text, "left the base", "CENTCOM"), version, citations) == "centcom"


def test_an_outlet_is_its_own_voice(fort: Any, page: Version, citations: Citations) -> None:
    text = "القامشلي (دلتا) - left the base, a source told دلتا."
    version = replace(page, source="delta", outlet="وكالة دلتا للأنباء", text=text)
    assert origin_of(claim_at(fort, text, "left the base", "a source"), version, citations) == "delta"


def test_copies_are_told_by_their_text(page: Version, citations: Citations) -> None:
    copies = Copies()
    first = replace(page, source="agency", outlet="agency", url="https://agency.example/1", text=LONG)
    assert copies.take(first, citations) is None
    cut = replace(page, url="https://echo.example/1", text="Another headline\n" + LONG[: len(LONG) * 3 // 4])
    assert copies.take(cut, citations) == "agency"
    again = replace(page, source="third", outlet="third", url="https://third.example/1", text=cut.text)
    assert copies.take(again, citations) == "agency", "the copy of a copy has the first root"
    other = replace(page, url="https://echo.example/2", text=LONG.replace("word", "other ").replace("long", "short"))
    assert copies.take(other, citations) is None
    assert copies.take(replace(first, number=2, text=LONG + " End."), citations) is None, "not of its own reprints"


def test_a_copy_that_was_seen_before_its_root_is_still_one_voice(
    fort: Any, page: Version, citations: Citations
) -> None:
    copies = Copies()
    reprint = replace(page, url="https://echo.example/1", byline="Daily - دلتا", text=LONG)
    root = replace(page, url="https://delta.example/1", source="delta-web", outlet="Delta web", text=LONG)
    origins = {
        origin_of(claim_at(fort, LONG, "the long report"), version, citations, copy_of=copies.take(version, citations))
        for version in (reprint, root)
    }
    assert origins == {"delta"}


def test_copies_forget_after_some_days(page: Version, citations: Citations) -> None:
    copies = Copies(days=7)
    copies.take(replace(page, source="agency", outlet="agency", url="https://agency.example/1", text=LONG), citations)
    late = replace(page, url="https://echo.example/1", text=LONG, seen_at=datetime(2026, 2, 26, tzinfo=UTC))
    assert copies.take(late, citations) is None


def test_short_texts_agree_by_chance(page: Version, citations: Citations) -> None:
    copies = Copies()
    short = "They have left the base near the town, officials said."
    copies.take(replace(page, source="agency", outlet="agency", url="https://agency.example/1", text=short), citations)
    assert copies.take(replace(page, url="https://echo.example/1", text=short), citations) is None


def test_shingles_do_not_see_spelling() -> None:
    assert shingles("غادرت القوات الأميركية قاعدة التنف") == shingles("غَادرت القوات الأميركية، قاعدة التنف.")
    assert shingles("too short") == frozenset()
