"""Articles from files: taken as they are, and one clear line for each thing that cannot be."""

# ruff: noqa: E501 (tables of examples)

from __future__ import annotations

import json
import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from db.errors import InputError
from db.versions import save_page
from scrapers.files import FileArticle, FileDefaults, read_articles
from scrapers.sources import parse_source

SHARED = Path(__file__).resolve().parents[2].parent / "shared"
NOW = datetime(2026, 2, 23, 12, 0, tzinfo=UTC)
TEXT = "غادر رتل القاعدة صباح اليوم.\n\nوقال مصدر إن الإخلاء مستمر."


def read(path: Path, **defaults) -> tuple[list[FileArticle], list[str]]:
    items = list(read_articles(path, FileDefaults(now=lambda: NOW, **defaults)))
    taken = [item for item in items if isinstance(item, FileArticle)]
    return taken, [str(item) for item in items if isinstance(item, InputError)]


def write(folder: Path, name: str, content: str | bytes) -> Path:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def test_a_text_says_its_date_itself(tmp_path) -> None:
    path = write(tmp_path, "a b.txt", f" date 2026-02-21 {TEXT}\n")
    (article,), _ = read(path, published=NOW)
    assert article.page.text == TEXT
    assert article.page.published == datetime(2026, 2, 21, tzinfo=UTC)
    assert (article.page.url, article.page.lang, article.page.title) == (
        (tmp_path / "a b.txt").as_uri(),
        "ar",
        "غادر رتل القاعدة صباح اليوم.",
    )
    assert article.capture.body == path.read_bytes()
    assert article.capture.fetched_at == NOW
    assert article.origin.outlet == "a b.txt"


def test_what_a_text_does_not_say_is_given(tmp_path) -> None:
    path = write(tmp_path, "a.txt", "\ufeffThe date 2026-02-21 is in the text.\r\nMore.")
    (article,), _ = read(path, published=NOW, outlet="Rafid", lang="en", url="https://rafid.example/1")
    assert article.page.text == "The date 2026-02-21 is in the text.\nMore."
    assert (article.page.published, article.page.url) == (NOW, "https://rafid.example/1")
    assert (article.origin.outlet, article.origin.reliability) == ("Rafid", "C")


def test_an_outlet_that_is_listed_brings_its_reliability(tmp_path) -> None:
    table = {"id": "rafid", "name": {"en": "Rafid", "ar": "رافد"}, "lang": "ar", "kind": "agency", "group": "r"}
    source = parse_source({**table, "reliability": "A", "every": 10, "feeds": ["https://rafid.example/rss"]}, "x")
    (article,), _ = read(write(tmp_path, "a.txt", TEXT), outlet="رافد", sources=(source,))
    assert article.origin == source.origin()


def test_quotes_of_the_founding_articles_are_substrings_of_the_files() -> None:
    folder = SHARED / "corpus" / "founding"
    if not folder.exists():
        pytest.skip("the corpus is not beside the project")
    for path in sorted(folder.glob("*.txt")):
        (article,), faults = read(path, published=datetime(2026, 2, 23, tzinfo=UTC))
        assert faults == []
        assert article.page.text in path.read_text(encoding="utf-8")
        assert article.page.published == datetime(2026, 2, 23, tzinfo=UTC)


def test_an_html_file_is_read_as_a_page(tmp_path) -> None:
    page = Path(__file__).parent / "pages" / "table_windows_1256.html"
    wanted = json.loads(page.with_suffix(".json").read_text(encoding="utf-8"))
    (article,), _ = read(page, url=wanted["url"])
    assert article.page.text == "\n\n".join(wanted["text"])


def test_a_line_of_json_is_an_article(tmp_path) -> None:
    lines = [
        {"url": "https://x.example/1", "outlet": "Rafid", "lang": "ar", "published": "2026-02-21", "title": "رتل", "text": TEXT,
         "at": "2026-02-21T09:00:00+03:00", "version": 2, "reliability": "B", "claims": [], "anything": {"else": 1}},
        {"url": "https://x.example/2", "paragraphs": ["First paragraph of it.", "Second."], "published": "2026-02-21T10:00:00Z"},
        {"url": "https://x.example/3", "html": "<html lang='en'><body><article><p>The army entered the base on Sunday.</p>"
         "<p>Nobody answered questions.</p></article></body></html>"},
    ]  # fmt: skip
    path = write(tmp_path, "a.jsonl", "\ufeff" + "\n\n".join(json.dumps(line) for line in lines))
    (first, second, third), faults = read(path)
    assert faults == []
    assert (first.page.text, first.page.title, first.number) == (TEXT, "رتل", 2)
    assert first.at == datetime(2026, 2, 21, 6, 0, tzinfo=UTC) == first.capture.fetched_at
    assert (first.origin.outlet, first.origin.reliability) == ("Rafid", "B")
    assert second.page.text == "First paragraph of it.\n\nSecond."
    assert (second.page.title, second.page.lang, second.at) == ("First paragraph of it.", "en", None)
    assert third.page.text == "The army entered the base on Sunday.\n\nNobody answered questions."


def test_a_broken_line_is_named_and_the_others_are_taken(tmp_path) -> None:
    good = {"url": "https://x.example/1", "text": "The army entered the base."}
    lines = [
        json.dumps(good), "{broken", "[1]", '{"text": "x"}', '{"url": "https://x.example/2"}', '{"url": "https://x.example/3", "text": " "}',
        json.dumps({**good, "published": "yesterday"}), json.dumps({**good, "text": 5}), json.dumps({**good, "reliability": "Z"}),
        json.dumps({**good, "text": "", "paragraphs": [1]}), "[" * 100_000, json.dumps({**good, "url": "https://x.example/9"}),
    ]  # fmt: skip
    path = write(tmp_path, "a.jsonl", "\n".join(lines).encode() + b'\n{"url": "\xe3\xe4"}\n')
    taken, faults = read(path)
    assert [article.page.url for article in taken] == ["https://x.example/1", "https://x.example/9"]
    named = {int(fault.removeprefix(f"{path}:").split(":")[0]): fault for fault in faults}
    assert sorted(named) == [2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 13]
    for number, said in [
        (2, "is not JSON"), (3, "no JSON object"), (4, '"url" is missing'), (5, '"text" is missing'), (6, "empty article"),
        (7, '"published"'), (8, '"text"'), (9, '"reliability"'), (10, '"paragraphs"'), (11, "nested too deep"), (13, "not UTF-8"),
    ]:  # fmt: skip
        assert said in named[number]


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("a.txt", (TEXT * 3).encode("cp1256"), "looks like windows-1256; convert it with: iconv"),
        ("a.txt", TEXT.encode("utf-16"), "looks like utf-16"),
        ("a.jsonl", '{"url": "x"}'.encode("utf-16"), "looks like utf-16"),
        ("a.txt", b" \n ", "is empty"),
        ("a.txt", b"date 2026-02-21\n", "is empty"),
        ("a.txt", b"date 2026-02-31 text", "a date that does not exist"),
        ("a.jsonl", b"\n\n", "is empty"),
        ("a.html", b"", "is not HTML"),
        ("a.html", b"<html><body></body></html>", "has no text"),
        ("a.pdf", b"%PDF", "is none of"),
    ],
)
def test_a_file_that_cannot_be_used_is_named(tmp_path, name, content, said) -> None:
    path = write(tmp_path, name, content)
    taken, (fault,) = read(path)
    assert taken == []
    assert fault.startswith(str(path))
    assert said in fault


def test_a_missing_file_is_named(tmp_path) -> None:
    _, (fault,) = read(tmp_path / "nowhere.txt")
    assert fault == f"{tmp_path / 'nowhere.txt'}: cannot be read: No such file or directory"


def test_a_folder_gives_its_files_by_name(tmp_path) -> None:
    _, (fault,) = read(tmp_path)
    assert "holds no" in fault
    for name in ("b.txt", "a.txt", "c.jpg"):
        write(tmp_path, name, TEXT)
    taken, faults = read(tmp_path)
    assert [article.page.url for article in taken] == [(tmp_path / name).as_uri() for name in ("a.txt", "b.txt")]
    assert faults == []


def test_a_wall_in_a_file_is_said_and_not_taken(tmp_path) -> None:
    told: list[InputError] = []
    wall = {"url": "https://x.example/1", "title": "404", "text": "Page not found. Go back to the home page."}
    taken, faults = read(write(tmp_path, "a.jsonl", json.dumps(wall)), refused=told.append)
    assert (taken, faults) == ([], [])
    assert "https://x.example/1 is no article (error page)" in str(told[0])


def test_everything_taken_can_be_stored_and_again_makes_nothing_new(tmp_path, store) -> None:
    odd = '{"url": "https://x.example/1", "text": "a \\ud83d\\ude00 b \\ud800 c \\u0000 and more words", "title": "\\udfff"}'
    path = write(tmp_path, "a.jsonl", odd)
    outcomes = []
    for _ in range(2):
        (article,), _ = read(path)
        saved = store.submit(
            lambda session, article=article: save_page(session, article.page, article.origin, article.capture, at=NOW)
        ).result()
        outcomes.append(saved.outcome.value)
    assert article.page.text == "a 😀 b \ufffd c  and more words"
    assert outcomes == ["new", "unchanged"]


def test_a_line_that_cannot_be_taken_is_named_and_not_a_traceback(tmp_path) -> None:
    good = {"url": "https://x.example/1", "text": "The army entered the base."}
    lines = [
        '{"version": ' + "9" * 5000 + "}", json.dumps({**good, "url": "http://[bad"}), json.dumps({**good, "url": "http://x.example:99999/"}),
        json.dumps({**good, "title": ["x" * 1000]}), json.dumps({**good, "published": "0001-01-01T00:00:00+14:00"}), json.dumps({**good, "at": "9999-12-31"}),
        json.dumps({**good, "published": "x" * 1000}), json.dumps(good),
    ]  # fmt: skip
    path = write(tmp_path, "a.jsonl", "\n".join(lines))
    (taken,), faults = read(path)
    assert taken.where == f"{path}:8"
    assert [fault.removeprefix(f"{path}:")[:2] for fault in faults] == [f"{number}:" for number in range(1, 8)]
    assert all(len(fault) < len(str(path)) + 250 for fault in faults)
    for fault, said in zip(
        faults, ["too long", '"url"', '"url"', '"title"', '"published"', '"at"', '"published"'], strict=True
    ):
        assert said in fault


def test_every_text_of_a_line_can_be_stored(tmp_path, store) -> None:
    odd = {
        "url": "http://e.org/\ud800",
        "text": "The army entered the base.",
        "title": "\ud800 t\x00",
        "outlet": "o\udfff\x00",
        "byline": "b\ud800",
        "lang": "e\ud800n",
    }
    (article,), faults = read(write(tmp_path, "a.jsonl", json.dumps(odd)))
    assert faults == []
    assert (article.page.url, article.origin.outlet) == ("http://e.org/\ufffd", "o\ufffd")
    saved = store.submit(
        lambda session: save_page(session, article.page, article.origin, article.capture, at=NOW)
    ).result()
    assert saved.outcome.value == "new"


def test_a_file_with_a_name_that_is_not_utf8_can_be_stored(tmp_path) -> None:
    path = Path(os.fsdecode(os.fsencode(tmp_path) + b"/a\xe3.txt"))
    path.write_text(TEXT, encoding="utf-8")
    (article,), _ = read(path)
    assert (article.page.url, article.origin.outlet, article.where) == (path.as_uri(), "a\ufffd.txt", str(path))
