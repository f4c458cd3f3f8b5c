"""What knowing costs: `make bench`. Folding one version into an empty and a large store, `status`, and `rebuild`."""

from __future__ import annotations

import json
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import insert

from db import marks, versions
from db.models import ArticleRow, ClaimRow, ClaimState, VersionRow
from db.records import Capture, Claim, Kind, Modality, Origin, Page, Status, StatusValue, iso
from db.session import Store
from monitor.knowing.rules import Rules
from monitor.process import FIRST_FILL, Processor
from monitor.rebuild import rebuild
from monitor.status import build
from monitor.topics import load_topic

START = datetime(2016, 1, 1, tzinfo=UTC)
DAYS = 3650
SMALL = 5_000  # claims; a rebuild of more is bound by them, see docs/measurements.md
OUTLETS = 60
CLAIMS_A_VERSION = 5
SPEAKERS = (None, "CENTCOM", "a Kurdish source", "the Syrian Observatory for Human Rights", "a US official")
VALUES = ("active",) * 6 + ("reinforced", "withdrawing", "vacated", "handed_over")
MODALITIES = ("asserted",) * 7 + ("planned", "historical", "denied")
BATCH = 5_000


def main(large: int) -> None:
    """Print medians. large: claims in the large store."""
    with tempfile.TemporaryDirectory() as folder:
        took = {}
        for size in (0, SMALL, large):
            processor = _filled(f"sqlite:///{Path(folder) / f'{size}.db'}", size)
            took[size] = _fold(processor)
            print(
                f"{size:,} claims: folding one version {took[size]:.1f} ms, status {_status(processor):.1f} ms",
                flush=True,
            )
            if size == SMALL:
                print(f"  rebuild: {_rebuild(processor):.0f} versions a second", flush=True)
            processor.store.close()
        ratios = (f"{took[size] / took[0]:.1f} times at {size:,}" for size in (SMALL, large))
        print(f"compared with an empty store: {', '.join(ratios)}")


def _rebuild(processor: Processor) -> float:
    began = time.perf_counter()
    done = rebuild(processor, at=START + timedelta(days=DAYS + 30), keep=False)
    return done.versions / (time.perf_counter() - began)


def _filled(url: str, size: int) -> Processor:
    """A processor over a store with so many claims about all bases, over ten years; all of it folded."""
    topic = load_topic()
    store = Store.open(url)
    bases = sorted(topic.bases)
    chance = random.Random(7)
    count = size // CLAIMS_A_VERSION
    with store.writing() as session:
        marks.put(session, FIRST_FILL, iso(START))
    for first in range(0, count, BATCH):
        articles, texts, claims = [], [], []
        for number in range(first + 1, min(first + BATCH, count) + 1):
            at = START + timedelta(days=DAYS * number / count)
            outlet = f"outlet {chance.randrange(OUTLETS)}"
            articles.append(
                {
                    "id": number,
                    "url": f"https://news.example/{number}",
                    "source": outlet,
                    "outlet": outlet,
                    "reliability": "C",
                    "reprints": [],
                    "lang": "en",
                    "title": "",
                    "byline": "",
                    "published": at,
                    "first_seen_at": at,
                    "last_seen_at": at,
                    "changed_at": at,
                }
            )
            texts.append(
                {
                    "id": number,
                    "article_id": number,
                    "number": 1,
                    "lang": "en",
                    "published": at,
                    "seen_at": at,
                    "last_seen_at": at,
                    "sha256": b"",
                    "size": 0,
                    "delta": False,
                    "data": b"",
                    "read_at": at,
                    "folded_at": at,
                }
            )
            claims += [
                {
                    "version_id": number,
                    "kind": "base_status",
                    "subject": chance.choice(bases),
                    "value": {"value": chance.choice(VALUES), "to": None},
                    "modality": Modality(chance.choice(MODALITIES)),
                    "quote": "so",
                    "start": 0,
                    "end": 2,
                    "speaker": chance.choice(SPEAKERS),
                    "date": None,
                    "rule": "",
                    "origin": outlet,
                    "at": at,
                    "state": ClaimState.LIVE,
                }
                for _ in range(CLAIMS_A_VERSION)
            ]
        with store.writing() as session:
            session.execute(insert(ArticleRow), articles)
            session.execute(insert(VersionRow), texts)
            session.execute(insert(ClaimRow), claims)
    return Processor(store=store, topic=topic, rules=Rules(), tell=False)


def _fold(processor: Processor) -> float:
    """The median time of one version with one claim, in milliseconds of wall time.

    A first version of each base is not counted: with it the claims of ten years settle at once, which arrived at once.
    """
    bases = sorted(processor.topic.bases)[:9]
    took = []
    for number, base in enumerate(bases * 2):
        at = START + timedelta(days=DAYS + 1, minutes=number)
        url = f"https://new.example/{number}"
        page = Page(url=url, title="", text=url, lang="en", published=at)
        capture = Capture(url=url, fetched_at=at, status=200, headers=(), body=b"")
        claim = Claim(
            kind=Kind.BASE_STATUS,
            subject=base,
            value=StatusValue(status=Status.ACTIVE),
            modality=Modality.ASSERTED,
            quote="so",
            start=0,
            end=2,
        )
        with processor.store.writing() as session:
            saved = versions.save_page(session, page, Origin(source="new", outlet="new"), capture, at=at)
            versions.save_claims(session, saved.version_id, [claim], ["new"], at=at)
        took.append(_timed(processor.fold_waiting))
    return statistics.median(took[len(bases) :])


def _status(processor: Processor) -> float:
    def work() -> None:
        with processor.store.reading() as session:
            json.dumps(build(session, processor.topic, now=START + timedelta(days=DAYS + 2)).to_json())

    return statistics.median(_timed(work) for _ in range(5))


def _timed(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return (time.perf_counter() - began) * 1000


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000)
