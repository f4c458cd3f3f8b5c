"""Which addresses are one article's: what a crawl must not take for two articles, and must never take for one."""

from __future__ import annotations

import lxml.html
import pytest

from scrapers.addresses import canonical, looks_like_article, own_address, same_site


@pytest.mark.parametrize(
    ("url", "wanted"),
    [
        ("HTTPS://News.Example/a?utm_source=x&id=5&fbclid=1#top", "https://news.example/a?id=5"),
        ("https://news.example", "https://news.example/"),
        ("https://news.example:443/a", "https://news.example/a"),
        ("https://news.example/a?gclid=1&at_campaign=2&xtor=RSS-1&mkt_tok=3&_ga=4", "https://news.example/a"),
        ("https://news.example/?cid=5&ref=6&source=7&p=8", "https://news.example/?cid=5&ref=6&source=7&p=8"),
        ("file:a.txt", "file:a.txt"),
    ],
)
def test_one_article_has_one_address(url, wanted) -> None:
    assert canonical(url) == wanted


@pytest.mark.parametrize("url", ["http://[bad", "http://e\u2100.org/", " http://[::1 "])
def test_what_is_no_url_stays_as_it_is(url) -> None:
    assert canonical(url) == url.strip()


@pytest.mark.parametrize(
    ("path", "wanted"),
    [
        ("/2026/02/21/army-takes-base", True),
        ("/news/551234", True),
        ("/ar/story/991/", False),
        ("/army-takes-over-base-in-hasakah", True),
        ("/أخبار/الجيش-يتسلم-قاعدة-قسرك-في-الحسكة", True),
        ("/index.php?id=55123", False),
        ("/?p=55123", True),
        ("/tag/base-20261", False),
        ("/author/dana-whitlock-of-the-desk", False),
        ("/about", False),
        ("/photo-20260221.jpg", False),
        ("/", False),
    ],
)
def test_the_form_of_an_articles_address(path, wanted) -> None:
    assert looks_like_article(f"https://news.example{path}") is wanted


def test_an_edition_is_kept_to() -> None:
    assert looks_like_article("https://news.example/arabic/2102202611", path="/arabic/")
    assert not looks_like_article("https://news.example/english/2102202611", path="/arabic/")


@pytest.mark.parametrize(
    ("url", "named", "own"),
    [
        ("https://news.example/amp/2026/02/army-takes-base", "/2026/02/army-takes-base", "/2026/02/army-takes-base"),
        ("https://m.news.example/n/551234", "https://www.news.example/n/551234", "https://www.news.example/n/551234"),
        ("https://news.example/news/551234?page=all", "https://news.example/news/551234#top", "/news/551234"),
        ("https://news.example/base/amp/", "https://news.example/base", "/base"),
        ("https://news.example/?p=551234", "https://news.example/2026/02/a-base-taken/", "/2026/02/a-base-taken/"),
        # never believed
        ("https://news.example/news/551234", "https://other.example/news/551234", None),
        ("https://news.example/news/551234", "https://news.example/", None),
        ("https://news.example/?p=551234", "https://news.example/", None),
        ("https://news.example/index.php?id=12", "https://news.example/index.php", None),
        ("https://news.example/news/551234", "/news", None),
        ("https://news.example/news/551234", "http://[bad", None),
        ("https://news.example/news/551234", "", None),
        ("file:saved.html", "https://news.example/news/551234", None),
    ],
)  # fmt: skip
def test_a_page_names_its_own_address(url, named, own) -> None:
    tree = lxml.html.document_fromstring(
        f'<html><head><link rel="canonical" href="{named}"></head><body>x</body></html>'
    )
    wanted = url if own is None else own if own.startswith("http") else f"https://news.example{own}"
    assert own_address(tree, url=url) == wanted


def test_hosts_for_mobiles_are_the_site_itself() -> None:
    assert same_site("https://m.news.example/1", "https://www.news.example/2")
    assert not same_site("https://arabic.news.example/1", "https://news.example/1")
    assert not same_site("https://m.example/1", "https://example/1")
