"""The newsroom: one real HTTP server an outlet on 127.0.0.1, publishing the scenario step by step."""

from __future__ import annotations

import sys
import threading
import zlib
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socket import SHUT_RDWR, socket
from types import TracebackType
from typing import Any
from urllib.parse import urlsplit

from db.errors import InputError
from monitor.demo.pages import Moment, Pages, Shown
from monitor.demo.scenario import Line, Outlet, PageRule, Plan, Step, load_plan, steps_of

HOST = "127.0.0.1"
FEED, SECTION = "/feed.xml", "/latest"
EVERY = 10  # minutes between two passes over a source
ROBOTS = "User-agent: *\nDisallow: /search\nDisallow: /video/\nDisallow: /share/\n"
PHOTO = '<svg xmlns="http://www.w3.org/2000/svg" width="640" height="360"/>'
_FEED_TYPES = {"rss": "application/rss+xml; charset=utf-8", "atom": "application/atom+xml; charset=utf-8"}


@dataclass(frozen=True, kw_only=True, slots=True)
class Served:
    """One answer of the newsroom: which outlet's, to what path, with what status."""

    outlet: str
    path: str
    status: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Reply:
    """An answer before it goes out. etag: with its quotes, None for none."""

    body: bytes
    type: str = "text/html; charset=utf-8"
    status: int = HTTPStatus.OK
    etag: str | None = None


class Newsroom:
    """The outlets of the scenario, each on a port of its own, as long as the `with` block lasts.

    lines: the versions to publish, each going live when its step is published. plan: how the sites are built.
    Raises InputError for a line of an outlet that the plan lacks. Only articles that are published can be fetched.
    """

    def __init__(self, lines: Sequence[Line], *, plan: Plan | None = None) -> None:
        self._plan = plan or load_plan()
        self._steps = steps_of(lines)
        self._firsts = {line.outlet_id: line for line in reversed(lines)}
        known = {outlet.id for outlet in self._plan.outlets}
        if strange := sorted(set(self._firsts) - known):
            raise InputError(f"the plan has no outlet {', '.join(strange)}", where="newsroom")
        self._sites: dict[str, Site] = {}
        self._stack = ExitStack()

    def __enter__(self) -> Newsroom:
        with ExitStack() as stack:
            for outlet in self._plan.outlets:
                if first := self._firsts.get(outlet.id):
                    site = Site(outlet, self._plan, first, clock=self._steps[0].at)
                    self._sites[outlet.id] = stack.enter_context(site)
            self._stack = stack.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()

    def steps(self) -> Sequence[Step]:
        """What there is to publish, in time's order."""
        return self._steps

    def publish(self, step: Step) -> None:
        """Make the step's versions live on their sites and set the clock of all sites to the step's moment."""
        for site in self._sites.values():
            site.publish(step.at, [line for line in step.lines if line.outlet_id == site.outlet.id])

    @property
    def sources(self) -> list[dict[str, Any]]:
        """The outlets as tables of a source list, in the plan's order."""
        return [site.source for site in self._sites.values()]

    @property
    def hosts(self) -> tuple[str, ...]:
        """Every site as "host:port", for those who refuse private addresses otherwise."""
        return tuple(urlsplit(site.base).netloc for site in self._sites.values())

    @property
    def served(self) -> list[Served]:
        """Every answer given so far, each outlet's in order."""
        return [answer for site in self._sites.values() for answer in list(site.served)]

    def canonical(self, url: str) -> str:
        """The scenario's address of an article on one of the sites. Raises InputError for any other address."""
        for site in self._sites.values():
            if url.startswith(f"{site.base}/"):
                return f"{site.origin}{url.removeprefix(site.base)}"
        raise InputError("no site of the newsroom has this address", where=url)

    def local(self, url: str) -> str:
        """The address on its outlet's site of an article of the scenario. Raises InputError for any other address."""
        for site in self._sites.values():
            if url.startswith(f"{site.origin}/"):
                return f"{site.base}{url.removeprefix(site.origin)}"
        raise InputError("no outlet of the scenario has this address", where=url)


class Site:
    """One outlet's site: what is live on it, and the server that shows it. Threads share it under a lock.

    first: any line of the outlet, for its language, reliability and address. clock: the moment before the first step.
    """

    def __init__(self, outlet: Outlet, plan: Plan, first: Line, *, clock: datetime) -> None:
        self.outlet = outlet
        self.origin = first.url.removesuffix(first.path)
        self.served: list[Served] = []
        self._first = first
        self._rules = plan.pages
        self._clock = clock
        self._fetches = 0
        self._shown: dict[str, Shown] = {}  # by path
        self._lock = threading.Lock()
        self._server = _Server(self)
        self.base = f"http://{HOST}:{self._server.server_address[1]}"
        self._pages = Pages(outlet, plan, lang=first.lang, base=self.base)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), name=f"site {outlet.id}")

    def __enter__(self) -> Site:
        self._thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._server.shutdown()
        self._server.hang_up()
        self._server.server_close()
        self._thread.join()

    @property
    def source(self) -> dict[str, Any]:
        """The outlet as a table of a source list."""
        index = {"sections": [self.base + SECTION]} if self.outlet.index == "section" else {"feeds": [self.base + FEED]}
        return {
            "id": self.outlet.id,
            "name": dict(self.outlet.name),
            "lang": self._first.lang,
            "kind": self.outlet.kind,
            "group": self.outlet.id,
            "reliability": self._first.reliability,
            "reprints": list(self.outlet.reprints),
            "every": EVERY,
            **index,
        }

    def publish(self, at: datetime, lines: Sequence[Line]) -> None:
        """Show these versions from now on; `at` is what the site's clock says until the next step."""
        with self._lock:
            self._clock = at
            for line in lines:
                before = self._shown.get(line.path)
                self._shown[line.path] = Shown(first=before.first if before else line, line=line)

    def reply(self, path: str) -> Reply:
        """What a GET of this path gets now. Each call counts as a fetch."""
        with self._lock:
            self._fetches += 1
            moment = Moment(now=self._clock, fetch=self._fetches)
            shown = dict(self._shown)
        if page := shown.get(path):
            return self._article(page.line, moment)
        if path in (FEED, SECTION, "/") or path.startswith("/topics/"):
            return self._index(path, list(shown.values()), moment)
        match path:
            case "/robots.txt":
                return Reply(body=ROBOTS.encode(), type="text/plain; charset=utf-8")
            case "/static/photo.svg":
                return Reply(body=PHOTO.encode(), type="image/svg+xml")
            case "/about" | "/contact" | "/search":
                return Reply(body=self._pages.plain(path[1:], moment).encode())
        if path.startswith("/video/"):
            return Reply(body=self._pages.plain("latest", moment).encode())
        return Reply(body=self._pages.plain("gone_title", moment).encode(), status=HTTPStatus.NOT_FOUND)

    def log(self, path: str, status: int) -> None:
        """Note that an answer went out."""
        with self._lock:
            self.served.append(Served(outlet=self.outlet.id, path=path, status=status))

    def date(self) -> str:
        """The Date header: the scenario's clock."""
        with self._lock:
            return format_datetime(self._clock, usegmt=True)

    def _article(self, line: Line, moment: Moment) -> Reply:
        rule = self._rules.get(line.article, PageRule())
        text = self._pages.article(line, moment)
        if line.blocked:  # a soft error: no status tells it from an article, and no validator binds it
            return Reply(body=text.encode())
        body = text.encode(rule.charset, "xmlcharrefreplace")
        return Reply(body=body, type=f"text/html; charset={rule.header}", etag=self._etag(line, rule, moment))

    def _etag(self, line: Line, rule: PageRule, moment: Moment) -> str | None:
        """The validator of a version: the same as long as its text and title are, whatever surrounds them."""
        if not self.outlet.etag:
            return None
        content = "\n".join((line.title, *line.paragraphs, str(moment.fetch) if rule.etag == "restless" else ""))
        return f'"{zlib.crc32(content.encode()):08x}"'

    def _index(self, path: str, shown: Sequence[Shown], moment: Moment) -> Reply:
        if path == FEED:
            if self.outlet.index == "section":
                return Reply(body=self._pages.plain("gone_title", moment).encode(), status=HTTPStatus.NOT_FOUND)
            return Reply(body=self._pages.feed(shown, moment).encode(), type=_FEED_TYPES[self.outlet.index])
        return Reply(body=self._pages.index(shown, moment).encode())


class _Server(ThreadingHTTPServer):
    """A threaded server on a free port that can hang up on connections that are kept alive."""

    daemon_threads = False  # so that closing waits for them
    request_queue_size = 64  # five, the default, makes a crawler's ninth connection wait a second for its second try

    def __init__(self, site: Site) -> None:
        self.site = site
        self._open: set[socket] = set()
        self._guard = threading.Lock()
        super().__init__((HOST, 0), _Handler)

    def process_request(self, request: Any, client_address: Any) -> None:
        with self._guard:
            self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        with self._guard:
            self._open.discard(request)
        super().shutdown_request(request)

    def hang_up(self) -> None:
        """End the connections that idle, and with them their threads."""
        with self._guard:
            for connection in self._open:
                try:
                    connection.shutdown(SHUT_RDWR)
                except OSError:
                    continue  # its other end went first

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A reader that hangs up in the middle is no fault of the newsroom; any other error is."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    protocol_version = "HTTP/1.1"
    server_version, sys_version = "newsroom", ""
    disable_nagle_algorithm = True  # headers and body are two writes; waiting for the first one's ACK costs 40 ms

    def do_GET(self) -> None:
        site = self.server.site
        path = urlsplit(self.path).path
        reply = site.reply(path)
        fresh = reply.etag is not None and reply.etag in (self.headers.get("If-None-Match") or "")
        status = HTTPStatus.NOT_MODIFIED if fresh else reply.status
        site.log(path, status)
        self.send_response(status)
        if reply.etag is not None:
            self.send_header("ETag", reply.etag)
        if not fresh:
            self.send_header("Content-Type", reply.type)
            self.send_header("Content-Length", str(len(reply.body)))
        self.end_headers()
        if not fresh and self.command != "HEAD":
            self.wfile.write(reply.body)

    def do_HEAD(self) -> None:
        self.do_GET()

    def date_time_string(self, timestamp: float | None = None) -> str:
        """The scenario's clock, not the machine's."""
        return self.server.site.date()

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing on the terminal: what was served is kept by the site."""
