"""The commands that give what is kept to others: `export` to programs, `report` to people."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated, TextIO

import typer
from sqlalchemy.orm import Session

from db import knowledge
from monitor import export as to
from monitor.cli.app import AsOf, Opened, moment, opened
from monitor.process import now_utc
from monitor.report import Known, gather, page


class What(StrEnum):
    """What is exported."""

    FACTS = "facts"
    CHANGES = "changes"
    CLAIMS = "claims"
    MAP = "map"
    FEED = "feed"


class Format(StrEnum):
    """How tables are written."""

    CSV = "csv"
    EXCEL = "excel"
    JSONL = "jsonl"


def register(app: typer.Typer) -> None:
    """Put this file's commands into the app."""
    app.command()(export)
    app.command()(report)


def export(
    context: typer.Context,
    what: Annotated[What, typer.Argument(help="facts, changes, claims: tables. map: GeoJSON. feed: Atom.")],
    form: Annotated[
        Format | None, typer.Option("--format", help="How a table is written: csv if not given; excel: CSV for Excel.")
    ] = None,
    as_of: AsOf = None,
    lang: Annotated[str, typer.Option(help="The language of the feed: en or ar.")] = "en",
    output: Annotated[Path | None, typer.Option("--output", "-o", help="A file; standard output if none.")] = None,
) -> None:
    """What is known, changed and claimed, for other programs; the columns are explained in docs/export.md."""
    if lang not in ("en", "ar"):
        raise typer.BadParameter("is en or ar", param_hint="--lang")
    if form is not None and what in (What.MAP, What.FEED):
        raise typer.BadParameter(f"is of tables; {what.value} has a format of its own", param_hint="--format")
    with opened(context) as here:
        then = moment(as_of, "--as-of") if as_of else None
        with here.store.reading() as session, _opened(output) as out:
            _write(here, session, what, form or Format.CSV, then, lang, out)


def report(
    context: typer.Context,
    output: Annotated[Path, typer.Option("--output", "-o", help="The file to write.")] = Path("report.html"),
    lang: Annotated[str, typer.Option(help="The language of the page: en or ar.")] = "en",
    as_of: AsOf = None,
) -> None:
    """What is known, as one HTML page for people: map, timelines, figures, plans, changes; it loads nothing."""
    if lang not in ("en", "ar"):
        raise typer.BadParameter("is en or ar", param_hint="--lang")
    with opened(context) as here:
        then = moment(as_of, "--as-of") if as_of else now_utc()
        with here.store.reading() as session:
            known = gather(session, here.topic, here.config.rules, as_of=then)
        write_page(known, lang, output)
    typer.echo(f"{output}: {output.stat().st_size // 1000} kB")


def write_page(known: Known, lang: str, path: Path) -> None:
    """Write the report's page, in place of an older one only when it is whole."""
    html = page(known, lang)
    with _opened(path) as out:
        out.write(html)


@contextmanager
def _opened(path: Path | None) -> Iterator[TextIO]:
    """A file, in place of an older one only when it is written to its end; standard output for None."""
    if path is None:
        yield sys.stdout
        return
    part = path.with_name(f"{path.name}.part")
    try:
        with part.open("w", encoding="utf-8", newline="") as out:
            yield out
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def _write(
    here: Opened, session: Session, what: What, form: Format, then: datetime | None, lang: str, out: TextIO
) -> None:
    changes = [c for c in knowledge.changes(session) if then is None or c.at <= then]
    match what:
        case What.FACTS:
            _table(to.fact_rows(knowledge.facts(session, as_of=then)), to.FACTS, form, out)
        case What.CHANGES:
            _table(to.change_rows(changes), to.CHANGES, form, out)
        case What.CLAIMS:
            claims = (item for _, mine in knowledge.by_version(session, as_of=then) for item in mine)
            _table(to.claim_rows(claims), to.CLAIMS, form, out)
        case What.MAP:
            to.write_json(to.geojson(knowledge.facts(session, as_of=then), here.topic), out)
        case What.FEED:
            last = changes[-to.FEED :]
            named = {number for change in last for number in change.claim_ids}
            quotes = {item.id: item for item in knowledge.evidence_by_ids(session, named)}
            out.write(to.atom(last, quotes, here.topic, lang=lang, at=now_utc()))


def _table(rows: Iterator[to.Row], columns: tuple[str, ...], form: Format, out: TextIO) -> None:
    if form is Format.JSONL:
        to.write_jsonl(rows, out)
        return
    if form is Format.EXCEL:
        out.write(to.BOM)
    to.write_csv(rows, columns, out)
