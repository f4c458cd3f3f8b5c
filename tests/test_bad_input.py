"""Each bad input: one clear line that names what, where and what to do; exit 1, no traceback, and nothing lost."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Command = Callable[..., Any]
TEXT = "قال مراسلنا إن القوات الأمريكية انسحبت بالكامل اليوم من قاعدة قسرك، ولم يبق فيها أحد من الجنود."


@pytest.fixture
def desk(drawdown: Command) -> Command:
    assert drawdown("init").code == 0
    return drawdown


def one_line(said: Any, *words: str, code: int = 1) -> None:
    assert said.code == code, said
    [line] = said.err.strip().splitlines()
    assert "Traceback" not in line
    for word in words:
        assert word in line, line


def test_no_configuration(drawdown: Command) -> None:
    one_line(drawdown("status"), "drawdown.toml", "drawdown init")


def test_a_file_that_is_not_there(desk: Command) -> None:
    one_line(desk("ingest", "gone.txt"), "gone.txt", "No such file")


def test_a_file_of_another_charset(desk: Command, tmp_path: Path) -> None:
    (tmp_path / "old.txt").write_bytes(TEXT.encode("windows-1256"))
    one_line(desk("ingest", "--published", "2026-03-01", "old.txt"), "old.txt", "UTF-8", "windows-1256")


def test_an_empty_article(desk: Command, tmp_path: Path) -> None:
    (tmp_path / "empty.txt").write_text(" \n\n", encoding="utf-8")
    one_line(desk("ingest", "empty.txt"), "empty.txt", "empty")


def test_a_broken_line_costs_only_itself(desk: Command, tmp_path: Path) -> None:
    good = {"url": "https://example.org/a", "lang": "ar", "published": "2026-03-01", "title": "قسرك", "text": TEXT}
    lines = [
        json.dumps(good, ensure_ascii=False),
        '{"url": "https://example.org/b", ',
        json.dumps(good | {"url": "https://example.org/c"}),
    ]
    (tmp_path / "news.jsonl").write_text("\n".join(lines), encoding="utf-8")
    said = desk("ingest", "news.jsonl")
    one_line(said, "news.jsonl:2", "JSON")
    assert "2 new" in said.out
    [base] = json.loads(desk("status", "--json").out)["bases"]
    assert (base["id"], base["status"]) == ("qasrak", "vacated")


def test_a_date_that_is_none(desk: Command, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text(TEXT, encoding="utf-8")
    one_line(desk("ingest", "--published", "yesterday", "a.txt"), "--published", "yesterday", "2026-")
    one_line(desk("status", "--as-of", "31/02/2026"), "--as-of", "31/02/2026")


@pytest.mark.parametrize(
    ("toml", "words"),
    [
        ("topic = 3", ("key topic",)),
        ('topic = "atlantis"', ("atlantis", "syria")),
        ("[crawl]\ndeley_seconds = 2", ("[crawl]", "deley_seconds", "delay_seconds")),
        ('[crawl]\ndelay_seconds = "soon"', ("[crawl]", "delay_seconds", "number")),
        ("[store\n", ("TOML",)),
        ('[[target]]\nname = "desk"\nurl = "env:NOT_SET_ANYWHERE"', ("[[target]] 1", "url", "NOT_SET_ANYWHERE")),
        ('[[target]]\nname = "desk"', ("[[target]] 1", "url")),
        ('[[target]]\nname = "desk"\nurl = "mailto://a@b.c"\nlang = "fr"', ("[[target]] 1", "lang")),
        ('[store]\nurl = "oracle://somewhere/db"', ("oracle",)),
    ],
)
def test_a_configuration_with_a_fault(desk: Command, tmp_path: Path, toml: str, words: tuple[str, ...]) -> None:
    (tmp_path / "drawdown.toml").write_text(toml, encoding="utf-8")
    one_line(desk("check"), *words)


def test_check_is_loud_where_the_guard_is_off(desk: Command, tmp_path: Path) -> None:
    assert "WARNING" not in desk("check").out
    (tmp_path / "drawdown.toml").write_text(
        '[crawl]\nallow_hosts = ["127.0.0.1:8000", "[::1]:8001"]\n', encoding="utf-8"
    )
    said = desk("check")
    assert said.code == 0
    assert "WARNING        the guard is off for 127.0.0.1:8000, [::1]:8001" in said.out.splitlines()


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        ('every = 15\nfeed = ["https://example.org/rss"]', ("[[source]] 1", "feed", "feeds")),
        ('every = 15\nfeeds = ["ftp://example.org/rss"]', ("[[source]] 1", "feeds", "ftp://example.org/rss")),
        ('every = 1\nfeeds = ["https://example.org/rss"]', ("[[source]] 1", "every", "10")),
        ("every = 15", ("[[source]] 1", "feeds")),
    ],
)
def test_a_source_with_a_fault(desk: Command, tmp_path: Path, lines: str, words: tuple[str, ...]) -> None:
    table = '[[source]]\nid = "mine"\nname = { en = "Mine" }\nlang = "en"\nkind = "daily"\nreliability = "C"\n'
    (tmp_path / "drawdown.toml").write_text(table + lines, encoding="utf-8")
    one_line(desk("check"), *words)


def test_a_target_that_does_not_parse_hides_its_secret(desk: Command, tmp_path: Path) -> None:
    toml = '[[target]]\nname = "desk"\nurl = "mailtoo://someone:hunter2@example.org"\n'
    (tmp_path / "drawdown.toml").write_text(toml, encoding="utf-8")
    said = desk("check")
    one_line(said, "[[target]] 1", "url")
    assert "hunter2" not in said.out + said.err


def test_all_faults_of_targets_are_named_at_once(desk: Command, tmp_path: Path) -> None:
    toml = "".join(f'[[target]]\nname = "t{n}"\nurl = "nonsense{n}://x"\n' for n in (1, 2))
    (tmp_path / "drawdown.toml").write_text(toml, encoding="utf-8")
    said = desk("check")
    assert said.code == 1
    assert [line for line in said.err.splitlines() if "[[target]] 1" in line or "[[target]] 2" in line] == (
        said.err.strip().splitlines()
    )
    assert len(said.err.strip().splitlines()) == 2


def test_a_store_of_a_newer_version(desk: Command, tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "drawdown.db") as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.close()
    one_line(desk("status"), "drawdown.db", "newer")


def test_a_file_that_is_no_store(desk: Command, tmp_path: Path) -> None:
    (tmp_path / "drawdown.db").write_bytes(b"this is no database, it is a letter to a friend" * 50)
    one_line(desk("status"), "drawdown.db", "not a database")


def test_a_database_that_is_gone(desk: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DRAWDOWN_DATABASE_URL", "postgresql://someone:hunter2@127.0.0.1:9/drawdown")
    said = desk("status")
    one_line(said, "127.0.0.1")
    assert "hunter2" not in said.err


def test_a_baseline_with_a_fault(drawdown: Command, tmp_path: Path) -> None:
    for text, words in (
        ("[{]", ("JSON",)),
        ("{}", ("list",)),
        ('[{"kind": "base_status", "subject": "tanf", "value": "active", "source": "me"}]', ("entry 1", "since")),
        (
            '[{"kind": "base_status", "subject": "tanff", "value": "active", "since": "2024", "source": "me"}]',
            ("entry 1", "tanff"),
        ),
        (
            '[{"kind": "base_status", "subject": "tanf", "value": "lost", "since": "2024", "source": "me"}]',
            ("entry 1", "lost"),
        ),
        (
            '[{"kind": "base_status", "subject": "tanf", "value": "active", "since": "last year", "source": "me"}]',
            ("entry 1", "last year"),
        ),
    ):
        (tmp_path / "known.json").write_text(text, encoding="utf-8")
        one_line(drawdown("init", "--baseline", "known.json"), "known.json", *words)


def test_what_is_unknown_is_named(desk: Command) -> None:
    one_line(desk("base", "tanff"), "tanff", "drawdown base")
    one_line(desk("why", "99"), "99", "drawdown changes")
    one_line(desk("why", "tanff"), "tanff")
    one_line(desk("diff", "https://example.org/none"), "https://example.org/none")
    one_line(desk("crawl", "nobody"), "nobody", "drawdown sources")


def test_passages_with_a_broken_line(drawdown: Command, tmp_path: Path) -> None:
    lines = ['{"id": "a", "lang": "ar", "published": "2026-03-01", "text": "' + TEXT + '"}', "{", '{"id": "b"}']
    (tmp_path / "passages.jsonl").write_text("\n".join(lines), encoding="utf-8")
    said = drawdown("extract", "--jsonl", "passages.jsonl")
    assert said.code == 1
    assert ["passages.jsonl:2" in said.err, "passages.jsonl:3" in said.err, "Traceback" in said.err] == [
        True,
        True,
        False,
    ]
    [line] = said.out.strip().splitlines()
    assert [claim["subject"] for claim in json.loads(line)["claims"]] == ["qasrak"]


def test_wrong_usage_is_exit_2(drawdown: Command) -> None:
    assert drawdown("extract", "--no-such-option").code == 2
    assert drawdown("ingest").code == 2
    assert drawdown("conquer").code == 2
