"""Commands that tell what is known and why: `status base changes why diff alerts`, and of sources' health."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Iterable
from dataclasses import replace
from typing import Annotated

import typer
from rich.text import Text
from sqlalchemy.orm import Session

from db import captures, health, knowledge, losses, mutes, outbox, rulings, versions, visits
from db.errors import DrawdownError, InputError
from db.records import DeliveryState, Evidence, Kind, KnownFact, Position, iso
from monitor.cli import as_json as as_json_of
from monitor.cli import grounds, show, standing
from monitor.cli.app import AsJson, AsOf, Lang, Opened, complain, console, moment, opened, print_json, table
from monitor.cli.lines import Line, say
from monitor.knowing.rules import Rules
from monitor.process import now_utc
from monitor.status import StatusReport, build
from monitor.telling import clean, diff
from monitor.telling.alert import compose_test
from monitor.telling.notify import Notifier
from monitor.telling.words import Words

CONTEXT = 120  # characters of unchanged text beside an edit

alerts_app = typer.Typer(help="Deliveries of alerts: list them, test the targets, try dead ones again.")


def register(app: typer.Typer) -> None:
    """Put this file's commands into the app."""
    app.command()(status)
    app.command()(base)
    app.command()(changes)
    app.command()(why)
    app.command("diff")(diff_article)
    app.add_typer(alerts_app, name="alerts", invoke_without_command=True)


def status(context: typer.Context, as_of: AsOf = None, lang: Lang = "en", as_json: AsJson = False) -> None:
    """What is known: bases, troops, plans, changes, health. Exit 1 when the daemon has died or a source is not well."""
    with opened(context) as here:
        then = moment(as_of, "--as-of") if as_of else None
        crawled = {source.id for source in here.sources}
        with here.store.reading() as session:
            report = build(
                session,
                here.topic,
                now=now_utc(),
                as_of=then,
                crawled=crawled,
                room=here.config.room,
                model=here.config.model is not None,
            )
        if as_json:
            print_json(report.to_json())
        else:
            _print_status(report, here.words_in(lang), here.config.rules)
        for fault in report.faults:
            complain(fault)
        if report.faults:
            raise typer.Exit(1)


def _print_status(report: StatusReport, words: Words, rules: Rules) -> None:
    out = console()
    title = words.say("terminal", "as_of", topic=words.name(report.topic.name), time=show.ltr(iso(report.as_of), words))
    say(out, [Line(Text(title, style="bold"))], rtl=words.rtl)
    if not report.facts:
        say(out, [Line(Text(words.say("terminal", "nothing")))], rtl=words.rtl)
        return
    for part in standing.parts(report, words, width=out.width, rules=rules):
        out.print()
        out.print(part)
    ended = (DeliveryState.SENT, DeliveryState.WITHDRAWN)
    waiting = {state: count for state, count in report.deliveries.items() if state not in ended and count}
    notes = []
    if waiting:
        states = words.comma.join(
            f"{words.number(count)} {words.say('delivery', state)}" for state, count in waiting.items()
        )
        notes.append(words.say("terminal", "undelivered", states=states))
    if report.set_aside:
        notes.append(words.say("terminal", "set_aside", count=report.set_aside))
    notes += [show.mute_line(mute, words) for mute in report.mutes]
    if report.model:
        notes.append(show.model_line(report.model, words))
    for note in notes:
        out.print()
        say(out, [Line(Text(note))], rtl=words.rtl)


def base(
    context: typer.Context,
    base_id: Annotated[str | None, typer.Argument(metavar="[ID]", help="A base's id; lists the bases if none.")] = None,
    as_of: AsOf = None,
    lang: Lang = "en",
    as_json: AsJson = False,
) -> None:
    """One base's history with its evidence."""
    with opened(context) as here:
        if base_id is None:
            _list_bases(here, here.words_in(lang), as_json)
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
        words = here.words_in(lang)
        record = here.topic.bases[base_id]
        other = next((clean.isolated(name) for code, name in record.name.items() if code != lang), "")
        title = f"{words.name(record.name)} · {other} · {words.name(record.governorate)} · {base_id}"
        lines = [Line(Text(title, style="bold"))]
        if not history:
            lines.append(Line(Text(words.say("terminal", "nothing_of_it"))))
        if raised:
            lines += [Line(Text()), Line(Text(words.say("terminal", "changes"), style="bold"))]
            lines += show.change_lines(raised, words)
        lines += [Line(Text(show.ruling_line(ruling, words))) for ruling in given]
        for fact in grounds.last_of_each(history):
            start, end = (show.ltr(show.stamp(at), words) for at in (fact.recorded_at, fact.superseded_at))
            name = "recorded_until" if fact.superseded_at else "recorded_now"
            lines += [Line(Text()), Line(Text(words.say("terminal", name, start=start, end=end), style="dim"))]
            lines += grounds.fact_lines(fact, evidence, words)
        say(console(), lines, rtl=words.rtl)


def _list_bases(here: Opened, words: Words, as_json: bool) -> None:
    bases = here.topic.bases.values()
    if as_json:
        print_json(
            [
                {"id": b.id, "name": dict(b.name), "governorate": dict(b.governorate), "lat": b.lat, "lon": b.lon}
                for b in bases
            ]
        )
        return
    beside = (words.say("terminal", name) for name in ("governorate", "place"))
    out = table(words.say("terminal", "id"), "name", "الاسم", *beside, rtl=words.rtl)
    for b in bases:
        position = f"{b.lat:.2f}, {b.lon:.2f} {b.precision}" if b.lat is not None and b.lon is not None else "–"
        out.add_row(b.id, b.name["en"], b.name["ar"], words.name(b.governorate), position)
    console().print(out)


def changes(
    context: typer.Context,
    subject: Annotated[str | None, typer.Option(help="Only changes of this base or figure.")] = None,
    since: Annotated[str | None, typer.Option(help="Only changes from this ISO date or time on.")] = None,
    lang: Lang = "en",
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
            return
        words = here.words_in(lang)
        lines = show.change_lines(found, words, ruled) if found else [Line(Text(words.say("terminal", "no_changes")))]
        say(console(), lines, rtl=words.rtl)


def why(
    context: typer.Context,
    what: Annotated[str, typer.Argument(metavar="ID", help="A change's number, a base's id, or us-troops-syria.")],
    lang: Lang = "en",
    as_json: AsJson = False,
) -> None:
    """Every claim, weight and rule behind a change or a known fact, and what speaks against it."""
    with opened(context) as here:
        if what.removeprefix("#").isdigit() and len(what) < 18:
            _why_change(here, int(what.removeprefix("#")), here.words_in(lang), as_json)
        else:
            _why_fact(here, what, here.words_in(lang), as_json)


def _why_change(here: Opened, number: int, words: Words, as_json: bool) -> None:
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
    heading = Text.assemble(f"#{change.id}  {show.stamp(change.at)}\n", show.change_text(change, words))
    heading.stylize("bold")
    lines = [Line(heading)]
    labelled = [("now", change.held), *(("against", rival) for rival in change.rivals), ("before", change.previous)]
    for label, side in labelled:
        if side:
            lines += [Line(Text()), *grounds.position_lines(label, side, evidence, words)]
    lines += [Line(Text(show.ruling_line(ruling, words))) for ruling in given]
    say(console(), lines, rtl=words.rtl)


def _why_fact(here: Opened, subject: str, words: Words, as_json: bool) -> None:
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
    lines: list[Line] = []
    for fact in facts:
        lines += [*([Line(Text())] if lines else []), *grounds.fact_lines(fact, evidence, words)]
    if reasons:
        lines += grounds.set_aside_lines(reasons, evidence, words)
    lines += [Line(Text(show.ruling_line(ruling, words))) for ruling in given]
    say(console(), lines, rtl=words.rtl)


def _evidence(session: Session, facts: list[KnownFact]) -> dict[int, Evidence]:
    sides = [side for fact in facts for side in (fact.held, *fact.rivals)]
    return _stamped(session, _claims_of(sides))


def _claims_of(sides: list[Position]) -> list[int]:
    return sorted({support.claim_id for side in sides for support in side.support})


def _stamped(session: Session, claim_ids: Iterable[int]) -> dict[int, Evidence]:
    """Claims by id, with the stamps of their captures."""
    found = knowledge.otherwise(session, knowledge.evidence_by_ids(session, claim_ids))
    stamped = captures.stamped(session, found)
    gone = visits.removals(session, (item.article_id for item in stamped))
    held = losses.held_since(session, [item.id for item in stamped])
    return {item.id: replace(item, absence=gone.get(item.article_id), held_since=held.get(item.id)) for item in stamped}


def diff_article(
    context: typer.Context,
    article: Annotated[str, typer.Argument(help="An article's number or URL.")],
    lang: Lang = "en",
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
        words = here.words_in(lang)
        seen = show.ltr(show.stamp(found[0].seen_at), words)
        lines = [
            Line(Text(clean.isolated(found[-1].title or found[-1].url, found[-1].lang), style="bold")),
            Line(Text(clean.line(found[-1].url), style="dim"), whole=True),
            Line(Text(words.say("terminal", "versions", count=len(found), time=seen))),
        ]
        out = console()
        say(out, lines, rtl=words.rtl)
        for old, new, edits in pairs:
            at = show.ltr(show.stamp(new.seen_at), words)
            title = words.say("terminal", "edit", old=old.number, new=new.number, arrow=words.arrow, time=at)
            out.print()
            say(out, [Line(Text(title, style="bold"))], rtl=words.rtl)
            say(
                out,
                [Line(show.diff_text(diff.shortened(edits, context=CONTEXT)), 2)],
                rtl=clean.direction(new.lang) == "rtl",
            )
        for gone in absences:
            out.print()
            say(out, [Line(Text(show.absence_line(gone, words), style="bold"))], rtl=words.rtl)


def sources(context: typer.Context, lang: Lang = "en", as_json: AsJson = False) -> None:
    """The sources that are crawled, and how they have fared."""
    with opened(context) as here:
        with here.store.reading() as session:
            known = {item.source: item for item in health.all_health(session)}
        words = here.words_in(lang)
        if as_json:
            print_json([as_json_of.source_json(source, known.get(source.id)) for source in here.sources])
        elif here.sources:
            console().print(show.sources_table(here.sources, known, words))
        else:
            say(console(), [Line(Text(words.say("terminal", "no_sources")))], rtl=words.rtl)


@alerts_app.callback()
def alerts(context: typer.Context, lang: Lang = "en", as_json: AsJson = False) -> None:
    """List the deliveries, unless a subcommand says otherwise."""
    if context.invoked_subcommand is None:
        list_alerts(context, lang=lang, as_json=as_json)


@alerts_app.command("list")
def list_alerts(context: typer.Context, lang: Lang = "en", as_json: AsJson = False) -> None:
    """Deliveries, newest first."""
    with opened(context) as here:
        with here.store.reading() as session:
            found = outbox.deliveries(session)
            muted = mutes.standing(session, now_utc())
        if as_json:
            print_json([as_json_of.delivery_json(delivery) for delivery in found[::-1]])
            return
        words, out = here.words_in(lang), console()
        if found:
            out.print(show.deliveries_table(found[::-1], words, wide=out.width >= standing.WIDE))
        else:
            say(out, [Line(Text(words.say("terminal", "no_deliveries")))], rtl=words.rtl)
        say(out, [Line(Text(show.mute_line(mute, words))) for mute in muted], rtl=words.rtl)


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
