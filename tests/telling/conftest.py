"""A real mail server, a real webhook, and a change with its evidence."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from db import knowledge, outbox, versions
from db.records import (
    Capture,
    Change,
    ChangeType,
    Claim,
    Evidence,
    Kind,
    Modality,
    Origin,
    Page,
    Position,
    Status,
    StatusValue,
    Support,
)
from db.session import Store
from monitor.topics import Topic, load_topic

T0 = datetime(2026, 2, 23, 14, 5, tzinfo=UTC)
QUOTE = "القوات الأمريكية أخلت قاعدة قسرك بالكامل"
OLDER = "قال مصدر محلي إن الانسحاب من قاعدة قسرك بدأ ولم يكتمل. بقي نحو 1,200 جندي."
NEWER = f"قال مصدر محلي إن {QUOTE}. بقي أقل من 1,000 جندي."


@dataclass
class PostOffice:
    """A mail server on 127.0.0.1 that does as it is told: "accept", "refuse", "defer", "drop" or "late-refuse"."""

    behaviour: str = "accept"
    messages: list[EmailMessage] = field(default_factory=list)
    connections: int = 0
    port: int = 0

    @property
    def url(self) -> str:
        return f"mailto://127.0.0.1:{self.port}?from=drawdown@example.org&to=desk@example.org"

    async def handle_RCPT(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        self.connections += 1
        if self.behaviour == "refuse":
            return "550 5.1.1 no such user"
        if self.behaviour == "defer":
            return "451 4.7.1 greylisted, come back later"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        if self.behaviour == "late-refuse":
            return "554 5.7.1 looks like spam"
        if self.behaviour == "drop":
            assert server.transport is not None
            server.transport.abort()
            return "250 never heard"
        assert isinstance(envelope.content, bytes)
        message: Any = message_from_bytes(envelope.content, policy=policy.default)
        self.messages.append(message)
        return "250 OK"


class AnyPort(Controller):
    """A controller that learns which port the system gave it before it tries the server."""

    def _trigger_server(self) -> None:
        assert self.server is not None
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()


@pytest.fixture
def post_office() -> Iterator[PostOffice]:
    office = PostOffice()
    controller = AnyPort(office, hostname="127.0.0.1", port=0)
    controller.start()
    office.port = controller.port
    yield office
    controller.stop()


@pytest.fixture(scope="session")
def topic() -> Topic:
    return load_topic("syria")


def claim(quote: str, status: Status = Status.VACATED, **more: Any) -> Claim:
    return Claim(
        kind=Kind.BASE_STATUS,
        subject="qasrak",
        value=StatusValue(status=status),
        modality=Modality.ASSERTED,
        quote=quote,
        start=0,
        end=len(quote),
        **more,
    )


def evidence(number: int, quote: str, status: Status = Status.VACATED, **more: Any) -> Evidence:
    parts: dict[str, Any] = {
        "id": number,
        "claim": claim(quote, status, speaker=more.pop("speaker", None)),
        "version_id": number,
        "number": 1,
        "article_id": 30 + number,
        "url": f"https://news.example/{number}?a=1&b=2",
        "source": "wire",
        "outlet": "Example Wire",
        "reliability": "B",
        "lang": "ar",
        "title": "A title",
        "published": T0,
        "at": T0,
        "origin": f"origin-{number}",
    }
    return Evidence(**(parts | more))


def position(status: Status, ids: tuple[int, ...] = (), **more: Any) -> Position:
    support = tuple(Support(claim_id=number, origin=f"origin-{number}", weight=0.5) for number in ids)
    parts: dict[str, Any] = {
        "value": StatusValue(status=status),
        "since": "2026-02-21",
        "confidence": 0.83,
        "credibility": "B2",
        "origins": max(len(ids), 1),
        "support": support,
    }
    return Position(**(parts | more))


def status_change(**more: Any) -> Change:
    parts: dict[str, Any] = {
        "kind": Kind.BASE_STATUS,
        "subject": "qasrak",
        "type": ChangeType.UPDATE,
        "before": StatusValue(status=Status.WITHDRAWING),
        "after": StatusValue(status=Status.VACATED),
        "at": T0,
        "article": "https://news.example/1?a=1&b=2",
        "version_id": 1,
        "claim_ids": (1,),
        "since": "2026-02-23",
        "previous": position(Status.WITHDRAWING, (3,), credibility="B3"),
        "held": position(Status.VACATED, (1, 2)),
        "id": 12,
    }
    return Change(**(parts | more))


@dataclass(frozen=True)
class Making:
    """What the tests make changes of; fixtures cannot be imported, so one hands these out."""

    evidence: Callable[..., Evidence] = evidence
    position: Callable[..., Position] = position
    change: Callable[..., Change] = status_change
    claim: Callable[..., Claim] = claim
    at: datetime = T0
    quote: str = QUOTE
    older: str = OLDER
    newer: str = NEWER


@pytest.fixture(scope="session")
def make() -> Making:
    return Making()


@pytest.fixture
def told(store: Store, topic: Topic) -> Callable[..., list[int]]:
    """Stores an article that is then edited, and changes for it in the outbox; returns the changes' ids."""
    urls = (f"https://news.example/{number}" for number in itertools.count(1))

    def tell(*targets: str, count: int = 1, quote: str = QUOTE) -> list[int]:
        url = next(urls)
        ids = []
        with store.writing() as session:
            for text in (OLDER, NEWER):
                page = Page(url=url, title="قسرك", text=text, lang="ar", published=T0)
                capture = Capture(url=url, fetched_at=T0, status=200, headers=(), body=text.encode())
                saved = versions.save_page(session, page, Origin(source="wire", outlet="وكالة"), capture, at=T0)
                found = [claim(quote)] if text == NEWER else []
                versions.save_claims(session, saved.version_id, found, ["wire"] * len(found), at=T0)
            claims = tuple(item.id for item in knowledge.claims_of(session, saved.version_id))
            for subject in list(topic.bases)[:count]:  # a version records one change a subject
                change = status_change(
                    id=None,
                    subject=subject,
                    article=url,
                    version_id=saved.version_id,
                    claim_ids=claims,
                    previous=None,
                    held=position(Status.VACATED, claims),
                )
                kept = knowledge.save_change(session, change)
                assert kept.id is not None
                ids.append(kept.id)
            outbox.enqueue(session, ids, targets, at=T0)
        return ids

    return tell
