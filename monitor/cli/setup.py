"""Commands that begin: `init` and `check`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, time
from pathlib import Path
from typing import Annotated

import typer

from db.errors import DrawdownError, InputError
from db.records import BaselineFact, Period
from monitor.asking.client import Client
from monitor.asking.reader import LlmReader
from monitor.asking.settings import ModelSettings
from monitor.cli.app import Opened, complain, opened
from monitor.config import FILE_NAME, TEMPLATE, find_config, read_config
from monitor.process import now_utc, read_baseline
from monitor.reading import review
from monitor.reading.llm.ask import Contract, Sentences
from monitor.reading.read import Reader
from monitor.telling import clean, notify, policy


def register(app: typer.Typer) -> None:
    """Put this file's commands into the app."""
    app.command()(init)
    app.command()(check)


def init(
    context: typer.Context,
    folder: Annotated[Path, typer.Argument(metavar="[DIR]", help="Where it is to live.")] = Path(),
    baseline: Annotated[
        Path | None, typer.Option(help="A JSON file of what is already known; see docs/configuration.md.")
    ] = None,
) -> None:
    """Write a commented drawdown.toml, create the store, and file what is already known."""
    path = folder / FILE_NAME
    if path.exists():
        typer.echo(f"{path} is there already and stays as it is")
    else:
        folder.mkdir(parents=True, exist_ok=True)
        path.write_text(TEMPLATE, encoding="utf-8")
        typer.echo(f"wrote {path}")
    context.obj = path
    with opened(context, create=True) as here:
        typer.echo(f"the store is ready: {here.store.name}")
        if baseline is not None:
            facts = read_baseline(_text(baseline), str(baseline), here.topic)
            here.processor().file_baseline(facts, at=_known_at(facts))
            typer.echo(f"filed {len(facts)} known facts of {baseline}")


def _known_at(facts: Sequence[BaselineFact]) -> datetime:
    """A baseline counts as known from its own latest day on, so that what came after it can be replayed."""
    latest = max((Period.parse(fact.since).last for fact in facts), default=now_utc().date())
    return min(now_utc(), datetime.combine(latest, time(), UTC))


def check(context: typer.Context) -> None:
    """Validate configuration, topic, sources, store and targets; names file, table and key of every fault."""
    config, wrong = read_config(find_config(context.obj))
    if config is None:
        for one in wrong:
            complain(str(one))
        raise typer.Exit(1)
    with opened(context) as here:
        faults = list(_faults(here))
        for fault in faults:
            complain(str(fault))
        if faults:
            raise typer.Exit(1)
        typer.echo(f"configuration  {here.config.path}")
        typer.echo(f"topic          {here.topic.id}: {len(here.topic.bases)} bases")
        typer.echo(f"sources        {len(here.sources)} crawled")
        typer.echo(f"store          {here.store.name}")
        names = ", ".join(target.name for target in here.config.targets)
        typer.echo(f"targets        {names or 'none: alerts are kept, and told to nobody'}")
        if here.config.model is not None and not _try_model(here, here.config.model):
            raise typer.Exit(1)
        if here.config.crawl.allow_hosts:
            typer.echo(f"WARNING        the guard is off for {', '.join(here.config.crawl.allow_hosts)}")


def _try_model(here: Opened, model: ModelSettings) -> bool:
    """Ask the language model about one sentence, and show what came back and what counts of it."""
    topic = here.topic
    base = next(iter(topic.bases.values()))
    sentence = f"{topic.ours.spellings['en'][0]} left the {base.name['en']} base on Monday."
    reader = LlmReader(Reader(topic), Contract(topic, model=model.model, sentences=Sentences.ON_TOPIC), Client(model))
    try:
        claims = reader.read(sentence, lang="en", published=now_utc())
    except DrawdownError as error:
        complain(f"{here.config.path}: [llm]: {error}")
        return False
    typer.echo(f"model          {model.model} at {model.endpoint}, {reader.tokens_in} + {reader.tokens_out} tokens")
    typer.echo(f"  asked        {sentence}")
    typer.echo(f"  answered     {clean.cut(clean.line(' '.join(reader.answered)), 300)}")
    for claim in claims:
        typer.echo(f"  counts       {here.words.value(claim.value)}, {claim.modality}: “{clean.line(claim.quote)}”")
    for reason, count in reader.rejected.items():
        typer.echo(f"  rejected     {count}: {reason}")
    return True


def _faults(here: Opened) -> list[DrawdownError]:
    faults: list[DrawdownError] = []
    try:
        _ = here.sources
    except DrawdownError as error:
        faults.append(error)
    faults += review.faults(here.topic)
    faults += policy.check(here.config.targets, here.topic, str(here.config.path))
    for number, target in enumerate(here.config.targets, 1):
        try:
            notify.check_url(target.url)
        except DrawdownError as error:
            where = f"{here.config.path}: [[target]] {number} ({target.name}), key url"
            faults.append(DrawdownError(error.what, where=where))
    return faults


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror}", where=str(path)) from error
    except UnicodeDecodeError as error:
        raise InputError(f"is not UTF-8 (byte {error.start}); save it as UTF-8", where=str(path)) from error
