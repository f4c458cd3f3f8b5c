"""What every command shares: the app, its options, the opened store, and how things are printed."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer
from rich.console import Console, RenderableType
from rich.table import Table
from rich.text import Text

from db import outbox
from db.errors import InputError, StoreError
from db.records import parse_moment
from db.session import Store, masked, store_exists
from monitor import logs
from monitor.asking.asker import Asker
from monitor.asking.client import Client
from monitor.cli.lines import Cell
from monitor.config import Config, find_config, load_config
from monitor.process import ATTEMPTS, Processor, now_utc
from monitor.reading.about import About
from monitor.reading.llm.ask import Contract
from monitor.telling import clean, policy
from monitor.telling.catalogue import languages
from monitor.telling.sender import Sender
from monitor.telling.target import Target
from monitor.telling.words import Words
from monitor.topics import Topic, load_topic
from scrapers.settings import CrawlSettings
from scrapers.sources import Sites, Source

app = typer.Typer(
    name="drawdown",
    help="Watches public news about a withdrawal of forces, and alerts when a base's status or a troop figure changes.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)
LONGEST_LINE = 600
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")]
ChangeId = Annotated[str, typer.Argument(metavar="CHANGE", help="A change's number; `drawdown changes` lists them.")]
Lang = Annotated[str, typer.Option("--lang", help="The language of what is printed: en or ar.")]
AsOf = Annotated[str | None, typer.Option("--as-of", help="What was known at this ISO date or time (UTC).")]


@app.callback()
def options(
    context: typer.Context,
    config: Annotated[
        Path | None, typer.Option(help="The configuration file [default: DRAWDOWN_CONFIG, else ./drawdown.toml].")
    ] = None,
) -> None:
    """Options of every command."""
    context.obj = config


@dataclass(frozen=True)
class Opened:
    """A loaded configuration with its topic and its open store."""

    config: Config
    topic: Topic
    store: Store

    @cached_property
    def sources(self) -> list[Source]:
        """The sources that are crawled."""
        return self.config.all_sources(self.topic.sources_file)

    @cached_property
    def crawl(self) -> CrawlSettings:
        """How they are crawled."""
        return crawl_settings(self.config, self.topic)

    @cached_property
    def words(self) -> Words:
        """How values are said on the command line."""
        return Words.of("en", self.topic)

    def words_in(self, lang: str) -> Words:
        """The same in another language. Raises InputError for one that has no words."""
        if lang not in languages():
            raise InputError(f"{lang!r} is none of {', '.join(languages())}", where="--lang")
        return Words.of(lang, self.topic)

    @cached_property
    def contract(self) -> Contract | None:
        """What the language model is asked, where one is configured. Raises ConfigError."""
        model = self.config.model
        return Contract(self.topic, model=model.model, sentences=model.sentences) if model else None

    def asker(self) -> Asker | None:
        """What asks the language model, where one is configured. Raises ConfigError."""
        if self.config.model is None or self.contract is None:
            return None
        return Asker(
            store=self.store,
            contract=self.contract,
            endpoint=Client(self.config.model),
            settings=self.config.model,
            now=now_utc,
            attempts=ATTEMPTS,
        )

    @cached_property
    def targets(self) -> tuple[Target, ...]:
        """Where alerts go. Raises ConfigError where one asks for what the topic does not have."""
        for fault in policy.check(self.config.targets, self.topic, str(self.config.path)):
            raise fault
        return self.config.targets

    def sender(self) -> Sender:
        """What delivers this store's alerts. The caller holds the store: leases of a sender that died come back."""
        self.store.submit(outbox.release).result()
        return Sender(store=self.store, targets=self.targets, topic=self.topic)

    def processor(self, *, quiet_before: datetime | None = None, tell: bool = True) -> Processor:
        """What takes this store's versions through reading and knowing."""
        return Processor(
            store=self.store,
            topic=self.topic,
            least=self.config.least,
            contract=self.contract,
            rules=self.config.rules,
            targets=self.targets,
            quiet_before=quiet_before,
            tell=tell,
        )


def crawl_settings(config: Config, topic: Topic) -> CrawlSettings:
    """How sources are crawled: what is not on the topic is not followed, unless the configuration says so."""
    about = None if config.sources.everything else About(topic)
    return replace(config.crawl, about=about, owner=Sites(config.all_sources(topic.sources_file)).other)


@contextmanager
def opened(context: typer.Context, *, create: bool = False) -> Iterator[Opened]:
    """Load the configuration, open the store, and close it afterwards. Raises ConfigError, StoreError.

    create: make a store that is not there; commands that only look must not, or a mistyped path would look empty.
    """
    config = load_config(find_config(context.obj))
    logs.use(config.log.format)
    topic = load_topic(config.topic)
    topic = replace(topic, outlets={source.id: source.name for source in config.all_sources(topic.sources_file)})
    if not create and not store_exists(config.database_url):
        raise StoreError("there is no store; `drawdown init` makes one", where=masked(config.database_url))
    store = Store.open(config.database_url)
    try:
        yield Opened(config, topic, store)
    finally:
        store.close()


def fail(line: str) -> NoReturn:
    """Say what is wrong in one line on stderr, and exit 1."""
    complain(line)
    sys.exit(1)


def complain(line: str) -> None:
    """One line on stderr; what strangers wrote in it cannot reach the terminal's controls."""
    typer.echo(logs.told(clean.cut(clean.line(line), LONGEST_LINE)), err=True)


def console() -> Console:
    """Where tables go: no colour when it is not a terminal, and wide enough there for a script's eye."""
    return Console(highlight=False, soft_wrap=False, width=None if sys.stdout.isatty() else 120)


def print_json(data: Any) -> None:
    """One JSON document, Arabic as it is; what a terminal would obey is escaped, which loses nothing."""
    text = json.dumps(data, ensure_ascii=False, indent=2)
    typer.echo(clean.escaped(text))


class PlainTable(Table):
    """A table whose cells are texts, never markup: they may come from strangers. rtl: whether they are Arabic."""

    rtl = False

    def add_row(self, *cells: RenderableType | None, **options: Any) -> None:
        """Add a row; strings stand as they are."""
        super().add_row(*(self.cell(cell) if isinstance(cell, str | Text) else cell for cell in cells), **options)

    def cell(self, text: str | Text) -> Cell:
        """A cell that keeps its direction."""
        return Cell(Text(text) if isinstance(text, str) else text, rtl=self.rtl)


def table(*columns: str, title: str | None = None, rtl: bool = False) -> Table:
    """An empty table in the house's style. rtl: whether it is in a language that is written from right to left."""
    if title and rtl:
        title = f"{clean.RLI}{title}{clean.PDI}"
    out = PlainTable(
        title=title, title_justify="left", title_style="bold", box=None, pad_edge=False, header_style="dim"
    )
    out.rtl = rtl
    for column in columns:
        out.add_column(out.cell(column), overflow="fold")
    return out


def moment(text: str, option: str) -> datetime:
    """A time given on the command line. Raises InputError naming the option."""
    try:
        return parse_moment(text)
    except ValueError:
        raise InputError(f"{text!r} is no ISO 8601 date or time, e.g. 2026-02-23T06:40:00Z", where=option) from None


def number(text: str) -> int:
    """The number of a change or ruling, with or without #. Raises InputError."""
    digits = text.removeprefix("#")
    if not (digits.isascii() and digits.isdigit() and len(digits) < 18):
        raise InputError("is no number; `drawdown changes` and `drawdown rulings` list them", where=text)
    return int(digits)
