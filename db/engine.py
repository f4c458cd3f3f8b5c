"""Engines for the two databases: what each connection is told, and how it begins reading and writing."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError
from sqlalchemy.pool import NullPool

from db.errors import StoreError
from db.faults import masked

WRITING = "drawdown_writing"  # execution option of a connection that begins in order to write
WRITE_LOCK = "hashtext('drawdown writing'), hashtext(current_schema())"


def parse(url: str) -> URL:
    """The store's URL with its driver. StoreError for anything but a SQLite file or a PostgreSQL database."""
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):
        raise StoreError(
            "not a store's URL; write sqlite:///path/to/file.db or postgresql://user@host/name", where=masked(url)
        ) from None
    if parsed.drivername in ("postgresql", "postgres", "postgresql+psycopg"):
        return parsed.set(drivername="postgresql+psycopg")
    if parsed.drivername in ("sqlite", "sqlite+pysqlite"):
        if not parsed.database or parsed.database == ":memory:" or parsed.database.startswith("file:"):
            raise StoreError("a store must be a file; write sqlite:///path/to/file.db", where=masked(url))
        return parsed
    raise StoreError(
        f"{parsed.drivername} is not supported; write sqlite:///path/to/file.db or postgresql://user@host/name",
        where=masked(url),
    )


def file_of(url: URL) -> Path | None:
    """The file of a SQLite store, None for a server's."""
    return Path(url.database) if url.get_backend_name() == "sqlite" and url.database else None


def make_engine(url: URL, *, busy_seconds: float, pooled: bool = True) -> Engine:
    """An engine whose connections wait `busy_seconds` for a lock. Not pooled: for a connection held on its own."""
    options: dict[str, Any] = {"hide_parameters": True, "json_serializer": _dumps}
    if not pooled:
        options["poolclass"] = NullPool
    if url.get_backend_name() == "sqlite":
        engine = create_engine(url, connect_args={"timeout": busy_seconds}, **options)
        event.listen(engine, "connect", _tell_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
        return engine
    options.setdefault("pool_pre_ping", pooled)  # a server that was restarted costs no failed transaction
    engine = create_engine(url, connect_args={"connect_timeout": 10, **_KEEPALIVE}, **options)
    milliseconds = max(1, int(busy_seconds * 1000))

    def tell(connection: Any, record: Any) -> None:
        connection.execute(f"SET lock_timeout = {milliseconds}")
        connection.commit()

    event.listen(engine, "connect", tell)
    event.listen(engine, "begin", _begin_postgresql)
    return engine


# A dead network is noticed on both ends within about a minute, so that an instance's lock is not held by a ghost.
_KEEPALIVE = {"keepalives_idle": 30, "keepalives_interval": 10, "keepalives_count": 3}


def _dumps(value: object) -> str:
    """JSON as it is stored: Arabic as itself (escapes take three times the room)."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _tell_sqlite(connection: Any, record: Any) -> None:
    connection.isolation_level = None  # the driver begins nothing by itself; `_begin_sqlite` does
    connection.execute("PRAGMA synchronous=NORMAL")
    connection.execute("PRAGMA foreign_keys=ON")


def _begin_sqlite(connection: Connection) -> None:
    """Writers take the lock at once: a deferred BEGIN fails at its first write when another has written since."""
    if connection.get_execution_options().get(WRITING):
        connection.exec_driver_sql("PRAGMA query_only=OFF")
        connection.exec_driver_sql("BEGIN IMMEDIATE")
    else:
        connection.exec_driver_sql("PRAGMA query_only=ON")
        connection.exec_driver_sql("BEGIN")


def _begin_postgresql(connection: Connection) -> None:
    """One writer at a time here too, so that numbering versions and superseding facts never race."""
    if connection.get_execution_options().get(WRITING):
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({WRITE_LOCK})")
