"""Feeds, sitemaps, section pages and previews as bytes."""

# ruff: noqa: E501 (tables of examples)

from __future__ import annotations

import json

import pytest

from db.errors import CrawlError
from scrapers.spiders.feeds import MOST_ENTRIES, parse_feed, parse_sitemap
from scrapers.spiders.sections import article_links
from scrapers.spiders.telegram import parse_preview

URL = "https://news.example/feed"


def rss(items: str, declaration: str = '<?xml version="1.0" encoding="utf-8"?>') -> str:
    return f'{declaration}<rss version="2.0"><channel><title>x</title>{items}</channel></rss>'


def test_entries_come_newest_first_and_undated_last() -> None:
    items = "".join(
        f"<item><title>{name}</title><link>https://news.example/{name}</link>{date}</item>"
        for name, date in [
            ("none", ""),
            ("old", "<pubDate>Fri, 20 Feb 2026 05:00:00 GMT</pubDate>"),
            ("new", "<pubDate>Sat, 21 Feb 2026 08:00:00 +0300</pubDate>"),
        ]
    )
    entries = parse_feed(rss(items).encode(), url=URL)
    assert [entry.title for entry in entries] == ["new", "old", "none"]
    assert entries[0].published.isoformat() == "2026-02-21T05:00:00+00:00"


def test_atom_and_markup_in_summaries() -> None:
    atom = (
        '<feed xmlns="http://www.w3.org/2005/Atom"><entry><title type="html">A &amp;amp; B</title>'
        '<link rel="self" href="https://news.example/self"/><link href="https://news.example/a?utm_medium=rss"/>'
        '<summary type="html">&lt;p&gt;one &lt;b&gt;two&lt;/b&gt;&lt;script&gt;&lt;/script&gt;&lt;/p&gt;</summary>'
        "<updated>2026-02-21T08:00:00+03:00</updated></entry></feed>"
    )
    (entry,) = parse_feed(atom.encode(), url=URL)
    assert (entry.url, entry.title, entry.summary) == ("https://news.example/a", "A & B", "one two")


@pytest.mark.parametrize("declared", ["windows-1256", "utf-8", None])
@pytest.mark.parametrize(
    "said", ["application/rss+xml; charset=windows-1256", "application/rss+xml; charset=utf-8", None]
)
def test_a_feed_in_another_charset_is_readable(declared, said) -> None:
    declaration = f'<?xml version="1.0" encoding="{declared}"?>' if declared else '<?xml version="1.0"?>'
    items = "<item><title>غادر رتل من عشرات الشاحنات قاعدة قسرك صباح اليوم</title><link>https://news.example/1</link></item>"
    (entry,) = parse_feed(rss(items, declaration).encode("windows-1256"), url=URL, content_type=said)
    assert entry.title == "غادر رتل من عشرات الشاحنات قاعدة قسرك صباح اليوم"


def test_a_json_feed() -> None:
    items = [
        {"id": "1", "url": "https://news.example/1?utm_source=feed", "title": "A &amp; B", "content_html": "<p>one <b>two</b></p>",
         "date_published": "2026-02-20T08:00:00+03:00", "date_modified": "2026-02-22T08:00:00+03:00"},
        {"id": "https://news.example/2", "summary": "short \ud800", "date_modified": "2026-02-21T05:00:00Z", "title": None},
        {"url": "javascript:alert(1)"}, {"url": 3}, "odd", None,
    ]  # fmt: skip
    feed = json.dumps({"version": "https://jsonfeed.org/version/1.1", "title": "x", "items": items})
    entries = parse_feed(feed.encode("utf-8-sig"), url=URL)
    assert [(e.url, e.title, e.summary, e.published.day, e.dated.day) for e in entries] == [
        ("https://news.example/2", "", "short \ufffd", 21, 21),
        ("https://news.example/1", "A & B", "one two", 20, 22),
    ]


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b'{"version": "1", "items": []}', "JSON of another kind"),
        (b'{"version": "https://jsonfeed.org/version/1", "items": {}}', "JSON of another kind"),
        (b'{"version": "https://jsonfeed.org/version/1", "items": [', "broken JSON"),
        (b'{"a":' * 100_000, "broken JSON"),
    ],
)
def test_json_that_is_no_feed_is_named(body, said) -> None:
    with pytest.raises(CrawlError, match=said):
        parse_feed(body, url=URL)


def test_links_that_are_no_web_addresses_are_left_out() -> None:
    links = ["javascript:alert(1)", "file:///etc/passwd", "data:text/html,x", "", "/relative", "https://news.example/1"]
    items = "".join(f"<item><title>x</title><link>{link}</link></item>" for link in links)
    assert [entry.url for entry in parse_feed(rss(items).encode(), url=URL)] == ["https://news.example/1"]


def test_a_feed_is_bounded() -> None:
    items = "".join(f"<item><title>{n}</title><link>https://news.example/{n}</link></item>" for n in range(3000))
    assert len(parse_feed(rss(items).encode(), url=URL)) == MOST_ENTRIES


def test_bytes_are_never_taken_for_an_address_or_a_file(tmp_path) -> None:
    file = tmp_path / "feed.xml"
    file.write_text(rss("<item><title>x</title><link>https://news.example/1</link></item>"), encoding="utf-8")
    with pytest.raises(CrawlError, match="not XML"):
        parse_feed(str(file).encode(), url=URL)


def test_a_plain_doctype_is_no_bomb() -> None:
    old = '<!DOCTYPE rss PUBLIC "-//Netscape Communications//DTD RSS 0.91//EN" "http://my.netscape.com/publish/formats/rss-0.91.dtd">'
    items = "<item><title>x</title><link>https://news.example/1</link></item>"
    assert len(parse_feed(rss(items, f'<?xml version="1.0"?>{old}').encode(), url=URL)) == 1


def test_a_news_sitemap() -> None:
    body = (
        '<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:news="http://www.google.com/schemas/sitemap-news/0.9">'
        "<url><loc>https://news.example/1</loc><lastmod>2026-02-20</lastmod></url><url><loc>https://news.example/2</loc>"
        "<news:news><news:publication_date>2026-02-21T08:00:00+03:00</news:publication_date><news:title>رتل</news:title>"
        "</news:news></url><url><loc>file:///x</loc></url></urlset>"
    )
    listed = parse_sitemap(body.encode(), url=URL)
    assert [(entry.url, entry.title) for entry in listed.entries] == [
        ("https://news.example/2", "رتل"),
        ("https://news.example/1", ""),
    ]
    with pytest.raises(CrawlError, match="not a sitemap"):
        parse_sitemap(b"<html></html>", url=URL)


def test_a_preview_without_a_channel_is_a_fault() -> None:
    page = b"<html><body><div class='tgme_page'>If you have Telegram, you can view and join</div></body></html>"
    with pytest.raises(CrawlError, match="no messages"):
        parse_preview(page, url="https://t.me/s/x", lang="ar")


def test_a_message_without_text_is_left_out_and_a_quoted_one_is_not_its_text() -> None:
    page = """<html><body><div class="tgme_widget_message" data-post="x/1"><i class="photo"></i></div>
    <div class="tgme_widget_message" data-post="x/2"><a class="tgme_widget_message_reply"><div class="tgme_widget_message_text">قديم</div></a>
    <div class="tgme_widget_message_text">جديد</div></div></body></html>"""
    messages = parse_preview(page.encode(), url="https://t.me/s/x", lang="ar")
    assert [(message.page.url, message.page.text) for message in messages] == [("https://t.me/x/2", "جديد")]


@pytest.mark.parametrize("opened", ["<item>", "<item><title>x</title>"])
def test_a_feed_that_is_not_well_formed_and_gives_nothing_is_a_fault(opened) -> None:
    with pytest.raises(CrawlError, match="not a feed that can be read"):
        parse_feed(f'<rss version="2.0"><channel>{opened * 300_000}'.encode(), url=URL)


def test_a_sitemap_that_is_broken_and_lists_nothing_is_a_fault() -> None:
    with pytest.raises(CrawlError, match="not a sitemap that can be read"):
        parse_sitemap(b"<urlset>" + b"<url>" * 1000, url=URL)


def test_an_empty_feed_is_none() -> None:
    assert parse_feed(rss("").encode(), url=URL) == []


@pytest.mark.parametrize("reference", ["&#xd800;", "&#55296;", "&#0;", "&#x110000;", f"&#{'9' * 5000};"])
def test_a_reference_to_no_character_costs_only_itself(reference) -> None:
    item = f"<item><title>a {reference} b &nbsp; c</title><link>https://news.example/1</link></item>"
    (entry,) = parse_feed(rss(item).encode(), url=URL)
    assert entry.title.startswith("a \ufffd b")


@pytest.mark.parametrize(
    "date", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00", "Fri, 31 Dec 1965 00:00:00 GMT"]
)
def test_a_date_at_an_end_of_the_calendar_is_none(date) -> None:
    items = f"<item><title>x</title><link>https://news.example/1</link><pubDate>{date}</pubDate></item>"
    assert parse_feed(rss(items).encode(), url=URL)[0].published is None


def test_a_bad_link_of_a_section_page_costs_only_itself() -> None:
    page = '<base href="http://[bad"><a href="http://[bad">x</a><a href="http://news.example:99999/2026/02/1">y</a><a href="/2026/02/21/z">z</a>'
    entries = article_links(page.encode(), url="https://news.example/latest")
    assert [entry.url for entry in entries] == ["https://news.example/2026/02/21/z"]
