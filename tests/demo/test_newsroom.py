"""The newsroom over real HTTP: steps, edits, validators, charsets, walls, feeds, section pages and manners."""

from __future__ import annotations

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from urllib.robotparser import RobotFileParser

import feedparser
import pytest
import trafilatura

from db.errors import InputError
from monitor.demo.newsroom import Newsroom
from monitor.demo.scenario import Line, load_plan
from scrapers.sources import parse_source

SHARED = Path(__file__).resolve().parents[2].parent / "shared"
Get = Callable[..., Any]


def text_of(body: bytes, url: str) -> str:
    return trafilatura.extract(body, url=url, fast=True, include_comments=False) or ""


def feeds_of(site: Newsroom) -> dict[str, str]:
    return {table["id"]: table["feeds"][0] for table in site.sources if "feeds" in table}


def publish_until(site: Newsroom, article: str, version: int) -> Line:
    for step in site.steps():
        site.publish(step)
        for line in step.lines:
            if (line.article, line.version) == (article, version):
                return line
    raise AssertionError(f"no {article} {version}")


def test_the_bundled_scenario_is_the_shared_one_without_its_labels(lines: list[Line]) -> None:
    shared = SHARED / "corpus" / "scenario" / "articles.jsonl"
    if not shared.exists():
        pytest.skip(f"no scenario beside the project: {shared.name}")
    wanted = [json.loads(raw) for raw in shared.read_text(encoding="utf-8").splitlines()]
    assert [(w["article"], w["version"], w["paragraphs"], w["title"], w["edit"]) for w in wanted] == [
        (line.article, line.version, list(line.paragraphs), line.title, line.edit) for line in lines
    ]
    bundled = Path(__file__).resolve().parents[2] / "monitor" / "demo" / "data" / "articles.jsonl"
    assert '"claims"' not in bundled.read_text(encoding="utf-8")


def test_steps_come_in_order_and_hold_every_version(newsroom: Newsroom, lines: list[Line]) -> None:
    steps = newsroom.steps()
    moments = [step.at for step in steps]
    assert moments == sorted(set(moments))
    assert sorted(line.article for step in steps for line in step.lines) == sorted(line.article for line in lines)
    assert all(line.at == step.at for step in steps for line in step.lines)


def test_lines_of_one_moment_are_one_step(lines: list[Line]) -> None:
    twins = [lines[0], replace(lines[1], at=lines[0].at)]
    with Newsroom(twins) as site:
        assert [len(step.lines) for step in site.steps()] == [2]


def test_every_version_reads_as_the_scenario_has_it(newsroom: Newsroom, get: Get) -> None:
    for step in newsroom.steps():
        newsroom.publish(step)
        for line in step.lines:
            url = newsroom.local(line.url)
            first, second = get(url), get(url)
            assert first.status == second.status == 200
            assert first.body != second.body
            if not line.blocked:
                assert text_of(first.body, url).split("\n") == list(line.paragraphs)
                assert text_of(second.body, url) == text_of(first.body, url)


def test_the_extraction_of_the_scrapers_gives_the_same(newsroom: Newsroom, get: Get) -> None:
    extract = pytest.importorskip("scrapers.extract").extract
    for step in newsroom.steps():
        newsroom.publish(step)
        for line in step.lines:
            if line.blocked:
                continue
            url = newsroom.local(line.url)
            answer = get(url)
            page = extract(answer.body, url=url, content_type=answer.headers["content-type"], lang_hint=line.lang)
            assert [part for part in page.text.split("\n") if part] == list(line.paragraphs)
            assert (page.title, page.lang, page.published) == (line.title, line.lang, line.published), line.article


def test_an_article_is_not_there_before_its_step(newsroom: Newsroom, get: Get) -> None:
    first, second = newsroom.steps()[:2]
    newsroom.publish(first)
    assert get(newsroom.local(first.lines[0].url)).status == 200
    missing = get(newsroom.local(second.lines[0].url))
    assert missing.status == 404
    assert second.lines[0].paragraphs[0].encode() not in missing.body


def test_half_of_the_article_pages_have_validators(published: Newsroom, lines: list[Line], get: Get) -> None:
    firsts = [line for line in lines if line.version == 1]
    tagged = [line.article for line in firsts if "etag" in get(published.local(line.url)).headers]
    assert len(firsts) == 44
    assert 20 <= len(tagged) <= 24
    assert all("last-modified" not in get(published.local(line.url)).headers for line in firsts)


def test_an_unchanged_version_costs_a_304_and_an_edit_a_page(newsroom: Newsroom, get: Get) -> None:
    before = publish_until(newsroom, "rafid-life-stone", 1)
    url = newsroom.local(before.url)
    etag = get(url).headers["etag"]
    assert get(url).headers["etag"] == etag
    again = get(url, {"If-None-Match": etag})
    assert (again.status, again.body, again.headers["etag"]) == (304, b"", etag)
    publish_until(newsroom, "rafid-life-stone", 2)
    edited = get(url, {"If-None-Match": etag})
    assert edited.status == 200
    assert edited.headers["etag"] != etag


def test_a_restless_validator_never_matches(published: Newsroom, lines: list[Line], get: Get) -> None:
    url = published.local(next(line.url for line in lines if line.article == "gulf-1500"))
    etag = get(url).headers["etag"]
    again = get(url, {"If-None-Match": etag})
    assert again.status == 200
    assert again.headers["etag"] != etag


def test_the_old_server_lies_about_its_charset(newsroom: Newsroom, get: Get) -> None:
    line = publish_until(newsroom, "difaf-kharab-aljir", 1)
    answer = get(newsroom.local(line.url))
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    with pytest.raises(UnicodeDecodeError):
        answer.body.decode("utf-8")
    page = answer.body.decode("windows-1256")
    assert all(paragraph in page for paragraph in line.paragraphs)
    assert '<meta charset="windows-1256">' in page


def test_the_consent_wall_stands_in_the_articles_place_for_a_while(newsroom: Newsroom, get: Get) -> None:
    article = publish_until(newsroom, "potomac-weighing", 1)
    url = newsroom.local(article.url)
    etag = get(url).headers["etag"]
    wall = publish_until(newsroom, "potomac-weighing", 2)
    answer = get(url, {"If-None-Match": etag})
    assert answer.status == 200
    assert "etag" not in answer.headers
    page = answer.body.decode()
    assert all(paragraph in page for paragraph in wall.paragraphs)
    assert not any(paragraph[:60] in page for paragraph in article.paragraphs)
    back = publish_until(newsroom, "potomac-weighing", 3)
    assert text_of(get(url, {"If-None-Match": etag}).body, url) in ("", "\n".join(back.paragraphs))


def test_the_missing_page_says_so_with_status_200(newsroom: Newsroom, get: Get) -> None:
    line = publish_until(newsroom, "sada-shaddadi-taslim", 2)
    answer = get(newsroom.local(line.url))
    assert answer.status == 200
    page = answer.body.decode()
    assert all(paragraph in page for paragraph in line.paragraphs)


def test_feeds_list_the_articles_with_their_published_time(published: Newsroom, lines: list[Line], get: Get) -> None:
    kinds = set()
    for outlet, url in feeds_of(published).items():
        feed = feedparser.parse(get(url).body)
        assert not feed.bozo
        kinds.add(feed.version)
        wanted = {
            published.local(line.url): (line.title, line.published)
            for line in lines
            if line.outlet_id == outlet and line.version == 1
        }
        found = {entry.link: (entry.title, datetime(*entry.published_parsed[:6], tzinfo=UTC)) for entry in feed.entries}
        assert found == wanted
        assert all(entry.summary for entry in feed.entries)
    assert kinds == {"rss20", "atom10"}


def test_an_edit_does_not_show_in_the_feed(newsroom: Newsroom, get: Get) -> None:
    publish_until(newsroom, "gulf-1500", 1)
    url = feeds_of(newsroom)["gulf-ledger"]
    before = feedparser.parse(get(url).body).entries
    publish_until(newsroom, "gulf-1500", 2)
    assert feedparser.parse(get(url).body).entries == before


def test_outlets_without_a_feed_have_a_section_page(published: Newsroom, lines: list[Line], get: Get) -> None:
    sections = {table["id"]: table["sections"][0] for table in published.sources if "sections" in table}
    assert sorted(sections) == ["ne-monitor", "sada-furat"]
    for outlet, url in sections.items():
        page = get(url).body.decode()
        paths = {line.path for line in lines if line.outlet_id == outlet}
        assert all(f'href="{path}"' in page for path in paths)
        assert not any(line.title in page for line in lines if line.blocked)
        assert get(url).body.decode() != page
        parts = urlsplit(url)
        assert get(f"{parts.scheme}://{parts.netloc}/feed.xml").status == 404


def test_each_outlet_is_a_host_with_manners(published: Newsroom, get: Get) -> None:
    assert len(set(published.hosts)) == 8
    for table in published.sources:
        address = (table.get("feeds") or table["sections"])[0]
        host = urlsplit(address).netloc
        assert host in published.hosts
        robots = RobotFileParser()
        robots.parse(get(f"http://{host}/robots.txt").body.decode().splitlines())
        assert robots.can_fetch("drawdown", address)
        assert not robots.can_fetch("drawdown", f"http://{host}/search")
        for path in ("/", "/about", "/contact", "/topics/1", "/video/5", "/static/photo.svg"):
            assert get(f"http://{host}{path}").status == 200


def test_sources_are_tables_of_a_source_list(published: Newsroom, lines: list[Line]) -> None:
    sources = [parse_source(table, f"newsroom: {table['id']}") for table in published.sources]
    assert {source.id for source in sources} == {line.outlet_id for line in lines}
    own = {line.outlet_id: (line.outlet, line.reliability) for line in lines}
    for source in sources:
        assert (source.name[source.lang], source.reliability) == own[source.id]
    assert {source.id for source in sources if source.reprints == ("rafid",)} == {"difaf", "sada-furat"}


def test_addresses_go_there_and_back(published: Newsroom, lines: list[Line]) -> None:
    for line in lines:
        assert published.canonical(published.local(line.url)) == line.url
    with pytest.raises(InputError):
        published.canonical("http://127.0.0.1:1/elsewhere")
    with pytest.raises(InputError):
        published.local("https://elsewhere.example/news")


def test_the_clock_is_the_scenarios(newsroom: Newsroom, get: Get) -> None:
    step = newsroom.steps()[3]
    newsroom.publish(step)
    answer = get(newsroom.local(step.lines[0].url))
    assert answer.headers["date"] == "Mon, 09 Feb 2026 09:00:00 GMT"


def test_many_readers_at_once_get_a_page_each(published: Newsroom, lines: list[Line], get: Get) -> None:
    url = published.local(lines[0].url)
    with ThreadPoolExecutor(8) as readers:
        answers = list(readers.map(lambda _: get(url), range(40)))
    assert {answer.status for answer in answers} == {200}
    assert len({answer.body for answer in answers}) == 40


def test_what_was_served_is_kept(newsroom: Newsroom, get: Get) -> None:
    step = newsroom.steps()[0]
    newsroom.publish(step)
    get(newsroom.local(step.lines[0].url))
    get(newsroom.local("https://rafid.example/nowhere"))
    assert sorted((answer.outlet, answer.path, answer.status) for answer in newsroom.served) == [
        ("potomac", step.lines[0].path, 200),
        ("rafid", "/nowhere", 404),
    ]


def test_closing_ends_connections_that_are_kept_alive(lines: list[Line]) -> None:
    with Newsroom(lines[:1]) as site:
        site.publish(site.steps()[0])
        host = site.hosts[0]
        idle = HTTPConnection(host, timeout=10)
        idle.request("GET", "/robots.txt")
        assert idle.getresponse().read()
    with pytest.raises(ConnectionRefusedError):
        HTTPConnection(host, timeout=10).request("GET", "/robots.txt")
    idle.close()


def test_a_line_of_an_unknown_outlet_is_refused(lines: list[Line]) -> None:
    with pytest.raises(InputError, match="nobody"):
        Newsroom([replace(lines[0], outlet_id="nobody")], plan=load_plan())
