"""Long pages around which everything turns with each fetch: every edit of a sentence is found, and nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from bench.magazine import SITEMAP, Magazine, page

PAGES = 16  # each kind of page twice: named or opaque, with an ETag or without, English or Arabic


@pytest.fixture
def magazine() -> Iterator[Magazine]:
    made = Magazine(PAGES)
    server = made.serve()
    yield made
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_every_edit_is_found_and_no_version_is_false(magazine, crawl) -> None:
    crawl.routes(sitemaps=[magazine.base + SITEMAP])
    host = magazine.base.removeprefix("http://")
    crawl.settings = replace(crawl.settings, revisit_share=0, max_articles=100, allow_hosts=(host,))
    assert crawl().new == PAGES
    for version in crawl.stored():
        number = magazine.urls().index(version.url)
        assert version.text.split("\n\n") == page(number).text(0)

    for _ in range(10):
        result = crawl()
        assert (result.unchanged, result.new, result.changed) == (PAGES, 0, 0)

    edited = [*range(0, PAGES, 2), 1, 7]
    for turn in (1, 2):
        magazine.edit(edited)
        result = crawl()
        assert (result.changed, result.unchanged) == (len(edited), PAGES - len(edited))
        for number in edited:
            assert crawl.versions(magazine.urls()[number])[-1].text.split("\n\n") == page(number).text(turn)
