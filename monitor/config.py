"""Configuration: one typed table from `drawdown.toml` and the environment, checked when it is loaded.

Secrets (database and target URLs) may be given as "env:NAME": then the environment holds them, not the file.
"""

from __future__ import annotations

import dataclasses
import os
import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar

from pydantic import Field, TypeAdapter, ValidationError

from db.engine import file_of, parse
from db.errors import ConfigError, StoreError
from db.room import Room
from monitor.asking.settings import ModelSettings
from monitor.knowing.rules import Rules
from monitor.reading.second.read import Least
from monitor.telling.target import Target
from scrapers.settings import CrawlSettings
from scrapers.sources import Source, load_sources, parse_source

FILE_NAME = "drawdown.toml"
T = TypeVar("T")


@dataclass(frozen=True, kw_only=True, slots=True)
class StoreTable:
    """`[store]`: where everything is kept, as a SQLAlchemy URL; a relative SQLite path is beside the file.

    least_free_mb: on the disk of a SQLite store; below it nothing is fetched. 0 never looks. capture_days: after which
    captures of versions that made nothing known are dropped; None keeps all.
    """

    url: str = field(default="sqlite:///drawdown.db", repr=False)
    least_free_mb: int = 200
    capture_days: int | None = None

    def __post_init__(self) -> None:
        """Raises ValueError, beginning with the field's name, for a number that makes no sense."""
        if not 0 <= self.least_free_mb <= 10_000_000:
            raise ValueError("least_free_mb must be between 0 and 10000000 megabytes")
        if self.capture_days is not None and not 1 <= self.capture_days <= 36_500:
            raise ValueError("capture_days must be between 1 and 36500 days")


@dataclass(frozen=True, kw_only=True, slots=True)
class SourcesTable:
    """`[sources]`: whether the topic's sources are crawled, and which of them are not.

    everything: whether articles are followed that are not on the topic.
    """

    from_topic: bool = True
    off: tuple[str, ...] = ()
    everything: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class LogTable:
    """`[log]`: whether the log is lines for people or JSON objects, one a line."""

    format: Literal["text", "json"] = "text"


@dataclass(frozen=True, kw_only=True, slots=True)
class WatchTable:
    """`[watch]`: who watches the watcher. heartbeat: a URL (a secret) that is asked for after each pass. listen: the
    port on 127.0.0.1 at which the daemon answers for metrics and health; None is none."""

    heartbeat: str = field(default="", repr=False)
    listen: Annotated[int | None, Field(ge=1, le=65_535)] = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Config:
    """Everything that a user may set. `path` is the file it came from; `database_url` is a secret."""

    path: Path
    topic: str
    database_url: str = field(repr=False)
    capture_days: int | None
    room: Room
    crawl: CrawlSettings
    least: Least
    rules: Rules
    sources: SourcesTable
    own_sources: tuple[Source, ...]
    targets: tuple[Target, ...]
    log: LogTable
    watch: WatchTable
    model: ModelSettings | None = None

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
    """Read and check a configuration file. Raises ConfigError naming file, table and key of the first fault."""
    config, faults = read_config(path, environ)
    if config is None:
        raise faults[0]
    return config


def read_config(path: Path, environ: Mapping[str, str] = os.environ) -> tuple[Config | None, list[ConfigError]]:
    """The configuration, or None and every fault of the file."""
    try:
        data = _read(path)
    except ConfigError as error:
        return None, [error]
    reading = _Reading(path, environ)
    known = {
        "topic", "store", "crawl", "reading", "llm", "knowing", "sources", "source", "target", "watch", "log",
    }  # fmt: skip
    for key in data:
        if key not in known:
            reading.fault(f"unknown key or table {key!r}; known: {', '.join(sorted(known))}", str(path))
    store = reading.table(StoreTable, data.get("store", {}), f"{path}: [store]") or StoreTable()
    url = environ.get("DRAWDOWN_DATABASE_URL") or reading.secret(store.url, f"{path}: [store], key url")
    database_url = _beside(url, path.parent)
    room = Room(_folder(database_url), store.least_free_mb)
    crawl = reading.table(CrawlSettings, data.get("crawl", {}), f"{path}: [crawl]") or CrawlSettings()
    config = Config(
        path=path,
        topic=reading.topic(data.get("topic", "syria")),
        database_url=database_url,
        capture_days=store.capture_days,
        room=room,
        crawl=dataclasses.replace(crawl, is_short=room.is_short),
        least=reading.table(Least, data.get("reading", {}), f"{path}: [reading]") or Least(),
        rules=reading.table(Rules, data.get("knowing", {}), f"{path}: [knowing]") or Rules(),
        sources=reading.table(SourcesTable, data.get("sources", {}), f"{path}: [sources]") or SourcesTable(),
        own_sources=reading.own_sources(data),
        targets=reading.targets(data),
        log=reading.table(LogTable, data.get("log", {}), f"{path}: [log]") or LogTable(),
        model=reading.model(data),
        watch=reading.watch(data.get("watch", {})),
    )
    return (None if reading.faults else config), reading.faults


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError(f"cannot be read: {error.strerror}", where=str(path)) from error
    except UnicodeDecodeError as error:
        raise ConfigError(f"is not UTF-8 (byte {error.start}); save it as UTF-8", where=str(path)) from error
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"is not TOML: {error}", where=str(path)) from error


class _Reading:
    """One file being read; its faults are gathered, so that all of them can be told at once."""

    def __init__(self, path: Path, environ: Mapping[str, str]) -> None:
        self.path = path
        self.environ = environ
        self.faults: list[ConfigError] = []

    def fault(self, what: str, where: str) -> None:
        self.faults.append(ConfigError(what, where=where))

    def topic(self, value: object) -> str:
        if isinstance(value, str):
            return value
        self.fault("must be a topic's name or the path of its folder", f"{self.path}: key topic")
        return ""

    def tables(self, data: dict[str, Any], name: str) -> list[dict[str, Any]]:
        tables = data.get(name, [])
        if isinstance(tables, list) and all(isinstance(table, dict) for table in tables):
            return tables
        self.fault(f"write [[{name}]] with two brackets, one table each", f"{self.path}: [{name}]")
        return []

    def table(self, cls: type[T], data: object, where: str) -> T | None:
        """Build a dataclass from a table; None where a key is not known or a value is of another type."""
        if not isinstance(data, dict):
            self.fault("must be a table", where)
            return None
        names = _settable(cls)
        unknown = [key for key in data if key not in names]
        for key in unknown:
            self.fault(f"unknown key {key!r}; known: {', '.join(sorted(names))}", where)
        if unknown:
            return None
        try:
            return TypeAdapter(cls).validate_python(data)
        except ValidationError as error:
            for one in error.errors(include_url=False, include_input=False):
                key = ".".join(str(part) for part in one["loc"])
                said = one["msg"].removeprefix("Value error, ")
                self.fault(said, f"{where}, key {key}" if key else where)
            return None

    def secret(self, text: str, where: str) -> str:
        """The text itself, or what the environment holds under the name that "env:NAME" gives."""
        if not text.startswith("env:"):
            return text
        name = text.removeprefix("env:")
        if not self.environ.get(name):
            self.fault(f"the environment variable {name} is not set", where)
        return self.environ.get(name, "")

    def model(self, data: dict[str, Any]) -> ModelSettings | None:
        """The language model, where there is a table for it."""
        where = f"{self.path}: [llm]"
        found = self.table(ModelSettings, data["llm"], where) if "llm" in data else None
        return dataclasses.replace(found, key=self.secret(found.key, f"{where}, key key")) if found else None

    def targets(self, data: dict[str, Any]) -> tuple[Target, ...]:
        targets = []
        for number, table in enumerate(self.tables(data, "target"), 1):
            where = f"{self.path}: [[target]] {number}"
            target = self.table(Target, table, where)
            if target is not None:
                targets.append(dataclasses.replace(target, url=self.secret(target.url, f"{where}, key url")))
        self.once([target.name for target in targets], "[[target]], key name")
        return tuple(targets)

    def watch(self, data: object) -> WatchTable:
        where = f"{self.path}: [watch]"
        table = self.table(WatchTable, data, where) or WatchTable()
        url = self.secret(table.heartbeat, f"{where}, key heartbeat")
        if url and not re.match(r"https?://[^/\s]", url):
            self.fault("is no http or https address", f"{where}, key heartbeat")
        return dataclasses.replace(table, heartbeat=url)

    def own_sources(self, data: dict[str, Any]) -> tuple[Source, ...]:
        sources = []
        for number, table in enumerate(self.tables(data, "source"), 1):
            try:
                sources.append(parse_source(table, f"{self.path}: [[source]] {number}"))
            except ConfigError as error:
                self.faults.append(error)
        return tuple(sources)

    def once(self, names: Sequence[str], where: str) -> None:
        for name in sorted({name for name in names if names.count(name) > 1}):
            self.fault(f"two tables are called {name!r}", f"{self.path}: {where}")


def _settable(cls: type[Any]) -> set[str]:
    """The fields that a file can give: not those that only a program can fill."""
    return {f.name for f in dataclasses.fields(cls) if f.init and "Callable" not in str(f.type)}


def _once(names: Sequence[str], table: str, key: str, path: Path) -> None:
    for name in names:
        if names.count(name) > 1:
            raise ConfigError(f"two tables are called {name!r}", where=f"{path}: [[{table}]], key {key}")


def _beside(url: str, folder: Path) -> str:
    """A relative SQLite path counts from the configuration file's folder, not from where the command runs."""
    prefix = "sqlite:///"
    if not url.startswith(prefix) or url.startswith(prefix + "/") or url == prefix or ":memory:" in url:
        return url
    return prefix + str((folder / url.removeprefix(prefix)).absolute())


def _folder(url: str) -> Path | None:
    """Where a SQLite store lies; None for a server, and for a URL that opening the store refuses."""
    try:
        file = file_of(parse(url))
    except StoreError:
        return None
    return file.parent if file else None


TEMPLATE = """\
# Drawdown's configuration. `drawdown check` says what is wrong with it.

topic = "syria"             # or the path of a topic's folder

[store]
# url = "sqlite:///drawdown.db"                # beside this file
# url = "env:DRAWDOWN_DATABASE_URL"            # e.g. postgresql://user:password@host/drawdown
# least_free_mb = 200                          # with less on the store's disk, nothing is fetched
# capture_days = 90                            # drop captures of versions that made nothing known after so many days

# Where alerts go: any number of targets, each an Apprise URL. Keep secrets in the environment.
# [[target]]
# name = "desk"
# url = "env:DRAWDOWN_DESK_URL"                # e.g. mailtos://user:password@mail.example.org?to=desk@example.org
# lang = "en"                                  # or "ar"
# least = "normal"                             # low, normal or urgent; docs/alerts.md has all that a target can ask for
# quiet = "22:00-07:00"                        # hold what is not urgent
# zone = "Asia/Damascus"
# operations = true                            # tell also how Drawdown itself fares

# [[target]]
# name = "slack"
# url = "env:DRAWDOWN_SLACK_URL"               # e.g. slack://TokenA/TokenB/TokenC

[crawl]
# contact = "https://example.org/bot"          # goes into the User-Agent: where a site's owner can complain
# delay_seconds = 2.0                          # between two requests to one host
# revisit_share = 0.08                         # how often articles are looked at again; see docs/revisits.md

[sources]
# from_topic = true                            # crawl the topic's sources
# off = ["sohr_ar"]                            # but not these
# everything = false                           # follow also what is not on the topic

# A source of your own:
# [[source]]
# id = "my-outlet"
# name = { en = "My outlet", ar = "منبري" }
# lang = "ar"
# kind = "daily"
# reliability = "C"                            # Admiralty: A completely reliable to F cannot be judged
# feeds = ["https://news.example.org/rss.xml"]
# every = 15                                   # minutes

[reading]
# alerting = 0.975                             # how sure the second reader must be; see docs/measurements.md

# A language model of your own as another reader, held to the text; see docs/second-reader.md
# [llm]
# endpoint = "http://127.0.0.1:11434/v1"       # anything that speaks the OpenAI protocol
# model = "qwen3:8b"
# key = "env:DRAWDOWN_LLM_KEY"                 # where it wants one
# sentences = "undecided"                      # or "on_topic"
# requests_a_day = 2000

[watch]
# heartbeat = "env:DRAWDOWN_HEARTBEAT_URL"     # asked for after each pass, e.g. a dead-man's switch
# listen = 9108                                # /metrics and /health on 127.0.0.1

[knowing]
# threshold = 0.28                             # the confidence at which a value is taken; see docs/knowing.md

[log]
# format = "text"                              # or "json": an object a line
"""
