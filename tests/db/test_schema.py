"""Migrations: they give what the models say, once, whoever comes first, and they travel in the wheel."""

from __future__ import annotations

import re
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import CheckConstraint, inspect, text

from db import marks, schema
from db.errors import StoreError
from db.migrations.__main__ import revise
from db.models import Row
from db.session import Store

ROOT = Path(__file__).resolve().parents[2]


def test_migrations_give_what_the_models_say(store: Store) -> None:
    with store.writing() as session:
        connection = session.connection()
        assert compare_metadata(MigrationContext.configure(connection), Row.metadata) == []
        found = inspect(connection)
        for name, table in Row.metadata.tables.items():
            checks = {check["name"] for check in found.get_check_constraints(name)}
            assert checks == {str(c.name) for c in table.constraints if isinstance(c, CheckConstraint)}


def test_words_outside_the_lists_are_refused(store: Store) -> None:
    with pytest.raises(StoreError, match="refused"), store.writing() as session:  # noqa: PT012
        session.execute(text("INSERT INTO summaries (id, body, at) VALUES (1, '', '2026-02-15 00:00:00')"))
        session.execute(
            text(
                "INSERT INTO deliveries (summary_id, target, state, created_at, attempts, error)"
                " VALUES (1, 'mail', 'lost', '2026-02-15 00:00:00', 0, '')"
            )
        )


def test_opening_again_changes_nothing(store: Store, database_url: str) -> None:
    with store.writing() as session:
        marks.put(session, "topic", "kept")
    again = Store.open(database_url)
    with again.reading() as session:
        assert marks.get(session, "topic") == "kept"
    again.close()


def test_opening_does_not_wait_for_a_writer(store: Store, database_url: str) -> None:
    with store.writing() as session:
        marks.put(session, "topic", "long work")
        Store.open(database_url, busy_seconds=0.1).close()


OPEN = """
import sys
from db import marks
from db.session import Store
sys.stdin.readline()
store = Store.open(sys.argv[1])
with store.writing() as session:
    marks.put(session, sys.argv[2], "was here")
store.close()
"""


def test_processes_that_open_a_fresh_store_at_once_all_succeed(
    database_url: str, start_process: Callable[..., subprocess.Popen[str]]
) -> None:
    names = ["one", "two", "three", "four"]
    processes = [start_process(OPEN, database_url, name) for name in names]
    for process in processes:  # all are started before the first may go
        assert process.stdin is not None
        process.stdin.write("\n")
        process.stdin.flush()
    for process in processes:
        assert process.wait() == 0, process.communicate()[1]
    store = Store.open(database_url)
    with store.reading() as session:
        assert [marks.get(session, name) for name in names] == ["was here"] * 4
    store.close()


def test_a_store_of_a_newer_version_is_left_alone(store: Store, database_url: str) -> None:
    with store.writing() as session:
        session.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(StoreError, match=r"newer version of Drawdown .*9999.*update the program") as caught:
        Store.open(database_url)
    assert not caught.value.retry
    assert caught.value.where == store.name
    with store.reading() as session:
        assert session.scalar(text("SELECT version_num FROM alembic_version")) == "9999"


def test_a_migration_that_fails_leaves_nothing(database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    upgrade = command.upgrade

    def failing(*arguments: object) -> None:
        upgrade(*arguments)  # type: ignore[arg-type]
        raise RuntimeError("power cut")

    monkeypatch.setattr(command, "upgrade", failing)
    with pytest.raises(RuntimeError, match="power cut"):
        Store.open(database_url)
    monkeypatch.undo()
    store = Store.open(database_url)  # would fail on tables that are there already
    with store.writing() as session:
        marks.put(session, "topic", "works")
    store.close()


def test_down_and_up_again(store: Store) -> None:
    with store.writing() as session:
        connection = session.connection()
        command.downgrade(schema.config(connection), "base")
        assert set(inspect(connection).get_table_names()) == {"alembic_version"}
        command.upgrade(schema.config(connection), "head")
    with store.writing() as session:
        marks.put(session, "topic", "works")


def test_the_next_revision_is_numbered_and_empty_while_models_and_migrations_agree(tmp_path: Path) -> None:
    made = revise("nothing yet", tmp_path)
    last = max(int(path.name[1:5]) for path in (ROOT / "db/migrations/versions").glob("v*.py"))
    assert made.name == f"v{last + 1:04}_nothing_yet.py"
    written = made.read_text()
    assert f"down_revision = '{last:04}'" in written
    assert "op." not in written


def test_migrations_travel_in_the_wheel(tmp_path: Path) -> None:
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)],
        cwd=ROOT,
        check=True,
        capture_output=True,
    )
    with zipfile.ZipFile(next(tmp_path.glob("*.whl"))) as wheel:
        names = set(wheel.namelist())
    assert {"db/migrations/env.py", "db/migrations/script.py.mako"} <= names
    revisions = {f"db/migrations/versions/{path.name}" for path in (ROOT / "db/migrations/versions").glob("v*.py")}
    assert revisions
    assert revisions <= names
    assert not [name for name in names if re.match(r"tests|docs", name)]
