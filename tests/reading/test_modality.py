"""Voice and modality: the same verb as a fact, a plan, a possibility or a denial."""

from __future__ import annotations

from functools import cache

import pytest

from db.records import Modality
from monitor.reading.cues import Lexicon, words_of
from monitor.reading.modality import Tense, Voice, arabic_voice, english_voice, settle
from monitor.reading.text import Text
from monitor.topics import load_topic


@cache
def _lexicon(lang: str) -> Lexicon:
    return Lexicon(lang, load_topic())


def _voice(lang: str, sentence: str, cls: str) -> Voice:
    text = Text(sentence)
    words = words_of(text, 0, len(text.norm))
    hit = next(hit for hit in _lexicon(lang).find(words) if hit.cls == cls)
    return (arabic_voice if lang == "ar" else english_voice)(words, hit)


@pytest.mark.parametrize(
    ("sentence", "tense", "negated"),
    [
        ("US forces vacated the base", Tense.PAST, False),
        ("the base has been vacated", Tense.PAST, False),
        ("the base is being vacated", Tense.ONGOING, False),
        ("they are vacating the base", Tense.ONGOING, False),
        ("they will not vacate the base", Tense.FUTURE, True),
        ("they plan to vacate the base", Tense.INFINITIVE, False),
        ("they did not vacate the base", Tense.PAST, True),
    ],
)
def test_english_voice(sentence: str, tense: Tense, negated: bool) -> None:
    voice = _voice("en", sentence, "vacate")
    assert (voice.tense, voice.negated) == (tense, negated)


@pytest.mark.parametrize(
    ("sentence", "tense", "negated"),
    [
        ("أخلت القوات القاعدة", Tense.PAST, False),
        ("وقد أخلت القوات القاعدة", Tense.PAST, False),
        ("تخلي القوات القاعدة", Tense.ONGOING, False),
        ("ستخلي القوات القاعدة", Tense.FUTURE, False),
        ("لم تخلِ القوات القاعدة", Tense.PAST, True),
        ("لن تخلي القوات القاعدة", Tense.FUTURE, True),
        ("تم إخلاء القاعدة", Tense.PAST, False),
        ("يجري إخلاء القاعدة", Tense.ONGOING, False),
        ("سيتم إخلاء القاعدة", Tense.FUTURE, False),
    ],
)
def test_arabic_voice(sentence: str, tense: Tense, negated: bool) -> None:
    voice = _voice("ar", sentence, "vacate")
    assert (voice.tense, voice.negated) == (tense, negated)


def test_qad_before_an_imperfect_is_possible_and_before_a_perfect_a_fact() -> None:
    assert _voice("ar", "قد تخلي القوات القاعدة", "vacate").possible
    assert not _voice("ar", "قد أخلت القوات القاعدة", "vacate").possible
    assert _voice("en", "they may vacate the base", "vacate").possible


@pytest.mark.parametrize(
    ("classes", "voice", "modality"),
    [
        (set(), Voice(Tense.PAST), Modality.ASSERTED),
        (set(), Voice(Tense.FUTURE), Modality.PLANNED),
        ({"mod.planned"}, Voice(Tense.NOUN), Modality.PLANNED),
        ({"mod.planned"}, Voice(Tense.PAST), Modality.ASSERTED),
        ({"mod.denied"}, Voice(Tense.PAST), Modality.DENIED),
        ({"mod.condition", "mod.planned"}, Voice(Tense.FUTURE), Modality.PLANNED),
        ({"mod.condition"}, Voice(Tense.FUTURE), Modality.POSSIBLE),
        ({"mod.considered"}, Voice(Tense.NOUN), None),
        (set(), Voice(Tense.FUTURE, negated=True), Modality.DENIED),
        (set(), Voice(Tense.ONGOING, once=True), Modality.HISTORICAL),
    ],
)
def test_settle(classes: set[str], voice: Voice, modality: Modality | None) -> None:
    assert settle(classes, voice, question=False) is modality


def test_a_question_claims_nothing() -> None:
    assert settle(set(), Voice(Tense.PAST), question=True) is None
