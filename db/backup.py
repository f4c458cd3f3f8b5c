"""Backups: all of a store in one file, which either database gives and either takes back.

A backup is a tar with two members, compressed with zstd: `manifest.json`, which says what there is to be, and
`store.db`, the store as a SQLite file. So an older one is brought up to date as any store is, and `tar --zstd -x`
opens it.
"""

from __future__ import annotations

import io
import os
import sqlite3
import tarfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from hashlib import file_digest, sha256
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO, Protocol

import zstandard
from pydantic import TypeAdapter, ValidationError
from sqlalchemy import delete, exists, func, insert, select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from db.errors import InputError, StoreError
from db.faults import store_error
from db.models import Row
from db.records import Backup
from db.session import BUSY_SECONDS, Store

FORMAT = 1
MANIFEST, DATA = "manifest.json", "store.db"
ROWS = 200  # that are copied at a time; a capture may be large
CHUNK = 1 << 20
_BACKUP = TypeAdapter(Backup)


def write(store: Store, path: Path, *, at: datetime) -> Backup:
    """Write what the store holds at this moment to `path`, whole or not at all; others go on reading and writing.

    Raises StoreError: the store cannot be read, or `path` not be written.
    """
    with _workshop(path.parent, where=str(path)) as folder:
        copy = folder / DATA
        if store.file is not None:
            with _sqlite(store.file, where=str(path)) as connection:
                connection.execute("VACUUM INTO ?", (str(copy),))  # sees one moment, and reads every page
        else:
            with _opened(copy, where=str(path)) as made, store.reading() as source, made.writing() as target:
                _copy(source, target)
        done = _described(copy, at)
        whole = folder / "whole"
        _pack(done, copy, whole)
        whole.replace(path)
    return done


@contextmanager
def unpacked(path: Path, folder: Path | None) -> Iterator[tuple[Backup, Path]]:
    """A backup's manifest and its store as a file, checked and brought up to date, until the block ends.

    folder: where there is room for it; the system's folder for temporary files if None. Raises InputError: the file is
    no whole backup, or one of a newer version.
    """
    with _workshop(folder, where=str(path)) as workshop:
        copy = workshop / DATA
        done = _unpack(path, copy)
        with _opened(copy, where=str(path)):
            pass
        yield done, copy


def is_empty(store: Store) -> bool:
    """Whether the store holds nothing at all."""
    with store.reading() as session:
        return not any(session.scalar(select(exists().select_from(table))) for table in Row.metadata.sorted_tables)


def restore(store: Store, copy: Path) -> None:
    """Put an unpacked store in the place of all that the store holds, in one transaction. The caller holds the store.

    Raises StoreError; then the store holds what it held.
    """
    if store.file is not None:
        _overwrite(copy, store.file, where=store.name)
        return
    with _opened(copy, where=store.name) as made, made.reading() as source, store.writing() as target:
        for table in reversed(Row.metadata.sorted_tables):
            target.execute(delete(table))
        _copy(source, target)
        _number_on(target)


def _overwrite(copy: Path, file: Path, *, where: str) -> None:
    """SQLite's own way, also under the eyes of others who have the file open: they see the old store, then the new."""
    ends = time.monotonic() + BUSY_SECONDS

    def progress(status: int, *_: int) -> None:
        if status == sqlite3.SQLITE_BUSY and time.monotonic() > ends:
            raise sqlite3.OperationalError("database is locked")

    with _sqlite(copy, where=where) as source, _sqlite(file, where=where) as target:
        source.backup(target, progress=progress, sleep=0.05)


def _copy(source: Session, target: Session) -> None:
    """Every row of every table, those that others refer to first."""
    for table in Row.metadata.sorted_tables:
        rows = source.execute(select(table).execution_options(yield_per=ROWS))
        for some in rows.mappings().partitions():
            target.execute(insert(table), [dict(row) for row in some])


def _number_on(session: Session) -> None:
    """PostgreSQL counts ids apart from the rows; it goes on after the highest that was copied."""
    for table in Row.metadata.sorted_tables:
        if (column := table.autoincrement_column) is not None:
            sequence = func.pg_get_serial_sequence(table.name, column.name)
            session.execute(select(func.setval(sequence, select(func.max(column)).scalar_subquery())))


def _described(copy: Path, at: datetime) -> Backup:
    with _sqlite(copy, where=copy.name) as connection, copy.open("rb") as file:
        [revision] = connection.execute("SELECT version_num FROM alembic_version").fetchone()
        names = [
            name for (name,) in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY 1")
        ]
        names.remove("alembic_version")
        rows = {name: connection.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0] for name in names}
        digest = file_digest(file, sha256).hexdigest()
    return Backup(format=FORMAT, schema=revision, made_at=at, size=copy.stat().st_size, sha256=digest, rows=rows)


def _pack(done: Backup, copy: Path, path: Path) -> None:
    manifest = _BACKUP.dump_json(done, indent=2) + b"\n"
    with path.open("wb") as file:
        packer = zstandard.ZstdCompressor(write_checksum=True)
        with (
            packer.stream_writer(file, closefd=False) as packed,
            tarfile.open(fileobj=packed, mode="w|", format=tarfile.PAX_FORMAT) as tar,
            copy.open("rb") as data,
        ):
            for name, size, content in ((MANIFEST, len(manifest), io.BytesIO(manifest)), (DATA, done.size, data)):
                member = tarfile.TarInfo(name)
                member.size, member.mtime, member.mode = size, int(done.made_at.timestamp()), 0o600
                tar.addfile(member, content)
        file.flush()
        os.fsync(file.fileno())


def _unpack(path: Path, copy: Path) -> Backup:
    try:
        with (
            path.open("rb") as file,
            zstandard.ZstdDecompressor().stream_reader(file) as plain,
            tarfile.open(fileobj=plain, mode="r|") as tar,
        ):
            done = _manifest(_next(tar, MANIFEST).read(CHUNK))
            found = _taken(_next(tar, DATA), copy, done.size)
    except (zstandard.ZstdError, tarfile.TarError, EOFError, ValidationError) as error:
        raise InputError("is no whole backup: cut short, damaged, or another kind of file", where=str(path)) from error
    except InputError as error:
        raise InputError(error.what, where=str(path)) from error
    if found != done.sha256:
        raise InputError("does not match the SHA-256 in its manifest; take another copy of it", where=str(path))
    return done


def _manifest(data: bytes) -> Backup:
    done = _BACKUP.validate_json(data)
    if done.format != FORMAT:
        raise InputError("was made by a newer version of Drawdown; update the program")
    return replace(done, rows=dict(done.rows))


class _Readable(Protocol):
    def read(self, size: int, /) -> bytes: ...


def _next(tar: tarfile.TarFile, name: str) -> IO[bytes]:
    member = tar.next()
    content = tar.extractfile(member) if member is not None and member.name == name else None
    if content is None:
        raise tarfile.ReadError(f"{name} is not where it should be")
    return content


def _taken(data: _Readable, copy: Path, size: int) -> str:
    """Write at most `size` bytes to a file, and say what they hash to."""
    digest = sha256()
    with copy.open("wb") as out:
        while size > 0 and (some := data.read(min(CHUNK, size))):
            digest.update(some)
            out.write(some)
            size -= len(some)
    return digest.hexdigest()


@contextmanager
def _workshop(folder: Path | None, *, where: str) -> Iterator[Path]:
    """A folder that is gone at the end; what the disk refuses in the meantime is one line."""
    try:
        with TemporaryDirectory(prefix=".drawdown-", dir=folder) as made:
            yield Path(made)
    except OSError as error:
        raise StoreError(f"{error.strerror or error}; nothing was changed", where=where) from error


@contextmanager
def _opened(copy: Path, *, where: str) -> Iterator[Store]:
    """An unpacked store, brought up to date. Faults of it are faults of the backup."""
    try:
        store = Store.open(f"sqlite:///{copy}")
    except StoreError as error:
        raise StoreError(error.what, where=where, retry=error.retry) from error
    try:
        yield store
    finally:
        store.close()


@contextmanager
def _sqlite(path: Path, *, where: str) -> Iterator[sqlite3.Connection]:
    """A plain connection, for what SQLite does only outside of a transaction."""
    connection = sqlite3.connect(path, timeout=BUSY_SECONDS, isolation_level=None)
    try:
        yield connection
    except sqlite3.Error as error:
        raise store_error(DBAPIError(None, None, error), where) from error
    finally:
        connection.close()
