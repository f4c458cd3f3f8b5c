"""Commands that hold back what is told of a base: `mute unmute`."""

from __future__ import annotations

from typing import Annotated

import typer

from db import mutes
from db.errors import InputError
from db.records import Mute, iso
from monitor.cli.app import Opened, moment, opened
from monitor.cli.rulings import By, who
from monitor.process import now_utc

Base = Annotated[str, typer.Argument(metavar="BASE", help="A base's id; `drawdown base` lists them.")]


def register(app: typer.Typer) -> None:
    """Put this file's commands into the app."""
    app.command()(mute)
    app.command()(unmute)


def mute(
    context: typer.Context,
    base: Base,
    until: Annotated[str, typer.Option(help="Until when: an ISO date or time (UTC).")],
    by: By = "",
) -> None:
    """Hold back the alerts on a base until a date; then they come as one."""
    with opened(context) as here:
        ends, now = moment(until, "--until"), now_utc()
        if ends <= now:
            raise InputError("is over already", where=f"--until {until}")
        said = Mute(base=_known(here, base), until=ends, who=who(by), at=now)
        here.store.submit(lambda session: mutes.save(session, said)).result()
        typer.echo(f"{base} is muted until {iso(ends)}; `drawdown unmute {base}` ends it")


def unmute(context: typer.Context, base: Base) -> None:
    """Let a muted base be told of again, and tell what was held back."""
    with opened(context) as here:
        name, now = _known(here, base), now_utc()
        here.store.submit(lambda session: mutes.end(session, name, at=now)).result()
        typer.echo(f"{base} is muted no more")


def _known(here: Opened, base: str) -> str:
    if base not in here.topic.bases:
        raise InputError("no base of the topic has this id; `drawdown base` lists them", where=base)
    return base
