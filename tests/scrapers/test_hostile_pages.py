"""Sound answers whose content means harm: bombs, floods, lies about whose article it is."""

# ruff: noqa: E501 (tables of examples)

from __future__ import annotations

import gzip
import shutil
from dataclasses import replace

import pytest

from db.health import all_health
from scrapers import markup
from scrapers.maintext import clean_text
from scrapers.sources import Sites
from scrapers.spiders.feeds import MOST_ENTRIES, parse_feed, parse_sitemap
from scrapers.spiders.telegram import parse_preview
from tests.scrapers.conftest import PARAGRAPHS, _article


@pytest.fixture
def database_url(tmp_path, made_store) -> str:
    """One database is enough: what is tried here ends before the store, or is stored like anything else."""
    return f"sqlite:///{shutil.copy(made_store, tmp_path)}"


def with_head(markup: str) -> bytes:
    return _article().replace(b"</head>", markup.encode() + b"</head>")


def linked(data: str) -> bytes:
    return with_head(f'<script type="application/ld+json">{data}</script>')


REFUSED = {
    "too much text": (_article(*PARAGRAPHS * 2000), "characters of text"),
    "a text no article has": (_article(*PARAGRAPHS * 800), "too much text"),
    "nothing but tags": (_article() + b"<b>" * 160_000, "tags"),
    "100,000 attributes": (
        _article() + b"<p " + b" ".join(b"a%d='>'" % n for n in range(100_000)) + b">",
        "attributes",
    ),
    "not found": (_article("عذراً، الصفحة التي تبحث عنها غير موجودة.", title="الصفحة غير موجودة"), "error page"),
    "not found in English": (
        _article("Sorry, the page you are looking for could not be found.", title="Page not found"),
        "error page|too little",
    ),
}
READ = {
    "400,000 blanks": _article(PARAGRAPHS[0] + " " * 400_000 + "x", *PARAGRAPHS[1:]),
    "one attribute of 5 MB": _article() + b"<p title='" + b"x" * 5_000_000 + b"'>",
    "one tag of 5 MB": _article() + b"<" + b"x" * 5_000_000 + b">",
    "JSON-LD without end": linked('[{"a":' * 100_000),
    "JSON-LD of no numbers": linked('{"@type": "NewsArticle", "headline": NaN, "datePublished": Infinity, "author": [[3]]}'),
    "JSON-LD of other types": linked('[3, null, {"@type": [{}, "NewsArticle"], "headline": {}, "author": {"name": {}}, "datePublished": ["99999-01-01"]}]'),
    "a date of nowhere": with_head('<meta name="pubdate" content="2026-02-21T25:61:61+99:99">'),
    "a meta refresh inside": with_head('<meta http-equiv="refresh" content="0;url=http://127.0.0.1:22/">'),
    "a base elsewhere": with_head('<base href="http://127.0.0.1:22/">'),
    "another site as its own": with_head('<link rel="canonical" href="https://other.example/2026/02/21/4711">'),
    "utf-16": _article().decode().replace('<meta charset="utf-8">', "").encode("utf-16"),
    "utf-16 without mark": _article().decode().replace('<meta charset="utf-8">', "").encode("utf-16-be"),
    "iso-8859-6": _article(charset="iso-8859-6"),
    "windows-1256": _article(charset="windows-1256"),
}  # fmt: skip


@pytest.mark.parametrize(("page", "named"), REFUSED.values(), ids=REFUSED)
def test_a_page_that_is_no_article_is_refused_and_named(site, crawl, rss, reply, page, named, caplog) -> None:
    site.pages |= {"/feed.xml": rss(site, "/a/1001", "/a/1002"), "/a/1001": reply(body=page)}
    site.pages["/a/1002"] = reply(body=_article())
    result = crawl()
    assert (result.new, result.refused) == (1, 1)
    with crawl.store.reading() as session:
        error = all_health(session)[0].error
    assert any(word in error for word in named.split("|"))


@pytest.mark.parametrize("page", READ.values(), ids=READ)
@pytest.mark.parametrize("kind", ["text/html; charset=iso-8859-1", "text/html"], ids=["lying", "silent"])
def test_an_article_is_read_in_spite_of_what_is_around_it(site, crawl, rss, reply, page, kind) -> None:
    site.pages |= {"/feed.xml": rss(site, "/a/1001"), "/a/1001": reply(body=page, type=kind)}
    assert crawl().new == 1
    (version,) = crawl.stored()
    assert version.url == f"{site.url}/a/1001"
    assert PARAGRAPHS[1] in version.text
    assert version.published is None or version.published.year == 2026


def test_blanks_are_gone_through_once() -> None:
    assert clean_text(" " * 3_000_000 + "x \n y") == "x\n y"


@pytest.mark.parametrize("between", [" ", "/", "='>' ", "=1 "], ids=["bare", "slash", "quoted", "valued"])
def test_a_flood_of_attributes_is_seen(between) -> None:
    flood = between.join(f"a{number}" for number in range(5000))
    assert "attributes" in (markup.fault(f"<p>x</p><p {flood}>" + "y" * 100_000) or "")
    assert markup.fault(f"<p data-all='{flood.replace(chr(39), '')}'>" + "y" * 100_000) is None


def test_a_feed_of_100_000_items_gives_the_first(site, crawl, rss, reply) -> None:
    items = "".join(f"<item><title>{n}</title><link>http://x.example/{n}</link></item>" for n in range(100_000))
    body = f'<rss version="2.0"><channel>{items}</channel></rss>'.encode()
    assert len(parse_feed(body, url="x")) == MOST_ENTRIES


FEEDS = {
    "an external entity": ('<!DOCTYPE rss [<!ENTITY x SYSTEM "file:///etc/passwd">]><rss version="2.0"><channel><title>&x;</title></channel></rss>', "declares entities"),
    "a parameter entity": ('<!DOCTYPE rss [<!ENTITY % x SYSTEM "http://127.0.0.1:22/">%x;]><rss version="2.0"/>', "declares entities"),
    "a million tags": ('<rss version="2.0"><channel>' + "<a>" * 1_000_000, "tags"),
    "UTF-7": ('<?xml version="1.0" encoding="utf-7"?><rss version="2.0"><channel><item><title>+ADw-</title></item></channel></rss>', "not a feed that can be read"),
    "a gzip bomb": (gzip.compress(b"\0" * 30_000_000), "larger than allowed"),
    "broken gzip": (b"\x1f\x8b\x08" + b"x" * 100, "broken gzip"),
}  # fmt: skip


@pytest.mark.parametrize(("body", "named"), FEEDS.values(), ids=FEEDS)
def test_a_feed_that_means_harm_is_named(site, crawl, reply, body, named) -> None:
    site.pages["/feed.xml"] = reply(body=body if isinstance(body, bytes) else body.encode(), type="application/xml")
    result = crawl()
    assert named in result.errors[0]
    assert site.paths() == ["/feed.xml"]


def test_an_inclusion_is_not_followed() -> None:
    item = '<item><title><xi:include href="file:///etc/passwd" parse="text"/></title><link>https://x.example/1</link></item>'
    feed = f'<rss version="2.0" xmlns:xi="http://www.w3.org/2001/XInclude"><channel>{item}</channel></rss>'
    (entry,) = parse_feed(feed.encode(), url="x")
    assert "root" not in entry.title


LINKS = ["javascript:alert(1)", "data:text/html,x", "file:///etc/passwd", "http://a:b@x.example/1", "http://2130706433/", "http://[fe80::1%25eth0]/", "http://0177.0.0.1/", f"http://{'a' * 70}.example/", "http://a\u202eb.example.internal/", "http://x.example/" + "a" * 1_000_000]  # fmt: skip


@pytest.mark.parametrize("link", LINKS, ids=lambda link: link[:24])
def test_a_link_that_leads_nowhere_good_costs_only_itself(site, crawl, rss, reply, link, caplog) -> None:
    good = rss(site, "/bad", "/a/1001").body.decode()
    site.pages["/feed.xml"] = reply(body=good.replace(f"{site.url}/bad", link).encode(), type="application/rss+xml")
    site.pages["/a/1001"] = reply(body=_article())
    result = crawl()
    assert result.new == 1
    assert "Traceback" not in caplog.text
    assert site.paths() == ["/feed.xml", "/a/1001"]


def test_sitemaps_that_list_themselves_end(site, crawl, reply) -> None:
    crawl.routes(sitemaps=[f"{site.url}/0.xml"])
    for number in range(20):
        both = "".join(f"<sitemap><loc>{site.url}/{n}.xml</loc></sitemap>" for n in (number, number + 1))
        site.pages[f"/{number}.xml"] = reply(body=f"<sitemapindex>{both}</sitemapindex>".encode(), type="text/xml")
    crawl()
    assert len(site.paths()) < 6


def test_a_sitemap_is_read_from_gzip(site) -> None:
    urls = "".join(f"<url><loc>https://x.example/news/{n}</loc></url>" for n in range(20_000))
    listed = parse_sitemap(gzip.compress(f"<urlset>{urls}</urlset>".encode()), url="x")
    assert len(listed.entries) == MOST_ENTRIES


def test_messages_of_another_channel_are_not_this_ones() -> None:
    posts = ("mine/1", "other/2", "//x.example/3", "javascript:4", "mine/../other/5", "")
    page = "".join(
        f'<div class="tgme_widget_message" data-post="{post}"><div class="tgme_widget_message_text">x</div></div>'
        for post in posts
    )
    messages = parse_preview(page.encode(), url="https://t.me/s/Mine", lang="ar")
    assert [message.page.url for message in messages] == ["https://t.me/mine/1"]


@pytest.mark.parametrize("way", ["listed", "moved"])
def test_a_source_cannot_bring_the_articles_of_another(site, other_site, crawl, rss, reply, way) -> None:
    theirs = replace(crawl.source, id="theirs", feeds=(f"{other_site.url}/feed.xml",))
    site.pages["/feed.xml"] = rss(other_site, "/a/1001") if way == "listed" else rss(site, "/a/1")
    site.pages["/a/1"] = reply(status=302, headers={"Location": f"{other_site.url}/a/1001"})
    other_site.pages |= {"/feed.xml": rss(other_site, "/a/1001"), "/a/1001": reply(body=_article())}
    settings = {"owner": Sites([crawl.source, theirs]).other, "allow_hosts": (site.host, other_site.host)}
    result = crawl(**settings)
    assert (result.new, result.refused) == (0, 1)
    assert "on the site of another source, theirs" in result.errors[0]
    crawl.source = theirs
    assert crawl(**settings).new == 1
    assert [version.source for version in crawl.stored()] == ["theirs"]
