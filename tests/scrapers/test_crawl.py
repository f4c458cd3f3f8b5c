"""One pass and the next over a real site, into both databases."""

from __future__ import annotations

import asyncio
import itertools
from dataclasses import replace

from db.health import all_health
from db.versions import capture_of
from scrapers.crawl import run_crawl


def test_a_feed_leads_to_articles_and_articles_become_versions(site, crawl, rss, article, reply, paragraphs) -> None:
    site.pages["/feed.xml"] = rss(site, "/a/1001", "/a/1002")
    site.pages["/a/1001"] = reply(body=article())
    site.pages["/a/1002"] = reply(
        body=article("نص آخر قصير للخبر الثاني فيه ما يكفي من الكلمات ليكون خبراً.", title="ثان")
    )
    result = crawl()
    assert (result.fetched, result.new, result.errors) == (2, 2, ())
    version = crawl.versions(f"{site.url}/a/1001")[0]
    assert version.text == "\n\n".join(paragraphs)
    assert (version.title, version.lang, version.source, version.reliability) == (
        "رتل يغادر الموقع",
        "ar",
        "rafid",
        "B",
    )
    assert version.published.isoformat() == "2026-02-21T05:00:00+00:00"
    assert version.seen_at == crawl.clock
    with crawl.store.reading() as session:
        capture = capture_of(session, version.id)
        health = all_health(session)
    assert capture.body == article()
    assert capture.status == 200
    assert [(h.source, h.failures, h.last_new_at) for h in health] == [("rafid", 0, crawl.clock)]


def test_who_asks_is_said(site, crawl, rss) -> None:
    site.pages["/feed.xml"] = rss(site)
    crawl()
    assert {asked.headers["user-agent"] for asked in site.asked} == {
        "Drawdown/0.1 (news monitor; mailto:desk@example.org)"
    }
    assert "cookie" not in site.asked[-1].headers


def test_what_changes_around_an_article_makes_no_version(site, crawl, rss, article, reply) -> None:
    turns = iter(range(10, 100))
    site.pages["/feed.xml"] = rss(site, "/a/1001")
    site.pages["/a/1001"] = lambda asked: reply(body=article(turn=(n := next(turns))), headers={"ETag": f'"{n}"'})
    assert crawl().new == 1
    assert [crawl().unchanged for _ in range(3)] == [1, 1, 1]
    assert len(crawl.versions(f"{site.url}/a/1001")) == 1


def test_an_edit_makes_one_version(site, crawl, rss, article, reply, paragraphs) -> None:
    site.pages["/feed.xml"] = rss(site, "/a/1001")
    site.pages["/a/1001"] = reply(body=article())
    crawl()
    edited = [*paragraphs[:2], paragraphs[2].replace("1000", "900")]
    site.pages["/a/1001"] = reply(body=article(*edited, turn=7))
    assert (crawl().changed, crawl().unchanged) == (1, 1)
    texts = [version.text for version in crawl.versions(f"{site.url}/a/1001")]
    assert texts == ["\n\n".join(paragraphs), "\n\n".join(edited)]


def test_an_unchanged_page_costs_a_304(site, crawl, rss, article, reply) -> None:
    def page(asked):
        headers = {"ETag": '"v1"', "Last-Modified": "Sat, 21 Feb 2026 05:00:00 GMT"}
        if asked.headers.get("if-none-match") == '"v1"':
            return reply(status=304, headers=headers)
        return reply(body=article(), headers=headers)

    site.pages["/feed.xml"] = rss(site, "/a/1001")
    site.pages["/a/1001"] = page
    assert crawl().new == 1
    result = crawl()
    assert (result.fetched, result.unchanged, result.new) == (1, 1, 0)
    assert site.asked[-1].headers["if-modified-since"] == "Sat, 21 Feb 2026 05:00:00 GMT"
    assert crawl.versions(f"{site.url}/a/1001")[0].last_seen_at == crawl.clock


def test_a_wall_in_an_articles_place_is_no_version(site, crawl, rss, article, reply) -> None:
    site.pages["/feed.xml"] = rss(site, "/a/1001")
    site.pages["/a/1001"] = reply(body=article())
    crawl()
    wall = article(
        "We use cookies and similar technologies. Our vendors process personal data on your device.",
        "Accept all. Reject all. Manage preferences.",
        title="Before you continue",
    )
    site.pages["/a/1001"] = reply(body=wall)
    assert crawl().refused == 1
    site.pages["/a/1001"] = reply(body=article())
    assert crawl().unchanged == 1
    assert len(crawl.stored()) == 1


def test_a_refusal_is_named_where_nothing_good_came(site, crawl, rss, article, reply) -> None:
    site.pages["/feed.xml"] = rss(site, "/a/1001")
    site.pages["/a/1001"] = reply(body=article("عذراً، الصفحة غير موجودة. العودة إلى الصفحة الرئيسية.", title="خطأ 404"))
    result = crawl()
    assert (result.refused, result.new) == (1, 0)
    assert result.errors == (f"{site.url}/a/1001: error page",)
    with crawl.store.reading() as session:
        assert all_health(session)[0].failures == 1


def test_robots_txt_is_obeyed(site, crawl, rss, article, reply) -> None:
    site.pages["/robots.txt"] = reply(body=b"User-agent: *\nDisallow: /a/\n", type="text/plain")
    site.pages["/feed.xml"] = rss(site, "/a/1001", "/b/1002")
    site.pages["/a/1001"] = site.pages["/b/1002"] = reply(body=article())
    result = crawl()
    assert (result.new, result.refused) == (1, 1)
    assert "/a/1001" not in site.paths()


def test_a_failing_robots_txt_means_no(site, crawl, rss, reply) -> None:
    site.pages["/robots.txt"] = reply(status=503)
    site.pages["/feed.xml"] = rss(site)
    result = crawl()
    assert site.paths() == []
    assert "robots.txt" in result.errors[0]


def test_article_errors_are_counted_and_the_rest_goes_on(site, crawl, rss, article, reply) -> None:
    site.pages["/feed.xml"] = rss(site, "/a/404", "/a/500", "/a/pdf", "/a/good", "/a/home")
    site.pages["/a/500"] = reply(status=500)
    site.pages["/a/pdf"] = reply(body=b"%PDF", type="application/pdf")
    site.pages["/a/home"] = reply(status=302, headers={"Location": "/"})
    site.pages["/a/good"] = site.pages["/"] = reply(body=article())
    result = crawl()
    assert (result.fetched, result.new, result.refused, result.failed) == (5, 1, 3, 1)
    assert result.errors == (f"{site.url}/a/500: HTTP status 500",)


def test_a_site_that_is_down_is_a_failed_source(site, crawl, reply) -> None:
    crawl.routes(feeds=["http://127.0.0.1:9/feed.xml"])
    result = crawl(allow_hosts=("127.0.0.1:9",))
    assert result.new == 0
    assert "robots.txt could not be fetched" in result.errors[0]


def test_a_pass_is_bounded(site, crawl, rss, article, reply) -> None:
    paths = [f"/a/{number}" for number in range(1000, 1020)]
    site.pages["/feed.xml"] = rss(site, *paths)
    site.pages.update({path: reply(body=article()) for path in paths})
    assert crawl(max_articles=5).fetched == 5
    assert crawl(max_articles=5).new == 5  # the next ones, not the same again


def test_two_sources_on_one_host_keep_its_delay_between_them(
    site, crawl, in_reactor, rss, article, reply, paragraphs
) -> None:
    names = ("rafid", "dijla")
    for number, name in enumerate(names):
        site.pages[f"/{name}.xml"] = rss(site, f"/a/{number}001", f"/a/{number}002")
        site.pages[f"/a/{number}001"] = reply(body=article(title=name))
        site.pages[f"/a/{number}002"] = reply(body=article(*paragraphs[number:], title=f"{name} 2"))
    sources = [replace(crawl.source, id=name, feeds=(f"{site.url}/{name}.xml",)) for name in names]
    settings = replace(crawl.settings, delay_seconds=0.2)

    async def both():
        passes = [run_crawl(source, crawl.store, settings, now=lambda: crawl.clock) for source in sources]
        return await asyncio.gather(*passes)

    assert [result.new for result in in_reactor(both())] == [2, 2]
    asked = [one.at for one in site.asked]
    assert min(later - earlier for earlier, later in itertools.pairwise(asked)) >= settings.delay_seconds


def test_a_section_page_leads_to_its_own_articles(site, crawl, article, reply) -> None:
    links = [
        "/2026/02/21/army-takes-base",
        "/tag/syria-12345",
        "/about",
        "http://example.org/2026/02/21/elsewhere-1",
        "/news/5512",
    ]
    page = "<html><body>" + "".join(f'<a href="{link}">عنوان</a>' for link in links) + "</body></html>"
    crawl.routes(sections=[f"{site.url}/latest"])
    site.pages["/latest"] = reply(body=page.encode())
    site.pages["/2026/02/21/army-takes-base"] = site.pages["/news/5512"] = reply(body=article())
    assert crawl().new == 2
    assert sorted(site.paths()) == ["/2026/02/21/army-takes-base", "/latest", "/news/5512"]


def test_a_sitemap_index_leads_to_the_newest_articles(site, crawl, article, reply) -> None:
    space = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'
    crawl.routes(sitemaps=[f"{site.url}/map-{{yyyy}}-{{mm}}-{{dd}}.xml"])
    site.pages["/map-2026-02-21.xml"] = reply(
        body=f"<sitemapindex {space}><sitemap><loc>{site.url}/one.xml</loc></sitemap></sitemapindex>".encode(),
        type="application/xml",
    )
    site.pages["/one.xml"] = reply(
        body=f"<urlset {space}><url><loc>{site.url}/news/5512</loc><lastmod>2026-02-21</lastmod></url>"
        f"<url><loc>{site.url}/one.xml</loc></url></urlset>".encode(),
        type="application/xml",
    )
    site.pages["/news/5512"] = reply(body=article())
    assert crawl().new == 1


def test_a_watched_page_is_an_article(site, crawl, article, reply, paragraphs) -> None:
    crawl.routes(pages=[f"{site.url}/statement"])
    site.pages["/statement"] = reply(body=article())
    assert crawl(about=lambda text: False).new == 1
    site.pages["/statement"] = reply(body=article(*paragraphs[:2], title="رتل"))
    assert crawl().changed == 1


def test_telegram_messages_are_articles(site, crawl, reply) -> None:
    def message(number: int, text: str) -> str:
        return (
            f'<div class="tgme_widget_message js-widget_message" data-post="channel/{number}">'
            f'<div class="tgme_widget_message_text js-message_text">{text}</div>'
            f'<span class="tgme_widget_message_views">{number * 31}</span>'
            f'<time datetime="2026-02-21T06:0{number}:00+00:00">x</time></div>'
        )

    crawl.routes(telegram=[f"{site.url}/s/channel"])
    texts = ["عاجل | غادر رتل قاعدة قسرك<br/>ووصل إلى المعبر", "تسلمت <b>وحدات الجيش</b> القاعدة"]
    page = "<html><body>" + "".join(message(n, text) for n, text in enumerate(texts, 1)) + "</body></html>"
    site.pages["/s/channel"] = reply(body=page.encode())
    assert (crawl().new, crawl().unchanged) == (2, 2)
    first, second = crawl.stored()
    assert (first.url, first.text) == (f"{site.url}/channel/1", "عاجل | غادر رتل قاعدة قسرك\nووصل إلى المعبر")
    assert (second.title, second.published.isoformat()) == ("تسلمت وحدات الجيش القاعدة", "2026-02-21T06:02:00+00:00")


TEASER = "Rain is expected over the coast on Monday and Tuesday, with strong winds in the hills and snow above them."


def about(text: str) -> bool:
    """A topic of one word."""
    return "رتل" in text


def test_a_headline_on_the_topic_goes_first_and_a_telling_summary_decides(site, crawl, article, reply) -> None:
    entries = [("/a/1001", "خبر", TEASER), ("/a/1002", "خبر", ""), ("/a/1003", "رتل يغادر", TEASER)]
    items = "".join(
        f"<item><title>{title}</title><link>{site.url}{path}</link><description>{summary}</description></item>"
        for path, title, summary in entries
    )
    site.pages["/feed.xml"] = reply(body=f'<rss version="2.0"><channel>{items}</channel></rss>'.encode())
    site.pages["/a/1002"] = site.pages["/a/1003"] = reply(body=article())
    assert crawl(about=about, max_articles=1).new == 1
    assert site.paths() == ["/feed.xml", "/a/1003"]
    assert crawl(about=about).new == 1
    assert "/a/1001" not in site.paths()


def test_a_text_off_the_topic_is_fetched_once_and_not_kept(site, crawl, rss, article, reply) -> None:
    weather = article("أمطار متفرقة على الساحل وانخفاض في درجات الحرارة خلال اليومين المقبلين.", title="الطقس")
    site.pages["/feed.xml"] = rss(site, "/a/1001", "/a/1002")
    site.pages["/a/1001"], site.pages["/a/1002"] = reply(body=weather), reply(body=article())
    first, second = crawl(about=about), crawl(about=about)
    assert (first.fetched, first.new, first.off_topic, first.errors) == (2, 1, 1, ())
    assert (second.fetched, second.unchanged, second.off_topic) == (1, 1, 0)
    site.pages["/feed.xml"] = reply(body=rss(site, "/a/1001").body.replace("خبر".encode(), "رتل".encode()))
    assert crawl(about=about).new == 1  # its headline says now that it is


def test_a_wall_is_not_remembered_as_off_the_topic(site, crawl, rss, article, reply) -> None:
    site.pages["/feed.xml"] = rss(site, "/a/1001")
    site.pages["/a/1001"] = reply(body=article("عذراً، الصفحة غير موجودة. العودة إلى الصفحة الرئيسية.", title="خطأ 404"))
    assert crawl(about=about).refused == 1
    site.pages["/a/1001"] = reply(body=article())
    assert crawl(about=about).new == 1


def test_an_article_that_leaves_the_topic_is_followed_further(site, crawl, rss, article, reply) -> None:
    site.pages["/feed.xml"] = rss(site, "/a/1001")
    site.pages["/a/1001"] = reply(body=article())
    crawl(about=about)
    site.pages["/a/1001"] = reply(body=article("سُحب هذا الخبر بعد أن تبين أنه غير دقيق، وتعتذر الوكالة.", title="سحب"))
    assert crawl(about=about).changed == 1


def test_one_article_under_tracking_parameters_is_one(site, crawl, rss, article, reply) -> None:
    site.pages["/feed.xml"] = rss(site, "/a/1001?utm_source=rss", "/a/1001#top", "/a/1001")
    site.pages["/a/1001"] = reply(body=article())
    assert crawl().new == 1
    assert site.paths().count("/a/1001") == 1


def test_twins_of_an_article_are_one_and_its_own_page_is_asked(site, crawl, rss, article, reply, paragraphs) -> None:
    def page(*texts):
        named = f'<head><link rel="canonical" href="{site.url}/news/551234">'.encode()
        return reply(body=article(*texts).replace(b"<head>", named))

    site.pages["/feed.xml"] = rss(site, "/amp/news/551234?x=1", "/share/77")
    site.pages["/amp/news/551234?x=1"] = page(*paragraphs[:2])
    site.pages["/share/77"] = reply(status=301, headers={"Location": "/news/551234?utm_source=share"})
    site.pages["/news/551234"] = site.pages["/news/551234?utm_source=share"] = page()
    crawl()
    again = crawl()
    assert (again.fetched, again.unchanged) == (1, 1)
    assert site.paths()[-1] == "/news/551234"
    assert {version.url for version in crawl.stored()} == {f"{site.url}/news/551234"}
    assert crawl.stored()[-1].text == "\n\n".join(paragraphs)


def test_a_twin_of_a_stored_article_changes_nothing(site, crawl, rss, article, reply, paragraphs) -> None:
    named = f'<head><link rel="canonical" href="{site.url}/news/551234">'.encode()
    site.pages["/feed.xml"] = rss(site, "/news/551234")
    site.pages["/news/551234"] = reply(body=article())
    site.pages["/amp/news/551234"] = reply(body=article(*paragraphs[:1]).replace(b"<head>", named))
    crawl()
    site.pages["/feed.xml"] = rss(site, "/amp/news/551234")
    assert [crawl().unchanged for _ in range(2)] == [2, 1]  # the twin, and each time the article that is due
    assert site.paths()[-4:] == ["/amp/news/551234", "/news/551234", "/feed.xml", "/news/551234"]
    assert len(crawl.stored()) == 1


def test_a_date_in_the_future_is_a_mistake(site, crawl, rss, reply, paragraphs) -> None:
    site.pages["/feed.xml"] = rss(site, "/a/1001", date="Sat, 21 Feb 2026 05:30:00 GMT")
    body = "".join(f"<p>{paragraph}</p>" for paragraph in paragraphs)
    page = f'<html><head><meta property="article:published_time" content="2031-01-01"></head><body>{body}</body></html>'
    site.pages["/a/1001"] = reply(body=page.encode())
    crawl()
    assert crawl.stored()[0].published.isoformat() == "2026-02-21T05:30:00+00:00"
