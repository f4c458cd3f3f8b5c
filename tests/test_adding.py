"""A source's table behind what a user's file holds."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from db.errors import ConfigError
from monitor.adding import append_table, propose_id, source_table
from scrapers.discovery import Discovery


def discovery(url: str, route: str = "feeds", name: str = "Rafid") -> Discovery:
    return Discovery(route=route, url=url, name=name, lang="ar")


@pytest.mark.parametrize(
    ("url", "wanted"),
    [
        ("https://www.rafid.example/feed", "rafid"),
        ("https://arabic.rafid.com/feed", "arabic_rafid"),
        ("https://rafid.co.uk/feed", "rafid"),
        ("https://north-press.example/feed", "north_press"),
        ("https://xn--mgbh0fb.example/feed", "xn_mgbh0fb"),
        ("http://localhost:8000/feed", "localhost"),
    ],
)
def test_an_id_after_the_host(url: str, wanted: str) -> None:
    assert propose_id(discovery(url), ()) == wanted


def test_an_id_after_the_channel_that_nobody_has() -> None:
    channel = discovery("https://t.me/s/Rafid_News", "telegram")
    assert propose_id(channel, ()) == "rafid_news"
    assert propose_id(channel, ("rafid_news", "rafid_news_2")) == "rafid_news_3"


@pytest.mark.parametrize("name", ["Rafid", 'a "quoted" \\ name', "وكالة رافد", "line\nbreak", ""])
def test_a_table_is_read_as_it_was_meant(name: str) -> None:
    found = discovery("https://rafid.example/feed", name=name)
    text, source = source_table(found, id="rafid", kind="agency", reliability="B", where="test")
    assert tomllib.loads(text)["source"][0]["id"] == "rafid"
    assert name in ("", *source.name.values())
    assert source.routes() == ("https://rafid.example/feed",)


@pytest.mark.parametrize(
    "before", ["", "# mine", "# mine\n", '[[source]]\nid = "x"\n\n[crawl]\n', "# mine\r\na = 1\r\n"]
)
def test_what_was_there_stays(tmp_path: Path, before: str) -> None:
    path = tmp_path / "drawdown.toml"
    path.write_bytes(before.encode())
    path.chmod(0o640)
    link = tmp_path / "link.toml"
    link.symlink_to(path)
    append_table(link, '[[source]]\nid = "rafid"\n')
    after = path.read_bytes()
    assert after.startswith(before.encode())
    assert tomllib.loads(after.decode())["source"][-1] == {"id": "rafid"}
    assert (b"\r\n" in after) == ("\r\n" in before)
    assert (path.stat().st_mode & 0o777, link.is_symlink()) == (0o640, True)
    assert sorted(file.name for file in tmp_path.iterdir()) == ["drawdown.toml", "link.toml"]


def test_a_file_that_is_gone_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be read: No such file"):
        append_table(tmp_path / "drawdown.toml", "[[source]]\n")
