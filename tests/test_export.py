"""Exports: what comes out can be read by others, and says what is kept."""

from __future__ import annotations

import csv
import io
import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import feedparser
import pytest

from db.records import Change, ChangeType, Claim, Evidence, Kind, Modality, Status, StatusValue, parse_moment
from monitor import export
from monitor.topics import load_topic

ROOT = Path(__file__).resolve().parents[1]
LINES = (
    {
        "url": "https://example.org/1",
        "outlet": '=HYPERLINK("https://bad.example")',
        "lang": "en",
        "published": "2026-02-20T08:00:00Z",
        "title": "Leaving",
        "text": "US forces began their withdrawal from Qasrak base on Friday, \x1b[31m\u202e a spokesman <b>said</b>.",
        "reliability": "B",
    },
    {
        "url": "https://example.org/2",
        "outlet": "وكالة",
        "lang": "ar",
        "published": "2026-02-22T08:00:00Z",
        "title": "انسحاب",
        "text": "أكملت القوات الأمريكية انسحابها من قاعدة قسرك يوم السبت.",
        "reliability": "B",
    },
)


@pytest.fixture
def desk(desk_of: Any) -> Any:
    """Commands in a folder whose store knows of two changes of Qasrak."""
    return desk_of(LINES)


def rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def test_facts_as_csv_and_as_they_were_known(desk: Any) -> None:
    [now] = [row for row in rows(desk("export", "facts").out) if row["slot"] == "fact" and row["rank"] == "0"]
    assert (now["subject"], now["value"], now["since"]) == ("qasrak", "vacated", "2026-02-21")
    then = rows(desk("export", "facts", "--as-of", "2026-02-21").out)
    assert [(row["value"], row["superseded_at"]) for row in then if row["rank"] == "0"] == [("withdrawing", "")]


def test_changes_as_csv_and_lines(desk: Any) -> None:
    table = rows(desk("export", "changes").out)
    assert [(row["from_value"], row["to_value"]) for row in table] == [
        ("active", "withdrawing"), ("withdrawing", "vacated"),
    ]  # fmt: skip
    lines = [json.loads(line) for line in desk("export", "changes", "--format", "jsonl").out.splitlines()]
    assert [line["urn"] for line in lines] == [row["urn"] for row in table]
    assert all(tuple(line) == export.CHANGES for line in lines)


def test_claims_have_their_quotes_and_no_cell_runs(desk: Any) -> None:
    table = rows(desk("export", "claims").out)
    assert all(row["outlet"].startswith("'=") for row in table if row["article"].endswith("/1"))
    arabic = next(row for row in table if row["article"].endswith("/2"))
    text = LINES[1]["text"]
    assert text[int(arabic["start"]) : int(arabic["end"])] == arabic["quote"]
    lines = [json.loads(line) for line in desk("export", "claims", "--format", "jsonl").out.splitlines()]
    assert {line["outlet"] for line in lines} == {LINES[0]["outlet"], LINES[1]["outlet"]}


def test_what_was_withdrawn_later_was_not_withdrawn_then(desk: Any, tmp_path: Path) -> None:
    edited = LINES[0] | {"text": "US forces are at Qasrak base.", "at": "2026-02-24T08:00:00Z"}
    (tmp_path / "edit.jsonl").write_text(json.dumps(edited), encoding="utf-8")
    assert desk("ingest", "--replay", "edit.jsonl").code == 0
    now, then = (rows(desk("export", "claims", *more).out) for more in ((), ("--as-of", "2026-02-23")))
    assert {row["withdrawn_at"] for row in now if row["id"] == then[0]["id"]} == {"2026-02-24T08:00:00Z"}
    assert {row["withdrawn_at"] for row in then} == {""}


def test_a_file_is_replaced_only_when_the_new_one_is_whole(desk: Any, tmp_path: Path, monkeypatch: Any) -> None:
    path = tmp_path / "facts.csv"
    path.write_text("older", encoding="utf-8")

    def breaks(*_: object) -> None:
        raise OSError(28, "No space left on device", str(path))

    monkeypatch.setattr(export, "write_csv", breaks)
    said = desk("export", "facts", "-o", str(path))
    assert said.code == 1
    assert "facts.csv: No space left on device" in said.err
    assert [file.name for file in tmp_path.glob("facts.csv*")] == ["facts.csv"]
    assert path.read_text(encoding="utf-8") == "older"
    monkeypatch.undo()


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@a", "\tx", "\rx", "\n=1", "＝1+1"])
def test_what_a_spreadsheet_would_run_is_text(text: str) -> None:
    out = io.StringIO()
    export.write_csv([{"a": text, "b": None, "c": -1, "d": True}], ("a", "b", "c", "d"), out)
    [row] = csv.reader(io.StringIO(out.getvalue().split("\r\n", 1)[1], newline=""))
    assert row == [f"'{text}", "", "-1", "true"]


@pytest.mark.parametrize("text", [" =1+1", "\u200b=1+1", "\ufeff@a", "\u202e=1+1", "\u00a0-1"])
def test_so_is_what_it_might_run_behind_something_unseen(text: str) -> None:
    assert cell(text).startswith("'")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a\x1b[31mb", "a␛[31mb"),
        ("a\x00b\x0b", "a␀b␋"),
        ("a\x9b2Jb", "a\ufffd2Jb"),
        ("a\u202eb\u2066", "a\ufffdb\ufffd"),
        ("a\ud800b\ufffe", "a\ufffdb\ufffd"),
        ("two\nlines\tof قسرك\u200c", "two\nlines\tof قسرك\u200c"),
    ],
)
def test_a_cell_has_signs_for_what_a_terminal_would_obey(text: str, shown: str) -> None:
    assert cell(text) == shown


def cell(text: str) -> str:
    """What a spreadsheet reads of a cell."""
    out = io.StringIO()
    export.write_csv([{"a": text}], ("a",), out)
    out.getvalue().encode()
    return next(csv.reader(io.StringIO(out.getvalue().split("\r\n", 1)[1], newline="")))[0]


def test_a_line_of_json_has_nothing_that_a_terminal_obeys_and_loses_nothing() -> None:
    odd = "a\x1b[31m\x9b2J\u202eb\u2028c\x00\ud800 قسرك"
    out = io.StringIO()
    export.write_jsonl([{"quote": odd}], out)
    assert all(char.isprintable() or char == "\n" for char in out.getvalue())
    assert json.loads(out.getvalue()) == {"quote": odd}


@pytest.mark.parametrize("odd", ["\x0b", "\x00", "\x1b[2J", "\ufffe", "\ud800", "]]>", "<b>&amp;", "\u202e"])
def test_no_quote_breaks_the_feed(saved_change: Any, odd: str) -> None:
    quote = f"They {odd} left"
    claim = Claim(
        kind=Kind.BASE_STATUS, subject="tanf", value=saved_change.after, modality=Modality.ASSERTED, quote=quote,
        start=0, end=len(quote),
    )  # fmt: skip
    said = Evidence(
        id=1, claim=claim, version_id=1, number=1, article_id=1, url=f"https://example.org/{odd}", source="post",
        outlet=f"Post {odd}", reliability="B", lang="en", title="", published=saved_change.at, at=saved_change.at,
        origin="post",
    )  # fmt: skip
    change = replace(saved_change, article=said.url)
    feed = export.atom([change], {1: said}, load_topic("syria"), lang="en", at=change.at)
    read = ElementTree.fromstring(feed.encode())
    content = read.findtext(f"{{{export.ATOM}}}entry/{{{export.ATOM}}}content", "")
    assert content.startswith("“They ")
    assert "left” Post" in content
    assert "\u202e" not in feed


def test_the_map_has_every_base(desk: Any) -> None:
    said = json.loads(desk("export", "map").out)
    assert said["type"] == "FeatureCollection"
    by_id = {feature["id"]: feature for feature in said["features"]}
    assert by_id["qasrak"]["properties"]["status"] == "vacated"
    assert by_id["tanf"]["properties"]["status"] is None
    for feature in said["features"]:  # RFC 7946: longitude first, null where there is no place
        assert set(feature) == {"type", "id", "geometry", "properties"}
        if feature["geometry"] is not None:
            longitude, latitude = feature["geometry"]["coordinates"]
            assert 35 < longitude < 43
            assert 32 < latitude < 38


def test_the_feed_is_atom_with_ids_that_stay(desk: Any, tmp_path: Path) -> None:
    path = tmp_path / "changes.atom"
    assert desk("export", "feed", "-o", str(path)).code == 0
    names = {"a": export.ATOM}
    feed = ElementTree.fromstring(path.read_text(encoding="utf-8"))
    entries = feed.findall("a:entry", names)
    assert [entry.findtext("a:updated", "", names) for entry in entries] == [
        "2026-02-22T08:00:00Z", "2026-02-20T08:00:00Z",
    ]  # fmt: skip
    assert feed.findtext("a:updated", "", names) == "2026-02-22T08:00:00Z"
    ids = [entry.findtext("a:id", "", names) for entry in entries]
    assert ids == [row["urn"] for row in rows(desk("export", "changes").out)][::-1]
    link = entries[0].find("a:link", names)
    assert link is not None
    assert link.get("href") == "https://example.org/2"
    assert "قسرك" in (entries[0].findtext("a:content", "", names))
    assert "\x1b" not in path.read_text(encoding="utf-8")
    assert "قسرك" in desk("export", "feed", "--lang", "ar").out
    assert desk("export", "feed", "--lang", "fr").code == 2


def test_feed_readers_take_it(desk: Any) -> None:
    for lang in ("en", "ar"):
        said = feedparser.parse(desk("export", "feed", "--lang", lang).out.encode())
        assert (said.bozo, said.version, len(said.entries)) == (False, "atom10", 2)
        assert said.feed.id
        assert said.feed.author == "Drawdown"
        assert said.feed.updated_parsed == said.entries[0].updated_parsed
        for entry in said.entries:
            assert entry.id
            assert entry.title
            assert entry.updated_parsed
            assert "“" in entry.content[0].value


def test_an_entry_that_can_link_to_nothing_is_valid_too(saved_change: Any) -> None:
    feed = export.atom([replace(saved_change, article="")], {}, load_topic("syria"), lang="en", at=saved_change.at)
    [entry] = feedparser.parse(feed.encode()).entries
    assert "<link" not in feed
    assert entry.content[0].value == "update"  # RFC 4287, 4.1.2: without a link there must be content


def test_a_feed_does_not_grow_for_ever(desk: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(export, "FEED", 1)
    [entry] = feedparser.parse(desk("export", "feed").out.encode()).entries
    assert entry.updated == "2026-02-22T08:00:00Z"


def test_excel_is_told_that_it_is_utf_8(desk: Any, tmp_path: Path) -> None:
    plain = desk("export", "claims").out
    assert desk("export", "claims", "--format", "excel", "-o", "claims.csv").code == 0
    data = (tmp_path / "claims.csv").read_bytes()
    assert data.startswith(b"\xef\xbb\xbfid,kind,")
    assert list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline=""))) == rows(plain)


def test_an_id_is_the_same_in_a_store_made_anew(desk: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = {row["id"]: row["urn"] for row in rows(desk("export", "changes").out)}
    monkeypatch.setenv("DRAWDOWN_DATABASE_URL", f"sqlite:///{tmp_path / 'anew.db'}")
    other = LINES[0] | {"url": "https://example.org/0", "published": "2026-02-18T08:00:00Z"}
    other |= {"text": "US forces handed over al-Tanf base to the Syrian government on Tuesday, the ministry said."}
    news = [other, *LINES]
    (tmp_path / "anew.jsonl").write_text("\n".join(map(json.dumps, news)), encoding="utf-8")
    assert desk("init", "--baseline", "known.json").code == 0
    assert desk("ingest", "--replay", "anew.jsonl").code == 0
    after = [row for row in rows(desk("export", "changes").out) if row["subject"] == "qasrak"]
    assert [row["urn"] for row in after] == list(before.values())
    assert [row["id"] for row in after] != list(before)


def test_an_id_is_of_what_a_change_says(saved_change: Any) -> None:
    assert export.urn(saved_change) == export.urn(replace(saved_change, id=99, version_id=7, claim_ids=()))
    assert export.urn(saved_change) != export.urn(replace(saved_change, subject="himo"))


@pytest.fixture
def saved_change() -> Any:
    """A change with little to say."""
    return Change(
        kind=Kind.BASE_STATUS,
        subject="tanf",
        type=ChangeType.UPDATE,
        before=None,
        after=StatusValue(status=Status.VACATED),
        at=parse_moment("2026-02-15"),
        article="https://example.org/1",
        version_id=1,
        claim_ids=(1,),
        since="2026-02-15",
    )


def test_every_column_is_explained() -> None:
    told = (ROOT / "docs" / "export.md").read_text(encoding="utf-8")
    columns = {
        name.removeprefix("from_").removeprefix("to_") for name in (*export.FACTS, *export.CHANGES, *export.CLAIMS)
    }
    explained = set(
        re.findall(r"`(\w+)`", "\n".join(line.split("|")[1] for line in told.splitlines() if line[:2] == "| "))
    )
    columns |= set(export.geojson([], load_topic("syria"))["features"][0]["properties"])
    assert columns <= explained, columns - explained


@pytest.mark.parametrize("what", ["map", "feed"])
def test_a_format_is_of_tables_alone(desk: Any, what: str) -> None:
    said = desk("export", what, "--format", "csv")
    assert said.code == 2
    assert "--format" in said.err
