"""What a crawl keeps of how its pages came, and what it does when the store's disk is too full."""

from __future__ import annotations

import gzip
from datetime import timedelta
from io import BytesIO
from itertools import count

from warcio.archiveiterator import ArchiveIterator

from db.health import all_health
from db.versions import capture_of
from monitor import warc
from scrapers.tally import Tally


def captures(crawl):
    with crawl.store.reading() as session:
        return [capture_of(session, version.id) for version in crawl.stored()]


def test_the_request_and_the_way_of_its_answer_are_kept(site, crawl, rss, article, reply) -> None:
    site.pages["/feed.xml"] = rss(site, "/short")
    site.pages["/short"] = reply(status=302, headers={"Location": "/a/1001"})
    body = gzip.compress(article())
    site.pages["/a/1001"] = reply(body=body, headers={"Content-Encoding": "gzip", "ETag": '"1"'})
    crawl()
    [capture] = captures(crawl)
    exchange = capture.exchange
    assert (capture.url, capture.body) == (f"{site.url}/a/1001", article())
    assert (exchange.url, exchange.via) == (f"{site.url}/a/1001", (f"{site.url}/short",))
    assert (exchange.protocol, exchange.ip, exchange.encoding) == ("HTTP/1.1", "127.0.0.1", "gzip")
    sent = {name.lower(): value for name, value in exchange.headers}
    arrived = site.asked[-1].headers
    assert sent.items() <= arrived.items()
    assert set(arrived) - set(sent) <= {"host", "connection"}
    assert ("Content-Length", str(len(body))) in capture.headers


def test_a_crawled_page_is_a_whole_warc_record(site, crawl, rss, article, reply) -> None:
    site.pages["/feed.xml"] = rss(site, "/a/1001")
    site.pages["/a/1001"] = reply(body=article(), type="text/html; charset=utf-8", headers={"X-Odd": "caf\xe9"})
    crawl()
    out = BytesIO()
    warc.write(out, captures(crawl), filename="x", software="x", at=crawl.clock)
    out.seek(0)
    found = {}
    for record in ArchiveIterator(out, check_digests="raise"):
        found[record.rec_type] = record.http_headers, record.content_stream().read()
    assert set(found) == {"warcinfo", "response", "request"}
    assert found["response"][1] == article()
    assert found["response"][0]["X-Odd"] == "caf\xe9"
    assert found["request"][0].statusline == "/a/1001 HTTP/1.1"
    assert found["request"][0]["Host"] == site.host


def test_a_message_names_the_preview_that_it_is_a_part_of(site, crawl, reply) -> None:
    crawl.routes(telegram=[f"{site.url}/s/channel"])
    page = (
        '<div class="tgme_widget_message" data-post="channel/1"><div class="tgme_widget_message_text">غادر رتل قاعدة'
        ' قسرك</div><time datetime="2026-02-21T06:00:00+00:00">x</time></div>'
    )
    site.pages["/s/channel"] = reply(body=page.encode())
    crawl()
    [capture] = captures(crawl)
    assert (capture.url, capture.exchange.url) == (f"{site.url}/channel/1", f"{site.url}/s/channel")


def test_a_full_disk_stops_fetching_and_is_no_fault_of_the_source(site, crawl, rss, article, reply) -> None:
    full = True
    site.pages["/feed.xml"] = rss(site, "/a/1001", "/a/1002")
    site.pages["/a/1001"] = site.pages["/a/1002"] = reply(body=article())
    result = crawl(is_short=lambda: full)
    assert (result.fetched, result.failed, result.errors, site.asked) == (0, 0, (), [])
    with crawl.store.reading() as session:
        assert all_health(session) == []
    full = False
    assert crawl(is_short=lambda: full).new == 2


def test_a_disk_that_fills_up_ends_the_pass_with_what_it_has(site, crawl, rss, article, reply) -> None:
    paths = [f"/a/{number}" for number in range(1001, 1031)]
    site.pages["/feed.xml"] = rss(site, *paths)
    site.pages.update({path: reply(body=article()) for path in paths})
    result = crawl(is_short=lambda: len(site.paths()) > 5)
    assert 5 <= result.new < 12  # those that it is at are finished
    assert (result.failed, result.errors) == (0, ())
    assert crawl().new == 30 - result.new


def test_a_pass_that_is_cut_short_is_none_of_its_source(site, crawl, rss, article, reply) -> None:
    site.pages["/feed.xml"] = rss(site, "/a/1001")
    site.pages["/a/1001"] = reply(body=article())
    crawl()
    crawl.clock += timedelta(days=20)
    assert crawl().unchanged == 1
    with crawl.store.reading() as session:
        before = all_health(session)
    site.pages["/feed.xml"] = rss(site, "/a/1001", "/a/1002", date="Fri, 13 Mar 2026 06:30:00 GMT")
    site.pages["/a/1002"] = reply(body=article())
    asked = count()
    assert crawl(is_short=lambda: next(asked) > 2).new == 1  # robots.txt, the feed, and what is new
    with crawl.store.reading() as session:
        assert all_health(session) == before
    site.asked.clear()
    crawl()
    assert "/a/1001" in site.paths()  # the newer date still calls


def test_a_disk_that_fills_up_before_robots_txt_is_no_fault_of_the_source(site, crawl, rss) -> None:
    site.pages["/feed.xml"] = rss(site)
    asked = count()
    result = crawl(is_short=lambda: next(asked) > 0)
    assert (result.errors, site.asked) == ((), [])
    with crawl.store.reading() as session:
        assert all_health(session) == []


def test_what_was_cut_short_tells_of_nothing_that_is_listed_no_more() -> None:
    tally = Tally("rafid")
    tally.again.add("https://rafid.example/a/1001")
    assert tally.unlisted == {"https://rafid.example/a/1001"}
    tally.stopped = True
    assert tally.unlisted == set()
