"""Backups: either database gives all that it holds, and takes it back, or stays as it was."""

from __future__ import annotations

import io
import json
import resource
import sqlite3
import subprocess
import tarfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import zstandard
from alembic import command
from sqlalchemy import select, text

from db import backup, claims, knowledge, marks, schema
from db.errors import DrawdownError, InputError, StoreError
from db.models import Row
from db.outbox import save_summary
from db.records import Saved
from db.session import Store

Clock = Callable[[float], datetime]
Save = Callable[..., Saved]


def held(store: Store) -> dict[str, list[Any]]:
    """Every row of every table."""
    with store.reading() as session:
        return {
            table.name: [tuple(row) for row in session.execute(select(table).order_by(*table.primary_key))]
            for table in Row.metadata.sorted_tables
        }


@pytest.fixture
def full(store: Store, save: Save, make: SimpleNamespace, hour: Clock) -> Store:
    """A store with something in the main tables: two versions, a claim, a fact, a change."""
    save("The base is empty. " * 40)
    save("The base is full: القاعدة. " * 40, at=1)
    with store.writing() as session:
        version = session.scalars(text("SELECT max(id) FROM versions")).one()
        claims.save_claims(session, version, [make.claim()], origins=["agency"], at=hour(1))
        knowledge.save_fact(session, make.fact(at=1))
        knowledge.save_change(session, make.change(version, at=1))
        save_summary(session, "{}", at=hour(1))
        marks.put(session, "topic", "syria")
    return store


@pytest.fixture
def other(tmp_path: Path) -> Iterator[Store]:
    """Another, empty store, of SQLite."""
    store = Store.open(f"sqlite:///{tmp_path / 'other' / 'drawdown.db'}")
    yield store
    store.close()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where the backup goes: a folder of its own, so that what is left behind is seen."""
    (tmp_path / "backups").mkdir()
    return tmp_path / "backups" / "drawdown.tar.zst"


def take_back(store: Store, path: Path) -> None:
    with backup.unpacked(path, None) as (_, copy):
        backup.restore(store, copy)


def test_all_of_it_goes_to_the_other_database_and_back(full: Store, other: Store, path: Path, hour: Clock) -> None:
    before = held(full)
    assert all(before[name] for name in ("articles", "versions", "wholes", "captures", "claims", "facts", "changes"))
    done = backup.write(full, path, at=hour(2))
    assert done.rows == {name: len(rows) for name, rows in before.items()}
    assert backup.is_empty(other)
    take_back(other, path)
    assert held(other) == before

    with full.writing() as session:
        marks.put(session, "topic", "later")
        lost = save_summary(session, "later", at=hour(3))
    backup.write(other, path, at=hour(3))
    take_back(full, path)
    assert held(full) == before
    with full.writing() as session:  # ids go on after those that came back
        assert save_summary(session, "next", at=hour(4)) == lost
    assert [file.name for file in path.parent.iterdir()] == [path.name]


def test_sqlite_is_still_told_to_write_ahead(other: Store, path: Path, hour: Clock) -> None:
    backup.write(other, path, at=hour(0))
    take_back(other, path)
    with other.reading() as session:
        assert session.scalar(text("PRAGMA journal_mode")) == "wal"


PAIRS = """
import sys
from db import marks
from db.session import Store
store = Store.open(sys.argv[1])
with store.hold("drawdown run"):
    for number in range(1_000_000):
        with store.writing() as session:
            marks.put(session, "one", str(number))
            marks.put(session, "two", str(number))
        if number == 5:
            print("writes", flush=True)
"""


def test_a_store_that_is_written_to_gives_one_moment(
    full: Store,
    other: Store,
    path: Path,
    hour: Clock,
    database_url: str,
    start_process: Callable[..., subprocess.Popen[str]],
) -> None:
    process = start_process(PAIRS, database_url)
    assert process.stdout is not None
    assert process.stdout.readline() == "writes\n"
    seen = []
    for _ in range(3):
        backup.write(full, path, at=hour(2))
        take_back(other, path)
        with other.reading() as session:
            one, two = marks.get(session, "one"), marks.get(session, "two")
        assert one == two
        seen.append(int(one or 0))
    assert process.poll() is None
    assert seen == sorted(seen)


def test_anybody_can_open_one(full: Store, path: Path, hour: Clock, tmp_path: Path) -> None:
    done = backup.write(full, path, at=hour(2))
    with path.open("rb") as file, zstandard.ZstdDecompressor().stream_reader(file) as plain:
        data = io.BytesIO(plain.read())
    with tarfile.open(fileobj=data) as tar:
        assert tar.getnames() == ["manifest.json", "store.db"]
        tar.extractall(tmp_path, filter="data")
    manifest = json.loads((tmp_path / "manifest.json").read_text(encoding="utf-8"))
    assert (manifest["schema"], manifest["rows"]) == (done.schema, done.rows)
    with sqlite3.connect(tmp_path / "store.db") as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    connection.close()


# -- what is no backup ------------------------------------------------------------------------------------------------


def shortened(data: bytes, share: float) -> bytes:
    return data[: int(len(data) * share)]


def flipped(data: bytes, share: float) -> bytes:
    at = int(len(data) * share)
    return data[:at] + bytes([data[at] ^ 0xFF]) + data[at + 1 :]


@pytest.mark.parametrize("spoil", [shortened, flipped])
@pytest.mark.parametrize("share", [0.0, 0.01, 0.3, 0.9, 0.99])
def test_a_spoilt_file_is_refused(
    other: Store, save_into: Save, path: Path, hour: Clock, spoil: Callable[[bytes, float], bytes], share: float
) -> None:
    save_into(other, "The base is empty. " * 40)
    backup.write(other, path, at=hour(0))
    path.write_bytes(spoil(path.read_bytes(), share))
    with pytest.raises(InputError, match=r"no whole backup|does not match") as caught, backup.unpacked(path, None):
        pass
    assert caught.value.where == str(path)


def packed(*members: tuple[str, bytes]) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as tar:
        for name, data in members:
            member = tarfile.TarInfo(name)
            member.size = len(data)
            tar.addfile(member, io.BytesIO(data))
    return zstandard.compress(out.getvalue())


MANIFEST = {"format": 1, "schema": "0006", "made_at": "2026-02-15T06:00:00Z", "size": 3, "sha256": "00", "rows": {}}


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "no whole backup"),
        (b"PK\x03\x04 something else", "no whole backup"),
        (packed(("holiday.jpg", b"x")), "no whole backup"),
        (packed(("manifest.json", b"{}"), ("store.db", b"x")), "no whole backup"),
        (packed(("manifest.json", json.dumps(MANIFEST).encode())), "no whole backup"),
        (packed(("manifest.json", json.dumps(MANIFEST).encode()), ("store.db", b"abc")), "does not match"),
        (packed(("manifest.json", json.dumps(MANIFEST | {"format": 2}).encode())), "newer version of Drawdown"),
    ],
)
def test_another_file_is_refused(path: Path, data: bytes, said: str) -> None:
    path.write_bytes(data)
    with pytest.raises(InputError, match=said), backup.unpacked(path, None):
        pass


def test_one_of_a_newer_version_is_refused(other: Store, path: Path, hour: Clock) -> None:
    with other.writing() as session:
        session.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    backup.write(other, path, at=hour(0))
    with pytest.raises(StoreError, match=r"newer version of Drawdown .*9999") as caught, backup.unpacked(path, None):
        pass
    assert caught.value.where == str(path)


def test_one_of_an_older_version_is_brought_up_to_date(store: Store, other: Store, path: Path, hour: Clock) -> None:
    with other.writing() as session:
        save_summary(session, "kept", at=hour(0))
    before = held(other)
    with other.writing() as session:
        command.downgrade(schema.config(session.connection()), "0004")
    assert backup.write(other, path, at=hour(0)).schema == "0004"
    take_back(store, path)
    assert held(store) == before


# -- what fails -------------------------------------------------------------------------------------------------------


@contextmanager
def small_disk(size: int) -> Iterator[None]:
    """No file may grow beyond `size`, as on a disk that is full."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_on_a_full_disk_the_older_backup_stays(full: Store, path: Path, hour: Clock) -> None:
    path.write_text("older")
    with small_disk(50_000), pytest.raises(StoreError) as caught:
        backup.write(full, path, at=hour(2))
    assert caught.value.where == str(path)
    assert [file.name for file in path.parent.iterdir()] == [path.name]
    assert path.read_text() == "older"


def test_on_a_full_disk_nothing_is_unpacked(other: Store, path: Path, hour: Clock) -> None:
    backup.write(other, path, at=hour(0))
    with small_disk(50_000), pytest.raises(StoreError), backup.unpacked(path, path.parent):
        pass
    assert [file.name for file in path.parent.iterdir()] == [path.name]


def test_on_a_full_disk_the_store_stays(other: Store, save_into: Save, path: Path, hour: Clock) -> None:
    save_into(other, "The base is empty. " * 40)
    backup.write(other, path, at=hour(0))
    with other.writing() as session:
        marks.put(session, "topic", "kept")
    before = held(other)
    with backup.unpacked(path, None) as (_, copy), small_disk(50_000), pytest.raises(StoreError):
        backup.restore(other, copy)
    assert held(other) == before


def test_what_fails_halfway_leaves_the_store(
    full: Store, path: Path, hour: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    backup.write(full, path, at=hour(2))
    with full.writing() as session:
        marks.put(session, "topic", "kept")
    before = held(full)

    def breaks(*_: object, **__: object) -> None:
        raise StoreError("cut off")

    monkeypatch.setattr(backup, "_number_on" if full.file is None else "_overwrite", breaks)
    with pytest.raises(DrawdownError, match="cut off"):
        take_back(full, path)
    assert held(full) == before
