"""Proof of a change on the command line: one folder that holds by itself; a store that holds, or says what does not."""

from __future__ import annotations

import json
import sqlite3
import subprocess
from datetime import UTC, datetime
from html.parser import HTMLParser
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from warcio.archiveiterator import ArchiveIterator

from db import captures
from db.session import Store
from monitor.retention import drop_captures
from monitor.telling.catalogue import phrases_of

LATER = datetime(2026, 6, 1, tzinfo=UTC)
QUOTED = "أخلت القوات الأمريكية قاعدة قسرك"
LINES: tuple[dict[str, Any], ...] = (
    {
        "url": "https://example.org/1",
        "outlet": "الوكالة <script>alert(1)</script>",
        "lang": "ar",
        "published": "2026-02-21T08:00:00Z",
        "at": "2026-02-21T08:30:00Z",
        "title": "\u202eإخلاء <img src=https://example.org/x.png>",
        "text": f"CENTCOM: «{QUOTED}» يوم السبت & <b>سلّمتها</b>، بحسب مصدر محلي.",
        "reliability": "B",
    },
    {
        "url": "https://example.net/2",
        "outlet": "Example Post",
        "lang": "en",
        "published": "2026-02-21T09:00:00Z",
        "at": "2026-02-21T09:30:00Z",
        "title": "Denied",
        "text": "A spokesman for the coalition denied that US forces had left Qasrak base on Saturday.",
        "reliability": "C",
    },
    {
        "url": "https://example.net/3",
        "outlet": "Example Post",
        "lang": "en",
        "published": "2026-02-21T09:00:00Z",
        "at": "2026-02-21T09:30:00Z",
        "title": "Nothing of the kind",
        "text": "The minister opened a new bakery in the city on Saturday, and everybody was glad of the bread.",
        "reliability": "C",
    },
)


@pytest.fixture
def desk(desk_of: Any) -> Any:
    """Commands in a folder whose store knows that Qasrak was left, which somebody denies."""
    return desk_of(LINES)


class Page(HTMLParser):
    """What a browser would make of a page: its elements with their attributes, and its text."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data


def test_a_folder_holds_all_that_is_behind_a_change(desk: Any, tmp_path: Path) -> None:
    said = desk("evidence", "#1", "--out", "proof/of-1")
    assert said.code == 0
    folder = tmp_path / "proof" / "of-1"
    files = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    assert {f"proof/of-1/{name}" for name in files} == set(said.out.split())
    assert {"index.html", "captures.warc.gz", "evidence.json", "SHA256SUMS"} < files
    checked = subprocess.run(["sha256sum", "-c", "--strict", "SHA256SUMS"], cwd=folder, capture_output=True, text=True)
    assert checked.returncode == 0
    assert len(checked.stdout.splitlines()) == len(files) - 1
    data = json.loads((folder / "evidence.json").read_text(encoding="utf-8"))
    texts = {v["id"]: (folder / v["text"]["file"]).read_bytes().decode() for v in data["versions"]}
    assert {quote["side"] for quote in data["quotes"]} == {"carried", "against"}
    for quote in data["quotes"]:
        assert texts[quote["version"]][quote["start"] : quote["end"]] == quote["quote"]
    bodies = {}
    for record in ArchiveIterator(BytesIO((folder / "captures.warc.gz").read_bytes()), check_digests="raise"):
        bodies[record.rec_headers["WARC-Record-ID"]] = record.content_stream().read()
    for version in data["versions"]:
        body = json.loads(bodies[f"<{version['capture']['record']}>"])
        assert body["text"] == texts[version["id"]]
    assert [path.name for path in folder.parent.iterdir()] == ["of-1"]


def test_the_page_says_all_and_can_do_nothing(desk: Any, tmp_path: Path) -> None:
    desk("evidence", "1")
    page = Page((tmp_path / "evidence-1" / "index.html").read_text(encoding="utf-8"))
    tags = {tag for tag, _ in page.elements}
    assert not tags & {"script", "img", "link", "iframe", "object"}
    assert not [attrs for _, attrs in page.elements if {"src", "srcset", "onload"} & set(attrs)]
    assert [a["content"] for t, a in page.elements if t == "meta" and a.get("http-equiv")] == [
        "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
    ]
    assert "url(" not in (tmp_path / "evidence-1" / "index.html").read_text(encoding="utf-8")
    assert "\u202e" not in page.text
    directions = {attrs["lang"]: attrs["dir"] for tag, attrs in page.elements if tag == "blockquote"}
    assert directions == {"ar": "rtl", "en": "ltr"}
    for words in ("Qasrak", "active", "vacated", "alert(1)", "<b>سلّمتها</b>", "denied", "survey", "21 February 2026"):
        assert words in page.text, words
    links = {attrs["href"] for tag, attrs in page.elements if tag == "a"}
    assert {"https://example.org/1", "https://example.net/2"} <= links
    assert all((tmp_path / "evidence-1" / str(link)).is_file() for link in links if not str(link).startswith("https:"))


def test_a_persons_word_stands_in_the_page(desk: Any, tmp_path: Path) -> None:
    assert desk("reject", "1", "--because", "<i>a rotation", "--by", "Mona").code == 0
    for number in ("1", "2"):
        assert desk("evidence", number).code == 0
    page = Page((tmp_path / "evidence-1" / "index.html").read_text(encoding="utf-8"))
    assert "Mona" in page.text
    assert "<i>a rotation" in page.text


def test_nothing_is_overwritten_and_nothing_half_stays(desk: Any, tmp_path: Path) -> None:
    (tmp_path / "evidence-1").mkdir()
    said = desk("evidence", "1")
    assert (said.code, said.out) == (1, "")
    assert "evidence-1: is there already; nothing is overwritten" in said.err
    assert "no change has this number" in desk("evidence", "99").err
    assert "is no number" in desk("evidence", "qasrak").err
    damage(tmp_path, "UPDATE versions SET sha256 = x'00'")
    said = desk("evidence", "1", "--out", "damaged")
    assert said.code == 1
    assert "does not match its SHA-256" in said.err
    assert not [path for path in tmp_path.iterdir() if "damaged" in path.name]


def damage(folder: Path, statement: str) -> None:
    with sqlite3.connect(folder / "drawdown.db") as connection:
        connection.execute(statement)
    connection.close()


def test_verify_accepts_a_sound_store_and_names_what_does_not_hold(desk: Any, tmp_path: Path) -> None:
    said = desk("verify")
    assert (said.code, said.err) == (0, "")
    assert said.out == "3 versions and 3 captures of 3 articles: every one holds\n"
    damage(tmp_path, "UPDATE versions SET sha256 = x'00' WHERE article_id = 2")
    damage(tmp_path, "UPDATE wholes SET data = x'00' WHERE article_id = 3 AND part = 'captures'")
    said = desk("verify")
    assert said.code == 1
    assert "article 2, versions 1: stored data does not match its SHA-256" in said.err
    assert "article 3, captures 1: stored data is damaged" in said.err
    assert said.out == "3 versions and 3 captures of 3 articles: 2 do not hold\n"
    told = desk("verify", "--json")
    assert (told.code, len(json.loads(told.out)["faults"])) == (1, 2)


def test_a_quote_that_is_not_in_its_text_proves_nothing(desk: Any, tmp_path: Path) -> None:
    damage(tmp_path, "UPDATE claims SET start = start + 1")
    said = desk("evidence", "1")
    assert said.code == 1
    assert "its quote does not stand in its text" in said.err


def test_old_captures_of_what_made_nothing_known_are_dropped(desk: Any, tmp_path: Path) -> None:
    store = Store.open(f"sqlite:///{tmp_path / 'drawdown.db'}")
    assert drop_captures(store, days=36_500, now=LATER) == 0
    assert drop_captures(store, days=1, now=LATER) == 1
    assert drop_captures(store, days=1, now=LATER) == 0
    store.close()
    assert desk("verify").out == "3 versions and 2 captures (1 were dropped) of 3 articles: every one holds\n"
    assert desk("evidence", "1").code == 0


def test_damage_is_kept_and_named_while_the_rest_is_dropped(
    desk: Any, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    damage(tmp_path, "DELETE FROM claims")
    damage(tmp_path, "UPDATE changes SET version_id = NULL")
    damage(tmp_path, "UPDATE captures SET sha256 = x'00' WHERE article_id = 1")
    store = Store.open(f"sqlite:///{tmp_path / 'drawdown.db'}")
    assert drop_captures(store, days=1, now=LATER) == 2
    with store.reading() as session:
        assert captures.idle(session, before=LATER) == [1]
    store.close()
    assert "article 1, captures 1: stored data does not match" in caplog.text


def configure(folder: Path, table: str) -> None:
    path = folder / "drawdown.toml"
    path.write_text(path.read_text(encoding="utf-8").replace("[store]\n", f"[store]\n{table}\n"), encoding="utf-8")


def test_a_full_disk_is_said_and_nothing_is_fetched(desk: Any, tmp_path: Path) -> None:
    assert desk("status").code == 0
    configure(tmp_path, "least_free_mb = 9_999_999")
    said = desk("status")
    assert said.code == 1
    assert said.err.count("of [store] least_free_mb: nothing is fetched until there is room") == 1
    assert "least_free_mb" in json.loads(desk("status", "--json").out)["faults"][0]
    said = desk("crawl")
    assert (said.code, said.out) == (1, "")
    assert "nothing is fetched" in said.err


@pytest.mark.parametrize(
    ("table", "fault"),
    [
        ("least_free_mb = -1", "least_free_mb must be between 0 and 10000000 megabytes"),
        ("least_free_mb = 0.5", "[store], key least_free_mb"),
        ("capture_days = 0", "capture_days must be between 1 and 36500 days"),
        ('capture_days = "x"', "[store], key capture_days"),
    ],
)
def test_a_bad_setting_is_named(desk: Any, tmp_path: Path, table: str, fault: str) -> None:
    configure(tmp_path, table)
    said = desk("check")
    assert said.code == 1
    assert "[store]" in said.err
    assert fault in said.err


def test_the_page_speaks_arabic(desk: Any, tmp_path: Path) -> None:
    assert desk("evidence", "1", "--lang", "ar").code == 0
    page = Page((tmp_path / "evidence-1" / "index.html").read_text(encoding="utf-8"))
    assert ("html", {"lang": "ar", "dir": "rtl"}) in page.elements
    assert "أدلة التغيير 1: قسرك" in page.text
    english = phrases_of("en").groups["evidence"].values()
    assert [text for text in english if "{" not in text and text in page.text] == []
    assert desk("evidence", "1", "--lang", "xx", "--out", "other").code == 1
    assert not (tmp_path / "other").exists()
