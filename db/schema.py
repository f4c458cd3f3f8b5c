"""The schema of a store: applied when it is opened, one process at a time, all of it or nothing."""

from __future__ import annotations

import time

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, inspect
from sqlalchemy.exc import DBAPIError

from db.engine import WRITING
from db.errors import StoreError


def upgrade(engine: Engine, *, where: str, busy_seconds: float) -> None:
    """Bring the schema up to what this program knows. Does not wait for a writer where there is nothing to do.

    StoreError when the store was made by a newer version, or the file belongs to another program.
    """
    with engine.connect() as connection:
        if _standing(connection, where) == _head():
            return
    if engine.dialect.name == "sqlite":
        _use_wal(engine, busy_seconds)
    with engine.connect().execution_options(**{WRITING: True}) as connection:
        if engine.dialect.name == "sqlite":
            # A batch migration replaces tables, so keys are checked once at its end; no effect inside a transaction.
            _tell(connection, "PRAGMA foreign_keys=OFF")
        with connection.begin():  # takes the writer's lock: a second process waits here, then finds all done
            if _standing(connection, where) != _head():
                command.upgrade(config(connection), "head")
                _check_keys(connection, where)
        if engine.dialect.name == "sqlite":
            _tell(connection, "PRAGMA foreign_keys=ON")


def config(connection: Connection | None = None) -> Config:
    """Alembic's configuration, without a file: its scripts lie in this package."""
    made = Config()
    made.set_main_option("script_location", "db:migrations")
    made.attributes["connection"] = connection
    return made


def _head() -> str | None:
    return ScriptDirectory.from_config(config()).get_current_head()


def _standing(connection: Connection, where: str) -> str | None:
    """The store's revision, None for a fresh one."""
    standing = MigrationContext.configure(connection).get_current_revision()
    known = {script.revision for script in ScriptDirectory.from_config(config()).walk_revisions()}
    if standing is not None and standing not in known:
        raise StoreError(
            f"the store was made by a newer version of Drawdown (schema {standing}, this program knows up to"
            f" {_head()}); update the program",
            where=where,
        )
    if standing is None and connection.dialect.name == "sqlite":
        tables = set(inspect(connection).get_table_names()) - {"alembic_version"}
        if tables:
            raise StoreError("the file is the database of another program; give another path", where=where)
    return standing


def _use_wal(engine: Engine, busy_seconds: float) -> None:
    """Write-ahead logging, kept in the file from now on. SQLite does not wait for a lock here, so we do."""
    until = time.monotonic() + busy_seconds
    while True:
        connection = engine.raw_connection()
        try:
            connection.cursor().execute("PRAGMA journal_mode=WAL")
            return
        except engine.dialect.loaded_dbapi.OperationalError as error:
            if "locked" not in str(error) or time.monotonic() > until:
                raise DBAPIError.instance(
                    "PRAGMA journal_mode=WAL", None, error, engine.dialect.loaded_dbapi.Error
                ) from error
            time.sleep(0.02)
        finally:
            connection.close()


def _tell(connection: Connection, pragma: str) -> None:
    driver = connection.connection.driver_connection
    assert driver is not None
    driver.execute(pragma)


def _check_keys(connection: Connection, where: str) -> None:
    if connection.dialect.name != "sqlite":
        return
    if broken := connection.exec_driver_sql("PRAGMA foreign_key_check").first():
        raise StoreError(f"bringing the schema up to date would break {broken[0]}; nothing was changed", where=where)
