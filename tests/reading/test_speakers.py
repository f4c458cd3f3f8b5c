"""Who says it: predicates before, after and between, prepositions, headlines, carried speakers; kinds and agencies."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.reading.speakers import Speakers, agency_of, cited_agencies, kind_of
from monitor.topics import Topic, load_topic


@pytest.fixture(scope="module")
def topic() -> Topic:
    return load_topic("syria")


SAID = [
    ("غادروا القاعدة، وفق ما أعلنت وزارة الدفاع.", "غادروا", "وزارة الدفاع"),
    ("غادروا القاعدة، بحسب ما أفاد به مصدر أمني.", "غادروا", "مصدر أمني"),
    ("غادروا القاعدة وفق ما نقلته صحف أميركية.", "غادروا", "صحف أميركية"),
    ("غادروا القاعدة وفق ما تقتضيه الخطة.", "غادروا", None),
    ("غادروا القاعدة، وفق ما نقلت رويترز عن مسؤول.", "غادروا", "مسؤول"),
    ("Reports suggest 400 troops will stay.", "400 troops", "Reports"),
    ("The Pentagon said that 2,000 troops are there.", "2,000 troops", "The Pentagon"),
    ("2,000 troops are there, a defense official said.", "2,000 troops", "a defense official"),
    ("2,000 troops are there, according to CENTCOM.", "2,000 troops", "CENTCOM"),
    ("The United States has about 900 troops in Syria.", "900 troops", None),
    ("Esper: about 1,000 troops will leave", "1,000 troops", "Esper"),
    ('"We have 900 there," said a coalition spokesman.', "900", "a coalition spokesman"),
    ("قال مصدر حكومي سوري إن ألف جندي سينسحبون.", "ألف جندي", "مصدر حكومي سوري"),
    ("يبقى ألف جندي في البلاد، بحسب المرصد السوري.", "ألف جندي", "المرصد السوري"),
    ("وفقاً للبنتاغون يبقى ألف جندي.", "ألف جندي", "للبنتاغون"),
    ("مصدر عسكري: أقل من ٥٠٠ جندي لا يزالون هنا", "٥٠٠ جندي", "مصدر عسكري"),
    ("نقلت الصحيفة عن ثلاثة مسؤولين أن ألف جندي سيغادرون.", "ألف جندي", "ثلاثة مسؤولين"),
]


@pytest.mark.parametrize(("text", "about", "speaker"), SAID)
def test_the_nearest_source_is_found_as_the_text_writes_it(text: str, about: str, speaker: str | None) -> None:
    start = text.index(about)
    assert Speakers(text).of(start, start + len(about), (0, len(text))) == speaker


def test_a_source_is_carried_over_by_added() -> None:
    text = "أوضح مصدر كردي أن الانسحاب بدأ. وأضاف أن ألف جندي سيغادرون."
    second = text.index("وأضاف")
    start = text.index("ألف")
    assert Speakers(text).of(start, start + 3, (second, len(text))) == "مصدر كردي"


def test_a_sentence_without_source_has_none() -> None:
    text = "The Pentagon said so. About 1,000 troops remain."
    start = text.index("About")
    assert Speakers(text).of(start, len(text), (start, len(text))) is None


@pytest.mark.parametrize(
    ("speaker", "kind"),
    [
        ("CENTCOM", "us-official"),
        ("البنتاغون", "us-official"),
        ("a Pentagon official", "unnamed-official"),
        ("وزارة الدفاع السورية", "receiver-official"),
        ("the Syrian Observatory for Human Rights", "organisation"),
        ("المرصد", "organisation"),
        ("Reuters", "outlet"),
        ("مصادر محلية", "anonymous"),
        ("a shepherd", "anonymous"),
        (None, "anonymous"),
    ],
)
def test_a_speaker_has_a_kind(speaker: str | None, kind: str, topic: Topic) -> None:
    assert kind_of(speaker, topic) == kind


@pytest.mark.parametrize(
    ("one", "other"), [("AFP", "وكالة فرانس برس"), ("Reuters", "رويترز"), ("SANA", "سانا"), ("SOHR", "المرصد السوري")]
)
def test_an_agency_is_one_root_in_both_languages(one: str, other: str, topic: Topic) -> None:
    assert agency_of(one, topic) == agency_of(other, topic) is not None


def test_cited_agencies_are_told_once_in_order(topic: Topic) -> None:
    text = "Troops left, according to Reuters. Reuters said more would follow. A base was closed, SANA reported."
    assert cited_agencies(text, topic) == ["reuters", "sana"]


_WORDS = """
said قال أن according to : , ، مصدر في official « » . نقلت عن
"""
_PIECES = st.sampled_from([*_WORDS.split(), '"', "\n"])


@settings(max_examples=200, deadline=None)
@given(st.one_of(st.text(max_size=200), st.lists(_PIECES, max_size=40).map(" ".join)))
def test_any_text_gives_sources_that_stand_in_it(text: str) -> None:
    for found in Speakers(text).found:
        if not found.carried:
            assert text[found.start : found.end].strip()
        assert 0 <= found.cue_start < found.cue_end <= len(text)
