"""The reader as a whole: exact quotes whatever the text, no claims where none can be, and linear time."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from db.errors import ConfigError
from db.records import Figure, Kind, Modality
from monitor.reading.kinds.decide import STATUS_FILE, Decider
from monitor.reading.read import Reader
from monitor.topics import load_topic

SHARED = Path(__file__).resolve().parents[2].parent / "shared" / "corpus"
PUBLISHED = datetime(2026, 2, 23, tzinfo=UTC)
ARABIC = ["قسرك", "قاعدة", "القوات الأمريكية", "انسحبت", "من", "إلى", "،", "و", "التنف", "لم", "سُلِّمَت", "\u202e", "ـ"]
ENGLISH = [
    "Qasrak",
    "US",
    "left",
    "the base",
    "at",
    "and",
    "was",
    "vacated",
    "?",
    "\n",
    "\ud800",
    "1,000",
    "«",
    "U.S.",
    "(",
]
PIECES = st.sampled_from([*ARABIC, *ENGLISH, "."])


@cache
def _reader() -> Reader:
    return Reader(load_topic())


@settings(max_examples=150, deadline=None)
@given(
    st.lists(PIECES, max_size=40).map(" ".join)
    | st.text(st.characters(codec=None, exclude_categories=()), max_size=200)
)
def test_a_quote_stands_where_its_offsets_say(text: str) -> None:
    for lang in (None, "ar", "en"):
        for claim in _reader().read(text, lang, PUBLISHED):
            assert claim.quote
            assert text[claim.start : claim.end] == claim.quote


def _train() -> list[Path]:
    return sorted(SHARED.glob("train/*.jsonl"))


@pytest.mark.skipif(not _train(), reason="the labelled passages are not beside the project")
def test_quotes_over_the_labelled_passages() -> None:
    read = 0
    for path in _train():
        for line in path.read_text(encoding="utf-8").splitlines()[::25]:
            row = json.loads(line)
            for claim in _reader().read(row["text"], row["lang"]):
                read += 1
                assert row["text"][claim.start : claim.end] == claim.quote
                assert claim.quote
    assert read > 100


@pytest.mark.parametrize(
    "text",
    [
        "",
        "   \n ",
        "Les forces américaines ont quitté la base de Qasrak dans le nord-est de la Syrie.",
        "ABD askerleri Kasrak üssünden çekildi ve bölgede yeni bir üs için bu plan var.",
        "Hêzên Emerîka ji baregeha Qesrekê vekişiyan û ber bi Başûr ve çûn ku li wir bimînin.",
    ],
)
def test_other_languages_and_nothing_give_no_claims(text: str) -> None:
    assert _reader().read(text, None, PUBLISHED) == []


def test_the_language_is_told_from_the_script() -> None:
    (claim,) = _reader().read("أخلت القوات الأمريكية قاعدة قسرك بالكامل.", None, PUBLISHED)
    assert (claim.subject, claim.quote) == ("qasrak", "أخلت القوات الأمريكية قاعدة قسرك")


def test_a_claim_names_what_decided_it_with_date_and_speaker() -> None:
    text = "The Pentagon said US forces vacated the Himo base on February 19."
    claims = [claim for claim in _reader().read(text, "en", PUBLISHED) if claim.subject == "himo"]
    assert [(claim.date, claim.speaker) for claim in claims] == [("2026-02-19", "The Pentagon")]
    assert "vacate:past 'vacated'" in claims[0].rule


def test_the_same_said_twice_is_one_claim() -> None:
    text = "US forces vacated the Himo base. US forces vacated the Himo base."
    assert len([claim for claim in _reader().read(text, "en", PUBLISHED) if claim.subject == "himo"]) == 1


ABROAD = "ERBIL - The mission at Harir in Iraq will end in September. About 1,500 American soldiers are still there."


@pytest.mark.parametrize(
    ("text", "low"),
    [
        (ABROAD, None),
        (f"{ABROAD} Trucks from Syria go on to Basra.", None),
        (f"{ABROAD} In Syria, 900 American soldiers remain.", 900),
        ("The coalition will stay in Syria, an officer said. About 1,500 American soldiers are still there.", 1500),
        ("An officer told of the mission. About 1,500 American soldiers are still there.", 1500),
    ],
)
def test_a_number_is_of_the_country_that_the_text_spoke_of(text: str, low: int | None) -> None:
    found = [claim.value for claim in _reader().read(text, "en") if claim.kind is Kind.TROOP_FIGURE]
    assert [value.low for value in found if isinstance(value, Figure)] == ([] if low is None else [low])


def test_one_very_long_paragraph_is_read() -> None:
    text = "ثم قال مصدر محلي إن الطريق مفتوح، " * 20_000 + "أخلت القوات الأمريكية قاعدة قسرك."
    assert [c.subject for c in _reader().read(text, "ar", PUBLISHED) if text[c.start : c.end] != c.quote] == []


def test_a_damaged_model_is_told(tmp_path: Path) -> None:
    (tmp_path / STATUS_FILE).write_text('{"weights": 3}', encoding="utf-8")
    with pytest.raises(ConfigError, match="is not a model"):
        Decider.load(tmp_path)


def test_without_a_model_the_rules_decide(tmp_path: Path) -> None:
    assert Decider.load(tmp_path) == Decider()


@pytest.mark.parametrize(
    "text",
    [
        "CENTCOM reports that US forces have left the Qasrak base.",
        "Rudaw claims that the Americans pulled out of the Qasrak base.",
        "Media reports say US forces have left the Qasrak base.",
    ],
)
def test_who_reports_does_not_deny(text: str) -> None:
    assert [(c.subject, c.modality) for c in _reader().read(text, "en", PUBLISHED)] == [("qasrak", Modality.ASSERTED)]


def test_reports_that_somebody_denies_are_denied() -> None:
    text = "The Pentagon denied reports that US forces have left the Qasrak base."
    assert {claim.modality for claim in _reader().read(text, "en", PUBLISHED)} == {Modality.DENIED}


def test_a_relative_clause_shares_no_predicate() -> None:
    text = "US soldiers have left Zakf, a remote outpost that served as the forward eye of the Tanf garrison."
    assert [claim.subject for claim in _reader().read(text, "en", PUBLISHED)] == ["zakf"]


def test_the_date_of_a_relative_clause_does_not_make_the_leaving_old() -> None:
    claims = _reader().read("غادرت القوات الأميركية قاعدة قسرك التي أنشأتها عام 2016.", "ar", PUBLISHED)
    left = [claim for claim in claims if claim.modality is Modality.ASSERTED]
    assert [(claim.subject, claim.date) for claim in left] == [("qasrak", None)]


def test_who_saw_it_and_when_stands_at_the_end() -> None:
    text = (
        "ويتركز الوجود الأميركي حاليا في قاعدتي رميلان وقسرك، مع حضور محدود في مهبط خراب الجير "
        "ونقاط أصغر مثل لايف ستون، وفق ما رصدته الوكالة اليوم الاثنين."
    )
    claims = _reader().read(text, "ar", PUBLISHED)
    assert {claim.subject for claim in claims} == {"rmeilan", "qasrak", "kharab-al-jir", "life-stone"}
    assert {claim.date for claim in claims} == {"2026-02-23"}


def test_what_was_said_on_monday_was_not_so_on_monday_alone() -> None:
    text = "American troops are now concentrated at the Shaddadi and Qasrak bases, a Kurdish commander said on Monday."
    claims = _reader().read(text, "en", PUBLISHED)
    assert {(claim.subject, claim.date) for claim in claims} == {("shaddadi", None), ("qasrak", None)}


def test_a_leaving_since_monday_was_on_monday() -> None:
    text = "قال مصدر رسمي إن القوات الأميركية لم تعد موجودة في قاعدة خراب الجير منذ أمس الأحد."
    assert [(c.subject, c.date) for c in _reader().read(text, "ar", PUBLISHED)] == [("kharab-al-jir", "2026-02-22")]


def test_the_day_is_no_part_of_the_speaker() -> None:
    (claim,) = _reader().read("قال مصدر محلي يوم السبت إن القوات الأمريكية أخلت قاعدة قسرك بالكامل.", "ar", PUBLISHED)
    assert (claim.speaker, claim.date) == ("مصدر محلي", "2026-02-21")
