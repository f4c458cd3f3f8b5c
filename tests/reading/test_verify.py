"""What a language model says counts only where the text says it; everything else falls for a reason that is counted."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from db.records import Claim, Figure, Kind, Modality, Role, Status
from monitor.reading.gazetteer import Gazetteer
from monitor.reading.llm.ask import Contract, Sentences, place_of
from monitor.reading.llm.verify import Reason, Verdict, verify
from monitor.reading.numbers import find_quantities
from monitor.reading.read import Reader
from monitor.reading.text import Text
from monitor.topics import load_topic

TOPIC = load_topic()
READER = Reader(TOPIC)
GAZETTEER = Gazetteer(TOPIC)
FRIDAY = datetime(2026, 2, 13, 12, tzinfo=UTC)

TEXT = (
    "US troops left the al-Tanf base on Wednesday, and fewer than 1,000 soldiers remain in Syria, an official said. "
    "The Pentagon plans to close the Qasrak base by March 15. "
    "CENTCOM denied that its forces had left the Himo base. "
    "The Syrian army took over the Shaddadi base, and 21,000 people live in the town."
)
LEFT: dict[str, Any] = {
    "kind": "base_status",
    "subject": "tanf",
    "value": "vacated",
    "modality": "asserted",
    "date": "2026-02-11",
    "quote": "US troops left the al-Tanf base on Wednesday",
}
FIGURE: dict[str, Any] = {
    "kind": "troop_figure",
    "subject": "us-troops-syria",
    "role": "present",
    "low": None,
    "high": 1000,
    "comparator": "less_than",
    "modality": "asserted",
    "quote": "fewer than 1,000 soldiers remain in Syria",
}
CLOSE: dict[str, Any] = {
    "kind": "base_status",
    "subject": "qasrak",
    "value": "vacated",
    "modality": "planned",
    "quote": "The Pentagon plans to close the Qasrak base",
}
BY_MARCH: dict[str, Any] = {
    "kind": "deadline",
    "subject": "qasrak",
    "latest": "2026-03-15",
    "modality": "planned",
    "quote": "close the Qasrak base by March 15",
}
DENIED: dict[str, Any] = {
    "kind": "base_status",
    "subject": "himo",
    "value": "vacated",
    "modality": "denied",
    "quote": "CENTCOM denied that its forces had left the Himo base",
}
TAKEN: dict[str, Any] = {
    "kind": "base_status",
    "subject": "shaddadi",
    "value": "handed_over",
    "to": "syrian-government",
    "modality": "asserted",
    "quote": "The Syrian army took over the Shaddadi base",
}


def held(*said: Any, index: int = 0, text: str = TEXT) -> Verdict:
    view = READER.view(text, "en", FRIDAY)
    assert view is not None
    return verify(view, index, json.dumps({"claims": said}), rule="llm test")


@pytest.mark.parametrize(
    ("index", "said"), [(0, LEFT), (0, FIGURE), (1, CLOSE), (1, BY_MARCH), (2, DENIED), (3, TAKEN)], ids=str
)
def test_what_the_text_says_counts(index: int, said: dict[str, Any]) -> None:
    verdict = held(said, index=index)
    assert not verdict.rejected
    (claim,) = verdict.claims
    assert (claim.kind.value, claim.subject, claim.modality.value) == (said["kind"], said["subject"], said["modality"])
    assert TEXT[claim.start : claim.end] == claim.quote == said["quote"]
    assert (claim.reader, claim.rule) == ("llm", "llm test")


def test_whose_word_it_is_is_read_by_the_grammar() -> None:
    assert held(DENIED, index=2).claims[0].speaker == "CENTCOM"
    assert held(LEFT | {"speaker": "the President"}).rejected == {Reason.SCHEMA: 1}


@pytest.mark.parametrize(
    ("index", "said", "reason"),
    [
        (0, LEFT | {"quote": "US forces have left al-Tanf on Wednesday"}, Reason.QUOTE),
        (0, LEFT | {"quote": "us troops left the al-Tanf base on Wednesday"}, Reason.QUOTE),
        (0, LEFT | {"quote": "The Pentagon plans to close the Qasrak base"}, Reason.QUOTE),
        (0, LEFT | {"quote": " "}, Reason.QUOTE),
        (0, LEFT | {"start": 3, "end": 47}, Reason.OFFSETS),
        (0, LEFT | {"start": -4}, Reason.OFFSETS),
        (0, LEFT | {"subject": "qasrak"}, Reason.BASE),
        (0, LEFT | {"subject": "fort-nowhere"}, Reason.BASE),
        (0, LEFT | {"quote": "US troops left the"}, Reason.BASE),
        (0, LEFT | {"subject": "us-troops-syria"}, Reason.BASE),
        (0, FIGURE | {"subject": "tanf"}, Reason.BASE),
        (0, FIGURE | {"high": 900}, Reason.NUMBER),
        (0, FIGURE | {"high": 21000}, Reason.NUMBER),
        (0, FIGURE | {"quote": "remain in Syria"}, Reason.NUMBER),
        (3, FIGURE | {"high": 1000, "quote": "1,000 people live in the town"}, Reason.NUMBER),
        (0, FIGURE | {"low": 1000, "comparator": "exact", "quote": "1,000 soldiers remain in Syria"}, Reason.NUMBER),
        (0, LEFT | {"date": "2026-02-10"}, Reason.DATE),
        (0, LEFT | {"date": "2026-02-11", "quote": "US troops left the al-Tanf base"}, Reason.DATE),
        (1, BY_MARCH | {"latest": "2026-04-15"}, Reason.DATE),
        (3, TAKEN | {"to": "russia"}, Reason.RECEIVER),
        (3, TAKEN | {"to": "martians"}, Reason.RECEIVER),
        (0, LEFT | {"date": None, "quote": "the al-Tanf base"}, Reason.PREDICATE),
        (1, CLOSE | {"modality": "asserted"}, Reason.MODALITY),
        (1, CLOSE | {"modality": "asserted", "quote": "close the Qasrak base"}, Reason.MODALITY),
        (2, DENIED | {"modality": "asserted"}, Reason.MODALITY),
        (0, LEFT | {"modality": "denied"}, Reason.MODALITY),
        (0, LEFT | {"modality": "planned"}, Reason.MODALITY),
        (0, LEFT | {"value": "gone"}, Reason.SCHEMA),
        (0, LEFT | {"value": None}, Reason.SCHEMA),
        (0, LEFT | {"to": "sdf"}, Reason.SCHEMA),
        (0, FIGURE | {"low": 1000}, Reason.SCHEMA),
        (0, FIGURE | {"high": "1,000"}, Reason.SCHEMA),
        (0, FIGURE | {"role": "total"}, Reason.SCHEMA),
        (1, BY_MARCH | {"latest": None}, Reason.SCHEMA),
        (0, "US troops left the al-Tanf base", Reason.SCHEMA),
    ],
    ids=str,
)
def test_what_the_text_does_not_say_falls_for_its_reason(index: int, said: Any, reason: Reason) -> None:
    assert held(said, index=index) == Verdict(rejected={reason: 1})


@pytest.mark.parametrize("answer", ["", "I cannot help with that.", '{"claims": [', "[]", '{"claims": 3}', "{" * 9000])
def test_what_is_no_answer_is_rejected_as_a_whole(answer: str) -> None:
    view = READER.view(TEXT, "en", FRIDAY)
    assert view is not None
    assert verify(view, 0, answer) == Verdict(rejected={Reason.SCHEMA: 1})


def test_words_around_the_json_are_passed_over() -> None:
    view = READER.view(TEXT, "en", FRIDAY)
    assert view is not None
    answer = f"Here it is:\n```json\n{json.dumps({'claims': [LEFT]})}\n```"
    assert [claim.subject for claim in verify(view, 0, answer).claims] == ["tanf"]


def test_an_arabic_sentence() -> None:
    text = "أعلنت وزارة الدفاع السورية أن الجيش تسلم قاعدة الشدادي يوم الأحد، ولم تنسحب القوات الأميركية من قاعدة قسرك."
    view = READER.view(text, "ar", datetime(2026, 2, 16, tzinfo=UTC))
    assert view is not None
    taken = TAKEN | {"quote": "الجيش تسلم قاعدة الشدادي يوم الأحد", "date": "2026-02-15"}
    stays = LEFT | {"subject": "qasrak", "date": None, "quote": "تنسحب القوات الأميركية من قاعدة قسرك"}
    verdict = verify(view, 0, json.dumps({"claims": [taken, stays]}))
    assert [(claim.subject, claim.date) for claim in verdict.claims] == [("shaddadi", "2026-02-15")]
    assert verdict.rejected == {Reason.MODALITY: 1}


STOCK = """US troops soldiers left remain the al-Tanf Qasrak Tanf base Himo fewer than about two thousand on Monday
yesterday plans not and , . 1,000 900 21,000 ١٠٠٠ نحو جندي قاعدة قسرك انسحبت القوات الأميركية من"""
WORDS = st.sampled_from(STOCK.split())
TEXTS = st.lists(WORDS, min_size=1, max_size=30).map(" ".join) | st.text(max_size=80)


@st.composite
def texts_and_answers(draw: st.DrawFn) -> tuple[str, str]:
    """A text, and an answer that quotes it, or nearly, and says anything of it."""
    text = draw(TEXTS)
    start = draw(st.integers(0, len(text)))
    quote = text[start : draw(st.integers(start, len(text)))] if draw(st.booleans()) else draw(TEXTS)
    number = st.sampled_from([None, 900, 1000, 2000, 21000, -1])
    said = st.fixed_dictionaries(
        {
            "kind": st.sampled_from([*Kind, "other"]),
            "subject": st.sampled_from(["tanf", "qasrak", "himo", "us-troops-syria", "us-withdrawal-syria"]),
            "quote": st.sampled_from([quote, text]),
            "modality": st.sampled_from(Modality),
        },
        optional={
            "value": st.sampled_from(Status),
            "role": st.sampled_from(Role),
            "low": number,
            "high": number,
            "comparator": st.sampled_from(["exact", "about", "less_than", "range"]),
            "date": st.sampled_from([None, "2026-02-09", "2026-02-12", "nonsense"]),
            "latest": st.sampled_from(["2026-02-09", "2026-03-15"]),
            "start": st.integers(-2, 50),
        },
    )
    whole = draw(st.lists(said, max_size=3).map(lambda claims: json.dumps({"claims": claims})) | st.text(max_size=60))
    return text, whole


@given(texts_and_answers())
def test_every_claim_stands_in_the_text_with_its_number_and_its_base(case: tuple[str, str]) -> None:
    text, answer = case
    for lang in ("en", "ar"):
        view = READER.view(text, lang, FRIDAY)
        assert view is not None
        for index in range(len(view.lines)):
            verdict = verify(view, index, answer)
            assert sum(verdict.rejected.values()) + len(verdict.claims) or '"claims": []' in answer
            for claim in verdict.claims:
                _stands(claim, text)


def _stands(claim: Claim, text: str) -> None:
    assert claim.quote
    assert text[claim.start : claim.end] == claim.quote
    if claim.subject in TOPIC.bases:
        assert claim.subject in {mention.base for mention in GAZETTEER.find(Text(claim.quote))}
    if isinstance(claim.value, Figure):
        numbers = {claim.value.low, claim.value.high} - {None}
        assert numbers in [{q.low, q.high} - {None} for q in find_quantities(claim.quote)]


def test_a_question_carries_the_sentence_and_what_stands_around_it() -> None:
    contract = Contract(TOPIC, model="m", sentences=Sentences.ON_TOPIC)
    examined = READER.examine(TEXT, "en", FRIDAY)
    assert examined is not None
    questions = contract.questions(examined, version_id=7, title="A withdrawal")
    assert [place_of(question, examined.view) for question in questions] == [0, 1, 2, 3]
    body = json.loads(questions[1].body)
    assert body["sentence"] == "The Pentagon plans to close the Qasrak base by March 15."
    assert body["before"].endswith("an official said.")
    assert body["after"].startswith("CENTCOM denied")
    assert (body["title"], body["published"]) == ("A withdrawal", "Friday, 2026-02-13")
    assert body["bases"] == {"qasrak": TOPIC.bases["qasrak"].name["en"]}


def test_only_what_the_built_in_reading_is_not_sure_of_is_asked_about() -> None:
    contract = Contract(TOPIC, model="m")
    plain = READER.examine("The weather was fine. US forces left the al-Tanf base on Wednesday.", "en", FRIDAY)
    assert plain is not None
    assert plain.undecided <= plain.on_topic == {1}
    assert len(contract.questions(plain)) == len(plain.undecided)
    doubtful = READER.examine("Of the Americans at the Qasrak base nobody was to be seen any longer.", "en", FRIDAY)
    assert doubtful is not None
    assert [place_of(question, doubtful.view) for question in contract.questions(doubtful)] == [0]


def test_an_answer_is_kept_by_prompt_model_and_question() -> None:
    one, other = Contract(TOPIC, model="m"), Contract(TOPIC, model="n")
    assert len({one.key("a"), one.key("b"), other.key("a")}) == 3
    assert one.key("a") == Contract(TOPIC, model="m").key("a")
    assert one.rule == f"llm m, prompt {one.hash[:12]}"
