"""Transactions, the writer thread, and what a fault of the database looks like."""

from __future__ import annotations

import asyncio
import os
import signal
import sqlite3
import subprocess
import threading
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import make_url, text
from sqlalchemy.orm import Session

from db import knowledge, marks
from db.errors import StoreError
from db.models import MarkRow, SummaryRow
from db.outbox import save_summary
from db.session import Store

Clock = Callable[[float], datetime]
Starter = Callable[..., "subprocess.Popen[str]"]


def read_mark(store: Store, key: str) -> str | None:
    with store.reading() as session:
        return marks.get(session, key)


def test_writing_commits_at_the_end(store: Store) -> None:
    with store.writing() as session:
        marks.put(session, "topic", "first")
    assert read_mark(store, "topic") == "first"


def test_writing_rolls_back_whatever_is_raised(store: Store) -> None:
    with pytest.raises(KeyError), store.writing() as session:  # noqa: PT012
        marks.put(session, "topic", "half done")
        raise KeyError("anything")
    assert read_mark(store, "topic") is None


def test_a_reader_cannot_write(store: Store) -> None:
    with pytest.raises(StoreError, match=r"only be read|only read"), store.reading() as session:
        marks.put(session, "topic", "x")
    with store.writing() as session:  # and the connection it used can write again
        marks.put(session, "topic", "y")
    assert read_mark(store, "topic") == "y"


def test_a_reader_sees_one_moment(store: Store) -> None:
    with store.reading() as session:
        assert marks.get(session, "topic") is None
        store.submit(lambda writer: marks.put(writer, "topic", "later")).result()
        assert session.scalar(text("SELECT count(*) FROM marks")) == 0
    assert read_mark(store, "topic") == "later"


def test_writers_of_several_threads_lose_nothing(store: Store) -> None:
    def count_up() -> None:
        for _ in range(10):
            with store.writing() as session:
                marks.put(session, "count", str(int(marks.get(session, "count") or 0) + 1))

    threads = [threading.Thread(target=count_up) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert read_mark(store, "count") == "40"


COUNT_UP = """
import sys
from db import marks
from db.session import Store
store = Store.open(sys.argv[1])
for _ in range(25):
    with store.writing() as session:
        marks.put(session, "count", str(int(marks.get(session, "count") or 0) + 1))
store.close()
"""


def test_writers_of_several_processes_lose_nothing(store: Store, database_url: str, start_process: Starter) -> None:
    processes = [start_process(COUNT_UP, database_url) for _ in range(3)]
    for process in processes:
        assert process.wait() == 0, process.communicate()[1]
    assert read_mark(store, "count") == "75"


def test_submitted_work_runs_in_order_on_one_thread(store: Store) -> None:
    def work(session: Session) -> str:
        marks.put(session, "trail", (marks.get(session, "trail") or "") + "x")
        return threading.current_thread().name

    names = {future.result() for future in [store.submit(work) for _ in range(20)]}
    assert len(names) == 1
    assert threading.current_thread().name not in names
    assert read_mark(store, "trail") == "x" * 20


def test_what_submitted_work_raises_comes_back_and_nothing_is_kept(store: Store) -> None:
    def work(session: Session) -> None:
        marks.put(session, "topic", "half done")
        raise LookupError("as said")

    with pytest.raises(LookupError, match="as said"):
        store.submit(work).result()
    assert read_mark(store, "topic") is None


def test_write_is_awaited(store: Store) -> None:
    async def main() -> list[None]:
        return await asyncio.gather(*(store.write(partial(marks.put, key=f"mark {n}", value="x")) for n in range(5)))

    asyncio.run(main())
    assert [read_mark(store, f"mark {n}") for n in range(5)] == ["x"] * 5


def test_close_finishes_what_was_submitted(database_url: str) -> None:
    store = Store.open(database_url)
    futures = [store.submit(partial(marks.put, key="last", value=str(n))) for n in range(10)]
    store.close()
    store.close()
    assert all(future.done() for future in futures)
    with pytest.raises(StoreError, match="closed"):
        store.submit(lambda session: None)
    again = Store.open(database_url)
    assert read_mark(again, "last") == "9"
    again.close()


HALF_DONE = """
import sys, time
from db import marks
from db.session import Store
store = Store.open(sys.argv[1])
with store.writing() as session:
    marks.put(session, "topic", "half done")
    print("written", flush=True)
    time.sleep(60)
"""


def test_a_process_killed_in_a_transaction_leaves_nothing_half_done(
    store: Store, database_url: str, start_process: Starter
) -> None:
    process = start_process(HALF_DONE, database_url)
    assert process.stdout is not None
    assert process.stdout.readline() == "written\n"
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    assert read_mark(store, "topic") is None
    with store.writing() as session:
        marks.put(session, "topic", "whole")
    assert read_mark(store, "topic") == "whole"


def test_naive_times_are_refused(store: Store) -> None:
    naive = datetime(2026, 2, 15, 6, 0)  # noqa: DTZ001
    with pytest.raises(StoreError, match="naive datetime"), store.writing() as session:
        save_summary(session, "{}", at=naive)
    with pytest.raises(StoreError, match="naive datetime"), store.reading() as session:
        knowledge.facts(session, as_of=naive)


def test_times_of_any_zone_come_back_in_utc(store: Store, hour: Clock) -> None:
    moment = (hour(0) + timedelta(microseconds=7)).astimezone(timezone(timedelta(hours=3)))
    with store.writing() as session:
        summary = save_summary(session, "{}", at=moment)
    with store.reading() as session:
        row = session.get_one(SummaryRow, summary)
        assert row.at == moment
        assert row.at.utcoffset() == timedelta(0)


def test_sqlite_is_told_what_the_design_asks(tmp_path: Path) -> None:
    store = Store.open(f"sqlite:///{tmp_path / 'a' / 'b' / 'drawdown.db'}", busy_seconds=7)
    with store.writing() as session:
        ask = session.connection().exec_driver_sql
        assert ask("PRAGMA journal_mode").scalar() == "wal"
        assert ask("PRAGMA synchronous").scalar() == 1  # NORMAL
        assert ask("PRAGMA foreign_keys").scalar() == 1
        assert ask("PRAGMA busy_timeout").scalar() == 7000
    store.close()


# -- faults -----------------------------------------------------------------------------------------------------------


def test_locked(store: Store, database_url: str) -> None:
    impatient = Store.open(database_url, busy_seconds=0.2)
    with store.writing() as session:
        marks.put(session, "topic", "mine")
        with pytest.raises(StoreError, match="another process is writing") as caught, impatient.writing():
            pass
    assert caught.value.retry
    assert caught.value.where == impatient.name
    with impatient.writing() as session:
        assert marks.get(session, "topic") == "mine"
    impatient.close()


def test_disk_full_loses_nothing_that_was_stored(tmp_path: Path) -> None:
    store = Store.open(f"sqlite:///{tmp_path / 'drawdown.db'}")
    with store.writing() as session:
        marks.put(session, "topic", "kept")
    with pytest.raises(StoreError, match="disk is full") as caught, store.writing() as session:  # noqa: PT012
        pages = session.connection().exec_driver_sql("PRAGMA page_count").scalar_one()
        session.connection().exec_driver_sql(f"PRAGMA max_page_count={pages + 2}")
        session.add(MarkRow(key="big", value="x" * 1_000_000))
    assert caught.value.retry
    assert read_mark(store, "topic") == "kept"
    assert read_mark(store, "big") is None
    store.close()


def test_a_server_that_drops_us_is_one_fault_and_then_works_again(store: Store) -> None:
    if store.dialect != "postgresql":
        pytest.skip("SQLite has no server")
    with pytest.raises(StoreError) as caught, store.writing() as session:  # noqa: PT012
        mine = session.scalar(text("SELECT pg_backend_pid()"))
        with store.reading() as other:
            other.execute(text("SELECT pg_terminate_backend(:pid)"), {"pid": mine})
        marks.put(session, "topic", "lost")
    assert caught.value.retry
    assert read_mark(store, "topic") is None


def test_a_file_that_was_deleted_is_noticed(tmp_path: Path) -> None:
    path = tmp_path / "drawdown.db"
    store = Store.open(f"sqlite:///{path}")
    path.unlink()
    with pytest.raises(StoreError, match="gone or was replaced"), store.writing() as session:
        marks.put(session, "topic", "into nothing")
    store.close()


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("drawdown.db", "not a store's URL"),
        ("", "not a store's URL"),
        ("mysql://user:hush@host/name", "mysql is not supported"),
        ("sqlite://", "must be a file"),
        ("sqlite:///:memory:", "must be a file"),
        ("postgresql://user:hush@127.0.0.1:1/name", "the server is gone"),
        ("postgresql://user:hush@127.0.0.1:none/name", "not a store's URL"),
    ],
)
def test_a_url_that_leads_nowhere(url: str, said: str) -> None:
    with pytest.raises(StoreError, match=said) as caught:
        Store.open(url)
    assert "hush" not in str(caught.value)
    assert "\n" not in str(caught.value)


def test_the_password_is_never_said(database_url: str) -> None:
    if not database_url.startswith("postgresql"):
        pytest.skip("SQLite has no password")
    url = make_url(database_url).set(database="absent", password="hush").render_as_string(hide_password=False)
    with pytest.raises(StoreError, match="no such database") as caught:
        Store.open(url)
    assert "hush" not in str(caught.value)
    assert "***" in str(caught.value)


def test_files_that_are_no_store(tmp_path: Path) -> None:
    prose = tmp_path / "notes.txt"
    prose.write_text("This is not a database. " * 100)
    with pytest.raises(StoreError, match="not a store"):
        Store.open(f"sqlite:///{prose}")
    other = tmp_path / "other.db"
    with sqlite3.connect(other) as connection:
        connection.execute("CREATE TABLE recipes (name)")
    connection.close()
    with pytest.raises(StoreError, match="another program"):
        Store.open(f"sqlite:///{other}")
    with pytest.raises(StoreError, match="cannot be opened"):
        Store.open(f"sqlite:///{tmp_path}")
    with pytest.raises(StoreError, match="folder cannot be made"):
        Store.open(f"sqlite:///{prose}/drawdown.db")


def test_a_damaged_file(tmp_path: Path, hour: Clock) -> None:
    path = tmp_path / "drawdown.db"
    store = Store.open(f"sqlite:///{path}")
    with store.writing() as session:
        for _ in range(200):
            save_summary(session, "x" * 2000, at=hour(0))
    store.close()
    data = bytearray(path.read_bytes())
    data[8192:200_000] = os.urandom(200_000 - 8192)
    path.write_bytes(data)
    with pytest.raises(StoreError, match="damaged; restore a backup"):  # noqa: PT012
        store = Store.open(f"sqlite:///{path}")
        with store.reading() as session:
            session.execute(text("SELECT sum(length(body)) FROM summaries")).all()
    store.close()
