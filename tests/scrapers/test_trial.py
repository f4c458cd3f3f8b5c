"""Trying a source: each step with what it came to, the cause of a failure, and nothing stored."""

from __future__ import annotations

import shutil
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from scrapers.sources import Sites
from scrapers.trial import try_source

NOW = datetime(2026, 2, 21, 6, 0, tzinfo=UTC)


@pytest.fixture
def database_url(tmp_path: Path, made_store: Path) -> str:
    """One database is enough where nothing is stored."""
    return f"sqlite:///{shutil.copy(made_store, tmp_path)}"


@pytest.fixture
def trial(crawl, in_reactor):
    """Tries the crawler's source with its settings."""

    def run(about=None, **settings):
        return in_reactor(try_source(crawl.source, replace(crawl.settings, about=about, **settings), now=lambda: NOW))

    return run


def outline(found):
    return [(step.name, step.url.partition("/a/")[2], bool(step.fault)) for step in found.steps]


def test_each_step_is_told(site, crawl, trial, rss, article, reply) -> None:
    site.pages["/robots.txt"] = reply(body=b"User-agent: *\nCrawl-delay: 0.01\n", type="text/plain")
    site.pages["/feed.xml"] = rss(site, "/a/1001", "/a/1002")
    site.pages["/a/1001"] = reply(body=article())
    found = trial()
    assert outline(found) == [
        ("address", "", False),
        ("robots.txt", "", False),
        ("feed", "", False),
        ("article", "1001", False),
        ("extraction", "1001", False),
    ]
    said = [step.found for step in found.steps]
    assert said[1] == "read, Crawl-delay 0.01 s"
    assert said[2] == "2 entries, newest 2026-02-21T05:00:00Z"
    assert said[4] == "“رتل يغادر الموقع”, published 2026-02-21T05:00:00Z, ar, 56 words"
    assert [(one.url, one.sure) for one in found.taken] == [(f"{site.url}/a/{n}", True) for n in (1001, 1002)]
    assert not found.faults()
    assert crawl.stored() == []


@pytest.mark.parametrize("way", ["listed", "moved"])
def test_the_articles_of_another_are_not_taken(site, other_site, crawl, trial, rss, article, reply, way) -> None:
    theirs = replace(crawl.source, id="theirs", feeds=(f"{other_site.url}/feed.xml",))
    settings = {"owner": Sites([crawl.source, theirs]).other, "allow_hosts": (site.host, other_site.host)}
    site.pages["/feed.xml"] = rss(other_site, "/a/1001") if way == "listed" else rss(site, "/a/1")
    site.pages["/a/1"] = reply(status=302, headers={"Location": f"{other_site.url}/a/1001"})
    other_site.pages["/a/1001"] = reply(body=article())
    found = trial(**settings)
    assert [step.fault for step in found.faults()] == ["is on the site of another source, theirs"]
    assert [one.url for one in found.taken] == ([] if way == "listed" else [f"{site.url}/a/1"])


def test_what_a_crawl_would_take_is_on_the_topic(site, trial, rss, article, reply) -> None:
    site.pages["/feed.xml"] = rss(site, "/a/1001", "/a/1002")
    site.pages["/a/1001"] = site.pages["/a/1002"] = reply(body=article())
    found = trial(about=lambda text: "/a/1002" in text)
    assert "1 on the topic, 1 whose text decides" in found.steps[2].found
    assert [(one.title, one.sure) for one in found.taken] == [("خبر /a/1002", True), ("خبر /a/1001", False)]
    assert found.steps[-1].url.endswith("/a/1002")


def test_an_article_that_is_none_is_no_fault_where_the_next_is_one(site, trial, rss, article, reply) -> None:
    site.pages["/feed.xml"] = rss(site, "/a/1001", "/a/1002")
    site.pages["/a/1002"] = reply(body=article())
    found = trial()
    assert not found.faults()
    assert "not taken: HTTP status 404" in [step.found for step in found.steps]


@pytest.mark.parametrize(
    ("pages", "name", "said"),
    [
        ({"/robots.txt": {"status": 503}}, "robots.txt", "HTTP status 503, so nothing may be asked"),
        ({"/robots.txt": {"body": b"User-agent: *\nDisallow: /feed"}}, "robots.txt", "forbidden by robots.txt"),
        ({"/feed.xml": {"status": 403}}, "feed", "HTTP status 403"),
        ({"/feed.xml": {"body": b"<html></html>"}}, "feed", "is not a feed: it looks like an HTML page"),
        ({"/feed.xml": {"body": b"<rss version='2.0'><channel></channel></rss>"}}, "feed", "lists no articles"),
        ({"/a/1001": {"status": 500}}, "article", "HTTP status 500"),
        ({"/a/1001": {"body": b"x", "type": "video/mp4"}}, "article", "is video/mp4, not HTML"),
        ({"/a/1001": {"body": b"<html><p>Too short.</p></html>"}}, "extraction", "too little text (2 words)"),
    ],
)
def test_a_step_that_fails_says_why_and_ends_its_way(site, trial, rss, article, reply, pages, name, said) -> None:
    site.pages["/feed.xml"] = rss(site, "/a/1001")
    site.pages["/a/1001"] = reply(body=article())
    site.pages.update({path: reply(**answer) for path, answer in pages.items()})
    found = trial()
    (fault,) = found.faults()
    assert fault == found.steps[-1]
    assert fault.name == name
    assert said in fault.fault


def test_an_address_that_must_not_be_asked_is_not(crawl, trial) -> None:
    crawl.routes(feeds=["http://10.0.0.1/feed.xml"])
    (step,) = trial().faults()
    assert (step.name, step.fault) == ("address", "not asked: 10.0.0.1 is not a public address")


def test_every_way_in_is_tried(site, crawl, trial, article, reply) -> None:
    space = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'
    crawl.routes(
        sitemaps=[f"{site.url}/map-{{yyyy}}-{{mm}}-{{dd}}.xml"],
        sections=[f"{site.url}/latest"],
        telegram=[f"{site.url}/s/channel"],
        pages=[f"{site.url}/a/statement"],
    )
    index = f"<sitemapindex {space}><sitemap><loc>{site.url}/one.xml</loc></sitemap></sitemapindex>"
    listed = f"<urlset {space}><url><loc>{site.url}/a/5512</loc></url></urlset>"
    message = (
        '<div class="tgme_widget_message" data-post="channel/1">'
        '<div class="tgme_widget_message_text">غادر رتل</div></div>'
    )
    site.pages["/map-2026-02-21.xml"] = reply(body=index.encode(), type="application/xml")
    site.pages["/one.xml"] = reply(body=listed.encode(), type="application/xml")
    site.pages["/latest"] = reply(body=b'<html><body><a href="/a/5513">x</a></body></html>')
    site.pages["/s/channel"] = reply(body=f"<html><body>{message}</body></html>".encode())
    for path in ("/a/5512", "/a/5513", "/a/statement"):
        site.pages[path] = reply(body=article())
    found = trial()
    assert [step.name for step in found.steps if step.name not in ("address", "robots.txt")] == [
        *("sitemap", "article", "extraction", "section", "article", "extraction"),
        *("telegram", "extraction", "article", "extraction"),
    ]
    assert not found.faults()
    assert [one.url.removeprefix(site.url) for one in found.taken] == [
        "/a/5512",
        "/a/5513",
        "/channel/1",
        "/a/statement",
    ]
    assert site.paths().count("/robots.txt") == 0
