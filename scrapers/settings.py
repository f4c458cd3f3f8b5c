"""How Drawdown behaves on other people's servers.

The capitals are Scrapy's settings, the same for every crawl (`scrapy.cfg` points here, so Scrapy's own commands behave
the same way). `CrawlSettings` is what a configuration may change; `scrapy_settings` puts the two together.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from scrapers.guard import LONGEST_URL, malformed
from scrapers.plain import shown
from scrapers.revisits import Pace

BOT_NAME = "drawdown"
SPIDER_MODULES = ["scrapers.spiders"]

# Asked politely. Delay and concurrency a host are kept by scrapers.hosts, for all crawls of the process together.
ROBOTSTXT_OBEY = True
ROBOTSTXT_USER_AGENT = "Drawdown"
CONCURRENT_REQUESTS = 4
CONCURRENT_REQUESTS_PER_DOMAIN = 1
CONCURRENT_ITEMS = 2  # of one page; there is one writer, and each possible one costs a task a page
DOWNLOAD_DELAY = 0
COOKIES_ENABLED = False
REFERER_ENABLED = False
RETRY_TIMES = 1
RETRY_GIVE_UP_LOG_LEVEL = "DEBUG"
RETRY_HTTP_CODES: list[int] = []  # an answer is an answer; only broken connections are tried again
DEFAULT_REQUEST_HEADERS = {
    "Accept": "text/html,application/rss+xml,application/atom+xml,application/xml;q=0.9,*/*;q=0.5",
    "Accept-Language": "ar,en;q=0.8",
}

# Bounded.
DOWNLOAD_TIMEOUT = 30
DOWNLOAD_MAXSIZE = 10 * 1024 * 1024
DOWNLOAD_WARNSIZE = 0
REDIRECT_MAX_TIMES = 5
METAREFRESH_ENABLED = False
URLLENGTH_LIMIT = LONGEST_URL
DNS_TIMEOUT = 15
HTTPERROR_ALLOW_ALL = True  # the spider sees every status and names it

# Safe. A proxy would hide the address that is connected to, so none is taken from the environment.
DOWNLOAD_VERIFY_CERTIFICATES = True
HTTPPROXY_ENABLED = False
TELNETCONSOLE_ENABLED = False
REMOTE_CONTROL_ENABLED = False
DOWNLOAD_HANDLERS = {
    "http": "scrapers.handler.GuardedHandler",
    "https": "scrapers.handler.GuardedHandler",
    "data": None,
    "file": None,
    "ftp": None,
    "s3": None,
}
DOWNLOADER_MIDDLEWARES = {
    "scrapers.middlewares.RoomMiddleware": 80,
    "scrapers.middlewares.GuardMiddleware": 90,
    "scrapy.downloadermiddlewares.robotstxt.RobotsTxtMiddleware": None,
    "scrapers.middlewares.RobotsMiddleware": 100,
    "scrapy.downloadermiddlewares.httpcompression.HttpCompressionMiddleware": None,
    "scrapers.middlewares.CarefulCompression": 590,
    "scrapy.downloadermiddlewares.redirect.RedirectMiddleware": None,
    "scrapers.middlewares.CarefulRedirects": 600,
    "scrapy.downloadermiddlewares.offsite.OffsiteMiddleware": None,
    "scrapy.downloadermiddlewares.httpauth.HttpAuthMiddleware": None,
    "scrapy.downloadermiddlewares.cookies.CookiesMiddleware": None,
    "scrapy.downloadermiddlewares.httpcache.HttpCacheMiddleware": None,
}
ITEM_PIPELINES = {"scrapers.pipelines.StorePipeline": 100}

# A library in somebody else's process: no root handler, no statistics in the log, no other reactor.
LOG_INSTALL_ROOT_HANDLER = False
LOG_ENABLED = False
LOGSTATS_INTERVAL = 0
STATS_DUMP = False
MEMUSAGE_ENABLED = False
TWISTED_REACTOR = "twisted.internet.asyncioreactor.AsyncioSelectorReactor"

_LIMITS = {  # what a pass can be run with: least, most, unit
    "delay_seconds": (0, 3600, "seconds"),
    "timeout_seconds": (0.1, 600, "seconds"),
    "max_bytes": (1000, 100_000_000, "bytes"),
    "max_articles": (1, 10_000, "articles"),
    "max_seconds": (0.1, 86_400, "seconds"),
    "daily_requests": (1, 1_000_000, "requests"),
    "daily_bytes": (10_000, 100_000_000_000, "bytes"),
    "revisit_share": (0, 1, "of an article's age"),
    "revisit_days": (0, 3650, "days"),
    "removed_hours": (0, 8760, "hours"),
    "down_after": (1, 1000, "passes"),
}
_HOST_PORT = re.compile(r"(?:[\w.-]+|\[[0-9a-fA-F:]+\]):([1-9][0-9]{0,4})")
_LONGEST_AGENT = 300


@dataclass(frozen=True, kw_only=True, slots=True)
class CrawlSettings:
    """What a configuration may change about crawling.

    contact: an address or URL where a site can complain; it stands in the User-Agent. delay_seconds: between two
    requests to one host, over all crawls. max_articles: article requests in one pass. max_seconds: after which a pass
    takes nothing more up. daily_requests, daily_bytes: what a day may ask of one host. revisit_share, revisit_days: how
    often and how long an article is looked at again, see scrapers.revisits. removed_hours: that an article must be gone
    to count as removed. down_after: failed passes in a row after which a source counts as down. allow_hosts:
    "host:port" exempt from the guard against private addresses. about: whether a title and summary is worth following;
    None follows everything. owner: (address, source's id) → the other source whose site that is, or None. is_short:
    whether the store's disk is too full to fetch anything more; None never asks.
    """

    user_agent: str = "Drawdown/0.1"
    contact: str = ""
    delay_seconds: float = 2.0
    timeout_seconds: float = 30.0
    max_bytes: int = DOWNLOAD_MAXSIZE
    max_articles: int = 60
    max_seconds: float = 600.0
    daily_requests: int = 10_000
    daily_bytes: int = 1_000_000_000
    revisit_share: float = 0.08
    revisit_days: float = 30.0
    removed_hours: float = 24.0
    down_after: int = 3
    allow_hosts: tuple[str, ...] = ()
    about: Callable[[str], bool] | None = field(default=None, compare=False)
    owner: Callable[[str, str], str | None] | None = field(default=None, compare=False)
    is_short: Callable[[], bool] | None = field(default=None, compare=False)

    def __post_init__(self) -> None:
        """Raises ValueError, beginning with the field's name, for what no crawl can be run with."""
        for name, (least, most, unit) in _LIMITS.items():
            if not least <= getattr(self, name) <= most:  # not so for NaN either
                raise ValueError(f"{name} must be between {least} and {most} {unit}")
        for name in ("user_agent", "contact"):
            text = getattr(self, name)
            if not text.isprintable() or len(text) > _LONGEST_AGENT:
                raise ValueError(
                    f"{name} must be one line of at most {_LONGEST_AGENT} characters without control signs"
                )
        if not self.user_agent.strip():
            raise ValueError("user_agent must not be empty")
        for host in self.allow_hosts:
            match = _HOST_PORT.fullmatch(host)
            if not match or int(match[1]) > 65535:
                raise ValueError(f'allow_hosts must be "host:port" with a port from 1 to 65535, not {shown(host)}')

    def pace(self) -> Pace:
        """How often articles are looked at again."""
        removed_after = timedelta(hours=self.removed_hours)
        return Pace(share=self.revisit_share, days=self.revisit_days, removed_after=removed_after)

    def foreign(self, url: str, source: str) -> str | None:
        """Why a source may not bring what is at an address: it is on another's site. None where it may."""
        other = self.owner(url, source) if self.owner is not None and not malformed(url) else None
        return f"is on the site of another source, {other}" if other else None

    def agent(self) -> str:
        """The User-Agent header: who asks, that it is a news monitor, and where to complain."""
        return f"{self.user_agent} ({'; '.join(filter(None, ('news monitor', self.contact)))})"


def scrapy_settings(settings: CrawlSettings) -> dict[str, Any]:
    """All of Scrapy's settings for a crawl."""
    fixed = {name: value for name, value in globals().items() if name.isupper() and not name.startswith("_")}
    return fixed | {
        "USER_AGENT": settings.agent(),
        "DOWNLOAD_TIMEOUT": settings.timeout_seconds,
        "DOWNLOAD_MAXSIZE": settings.max_bytes,
        "CLOSESPIDER_TIMEOUT": settings.max_seconds,
        "DRAWDOWN_DELAY": settings.delay_seconds,
        "DRAWDOWN_DAILY_REQUESTS": settings.daily_requests,
        "DRAWDOWN_DAILY_BYTES": settings.daily_bytes,
        "DRAWDOWN_ALLOW_HOSTS": list(settings.allow_hosts),
    }
