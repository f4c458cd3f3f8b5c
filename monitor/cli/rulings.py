"""Commands for a person's word: `confirm reject pin release rulings`."""

from __future__ import annotations

import getpass
from typing import Annotated

import typer
from rich.text import Text

from db import rulings as kept
from db.errors import InputError
from db.records import Ruling, Slot, Status, StatusValue, iso
from monitor import ruling as person
from monitor.cli import show
from monitor.cli.app import AsJson, ChangeId, Lang, Opened, console, number, opened, print_json
from monitor.cli.lines import Line, say
from monitor.process import now_utc
from monitor.telling import clean

By = Annotated[str, typer.Option("--by", help="Who says so.", show_default="the name of the account")]


def register(app: typer.Typer) -> None:
    """Put this file's commands into the app."""
    app.command()(confirm)
    app.command()(reject)
    app.command()(pin)
    app.command()(release)
    app.command()(rulings)


def confirm(context: typer.Context, change: ChangeId, by: By = "") -> None:
    """Say that a change is right: it gets one more voice, of full weight."""
    with opened(context) as here:
        _tell(here, person.confirm(here.processor(), number(change), who=who(by), at=now_utc()))


def reject(
    context: typer.Context,
    change: ChangeId,
    because: Annotated[str, typer.Option(help="Why; it is kept and shown.")],
    by: By = "",
) -> None:
    """Say that a change is wrong: the claims behind it count for nothing, and whoever was alerted gets a correction."""
    with opened(context) as here:
        _tell(here, person.reject(here.processor(), number(change), because=because, who=who(by), at=now_utc()))


def pin(
    context: typer.Context,
    base: Annotated[str, typer.Argument(metavar="BASE", help="A base's id; `drawdown base` lists them.")],
    status: Annotated[Status, typer.Argument(help="What it is.")],
    since: Annotated[str, typer.Option(help="From when: an ISO day, month, year or interval.")],
    source: Annotated[str, typer.Option(help="The address of what says so.")],
    to: Annotated[str | None, typer.Option(help="Who took it over; a party's id, with handed_over.")] = None,
    by: By = "",
) -> None:
    """Hold a base's status, whatever is claimed, until it is released."""
    with opened(context) as here:
        if base not in here.topic.bases:
            raise InputError("no base of the topic has this id; `drawdown base` lists them", where=base)
        if to is not None and status is not Status.HANDED_OVER:
            raise InputError("only a base that is handed_over has a receiver", where="--to")
        if to is not None and to not in here.topic.parties:
            raise InputError(f"no party has this id; there are {', '.join(here.topic.parties)}", where=f"--to {to}")
        if not clean.link(source):
            raise InputError("is no http or https address", where=f"--source {source}")
        value = StatusValue(status=status, to=to)
        ruled = person.pin(here.processor(), base, value, since=since, source=source, who=who(by), at=now_utc())
        _tell(here, ruled)


def release(
    context: typer.Context,
    ruling: Annotated[str, typer.Argument(metavar="RULING", help="A ruling's number; `drawdown rulings` lists them.")],
    by: By = "",
) -> None:
    """Let a person's word stand no longer; it stays as a record."""
    with opened(context) as here:
        _tell(here, person.release(here.processor(), number(ruling), who=who(by), at=now_utc()))


def rulings(context: typer.Context, lang: Lang = "en", as_json: AsJson = False) -> None:
    """Every person's word, released ones too, in the order given."""
    with opened(context) as here:
        with here.store.reading() as session:
            found = kept.every(session)
        words = here.words_in(lang)
        if as_json:
            print_json([ruling.to_json() for ruling in found])
        elif found:
            console().print(show.rulings_table(found, words))
        else:
            say(console(), [Line(Text(words.say("terminal", "no_rulings")))], rtl=words.rtl)


def _tell(here: Opened, ruled: person.Ruled) -> None:
    """What was kept, and what is held now."""
    ruling: Ruling = ruled.ruling
    subject = here.words.subject(ruling.kind, ruling.subject)
    state = (
        f"released {iso(ruling.released_at)}" if ruling.released_at else f"stands until `drawdown release {ruling.id}`"
    )
    typer.echo(f"ruling {ruling.id}: {ruling.verdict} of {subject}, by {clean.line(ruling.who)}; {state}")
    if ruled.correction is not None:
        typer.echo(f"correction: {show.change_line(ruled.correction, here.words)}")
    if ruled.fact is None:
        typer.echo(f"{subject}: nothing is known")
        return
    held = ruled.fact.held
    plan = "planned: " if ruled.fact.slot is Slot.PLAN else ""
    contested = ", contested" if ruled.fact.contested else ""
    typer.echo(f"{subject}: {plan}{here.words.value(held.value)} since {held.since} ({held.credibility}{contested})")


def who(by: str) -> str:
    """Who gives the word. Raises InputError where the system has no name for the account."""
    if by.strip():
        return by.strip()
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        raise InputError("the system does not say who you are", where="--by") from None
