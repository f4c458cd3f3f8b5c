"""Page in, alert out: the whole program against a real site, a real mail server and a real webhook; killed anywhere."""

from __future__ import annotations

import itertools
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime
from pathlib import Path
from typing import Any, TypeVar

import pytest
from pytest_httpserver import HTTPServer
from sqlalchemy.orm import Session
from werkzeug import Request, Response

from db import backup, integrity, knowledge, outbox
from db.records import (
    Change,
    ChangeType,
    Checked,
    Comparator,
    DeliveryState,
    Figure,
    KnownFact,
    Role,
    Slot,
    Status,
    StatusValue,
)
from db.session import Store
from monitor.demo.sink import MailSink

T = TypeVar("T")
PROGRAM = Path(__file__).with_name("flow_program.py")
STAGES = ("fetched", "stored", "read", "folded", "told", "sending", "sent")
PATIENCE = 40  # seconds for a pass to come round; a pass is due every three

FIGURE = "The Pentagon said on Monday that about {number} American troops are in Syria, most of them in the northeast."
PARAGRAPHS = (
    "WASHINGTON — The Pentagon gave reporters a new count of the force on Monday, and said little more.",
    FIGURE,
    "The spokesman declined to say how many would stay through the spring, and named no date for an end.",
    "Shopkeepers along the road said that they had seen fewer patrols since the winter, and fewer customers with them.",
)
STATUS = (
    "قال مراسلنا في ريف الحسكة إن القوات الأمريكية انسحبت بالكامل اليوم من قاعدة قسرك، ولم يبق فيها أحد.",
    "وأضاف أن الأهالي شاهدوا آخر الشاحنات وهي تغادر الطريق الدولي باتجاه الحدود قبيل الظهر.",
    "ولم يصدر تعليق رسمي حتى ساعة إعداد هذا الخبر، فيما عادت الحركة إلى طبيعتها على الطريق.",
)


@dataclass
class Site:
    """A news site on 127.0.0.1: a feed, pages whose advert and counter change at every fetch, ETags that lie."""

    server: HTTPServer
    articles: dict[str, tuple[str, list[str]]] = field(default_factory=dict)
    charset: dict[str, tuple[str, str]] = field(default_factory=dict)
    published: datetime = field(default_factory=lambda: datetime.now(UTC).replace(microsecond=0))
    fetches: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    def publish(self, slug: str, title: str, paragraphs: list[str]) -> None:
        self.articles[slug] = (title, paragraphs)
        self.server.expect_request("/feed.xml").respond_with_handler(self.feed)
        self.server.expect_request(f"/news/{slug}").respond_with_handler(lambda _: self.page(slug))

    def feed(self, _: Request) -> Response:
        items = "".join(
            f"<item><title>{title}</title><link>{self.server.url_for(f'/news/{slug}')}</link>"
            f"<pubDate>{format_datetime(self.published, usegmt=True)}</pubDate></item>"
            for slug, (title, _) in self.articles.items()
        )
        body = f'<?xml version="1.0"?><rss version="2.0"><channel><title>Test Post</title>{items}</channel></rss>'
        return Response(body, content_type="application/rss+xml")

    def page(self, slug: str) -> Response:
        title, paragraphs = self.articles[slug]
        fetch = next(self.fetches)
        body = "".join(f"<p>{paragraph}</p>" for paragraph in paragraphs)
        related = "".join(f'<li><a href="/news/{fetch}-{n}">Fell to {fetch * 7 + n} troops</a></li>' for n in range(5))
        html = (
            '<!doctype html><html><head><meta charset="{meta}">'
            f"<title>{title}</title>"
            f'<meta property="article:published_time" content="{self.published.isoformat()}"></head><body>'
            f'<nav><a href="/">Home</a></nav><div class="ad">Buy {fetch} watches, today only</div>'
            f"<article><h1>{title}</h1>{body}</article>"
            f'<aside class="related"><h2>Related</h2><ul>{related}</ul></aside>'
            f'<div class="views">{fetch * 13} views</div><footer>Test Post</footer></body></html>'
        )
        meta, header = self.charset.get(slug, ("utf-8", "utf-8"))
        data = html.replace("{meta}", meta).encode(meta)
        response = Response(data, content_type=f"text/html; charset={header}")
        response.headers["ETag"] = f'"{fetch}"'
        return response


@dataclass
class Desk:
    """A folder with a configuration and the commands that run in it, each a process of its own."""

    folder: Path
    environ: dict[str, str]

    def run(self, *arguments: str, stage: str = "none", ok: int = 0) -> str:
        done = subprocess.run(
            [sys.executable, str(PROGRAM), stage, *arguments],
            cwd=self.folder,
            env=self.environ,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert done.returncode == ok, f"{arguments} ended with {done.returncode}\n{done.stdout}\n{done.stderr}"
        return done.stdout

    def crawl(self) -> Any:
        """One pass; what the table says of the one source."""
        [result] = json.loads(self.run("crawl", "--json"))
        return result

    def look(self, see: Callable[[Session], T]) -> T:
        """See into the store, between two commands."""
        store = Store.open(self.environ["DRAWDOWN_DATABASE_URL"])
        try:
            with store.reading() as session:
                return see(session)
        finally:
            store.close()

    def told(self) -> list[Change]:
        return self.look(knowledge.changes)

    def held(self) -> dict[str, KnownFact]:
        facts = self.look(knowledge.facts)
        return {fact.subject: fact for fact in facts if fact.slot is Slot.FACT}

    def start(self) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, str(PROGRAM), "none", "run"],
            cwd=self.folder,
            env=self.environ,
            stderr=subprocess.PIPE,
            text=True,
        )


@pytest.fixture
def site(httpserver: HTTPServer) -> Site:
    site = Site(httpserver)
    httpserver.expect_request("/robots.txt").respond_with_data("User-agent: *\nDisallow:\n")
    return site


@pytest.fixture
def mails() -> Iterator[MailSink]:
    with MailSink() as sink:
        yield sink


@pytest.fixture
def desk(tmp_path: Path, database_url: str, httpserver: HTTPServer, mails: MailSink) -> Desk:
    """A configuration with one source, a mail target and a webhook target, on each of the two databases."""
    httpserver.expect_request("/hook", method="POST").respond_with_data("ok")
    host = f"{httpserver.host}:{httpserver.port}"
    folder = tmp_path / "desk"
    folder.mkdir()
    (folder / "drawdown.toml").write_text(
        f"""
[crawl]
allow_hosts = ["{host}"]
delay_seconds = 0

[sources]
from_topic = false

[[source]]
id = "test-post"
name = {{ en = "Test Post" }}
lang = "en"
kind = "daily"
reliability = "B"
feeds = ["http://{host}/feed.xml"]
every = 0.05

[[target]]
name = "mail"
url = "env:TEST_MAIL_URL"

[[target]]
name = "slack"
url = "slackhook://{host}/hook"
""",
        encoding="utf-8",
    )
    environ = os.environ | {"DRAWDOWN_DATABASE_URL": database_url, "TEST_MAIL_URL": mails.url}
    environ.pop("DRAWDOWN_CONFIG", None)
    return Desk(folder, environ)


def about(number: int) -> Figure:
    return Figure(low=number, high=number, comparator=Comparator.ABOUT, role=Role.PRESENT)


def hooked(server: HTTPServer) -> list[str]:
    """What the webhook was told."""
    return [request.get_data(as_text=True) for request, _ in server.log if request.path == "/hook"]


def everything(session: Session) -> Checked:
    """Every stored text and capture, held against its hash."""
    found = integrity.articles(session, after=0, limit=100)
    return sum((integrity.check(session, one) for one in found), Checked())


def article(number: str) -> list[str]:
    return [paragraph.format(number=number) for paragraph in PARAGRAPHS]


def wait_until(true: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < deadline, f"waited in vain for: {what}"
        time.sleep(0.2)


def passes(server: HTTPServer) -> int:
    return sum(request.path == "/feed.xml" for request, _ in server.log)


def test_an_edited_figure_is_told_once_by_the_running_daemon(
    site: Site, desk: Desk, mails: MailSink, httpserver: HTTPServer
) -> None:
    site.publish("count", "Pentagon gives a count", article("2,000"))
    daemon = desk.start()
    try:
        wait_until(lambda: len(mails.messages) == 1, "the summary of the first fill")
        assert "2,000" in mails.messages[0].get_body(("plain",)).get_content()
        site.publish("count", "Pentagon gives a count", article("1,000"))
        wait_until(lambda: len(mails.messages) == 2 and len(hooked(httpserver)) == 2, "the alert of the edit")
        before = passes(httpserver)
        wait_until(lambda: passes(httpserver) >= before + 2, "two more passes")
    finally:
        daemon.send_signal(signal.SIGTERM)
        _, said = daemon.communicate(timeout=10)
    assert daemon.returncode == 0, said
    assert len(mails.messages) == 2
    assert len(hooked(httpserver)) == 2

    [change] = desk.told()
    assert (change.type, change.before, change.after) == (ChangeType.CORRECTION, about(2000), about(1000))
    alert = mails.messages[1]
    assert "about 2,000 → about 1,000" in alert["Subject"]
    for kind in ("plain", "html"):
        text = alert.get_body((kind,)).get_content()
        assert "about 1,000 American troops are in Syria" in text
        assert f"drawdown why {change.id}" in text
        assert "drawdown diff" in text
    assert "about 1,000 American troops" in hooked(httpserver)[1]
    shown = desk.run("diff", httpserver.url_for("/news/count"))
    assert "[-2,000-]{+1,000+}" in shown
    assert "version 1 → 2" in shown


def test_what_surrounds_the_text_makes_no_version(site: Site, desk: Desk) -> None:
    site.publish("count", "Pentagon gives a count", article("2,000"))
    assert desk.crawl()["new"] == 1
    for _ in range(2):
        assert desk.crawl() | {"source": ""} == {
            "source": "", "fetched": 1, "unchanged": 1, "new": 0, "changed": 0, "off_topic": 0,
            "refused": 0, "failed": 0, "gone": 0, "errors": [],
        }  # fmt: skip
    assert desk.told() == []


def test_a_wrong_charset_header_still_gives_readable_arabic(site: Site, desk: Desk) -> None:
    site.charset["qasrak"] = ("windows-1256", "utf-8")
    site.publish("qasrak", "انسحاب من قسرك", list(STATUS))
    desk.run("crawl")
    assert desk.held()["qasrak"].held.value == StatusValue(status=Status.VACATED)


@pytest.mark.parametrize("stage", STAGES)
def test_killed_anywhere_it_knows_and_tells_the_same(
    stage: str, site: Site, desk: Desk, mails: MailSink, httpserver: HTTPServer
) -> None:
    site.publish("count", "Pentagon gives a count", article("2,000"))
    desk.run("crawl")
    assert len(mails.messages) == 1  # the summary
    site.publish("count", "Pentagon gives a count", article("1,000"))
    desk.run("crawl", stage=stage, ok=-signal.SIGKILL)
    desk.run("crawl")
    assert desk.crawl()["unchanged"] == 1

    [change] = desk.told()
    assert (change.type, change.before, change.after) == (ChangeType.CORRECTION, about(2000), about(1000))
    figure = desk.held()["us-troops-syria"]
    assert (figure.held.value, figure.held.origins, figure.contested) == (about(1000), 1, False)
    deliveries = desk.look(outbox.deliveries)
    assert {delivery.state for delivery in deliveries} == {DeliveryState.SENT}
    assert sorted(delivery.target for delivery in deliveries) == ["mail", "mail", "slack", "slack"]
    alerts = [message for message in mails.messages if "1,000" in message["Subject"]]
    assert len({message["Message-ID"] for message in alerts}) == 1
    if stage == "sent":
        assert 1 <= len(alerts) <= 2  # at least once: the named window
    else:
        assert len(alerts) == 1


def test_killed_amid_many_pages_it_goes_on_where_it_was(site: Site, desk: Desk) -> None:
    for number in range(12):
        site.publish(f"count-{number}", f"Pentagon gives count {number}", article(f"{1000 + 50 * number:,}"))
    desk.run("crawl", stage="halfway", ok=-signal.SIGKILL)
    kept = desk.look(lambda session: len(integrity.articles(session, after=0, limit=100)))
    assert 0 < kept < 12
    assert desk.look(everything) == Checked(articles=kept, versions=kept, captures=kept)
    assert desk.crawl()["new"] == 12 - kept
    assert desk.crawl()["new"] == 0
    whole = {"articles": 12, "versions": 12, "captures": 12, "dropped": 0, "faults": []}
    assert json.loads(desk.run("verify", "--json")) == whole


def test_the_first_fill_killed_anywhere_ends_in_one_summary(site: Site, desk: Desk, mails: MailSink) -> None:
    site.publish("count", "Pentagon gives a count", article("2,000"))
    for stage in STAGES[:-1]:
        desk.run("crawl", stage=stage, ok=-signal.SIGKILL)
    desk.run("crawl")
    assert desk.told() == []
    assert len(mails.messages) == 1
    assert desk.held()["us-troops-syria"].held.value == about(2000)


def test_a_second_daemon_says_who_holds_the_store(site: Site, desk: Desk) -> None:
    site.publish("count", "Pentagon gives a count", article("2,000"))
    first = desk.start()
    try:
        wait_until(lambda: passes(site.server) > 0, "the first daemon's first pass")
        second = subprocess.run(
            [sys.executable, str(PROGRAM), "none", "run"],
            cwd=desk.folder,
            env=desk.environ,
            capture_output=True,
            text=True,
            timeout=30,
            check=False,
        )
        assert second.returncode == 1
        assert str(first.pid) in second.stderr
        assert "Traceback" not in second.stderr
        assert len(second.stderr.strip().splitlines()) == 1
    finally:
        first.send_signal(signal.SIGINT)
        first.communicate(timeout=10)
    assert first.returncode == 0


def test_a_running_daemon_is_backed_up(site: Site, desk: Desk) -> None:
    site.publish("count", "Pentagon gives a count", article("2,000"))
    daemon = desk.start()
    try:
        wait_until(lambda: passes(site.server) >= 2, "the second pass")
        desk.run("backup", "backup.tar.zst")
        before = passes(site.server)
        wait_until(lambda: passes(site.server) > before, "another pass")
    finally:
        daemon.send_signal(signal.SIGTERM)
        _, said = daemon.communicate(timeout=10)
    assert daemon.returncode == 0, said
    desk.environ["DRAWDOWN_DATABASE_URL"] = url = f"sqlite:///{desk.folder / 'restored.db'}"
    store = Store.open(url)
    with backup.unpacked(desk.folder / "backup.tar.zst", None) as (_, copy):
        backup.restore(store, copy)
    store.close()
    assert desk.held()["us-troops-syria"].held.value == about(2000)
    [first, *_] = desk.look(lambda session: integrity.articles(session, after=0, limit=10))
    assert desk.look(lambda session: integrity.check(session, first)) == Checked(articles=1, versions=1, captures=1)


def test_it_ends_in_time_though_a_mail_server_hangs(site: Site, desk: Desk) -> None:
    site.publish("count", "Pentagon gives a count", article("2,000"))
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        desk.environ["TEST_MAIL_URL"] = f"mailto://127.0.0.1:{port}/?from=a@example.org&to=b@example.org&mode=insecure"
        daemon = desk.start()
        silent.settimeout(PATIENCE)
        connection, _ = silent.accept()  # it wants to send, and nobody ever answers
        daemon.send_signal(signal.SIGTERM)
        _, said = daemon.communicate(timeout=10)
        connection.close()
    assert daemon.returncode == 0, said
    assert "Traceback" not in said
    assert DeliveryState.SENT not in {d.state for d in desk.look(outbox.deliveries) if d.target == "mail"}
