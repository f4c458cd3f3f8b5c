"""What every request passes on its way out, redirects included: the guard, then the host's robots.txt.

And in what words it is said why a request came to nothing.
"""

from __future__ import annotations

import zlib
from typing import Any
from urllib.parse import urlsplit

import brotli  # type: ignore[import-untyped]
import zstandard
from scrapy import Request, Spider
from scrapy.crawler import Crawler
from scrapy.downloadermiddlewares.httpcompression import HttpCompressionMiddleware
from scrapy.downloadermiddlewares.redirect import RedirectMiddleware
from scrapy.downloadermiddlewares.robotstxt import RobotsTxtMiddleware
from scrapy.exceptions import IgnoreRequest
from scrapy.http import Response
from scrapy.robotstxt import RobotParser
from scrapy.utils.misc import build_from_crawler
from twisted.internet.defer import Deferred
from twisted.web.client import ResponseFailed

from db.errors import DrawdownError
from db.records import Trouble
from scrapers import guard
from scrapers.exchange import GarbledError
from scrapers.hosts import HOSTS, BudgetError, RestingError, StoppingError


class Refused(IgnoreRequest):
    """A request that must not be made; its text says why. trouble: what class of cause that is."""

    def __init__(self, text: str, *, trouble: Trouble = Trouble.FORBIDDEN) -> None:
        super().__init__(text)
        self.trouble = trouble


LONGEST_ROBOTS = 512_000  # bytes; RFC 9309, 2.5, asks for 500 KiB
MOST_CODINGS = 2  # of one answer; each costs as much as the body is long

_PLAIN = {
    "CannotResolveHostError": "the host's name does not resolve",
    "DownloadConnectionRefusedError": "the connection was refused",
    "DownloadTimeoutError": "took longer than allowed",
    "DownloadCancelledError": "is larger than allowed",
    "ResponseDataLossError": "the answer broke off or is garbled",
    "ConnectionDone": "the connection ended before the answer was whole, or its head is too long",
    "ConnectionLost": "the connection broke off",
    "ConnectionAborted": "the connection broke off",
    "_DataLoss": "the answer broke off or is garbled",
    "ValueError": "the answer is garbled",
    "KeyError": "the answer is garbled",
    "ParseError": "the answer is not HTTP",
    "BadHeaders": "the answer is not HTTP",
    "InvalidHeaderName": "the answer is not HTTP",
    "InvalidHeaderValue": "the answer is not HTTP",
    "ConnectError": "no connection could be made",
    "NoRouteError": "no way leads to the host",
    "TimeoutError": "took longer than allowed",
    "TCPTimedOutError": "took longer than allowed",
}
_SLOW = ("DownloadTimeoutError", "TimeoutError", "TCPTimedOutError")
_UNREADABLE = (
    "DownloadCancelledError",
    "ResponseDataLossError",
    "_DataLoss",
    "ValueError",
    "KeyError",
    "ParseError",
    "BadHeaders",
    "InvalidHeaderName",
    "InvalidHeaderValue",
)


def plain_reason(error: BaseException | None) -> str:
    """Why a request came to nothing, in a few words."""
    error = _innermost(error)
    if isinstance(error, DrawdownError):
        return str(error)
    text = " ".join(str(error).split())
    if "certificate verify failed" in text:
        return "the certificate does not verify"
    if "DOWNLOAD_MAXSIZE" in text:
        return _PLAIN["DownloadCancelledError"]
    if isinstance(error, IgnoreRequest):
        return text or "not asked"
    name = type(error).__name__
    return _PLAIN.get(name) or f"{name.removesuffix('Error').removeprefix('Download')}: {text[:300]}"


def trouble_of(error: BaseException | None) -> Trouble:
    """The class of what a request came to nothing of."""
    error = _innermost(error)
    match error:
        case Refused():
            return error.trouble
        case RestingError():
            return Trouble.BUSY
        case BudgetError():
            return Trouble.BUDGET
        case GarbledError():
            return Trouble.UNREADABLE
        case DrawdownError() | IgnoreRequest():
            return Trouble.FORBIDDEN
    name = type(error).__name__
    if name in _UNREADABLE or "DOWNLOAD_MAXSIZE" in str(error):
        return Trouble.UNREADABLE
    return Trouble.SLOW if name in _SLOW else Trouble.UNREACHABLE


def trouble_of_status(status: int) -> Trouble:
    """The class of an HTTP status that is no answer to the request."""
    if status in (429, 503):
        return Trouble.BUSY
    if status >= 500:
        return Trouble.SERVER
    if status in (401, 402, 403, 406, 451):
        return Trouble.FORBIDDEN
    return Trouble.MISSING if status in (404, 410) else Trouble.UNREADABLE


def _innermost(error: BaseException | None) -> BaseException | None:
    """What a failed answer failed of; Scrapy and Twisted wrap it twice."""
    inner = error if isinstance(error, ResponseFailed) else error.__cause__ if error else None
    if isinstance(inner, ResponseFailed) and inner.reasons:
        values = [reason.value for reason in inner.reasons]
        said = (value for value in values if type(value).__name__ in _PLAIN or isinstance(value, DrawdownError))
        return _innermost(next(said, values[-1]))
    return error


class CarefulCompression(HttpCompressionMiddleware):
    """Scrapy's, with an end to packing in packing and a plain word for what cannot be unpacked."""

    @staticmethod
    def _decode(body: bytes, encoding: bytes, max_size: int) -> bytes:
        """Scrapy's takes what it can get of a body that broke off; but half an article would look like an edit."""
        unpacked = HttpCompressionMiddleware._decode(body, encoding, max_size)
        if not _is_whole(body, encoding):
            raise EOFError
        return unpacked

    def process_response(
        self, request: Request, response: Response, spider: Spider | None = None
    ) -> Request | Response:
        """Raises GarbledError where the body is not what Content-Encoding says, or too large once unpacked."""
        named = b",".join(response.headers.getlist("Content-Encoding")).decode("latin-1")
        if named.count(",") >= MOST_CODINGS:
            raise GarbledError(f"the answer is packed more than {MOST_CODINGS} times")
        try:
            return super().process_response(request, response)
        except IgnoreRequest as error:
            raise GarbledError("is larger than allowed, once it is unpacked") from error
        except EOFError as error:
            raise GarbledError("the answer broke off or is garbled") from error
        except Exception as error:  # each kind of packing has errors of its own
            raise GarbledError(f"the answer says it is {named} and is not") from error


def _is_whole(packed: bytes, coding: bytes) -> bool:
    """Whether a packed body comes to its end. For bodies that were unpacked within bounds already."""
    match coding:
        case b"gzip" | b"x-gzip":
            return _ends(zlib.decompressobj(wbits=31), packed)
        case b"deflate":
            try:
                return _ends(zlib.decompressobj(), packed)
            except zlib.error:  # some servers send it without its frame, and Scrapy takes it
                return _ends(zlib.decompressobj(wbits=-15), packed)
        case b"br":
            unpacking = brotli.Decompressor()
            unpacking.process(packed)
            return bool(unpacking.is_finished())
        case b"zstd":
            while packed:  # a frame
                frame = zstandard.ZstdDecompressor().decompressobj()
                frame.decompress(packed)
                if not frame.eof:
                    return False
                packed = frame.unused_data
    return True


def _ends(unpacking: zlib._Decompress, packed: bytes) -> bool:
    unpacking.decompress(packed)
    return unpacking.eof


class CarefulRedirects(RedirectMiddleware):
    """Scrapy's, with a plain word for a redirect to what is no address."""

    def process_response(
        self, request: Request, response: Response, spider: Spider | None = None
    ) -> Request | Response:
        """Raises Refused where the Location cannot be a URL."""
        try:
            return super().process_response(request, response)
        except ValueError as error:
            raise Refused("redirects to what is not a URL") from error


class RoomMiddleware:
    """Lets nothing more be fetched while the store's disk is too full: the pass is cut short, and nobody's fault."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> RoomMiddleware:
        """Built by Scrapy."""
        return cls(crawler)

    def process_request(self, request: Request, spider: Spider | None = None) -> None:
        """Raises StoppingError where there is no room. Works for a spider that carries `job`."""
        job: Any = getattr(self._crawler.spider, "job", None)
        if job is not None and job.settings.is_short is not None and job.settings.is_short():
            raise StoppingError("not asked, because the store's disk is too full", where=request.url, retry=True)


class GuardMiddleware:
    """Refuses requests to addresses that no crawl may ask; it runs again for every redirect."""

    def __init__(self, crawler: Crawler) -> None:
        self._allow_hosts = tuple(crawler.settings.getlist("DRAWDOWN_ALLOW_HOSTS"))

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> GuardMiddleware:
        """Built by Scrapy."""
        return cls(crawler)

    def process_request(self, request: Request, spider: Spider | None = None) -> None:
        """Raises Refused with the reason."""
        reason = guard.refusal(request.url, self._allow_hosts)
        if reason:
            raise Refused(f"not asked: {reason}")


def robots_body(response: Response) -> bytes:
    """What of a robots.txt is read: none of one that is not there, and the beginning of one without end."""
    return response.body[:LONGEST_ROBOTS] if response.status < 400 else b""


class RobotsMiddleware(RobotsTxtMiddleware):
    """Scrapy's, with RFC 9309's answers to trouble: a robots.txt that cannot be had for now means no.

    Unreachable or 5xx (and 429): nothing may be asked. Other 4xx: there is none, everything may. Its Crawl-delay
    slows the host's gate down for every crawl.
    """

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self._trouble: dict[str, Refused | StoppingError] = {}

    def process_request_2(self, rp: RobotParser | None, request: Request) -> None:
        """Raises Refused where robots.txt forbids the request or could not be had.

        Raises StoppingError where it was not asked for, because crawling is being stopped.
        """
        if rp is None:
            trouble = self._trouble.get(urlsplit(request.url).netloc, Refused("", trouble=Trouble.UNREACHABLE))
            if isinstance(trouble, StoppingError):
                raise trouble
            raise Refused(f"not asked: the site's robots.txt could not be fetched: {trouble}", trouble=trouble.trouble)
        if not rp.allowed(request.url, str(self._robotstxt_useragent)):
            raise Refused("not asked: forbidden by robots.txt")

    def _robots_error(self, exc: Exception, netloc: str) -> None:
        self._trouble[netloc] = (
            exc if isinstance(exc, StoppingError) else Refused(plain_reason(exc), trouble=trouble_of(exc))
        )
        super()._robots_error(exc, netloc)

    async def _parse_robots(self, response: Response, netloc: str, request: Request) -> None:
        if response.status >= 500 or response.status == 429:
            trouble = trouble_of_status(response.status)
            self._robots_error(Refused(f"HTTP status {response.status}", trouble=trouble), netloc)
            return
        body = robots_body(response)
        parser = build_from_crawler(self._parserimpl, self.crawler, body)
        delay = parser.crawl_delay(str(self._robotstxt_useragent))
        if delay:
            HOSTS.slow_down(netloc, float(delay))
        waiting = self._parsers[netloc]
        self._parsers[netloc] = parser
        if isinstance(waiting, Deferred):
            waiting.callback(parser)
