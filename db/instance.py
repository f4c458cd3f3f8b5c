"""One instance a store: a lock that the operating system releases when its holder dies, and that names the holder."""

from __future__ import annotations

import fcntl
import json
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import SQLAlchemyError

from db.engine import make_engine, parse
from db.errors import StoreError
from db.faults import masked, store_error
from db.records import iso

# Beside the writer's lock, in the same database and schema; see db.engine.WRITE_LOCK.
_KEY = "hashtext('drawdown instance'), hashtext(current_schema())"


class Hold:
    """The lock while it is held. `check` says whether it still is."""

    def check(self) -> None:
        """Raise StoreError where another instance has the store by now. A file's lock lasts as long as the process."""


class _ServerHold(Hold):
    """An advisory lock lives and dies with its connection, which a restart of the server ends."""

    def __init__(self, engine: Engine, url: str, who: str) -> None:
        self._engine = engine
        self._url = url
        self._who = who
        self._connection = self._take()

    def check(self) -> None:
        try:
            self._connection.exec_driver_sql("SELECT 1")
        except SQLAlchemyError:
            self._connection.invalidate()
            try:
                self._connection = self._take()
            except SQLAlchemyError:
                return  # the server is away; whoever writes says so, and the next check tries again

    def close(self) -> None:
        self._connection.close()

    def _take(self) -> Connection:
        """Connect and take the lock. Raises StoreError naming who has it, SQLAlchemyError where nobody answers."""
        me = _me(self._who)
        connection = self._engine.connect()
        name = f"{self._who} (pid {me['pid']} on {me['host']})".encode("ascii", "replace").decode()[:63]
        connection.exec_driver_sql("SELECT set_config('application_name', %(name)s, false)", {"name": name})
        if not connection.exec_driver_sql(f"SELECT pg_try_advisory_lock({_KEY})").scalar_one():
            connection.close()
            raise _held(_named_by_server(self._engine), masked(self._url))
        return connection


@contextmanager
def hold_file(path: Path, who: str, *, where: str) -> Iterator[Hold]:
    """Hold the lock file beside a SQLite store. flock, not lockf: closing another descriptor must not release it."""
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    except OSError as error:
        raise StoreError(f"its lock file cannot be opened ({error.strerror}): {path}", where=where) from error
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise _held(_named(descriptor), where) from None
        try:
            _write(descriptor, json.dumps(_me(who)))
        except OSError as error:
            raise StoreError(f"its lock file cannot be written ({error.strerror}): {path}", where=where) from error
        try:
            yield Hold()
        finally:
            with suppress(OSError):  # a full disk does not hold up the end; closing lets go
                _write(descriptor, "")
    finally:
        os.close(descriptor)


@contextmanager
def hold_server(url: str, who: str) -> Iterator[Hold]:
    """Hold an advisory lock of PostgreSQL, on a connection of its own whose name says who holds it."""
    engine = make_engine(parse(url), busy_seconds=10, pooled=False).execution_options(isolation_level="AUTOCOMMIT")
    try:
        hold = _ServerHold(engine, url, who)
        try:
            yield hold
        finally:
            hold.close()
    except SQLAlchemyError as error:
        raise store_error(error, url) from error
    finally:
        engine.dispose()


def _me(who: str) -> dict[str, str | int]:
    # The clock is read here because this is about the process itself, not about the world it watches.
    return {"who": who, "pid": os.getpid(), "host": socket.gethostname(), "since": iso(datetime.now(UTC))}


def _held(holder: str, where: str) -> StoreError:
    return StoreError(f"in use by {holder}; stop that one first", where=where, retry=True)


def _write(descriptor: int, text: str) -> None:
    os.ftruncate(descriptor, 0)
    os.pwrite(descriptor, text.encode(), 0)


def _named(descriptor: int) -> str:
    try:
        holder = json.loads(os.pread(descriptor, 4096, 0))
        return f"{holder['who']} (pid {holder['pid']} on {holder['host']}) since {holder['since']}"
    except (ValueError, KeyError, OSError):
        return "another process"  # it took the lock a moment ago, or was about to let go


def _named_by_server(engine: Engine) -> str:
    query = """
        SELECT a.application_name, a.backend_start FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid
        WHERE l.locktype = 'advisory' AND l.granted AND l.objsubid = 2
          AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
          AND (l.classid::bigint, l.objid::bigint) = (
              (hashtext('drawdown instance')::bigint & 4294967295), (hashtext(current_schema())::bigint & 4294967295))
    """
    with engine.connect() as connection:
        row = connection.exec_driver_sql(query).first()
    if row is None or not row[0]:
        return "another process"
    return f"{row[0]} since {iso(row[1])}"
