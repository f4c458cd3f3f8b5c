"""The demo: the bundled newsroom publishes its scenario step by step, and the main job follows it.

Everything is real but the news: the spiders, the store, the reader, the mail. The clock is the scenario's, and no
request leaves the machine.
"""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import tomlkit
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from db.errors import InputError
from db.records import Change, iso
from db.session import Store
from monitor.cli import show, standing
from monitor.cli.exports import write_page
from monitor.config import FILE_NAME
from monitor.demo.newsroom import Newsroom
from monitor.demo.scenario import Step, load_lines
from monitor.demo.sink import MailSink
from monitor.knowing.rules import Rules
from monitor.loop import run_in_reactor
from monitor.process import Processor
from monitor.reading.about import About
from monitor.report import gather
from monitor.status import build
from monitor.telling.sender import Sender
from monitor.telling.target import Target
from monitor.telling.words import Words
from monitor.topics import Topic, load_topic
from scrapers.crawl import run_crawl
from scrapers.settings import CrawlSettings
from scrapers.sources import Source, parse_source

REPORTS = {"report.html": "en", "report.ar.html": "ar"}
FIRST_FILL_UNTIL = datetime(2026, 2, 10, tzinfo=UTC)
CONFIG = """\
# Written by `drawdown demo`; the next demo starts afresh here.
topic = "syria"

[sources]
from_topic = false
"""


@dataclass(kw_only=True)
class Tally:
    """What the demo counts."""

    passes: int = 0
    fetched: int = 0
    versions: int = 0
    refused: int = 0
    changes: int = 0


def play(folder: Path, console: Console) -> None:
    """Run the whole demo, printing alerts as they come and the status report at the end.

    folder: where the store is made, and stays for a closer look. Raises InputError where somebody else's store is.
    """
    logging.getLogger("scrapers").setLevel(logging.ERROR)  # what it refuses is said in the demo's own lines
    store = Store.open(f"sqlite:///{_fresh(folder).absolute()}")
    try:
        with MailSink() as sink, Newsroom(load_lines()) as newsroom:
            (folder / FILE_NAME).write_text(CONFIG + tomlkit.dumps({"source": newsroom.sources}), encoding="utf-8")
            player = _Player(newsroom, sink, store, console)
            tally = run_in_reactor(player.play)
            _report(store, console, tally, newsroom, sink, folder, player.topic)
    finally:
        store.close()


def _fresh(folder: Path) -> Path:
    """The path of a store that is not there yet, with a configuration beside it."""
    config = folder / FILE_NAME
    if config.exists() and not config.read_text(encoding="utf-8").startswith(CONFIG):
        raise InputError(
            "there is a store already that no demo made; name another folder with --folder", where=str(folder)
        )
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.glob("drawdown.db*"):
        old.unlink()
    config.write_text(CONFIG, encoding="utf-8")
    return folder / "drawdown.db"


class _Player:
    def __init__(self, newsroom: Newsroom, sink: MailSink, store: Store, console: Console) -> None:
        self.newsroom = newsroom
        self.console = console
        self.sources = {table["id"]: parse_source(table, f"newsroom {table['id']}") for table in newsroom.sources}
        outlets = {source.id: source.name for source in self.sources.values()}
        self.topic = replace(load_topic("syria"), outlets=outlets)
        self.words = Words.of("en", self.topic)
        self.store = store
        self.clock = newsroom.steps()[0].at
        # Its clock leaps from step to step, and an outlet is passed over only then: every page at every pass.
        self.settings = CrawlSettings(
            delay_seconds=0, revisit_share=0, allow_hosts=newsroom.hosts, about=About(self.topic)
        )
        targets = (Target(name="desk", url=sink.url),)
        self.processor = Processor(store=store, topic=self.topic, rules=Rules(), targets=targets)
        self.sender = Sender(store=store, targets=targets, topic=self.topic)
        self.tally = Tally()
        self.said: set[str] = set()

    def now(self) -> datetime:
        return self.clock

    async def play(self) -> Tally:
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
        with Progress(*columns, console=self.console, transient=True) as progress:
            task = progress.add_task("the newsroom opens", total=len(self.newsroom.steps()))
            for step in self.newsroom.steps():
                progress.update(task, description=f"{step.at:%d %b %Y %H:%M}")
                for change in await self.take(step):
                    progress.console.print(show.change_line(change, self.words), markup=False, soft_wrap=True)
                progress.advance(task)
            await self.pass_over(list(self.sources.values()))
        return self.tally

    async def take(self, step: Step) -> list[Change]:
        """Publish one step, crawl the outlets that published, process and deliver."""
        if step.at >= FIRST_FILL_UNTIL and self.clock < FIRST_FILL_UNTIL:
            await asyncio.to_thread(self.processor.end_first_fill, FIRST_FILL_UNTIL)
        self.clock = step.at
        self.newsroom.publish(step)
        return await self.pass_over([self.sources[name] for name in {line.outlet_id: None for line in step.lines}])

    async def pass_over(self, sources: list[Source]) -> list[Change]:
        for source in sources:
            result = await run_crawl(source, self.store, self.settings, now=self.now)
            self.tally.passes += 1
            self.tally.fetched += result.fetched
            self.tally.versions += result.new + result.changed
            self.tally.refused += result.refused
            for error in result.errors:
                if error not in self.said:
                    self.said.add(error)
                    self.console.print(f"{self.clock:%Y-%m-%d %H:%M}  not taken: {error}", style="dim", markup=False)
        changes = await asyncio.to_thread(self.processor.run)
        self.tally.changes += len(changes)
        await self.sender.deliver(self.clock)
        return changes


def _report(
    store: Store, console: Console, tally: Tally, newsroom: Newsroom, sink: MailSink, folder: Path, topic: Topic
) -> None:
    words = Words.of("en", topic)
    with store.reading() as session:
        report = build(session, topic, now=newsroom.steps()[-1].at)
    console.print(f"\n{words.name(topic.name)}, as of {iso(report.as_of)}", style="bold")
    for part in standing.parts(report, words, width=console.width, rules=Rules()):
        console.print()
        console.print(part)
    not_modified = sum(answer.status == 304 for answer in newsroom.served)
    console.print(
        f"\n{tally.passes} passes, {len(newsroom.served)} requests ({not_modified} answered “not modified”), "
        f"{tally.versions} versions kept, {tally.refused} pages refused, {tally.changes} changes, "
        f"{len(sink.messages)} mails at the local sink. No request left this machine."
    )
    with store.reading() as session:
        known = gather(session, topic, Rules(), as_of=report.as_of)
    for name, lang in REPORTS.items():
        write_page(known, lang, folder / name)
    paths = " and ".join(str(folder / name) for name in REPORTS)
    console.print(f"The report, to open in a browser:  {paths}", markup=False, soft_wrap=True)
    config = folder / FILE_NAME
    console.print(
        f"A closer look:  drawdown --config {config} why 2   (or: status, changes, base qasrak)", markup=False
    )
