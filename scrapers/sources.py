"""The outlets' ways in, as a topic's `sources.toml` lists them. A source is a declaration, never a class of its own."""

from __future__ import annotations

import codecs
import re
import tomllib
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from db.errors import ConfigError
from db.records import Origin
from scrapers.addresses import site_of
from scrapers.guard import is_local
from scrapers.plain import shown

LEAST_MINUTES = 10  # a public site is not asked more often
MOST_MINUTES = 10_080  # a week
GRADES = "ABCDEF"  # Admiralty reliability of a source, NATO AJP-2.1
KINDS = (
    "agency",
    "broadcaster",
    "daily",
    "government",
    "local",
    "military press",
    "monitoring group",
    "state media",
    "think-tank",
)
ROUTES = ("feeds", "sitemaps", "sections", "telegram", "pages")

_ID = re.compile(r"[a-z0-9]+(?:[_-][a-z0-9]+)*")
_LANG = re.compile(r"[a-z]{2,3}")
_KEYS = frozenset(
    ("id", "name", "lang", "kind", "reliability", "group", "every", "reprints", "path", "charset", "evidence", *ROUTES)
)
_DATED = re.compile(r"\{(?:yyyy|mm|dd)\}")


@dataclass(frozen=True, kw_only=True, slots=True)
class Source:
    """One outlet with its ways in.

    name: by language, at least "en". kind: one of KINDS. reliability: Admiralty, "A" to "F". group: the newsroom
    group; titles of one group are one house. reprints: agencies whose reports it carries. every: minutes between
    passes. path: how the path of an article's address begins, empty for any. charset: what its pages are in where they
    lie about it. A sitemap's address may hold {yyyy}, {mm} and {dd}, the day of the pass.
    """

    id: str
    name: Mapping[str, str]
    lang: str
    kind: str
    reliability: str
    group: str
    every: float
    reprints: tuple[str, ...] = ()
    feeds: tuple[str, ...] = ()
    sitemaps: tuple[str, ...] = ()
    sections: tuple[str, ...] = ()
    telegram: tuple[str, ...] = ()
    pages: tuple[str, ...] = ()
    path: str = ""
    charset: str | None = None
    evidence: str = field(default="", compare=False)

    def origin(self) -> Origin:
        """What articles of this source carry with them."""
        return Origin(source=self.id, outlet=self.name["en"], reliability=self.reliability, reprints=self.reprints)

    def sitemaps_on(self, day: datetime) -> tuple[str, ...]:
        """The addresses of its sitemaps on a day."""
        parts = {"{yyyy}": f"{day:%Y}", "{mm}": f"{day:%m}", "{dd}": f"{day:%d}"}
        return tuple(_DATED.sub(lambda match: parts[match[0]], url) for url in self.sitemaps)

    def routes(self) -> tuple[str, ...]:
        """Every address that a pass starts from."""
        return self.feeds + self.sitemaps + self.sections + self.telegram + self.pages


class Sites:
    """Whose site an address is on, as far as the sources' ways in tell.

    What a source lists or redirects to on the site of another is the other's to bring: else an outlet could pass off
    another's articles as its own, or date them anew.
    """

    def __init__(self, sources: Iterable[Source]) -> None:
        self._owners: dict[str, list[str]] = {}
        for source in sources:
            for site in {site_of(url) for url in source.routes()}:
                self._owners.setdefault(site, []).append(source.id)

    def other(self, url: str, source: str) -> str | None:
        """The source whose site this address is on, where that is another one's alone; else None."""
        owners = self._owners.get(site_of(url), ())
        return owners[0] if owners and source not in owners else None


def load_sources(path: Path) -> list[Source]:
    """Read every `[[source]]` table of the file, in its order. Raises ConfigError naming file, table and key."""
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError(f"cannot be read: {error.strerror or error}", where=str(path)) from error
    except UnicodeDecodeError as error:
        raise ConfigError("is not UTF-8; save it as UTF-8", where=str(path)) from error
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"is not valid TOML: {error}", where=str(path)) from error
    unknown = sorted(set(document) - {"source"})
    if unknown:
        raise ConfigError(f"unknown key {unknown[0]!r}; sources are [[source]] tables", where=str(path))
    tables = document.get("source", [])
    if not isinstance(tables, list):
        raise ConfigError("write [[source]], not [source]", where=str(path))
    sources = [parse_source(table, f"{path}: {_label(table, n)}") for n, table in enumerate(tables, start=1)]
    seen: set[str] = set()
    for source in sources:
        if source.id in seen:
            raise ConfigError(f'key "id": {source.id!r} is used twice', where=str(path))
        seen.add(source.id)
    return sources


def parse_source(table: Mapping[str, Any], where: str, allow_hosts: Collection[str] = ()) -> Source:
    """Read one source's table. `where` names the file and table in errors. Raises ConfigError naming the key.

    allow_hosts: "host:port" that settings exempt from the guard; they and this machine itself may be asked at any rate.
    """
    reading = _Table(table, where)
    reading.refuse_unknown()
    source = Source(
        id=reading.matching("id", _ID, "lower-case letters, digits, - and _"),
        name=reading.names(),
        lang=reading.matching("lang", _LANG, 'a code such as "ar" or "en"'),
        kind=reading.one_of("kind", KINDS),
        reliability=reading.one_of("reliability", tuple(GRADES)),
        group=reading.text("group", default="") or reading.text("id"),
        every=reading.minutes(),
        reprints=reading.texts("reprints"),
        feeds=reading.urls("feeds"),
        sitemaps=reading.urls("sitemaps"),
        sections=reading.urls("sections"),
        telegram=reading.previews(),
        pages=reading.urls("pages"),
        path=reading.path(),
        charset=reading.charset(),
        evidence=reading.text("evidence", default=""),
    )
    if not source.routes():
        raise ConfigError(f"no way in: give at least one of {', '.join(ROUTES)}", where=where)
    public = [url for url in source.routes() if not is_local(url) and urlsplit(url).netloc not in allow_hosts]
    if source.every < LEAST_MINUTES and public:
        raise reading.fault("every", f"{source.every:g} minutes is too often for {public[0]}; at least {LEAST_MINUTES}")
    return source


class _Table:
    """One TOML table being read; every fault names the key."""

    def __init__(self, table: Mapping[str, Any], where: str) -> None:
        if not isinstance(table, Mapping):
            raise ConfigError("is not a table", where=where)
        self._table = table
        self._where = where

    def fault(self, key: str, what: str) -> ConfigError:
        return ConfigError(f'key "{key}": {what}', where=self._where)

    def refuse_unknown(self) -> None:
        for key in self._table:
            if key not in _KEYS:
                raise self.fault(key, f"is not known; known are {', '.join(sorted(_KEYS))}")

    def text(self, key: str, *, default: str | None = None) -> str:
        value = self._table.get(key, default)
        if value is None:
            raise self.fault(key, "is missing")
        if not isinstance(value, str) or (default is None and not value.strip()):
            raise self.fault(key, f"must be a text, not {shown(value)}")
        return value

    def texts(self, key: str) -> tuple[str, ...]:
        value = self._table.get(key, [])
        if not isinstance(value, list) or not all(isinstance(item, str) and item.strip() for item in value):
            raise self.fault(key, f"must be a list of texts, not {shown(value)}")
        return tuple(value)

    def matching(self, key: str, pattern: re.Pattern[str], form: str) -> str:
        value = self.text(key)
        if not pattern.fullmatch(value):
            raise self.fault(key, f"{value!r} is not {form}")
        return value

    def one_of(self, key: str, allowed: Sequence[str]) -> str:
        value = self.text(key)
        if value not in allowed:
            raise self.fault(key, f"{value!r} is not one of {', '.join(allowed)}")
        return value

    def names(self) -> Mapping[str, str]:
        value = self._table.get("name")
        if not isinstance(value, dict) or not value.get("en"):
            raise self.fault("name", 'must be a table with at least "en", such as { en = "...", ar = "..." }')
        for lang, name in value.items():
            if not isinstance(name, str) or not name.strip() or not _LANG.fullmatch(lang):
                raise self.fault("name", f"{lang} = {name!r} is not a name in a language")
        return dict(value)

    def minutes(self) -> float:
        value = self._table.get("every")
        form = f"must be minutes between passes, more than 0 and at most {MOST_MINUTES}, not {shown(value)}"
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value <= MOST_MINUTES:
            raise self.fault("every", form)
        return value

    def urls(self, key: str) -> tuple[str, ...]:
        values = self.texts(key)
        for url in values:
            fault = _url_fault(_DATED.sub("0", url) if key == "sitemaps" else url)
            if fault:
                raise self.fault(key, f"{url!r} {fault}")
        return values

    def previews(self) -> tuple[str, ...]:
        values = self.urls("telegram")
        for url in values:
            if not re.fullmatch(r"/s/\w+/?", urlsplit(url).path):
                raise self.fault("telegram", f"{url!r} is not a public preview such as https://t.me/s/CHANNEL")
        return values

    def path(self) -> str:
        value = self.text("path", default="")
        if value and not value.startswith("/"):
            raise self.fault("path", f"{value!r} does not begin with /")
        return value

    def charset(self) -> str | None:
        if "charset" not in self._table:
            return None
        value = self.text("charset")
        try:
            b"a".decode(value, "replace")  # refuses codecs that are none of text, such as "hex"
            return codecs.lookup(value).name
        except (LookupError, ValueError) as error:
            raise self.fault("charset", f"{value!r} is not a character set that is known here") from error


def _label(table: object, number: int) -> str:
    name = table.get("id") if isinstance(table, Mapping) else None
    return f"[[source]] {number} ({name})" if isinstance(name, str) else f"[[source]] {number}"


def _url_fault(url: str) -> str | None:
    if re.search(r"[\s<>\"{}|\\^`]", url) or not url.isascii():
        return "has characters that a URL cannot have; percent-encode them"
    try:
        parts = urlsplit(url)
        port_ok = parts.port is None or parts.port > 0
    except ValueError:
        return "is not a URL"
    if parts.scheme not in ("http", "https"):
        return "must begin with http:// or https://"
    if not parts.hostname or not port_ok:
        return "names no host"
    if parts.username is not None or parts.password is not None:
        return "must not carry a user or password"
    if parts.fragment:
        return "must not carry a fragment"
    return None
