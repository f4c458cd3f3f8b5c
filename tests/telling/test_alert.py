from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from html.parser import HTMLParser
from typing import Any

import pytest

from db.errors import ConfigError, DeliveryError
from db.records import (
    ChangeType,
    Comparator,
    Deadline,
    Figure,
    Kind,
    KnownFact,
    Role,
    Slot,
    Status,
    StatusValue,
)
from monitor.telling.alert import Alert, Edited, claim_ids, compose, compose_summary, compose_test
from monitor.topics import Topic


class Shape(HTMLParser):
    """Whether tags are closed in order, and what they would load."""

    VOID = ("meta", "br", "link", "img", "input", "hr")

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.loads: list[str] = []
        self.faults: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        self.loads += [str(value) for name, value in attrs if name in ("src", "background", "srcset")]
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            self.faults.append(tag)


def shape(html: str) -> Shape:
    parsed = Shape()
    parsed.feed(html)
    parsed.close()
    return parsed


@pytest.fixture
def alert(topic: Topic, make: Any) -> Alert:
    """Two origins, a known past, one rival, an edit."""
    rival = make.position(Status.ACTIVE, (4,), credibility="C3", since="2026-02")
    return compose(
        make.change(claim_ids=(1, 2), rivals=(rival,)),
        [
            make.evidence(1, make.quote, outlet="عنب بلدي", speaker="مصدر كردي", article_id=31),
            make.evidence(2, "They have left Qasrak", lang="en", outlet="Daily Example"),
            make.evidence(3, "بدأ الانسحاب", Status.WITHDRAWING, outlet="سانا"),
            make.evidence(4, "Troops remain at Qasrak", Status.ACTIVE, lang="en", outlet="Evening Post"),
        ],
        topic,
        edited=Edited(older=make.older, newer=make.newer),
    )


def test_the_subject_says_old_and_new_and_how_sure(alert: Alert) -> None:
    assert alert.subject == "Qasrak: withdrawing → vacated (B2)"


def test_the_text_says_everything_in_the_order_of_the_domain(alert: Alert, make: Any) -> None:
    wanted = [
        "withdrawing → vacated",
        "Where: Qasrak, Hasakah",
        "Since: 23 February 2026",
        "Probably true (B2): 2 independent origins say so, the best a usually reliable source; confidence 83%",
        f"“\u2068{make.quote}\u2069”",
        "\u2068عنب بلدي\u2069, published 23 February 2026, 14:05 UTC",
        "https://news.example/1?a=1&b=2",
        "What the edit changed around the quote:\n\u2068قال مصدر محلي إن [-",
        "Known before: withdrawing, since 21 February 2026, B3, 1 independent origin, \u2068from سانا\u2069",
        "Others say:\n- active, since February 2026, C3",
        "“\u2068Troops remain at Qasrak\u2069”",
        "why: drawdown why 12",
        "evidence: drawdown evidence 12",
        "diff: drawdown diff 31",
    ]
    places = [alert.text.find(part) for part in wanted]
    assert -1 not in places, wanted[places.index(-1)]
    assert places == sorted(places)


def test_the_html_is_well_formed_loads_nothing_and_gives_quotes_their_direction(alert: Alert, make: Any) -> None:
    parsed = shape(alert.html)
    assert parsed.faults == []
    assert parsed.open == []
    assert parsed.loads == []
    assert "url(" not in alert.html
    assert "@import" not in alert.html
    quotes = [attrs for tag, attrs in parsed.tags if tag == "blockquote"]
    assert [(attrs["dir"], attrs["lang"]) for attrs in quotes] == [("rtl", "ar"), ("ltr", "en"), ("ltr", "en")]
    assert make.quote in alert.html
    assert "<del" in alert.html
    assert "prefers-color-scheme: dark" in alert.html


def test_all_forms_carry_the_changes_id(alert: Alert) -> None:
    assert all("Change 12" in form for form in (alert.text, alert.html, alert.slack, alert.short))


def test_arabic_is_said_in_arabic_from_right_to_left(topic: Topic, make: Any) -> None:
    alert = compose(make.change(), [make.evidence(1, make.quote)], topic, lang="ar")
    assert alert.subject == "قسرك: انسحاب جارٍ ← مُخلاة (B2)"
    assert '<html lang="ar" dir="rtl">' in alert.html
    assert "منذ: 23 فبراير 2026" in alert.text
    assert "مصدران مستقلان" in alert.text
    ours = re.sub(r"\u2068.*?\u2069|drawdown \w+ \d+|https?://\S+", "", alert.text)
    assert set(re.findall(r"[A-Za-z]+\d?", ours)) <= {"B2", "B3"}


def test_what_was_known_before_names_the_outlet_not_the_sources_id(topic: Topic, make: Any) -> None:
    before = make.position(Status.WITHDRAWING, (2,), source="wire")
    evidence = [make.evidence(1, make.quote), make.evidence(2, make.quote, outlet="وكالة المثال")]
    assert "from وكالة المثال" in re.sub(
        "[\u2068\u2069]", "", compose(make.change(previous=before), evidence, topic).text
    )
    surveyed = make.position(Status.WITHDRAWING, (2,), source="own survey")
    assert "from own survey" in compose(make.change(previous=surveyed), evidence, topic).text


HOSTILE = "<script>x</script> *now*\r\nBcc: a@b \x1b[2J \u202eevil\u2066 <!channel> `rm -rf` ‮"


def test_hostile_text_stays_text(topic: Topic, make: Any) -> None:
    item = make.evidence(1, HOSTILE, outlet=HOSTILE, title=HOSTILE, speaker=HOSTILE, lang='"><b>')
    before = make.position(Status.WITHDRAWING, (), source=HOSTILE)
    alert = compose(make.change(previous=before), [item], topic)
    for form in (alert.subject, alert.text, alert.html, alert.slack, alert.short):
        assert not set(form) & set("\x1b\r\u202e\u2066")
        assert form.count("\u2068") == form.count("\u2069")
    assert "\n" not in alert.subject
    assert "<script" not in alert.html
    assert shape(alert.html).faults == []
    assert "<!" not in alert.slack
    assert "*now*" not in alert.slack
    assert all(part.startswith("https://") for part in re.findall(r"<([^>]*)>", alert.slack))


@pytest.mark.parametrize(
    ("before", "after", "subject"),
    [
        (
            Figure(low=2000, high=2000, comparator=Comparator.ABOUT, role=Role.PRESENT),
            Figure(low=None, high=1000, comparator=Comparator.LESS_THAN, role=Role.PRESENT),
            "Troops: about 2,000 → fewer than 1,000 (B2)",
        ),
        (
            None,
            Figure(low=800, high=1200, comparator=Comparator.RANGE, role=Role.PRESENT),
            "Troops: 800 to 1,200 (B2)",
        ),
        (
            Figure(low=1500, high=None, comparator=Comparator.AT_LEAST, role=Role.PRESENT),
            Figure(low=1400, high=None, comparator=Comparator.MORE_THAN, role=Role.PRESENT),
            "Troops: at least 1,500 → more than 1,400 (B2)",
        ),
    ],
)
def test_figures_are_said_in_words(topic: Topic, make: Any, before: Figure | None, after: Figure, subject: str) -> None:
    change = make.change(kind=Kind.TROOP_FIGURE, subject="us-troops-syria", before=before, after=after)
    alert = compose(change, [make.evidence(1, make.quote)], topic)
    assert alert.subject == subject
    assert "Where: Withdrawal of US forces from Syria" in alert.text


@pytest.mark.parametrize(
    ("kind", "subject", "before", "after", "said"),
    [
        (
            Kind.DEADLINE,
            "us-withdrawal-syria",
            Deadline(earliest=None, latest="2026-04-23"),
            Deadline(earliest="2026-03-16", latest="2026-03-30"),
            "Complete withdrawal: plan: by 23 April 2026 → between 16 March 2026 and 30 March 2026 (B2)",
        ),
        (
            Kind.TROOP_FIGURE,
            "us-troops-syria",
            None,
            Figure(low=1000, high=1000, comparator=Comparator.EXACT, role=Role.TARGET),
            "Troops: plan: target 1,000 (B2)",
        ),
        (
            Kind.DEADLINE,
            "qasrak",
            None,
            Deadline(earliest="2026-03", latest=None),
            "Qasrak, withdrawal: plan: not before March 2026 (B2)",
        ),
    ],
)
def test_plans_are_said_as_plans(
    topic: Topic, make: Any, kind: Kind, subject: str, before: Any, after: Any, said: str
) -> None:
    change = make.change(kind=kind, subject=subject, type=ChangeType.PLAN, before=before, after=after)
    assert compose(change, [make.evidence(1, make.quote)], topic).subject == said


def test_a_handover_names_the_receiver(topic: Topic, make: Any) -> None:
    after = StatusValue(status=Status.HANDED_OVER, to="syrian-government")
    alert = compose(make.change(after=after), [make.evidence(1, make.quote)], topic)
    assert alert.subject == "Qasrak: withdrawing → handed over to the Syrian government (B2)"


def test_a_contradiction_names_both_sides(topic: Topic, make: Any) -> None:
    rival = make.position(Status.ACTIVE, (4,))
    change = make.change(type=ChangeType.CONTESTED, before=StatusValue(status=Status.VACATED), rivals=(rival,))
    assert compose(change, [make.evidence(1, make.quote)], topic).subject == (
        "Qasrak: contested: vacated or active (B2)"
    )


def test_a_reversal_and_a_correction_say_so(topic: Topic, make: Any) -> None:
    gone = make.evidence(1, make.quote, withdrawn_at=make.at + timedelta(hours=1))
    back = StatusValue(status=Status.ACTIVE)
    reversal = compose(make.change(type=ChangeType.REVERSAL, after=back), [make.evidence(1, make.quote)], topic)
    correction = compose(make.change(type=ChangeType.CORRECTION, after=back), [gone], topic)
    assert reversal.subject == "Qasrak: reversal: withdrawing → active (B2)"
    assert correction.subject == "Qasrak: correction: withdrawing → active (B2)"
    assert "Quote that its article no longer carries" in correction.text


def test_a_correction_by_a_person_says_that_its_quote_was_rejected(topic: Topic, make: Any) -> None:
    back = StatusValue(status=Status.ACTIVE)
    change = make.change(type=ChangeType.CORRECTION, after=back, version_id=None, held=None)
    alert = compose(change, [make.evidence(1, make.quote)], topic)
    for form in (alert.text, alert.html, alert.slack):
        assert "Quote that was rejected" in form
        assert "no longer carries" not in form


@pytest.mark.parametrize(
    ("change", "evidence", "missing"),
    [
        ({"since": ""}, {}, "date"),
        ({}, {"quote": " \u200b"}, "quote"),
        ({}, {"url": "javascript:x"}, "source"),
        ({}, {"outlet": ""}, "source"),
        ({"claim_ids": ()}, {}, "quote"),
        ({"claim_ids": (99,)}, {}, "quote"),
    ],
)
def test_no_alert_without_date_source_or_quote(
    topic: Topic, make: Any, change: dict[str, Any], evidence: dict[str, Any], missing: str
) -> None:
    parts = dict(evidence)
    item = make.evidence(1, parts.pop("quote", make.quote), **parts)
    with pytest.raises(DeliveryError, match=f"(?s)change 12 of qasrak.*{missing}") as caught:
        compose(make.change(**change), [item], topic)
    assert not caught.value.retry


def test_the_weightiest_claim_of_each_origin_is_quoted(topic: Topic, make: Any) -> None:
    same = make.evidence(2, "a reprint of it", origin="origin-1")
    other = [make.evidence(number, f"voice {number}") for number in (3, 4, 5)]
    held = make.position(Status.VACATED, (1, 2, 3, 4, 5))
    held = replace(held, support=tuple(replace(s, weight=0.9 if s.claim_id == 4 else 0.5) for s in held.support))
    change = make.change(claim_ids=(1, 2, 3, 4, 5), held=held, previous=None)
    text = compose(change, [make.evidence(1, "voice 1"), same, *other], topic).text
    assert re.findall(r"“.(voice \d|a reprint of it)\u2069", text) == ["voice 4", "voice 1", "voice 3"]


def test_an_edit_elsewhere_in_the_article_is_not_shown(topic: Topic, make: Any) -> None:
    far = " word" * 100
    edited = Edited(older=f"{make.quote}.{far} old", newer=f"{make.quote}.{far} new")
    assert "What the edit" not in compose(make.change(), [make.evidence(1, make.quote)], topic, edited=edited).text


def test_a_quote_that_an_edit_removed_is_shown_struck_out(topic: Topic, make: Any) -> None:
    edited = Edited(older=f"أولا. {make.quote}. أخيرا.", newer="أولا. أخيرا.")
    gone = make.evidence(1, make.quote, withdrawn_at=make.at)
    text = compose(make.change(type=ChangeType.CORRECTION), [gone], topic, edited=edited).text
    assert re.search(rf"\[-[^\]]*{make.quote}[^\]]*-\]", text)


def test_the_same_change_gives_the_same_alert_and_another_change_another_ref(topic: Topic, make: Any) -> None:
    items = [make.evidence(1, make.quote)]
    assert compose(make.change(), items, topic) == compose(make.change(), items, topic)
    later = make.change(at=make.at + timedelta(days=1))
    assert compose(later, items, topic).ref != compose(make.change(), items, topic).ref


def test_claim_ids_are_those_of_all_sides(make: Any) -> None:
    rival = make.position(Status.ACTIVE, (7, 8))
    assert claim_ids(make.change(rivals=(rival,))) == [1, 3, 7, 8]


def test_an_unknown_language_is_said(topic: Topic, make: Any) -> None:
    with pytest.raises(ConfigError, match="known: ar, en"):
        compose(make.change(), [make.evidence(1, make.quote)], topic, lang="../x")


def test_the_summary_lists_bases_figures_and_plans(topic: Topic, make: Any) -> None:
    def fact(kind: Kind, subject: str, slot: Slot, held: Any, **more: Any) -> KnownFact:
        return KnownFact(kind=kind, subject=subject, slot=slot, held=held, **more)

    troops = Figure(low=None, high=1000, comparator=Comparator.LESS_THAN, role=Role.PRESENT)
    facts = [
        fact(Kind.TROOP_FIGURE, "us-troops-syria", Slot.FACT, make.position(Status.ACTIVE, value=troops)),
        fact(Kind.BASE_STATUS, "shaddadi", Slot.FACT, make.position(Status.VACATED)),
        fact(
            Kind.BASE_STATUS,
            "qasrak",
            Slot.FACT,
            make.position(Status.VACATED),
            contested=True,
            rivals=(make.position(Status.ACTIVE),),
        ),
        fact(
            Kind.DEADLINE,
            "us-withdrawal-syria",
            Slot.PLAN,
            make.position(Status.ACTIVE, value=Deadline(earliest=None, latest="2026-03-15")),
        ),
    ]
    summary = compose_summary(facts, topic, at=make.at)
    lines = [line for line in summary.text.splitlines() if ": " in line]
    assert lines[1:] == [
        "Qasrak: vacated, since 21 February 2026, B2, contested, others say active",
        "al-Shaddadi: vacated, since 21 February 2026, B2",
        "Troops: fewer than 1,000, since 21 February 2026, B2",
        "Complete withdrawal: by 15 March 2026, since 21 February 2026, B2",
    ]
    parsed = shape(summary.html)
    assert parsed.faults == []
    assert [tag for tag, _ in parsed.tags].count("tr") == 6
    assert "Qasrak" in summary.slack
    assert "قسرك: مُخلاة، منذ 21 فبراير 2026" in compose_summary(facts, topic, lang="ar", at=make.at).text


def test_a_test_message_says_that_it_is_one(topic: Topic, make: Any) -> None:
    alert = compose_test(topic, at=make.at)
    assert "test message" in alert.subject
    assert "Nothing has happened" in alert.text
    assert "14:05 UTC" in alert.html
    assert compose_test(topic, lang="ar", at=make.at).subject.endswith("رسالة تجريبية")


def test_an_article_from_a_file_is_told_without_a_link(topic: Topic, make: Any) -> None:
    alert = compose(make.change(), [make.evidence(1, make.quote, url="file:report.txt")], topic)
    assert "file:report.txt" in alert.text
    assert "file:report.txt" in alert.html
    assert 'href="file:' not in alert.html
    assert "file:report.txt" in alert.slack


def test_a_quote_keeps_the_direction_of_its_language_whatever_it_begins_with(topic: Topic, make: Any) -> None:
    quote = "CENTCOM: أخلت القوات قاعدة قسرك"
    alert = compose(make.change(), [make.evidence(1, quote, lang="ar")], topic)
    assert f"“\u2067{quote}\u2069”" in alert.text
    assert f"“\u2067{quote}\u2069”" in alert.slack
    assert '<blockquote class="box" dir="rtl" lang="ar"' in alert.html


def test_an_edit_has_the_direction_of_the_article_that_it_is_of(topic: Topic, make: Any) -> None:
    english = make.evidence(2, "They have left Qasrak", lang="en")
    held = make.position(Status.VACATED, (1, 2))
    held = replace(held, support=tuple(replace(s, weight=0.9 if s.claim_id == 2 else 0.5) for s in held.support))
    change = make.change(claim_ids=(1, 2), held=held)
    edited = Edited(older=make.older, newer=make.newer)
    alert = compose(change, [make.evidence(1, make.quote), english], topic, edited=edited)
    directions = re.findall(r'class="box" dir="(\w+)"', alert.html)
    assert directions[:3] == ["ltr", "rtl", "rtl"]


@pytest.mark.parametrize(
    ("origins", "english", "arabic"),
    [
        (1, "1 independent origin says so, a usually reliable source", "يقول به مصدر مستقل واحد، وهو مصدر موثوق عادةً"),
        (5, "5 independent origins say so, the best a usually", "يقول به 5 مصادر مستقلة، أوثقها مصدر موثوق"),
    ],
)
def test_how_sure_is_a_sentence_with_its_reason(
    topic: Topic, make: Any, origins: int, english: str, arabic: str
) -> None:
    change = make.change(held=make.position(Status.VACATED, (1,), origins=origins))
    said = [compose(change, [make.evidence(1, make.quote)], topic, lang=lang).text for lang in ("en", "ar")]
    assert f"How sure: Probably true (B2): {english}" in said[0]
    assert f"درجة الثقة: خبر مرجَّح الصحة (B2): {arabic}" in said[1]


def test_what_comes_before_the_evidence_fits_a_phones_screen(alert: Alert) -> None:
    before, _, _ = alert.text.partition("\nQuote:")
    assert len(before.splitlines()) <= 6
    assert len(before) < 400
