"""`backup` and `restore`, as they are called; what is in a file, and that a store is overwritten only when asked to."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import zstandard

from db import marks
from db.session import Store
from monitor.status import RUNNING

LINE = {
    "url": "https://example.org/1",
    "outlet": "Agency",
    "lang": "en",
    "published": "2026-02-20T08:00:00Z",
    "title": "Leaving",
    "text": "US forces began their withdrawal from Qasrak base on Friday, a spokesman said.",
    "reliability": "B",
}


@pytest.fixture
def desk(desk_of: Any) -> Any:
    """Commands in a folder whose store holds one article and what it changed."""
    return desk_of([LINE])


@pytest.fixture
def elsewhere(database_url: str, monkeypatch: pytest.MonkeyPatch) -> Any:
    """From here on, commands are of another store, which is empty: of SQLite, then of PostgreSQL."""

    def move() -> None:
        monkeypatch.setenv("DRAWDOWN_DATABASE_URL", database_url.replace("drawdown.db", "elsewhere/drawdown.db"))

    return move


def test_what_was_backed_up_is_there_again(desk: Any, elsewhere: Any) -> None:
    known = desk("export", "facts").out
    said = desk("backup", "b.tar.zst")
    assert (said.code, said.err) == (0, "")
    assert said.out.startswith("wrote b.tar.zst: 1 articles, 1 versions, 1 captures, ")
    elsewhere()
    assert desk("restore", "b.tar.zst").out.startswith("restored b.tar.zst: 1 articles, ")
    assert desk("export", "facts").out == known
    assert desk("verify").out == "1 versions and 1 captures of 1 articles: every one holds\n"

    said = desk("restore", "b.tar.zst")
    assert said.code == 1
    assert "is not empty; --replace puts the backup in its place" in said.err
    assert desk("reject", "1", "--because", "a test").code == 0
    assert desk("export", "facts").out != known
    assert desk("restore", "b.tar.zst", "--replace").code == 0
    assert desk("export", "facts").out == known


def test_a_daemon_that_ran_when_it_was_made_is_not_said_to_have_died(desk: Any, tmp_path: Path) -> None:
    store = Store.open(f"sqlite:///{tmp_path / 'drawdown.db'}")
    with store.writing() as session:
        marks.put(session, RUNNING, "2026-02-20T08:00:00Z")
    assert desk("backup", "b.tar.zst").code == 0
    assert desk("restore", "b.tar.zst", "--replace").code == 0
    with store.reading() as session:
        assert marks.get(session, RUNNING) is None
    store.close()


def test_a_look_changes_nothing(desk: Any, elsewhere: Any, tmp_path: Path) -> None:
    written = json.loads(desk("backup", "b.tar.zst", "--json").out)
    assert (written["format"], written["rows"]["articles"]) == (1, 1)
    elsewhere()
    assert desk("restore", "b.tar.zst", "--dry-run").out.startswith("b.tar.zst is whole: 1 articles")
    assert json.loads(desk("restore", "b.tar.zst", "--dry-run", "--json").out) == written
    assert not (tmp_path / "elsewhere").exists()


def test_a_store_in_use_is_left_alone(desk: Any, tmp_path: Path) -> None:
    assert desk("backup", "b.tar.zst").code == 0
    store = Store.open(f"sqlite:///{tmp_path / 'drawdown.db'}")
    with store.hold("drawdown run"):
        said = desk("restore", "b.tar.zst", "--replace")
        assert desk("backup", "b.tar.zst").code == 0
    store.close()
    assert said.code == 1
    assert "in use by drawdown run (pid " in said.err


@pytest.mark.parametrize("path", ["missing.tar.zst", "missing/b.tar.zst", "drawdown.toml", "."])
def test_a_path_that_leads_nowhere_is_named(desk: Any, path: str) -> None:
    said = desk("restore", path, "--replace")
    assert said.code == 1
    assert said.err.startswith(f"drawdown: {path}: ")
    assert desk("verify").code == 0


def test_no_secret_is_in_one(desk: Any, tmp_path: Path) -> None:
    with (tmp_path / "drawdown.toml").open("a", encoding="utf-8") as config:
        config.write(
            '[[target]]\nname = "desk"\nurl = "mailto://user:hush@127.0.0.1:9/?to=a@example.org&mode=insecure"\n'
        )
    later = LINE | {"url": "https://example.org/2", "text": "US forces left Qasrak base for good on Saturday."}
    (tmp_path / "more.jsonl").write_text(json.dumps(later | {"published": "2026-02-22T08:00:00Z"}), encoding="utf-8")
    desk("ingest", "more.jsonl")
    assert '"target": "desk"' in desk("alerts", "--json").out
    assert desk("backup", "b.tar.zst").code == 0
    with (tmp_path / "b.tar.zst").open("rb") as file, zstandard.ZstdDecompressor().stream_reader(file) as plain:
        data = plain.read()
    assert b"example.org/2" in data
    assert b"hush" not in data
