"""When articles were looked at, what called for them, and that they are gone."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from db import knowledge, versions, visits
from db.records import Absence, Saved, Support, Visit
from db.session import Store

Clock = Callable[[float], datetime]
ONE, TWO = "https://news.example/1", "https://news.example/2"


@pytest.fixture
def file(store: Store, hour: Clock) -> Callable[..., list[str]]:
    """File what a pass at an hour saw; what is removed with it."""

    def record(answers: Mapping[str, int], *, at: float, **seen: Any) -> list[str]:
        usual: dict[str, Any] = {"dated": {}, "unlisted": set(answers)} | seen
        with store.writing() as session:
            return visits.record(session, answers, at=hour(at), removed_after=timedelta(hours=24), **usual)

    return record


def of_source(store: Store, since: datetime) -> dict[str, Visit]:
    with store.reading() as session:
        return {visit.url: visit for visit in visits.of_source(session, "agency", since=since)}


def test_what_a_pass_saw_is_kept(store: Store, hour: Clock, save: Callable[..., Saved], file: Any) -> None:
    save("text", url=ONE, etag='"1"', published=hour(-5))
    save("text", url=TWO, at=1)
    save("other text", url=TWO, at=2)
    assert of_source(store, hour(-1)) == {}  # nobody asked for them yet
    file({ONE: 200, TWO: 304, "https://news.example/unknown": 404}, at=3, dated={ONE: hour(2)})
    file({}, at=4, dated={ONE: hour(1)})  # an older date moves nothing back
    found = of_source(store, hour(-1))
    assert found[ONE].page
    assert replace(found[ONE], page=None) == Visit(
        url=ONE,
        title="Title",
        published=hour(-5),
        first_seen_at=hour(0),
        changed_at=hour(0),
        asked_at=hour(3),
        dated_at=hour(2),
        etag='"1"',
    )
    assert (found[TWO].first_seen_at, found[TWO].changed_at, found[TWO].asked_at) == (hour(1), hour(2), hour(3))
    assert set(of_source(store, hour(1))) == {TWO}
    with store.reading() as session:
        assert set(visits.of_urls(session, [ONE, "https://news.example/unknown"])) == {ONE}


def test_an_article_is_removed_when_it_is_gone_for_long_and_listed_no_more(
    store: Store, hour: Clock, save: Callable[..., Saved], file: Any
) -> None:
    saved = save("text", url=ONE)
    assert file({ONE: 404}, at=1) == []
    assert of_source(store, hour(0))[ONE].gone_since == hour(1)
    assert file({ONE: 404}, at=24) == []
    assert file({ONE: 410}, at=25, unlisted=set()) == []  # a way in lists it, or could not be read
    assert file({ONE: 500}, at=26) == []
    assert file({ONE: 410}, at=27) == [ONE]
    assert file({ONE: 410}, at=28) == []  # told once
    assert of_source(store, hour(0)) == {}
    removed = Absence(status=410, since=hour(1), removed_at=hour(27))
    with store.reading() as session:
        assert visits.absences(session, saved.article_id) == [removed]
        assert visits.removals(session, [saved.article_id, 99]) == {saved.article_id: removed}
        assert visits.of_urls(session, [ONE])[ONE].removed


def test_what_is_there_again_is_no_longer_gone_and_may_go_again(
    store: Store, hour: Clock, save: Callable[..., Saved], file: Any
) -> None:
    saved = save("text", url=ONE)
    file({ONE: 404}, at=1)
    file({ONE: 304}, at=20)
    assert file({ONE: 404}, at=30) == []  # counted anew
    assert file({ONE: 404}, at=60) == [ONE]
    file({ONE: 200}, at=70)
    with store.reading() as session:
        assert visits.absences(session, saved.article_id) == [
            Absence(status=404, since=hour(1), returned_at=hour(20)),
            Absence(status=404, since=hour(30), removed_at=hour(60), returned_at=hour(70)),
        ]
        assert visits.removals(session, [saved.article_id]) == {}


def test_an_article_that_carries_a_current_fact_stays(
    store: Store, hour: Clock, save: Callable[..., Saved], file: Any, make: SimpleNamespace
) -> None:
    saved = save("they left", url=ONE)
    save("they left", url=TWO)
    file({ONE: 200, TWO: 200}, at=0)
    with store.writing() as session:
        versions.save_claims(session, saved.version_id, [make.claim()], ["agency"], at=hour(0))
        (claim,) = knowledge.evidence(session, make.claim().kind, "tanf")
        held = make.position(support=(Support(claim_id=claim.id, origin="agency", weight=0.5),))
        knowledge.save_fact(session, make.fact(held=held))
    found = of_source(store, hour(999))
    assert {url: visit.lasting for url, visit in found.items()} == {ONE: True}
    with store.writing() as session:
        knowledge.save_fact(session, make.fact("active", at=5, held=make.position("active", support=())))
    assert of_source(store, hour(999)) == {}
