"""The catalogues: every phrase in every language, with the same braces, and the plurals that the language needs."""

from __future__ import annotations

import ast
import re
from datetime import date
from pathlib import Path
from string import Formatter

import pytest
from babel.messages.catalog import Catalog, Message

from db.errors import ConfigError
from monitor.telling.catalogue import SOURCE, languages, phrases_of, read, template, translation
from monitor.telling.words import Words
from monitor.topics import Topic

PROGRAM = Path(__file__).resolve().parents[2] / "monitor"
TRANSLATIONS = [lang for lang in languages() if lang != SOURCE]


def forms(texts: str | tuple[str, ...] | list[str]) -> list[str]:
    return [texts] if isinstance(texts, str) else list(texts)


def braces(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name is not None}


def messages(catalog: Catalog) -> dict[str, Message]:
    return {str(message.context): message for message in catalog if message.id}


def test_there_is_arabic() -> None:
    assert "ar" in TRANSLATIONS


@pytest.mark.parametrize("lang", TRANSLATIONS)
def test_every_phrase_is_translated_and_nothing_else(lang: str) -> None:
    source, translated = messages(read(template())), messages(read(translation(lang)))
    assert translated.keys() == source.keys()
    for context, message in source.items():
        assert translated[context].id == message.id, context
        assert not translated[context].fuzzy, context
        assert all(forms(translated[context].string)), context


def test_no_phrase_hides_another_of_its_name() -> None:
    contexts = [str(message.context) for message in read(template()) if message.id]
    assert len(contexts) == len(set(contexts))


@pytest.mark.parametrize("lang", TRANSLATIONS)
def test_every_brace_agrees(lang: str) -> None:
    for context, message in messages(read(translation(lang))).items():
        wanted = set.union(*(braces(text) for text in forms(message.id)))
        for text in forms(message.string):
            spelled_out = {"count"} if message.pluralizable else set()
            assert wanted - spelled_out <= braces(text) <= wanted, f"{context}: {text}"


@pytest.mark.parametrize("lang", TRANSLATIONS)
def test_every_plural_has_the_forms_of_its_language(lang: str) -> None:
    catalog = read(translation(lang))
    plural = [message for message in messages(catalog).values() if message.pluralizable]
    assert plural
    assert all(len(message.string) == catalog.num_plurals for message in plural)


def test_the_program_asks_for_no_phrase_that_is_not_there() -> None:
    known = {tuple(context.split(".", 1)) for context in messages(read(template()))}
    asked = set()
    for path in PROGRAM.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "say":
                names = [arg.value for arg in node.args if isinstance(arg, ast.Constant)]
                asked |= {tuple(names)} if len(names) == 2 else set()
    for path in PROGRAM.rglob("*.j2"):
        asked |= set(re.findall(r'words\.say\("(\w+)", "(\w+)"', path.read_text(encoding="utf-8")))
    assert ("list", "comma") in asked
    assert asked <= known


@pytest.mark.parametrize(
    ("count", "english", "arabic"),
    [
        (0, "0 independent origins", "لا مصادر مستقلة"),
        (1, "1 independent origin", "مصدر مستقل واحد"),
        (2, "2 independent origins", "مصدران مستقلان"),
        (7, "7 independent origins", "7 مصادر مستقلة"),
        (11, "11 independent origins", "11 مصدرًا مستقلًا"),
        (100, "100 independent origins", "100 مصدر مستقل"),
        (1203, "1,203 independent origins", "1,203 مصادر مستقلة"),
    ],
)
def test_a_count_takes_the_plural_of_the_language(topic: Topic, count: int, english: str, arabic: str) -> None:
    assert Words.of("en", topic).origins(count) == english
    assert Words.of("ar", topic).origins(count) == arabic


def test_dates_numbers_and_lists_have_the_form_of_the_language(topic: Topic) -> None:
    english, arabic = Words.of("en", topic), Words.of("ar", topic)
    assert english.period("2026-02-03") == "3 February 2026"
    assert arabic.period("2026-02-03") == "3 فبراير 2026"
    assert english.period("2026-02/2026-03") == "February 2026 to March 2026"
    assert arabic.period("2026-02") == "فبراير 2026"
    day = date(2026, 2, 3)
    assert [words.short_day(day) for words in (english, arabic)] == ["3 Feb", "3 فبراير"]
    assert [words.short_day(day, year=True) for words in (english, arabic)] == ["Feb 2026", "فبراير 2026"]
    assert english.both(["AFP", "SANA", "BBC"]) == "AFP, SANA and BBC"
    assert arabic.both(["أ", "ب", "ج"]) == "أ وب وج"
    assert arabic.any_of(["نشطة", "مُخلاة"]) == "نشطة أو مُخلاة"
    assert (english.number(12000), arabic.number(12000)) == ("12,000", "12,000")
    assert (english.direction, arabic.direction) == ("ltr", "rtl")


def test_what_a_translation_lacks_is_said_in_english(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    partial = tmp_path / "fr" / "LC_MESSAGES" / "drawdown.po"
    partial.parent.mkdir(parents=True)
    header = 'msgid ""\nmsgstr ""\n"Language: fr\\n"\n"Plural-Forms: nplurals=2; plural=(n > 1);\\n"\n\n'
    partial.write_text(f'{header}msgctxt "status.active"\nmsgid "active"\nmsgstr "active encore"\n', encoding="utf-8")
    (tmp_path / "drawdown.pot").write_bytes(template().read_bytes())
    monkeypatch.setattr("monitor.telling.catalogue.FOLDER", tmp_path)
    phrases = phrases_of.__wrapped__("fr")  # past the cache, which other tests share
    assert phrases.text("status", "active") == "active encore"
    assert phrases.text("status", "vacated") == "vacated"
    assert str(phrases.locale) == "fr"


def test_a_phrase_that_is_not_there_is_a_fault_of_ours(topic: Topic) -> None:
    with pytest.raises(KeyError):
        Words.of("en", topic).say("status", "nowhere")


@pytest.mark.parametrize("lang", ["fr", "../x", ""])
def test_an_unknown_language_is_said(topic: Topic, lang: str) -> None:
    with pytest.raises(ConfigError, match="known: ar, en"):
        Words.of(lang, topic)
