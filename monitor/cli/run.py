"""Commands that bring articles in: `run` (the daemon), `crawl` (one pass now), `ingest` (files)."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import sys
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext, suppress
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Annotated, NoReturn

import typer
from rich.console import Console
from sqlalchemy.orm import Session

from db import questions, versions
from db.errors import InputError, StoreError
from db.records import Change, CrawlResult, Outcome, Saved
from monitor.asking.asker import Asker
from monitor.cli.app import AsJson, Opened, complain, console, moment, opened, print_json, table
from monitor.cli.show import change_line
from monitor.daemon import Daemon
from monitor.loop import run_in_reactor
from monitor.process import now_utc
from monitor.retention import drop_captures
from monitor.status import model_fault
from monitor.telling.sender import Sender
from monitor.watch import Heartbeat, Window, listening
from scrapers.crawl import run_crawl
from scrapers.files import FileArticle, FileDefaults, read_articles
from scrapers.sources import Source

Counts = dict[Outcome, int]
Taken = tuple[Counts, list[Change]]


def register(app: typer.Typer) -> None:
    """Put this file's commands into the app."""
    app.command("run")(daemon)
    app.command()(crawl)
    app.command()(ingest)
    app.command()(ask)


def daemon(context: typer.Context) -> None:
    """Watch the sources and tell what changes, until SIGTERM or Ctrl-C."""
    asked: list[int] = []  # a signal that comes before the daemon listens is not lost
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda number, _: asked.append(number))
    if "DRAWDOWN_LOG" not in os.environ:
        logging.getLogger("monitor").setLevel(logging.INFO)
    with opened(context, create=True) as here, here.store.hold("drawdown run") as hold:
        watcher = Daemon(
            store=here.store,
            sources=here.sources,
            settings=here.crawl,
            processor=here.processor(),
            sender=here.sender(),
            now=now_utc,
            capture_days=here.config.capture_days,
            asker=here.asker(),
            hold=hold,
            room=here.config.room,
            heartbeat=Heartbeat(url=here.config.watch.heartbeat),
        )

        async def main() -> None:
            watcher.stop_on_signals()
            if asked:
                watcher.stop()
            with _listening(here):
                await watcher.run()
            _end(watcher)

        run_in_reactor(main)


def _listening(here: Opened) -> AbstractContextManager[object]:
    """The port for metrics and health, where one is configured."""
    port = here.config.watch.listen
    if port is None:
        return nullcontext()
    crawled = {source.id for source in here.sources}
    asked = here.config.model is not None
    return listening(port, Window(store=here.store, crawled=crawled, room=here.config.room, now=now_utc, model=asked))


def _end(watcher: Daemon) -> NoReturn:
    """End the process here. Every step is a transaction and the system lets go of the lock, so nothing is half done;
    threads of a library that hang in a socket would hold up an ordinary end for minutes."""
    if watcher.failure is not None:
        complain(str(watcher.failure))
    logging.shutdown()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(1 if watcher.failure else 0)


def crawl(
    context: typer.Context,
    source: Annotated[list[str] | None, typer.Argument(help="Ids of sources; all of them if none.")] = None,
    as_json: AsJson = False,
) -> None:
    """One pass over the sources now; a table of what was fetched. Exit 1 when a source failed or the disk is full."""
    with opened(context, create=True) as here:
        chosen = _chosen(here.sources, source or [])
        if not chosen:
            raise InputError("no source is configured; add a [[source]] table", where=str(here.config.path))
        if shortage := here.config.room.shortage():
            raise StoreError(shortage)
        with here.store.hold("drawdown crawl"):
            sender = here.sender()
            results, changes = run_in_reactor(lambda: _crawl_all(here, sender, chosen))
    if as_json:
        print_json([_result(result) for result in results])
    else:
        _print_results(console(), results)
        _print_changes(changes, here)
    if any(result.errors for result in results) or here.config.room.is_short():
        raise typer.Exit(1)


async def _crawl_all(here: Opened, sender: Sender, chosen: Sequence[Source]) -> tuple[list[CrawlResult], list[Change]]:
    asking = asyncio.ensure_future(_ask_meanwhile(here))
    try:
        results = await asyncio.gather(*(run_crawl(source, here.store, here.crawl, now=now_utc) for source in chosen))
    finally:
        asking.cancel()
        with suppress(asyncio.CancelledError):
            await asking
    processor = here.processor()
    changes = await asyncio.to_thread(processor.run)
    changes += await asyncio.to_thread(processor.fold_answers, now_utc())
    changes += await asyncio.to_thread(processor.settle, now_utc())
    if {source.id for source in chosen} >= {source.id for source in here.sources}:
        await asyncio.to_thread(processor.end_first_fill, now_utc())
    await sender.deliver(now_utc())
    if (days := here.config.capture_days) is not None:
        await asyncio.to_thread(drop_captures, here.store, days=days, now=now_utc())
    return list(results), changes


async def _ask_meanwhile(here: Opened) -> None:
    """Ask the language model what earlier passes left, for as long as the pages take to come and no longer."""
    asker = here.asker()
    if asker is None:
        return
    try:
        while await asker.ask_waiting():
            pass
    finally:
        await asker.endpoint.close()


def ask(context: typer.Context) -> None:
    """Ask the language model all that waits, within the day's budget, and tell what changed. Exit 1 when it fails."""
    with opened(context) as here:
        asker = here.asker()
        if asker is None:
            raise InputError("no language model is configured; see docs/second-reader.md", where=str(here.config.path))
        with here.store.hold("drawdown ask"):
            answered, changes = asyncio.run(_ask_all(here, asker))
        with here.store.reading() as session:
            fares = questions.health(session, at=now_utc())
        typer.echo(f"{answered} answered, {fares.waiting} wait")
        _print_changes(changes, here)
        if fares.failures:
            complain(model_fault(fares))
            raise typer.Exit(1)


async def _ask_all(here: Opened, asker: Asker) -> tuple[int, list[Change]]:
    processor = here.processor()
    changes = await asyncio.to_thread(processor.run)
    answered, more = 0, 1
    try:
        while more:
            more = await asker.ask_waiting()
            answered += more
            changes += await asyncio.to_thread(processor.fold_answers, now_utc())
    finally:
        await asker.endpoint.close()
    if here.config.targets:
        await here.sender().deliver(now_utc())
    return answered, changes


def _chosen(sources: Sequence[Source], ids: Sequence[str]) -> list[Source]:
    known = {source.id: source for source in sources}
    for name in ids:
        if name not in known:
            raise InputError(f"no source is called {name!r}; `drawdown sources` lists them", where="SOURCE")
    return [known[name] for name in dict.fromkeys(ids)] or list(sources)


def _result(result: CrawlResult) -> dict[str, object]:
    names = ("source", "fetched", "unchanged", "new", "changed", "off_topic", "refused", "failed", "gone")
    return {name: getattr(result, name) for name in names} | {"errors": list(result.errors)}


def _print_results(out: Console, results: Sequence[CrawlResult]) -> None:
    names = ("source", "fetched", "unchanged", "new", "changed", "off topic", "refused", "failed", "gone")
    listing = table(*names, "what went wrong")
    for result in results:
        row = _result(result)
        listing.add_row(*(str(row[name]) for name in list(row)[:-1]), "; ".join(result.errors))
    out.print(listing)


def _print_changes(changes: Sequence[Change], here: Opened) -> None:
    for change in changes:
        typer.echo(change_line(change, here.words))


def ingest(
    context: typer.Context,
    paths: Annotated[list[Path], typer.Argument(metavar="PATH...", help=".txt, .html or .jsonl files, or folders.")],
    published: Annotated[str | None, typer.Option(help="Publication date, where a file does not say it.")] = None,
    outlet: Annotated[str | None, typer.Option(help="The outlet, where a file does not say it.")] = None,
    lang: Annotated[str | None, typer.Option(help="ar or en, where a file does not say it.")] = None,
    url: Annotated[str | None, typer.Option(help="The article's address, where a file does not say it.")] = None,
    replay: Annotated[
        bool, typer.Option("--replay", help="The clock is each line's `at`, else `published`; nobody is alerted.")
    ] = False,
    baseline_until: Annotated[
        str | None, typer.Option(help="With --replay: what comes before this time is the first fill.")
    ] = None,
) -> None:
    """Take articles from files, the same way as a crawl; then tell what changed."""
    if baseline_until and not replay:
        raise typer.BadParameter("goes with --replay", param_hint="--baseline-until")
    if url and (len(paths) > 1 or paths[0].is_dir()):
        raise typer.BadParameter("is the address of one article; give one file with it", param_hint="--url")
    given = FileDefaults(
        published=moment(published, "--published") if published else None, outlet=outlet, lang=lang, url=url
    )
    until = moment(baseline_until, "--baseline-until") if baseline_until else None
    faults: list[InputError] = []
    refused: list[InputError] = []
    with opened(context, create=True) as here:
        defaults = replace(given, sources=here.sources, refused=refused.append)
        articles = list(_articles(paths, defaults, faults))
        if replay:
            counts, changes = _replay(here, articles, until, faults)
        else:
            counts, changes = _take(here, articles, faults)
    for fault in [*refused, *faults]:
        complain(str(fault))
    if refused:
        counts[Outcome.REFUSED] = len(refused)
    typer.echo(", ".join(f"{number} {outcome.value}" for outcome, number in counts.items()) or "nothing to take")
    _print_changes(changes, here)
    if faults:
        raise typer.Exit(1)


def _articles(paths: Sequence[Path], defaults: FileDefaults, faults: list[InputError]) -> list[FileArticle]:
    """Every article that the files hold, in order; what cannot be used is added to `faults`."""
    found: list[FileArticle] = []
    for path in paths:
        for item in read_articles(path, defaults):
            if isinstance(item, InputError):
                faults.append(item)
            else:
                found.append(item)
    return found


def _take(here: Opened, articles: Sequence[FileArticle], faults: list[InputError]) -> Taken:
    now = now_utc()
    counts: Counts = {}
    for article in articles:
        _save(here, article, counts, faults, now=now)
    try:
        with here.store.hold("drawdown ingest"):
            processor = here.processor()
            changes = [*processor.run(), *processor.settle(now)]
            processor.end_first_fill(now)
            if here.config.targets:
                asyncio.run(here.sender().deliver(now))
            return counts, changes
    except StoreError as error:
        if not error.what.startswith("in use by"):
            raise
        typer.echo("stored; the daemon that runs on this store reads and tells it")
        return counts, []


def _replay(here: Opened, articles: Sequence[FileArticle], until: datetime | None, faults: list[InputError]) -> Taken:
    """Each article at its own time, oldest first; the first fill ends at `until`."""
    counts: Counts = {}
    changes: list[Change] = []
    timed: list[tuple[datetime, FileArticle]] = []
    for article in articles:
        if moment := article.at or article.page.published:
            timed.append((moment, article))
        else:
            faults.append(InputError("has neither `at` nor a publication date; give --published", where=article.where))
    timed.sort(key=lambda pair: pair[0])
    processor = here.processor(quiet_before=until, tell=False)
    with here.store.hold("drawdown ingest --replay"):
        filling = until is not None
        for at, article in timed:
            if filling and until is not None and at >= until:
                changes += processor.run()
                processor.end_first_fill(until)
                filling = False
            _save(here, article, counts, faults, now=at, replay=True)
            changes += processor.run()
        processor.end_first_fill(until or (timed[-1][0] if timed else now_utc()))
    return counts, changes


def _save(
    here: Opened,
    article: FileArticle,
    counts: Counts,
    faults: list[InputError],
    *,
    now: datetime,
    replay: bool = False,
) -> None:
    """Store one article, unless the file tells again what is stored; one that cannot be stored is added to `faults`."""

    def work(session: Session) -> Saved:
        again = versions.told_before(session, article.page, at=now if replay else None)
        return again or versions.save_page(session, article.page, article.origin, article.capture, at=now)

    try:
        saved = here.store.submit(work).result()
    except InputError as error:
        faults.append(InputError(error.what, where=article.where))
        return
    counts[saved.outcome] = counts.get(saved.outcome, 0) + 1
