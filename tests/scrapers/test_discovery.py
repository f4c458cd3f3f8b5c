"""Finding a way in: where it is looked for, in which order, and what is not taken for one."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest

from db.errors import CrawlError, InputError
from scrapers.discovery import channel_of, discover, read_front

NOW = datetime(2026, 2, 21, 6, 0, tzinfo=UTC)
SPACE = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'


@pytest.fixture
def database_url(tmp_path: Path, made_store: Path) -> str:
    """One database is enough where nothing is stored."""
    return f"sqlite:///{shutil.copy(made_store, tmp_path)}"


@pytest.fixture
def find(crawl, in_reactor, site):
    """Looks at the site, or at a path of it; what was found, and the addresses that were tried."""

    def run(path="/"):
        tried = []
        found = in_reactor(discover(f"{site.url}{path}", crawl.settings, now=NOW, tell=tried.append))
        return found, tried

    return run


def front(*links: str) -> bytes:
    head = f'<html lang="ar"><head><meta property="og:site_name" content="وكالة رافد">{"".join(links)}</head>'
    return f"{head}<body><p>نص</p></body></html>".encode()


def alternate(href: str, kind: str = "application/rss+xml", title: str = "") -> str:
    return f'<link rel="alternate" type="{kind}" title="{title}" href="{href}">'


def sitemap(site, path: str = "/a/1001", date: str = "2026-02-21") -> bytes:
    return f"<urlset {SPACE}><url><loc>{site.url}{path}</loc><lastmod>{date}</lastmod></url></urlset>".encode()


def test_the_feed_that_a_page_names(site, find, rss, reply) -> None:
    others = [alternate("/comments/feed"), alternate("/wp-json/1", "application/json")]
    site.pages["/"] = reply(body=front(*others, alternate("/old"), alternate("/new")))
    site.pages["/old"] = rss(site, "/a/1001", date="Sat, 21 Feb 2015 05:00:00 GMT")
    site.pages["/new"] = rss(site, "/a/1001")
    found, tried = find()
    assert (found.route, found.url, found.name, found.lang) == ("feeds", f"{site.url}/new", "وكالة رافد", "ar")
    assert [(step.found, step.fault) for step in tried] == [
        ("", "its newest entry is of 2015-02-21"),
        ("1 entries, newest 2026-02-21T05:00:00Z", ""),
    ]
    assert site.paths() == ["/", "/old", "/new"]


def test_the_news_sitemap_that_robots_txt_names(site, find, reply) -> None:
    listed = f"User-agent: *\nDisallow: /x\nSitemap: {site.url}/all.xml\nSitemap: {site.url}/news.xml\n"
    site.pages["/"] = reply(body=front())
    site.pages["/robots.txt"] = reply(body=listed.encode(), type="text/plain")
    site.pages["/news.xml"] = reply(body=sitemap(site), type="application/xml")
    found, _ = find()
    assert (found.route, found.url) == ("sitemaps", f"{site.url}/news.xml")
    assert "/all.xml" not in site.paths()


def test_the_common_places(site, find, rss, reply) -> None:
    site.pages["/ar/"] = reply(body=front())
    site.pages["/rss.xml"] = rss(site, "/a/1001")
    found, tried = find("/ar/")
    assert found.url == f"{site.url}/rss.xml"
    assert [step.fault for step in tried[:-1]] == ["HTTP status 404"] * 2


def test_what_is_given_may_be_the_feed_itself(site, find, rss, reply) -> None:
    site.pages["/"] = reply(body=front())
    site.pages["/some/feed"] = rss(site, "/a/1001")
    found, _ = find("/some/feed")
    assert (found.route, found.url, found.name) == ("feeds", f"{site.url}/some/feed", "وكالة رافد")


def test_what_is_given_may_be_a_sitemap(site, find, reply) -> None:
    site.pages["/map.xml"] = reply(body=sitemap(site), type="application/xml")
    found, _ = find("/map.xml")
    assert (found.route, found.name) == ("sitemaps", "")


def test_a_section_page_is_better_than_nothing(site, find, reply) -> None:
    links = "".join(f'<a href="/a/{number}">خبر</a>' for number in range(1000, 1006))
    site.pages["/news"] = reply(body=f"<html><body>{links}</body></html>".encode())
    found, tried = find("/news")
    assert (found.route, found.url) == ("sections", f"{site.url}/news")
    assert len(tried) < 15


def test_nothing_is_found_where_nothing_is(site, find, reply) -> None:
    site.pages["/"] = reply(body=front(alternate("/feed")))
    site.pages["/feed"] = reply(body=b"<html>We use cookies</html>")
    found, tried = find()
    assert found is None
    assert "looks like an HTML page" in tried[0].fault
    assert site.paths().count("/feed") == 1


def test_a_refusal_is_final(site, find, rss, reply) -> None:
    site.pages["/robots.txt"] = reply(body=b"User-agent: *\nDisallow: /\n", type="text/plain")
    site.pages["/"] = reply(body=front())
    with pytest.raises(CrawlError, match=r"forbidden by robots\.txt"):
        find()
    assert site.paths() == []


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("10.0.0.1", "not a public address"),
        ("ftp://news.example/", "scheme 'ftp'"),
        ("http://[bad", "is not a URL"),
        ("http://news.example:99999/", "is not a URL"),
        ("", "names no host"),
    ],
)
def test_what_may_not_be_asked_is_not(crawl, in_reactor, url, said) -> None:
    with pytest.raises(InputError, match=said):
        in_reactor(discover(url, crawl.settings, now=NOW, tell=print))


@pytest.mark.parametrize(
    ("url", "channel"),
    [
        ("https://t.me/sana_gov", "https://t.me/s/sana_gov"),
        ("https://t.me/s/sana_gov/", "https://t.me/s/sana_gov"),
        ("https://t.me/sana_gov/1234", "https://t.me/s/sana_gov"),
        ("https://t.me/share?url=x", None),
        ("https://t.me/+abcdef", None),
        ("https://news.example/sana_gov", None),
        ("http://[bad", None),
    ],
)
def test_a_telegram_channel_is_known_by_its_address(url, channel) -> None:
    assert channel_of(url) == channel


def test_a_page_names_its_channels_and_feeds_once() -> None:
    channels = b'<a href="https://t.me/rafid">x</a>' * 2
    body = front(alternate("rss"), alternate("rss"), alternate("http://[bad"))
    said = read_front(body + channels, url="https://news.example/ar/")
    assert said.feeds == ("https://news.example/ar/rss",)
    assert said.telegram == ("https://t.me/s/rafid",)
    assert read_front(b"", url="https://news.example/").feeds == ()
