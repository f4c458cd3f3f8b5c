"""Fetching through the guard: addresses are judged when they are connected to, and hosts are asked one at a time.

A name is resolved for each connection; addresses that are not public are dropped before anything is sent, so neither a
name that points inside nor one that changes between look-up and connection (DNS rebinding) leads there.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any
from urllib.parse import urlsplit

from scrapy.core.downloader.handlers.http11 import (
    HTTP11DownloadHandler,
    _LenientHTTP11ClientFactory,
    _LenientHTTP11ClientProtocol,
    _LenientHTTPClientParser,
)
from scrapy.crawler import Crawler
from scrapy.http import Request, Response
from twisted.internet.endpoints import HostnameEndpoint, wrapClientTLS
from twisted.internet.error import DNSLookupError
from twisted.internet.interfaces import (
    IAddress,
    IHostnameResolver,
    IHostResolution,
    IReactorPluggableNameResolver,
    IResolutionReceiver,
)
from twisted.python.failure import Failure
from twisted.web._newclient import BODY
from twisted.web.client import HTTPConnectionPool
from zope.interface import implementer  # type: ignore[import-untyped]

from db.errors import CrawlError
from scrapers import guard
from scrapers.exchange import GarbledError, exchange
from scrapers.hosts import HOSTS, Budget

LONGEST_HEAD = 256 * 1024  # bytes of an answer before its body, interim answers included


class GuardedHandler(HTTP11DownloadHandler):
    """Scrapy's HTTP handler behind the host's gate, with a pool that connects to allowed addresses only."""

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self._delay = crawler.settings.getfloat("DRAWDOWN_DELAY")
        self._budget = Budget(
            requests=crawler.settings.getint("DRAWDOWN_DAILY_REQUESTS"),
            bytes=crawler.settings.getint("DRAWDOWN_DAILY_BYTES"),
        )
        self._pool = _GuardedPool(
            self._pool,
            self._contextFactory,
            allow_hosts=tuple(crawler.settings.getlist("DRAWDOWN_ALLOW_HOSTS")),
            timeout=crawler.settings.getfloat("DOWNLOAD_TIMEOUT"),
        )

    async def download_request(self, request: Request) -> Response:
        """Fetch when it is the request's turn. Raises CrawlError where it must not be made.

        The request's meta then has the `exchange`, since what goes out and comes in is seen here alone.
        """
        host = urlsplit(request.url).netloc
        async with HOSTS.turn(host, self._delay, self._budget):
            response = await super().download_request(request)
        HOSTS.took(host, len(response.body))
        HOSTS.heard(host, response.status, {"retry-after": _header(response, "Retry-After")})
        request.meta["exchange"] = exchange(request, response)
        return response


def _header(response: Response, name: str) -> str:
    value = response.headers.get(name)
    return value.decode("latin-1") if value else ""


class _GuardedPool(HTTPConnectionPool):
    """A connection pool that makes its own endpoints, over a resolver that drops what is not public."""

    def __init__(self, like: Any, tls: Any, *, allow_hosts: Collection[str], timeout: float) -> None:
        super().__init__(like._reactor, persistent=like.persistent)  # type: ignore[no-untyped-call]
        self.maxPersistentPerHost = like.maxPersistentPerHost
        self._factory = _Factory
        self._tls = tls
        self._allow_hosts = allow_hosts
        self._timeout = timeout

    def getConnection(self, key: Any, endpoint: Any) -> Any:  # noqa: N802 (Twisted's name)
        """A connection for (scheme, host, port, ...). The endpoint that the agent made is not used."""
        scheme, host, port = key[:3]
        if scheme not in (b"http", b"https"):
            raise CrawlError(f"no connection for scheme {scheme!r}")
        reactor = _GuardedReactor(self._reactor, self._allow_hosts)
        guarded: Any = HostnameEndpoint(reactor, host, port, timeout=self._timeout)
        if scheme == b"https":
            guarded = wrapClientTLS(self._tls.creatorForNetloc(host, port), guarded)
        connection = super().getConnection(key, guarded)
        return connection.addErrback(_name_the_refused, reactor.nameResolver)


class _Parser(_LenientHTTPClientParser):
    """Scrapy's, with an end to what comes before a body: Twisted bounds a line of the head, not their number."""

    _head = 0

    def dataReceived(self, data: bytes) -> None:  # noqa: N802 (Twisted's name)
        """Twisted's. Raises GarbledError, which ends the connection, where the head is too long."""
        if self.state != BODY:
            self._head += len(data)
            if self._head > LONGEST_HEAD:
                raise GarbledError("the answer's head is too long")
        parse: Any = super().dataReceived
        parse(data)


class _Protocol(_LenientHTTP11ClientProtocol):
    """Scrapy's, which puts its own parser in the same way: it cannot be handed in."""

    def request(self, request: Any) -> Any:
        """Twisted's."""
        answer = super().request(request)
        parser: Any = self._parser
        parser.__class__ = _Parser
        return answer


class _Factory(_LenientHTTP11ClientFactory):
    def buildProtocol(self, addr: IAddress | None) -> Any:  # noqa: N802 (Twisted's name)
        made: Any = _Protocol
        return made(self._quiescentCallback)


def _name_the_refused(failure: Failure, resolver: _GuardedResolver) -> Any:
    if resolver.refused and isinstance(failure.value, DNSLookupError):
        raise CrawlError(resolver.refused[0], where=resolver.host)
    return failure


@implementer(IReactorPluggableNameResolver)
class _GuardedReactor:
    """The reactor, with another name resolver for one connection."""

    def __init__(self, reactor: Any, allow_hosts: Collection[str]) -> None:
        self._reactor = reactor
        self.nameResolver = _GuardedResolver(reactor, allow_hosts)

    def installNameResolver(self, resolver: IHostnameResolver) -> IHostnameResolver:  # noqa: N802 (Twisted's name)
        raise NotImplementedError

    def __getattr__(self, name: str) -> Any:
        return getattr(self._reactor, name)


@implementer(IHostnameResolver)
class _GuardedResolver:
    """Resolves as the reactor does and passes on the public addresses. `refused`: why others were dropped."""

    def __init__(self, reactor: Any, allow_hosts: Collection[str]) -> None:
        self._reactor = reactor
        self._allow_hosts = allow_hosts
        self.host = ""
        self.refused: list[str] = []

    def resolveHostName(  # noqa: N802 (Twisted's name)
        self,
        receiver: Any,
        host: str,
        portNumber: int = 0,  # noqa: N803 (Twisted's name)
        *args: Any,
        **kwargs: Any,
    ) -> Any:
        self.host = host
        if not guard.is_allowed(host, portNumber, self._allow_hosts):
            receiver = _PublicOnly(receiver, self.refused)
        return self._reactor.nameResolver.resolveHostName(receiver, host, portNumber, *args, **kwargs)


@implementer(IResolutionReceiver)
class _PublicOnly:
    """Passes on what a resolution gives, without the addresses that are not public."""

    def __init__(self, receiver: Any, refused: list[str]) -> None:
        self._receiver = receiver
        self._refused = refused

    def resolutionBegan(self, resolution: IHostResolution) -> None:  # noqa: N802 (Twisted's name)
        self._receiver.resolutionBegan(resolution)

    def addressResolved(self, address: IAddress) -> None:  # noqa: N802 (Twisted's name)
        reason = guard.address_refusal(str(getattr(address, "host", "")))
        if reason:
            self._refused.append(reason)
        else:
            self._receiver.addressResolved(address)

    def resolutionComplete(self) -> None:  # noqa: N802 (Twisted's name)
        self._receiver.resolutionComplete()
