"""The store: transactions for reading, one writer, and the lock of the one instance."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import TypeVar

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session, sessionmaker

from db import schema
from db.engine import WRITING, file_of, make_engine, parse
from db.errors import StoreError
from db.faults import masked, store_error
from db.instance import Hold, hold_file, hold_server

__all__ = ["Store", "masked"]

T = TypeVar("T")
BUSY_SECONDS = 15.0


class Store:
    """Where everything is kept: a SQLite file or a PostgreSQL database. Safe to share between threads.

    Every fault of the database comes out as StoreError with the masked URL, what to do, and whether to retry.
    """

    def __init__(self, url: str, *, busy_seconds: float = BUSY_SECONDS) -> None:
        """Use `Store.open`, which also brings the schema up to date."""
        self._text = url
        parsed = parse(url)
        self._file = file_of(parsed)
        self._identity: tuple[int, int] | None = None
        self._engine = make_engine(parsed, busy_seconds=busy_seconds)
        reader = self._engine
        if self.dialect == "postgresql":
            # What a report reads is of one moment, as it is on SQLite.
            reader = reader.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
        self._reading = sessionmaker(reader, autoflush=False)
        self._writing = sessionmaker(self._engine.execution_options(**{WRITING: True}), expire_on_commit=False)
        self._writer = ThreadPoolExecutor(max_workers=1, thread_name_prefix="drawdown-writer")

    @classmethod
    def open(cls, url: str, *, busy_seconds: float = BUSY_SECONDS) -> Store:
        """Open the store at `url`, making it (and the folder of a file) where it is missing.

        url: sqlite:///path/to/file.db, or postgresql://user:password@host/name of an existing database.
        busy_seconds: how long to wait for another writer. Any number of processes may open one store at once.
        StoreError: bad URL, newer schema, another program's file, locked, gone, no permission, disk full.
        """
        store = cls(url, busy_seconds=busy_seconds)
        try:
            store._make_folder()
            schema.upgrade(store._engine, where=store.name, busy_seconds=busy_seconds)
            store._identity = store._identify()
        except SQLAlchemyError as error:
            store.close()
            raise store_error(error, url) from error
        except BaseException:
            store.close()
            raise
        return store

    def _make_folder(self) -> None:
        if self._file is None:
            return
        try:
            self._file.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise StoreError(
                f"its folder cannot be made ({error.strerror}); give another path", where=self.name
            ) from error

    def _identify(self) -> tuple[int, int] | None:
        """Which file this is. A deleted one stays writable to whoever has it open, and all of that would be lost."""
        if self._file is None:
            return None
        try:
            status = self._file.stat()
        except OSError:
            return None
        return status.st_dev, status.st_ino

    def _check_file(self) -> None:
        if self._file is not None and self._identify() != self._identity:
            raise StoreError("the file is gone or was replaced; put it back and start again", where=self.name)

    @property
    def dialect(self) -> str:
        """ "sqlite" or "postgresql"."""
        return self._engine.dialect.name

    @property
    def file(self) -> Path | None:
        """The file of a SQLite store; None for a server's."""
        return self._file

    @property
    def name(self) -> str:
        """The URL for people: without its password."""
        return masked(self._text)

    def close(self) -> None:
        """Finish what was submitted, then let go of the database. A second call does nothing."""
        self._writer.shutdown(wait=True)
        self._engine.dispose()

    def reading(self) -> AbstractContextManager[Session]:
        """A session that sees the store as of its first query; it cannot write."""
        return self._transaction(self._reading, commit=False)

    def writing(self) -> AbstractContextManager[Session]:
        """One transaction: committed at the end, rolled back when anything is raised. Waits for another writer."""
        return self._transaction(self._writing, commit=True)

    @contextmanager
    def _transaction(self, sessions: sessionmaker[Session], *, commit: bool) -> Iterator[Session]:
        self._check_file()
        try:
            with sessions() as session:
                session.connection()  # begins now, not at the first query: a writer holds the lock from here
                yield session
                if commit:
                    session.commit()
        except SQLAlchemyError as error:
            raise store_error(error, self._text) from error

    def submit(self, work: Callable[[Session], T]) -> Future[T]:
        """Let the writer thread run `work` inside one writing transaction. Works run in the order submitted.

        The future has the result once it is committed, or what `work` raised.
        """

        def run() -> T:
            with self.writing() as session:
                return work(session)

        try:
            return self._writer.submit(run)
        except RuntimeError as error:
            raise StoreError("the store was closed", where=self.name) from error

    async def write(self, work: Callable[[Session], T]) -> T:
        """`submit`, awaited. Cancelling does not undo what the writer has begun."""
        return await asyncio.wrap_future(self.submit(work))

    def hold(self, who: str) -> AbstractContextManager[Hold]:
        """Be the one instance of this store, under the name `who`, until the block ends or the process dies.

        StoreError names the holder (name, pid, host, since) when there is one already.
        """
        if self._file is not None:
            return hold_file(self._file.with_name(self._file.name + ".lock"), who, where=self.name)
        return hold_server(self._text, who)


def store_exists(url: str) -> bool:
    """Whether there is anything at this URL to open; a server is taken to be there. Raises StoreError for a bad URL."""
    file = file_of(parse(url))
    return file is None or file.exists()
