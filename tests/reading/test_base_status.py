"""The rules of base statuses on their own: groups, predicates, aspect, receivers, and who is meant."""

from __future__ import annotations

from functools import cache

import pytest

from monitor.reading.kinds.base_status import by_rule
from monitor.reading.read import Reader
from monitor.topics import load_topic

Said = tuple[str, str, str | None, str]


@cache
def _reader() -> Reader:
    return Reader(load_topic())


def _ruled(lang: str, text: str) -> list[Said]:
    out: list[Said] = []
    for scene in _reader().scenes(text, lang):
        for claim in by_rule(scene):
            data = claim.to_json()
            out.append((data["subject"], data["value"], data["to"], data["modality"]))
    return out


@pytest.mark.parametrize(
    ("lang", "text", "said"),
    [
        ("en", "US forces finished leaving the Himo base.", [("himo", "vacated", None, "asserted")]),
        ("en", "US forces began leaving the Himo base.", [("himo", "withdrawing", None, "asserted")]),
        ("en", "The US plans to leave the Himo base.", [("himo", "withdrawing", None, "planned")]),
        ("en", "The US plans to close the Himo base.", [("himo", "vacated", None, "planned")]),
        ("en", "The US has not left the Himo base.", [("himo", "active", None, "asserted")]),
        (
            "en",
            "Himo and Life Stone were vacated by US troops.",
            [("himo", "vacated", None, "asserted"), ("life-stone", "vacated", None, "asserted")],
        ),
        (
            "en",
            "US forces left Himo for the Qasrak base.",
            [("himo", "vacated", None, "asserted")],
        ),
        (
            "en",
            "Syrian troops took over the Shaddadi base.",
            [("shaddadi", "handed_over", "syrian-government", "asserted")],
        ),
        ("ar", "أنهت القوات الأمريكية إخلاء قاعدة هيمو.", [("himo", "vacated", None, "asserted")]),
        ("ar", "بدأت القوات الأمريكية إخلاء قاعدة هيمو.", [("himo", "withdrawing", None, "asserted")]),
        ("ar", "تعتزم واشنطن إخلاء قاعدة هيمو.", [("himo", "vacated", None, "planned")]),
        ("ar", "تعتزم واشنطن الانسحاب من قاعدة هيمو.", [("himo", "withdrawing", None, "planned")]),
        (
            "ar",
            "سلمت القوات الأمريكية قاعدة الشدادي إلى الجيش السوري.",
            [("shaddadi", "handed_over", "syrian-government", "asserted")],
        ),
        (
            "ar",
            "غادرت القوات الأمريكية قاعدة هيمو باتجاه قاعدة قسرك.",
            [("himo", "vacated", None, "asserted")],
        ),
        ("en", "There are no more US troops at the Himo base.", [("himo", "vacated", None, "asserted")]),
        ("en", "No American soldiers remain at Himo.", [("himo", "vacated", None, "asserted")]),
        ("en", "Part of the garrison at Himo departed on Friday.", [("himo", "withdrawing", None, "asserted")]),
        ("en", "Part of the garrison at Himo left the village.", [("himo", "active", None, "asserted")]),
        ("en", "Rudaw reported the start of the evacuation of Himo.", [("himo", "withdrawing", None, "asserted")]),
        ("en", "Residents of Himo said US troops had left the base.", [("himo", "vacated", None, "asserted")]),
        ("en", "US forces left Himo, days after drones hit it.", [("himo", "vacated", None, "asserted")]),
        (
            "ar",
            "بعد أيام من هجوم بطائرة مسيرة، غادرت القوات الأمريكية قاعدة هيمو.",
            [("himo", "vacated", None, "asserted")],
        ),
        ("ar", "القوات الأمريكية تغادر قاعدة هيمو.", [("himo", "withdrawing", None, "asserted")]),
        ("ar", "القوات الأمريكية تغادر قاعدة هيمو بشكل كامل.", [("himo", "vacated", None, "asserted")]),
        ("ar", "القوات الأمريكية تنهي وجودها في قاعدة هيمو.", [("himo", "vacated", None, "asserted")]),
        ("ar", "سحبت القوات الأمريكية دفعة من جنودها من قاعدة هيمو.", [("himo", "withdrawing", None, "asserted")]),
        ("ar", "قال أهالي هيمو إن القوات الأمريكية غادرت القاعدة.", [("himo", "vacated", None, "asserted")]),
        ("en", "The US military flew weapons to the Himo base.", [("himo", "reinforced", None, "asserted")]),
        ("en", "Two wounded soldiers were flown to the Himo base.", []),
        ("en", "They were flown to the Himo base.", []),
        ("ar", "وصل الجنود الجرحى إلى قاعدة هيمو.", []),
    ],
)
def test_rules(lang: str, text: str, said: list[Said]) -> None:
    assert _ruled(lang, text) == said


@pytest.mark.parametrize(
    ("lang", "text"),
    [
        ("en", "The SDF withdrew from the Shaddadi base."),
        ("en", "Residents left the town of Shaddadi."),
        ("en", "US soldiers patrolled near Tal Abyad."),
        ("ar", "انسحبت القوات الروسية من قاعدة صرين."),
        ("ar", "غادر النازحون مخيم المبروكة."),
        ("ar", "في مقتبل العمر غادر الأمريكيون البلاد."),
    ],
)
def test_not_ours(lang: str, text: str) -> None:
    assert _ruled(lang, text) == []


def test_the_base_named_last_is_meant_by_the_base() -> None:
    said = _ruled("en", "Trucks were seen at Qasrak on Monday. US forces have vacated the base.")
    assert ("qasrak", "vacated", None, "asserted") in said


def test_a_list_shares_its_predicate_over_descriptions() -> None:
    said = _ruled("ar", "ينشط الجيش الأمريكي في قاعدة قسرك على الطريق الدولي، إضافة إلى قاعدة هيمو غربي المدينة.")
    assert [(base, status) for base, status, _, _ in said] == [("qasrak", "active"), ("himo", "active")]
