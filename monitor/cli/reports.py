"""Commands that tell what is known and why: `status base changes why diff alerts`, and of sources' health."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Iterable
from dataclasses import replace
from typing import Annotated

import typer
from sqlalchemy.orm import Session

from db import captures, health, knowledge, mutes, outbox, rulings, versions, visits
from db.errors import DrawdownError, InputError
from db.records import DeliveryState, Evidence, Kind, KnownFact, Position, iso
from monitor.cli import as_json as as_json_of
from monitor.cli import show
from monitor.cli.app import AsJson, AsOf, Opened, complain, console, moment, opened, print_json, table
from monitor.process import now_utc
from monitor.status import build
from monitor.telling import clean, diff
from monitor.telling.alert import compose_test
from monitor.telling.notify import Notifier

alerts_app = typer.Typer(help="Deliveries of alerts: list them, test the targets, try dead ones again.")


def register(app: typer.Typer) -> None:
    """Put this file's commands into the app."""
    app.command()(status)
    app.command()(base)
    app.command()(changes)
    app.command()(why)
    app.command("diff")(diff_article)
    app.add_typer(alerts_app, name="alerts", invoke_without_command=True)


def status(context: typer.Context, as_of: AsOf = None, as_json: AsJson = False) -> None:
    """What is known: bases, troops, plans, changes, health. Exit 1 when the daemon has died or a source is not well."""
    with opened(context) as here:
        then = moment(as_of, "--as-of") if as_of else None
        crawled = {source.id for source in here.sources}
        with here.store.reading() as session:
            report = build(session, here.topic, now=now_utc(), as_of=then, crawled=crawled, room=here.config.room)
        if as_json:
            print_json(report.to_json())
        else:
            out = console()
            out.print(f"{here.words.name(here.topic.name)}, as of {iso(report.as_of)}", style="bold")
            if not report.facts:
                out.print(
                    "Nothing is known yet: `drawdown crawl`, `drawdown run` or `drawdown ingest FILE` brings news in."
                )
            else:
                for listing in show.status_tables(report, here.words):
                    out.print()
                    out.print(listing)
            waiting = {
                state: count
                for state, count in report.deliveries.items()
                if count and state not in (DeliveryState.SENT, DeliveryState.WITHDRAWN)
            }
            if waiting:
                out.print(f"\nUndelivered alerts: {', '.join(f'{n} {state}' for state, n in waiting.items())}")
            for mute in report.mutes:
                out.print(show.mute_line(mute), markup=False)
            if report.set_aside:
                out.print(f"\nClaims set aside: {report.set_aside}; `drawdown why` of a base or figure names them")
        for fault in report.faults:
            complain(fault)
        if report.faults:
            raise typer.Exit(1)


def base(
    context: typer.Context,
    base_id: Annotated[str | None, typer.Argument(metavar="[ID]", help="A base's id; lists the bases if none.")] = None,
    as_of: AsOf = None,
    as_json: AsJson = False,
) -> None:
    """One base's history with its evidence."""
    with opened(context) as here:
        if base_id is None:
            _list_bases(here, as_json)
            return
        if base_id not in here.topic.bases:
            raise InputError("no base of the topic has this id; `drawdown base` lists them", where=base_id)
        then = moment(as_of, "--as-of") if as_of else None
        with here.store.reading() as session:
            history = [
                fact
                for kind in (Kind.BASE_STATUS, Kind.TROOP_FIGURE, Kind.DEADLINE)
                for fact in knowledge.history(session, kind, base_id, as_of=then)
            ]
            raised = [c for c in knowledge.changes(session, subject=base_id) if then is None or c.at <= then]
            given = [r for r in rulings.every(session) if r.subject == base_id]
            if then is not None:
                given = [r.as_of(then) for r in given if r.at <= then]
            evidence = _evidence(session, history)
        if as_json:
            print_json(
                {
                    "id": base_id,
                    "history": [as_json_of.fact_json(fact, evidence) for fact in history],
                    "changes": [c.to_json() for c in raised],
                    "rulings": [ruling.to_json() for ruling in given],
                }
            )
            return
        out = console()
        record = here.topic.bases[base_id]
        out.print(f"{record.name['en']} · {record.name['ar']} ({here.words.place(base_id)})", style="bold")
        if not history:
            out.print("Nothing is known of it yet.")
        if raised:
            out.print(show.changes_table(raised, here.words, title="Changes"))
        for ruling in given:
            out.print(show.ruling_line(ruling, here.words), markup=False)
        for fact in show.last_of_each(history):
            held_until = f" until {show.stamp(fact.superseded_at)}" if fact.superseded_at else ", held now"
            out.print(f"\nrecorded {show.stamp(fact.recorded_at)}{held_until}", style="dim")
            out.print(show.fact_tree(fact, evidence, here.words))


def _list_bases(here: Opened, as_json: bool) -> None:
    bases = here.topic.bases.values()
    if as_json:
        print_json(
            [
                {"id": b.id, "name": dict(b.name), "governorate": dict(b.governorate), "lat": b.lat, "lon": b.lon}
                for b in bases
            ]
        )
        return
    out = table("id", "name", "الاسم", "governorate", "position")
    for b in bases:
        position = f"{b.lat:.2f}, {b.lon:.2f} {b.precision}" if b.lat is not None and b.lon is not None else "–"
        out.add_row(b.id, b.name["en"], b.name["ar"], b.governorate["en"], position)
    console().print(out)


def changes(
    context: typer.Context,
    subject: Annotated[str | None, typer.Option(help="Only changes of this base or figure.")] = None,
    since: Annotated[str | None, typer.Option(help="Only changes from this ISO date or time on.")] = None,
    as_json: AsJson = False,
) -> None:
    """The changes of known facts, oldest first."""
    with opened(context) as here:
        start = moment(since, "--since") if since else None
        with here.store.reading() as session:
            found = knowledge.changes(session, since=start, subject=subject)
            standing = [ruling for ruling in rulings.every(session) if ruling.released_at is None]
            ruled = {ruling.change_id: ruling for ruling in standing if ruling.change_id is not None}
        if as_json:
            print_json([as_json_of.ruled_json(change, ruled.get(change.id or 0)) for change in found])
        elif found:
            console().print(show.changes_table(found, here.words, ruled=ruled))
        else:
            typer.echo("no changes")


def why(
    context: typer.Context,
    what: Annotated[str, typer.Argument(metavar="ID", help="A change's number, a base's id, or us-troops-syria.")],
    as_json: AsJson = False,
) -> None:
    """Every claim, weight and rule behind a change or a known fact, and what speaks against it."""
    with opened(context) as here:
        if what.removeprefix("#").isdigit() and len(what) < 18:
            _why_change(here, int(what.removeprefix("#")), as_json)
        else:
            _why_fact(here, what, as_json)


def _why_change(here: Opened, number: int, as_json: bool) -> None:
    with here.store.reading() as session:
        change = knowledge.change(session, number)
        if change is None:
            raise InputError("no change has this number; `drawdown changes` lists them", where=f"#{number}")
        sides = [side for side in (change.held, *change.rivals, change.previous) if side]
        evidence = _stamped(session, [*_claims_of(sides), *change.claim_ids])
        given = rulings.of_change(session, number)
    if as_json:
        print_json(as_json_of.change_json(change, evidence) | {"rulings": [ruling.to_json() for ruling in given]})
        return
    out = console()
    out.print(show.change_line(change, here.words), style="bold")
    if change.held:
        out.print(show.position_tree("now", change.held, evidence, here.words))
    for rival in change.rivals:
        out.print(show.position_tree("against", rival, evidence, here.words))
    if change.previous:
        out.print(show.position_tree("before", change.previous, evidence, here.words))
    for ruling in given:
        out.print(show.ruling_line(ruling, here.words), markup=False)


def _why_fact(here: Opened, subject: str, as_json: bool) -> None:
    with here.store.reading() as session:
        facts = [fact for fact in knowledge.facts(session) if fact.subject == subject]
        reasons = rulings.reasons_set_aside(session, subject)
        evidence = _evidence(session, facts) | _stamped(session, reasons)
        given = [ruling for ruling in rulings.every(session) if ruling.subject == subject]
    if not facts and not reasons:
        known = subject in here.topic.bases
        raise InputError(
            "nothing is known of it yet" if known else "neither a change's number nor a subject", where=subject
        )
    if as_json:
        print_json([as_json_of.fact_json(fact, evidence) for fact in facts])
        return
    out = console()
    for fact in facts:
        out.print(show.fact_tree(fact, evidence, here.words))
    if reasons:
        out.print(show.set_aside_tree(reasons, evidence))
    for ruling in given:
        out.print(show.ruling_line(ruling, here.words), markup=False)


def _evidence(session: Session, facts: list[KnownFact]) -> dict[int, Evidence]:
    sides = [side for fact in facts for side in (fact.held, *fact.rivals)]
    return _stamped(session, _claims_of(sides))


def _claims_of(sides: list[Position]) -> list[int]:
    return sorted({support.claim_id for side in sides for support in side.support})


def _stamped(session: Session, claim_ids: Iterable[int]) -> dict[int, Evidence]:
    """Claims by id, with the stamps of their captures."""
    found = knowledge.evidence_by_ids(session, claim_ids)
    stamped = captures.stamped(session, found)
    gone = visits.removals(session, (item.article_id for item in stamped))
    return {item.id: replace(item, absence=gone.get(item.article_id)) for item in stamped}


def diff_article(
    context: typer.Context,
    article: Annotated[str, typer.Argument(help="An article's number or URL.")],
    as_json: AsJson = False,
) -> None:
    """What each edit of an article changed, word by word."""
    with opened(context) as here:
        with here.store.reading() as session:
            number = versions.find_article(session, article)
            found, absences = versions.versions_of(session, number), visits.absences(session, number)
        pairs = [(old, new, diff.diff_words(old.text, new.text)) for old, new in itertools.pairwise(found)]
        if as_json:
            print_json(
                [
                    {
                        "from": old.number,
                        "to": new.number,
                        "at": iso(new.seen_at),
                        "edits": [[e.op.value, e.text] for e in edits],
                    }
                    for old, new, edits in pairs
                ]
                + [
                    {
                        "from": found[-1].number,
                        "to": None,
                        "at": iso(gone.removed_at or gone.since),
                        "edits": [],
                        "absence": gone.to_json(),
                    }
                    for gone in absences
                ]
            )
            return
        out = console()
        out.print(clean.line(found[-1].title or found[-1].url), style="bold", markup=False)
        out.print(
            f"{clean.line(found[-1].url)}: {len(found)} versions, first seen {show.stamp(found[0].seen_at)}",
            markup=False,
        )
        for old, new, edits in pairs:
            out.print(f"\nversion {old.number} → {new.number}, {show.stamp(new.seen_at)}", style="bold")
            out.print(show.diff_text(edits))
        for gone in absences:
            out.print(f"\n{show.absence_line(gone)}", style="bold")


def sources(context: typer.Context, as_json: AsJson = False) -> None:
    """The sources that are crawled, and how they have fared."""
    with opened(context) as here:
        with here.store.reading() as session:
            known = {item.source: item for item in health.all_health(session)}
        if as_json:
            print_json([as_json_of.source_json(source, known.get(source.id)) for source in here.sources])
            return
        if not here.sources:
            typer.echo("no source is configured; add a [[source]] table, or let the topic's be crawled")
            return
        columns = ("id", "name", "lang", "kind", "grade", "minutes", "state", "last success", "last new")
        out = table(*columns, "bytes an article", "failed in a row", "this week", "why")
        for source in here.sources:
            fared = known.get(source.id)
            out.add_row(
                source.id,
                source.name["en"],
                source.lang,
                source.kind,
                source.reliability,
                str(source.every),
                show.state(fared),
                show.stamp(fared.last_success_at if fared else None),
                show.stamp(fared.last_new_at if fared else None),
                str(fared.size or "–") if fared else "–",
                str(fared.failures if fared else 0),
                show.troubles(fared) if fared else "",
                clean.line(fared.error) if fared else "",
            )
        console().print(out)


@alerts_app.callback()
def alerts(context: typer.Context, as_json: AsJson = False) -> None:
    """List the deliveries, unless a subcommand says otherwise."""
    if context.invoked_subcommand is None:
        list_alerts(context, as_json=as_json)


@alerts_app.command("list")
def list_alerts(context: typer.Context, as_json: AsJson = False) -> None:
    """Deliveries, newest first."""
    with opened(context) as here:
        with here.store.reading() as session:
            found = outbox.deliveries(session)
            muted = mutes.standing(session, now_utc())
        if as_json:
            print_json([as_json_of.delivery_json(delivery) for delivery in found[::-1]])
        elif found:
            console().print(show.deliveries_table(found[::-1]))
        else:
            typer.echo("no deliveries")
        if not as_json:
            for mute in muted:
                typer.echo(show.mute_line(mute))


@alerts_app.command("test")
def test_alerts(context: typer.Context) -> None:
    """Send a real test message to each target and say how it went. Exit 1 when one failed."""
    with opened(context) as here:
        if not here.config.targets:
            raise InputError("there is no [[target]] yet", where=str(here.config.path))
        failed = False
        for target in here.config.targets:
            try:
                asyncio.run(Notifier().send(target.url, compose_test(here.topic, lang=target.lang, at=now_utc())))
            except DrawdownError as error:
                failed = True
                complain(f"{target.name}: {error.what}")
            else:
                typer.echo(f"{target.name}: sent")
        if failed:
            raise typer.Exit(1)


@alerts_app.command("retry")
def retry_alerts(context: typer.Context) -> None:
    """Make dead deliveries due again; the daemon, or the next crawl, sends them."""
    with opened(context) as here:
        count = here.store.submit(lambda session: outbox.retry_dead(session, at=now_utc())).result()
        typer.echo(f"{count} made due again")
