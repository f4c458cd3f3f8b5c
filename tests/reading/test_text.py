"""The two views of a text: every index of the normalised one leads back to the text as stored."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.reading.text import Text, fold, language, stems, tokens_of

ODD = st.text(st.characters(codec=None, exclude_categories=()), max_size=120)
ARABIC = st.text(alphabet="أإآابتةهوىيـ\u064b\u0651\u200f،؛؟ \n.«»٠١٢9aAİé\ud800", max_size=80)


@pytest.mark.parametrize(
    ("written", "folded"),
    [
        ("سُلِّمَت", "سلمت"),
        ("الأميركيّة", "الاميركيه"),
        ("قــسرك", "قسرك"),
        ("مئة ١٢", "ميه 12"),
        ("Şeddadê", "seddade"),
        ("“Qasrak”", '"qasrak"'),
        ("İ", "i"),
    ],
)
def test_fold(written: str, folded: str) -> None:
    assert fold(written) == folded
    assert Text(written).norm == folded


def test_a_word_is_quoted_with_its_marks() -> None:
    text = Text("ثم سُلِّمَت القاعدةُ.")
    start = text.norm.index("سلمت")
    assert text.quote(start, start + 4) == "سُلِّمَت"
    assert text.quote(0, len(text.norm)) == "ثم سُلِّمَت القاعدةُ."


@given(ODD | ARABIC)
def test_every_index_leads_back(original: str) -> None:
    text = Text(original)
    starts = [text.start_of(index) for index in range(len(text.norm))]
    assert starts == sorted(set(starts))
    assert all(0 <= start < len(original) for start in starts)
    for token in text.tokens:
        start, end = text.span(token.start, token.end)
        assert fold(original[start:end]).strip() == token.text.strip()
    for span in text.sentences:
        start, end = text.span(span.start, span.end)
        assert 0 <= start < end <= len(original)


@pytest.mark.parametrize("original", ["", " ", "\n\n", "\ud800", "\u202e\u202c", "\u064b"])
def test_nothing_to_read(original: str) -> None:
    text = Text(original)
    assert all(token.text == "\ufffd" for token in text.tokens)
    assert text.span(0, 5)[1] <= len(original)


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("The U.S. left. It is gone.", 2),
        ("Gen. Votel spoke on Feb. 23 at the base.", 1),
        ("غادرت القوات القاعدة. ثم عادت إليها؟ نعم!", 3),
        ("Headline without a stop\nThe text begins.", 2),
        ("About 1.7 km long.", 1),
    ],
)
def test_sentences(text: str, count: int) -> None:
    assert len(Text(text).sentences) == count


def test_tokens_keep_words_numbers_and_marks_apart() -> None:
    assert [token.text for token in tokens_of(fold("قاعدة “قسرك” 1,000 isn't"))] == [
        "قاعده", '"', "قسرك", '"', "1,000", "isn't",
    ]  # fmt: skip


def test_clitics_come_off_in_their_order() -> None:
    assert ("وبال", "قاعده") in stems("وبالقاعده")
    assert ("لال", "جيش") in stems("للجيش")
    assert stems("قسرك") == (("", "قسرك"), ("", "قسرك"))[:1]


@pytest.mark.parametrize(
    ("text", "lang"),
    [
        ("غادرت القوات الأمريكية قاعدة قسرك", "ar"),
        ("The troops have left the base", "en"),
        ("Les troupes américaines ont quitté la base de Qasrak dans le nord-est de la Syrie", None),
        ("ABD askerleri Kasrak üssünden çekildi ve bu bölge için yeni bir plan var", None),
        ("12345", None),
        ("", None),
    ],
)
def test_language(text: str, lang: str | None) -> None:
    assert language(Text(text)) == lang


@pytest.mark.parametrize("unit", ["word, ", "word ", "كلمة، ", "x", "row\tcell\t"])
def test_no_sentence_is_longer_than_people_write(unit: str) -> None:
    text = Text(unit * 4000)
    assert max(span.end - span.start for span in text.sentences) <= 1200
    whole = "".join(text.norm[span.start : span.end] for span in text.sentences)
    assert whole.replace(" ", "").replace("\t", "") == text.norm.replace(" ", "").replace("\t", "")
