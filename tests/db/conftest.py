"""Makers of pages, claims and facts, and a way to run a piece of the program in a process of its own."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from types import SimpleNamespace
from typing import Any

import pytest

from db import versions
from db.records import (
    Capture,
    Change,
    ChangeType,
    Claim,
    Kind,
    KnownFact,
    Modality,
    Origin,
    Page,
    Position,
    Saved,
    Slot,
    Status,
    StatusValue,
    Support,
)
from db.session import Store

START = datetime(2026, 2, 15, 6, 0, tzinfo=UTC)
URL = "https://news.example/tanf"


@pytest.fixture
def hour() -> Callable[[float], datetime]:
    """The moment so many hours after the start of the tests' time."""
    return lambda hours: START + timedelta(hours=hours)


@pytest.fixture
def save_into(hour: Callable[[float], datetime]) -> Callable[..., Saved]:
    """Store a text as an article's page, at an hour; anything of the page, origin or capture can be said."""

    def save_text(
        store: Store, text: str, *, at: float = 0, url: str = URL, body: bytes = b"<html>", **said: Any
    ) -> Saved:
        def of(noun: type, **usual: Any) -> dict[str, Any]:
            return usual | {name: value for name, value in said.items() if name in noun.__slots__}  # type: ignore[attr-defined]

        page = Page(url=url, text=text, **of(Page, title="Title", lang="en"))
        origin = Origin(**of(Origin, source="agency", outlet="Agency"))
        usual = of(Capture, status=200, headers=(("Content-Type", "text/html"),))
        capture = Capture(url=url, fetched_at=hour(at), body=body, **usual)
        with store.writing() as session:
            return versions.save_page(session, page, origin, capture, at=hour(at))

    return save_text


@pytest.fixture
def save(store: Store, save_into: Callable[..., Saved]) -> Callable[..., Saved]:
    """`save_into` the store of the test."""
    return partial(save_into, store)


@pytest.fixture
def make(hour: Callable[[float], datetime]) -> SimpleNamespace:
    """Claims, positions, facts and changes with little to say about each."""

    def claim(status: str = "vacated", subject: str = "tanf", to: str | None = None, **more: Any) -> Claim:
        usual: dict[str, Any] = {
            "kind": Kind.BASE_STATUS,
            "modality": Modality.ASSERTED,
            "quote": "left",
            "start": 0,
            "end": 4,
        }
        return Claim(subject=subject, value=StatusValue(status=Status(status), to=to), **usual | more)

    def position(status: str = "vacated", to: str | None = None, **more: Any) -> Position:
        usual: dict[str, Any] = {
            "since": "2026-02-11",
            "confidence": 0.1 + 0.2,
            "credibility": "B2",
            "origins": 2,
            "support": (
                Support(claim_id=1, origin="afp", weight=1 / 3, factors=(("reliability", 0.7), ("speaker", 1e-7))),
            ),
            "source": "وكالة",
        }
        return Position(value=StatusValue(status=Status(status), to=to), **usual | more)

    def fact(status: str = "vacated", *, at: float = 0, subject: str = "tanf", **more: Any) -> KnownFact:
        usual: dict[str, Any] = {
            "kind": Kind.BASE_STATUS,
            "slot": Slot.FACT,
            "held": position(status),
            "recorded_at": hour(at),
        }
        return KnownFact(subject=subject, **usual | more)

    def change(version_id: int | None, *, at: float = 0, subject: str = "tanf", **more: Any) -> Change:
        usual: dict[str, Any] = {
            "kind": Kind.BASE_STATUS,
            "type": ChangeType.UPDATE,
            "before": StatusValue(status=Status.ACTIVE),
            "after": StatusValue(status=Status.VACATED),
            "article": URL,
            "claim_ids": (1, 2),
            "since": "2026-02-11",
        }
        return Change(subject=subject, version_id=version_id, at=hour(at), **usual | more)

    return SimpleNamespace(claim=claim, position=position, fact=fact, change=change)


@pytest.fixture
def start_process() -> Iterator[Callable[..., subprocess.Popen[str]]]:
    """Run Python code with arguments in a process of its own; all are ended with the test."""
    running: list[subprocess.Popen[str]] = []

    def begin(code: str, *arguments: str) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [sys.executable, "-c", code, *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        running.append(process)
        return process

    yield begin
    for process in running:
        process.kill()
        process.communicate()
