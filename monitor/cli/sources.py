"""The sources: `sources` (how they have fared), `sources check` (try one now), `sources add` (find a new one)."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import Annotated, Any

import typer

from db.errors import InputError
from db.records import iso
from monitor.adding import append_table, propose_id, source_table
from monitor.cli import reports, show
from monitor.cli.app import AsJson, Lang, complain, console, crawl_settings, print_json, table
from monitor.config import Config, find_config, load_config
from monitor.loop import run_in_reactor
from monitor.process import now_utc
from monitor.telling import clean
from monitor.topics import Topic, load_topic
from scrapers.discovery import Discovery, discover
from scrapers.settings import CrawlSettings
from scrapers.sources import GRADES, KINDS, Source
from scrapers.trial import Step, Taken, Trial, try_source

sources_app = typer.Typer(help="The sources that are crawled: how they have fared; try one now; find and add another.")
SHOWN = 10  # articles of a trial


def register(app: typer.Typer) -> None:
    """Put this file's commands into the app."""
    app.add_typer(sources_app, name="sources", invoke_without_command=True)


@sources_app.callback()
def sources(context: typer.Context, lang: Lang = "en", as_json: AsJson = False) -> None:
    """The sources that are crawled, and how they have fared, unless a subcommand says otherwise."""
    if context.invoked_subcommand is None:
        reports.sources(context, lang=lang, as_json=as_json)


@sources_app.command("check")
def check(
    context: typer.Context,
    name: Annotated[str | None, typer.Argument(metavar="[NAME]", help="A source's id; all of them if none.")] = None,
    as_json: AsJson = False,
) -> None:
    """Try a source now, step by step, and show what a crawl would take. Nothing is stored. Exit 1 when a step fails."""
    config, topic = _configured(context)
    listed = config.all_sources(topic.sources_file)
    chosen = [source for source in listed if name is None or source.id == name]
    if not chosen:
        what = f"no source is called {name!r}; `drawdown sources` lists them" if name else "no source is configured"
        raise InputError(what, where="NAME" if name else str(config.path))
    tell = (lambda trial: None) if as_json else _print_trial
    trials = run_in_reactor(lambda: _try_all(chosen, crawl_settings(config, topic), tell))
    if as_json:
        print_json([_trial_json(trial) for trial in trials])
    faults = [(trial, step) for trial in trials for step in trial.faults()]
    for trial, step in faults:
        complain(f"{trial.source}: {step.name} {step.url}: {step.fault}")
    if faults:
        raise typer.Exit(1)


@sources_app.command("add")
def add(
    context: typer.Context,
    url: Annotated[str, typer.Argument(help="An outlet's front page, section, feed, sitemap or Telegram channel.")],
    source_id: Annotated[
        str | None, typer.Option("--id", help="The source's id, in place of one after its host.")
    ] = None,
    kind: Annotated[str, typer.Option(help="What it is: daily, agency, government, …")] = "daily",
    reliability: Annotated[str, typer.Option(help="Its Admiralty grade, A to F.")] = "C",
    only_print: Annotated[bool, typer.Option("--print", help="Print the table, and write nothing.")] = False,
) -> None:
    """Find an outlet's feed, news sitemap or Telegram preview, and add it to the configuration file."""
    config, topic = _configured(context)
    listed = config.all_sources(topic.sources_file)
    if kind not in KINDS:
        raise InputError(f"{kind!r} is none of {', '.join(KINDS)}", where="--kind")
    if reliability not in tuple(GRADES):
        raise InputError(f"{reliability!r} is none of {', '.join(GRADES)}", where="--reliability")
    found = run_in_reactor(lambda: discover(url, config.crawl, now=now_utc(), tell=_say_tried))
    if found is None:
        raise InputError("no feed, news sitemap, Telegram preview or section page was found", where=clean.line(url))
    _refuse_known(found, source_id, listed)
    taken = [source.id for source in listed]
    chosen = source_id or propose_id(found, [*taken, *config.sources.off])
    text, source = source_table(found, id=chosen, kind=kind, reliability=reliability, where="drawdown sources add")
    typer.echo(text.rstrip())
    if only_print:
        return
    append_table(config.path, text)
    typer.echo(f"\nadded to {config.path}; try it with `drawdown sources check {source.id}`")


def _configured(context: typer.Context) -> tuple[Config, Topic]:
    """The configuration and its topic; the store stays closed."""
    config = load_config(find_config(context.obj))
    return config, load_topic(config.topic)


def _say_tried(step: Step) -> None:
    typer.echo(f"{step.name:9} {clean.line(step.url)}  {clean.line(step.found or step.fault)}", err=True)


def _refuse_known(found: Discovery, source_id: str | None, listed: Sequence[Source]) -> None:
    for source in listed:
        if found.url in source.routes():
            raise InputError(f"is the way into the source {source.id!r} already", where=found.url)
        if source.id == source_id:
            raise InputError(f"there is a source of this id already: {source.name['en']}", where=f"--id {source_id}")


async def _try_all(sources: Sequence[Source], settings: CrawlSettings, tell: Callable[[Trial], object]) -> list[Trial]:
    async def one(source: Source) -> Trial:
        trial = await try_source(source, settings, now=now_utc)
        tell(trial)
        return trial

    return list(await asyncio.gather(*map(one, sources)))


def _print_trial(trial: Trial) -> None:
    out = console()
    steps = table("step", "address", "found", title=trial.source)
    for step in trial.steps:
        steps.add_row(step.name, clean.line(step.url), clean.line(step.found) or f"FAILED: {clean.line(step.fault)}")
    out.print(steps)
    if trial.taken:
        taken = table("published", "on the topic", "title", "address", title=f"A crawl would take {len(trial.taken)}")
        for one in trial.taken[:SHOWN]:
            sure = "yes" if one.sure else "its text decides"
            taken.add_row(show.stamp(one.published), sure, clean.line(one.title), clean.line(one.url))
        out.print(taken)
        if len(trial.taken) > SHOWN:
            out.print(f"… and {len(trial.taken) - SHOWN} more")
    out.print()


def _trial_json(trial: Trial) -> dict[str, Any]:
    return {
        "source": trial.source,
        "steps": [_step_json(step) for step in trial.steps],
        "takes": [_taken_json(one) for one in trial.taken],
    }


def _step_json(step: Step) -> dict[str, Any]:
    return {"name": step.name, "url": step.url, "found": step.found or None, "fault": step.fault or None}


def _taken_json(taken: Taken) -> dict[str, Any]:
    published = iso(taken.published) if taken.published else None
    return {"url": taken.url, "title": taken.title, "published": published, "sure": taken.sure}
