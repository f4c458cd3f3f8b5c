"""Articles that lose much of their text: an edit withdraws what it dropped, a redesign of the site does not."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from db import health, knowledge, losses, marks
from db.records import iso
from monitor.knowing.rules import Rules
from monitor.process import FIRST_FILL, Processor
from monitor.rebuild import rebuild
from monitor.topics import load_topic
from scrapers.losing import lost

HOUR = timedelta(hours=1)
LEAD = (
    "The last convoy was seen on the highway on Saturday morning, drivers said, and the road has been open since.",
    "Officials in the province gave no figures, and residents spoke of quiet days in the villages beside the road.",
)
SAID = "US forces completed their withdrawal from Qasrak base on Saturday, CENTCOM said in a statement to reporters."
REST = (
    "Shops in the town nearby had opened late, and a baker said that he had sold more bread than in the whole week.",
    "The council will meet on Monday to talk about the school, the water and the electricity of the coming winter.",
)
WHOLE = (*LEAD, SAID, *REST)


def page(*paragraphs: str, number: int) -> bytes:
    title = f"Report number {number} of the road"
    body = "".join(f"<p>{paragraph}</p>" for paragraph in (f"Reporters wrote note {number} of the day.", *paragraphs))
    return f'<html lang="en"><head><title>{title}</title></head><article><h1>{title}</h1>{body}</article>'.encode()


@pytest.fixture(scope="module")
def topic():
    return load_topic("syria")


class Desk:
    """Five articles of one outlet, of which only the first says that Qasrak was left; crawled, read and folded."""

    def __init__(self, site, crawl, rss, reply, topic) -> None:
        self.site, self.crawl, self.reply = site, crawl, reply
        crawl.source = replace(crawl.source, lang="en")
        self.processor = Processor(store=crawl.store, topic=topic, rules=Rules(), tell=False)
        self.paths = [f"/a/{number}" for number in range(1001, 1006)]
        site.pages["/feed.xml"] = rss(site, *self.paths)
        with crawl.store.writing() as session:
            marks.put(session, FIRST_FILL, iso(crawl.clock))
        for number, path in enumerate(self.paths):
            self.show(path, *(WHOLE if number == 0 else (*LEAD, *REST)))
        assert self.look() == ["update"]

    def show(self, path: str, *paragraphs: str) -> None:
        self.site.pages[path] = self.reply(body=page(*paragraphs, number=int(path[-4:])))

    def look(self, *, after: timedelta = timedelta(0)) -> list[str]:
        """One pass and what it raises."""
        self.crawl.clock += after
        self.crawl()
        return [change.type.value for change in self.processor.run()]

    @property
    def held(self) -> int:
        with self.crawl.store.reading() as session:
            return sum(one.held for one in health.all_health(session))

    def agrees(self) -> bool:
        """Whether everything folded again gives the same."""
        return rebuild(self.processor, at=self.crawl.clock, keep=False).same


@pytest.fixture
def desk(site, crawl, rss, reply, topic):
    return Desk(site, crawl, rss, reply, topic)


def test_a_redesign_that_hides_half_of_the_text_takes_nothing_back(desk) -> None:
    for path in desk.paths:
        desk.show(path, LEAD[0])
    assert [desk.look(), desk.look(), desk.look(after=30 * HOUR)] == [[], [], []]
    assert desk.held == 1
    with desk.crawl.store.reading() as session:
        (said,) = [item for _, items in knowledge.by_version(session) for item in items]
        assert said.withdrawn_at is None
        assert list(losses.held_since(session, [said.id])) == [said.id]
    desk.show(desk.paths[0], *WHOLE)
    assert desk.look(after=5 * HOUR) == []
    assert desk.held == 0
    assert desk.agrees()


def test_what_is_still_missing_when_the_text_is_back_was_edited(desk) -> None:
    for path in desk.paths:
        desk.show(path, LEAD[0])
    assert desk.look() == []
    for path in desk.paths[1:]:
        desk.show(path, *LEAD, *REST)
    assert desk.look(after=HOUR) == []
    assert desk.held == 1
    assert desk.look() == ["correction"]
    assert desk.held == 0
    assert desk.agrees()


def test_one_article_that_is_cut_is_edited_once_the_others_are_seen_whole(desk) -> None:
    desk.show(desk.paths[0], LEAD[0])
    assert desk.look() == []
    assert desk.held == 1
    assert desk.look() == ["correction"]
    assert desk.held == 0
    assert desk.agrees()


def test_a_page_that_breaks_off_once_takes_nothing_back(desk) -> None:
    desk.show(desk.paths[0], LEAD[0])
    assert desk.look() == []
    desk.show(desk.paths[0], *WHOLE)
    assert [desk.look(), desk.look(after=30 * HOUR)] == [[], []]
    assert desk.held == 0
    assert desk.agrees()


@pytest.mark.parametrize(
    "edited",
    [
        pytest.param((*LEAD, *REST), id="one sentence dropped"),
        pytest.param((f"Correction: {LEAD[1]} An earlier report named a base; that was wrong.",), id="rewritten"),
    ],
)
def test_an_honest_correction_is_told_at_once(desk, edited: tuple[str, ...]) -> None:
    desk.show(desk.paths[0], *edited)
    assert desk.look() == ["correction"]
    assert desk.agrees()


def test_a_correction_of_what_a_redesign_left_is_told_at_once(desk) -> None:
    for path in desk.paths[1:]:
        desk.show(path, LEAD[0])
    desk.show(desk.paths[0], SAID)
    assert desk.look() == []
    desk.show(desk.paths[0], LEAD[0], "Nothing else was known.")
    assert desk.look(after=HOUR) == ["correction"]
    assert desk.agrees()


@pytest.mark.parametrize(
    ("after", "is_lost"),
    [
        pytest.param(" ".join(WHOLE[:2]), True, id="a part"),
        pytest.param("\n".join(WHOLE[1:3]), True, id="a part, set otherwise"),
        pytest.param(" ".join(WHOLE[:4]), False, id="most of it"),
        pytest.param("Correction: this was wrong. " + WHOLE[0], False, id="rewritten"),
        pytest.param(" ".join(WHOLE), False, id="all of it"),
        pytest.param(" ".join(WHOLE[0][::-1].split()), False, id="something else"),
    ],
)
def test_a_part_of_a_text_is_told_from_another_text(after: str, is_lost: bool) -> None:
    assert lost(" ".join(WHOLE), after) is is_lost
