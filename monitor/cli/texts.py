"""Commands on texts alone, without a store: `extract`, `eval`, and the `demo`."""

from __future__ import annotations

import json
import sys
from datetime import UTC, datetime, time
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from db.errors import InputError
from db.records import Claim, Period
from monitor.asking.client import Client
from monitor.asking.reader import LlmReader, Passage
from monitor.cli.app import complain, console, moment, print_json, table
from monitor.config import find_config, load_config
from monitor.evaluate import Gold, evaluate
from monitor.reading.llm.ask import Contract, Sentences
from monitor.reading.protocol import LLM, RULES
from monitor.reading.read import Reader
from monitor.topics import Topic, load_topic

TopicName = Annotated[str, typer.Option("--topic", help="The topic's name, or its folder.")]


def register(app: typer.Typer) -> None:
    """Put this file's commands into the app."""
    app.command()(extract)
    app.command("eval")(evaluation)
    app.command()(demo)


def extract(
    file: Annotated[Path | None, typer.Argument(help="A text, or JSON lines; standard input if none.")] = None,
    jsonl: Annotated[
        bool, typer.Option("--jsonl", help="Passages {id, lang, published, text} in, a line each.")
    ] = False,
    lang: Annotated[str | None, typer.Option(help="ar or en; guessed if not given.")] = None,
    published: Annotated[str | None, typer.Option(help="When the text was published: relative dates need it.")] = None,
    topic: TopicName = "syria",
) -> None:
    """Print the claims of a text; nothing is stored."""
    where = str(file) if file else "standard input"
    text = _read(file, where)
    reader = Reader(load_topic(topic))
    if not jsonl:
        day = moment(published, "--published") if published else None
        print_json([claim.to_json() for claim in reader.read(text, lang=lang, published=day)])
        return
    broken = 0
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip():
            continue
        try:
            row = _passage(line, f"{where}:{number}")
        except InputError as error:
            complain(str(error))
            broken += 1
            continue
        claims = _claims(reader, row, f"{where}:{number}")
        typer.echo(json.dumps({"id": row["id"], "claims": [c.to_json() for c in claims]}, ensure_ascii=False))
    if broken:
        raise typer.Exit(1)


class Readers(StrEnum):
    """Which readers are scored."""

    RULES = RULES
    LLM = LLM
    BOTH = "both"


def evaluation(
    context: typer.Context,
    gold: Annotated[Path, typer.Argument(help="Labelled passages, JSON lines.")],
    misses: Annotated[bool, typer.Option("--misses", help="Name each miss and each false claim.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")] = False,
    topic: TopicName = "syria",
    reader: Annotated[
        Readers, typer.Option("--reader", help="The built-in reading, the language model of [llm], or both.")
    ] = Readers.RULES,
) -> None:
    """Precision and recall of the reading, per kind, on labelled passages."""
    loaded = load_topic(topic)
    rules = Reader(loaded)
    model = _model(context, loaded, rules, reader) if reader is not Readers.RULES else None
    rows = [
        (_labelled(line, f"{gold}:{number}"), f"{gold}:{number}")
        for number, line in enumerate(_read(gold, str(gold)).splitlines(), 1)
        if line.strip()
    ]
    if model is not None:
        found = model.read_all([_as_passage(row, where) for row, where in rows])
    else:
        found = [_claims(rules, row, where) for row, where in rows]
    scores = evaluate(Gold.parse(row, claims, where) for (row, where), claims in zip(rows, found, strict=True))
    if as_json:
        print_json(scores.to_json() | ({"model": _spent(model)} if model else {}))
    else:
        out = table("kind", "right", "false", "missed", "precision", "recall", "F1")
        for tally in scores.tallies:
            out.add_row(*tally.cells())
        console().print(out)
        typer.echo(
            f"modality right on {scores.modality_right} of {scores.modality_total}; bad quotes {scores.bad_quotes}"
        )
        if model is not None:
            _print_spent(model)
    if misses:
        for line in scores.misses:
            typer.echo(line)


def _model(context: typer.Context, topic: Topic, rules: Reader, which: Readers) -> LlmReader:
    """The language model of the configuration as a reader; alone it is asked about every sentence on the topic."""
    config = load_config(find_config(context.obj))
    settings = config.model
    if settings is None:
        raise InputError("no language model is configured; see docs/second-reader.md", where=str(config.path))
    both = which is Readers.BOTH
    contract = Contract(topic, model=settings.model, sentences=settings.sentences if both else Sentences.ON_TOPIC)
    return LlmReader(
        rules, contract, Client(settings), both=both, concurrency=settings.concurrency, prices=settings.prices
    )


def _spent(model: LlmReader) -> dict[str, Any]:
    return {
        "requests": model.requests,
        "tokens_in": model.tokens_in,
        "tokens_out": model.tokens_out,
        "cost": round(model.cost, 6),
        "rejected": {reason.value: count for reason, count in sorted(model.rejected.items())},
    }


def _print_spent(model: LlmReader) -> None:
    rejected = ", ".join(f"{count} {reason.value}" for reason, count in sorted(model.rejected.items()))
    typer.echo(
        f"asked {model.requests} times, {model.tokens_in} tokens in, {model.tokens_out} out, cost {model.cost:.4f}; "
        f"rejected: {rejected or 'nothing'}"
    )


def _labelled(line: str, where: str) -> dict[str, Any]:
    row = _passage(line, where)
    if not isinstance(row.get("claims"), list):
        raise InputError("has no list of claims", where=where)
    return row


def _as_passage(row: dict[str, Any], where: str) -> Passage:
    return Passage(text=row["text"], lang=row.get("lang"), published=_published(row, where))


def demo(
    folder: Annotated[Path, typer.Option(help="Where the demo's store is made, and stays for a closer look.")] = Path(
        "drawdown-demo"
    ),
) -> None:
    """Run the main job on the bundled newsroom, served on 127.0.0.1 and crawled by the real spiders."""
    from monitor.demo.play import play

    play(folder, console())


def _read(file: Path | None, where: str) -> str:
    try:
        data = sys.stdin.buffer.read() if file is None else file.read_bytes()
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror}", where=where) from error
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(f"is not UTF-8 (byte {error.start}); convert it, e.g. with iconv", where=where) from None


def _passage(line: str, where: str) -> dict[str, Any]:
    try:
        row = json.loads(line)
    except ValueError as error:
        raise InputError(f"is not JSON: {error}", where=where) from None
    if not isinstance(row, dict) or not isinstance(row.get("text"), str) or "id" not in row:
        raise InputError("needs an object with id and text", where=where)
    return row


def _claims(reader: Reader, row: dict[str, Any], where: str) -> list[Claim]:
    return reader.read(row["text"], lang=row.get("lang"), published=_published(row, where))


def _published(row: dict[str, Any], where: str) -> datetime | None:
    """When a passage was published, None where it does not say; a month or a year counts as its first day."""
    said = row.get("published")
    if not said:
        return None
    try:
        return datetime.combine(Period.parse(str(said)).first, time(), UTC)
    except ValueError:
        return moment(str(said), f"{where}, key published")
