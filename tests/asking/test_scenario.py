"""The scenario read by both readers; the model is scripted: what is labelled, and a fifth more that is corrupted."""

from __future__ import annotations

import asyncio
import json
import random
import subprocess
import sys
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.orm import Session

from db import knowledge, versions
from db.records import Change, Evidence, Saved, parse_moment
from db.session import Store
from monitor.asking.asker import Asker
from monitor.asking.client import Client
from monitor.asking.settings import ModelSettings
from monitor.knowing.rules import Rules
from monitor.process import ATTEMPTS, Processor
from monitor.reading.dates import find_dates
from monitor.reading.llm.answer import Said
from monitor.reading.llm.ask import Contract, Sentences
from monitor.topics import load_topic
from scrapers.files import FileArticle, FileDefaults, read_articles
from tests.asking.conftest import Asked, ModelServer

SHARED = Path(__file__).resolve().parents[3] / "shared"
ARTICLES = SHARED / "corpus" / "scenario" / "articles.jsonl"
UNTIL = parse_moment("2026-02-10T00:00:00Z")

pytestmark = pytest.mark.skipif(not ARTICLES.is_file(), reason="../shared/corpus/scenario is not beside the project")


def labelled(row: Mapping[str, Any], asked: Asked) -> Iterator[dict[str, Any]]:
    """The labels of a sentence as the prompt wants them: the quote holds all, and dates only if it says them."""
    sentence = asked["sentence"]
    published = parse_moment(row["published"])
    dates = {found.date for ahead in (False, True) for found in find_dates(sentence, published, ahead=ahead)}
    for label in row["claims"]:
        if label["quote"] in sentence:
            claim = {key: label[key] for key in Said.model_fields if label.get(key) is not None}
            yield claim | {"quote": sentence, "date": claim.get("date") if claim.get("date") in dates else None}


def corrupted(claim: Mapping[str, Any], dice: random.Random) -> dict[str, Any]:
    """The claim with a paraphrased quote, a number from elsewhere, a base that is not in the text, or wrong offsets."""
    ways: list[dict[str, Any]] = [
        {"quote": f"{claim['quote'].rstrip('.')} indeed"},
        {"start": 5, "end": 9},
        {"date": "2026-01-03"},
        {"subject": "h2"},
    ]
    if "comparator" in claim:
        ways.append({"low": 4321, "high": 4321, "comparator": "exact"})
    return {**claim, **dice.choice(ways)}


def read(store: Store, server: ModelServer) -> tuple[list[Change], list[Evidence], int]:
    """Replay the scenario; the changes, the model's claims, and how many corrupted ones it made."""
    rows = {(row["url"], row["version"]): row for row in map(json.loads, ARTICLES.read_text("utf-8").splitlines())}
    topic = load_topic()
    settings = ModelSettings(endpoint=server.url, model="scripted", sentences=Sentences.ON_TOPIC, concurrency=4)
    contract = Contract(topic, model=settings.model, sentences=settings.sentences)
    clock: list[datetime] = [UNTIL]
    reading: list[Mapping[str, Any]] = [{}]
    dice, bad = random.Random(7), [0]

    def script(asked: Asked) -> str:
        claims = list(labelled(reading[0], asked))
        worse = [corrupted(claim, dice) for claim in claims if dice.random() < 0.2]
        bad[0] += len(worse)
        return json.dumps({"claims": [*worse, *claims]}, ensure_ascii=False)

    server.script = script
    processor = Processor(store=store, topic=topic, rules=Rules(), contract=contract, quiet_before=UNTIL, tell=False)
    asker = Asker(
        store=store,
        contract=contract,
        endpoint=Client(settings),
        settings=settings,
        now=lambda: clock[0],
        attempts=ATTEMPTS,
    )
    changes: list[Change] = []

    async def replay() -> None:
        filling = True
        for article in sorted(articles(), key=lambda article: article.at or UNTIL):
            assert article.at is not None
            clock[0] = article.at
            if filling and article.at >= UNTIL:
                processor.end_first_fill(UNTIL)
                filling = False
            reading[0] = rows[article.page.url, article.number or 1]
            save(store, article, article.at)
            changes.extend(processor.run())
            while await asker.ask_waiting():
                pass
            changes.extend(processor.fold_answers(article.at))
        await asker.endpoint.close()

    asyncio.run(replay())
    with store.reading() as session:
        said = [item for _, items in knowledge.by_version(session) for item in items if item.claim.reader == "llm"]
    return changes, said, bad[0]


def articles() -> list[FileArticle]:
    refused: list[Exception] = []
    found = read_articles(ARTICLES, FileDefaults(refused=refused.append))
    return [article for article in found if isinstance(article, FileArticle)]


def save(store: Store, article: FileArticle, at: datetime) -> None:
    def work(session: Session) -> Saved:
        return versions.save_page(session, article.page, article.origin, article.capture, at=at)

    store.submit(work).result()


def test_the_expected_changes_and_no_other(tmp_path: Path, model_server: ModelServer) -> None:
    store = Store.open(f"sqlite:///{tmp_path / 'drawdown.db'}")
    changes, said, bad = read(store, model_server)
    store.close()
    assert bad > 30
    assert len(said) > 150
    assert not [item for item in said if item.claim.subject == "h2" or item.claim.date == "2026-01-03"]
    assert not [item for item in said if "indeed" in item.claim.quote or "4321" in repr(item.claim.value)]
    (tmp_path / "changes.json").write_text(json.dumps([change.to_json() for change in changes]), encoding="utf-8")
    score = [sys.executable, str(SHARED / "eval" / "score_scenario.py"), str(tmp_path / "changes.json")]
    lines = subprocess.run(score, check=True, capture_output=True, text=True).stdout.splitlines()
    assert lines == ["scenario: right 23 false 0 missed 0 wrong type 0"]
