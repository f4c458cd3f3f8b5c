"""How sources fare and what is gone, as the commands show it."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from db import health, marks, versions, visits
from db.records import Notice, NoticeKind, SourceHealth, Trouble
from db.session import Store
from monitor.status import HEARTBEAT

NOW = datetime.now(UTC).replace(microsecond=0)
URL = "https://agency.example/1"
CONFIG = """
[sources]
from_topic = false

[[source]]
id = "agency"
name = { en = "Agency" }
lang = "en"
kind = "agency"
reliability = "B"
every = 15
feeds = ["https://agency.example/feed.xml"]
"""
LINE = {
    "url": URL,
    "outlet": "agency",
    "lang": "en",
    "published": "2026-02-21T08:00:00Z",
    "title": "They left",
    "text": "US forces completed their withdrawal from Qasrak base on Saturday, the coalition said.",
}


@pytest.fixture
def look(drawdown: Any, tmp_path: Path) -> Callable[[SourceHealth], Any]:
    """A store with one article of one source, which stands so; the commands to look at it."""
    (tmp_path / "drawdown.toml").write_text(CONFIG, encoding="utf-8")
    (tmp_path / "news.jsonl").write_text(json.dumps(LINE), encoding="utf-8")

    def filed(standing: SourceHealth, *told: Notice) -> Any:
        assert drawdown("ingest", "news.jsonl").code == 0
        store = Store.open(f"sqlite:///{tmp_path / 'drawdown.db'}")
        with store.writing() as session:
            marks.put(session, HEARTBEAT, datetime.now(UTC).isoformat())
            health.save(session, standing, told)
        store.close()
        return drawdown

    return filed


def stands(**more: Any) -> SourceHealth:
    return SourceHealth(
        source="agency", last_attempt_at=NOW, last_success_at=NOW - timedelta(hours=5), size=900, **more
    )


def test_a_source_that_is_well_is_no_fault(look: Any) -> None:
    run = look(stands())
    assert run("status").code == 0
    (source,) = json.loads(run("sources", "--json").out)
    assert (source["states"], source["size"], source["troubles"]) == ([], 900, {})


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"down_since": NOW, "error": "feed: HTTP status 500"}, "source agency is down: last success"),
        ({"stale_since": NOW, "news_at": NOW - timedelta(days=3)}, "source agency is stale: it has news daily"),
        ({"shrunk_since": NOW, "usual_size": 2000}, "900 bytes an article, usually 2000"),
    ],
)
def test_a_source_that_is_not_well_is_a_fault_and_a_notice(look: Any, more: dict[str, Any], said: str) -> None:
    (state,) = stands(**more).states
    run = look(stands(**more), Notice(source="agency", kind=NoticeKind(state), at=NOW, text=f"is {state}: \x1b[31m!"))
    shown = run("status")
    assert shown.code == 1
    assert said in shown.err
    assert f"is {state}: " in shown.out
    assert "\x1b[31m!" not in shown.out
    report = json.loads(run("status", "--json").out)
    assert [(notice["source"], notice["kind"]) for notice in report["notices"]] == [("agency", state)]
    assert report["sources"][0]["states"] == [state]


def test_sources_show_what_went_wrong_by_class(look: Any) -> None:
    run = look(stands(troubles={Trouble.SLOW: 1, Trouble.BUSY: 3}))
    (source,) = json.loads(run("sources", "--json").out)
    assert source["troubles"] == {"busy": 3, "slow": 1}
    assert "well" in run("sources").out


def test_a_removed_article_is_shown_where_it_counts(look: Any, tmp_path: Path) -> None:
    run = look(stands())
    store = Store.open(f"sqlite:///{tmp_path / 'drawdown.db'}")
    with store.writing() as session:
        for at in (NOW - timedelta(hours=30), NOW):
            visits.record(session, {URL: 404}, dated={}, unlisted={URL}, at=at, removed_after=timedelta(hours=24))
        number = versions.find_article(session, URL)
    store.close()
    for command in (("diff", str(number)), ("why", "qasrak"), ("base", "qasrak")):
        assert "removed: gone since" in run(*command).out, command
    (gone,) = json.loads(run("diff", URL, "--json").out)
    assert (gone["to"], gone["edits"], gone["absence"]["status"]) == (None, [], 404)
    (fact,) = json.loads(run("why", "qasrak", "--json").out)
    assert fact["held"]["support"][0]["absence"]["removed_at"] is not None
