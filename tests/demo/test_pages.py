"""The layouts: whatever surrounds an article, extraction gives exactly its paragraphs, and again at every fetch."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
import trafilatura

from monitor.demo.pages import NEWEST, Moment, Pages, Shown, newest
from monitor.demo.scenario import Line, Plan, load_plan

LAYOUTS = ("semantic", "blog", "live", "soup", "table")
PagesOf = Callable[[Line], Pages]
BASE = "http://127.0.0.1:8000"


@pytest.fixture(scope="module")
def plan() -> Plan:
    return load_plan()


@pytest.fixture(scope="module")
def articles(lines: list[Line]) -> list[Line]:
    return [line for line in lines if not line.blocked]


@pytest.fixture(scope="module")
def pages_of(plan: Plan, lines: list[Line]) -> PagesOf:
    langs = {line.outlet_id: line.lang for line in lines}
    pages = {outlet.id: Pages(outlet, plan, lang=langs[outlet.id], base=BASE) for outlet in plan.outlets}
    return lambda line: pages[line.outlet_id]


def text_of(page: str, line: Line) -> str:
    return trafilatura.extract(page, url=BASE + line.path, fast=True, include_comments=False) or ""


@pytest.mark.parametrize("layout", LAYOUTS)
def test_extraction_gives_the_paragraphs_of_every_version_and_nothing_else(
    layout: str, pages_of: PagesOf, articles: list[Line]
) -> None:
    for line in articles:
        page = pages_of(line).article(line, Moment(now=line.at, fetch=7), layout=layout)
        assert text_of(page, line).split("\n") == list(line.paragraphs), (line.article, line.version)


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("lang", ["ar", "en"])
def test_two_fetches_differ_but_not_in_their_text(
    layout: str, lang: str, pages_of: PagesOf, articles: list[Line]
) -> None:
    line = next(line for line in articles if line.lang == lang)
    pages = pages_of(line)
    several = [pages.article(line, Moment(now=line.at, fetch=n), layout=layout) for n in range(1, 61)]
    assert len(set(several)) == len(several)
    assert {text_of(page, line) for page in several} == {"\n".join(line.paragraphs)}


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("lang", ["ar", "en"])
def test_pages_carry_what_tempts_a_careless_reader(
    layout: str, lang: str, plan: Plan, pages_of: PagesOf, articles: list[Line]
) -> None:
    line = next(line for line in articles if line.lang == lang)
    furniture = plan.furniture[lang]
    page = pages_of(line).article(line, Moment(now=line.at, fetch=1), layout=layout)
    for wanted in (*furniture["related"], *furniture["most_read"], furniture["cookies"], furniture["views"]):
        assert wanted in page
    assert any(advert in page for advert in furniture["adverts"])
    assert f'dir="{"rtl" if lang == "ar" else "ltr"}"' in page
    assert '<meta charset="utf-8">' in page or "charset=utf-8" in page


def test_pages_load_nothing_from_elsewhere(pages_of: PagesOf, articles: list[Line]) -> None:
    vocabularies = ("https://schema.org", "https://ogp.me/ns#")
    for line in articles:
        for layout in LAYOUTS:
            page = pages_of(line).article(line, Moment(now=line.at, fetch=1), layout=layout)
            addresses = re.findall(r"https?://[^\s\"'<]+", page)
            assert not [url for url in addresses if not url.startswith((BASE, *vocabularies))]


def test_each_page_says_its_time_in_one_way_only(pages_of: PagesOf, articles: list[Line]) -> None:
    ways = {"json-ld": '"datePublished"', "meta": "article:published_time"}
    seen = set()
    for line in articles:
        pages = pages_of(line)
        page = pages.article(line, Moment(now=line.at, fetch=1))
        stated = {way for way, mark in ways.items() if mark in page}
        dates = pages.outlet.dates
        assert stated == (set() if dates == "time" else {dates})
        assert "<time" in page
        seen.add(dates)
    assert seen == {"json-ld", "meta", "time"}


def test_the_scenario_uses_several_layouts_in_both_languages(plan: Plan, articles: list[Line]) -> None:
    used = set()
    for line in articles:
        rule = plan.pages.get(line.article)
        outlet = next(outlet for outlet in plan.outlets if outlet.id == line.outlet_id)
        used.add(((rule and rule.layout) or outlet.layout, line.lang))
    assert {layout for layout, _ in used} == set(LAYOUTS)
    assert {("semantic", "ar"), ("semantic", "en"), ("table", "ar"), ("table", "en")} <= used


def test_an_index_lists_the_newest_twenty_by_when_they_went_live(articles: list[Line]) -> None:
    firsts = [line for line in articles if line.version == 1]
    listed = newest([Shown(first=line, line=line) for line in firsts])
    assert len(listed) == NEWEST < len(firsts)
    assert [page.first.at for page in listed] == sorted((line.at for line in firsts), reverse=True)[:NEWEST]
