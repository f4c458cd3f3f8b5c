"""A page is not read again while what its text is read of is the same; and no edit may hide behind that."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench.magazine import page
from db import visits
from db.errors import InputError
from db.records import Visit
from scrapers.extract import look

PAGES = {path.stem: path.read_bytes().decode("utf-8", "replace") for path in Path(__file__).parent.glob("pages/*.html")}
URL = "https://x.example/news/1234567"
PARAGRAPHS = (
    "The convoy of forty trucks left the base on Sunday morning and drove towards the border, residents said.",
    "A source close to the matter said that the move would take several days, and that heavy gear had gone first.",
    "وقال مصدر محلي إن عملية الإخلاء ستستمر أياماً عدة، وإن المعدات الثقيلة نقلت أولاً على دفعات متتالية.",
    "No statement had been made by the time of writing.",
)


def built(paragraphs, *, layout: str, turn: int, head: str = "") -> str:
    """An article in one of several layouts, with adverts and a counter among its paragraphs that turn."""
    shown = [f"<p>{paragraph}</p>" for paragraph in paragraphs]
    shown.insert(1, f'<div class="b{turn}"><a href="/go/{turn}">Offer {turn} of the season</a></div>')
    shown.insert(3, f"<ul><li><a href='/n/{turn}'>Another report, {turn}</a></li></ul><script>var t={turn}</script>")
    shown.append(f"<aside><p>Most read today: matter number {turn} and a long story about it all.</p></aside>")
    opened, closed = {
        "article": ("<main><article>", "</article></main>"),
        "body": ('<div class="page"><div class="article-body">', "</div></div>"),
        "opaque": ('<div class="a1"><div class="x9">', "</div></div>"),
        "cell": ("<table><tr><td>menu</td><td>", "</td></tr></table>"),
    }[layout]
    return (
        f"<html><head><title>A convoy leaves</title>{head}</head><body><div>{turn} readers now</div>{opened}"
        f"<h1>A convoy leaves</h1><div><span>{turn} views</span></div>{''.join(shown)}{closed}"
        f"<div class='c'><p>Comment {turn}</p></div></body></html>"
    )


LAYOUTS = ("article", "body", "opaque", "cell")


@pytest.mark.parametrize("layout", LAYOUTS)
def test_what_turns_around_and_among_the_paragraphs_is_not_read_of(layout: str) -> None:
    one, other = (look(built(PARAGRAPHS, layout=layout, turn=turn).encode(), url=URL) for turn in (3, 4321))
    assert one.digest == other.digest != b""
    assert one.page() == other.page()
    assert one.page().text.split("\n\n") == list(PARAGRAPHS)


@pytest.mark.parametrize("around", ["aside", "footer", "section class='comments'", "div id='infinite-scroll'"])
def test_what_stands_beside_the_article_is_not_taken_for_it(around: str) -> None:
    shown = "".join(f"<p>{paragraph}</p>" for paragraph in PARAGRAPHS)
    other = f"<{around}><article>{'<p>Another matter, told at length.</p>' * 9}</article></{around.split()[0]}>"
    html = f"<html><body class='comments-open'>{other}<article>{shown}</article></body></html>"
    assert look(html.encode(), url=URL).page().text.split("\n\n") == list(PARAGRAPHS)


@pytest.mark.parametrize("number", range(16))
def test_a_page_of_the_magazine_is_the_same_at_each_fetch(number: int) -> None:
    first, *others = (look(page(number).render(1, fetch), url=URL).digest for fetch in (1, 77, 5000))
    assert first
    assert set(others) == {first}


@settings(max_examples=150, deadline=None)
@given(data=st.data(), layout=st.sampled_from(LAYOUTS), turns=st.tuples(st.integers(0, 9999), st.integers(0, 9999)))
def test_no_edit_of_the_text_hides(data, layout, turns) -> None:
    """A word put in, taken out or replaced, or a paragraph moved, anywhere in the article."""
    edited = list(PARAGRAPHS)
    at = data.draw(st.integers(0, len(edited) - 1))
    words = edited[at].split(" ")
    place = data.draw(st.integers(0, len(words) - 1))
    match data.draw(st.sampled_from(("in", "out", "other", "whole", "moved"))):
        case "in":
            words.insert(place, "not")
        case "out":
            del words[place]
        case "other":
            words[place] = words[place] + data.draw(st.sampled_from(("x", "7", ",", "ة")))
        case "whole":
            edited.insert(at, "An earlier version gave another number of trucks.")
        case "moved":
            edited.append(edited.pop(0))
    if edited == list(PARAGRAPHS):
        edited[at] = " ".join(words)
    before, after = (
        look(built(text, layout=layout, turn=turn).encode(), url=URL)
        for text, turn in zip((PARAGRAPHS, edited), turns, strict=True)
    )
    assert before.digest != after.digest
    assert before.page().text != after.page().text


PUT_IN = (
    "", "not ", "7", "<p>", "</div>", "<article>", "</article>", "<main>", "<br>", "<!--", "-->", "<script>", "<a>",
    "</a>", "<h1>", "<aside>", "class='comments'", "<div class='article-body'>", "<p>The last left on Sunday.</p>",
)  # fmt: skip
SOURCES = [*PAGES.values(), *(page(number).render(0, 1).decode() for number in (0, 1, 4, 5))]
SOURCES += [built(PARAGRAPHS, layout=layout, turn=1) for layout in LAYOUTS]


@settings(max_examples=400, deadline=None)
@given(
    source=st.sampled_from(SOURCES),
    place=st.floats(0, 1),
    length=st.integers(0, 60),
    put=st.sampled_from(PUT_IN),
)
def test_the_same_digest_is_the_same_page_whatever_was_done_to_it(source, place, length, put) -> None:
    """Something cut out or put in anywhere, in the middle of a tag or a word."""
    at = round(place * len(source))
    changed = source[:at] + put + source[at + length :]
    try:
        before, after = look(source.encode(), url=URL), look(changed.encode(), url=URL)
    except InputError:
        return
    known, now = before.page(), after.digest
    if known.digest and known.digest == now:
        assert known == after.page()


@pytest.mark.parametrize(
    "head",
    [
        '<link rel="canonical" href="https://x.example/news/7654321">',
        '<meta property="og:title" content="Two convoys leave">',
        '<meta name="author" content="A. Reporter">',
        '<meta property="article:published_time" content="2026-02-21T08:00:00Z">',
        '<meta property="og:locale" content="fr">',
        '<script type="application/ld+json">{"@type": "Article", "articleBody": "%s"}</script>' % (PARAGRAPHS[0] * 20),
    ],
)
@pytest.mark.parametrize("layout", LAYOUTS)
def test_what_is_said_around_the_text_counts(head: str, layout: str) -> None:
    bare, said = (look(built(PARAGRAPHS, layout=layout, turn=1, head=text).encode(), url=URL) for text in ("", head))
    assert bare.digest != said.digest
    assert bare.page() != said.page()


def stored(crawl, url: str) -> Visit:
    with crawl.store.reading() as session:
        return visits.of_urls(session, [url])[url]


def test_a_page_that_is_the_same_is_not_read_again_and_counts_as_seen(
    site, crawl, article, reply, rss, monkeypatch
) -> None:
    site.pages["/feed.xml"] = rss(site, "/a/1001")
    turns = iter(range(100))
    site.pages["/a/1001"] = lambda _: reply(body=article(turn=next(turns)), headers={"ETag": f'"{next(turns)}"'})
    assert crawl(revisit_share=0).new == 1
    before = stored(crawl, f"{site.url}/a/1001")
    with monkeypatch.context() as patch:
        patch.setattr("scrapers.extract.main_text", lambda *_, **__: pytest.fail("was read"))
        assert (crawl(revisit_share=0).unchanged, crawl(revisit_share=0).unchanged) == (1, 1)
    after = stored(crawl, f"{site.url}/a/1001")
    assert (after.look, after.page, after.changed_at) == (before.look, before.page, before.changed_at)
    assert (after.asked_at, after.etag) == (crawl.clock, '"5"')
    assert crawl.versions(f"{site.url}/a/1001")[-1].last_seen_at == crawl.clock


def test_a_page_that_is_built_anew_around_the_same_text_is_read_once(
    site, crawl, article, reply, rss, monkeypatch
) -> None:
    site.pages["/feed.xml"] = rss(site, "/a/1001")
    site.pages["/a/1001"] = reply(body=article())
    assert crawl(revisit_share=0).new == 1
    before = stored(crawl, f"{site.url}/a/1001")
    site.pages["/a/1001"] = reply(body=article().replace(b"<p>", b"<p class='big'>"))
    assert crawl(revisit_share=0).unchanged == 1
    after = stored(crawl, f"{site.url}/a/1001")
    assert after.look != before.look
    assert after.page == before.page
    monkeypatch.setattr("scrapers.extract.main_text", lambda *_, **__: pytest.fail("was read"))
    assert crawl(revisit_share=0).unchanged == 1


def test_what_is_settled_of_a_source_anew_reaches_its_articles(site, crawl, article, reply, rss) -> None:
    site.pages["/feed.xml"] = rss(site, "/a/1001")
    site.pages["/a/1001"] = reply(body=article())
    crawl(revisit_share=0)
    crawl.source = replace(crawl.source, reliability="D")
    assert crawl(revisit_share=0).unchanged == 1
    assert crawl.versions(f"{site.url}/a/1001")[-1].reliability == "D"


def test_a_title_alone_that_changed_is_taken_over(site, crawl, article, reply, rss) -> None:
    site.pages["/feed.xml"] = rss(site, "/a/1001")
    site.pages["/a/1001"] = reply(body=article())
    crawl(revisit_share=0)
    site.pages["/a/1001"] = reply(body=article(title="رتلان يغادران الموقع"))
    assert crawl(revisit_share=0).unchanged == 1
    assert [version.title for version in crawl.versions(f"{site.url}/a/1001")] == ["رتلان يغادران الموقع"]


def test_a_text_that_comes_back_is_a_version_again(site, crawl, article, reply, rss) -> None:
    site.pages["/feed.xml"] = rss(site, "/a/1001")
    for text in (PARAGRAPHS, PARAGRAPHS[:2] * 2, PARAGRAPHS):
        site.pages["/a/1001"] = reply(body=article(*text))
        crawl(revisit_share=0)
    assert len(crawl.versions(f"{site.url}/a/1001")) == 3
