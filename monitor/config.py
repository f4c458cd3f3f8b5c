"""Configuration: one typed table from `drawdown.toml` and the environment, checked when it is loaded.

Secrets (database and target URLs) may be given as "env:NAME": then the environment holds them, not the file.
"""

from __future__ import annotations

import dataclasses
import os
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, TypeVar

from pydantic import TypeAdapter, ValidationError

from db.errors import ConfigError
from monitor.knowing.rules import Rules
from scrapers.settings import CrawlSettings
from scrapers.sources import Source, load_sources, parse_source

FILE_NAME = "drawdown.toml"
T = TypeVar("T")


@dataclass(frozen=True, kw_only=True, slots=True)
class Target:
    """One place where alerts are told. url: an Apprise URL (a secret). lang: the alert's language."""

    name: str
    url: str = field(repr=False)
    lang: Literal["en", "ar"] = "en"


@dataclass(frozen=True, kw_only=True, slots=True)
class StoreTable:
    """`[store]`: where everything is kept, as a SQLAlchemy URL; a relative SQLite path is beside the file."""

    url: str = field(default="sqlite:///drawdown.db", repr=False)


@dataclass(frozen=True, kw_only=True, slots=True)
class SourcesTable:
    """`[sources]`: whether the topic's sources are crawled, and which of them are not."""

    from_topic: bool = True
    off: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Config:
    """Everything that a user may set. `path` is the file it came from; `database_url` is a secret."""

    path: Path
    topic: str
    database_url: str = field(repr=False)
    crawl: CrawlSettings
    rules: Rules
    sources: SourcesTable
    own_sources: tuple[Source, ...]
    targets: tuple[Target, ...]

    def all_sources(self, topic_file: Path) -> list[Source]:
        """The topic's sources that are not switched off, then the user's own.

        Raises ConfigError where two have one id or `off` names one that does not exist.
        """
        listed = load_sources(topic_file) if self.sources.from_topic else []
        unknown = set(self.sources.off) - {source.id for source in listed}
        if unknown:
            raise ConfigError(
                f"no source of the topic is called {', '.join(sorted(unknown))}; `drawdown sources` lists them",
                where=f"{self.path}: [sources], key off",
            )
        chosen = [source for source in listed if source.id not in self.sources.off] + list(self.own_sources)
        _once([source.id for source in chosen], "source", "id", self.path)
        return chosen


def find_config(given: Path | None, environ: Mapping[str, str] = os.environ) -> Path:
    """The configuration file: `--config`, else DRAWDOWN_CONFIG, else drawdown.toml in the current folder."""
    path = given or Path(environ.get("DRAWDOWN_CONFIG") or FILE_NAME)
    if not path.is_file():
        raise ConfigError("no such file; `drawdown init` writes one, or name yours with --config FILE", where=str(path))
    return path


def load_config(path: Path, environ: Mapping[str, str] = os.environ) -> Config:
    """Read and check a configuration file. Raises ConfigError naming file, table and key."""
    data = _read(path)
    known = {"topic", "store", "crawl", "knowing", "sources", "source", "target"}
    for key in data:
        if key not in known:
            raise ConfigError(f"unknown key or table {key!r}; known: {', '.join(sorted(known))}", where=str(path))
    store = _table(StoreTable, data.get("store", {}), f"{path}: [store]")
    crawl = _table(CrawlSettings, data.get("crawl", {}), f"{path}: [crawl]")
    targets = _targets(_tables(data, "target", path), path, environ)
    url = environ.get("DRAWDOWN_DATABASE_URL") or _secret(store.url, environ, f"{path}: [store], key url")
    topic = data.get("topic", "syria")
    if not isinstance(topic, str):
        raise ConfigError("must be a topic's name or the path of its folder", where=f"{path}: key topic")
    return Config(
        path=path,
        topic=topic,
        database_url=_beside(url, path.parent),
        crawl=crawl,
        rules=_table(Rules, data.get("knowing", {}), f"{path}: [knowing]"),
        sources=_table(SourcesTable, data.get("sources", {}), f"{path}: [sources]"),
        own_sources=_own_sources(_tables(data, "source", path), path, crawl),
        targets=targets,
    )


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError(f"cannot be read: {error.strerror}", where=str(path)) from error
    except UnicodeDecodeError as error:
        raise ConfigError(f"is not UTF-8 (byte {error.start}); save it as UTF-8", where=str(path)) from error
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"is not TOML: {error}", where=str(path)) from error


def _tables(data: dict[str, Any], name: str, path: Path) -> list[dict[str, Any]]:
    tables = data.get(name, [])
    if not isinstance(tables, list) or not all(isinstance(table, dict) for table in tables):
        raise ConfigError(f"write [[{name}]] with two brackets, one table each", where=f"{path}: [{name}]")
    return tables


def _table(cls: type[T], data: object, where: str) -> T:
    """Build a dataclass from a table; a key that it does not have, or a value of another type, is a ConfigError."""
    if not isinstance(data, dict):
        raise ConfigError("must be a table", where=where)
    names = {f.name for f in dataclasses.fields(cls) if f.init}  # type: ignore[arg-type]
    for key in data:
        if key not in names:
            raise ConfigError(f"unknown key {key!r}; known: {', '.join(sorted(names))}", where=where)
    try:
        return TypeAdapter(cls).validate_python(data)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        key = ".".join(str(part) for part in first["loc"])
        raise ConfigError(first["msg"].removeprefix("Value error, "), where=f"{where}, key {key}") from None


def _targets(tables: Sequence[dict[str, Any]], path: Path, environ: Mapping[str, str]) -> tuple[Target, ...]:
    targets = []
    for number, table in enumerate(tables, 1):
        where = f"{path}: [[target]] {number}"
        target = _table(Target, table, where)
        targets.append(dataclasses.replace(target, url=_secret(target.url, environ, f"{where}, key url")))
    _once([target.name for target in targets], "target", "name", path)
    return tuple(targets)


def _own_sources(tables: Sequence[dict[str, Any]], path: Path, crawl: CrawlSettings) -> tuple[Source, ...]:
    return tuple(parse_source(table, f"{path}: [[source]] {n}", crawl.allow_hosts) for n, table in enumerate(tables, 1))


def _once(names: Sequence[str], table: str, key: str, path: Path) -> None:
    for name in names:
        if names.count(name) > 1:
            raise ConfigError(f"two tables are called {name!r}", where=f"{path}: [[{table}]], key {key}")


def _secret(text: str, environ: Mapping[str, str], where: str) -> str:
    if not text.startswith("env:"):
        return text
    name = text.removeprefix("env:")
    if not environ.get(name):
        raise ConfigError(f"the environment variable {name} is not set", where=where)
    return environ[name]


def _beside(url: str, folder: Path) -> str:
    """A relative SQLite path counts from the configuration file's folder, not from where the command runs."""
    prefix = "sqlite:///"
    if not url.startswith(prefix) or url.startswith(prefix + "/") or url == prefix or ":memory:" in url:
        return url
    return prefix + str((folder / url.removeprefix(prefix)).absolute())


TEMPLATE = """\
# Drawdown's configuration. `drawdown check` says what is wrong with it.

topic = "syria"             # or the path of a topic's folder

[store]
# url = "sqlite:///drawdown.db"                # beside this file
# url = "env:DRAWDOWN_DATABASE_URL"            # e.g. postgresql://user:password@host/drawdown

# Where alerts go: any number of targets, each an Apprise URL. Keep secrets in the environment.
# [[target]]
# name = "desk"
# url = "env:DRAWDOWN_DESK_URL"                # e.g. mailtos://user:password@mail.example.org?to=desk@example.org
# lang = "en"                                  # or "ar"

# [[target]]
# name = "slack"
# url = "env:DRAWDOWN_SLACK_URL"               # e.g. slack://TokenA/TokenB/TokenC

[crawl]
# contact = "https://example.org/bot"          # goes into the User-Agent: where a site's owner can complain
# delay_seconds = 5.0                          # between two requests to one host

[sources]
# from_topic = true                            # crawl the topic's sources
# off = ["sohr_ar"]                            # but not these

# A source of your own:
# [[source]]
# id = "my-outlet"
# name = { en = "My outlet", ar = "منبري" }
# lang = "ar"
# kind = "daily"
# reliability = "C"                            # Admiralty: A completely reliable to F cannot be judged
# feeds = ["https://news.example.org/rss.xml"]
# every = 15                                   # minutes

[knowing]
# Thresholds of known facts; the defaults are explained in docs/configuration.md.
"""
