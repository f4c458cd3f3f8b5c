"""Commands that copy a store out, and back: `backup restore`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from db import backup as backups
from db import marks
from db.engine import file_of, parse
from db.errors import StoreError
from db.records import Backup, iso
from monitor.cli.app import AsJson, opened, print_json
from monitor.config import find_config, load_config
from monitor.process import now_utc
from monitor.status import RUNNING

TOLD = ("articles", "versions", "captures", "claims", "facts", "changes", "deliveries")  # tables that people ask for
File = Annotated[Path, typer.Argument(metavar="FILE", help="The backup, for example drawdown-backup.tar.zst.")]


def register(app: typer.Typer) -> None:
    """Put this file's commands into the app."""
    app.command()(backup)
    app.command()(restore)


def backup(context: typer.Context, file: File, as_json: AsJson = False) -> None:
    """Write all of the store, as it is at this moment, to one file; a daemon that runs on it goes on."""
    with opened(context) as here:
        _tell(backups.write(here.store, file, at=now_utc()), f"wrote {file}", as_json)


def restore(
    context: typer.Context,
    file: File,
    replace: Annotated[bool, typer.Option("--replace", help="Also in place of what the store holds now.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only check the backup, and say what is in it.")] = False,
    as_json: AsJson = False,
) -> None:
    """Fill the store from a backup, checked and brought up to date; when anything fails, the store stays as it was."""
    config = load_config(find_config(context.obj))
    home = file_of(parse(config.database_url))
    room = home.parent if home is not None and home.parent.is_dir() else None
    with backups.unpacked(file, room) as (said, copy):
        if not dry_run:
            with opened(context, create=True) as here, here.store.hold("drawdown restore"):
                if not replace and not backups.is_empty(here.store):
                    raise StoreError("is not empty; --replace puts the backup in its place", where=here.store.name)
                backups.restore(here.store, copy)
                # The daemon that ran when the copy was made did not die on it.
                here.store.submit(lambda session: marks.drop(session, RUNNING)).result()
        _tell(said, f"{file} is whole" if dry_run else f"restored {file}", as_json)


def _tell(done: Backup, what: str, as_json: bool) -> None:
    if as_json:
        print_json(_json(done))
        return
    counts = ", ".join(f"{done.rows[name]} {name}" for name in TOLD if name in done.rows)
    typer.echo(f"{what}: {counts}; of {iso(done.made_at)}, schema {done.schema}, SHA-256 {done.sha256}")


def _json(done: Backup) -> dict[str, Any]:
    names = ("format", "schema", "size", "sha256")
    return {name: getattr(done, name) for name in names} | {"made_at": iso(done.made_at), "rows": dict(done.rows)}
