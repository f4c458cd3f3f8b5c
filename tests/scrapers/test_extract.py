"""Pages of our own making, one a layout, each with the article that must come of it; and what must never matter."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from db.errors import InputError
from db.records import iso
from scrapers.charset import decode
from scrapers.extract import extract, language, moment
from scrapers.maintext import clean_text, is_furniture

PAGES = sorted((Path(__file__).parent / "pages").glob("*.html"))
ARABIC = (
    "أفاد مراسلنا في ريف الحسكة بأن رتلاً من عشرات الشاحنات غادر الموقع صباح اليوم باتجاه الحدود، وسط تحليق مكثف.",
    "وقال مصدر محلي إن عملية الإخلاء ستستمر أياماً عدة، وإن المعدات الثقيلة نقلت أولاً على دفعات متتالية.",
    "ولم يصدر تعليق رسمي حتى ساعة إعداد هذا الخبر.",
)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_every_recorded_page_gives_its_article(page: Path) -> None:
    wanted = json.loads(page.with_suffix(".json").read_text(encoding="utf-8"))
    found = extract(page.read_bytes(), url=wanted["url"])
    assert found.text.split("\n\n") == wanted["text"]
    assert (found.title, found.byline, found.lang) == (wanted["title"], wanted["byline"], wanted["lang"])
    assert (iso(found.published) if found.published else None) == wanted["published"]


def framed(paragraphs, *, marked: bool, views: int, adverts: list[str], related: list[str]) -> bytes:
    names = ("main", "article", "aside") if marked else ("div", "div", "div")
    slots = [f"<p>{paragraph}</p>" for paragraph in paragraphs]
    for number, advert in enumerate(adverts):
        slots.insert(1 + number % len(slots), f'<div><a href="/go/{number}">{advert}</a></div>')
    links = "".join(f'<li><a href="/n/{n}">{text}</a></li>' for n, text in enumerate(related))
    return (
        f"<html><body><div><a href='/'>الرئيسية</a></div><{names[0]}><{names[1]}><h1>رتل يغادر</h1>"
        f"<span>المشاهدات: {views}</span>{''.join(slots)}</{names[1]}>"
        f"<{names[2]}><ul>{links}</ul></{names[2]}></{names[0]}></body></html>"
    ).encode()


headlines = st.lists(
    st.sampled_from(
        ["خصم على الأجهزة المنزلية لفترة محدودة", "سيارات جديدة", "احجز رحلتك القادمة الآن", "Winter sale now on"]
    ),
    max_size=6,
)


@settings(max_examples=60, deadline=None)
@given(
    marked=st.booleans(),
    number=st.integers(1, 3),
    views=st.integers(0, 10**7),
    adverts=headlines,
    related=st.lists(st.text("أبتثجحخد ", min_size=5, max_size=60), max_size=30),
)
def test_the_frame_never_reaches_the_text(marked, number, views, adverts, related) -> None:
    page = framed(ARABIC[:number], marked=marked, views=views, adverts=adverts, related=related)
    assert extract(page, url="https://x.example/1").text == "\n\n".join(ARABIC[:number])


@pytest.mark.parametrize("written", ["windows-1256", "iso-8859-6", "utf-8", "utf-16", "utf-16-le"])
@pytest.mark.parametrize("said", [None, "utf-8", "iso-8859-1", "windows-1256", "no-such-charset"])
@pytest.mark.parametrize("meta", [None, "windows-1256", "utf-8"])
@pytest.mark.parametrize("lang", [None, "ar"])
def test_whatever_header_and_meta_say_the_text_is_readable(written, said, meta, lang) -> None:
    tag = f'<meta charset="{meta}">' if meta else ""
    page = f"<html><head>{tag}<title>موقع</title></head><body><p>{ARABIC[0]}</p><p>{ARABIC[1]}</p></body></html>"
    header = f"text/html; charset={said}" if said else None
    found = extract(page.encode(written), url="https://x.example/1", content_type=header, lang_hint=lang)
    assert found.text == "\n\n".join(ARABIC[:2])
    assert found.lang == "ar"


def test_one_broken_byte_does_not_turn_utf_8_into_another_charset() -> None:
    body = " ".join(ARABIC * 20).encode()
    assert decode(body[:-30] + b"\xd8" + body[-30:], lang="ar").count("\ufffd") <= 2


def test_text_without_arabic_is_read_as_western() -> None:
    assert decode("El ejército llegó a la base".encode("latin-1"), lang="en") == "El ejército llegó a la base"


@pytest.mark.parametrize("body", [b"", b"   ", b"<!-- -->"])
def test_nothing_is_not_a_page(body) -> None:
    with pytest.raises(InputError, match="not HTML"):
        extract(body, url="https://x.example/1")


@pytest.mark.parametrize("tag", ["div", "b", "table><tr><td", "ul><li", "span", "article"])
def test_a_hundred_thousand_levels_end(tag) -> None:
    page = f"<html><body>{f'<{tag}>' * (100_000 // (tag.count('<') + 1))}{ARABIC[0]}</body></html>"
    found = extract(page.encode(), url="https://x.example/1")
    assert "\x00" not in found.text


def test_text_can_always_be_stored() -> None:
    found = extract(f"<p>{ARABIC[0]}&#0;&#xD800;\x00</p><p>{ARABIC[1]}</p>".encode(), url="https://x.example/1")
    assert found.text.startswith(ARABIC[0])
    assert "\x00" not in found.text.encode("utf-8").decode()


def test_a_feeds_title_and_date_stand_in() -> None:
    page = f"<html><body><p>{ARABIC[0]}</p><p>{ARABIC[1]}</p></body></html>".encode()
    said = moment("Sat, 21 Feb 2026 05:00:00 GMT")
    found = extract(page, url="https://x.example/1", title="رتل يغادر", published=said)
    assert (found.title, found.published) == ("رتل يغادر", said)


@pytest.mark.parametrize(
    ("line", "is_frame"),
    [
        ("المشاهدات: 4821", True),
        ("12,482 views", True),
        ("منذ 3 ساعات", True),
        ("Updated 22 February 2026, 10:05", True),
        ("Read also: A second garrison is being emptied", True),
        ("اقرأ أيضاً: قاعدة ثانية تُخلى", True),
        ("إعلان", True),
        ("إعلان الانسحاب من القاعدة", False),
        ("شارك 200 جندي في العملية", False),
        ("مشاركة 200 جندي", False),
        ("Shares in the convoy: 30 trucks and 4 tankers", False),
        ("900 troops remain", False),
        ("قبل 3 أيام غادر 50 جندياً", False),
    ],
)
def test_lines_of_the_frame_are_told_from_lines_of_news(line, is_frame) -> None:
    assert is_furniture(line) is is_frame


@pytest.mark.parametrize(
    ("text", "declared", "hint", "wanted"),
    [
        ("غادرت القوات", "en", "en", "ar"),
        ("The troops left", "ar", "ar", "en"),
        ("نیروها رفتند", "fa-IR", None, "fa"),
        ("Les troupes", "fr", "en", "fr"),
        ("", None, None, "en"),
    ],
)
def test_script_decides_before_declarations(text, declared, hint, wanted) -> None:
    assert language(text, declared=declared, hint=hint) == wanted


def test_newlines_are_of_one_kind() -> None:
    assert clean_text("a \r\nb\u2028c\r\n\r\n\r\n\r\nd\x00") == "a\nb\nc\n\nd"


def test_a_page_of_nothing_but_tags_is_not_read() -> None:
    with pytest.raises(InputError, match="no page needs more"):
        extract(b"<html><body>" + b"<a href=x>y</a>" * 80_000, url="https://x.example/1")


@pytest.mark.parametrize(
    "text",
    [
        "0001-01-01T00:00:00+14:00",
        "9999-12-31T23:59:59-12:00",
        "1989-12-31",
        "2101-01-01",
        "Fri, 31 Dec 1965 00:00:00 GMT",
    ],
)
def test_a_date_at_an_end_of_the_calendar_is_none(text) -> None:
    assert moment(text) is None


@pytest.mark.parametrize("name", ["hex", "idna", "undefined", "rot13", "zlib"])
def test_a_charset_that_is_none_of_text_is_passed_over(name) -> None:
    body = f'<html><meta charset="{name}"><body><p>غادر رتل القاعدة</p></body></html>'.encode("windows-1256")
    assert "غادر رتل القاعدة" in decode(body, lang="ar", known=name)


def test_what_json_escapes_can_be_stored() -> None:
    linked = '{"@type": "NewsArticle", "headline": "a \\ud800 \\u0000 b", "author": {"name": "x\\udfff"}}'
    page = f'<html><script type="application/ld+json">{linked}</script><body><p>Some words.</p></body></html>'
    found = extract(page.encode(), url="https://x.example/1")
    assert (found.title, found.byline) == ("a \ufffd b", "x\ufffd")
