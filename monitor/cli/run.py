"""Commands that bring articles in: `run` (the daemon), `crawl` (one pass now), `ingest` (files)."""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from db import versions
from db.errors import InputError, StoreError
from db.records import Change, CrawlResult, Outcome
from monitor.cli.app import AsJson, Opened, complain, console, moment, opened, print_json, table
from monitor.cli.show import change_line
from monitor.daemon import Daemon
from monitor.loop import run_in_reactor
from monitor.process import now_utc
from monitor.telling.sender import Sender
from scrapers.crawl import run_crawl
from scrapers.files import FileArticle, FileDefaults, read_articles
from scrapers.sources import Source


def register(app: typer.Typer) -> None:
    """Put this file's commands into the app."""
    app.command("run")(daemon)
    app.command()(crawl)
    app.command()(ingest)


def daemon(context: typer.Context) -> None:
    """Watch the sources and tell what changes, until SIGTERM or Ctrl-C."""
    if "DRAWDOWN_LOG" not in os.environ:
        logging.getLogger("monitor").setLevel(logging.INFO)
    with opened(context) as here, here.store.hold("drawdown run"):
        sender = here.sender()

        async def main() -> None:
            watcher = Daemon(
                store=here.store,
                sources=here.sources,
                settings=here.config.crawl,
                processor=here.processor(),
                sender=sender,
                now=now_utc,
            )
            watcher.stop_on_signals()
            await watcher.run()

        run_in_reactor(main)


def crawl(
    context: typer.Context,
    source: Annotated[list[str] | None, typer.Argument(help="Ids of sources; all of them if none.")] = None,
    as_json: AsJson = False,
) -> None:
    """One pass over the sources now; a table of what was fetched. Exit 1 when a source failed."""
    with opened(context) as here:
        chosen = _chosen(here.sources, source or [])
        with here.store.hold("drawdown crawl"):
            sender = here.sender()
            results, changes = run_in_reactor(lambda: _crawl_all(here, sender, chosen))
    if as_json:
        print_json([_result(result) for result in results])
    else:
        _print_results(console(), results)
        _print_changes(changes, here)
    if any(result.errors for result in results):
        raise typer.Exit(1)


async def _crawl_all(here: Opened, sender: Sender, chosen: Sequence[Source]) -> tuple[list[CrawlResult], list[Change]]:
    results = await asyncio.gather(
        *(run_crawl(source, here.store, here.config.crawl, now=now_utc) for source in chosen)
    )
    processor = here.processor()
    changes = await asyncio.to_thread(processor.run)
    if {source.id for source in chosen} >= {source.id for source in here.sources}:
        await asyncio.to_thread(processor.end_first_fill, now_utc())
    await sender.deliver(now_utc())
    return list(results), changes


def _chosen(sources: Sequence[Source], ids: Sequence[str]) -> list[Source]:
    known = {source.id: source for source in sources}
    for name in ids:
        if name not in known:
            raise InputError(f"no source is called {name!r}; `drawdown sources` lists them", where="SOURCE")
    return [known[name] for name in dict.fromkeys(ids)] or list(sources)


def _result(result: CrawlResult) -> dict[str, object]:
    names = ("source", "fetched", "unchanged", "new", "changed", "refused", "failed")
    return {name: getattr(result, name) for name in names} | {"errors": list(result.errors)}


def _print_results(out: Console, results: Sequence[CrawlResult]) -> None:
    listing = table("source", "fetched", "unchanged", "new", "changed", "refused", "failed", "what went wrong")
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
    given = FileDefaults(
        published=moment(published, "--published") if published else None, outlet=outlet, lang=lang, url=url
    )
    until = moment(baseline_until, "--baseline-until") if baseline_until else None
    faults: list[InputError] = []
    refused: list[InputError] = []
    with opened(context) as here:
        defaults = replace(given, sources=here.sources, refused=refused.append)
        articles = list(_articles(paths, defaults, faults))
        if replay:
            counts, changes = _replay(here, articles, until)
        else:
            counts, changes = _take(here, articles)
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


def _take(here: Opened, articles: Sequence[FileArticle]) -> tuple[dict[Outcome, int], list[Change]]:
    now = now_utc()
    counts = _save(here, articles, lambda _: now)
    try:
        with here.store.hold("drawdown ingest"):
            processor = here.processor()
            changes = processor.run()
            processor.end_first_fill(now)
            if here.config.targets:
                asyncio.run(here.sender().deliver(now))
            return counts, changes
    except StoreError as error:
        if not error.retry:
            raise
        typer.echo(f"stored; what runs already will read it ({error.what})")
        return counts, []


def _replay(
    here: Opened, articles: Sequence[FileArticle], until: datetime | None
) -> tuple[dict[Outcome, int], list[Change]]:
    """Each article at its own time, oldest first; the first fill ends at `until`."""
    counts: dict[Outcome, int] = {}
    changes: list[Change] = []
    processor = here.processor(quiet_before=until, tell=False)
    with here.store.hold("drawdown ingest --replay"):
        filling = until is not None
        for article in sorted(articles, key=_at):
            if filling and until is not None and _at(article) >= until:
                processor.end_first_fill(until)
                filling = False
            for outcome, number in _save(here, [article], _at).items():
                counts[outcome] = counts.get(outcome, 0) + number
            changes += processor.run()
        processor.end_first_fill(until or max(map(_at, articles), default=now_utc()))
    return counts, changes


def _at(article: FileArticle) -> datetime:
    moment = article.at or article.page.published
    if moment is None:
        raise InputError("has neither `at` nor a publication date; give --published", where=article.page.url)
    return moment


def _save(here: Opened, articles: Sequence[FileArticle], at: Callable[[FileArticle], datetime]) -> dict[Outcome, int]:
    counts: dict[Outcome, int] = {}
    for article in articles:
        when = at(article)
        work = partial(
            versions.save_page,
            page=article.page,
            origin=article.origin,
            capture=article.capture,
            at=when,
        )
        saved = here.store.submit(work).result()
        counts[saved.outcome] = counts.get(saved.outcome, 0) + 1
    return counts
