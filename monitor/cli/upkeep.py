"""Commands that look after a store and prove what is in it: `rebuild verify evidence`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from db import integrity
from db.records import Change, Checked, KnownFact, value_to_json
from monitor import evidence
from monitor import rebuild as again
from monitor.cli import show
from monitor.cli.app import AsJson, ChangeId, Opened, complain, number, opened, print_json
from monitor.process import now_utc

ARTICLES = 100  # that are checked in one transaction


def register(app: typer.Typer) -> None:
    """Put this file's commands into the app."""
    app.command()(rebuild)
    app.command()(verify)
    app.command("evidence")(prove)


def rebuild(
    context: typer.Context,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only tell what would differ.")] = False,
    as_json: AsJson = False,
) -> None:
    """Fold everything again from the stored versions, with alerts off, and tell what differs."""
    with opened(context) as here:
        if dry_run:
            done = again.rebuild(here.processor(tell=False), at=now_utc(), keep=False)
        else:
            with here.store.hold("drawdown rebuild"):
                done = again.rebuild(here.processor(tell=False), at=now_utc(), keep=True)
        if as_json:
            print_json(_json(done))
            return
        typer.echo(f"{done.versions} versions with {done.claims} claims folded again")
        for difference in done.differences:
            _print_difference(here, difference)
        for label, changes in (("would not be raised", done.gone), ("would be raised", done.new)):
            for change in changes:
                typer.echo(f"{label}: {show.change_line(change, here.words)}")
        if done.same:
            typer.echo("nothing differs")


def _print_difference(here: Opened, difference: again.Difference) -> None:
    subject = here.words.subject(difference.kind, difference.subject)
    was, now = (_said(here, fact) for fact in (difference.was, difference.now))
    if was == now:
        now += ", with other evidence"
    typer.echo(f"{difference.slot} {subject}: {was} {here.words.arrow} {now}")


def _said(here: Opened, fact: KnownFact | None) -> str:
    if fact is None:
        return "–"
    contested = ", contested" if fact.contested else ""
    return f"{here.words.value(fact.held.value)} since {fact.held.since} ({fact.held.credibility}{contested})"


def _json(done: again.Rebuilt) -> dict[str, Any]:
    def fact(one: KnownFact | None) -> dict[str, Any] | None:
        if one is None:
            return None
        held = {"since": one.held.since, "credibility": one.held.credibility, "contested": one.contested}
        return (value_to_json(one.held.value) or {}) | held

    def changes(some: Sequence[Change]) -> list[dict[str, Any]]:
        return [change.to_json() for change in some]

    return {
        "versions": done.versions,
        "claims": done.claims,
        "differences": [
            {
                "kind": d.kind.value,
                "subject": d.subject,
                "slot": d.slot.value,
                "was": fact(d.was),
                "now": fact(d.now),
            }
            for d in done.differences
        ],
        "gone": changes(done.gone),
        "new": changes(done.new),
    }


def verify(context: typer.Context, as_json: AsJson = False) -> None:
    """Hold every stored text and capture against its SHA-256. Exit 1 when one does not hold, and names each."""
    with opened(context) as here:
        done = _checked(here)
        if as_json:
            counts = {name: getattr(done, name) for name in ("articles", "versions", "captures", "dropped")}
            print_json(counts | {"faults": list(done.faults)})
        else:
            for fault in done.faults:
                complain(fault)
            dropped = f" ({done.dropped} were dropped)" if done.dropped else ""
            held = f"{len(done.faults)} do not hold" if done.faults else "every one holds"
            typer.echo(
                f"{done.versions} versions and {done.captures} captures{dropped} of {done.articles} articles: {held}"
            )
        if done.faults:
            raise typer.Exit(1)


def _checked(here: Opened) -> Checked:
    """All articles, a few a transaction, so that nobody waits for the end of it."""
    done, last = Checked(), 0
    while True:
        with here.store.reading() as session:
            articles = integrity.articles(session, after=last, limit=ARTICLES)
            done = sum((integrity.check(session, article) for article in articles), done)
        if not articles:
            return done
        last = articles[-1]


def prove(
    context: typer.Context,
    change: ChangeId,
    out: Annotated[Path | None, typer.Option(help="The folder to write [default: evidence-CHANGE].")] = None,
    lang: Annotated[str, typer.Option("--lang", help="The language of the page to read: en or ar.")] = "en",
) -> None:
    """Write what is behind a change into one folder: captures as WARC, texts, quotes, hashes, and a page to read."""
    with opened(context) as here:
        with here.store.reading() as session:
            proof = evidence.gather(session, number(change))
        folder = out or Path(f"evidence-{proof.change.id}")
        for name in evidence.write(proof, folder, here.words_in(lang), at=now_utc()):
            typer.echo(f"{folder / name}")
