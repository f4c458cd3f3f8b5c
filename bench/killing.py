"""`kill -9` of the sender at random points: is every change delivered, and how often does one come twice?

Usage: python -m bench.killing [KILLS] [CHANGES]

A mail server and a webhook on 127.0.0.1 count what they take; a third target refuses. A process that sends is killed
and started again so many times, then left to finish.
"""

from __future__ import annotations

import asyncio
import os
import random
import re
import signal
import sys
import tempfile
import time
from collections import Counter
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

from aiosmtpd.controller import Controller

from db import knowledge, outbox, versions
from db.records import (
    Capture,
    Change,
    ChangeType,
    Claim,
    DeliveryState,
    Kind,
    Modality,
    Origin,
    Page,
    Position,
    Status,
    StatusValue,
)
from db.session import Store
from monitor.telling.sender import Sender
from monitor.telling.target import Target
from monitor.topics import load_topic

NOW = datetime(2026, 2, 23, 14, 5, tzinfo=UTC)
LONGEST = 0.6  # seconds that a sender may live once it begins
TOPIC = load_topic("syria")
CHANGE = re.compile(r"Change (\d+)\b")


class Counted(BaseHTTPRequestHandler):
    """A webhook that writes down the change of each message that it takes."""

    taken: Path

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        if self.path == "/hook":
            note(self.taken, body)
        self.send_response(200 if self.path == "/hook" else 503)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: Any) -> None:
        pass


class Office:
    """A mail server that does the same."""

    def __init__(self, taken: Path) -> None:
        self.taken = taken

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        note(self.taken, envelope.content.decode("utf-8", "replace"))
        return "250 OK"


def note(taken: Path, text: str) -> None:
    found = CHANGE.search(text)
    with taken.open("a") as file:
        file.write(f"{found.group(1) if found else '?'}\n")


class AnyPort(Controller):
    """A controller that learns which port the system gave it before it tries the server."""

    def _trigger_server(self) -> None:
        assert self.server is not None
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()


def serve(folder: Path, pipe: int) -> None:
    """The two servers, in a process of their own; their ports go into the pipe."""
    Counted.taken = folder / "hook"
    http = ThreadingHTTPServer(("127.0.0.1", 0), Counted)
    Thread(target=http.serve_forever, daemon=True).start()
    mail = AnyPort(Office(folder / "mail"), hostname="127.0.0.1", port=0)
    mail.start()
    os.write(pipe, f"{http.server_port} {mail.port}".encode())
    signal.pause()


def fill(url: str, count: int) -> list[int]:
    """So many changes, due for three targets; their ids."""
    store = Store.open(url)
    quote = "القوات الأمريكية أخلت قاعدة قسرك بالكامل"
    ids: list[int] = []
    with store.writing() as session:
        for number in range(count):
            at = f"https://news.example/{number}"
            page = Page(url=at, title="قسرك", text=f"قال مصدر إن {quote}.", lang="ar", published=NOW)
            capture = Capture(url=at, fetched_at=NOW, status=200, headers=(), body=b"<html>")
            saved = versions.save_page(session, page, Origin(source="wire", outlet="وكالة"), capture, at=NOW)
            value = StatusValue(status=Status.VACATED)
            claim = Claim(
                kind=Kind.BASE_STATUS, subject="site", value=value, modality=Modality.ASSERTED, quote=quote, start=12,
                end=12 + len(quote),
            )  # fmt: skip
            versions.save_claims(session, saved.version_id, [claim], ["wire"], at=NOW)
            held = Position(value=value, since="2026-02-23", confidence=0.8, credibility="B2", origins=1, support=())
            change = Change(
                kind=Kind.BASE_STATUS, subject="site", type=ChangeType.UPDATE, before=None, after=value, at=NOW,
                article=at, version_id=saved.version_id, since="2026-02-23", held=held,
                claim_ids=tuple(item.id for item in knowledge.claims_of(session, saved.version_id)),
            )  # fmt: skip
            kept = knowledge.save_change(session, change)
            assert kept.id is not None
            ids.append(kept.id)
        outbox.enqueue(session, ids, ["mail", "hook", "broken"], at=NOW)
    store.close()
    return ids


def send(url: str, targets: list[Target], number: int, pipe: int) -> None:
    """What a started daemon does: leases of the one before come back, then everything that is due is sent."""
    store = Store.open(url)
    store.submit(outbox.release).result()
    sender = Sender(store=store, targets=targets, topic=TOPIC)
    os.write(pipe, b"!")
    asyncio.run(sender.deliver(NOW + timedelta(hours=2 * number)))
    os._exit(0)


def main(kills: int = 200, count: int = 6000) -> bool:
    """Kill and count; prints the figures, and returns whether they are as promised."""
    dice = random.Random(20260223)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        reading, writing = os.pipe()
        server = os.fork()
        if server == 0:
            serve(folder, writing)
        ports = os.read(reading, 100).decode().split()
        targets = [
            Target(name="mail", url=f"mailto://127.0.0.1:{ports[1]}?from=a@example.org&to=b@example.org", limit=0),
            Target(name="hook", url=f"slackhook://127.0.0.1:{ports[0]}/hook", limit=0),
            Target(name="broken", url=f"slackhook://127.0.0.1:{ports[0]}/broken", limit=0),
        ]
        url = f"sqlite:///{folder / 'drawdown.db'}"
        maker = os.fork()  # the store is never open in this process: its threads would not survive a fork
        if maker == 0:
            fill(url, count)
            os._exit(0)
        os.waitpid(maker, 0)
        killed = 0
        for number in range(kills + 4):
            child = os.fork()
            if child == 0:
                send(url, targets, number, writing)
            os.read(reading, 1)
            if number < kills:
                time.sleep(dice.uniform(0, LONGEST))
                os.kill(child, signal.SIGKILL)
            killed += os.WIFSIGNALED(os.waitpid(child, 0)[1])
        os.kill(server, signal.SIGKILL)
        os.waitpid(server, 0)
        return report(url, folder, count, killed)


def report(url: str, folder: Path, count: int, killed: int) -> bool:
    """Print what came of it; returns whether nothing was lost and under 1 in 100 came twice."""
    store = Store.open(url)
    with store.reading() as session:
        rows = outbox.deliveries(session)
    store.close()
    good = True
    for name in ("mail", "hook"):
        taken = Counter((folder / name).read_text().split())
        lost, again = count - len(taken), sum(taken.values()) - len(taken)
        sent = sum(row.target == name and row.state is DeliveryState.SENT for row in rows)
        print(f"{name}: {len(taken)} of {count} changes delivered, {lost} lost, {again} came twice; {sent} marked sent")
        good = good and lost == 0 and again * 100 < count
    states = Counter(row.state.value for row in rows if row.target == "broken")
    print(f"broken: {dict(states)}; {killed} senders killed")
    return good


if __name__ == "__main__":
    sys.exit(not main(*map(int, sys.argv[1:])))
