"""`drawdown sources check` and `sources add`, as a user calls them, against a site on this machine."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from monitor.config import load_config

CONFIG = """\
# My own words.
topic = "syria"   # kept

[crawl]
delay_seconds = 0
allow_hosts = ["{host}"]

[sources]
from_topic = false
# the end, without a newline"""


@pytest.fixture
def config(tmp_path: Path, site, in_reactor, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A configuration for the site; commands run in the reactor that runs already."""
    monkeypatch.setattr("monitor.cli.sources.run_in_reactor", lambda main: in_reactor(main()))
    path = tmp_path / "drawdown.toml"
    path.write_text(CONFIG.format(host=site.host), encoding="utf-8")
    return path


@pytest.fixture
def outlet(site, rss, article, reply):
    """An outlet with a feed of today, as the program's clock has it."""
    from email.utils import format_datetime

    from monitor.process import now_utc

    site.pages["/"] = reply(
        body=b'<html><head><meta property="og:site_name" content="Rafid &quot;News&quot;"><link rel="alternate" '
        b'type="application/rss+xml" href="/feed.xml"></head><body>x</body></html>'
    )
    site.pages["/feed.xml"] = rss(site, "/a/1001", date=format_datetime(now_utc()))
    site.pages["/a/1001"] = reply(body=article())
    return site


def test_a_source_is_found_added_and_tried(config: Path, outlet, drawdown) -> None:
    before = config.read_bytes()
    added = drawdown("sources", "add", outlet.url, "--id", "rafid", "--reliability", "B")
    assert added.code == 0
    assert "added to drawdown.toml; try it with `drawdown sources check rafid`" in added.out
    assert config.read_bytes().startswith(before + b"\n\n[[source]]\n")
    (source,) = load_config(config).own_sources
    assert (source.id, source.name["en"], source.lang, source.reliability) == ("rafid", 'Rafid "News"', "ar", "B")
    assert source.feeds == (f"{outlet.url}/feed.xml",)
    tried = drawdown("sources", "check", "rafid")
    assert tried.code == 0
    assert "A crawl would take 1" in tried.out
    assert not (config.parent / "drawdown.db").exists()


def test_printing_writes_nothing(config: Path, outlet, drawdown) -> None:
    before = config.read_bytes()
    printed = drawdown("sources", "add", outlet.url, "--print")
    (table,) = tomllib.loads(printed.out)["source"]
    assert (table["lang"], table["feeds"]) == ("ar", [f"{outlet.url}/feed.xml"])
    assert config.read_bytes() == before


def test_nothing_is_overwritten(config: Path, outlet, drawdown) -> None:
    assert drawdown("sources", "add", outlet.url, "--id", "rafid").code == 0
    before = config.read_bytes()
    again = drawdown("sources", "add", outlet.url)
    assert again.code == 1
    assert "is the way into the source 'rafid' already" in again.err
    outlet.pages["/"] = outlet.pages["/feed.xml"]
    other = drawdown("sources", "add", f"{outlet.url}/", "--id", "rafid")
    assert "there is a source of this id already: Rafid" in other.err
    assert config.read_bytes() == before


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--id", "Rafid News"], 'key "id"'),
        (["--kind", "blog"], "--kind: 'blog' is none of agency"),
        (["--reliability", "AB"], "--reliability: 'AB' is none of"),
    ],
)
def test_a_table_that_could_not_be_read_is_not_written(config: Path, outlet, drawdown, arguments, said) -> None:
    before = config.read_bytes()
    refused = drawdown("sources", "add", outlet.url, *arguments)
    assert refused.code == 1
    assert said in refused.err
    assert config.read_bytes() == before


def test_a_file_that_a_table_cannot_follow_is_left_alone(config: Path, outlet, drawdown) -> None:
    config.write_text("source = []\n" + config.read_text(encoding="utf-8"), encoding="utf-8")
    before = config.read_bytes()
    refused = drawdown("sources", "add", outlet.url)
    assert refused.code == 1
    assert "a [[source]] table cannot follow what is there" in refused.err
    assert config.read_bytes() == before


def test_a_failing_step_is_told_in_one_line(config: Path, outlet, reply, drawdown) -> None:
    drawdown("sources", "add", outlet.url, "--id", "rafid")
    outlet.pages["/feed.xml"] = reply(status=403)
    tried = drawdown("sources", "check")
    assert tried.code == 1
    assert tried.err == f"drawdown: rafid: feed {outlet.url}/feed.xml: HTTP status 403\n"
    assert "FAILED: HTTP status 403" in tried.out


def test_a_name_that_is_none_is_told(config: Path, drawdown) -> None:
    assert "no source is configured" in drawdown("sources", "check").err
    assert "no source is called 'rafid'" in drawdown("sources", "check", "rafid").err
