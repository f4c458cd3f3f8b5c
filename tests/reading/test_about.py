"""What is on the topic: in doubt yes, but not everything."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from monitor.reading.about import About
from monitor.topics import load_topic

TRAIN = Path(__file__).resolve().parents[2] / "corpus" / "train"


@pytest.fixture(scope="module")
def about() -> About:
    return About(load_topic("syria"))


@pytest.mark.parametrize(
    "headline",
    [
        "US pulls last troops out of Syria",
        "Pentagon announces drawdown of troops",
        "American convoy crosses from Syria into Iraq",
        "US-led coalition completes withdrawal from northeast Syria",
        "Syrian army takes over Shaddadi base",
        "Troops leave base in northeast Syria",
        "Quiet night at al-Tanf",
        "القوات الأمريكية تنسحب من قاعدة الشدادي",
        "رتل أمريكي يغادر قاعدة قسرك",
        "انسحاب أمريكي كامل من سوريا خلال شهر",
        "رتل من عشرات الشاحنات يغادر الحسكة باتجاه العراق",
        "وزارة الدفاع تتسلم قاعدة عسكرية في الحسكة",
        "Weather\n\nRain is expected. Elsewhere, US forces left Syria's northeast.",
    ],
)
def test_on_the_topic(about: About, headline: str) -> None:
    assert about(headline)


@pytest.mark.parametrize(
    "headline",
    [
        "Real Madrid beat Barcelona 3-1",
        "Syrian pound falls against the dollar as fuel prices rise",
        "Trump announces new tariffs on European cars",
        "Trump says he will leave the decision to Congress",
        "Washington Post lays off a third of its staff",
        "Tell us what you think of our base camp in Nepal",
        "Raqqa residents protest over bread shortages",
        "Israel strikes southern Lebanon, killing three",
        "الرئيس السوري يستقبل وفداً سعودياً في دمشق",
        "ترامب يعلن رسوماً جمركية جديدة على السيارات الأوروبية",
        "انفجار سيارة مفخخة في منبج يودي بحياة ثلاثة مدنيين",
        "واشنطن وبكين تستأنفان محادثات التجارة في جنيف",
        "Les troupes américaines quittent la Syrie",
        "",
    ],
)
def test_off_the_topic(about: About, headline: str) -> None:
    assert not about(headline)


def test_what_is_read_for_claims_is_not_passed_over(about: About) -> None:
    """Of labelled passages with a claim, each a sentence or two without its article, nearly all are on the topic."""
    kept = total = 0
    for path in sorted(TRAIN.glob("*.jsonl")):
        for line in path.read_text(encoding="utf-8").splitlines()[::40]:
            passage = json.loads(line)
            if passage["claims"]:
                total += 1
                kept += about(passage["text"])
    assert total > 500
    assert kept / total > 0.95
