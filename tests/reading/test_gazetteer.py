"""Names of bases in running text: whole words, clitics, spellings, and the words that only look like names."""

from __future__ import annotations

from functools import cache

import pytest

from monitor.reading.gazetteer import Gazetteer
from monitor.reading.text import Text
from monitor.topics import load_topic


@cache
def _gazetteer() -> Gazetteer:
    return Gazetteer(load_topic())


def _bases(text: str) -> list[str]:
    return [mention.base for mention in _gazetteer().find(Text(text))]


@pytest.mark.parametrize("base", sorted(load_topic().bases))
def test_every_spelling_of_a_base_is_found(base: str) -> None:
    record = load_topic().bases[base]
    for table in (record.spellings, record.strong):
        for lang, names in table.items():
            for name in names:
                assert _bases(f"قاعدة {name} الآن" if lang == "ar" else f"the {name} base") == [base], name


@pytest.mark.parametrize(
    ("text", "bases"),
    [
        ("وبقسرك وللشدادي فالتنف", ["qasrak", "shaddadi", "tanf"]),
        ("بدأ التنفيذ والتنفس", []),
        ("قاعدة خراب الجير لا خراب", ["kharab-al-jir"]),
        ("al-Shaddadi's airstrip, At-Tanf and Tell Beydar", ["shaddadi", "tanf", "tal-baydar"]),
        ("the nerve agent sarin gas", []),
        ("MSS Euphrates and Green Village", ["conoco", "omar-field"]),
        ("منتجع «لايف ستون»", ["life-stone"]),
        ("قــســرك", ["qasrak"]),
        ("AL SHADADI BASE, Syria, Feb. 17 (Reuters) - US forces left Himo", ["himo"]),
        ("A headline\nالشدادي (رويترز) – غادرت القوات قاعدة هيمو", ["himo"]),
        ("US forces left Shaddadi (Reuters) and Himo", ["shaddadi", "himo"]),
        ("رميلان - هبطت طائرتا شحن في قاعدة خراب الجير.", ["kharab-al-jir"]),
        ("الشدادي - الخابور برس\nغادرت القوات قاعدة هيمو", ["himo"]),
        ("Shaddadi, Syria – US forces left Himo", ["himo"]),
        ("Al-Tanf – the last US garrison in the south – was handed over.", ["tanf"]),
        ("Shaddadi base - vacated on Sunday", ["shaddadi"]),
        ("قاعدة قسرك - إخلاء كامل", ["qasrak"]),
        ("US forces left al-Tanf - a garrison in the south.", ["tanf"]),
    ],
)
def test_names(text: str, bases: list[str]) -> None:
    assert _bases(text) == bases


def test_an_ordinary_word_is_a_weak_mention() -> None:
    (mention,) = _gazetteer().find(Text("في مقتبل العمر"))
    assert (mention.base, mention.strength) == ("omar-field", "weak")


def test_the_mention_lies_where_the_name_stands() -> None:
    text = Text("غادروا قاعدةَ قَسْرَك")
    (mention,) = _gazetteer().find(text)
    assert text.quote(mention.start, mention.end) == "قَسْرَك"
