"""The source list: what is read, and how a fault in it is named."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

from db.errors import ConfigError
from scrapers.sources import load_sources, parse_source

LIST = Path(__file__).resolve().parents[2] / "monitor" / "topics" / "syria" / "sources.toml"
TABLE = {
    "id": "rafid",
    "name": {"en": "Rafid", "ar": "رافد"},
    "lang": "ar",
    "kind": "agency",
    "reliability": "B",
    "group": "rafid",
    "every": 15,
    "feeds": ["https://rafid.example/rss"],
    "reprints": ["AFP"],
}


def test_the_topics_list_is_whole() -> None:
    sources = load_sources(LIST)
    assert len(sources) == 25
    assert {source.lang for source in sources} == {"ar", "en"}
    assert all(source.every >= 10 and source.name["ar"] and source.evidence for source in sources)
    assert all(url.startswith("https://") for source in sources for url in source.routes())
    routes = [url for source in sources for url in source.routes()]
    assert len(routes) == len(set(routes))


def test_a_source_that_refuses_servers_is_read_on_telegram_only() -> None:
    (alarabiya,) = (source for source in load_sources(LIST) if source.id == "alarabiya_ar")
    assert alarabiya.routes() == alarabiya.telegram


def test_an_article_carries_its_sources_origin() -> None:
    origin = parse_source(TABLE, "x").origin()
    assert (origin.source, origin.outlet, origin.reliability, origin.reprints) == ("rafid", "Rafid", "B", ("AFP",))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"colour": "red"}, 'key "colour": is not known'),
        ({"id": "Rafid News"}, 'key "id"'),
        ({"name": "Rafid"}, 'key "name"'),
        ({"name": {"ar": "رافد"}}, 'key "name"'),
        ({"lang": "arabic"}, 'key "lang"'),
        ({"kind": "blog"}, 'key "kind"'),
        ({"reliability": "G"}, 'key "reliability"'),
        ({"reliability": "AB"}, 'key "reliability"'),
        ({"every": 5}, 'key "every": 5 minutes is too often'),
        ({"every": "often"}, 'key "every"'),
        ({"every": True}, 'key "every"'),
        ({"every": 0}, 'key "every"'),
        ({"every": math.inf}, 'key "every": must be minutes'),
        ({"every": math.nan}, 'key "every": must be minutes'),
        ({"every": 1e15}, 'key "every": must be minutes'),
        ({"every": 10**400}, 'key "every": must be minutes'),
        ({"feeds": "https://rafid.example/rss"}, 'key "feeds": must be a list'),
        ({"feeds": ["ftp://rafid.example/rss"]}, "must begin with http"),
        ({"feeds": ["https://"]}, "names no host"),
        ({"feeds": ["https://rafid.example:x/"]}, "is not a URL"),
        ({"feeds": ["https://me:secret@rafid.example/"]}, "user or password"),
        ({"feeds": ["https://rafid.example/أخبار"]}, "percent-encode"),
        ({"feeds": ["https://rafid.example/#top"]}, "fragment"),
        ({"telegram": ["https://t.me/rafid"]}, "not a public preview"),
        ({"path": "ar/"}, 'key "path"'),
        ({"charset": "windows-9"}, 'key "charset"'),
        ({"charset": "hex"}, 'key "charset"'),
        ({"feeds": []}, "no way in"),
        ({"kind": None}, 'key "kind": is missing'),
    ],
)
def test_a_fault_names_file_table_and_key(change, said) -> None:
    table = {key: value for key, value in {**TABLE, **change}.items() if value is not None}
    with pytest.raises(ConfigError) as caught:
        parse_source(table, "sources.toml: [[source]] 3 (rafid)")
    assert said in str(caught.value)
    assert str(caught.value).startswith("sources.toml: [[source]] 3 (rafid)")


def test_a_newsroom_group_is_the_source_itself_unless_given() -> None:
    assert parse_source({key: value for key, value in TABLE.items() if key != "group"}, "x").group == "rafid"
    assert parse_source({**TABLE, "group": "FADAAT"}, "x").group == "FADAAT"


def test_this_machine_and_exempt_hosts_may_be_asked_often() -> None:
    often = {**TABLE, "every": 0.5}
    assert parse_source({**often, "feeds": ["http://127.0.0.1:8000/rss"]}, "x").every == 0.5
    assert parse_source({**often, "feeds": ["http://site.test:8000/rss"]}, "x", ("site.test:8000",)).every == 0.5


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[[source]]\nid = ", "is not valid TOML"),
        ("[source]\nid = 'a'", "write [[source]]"),
        ("[[sources]]\nid = 'a'", "unknown key 'sources'"),
        ("[[source]]\nid = 'rafid'", "[[source]] 1 (rafid)"),
    ],
)
def test_a_file_that_cannot_be_used_is_named(tmp_path, text, said) -> None:
    file = tmp_path / "sources.toml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError, match=r"sources\.toml") as caught:
        load_sources(file)
    assert said in str(caught.value)


def test_missing_wrongly_encoded_and_doubled(tmp_path) -> None:
    file = tmp_path / "sources.toml"
    with pytest.raises(ConfigError, match="cannot be read"):
        load_sources(file)
    file.write_bytes("# رافد".encode("utf-16"))
    with pytest.raises(ConfigError, match="not UTF-8"):
        load_sources(file)
    listed = LIST.read_text(encoding="utf-8")
    file.write_text(listed + listed[listed.index("[[source]]") :], encoding="utf-8")
    with pytest.raises(ConfigError, match="used twice"):
        load_sources(file)
