"""Looking again: by age, when a feed calls, and until an article is gone for good."""

from __future__ import annotations

from datetime import timedelta

import pytest

from db import health, visits
from db.records import NoticeKind, Trouble
from db.versions import find_article

HOUR = timedelta(hours=1)


@pytest.fixture
def fresh(site, crawl, rss, article, reply):
    """One article, fetched when it was an hour old; then its feed lists nothing any more."""
    site.pages["/feed.xml"] = rss(site, "/a/1001")
    site.pages["/a/1001"] = reply(body=article())
    assert crawl().new == 1
    site.pages["/feed.xml"] = rss(site)
    return f"{site.url}/a/1001"


def absences(crawl, url):
    with crawl.store.reading() as session:
        return visits.absences(session, find_article(session, url))


def kinds(crawl):
    with crawl.store.reading() as session:
        return [notice.kind for notice in health.notices(session)]


def test_an_article_that_left_the_feed_is_still_looked_at(site, crawl, article, reply, fresh, paragraphs) -> None:
    site.pages["/a/1001"] = reply(body=article(*paragraphs[:2]))
    assert crawl().changed == 1
    assert len(crawl.versions(fresh)) == 2


def test_looks_grow_rarer_with_age_and_stop(site, crawl, fresh) -> None:
    asked = []
    for step in [*[10] * 24, *[5 * 24 * 60] * 8]:  # four hours by ten minutes, then forty days
        crawl.clock += timedelta(minutes=step - 10)
        asked.append(crawl().fetched)
    assert asked[:4] == [1, 1, 1, 1]
    assert 8 <= sum(asked[:24]) <= 14
    assert asked[24:] == [1, 1, 1, 1, 1, 0, 0, 0]


def test_a_newer_date_in_the_feed_calls_at_once(site, crawl, rss, fresh) -> None:
    crawl.clock += 20 * timedelta(days=1)
    assert crawl().fetched == 1
    assert crawl().fetched == 0  # due in a day
    site.pages["/feed.xml"] = rss(site, "/a/1001", date="Sat, 14 Mar 2026 06:00:00 GMT")
    assert [crawl().fetched, crawl().fetched] == [1, 0]


def test_a_pass_is_bounded_for_old_articles_too(site, crawl, rss, article, reply) -> None:
    paths = [f"/a/{n}" for n in range(1001, 1006)]
    site.pages["/feed.xml"] = rss(site, *paths)
    site.pages |= {path: reply(body=article()) for path in paths}
    assert crawl().new == 5
    site.asked.clear()
    assert crawl(max_articles=2).fetched == 2
    crawl(max_articles=3)
    assert sorted(site.paths()) == sorted([*paths, "/feed.xml", "/feed.xml"])  # who has waited longest goes first


def test_messages_of_a_preview_are_not_asked_for_one_by_one(site, crawl, reply) -> None:
    text = "عاجل | غادر رتل قاعدة قسرك ووصل إلى المعبر"
    message = (
        f'<div class="tgme_widget_message js-widget_message" data-post="channel/1">'
        f'<div class="tgme_widget_message_text js-message_text">{text}</div></div>'
    )
    crawl.routes(telegram=[f"{site.url}/s/channel"])
    site.pages["/s/channel"] = reply(body=f"<html><body>{message}</body></html>".encode())
    crawl()
    crawl()
    assert set(site.paths()) == {"/s/channel"}


def test_an_article_that_is_gone_is_removed_after_a_day_and_no_failure(site, crawl, fresh, caplog) -> None:
    del site.pages["/a/1001"]
    results = [crawl()]
    for _ in range(15):
        crawl.clock += 2 * HOUR
        results.append(crawl())
    assert results[0].gone == 1
    assert not any(result.failed or result.refused or result.errors for result in results)
    (absence,) = absences(crawl, fresh)
    assert absence.status == 404
    assert timedelta(hours=24) <= absence.removed_at - absence.since <= timedelta(hours=27)
    assert f"rafid: {fresh} is removed" in caplog.messages
    with crawl.store.reading() as session:
        assert [one.states for one in health.all_health(session)] == [()]
    site.asked.clear()
    crawl()
    assert site.paths() == ["/feed.xml"]


@pytest.mark.parametrize("feed", ["listed", "broken"])
def test_it_is_not_removed_while_its_feed_may_list_it(site, crawl, rss, reply, fresh, feed) -> None:
    del site.pages["/a/1001"]
    site.pages["/feed.xml"] = rss(site, "/a/1001") if feed == "listed" else reply(status=404)
    for _ in range(10):
        crawl.clock += 4 * HOUR
        crawl()
    (absence,) = absences(crawl, fresh)
    assert absence.removed_at is None


def twin(site, reply, article):
    named = f'<head><link rel="canonical" href="{site.url}/a/1001">'.encode()
    return reply(body=article().replace(b"<head>", named))


def test_it_is_not_removed_while_a_feed_lists_its_twin(site, crawl, rss, article, reply) -> None:
    site.pages["/feed.xml"] = rss(site, "/amp/a/1001")
    site.pages["/amp/a/1001"] = twin(site, reply, article)
    assert crawl().new == 1
    for _ in range(10):
        crawl.clock += 4 * HOUR
        crawl()
    assert site.paths()[-1] == "/a/1001"
    (absence,) = absences(crawl, f"{site.url}/a/1001")
    assert absence.removed_at is None


def test_an_article_that_its_twin_brought_is_looked_at_by_its_own_address(site, crawl, rss, article, reply) -> None:
    site.pages["/feed.xml"] = rss(site, "/amp/a/1001")
    site.pages["/amp/a/1001"] = twin(site, reply, article)
    site.pages["/a/1001"] = reply(body=article())
    assert crawl().new == 1
    site.pages["/feed.xml"] = rss(site)
    assert crawl().unchanged == 1
    assert site.paths()[-1] == "/a/1001"


def test_a_twin_is_no_look_at_the_article(site, crawl, rss, article, reply, fresh) -> None:
    del site.pages["/a/1001"]
    crawl()
    site.pages["/feed.xml"] = rss(site, "/amp/a/1001")
    site.pages["/amp/a/1001"] = twin(site, reply, article)
    assert crawl(revisit_share=1).unchanged == 1
    (absence,) = absences(crawl, fresh)
    assert absence.returned_at is None


def test_a_watched_page_that_is_gone_is_refused_under_its_own_address_too(site, crawl, article, reply) -> None:
    crawl.routes(pages=[f"{site.url}/amp/a/1001"])
    site.pages["/amp/a/1001"] = twin(site, reply, article)
    assert crawl().new == 1
    result = crawl()
    assert (result.refused, result.gone) == (1, 0)


def test_what_comes_back_is_on_record(site, crawl, article, reply, fresh) -> None:
    page = site.pages.pop("/a/1001")
    crawl()
    site.pages["/a/1001"] = page
    assert crawl().unchanged == 1
    (absence,) = absences(crawl, fresh)
    assert (absence.removed_at, absence.returned_at) == (None, crawl.clock)


def test_a_source_is_down_once_and_recovers_once(site, crawl, fresh, caplog) -> None:
    feed = site.pages.pop("/feed.xml")
    for _ in range(5):
        crawl()
    assert kinds(crawl) == [NoticeKind.DOWN]
    site.pages["/feed.xml"] = feed
    crawl()
    crawl()
    assert kinds(crawl) == [NoticeKind.DOWN, NoticeKind.RECOVERED]
    assert [message for message in caplog.messages if "is down: 3 passes" in message]


def test_a_host_that_is_down_is_not_asked_for_its_articles(site, crawl, reply, fresh) -> None:
    site.pages["/feed.xml"] = reply(status=500)
    site.asked.clear()
    crawl()
    assert site.paths() == ["/feed.xml"]


def test_a_redesign_that_hides_text_is_an_alarm(site, crawl, rss, article, reply, paragraphs) -> None:
    paths = [f"/a/{n}" for n in range(1001, 1005)]
    site.pages["/feed.xml"] = rss(site, *paths)
    site.pages |= {path: reply(body=article(*paragraphs, f"خبر رقم {path}")) for path in paths}
    crawl()
    whole = dict(site.pages)
    site.pages |= {path: reply(body=article(paragraphs[0])) for path in paths}
    crawl()
    site.pages = whole
    crawl()
    assert kinds(crawl) == [NoticeKind.SHRUNK, NoticeKind.RESTORED]


def test_troubles_are_counted_by_class(site, crawl, rss, article, reply) -> None:
    site.pages["/robots.txt"] = reply(body=b"User-agent: *\nDisallow: /no/\n", type="text/plain")
    paths = ("/a/404", "/a/500", "/a/403", "/a/pdf", "/no/1", "/a/1001")
    site.pages["/feed.xml"] = rss(site, *paths)
    site.pages["/a/500"] = reply(status=502)
    site.pages["/a/403"] = reply(status=403)
    site.pages["/a/pdf"] = reply(body=b"%PDF", type="application/pdf")
    site.pages["/a/1001"] = reply(body=article())
    assert dict(crawl().troubles) == {
        Trouble.MISSING: 1,
        Trouble.SERVER: 1,
        Trouble.FORBIDDEN: 2,
        Trouble.UNREADABLE: 1,
    }
    with crawl.store.reading() as session:
        assert health.all_health(session)[0].troubles[Trouble.FORBIDDEN] == 2


@pytest.mark.parametrize(("status", "trouble"), [(503, Trouble.BUSY), (500, Trouble.SERVER)], ids=["busy", "server"])
def test_a_robots_txt_that_fails_is_a_trouble_of_its_class(site, crawl, rss, reply, status, trouble) -> None:
    site.pages["/robots.txt"] = reply(status=status, headers={"Retry-After": "0"})
    site.pages["/feed.xml"] = rss(site)
    assert dict(crawl().troubles) == {trouble: 1}


def test_a_used_up_budget_is_no_failure_of_the_source(site, crawl, rss, article, reply) -> None:
    site.pages["/feed.xml"] = rss(site, "/a/1001", "/a/1002")
    site.pages["/a/1001"] = site.pages["/a/1002"] = reply(body=article())
    assert crawl(daily_requests=3).new == 1  # after robots.txt and the feed
    site.asked.clear()
    for _ in range(4):
        result = crawl(daily_requests=3)
    assert site.asked == []
    assert "the day's budget is used up" in result.errors[0]
    assert set(result.troubles) == {Trouble.BUDGET}
    with crawl.store.reading() as session:
        assert [(one.failures, one.states) for one in health.all_health(session)] == [(0, ())]
