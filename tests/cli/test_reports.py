"""The reports: the keys that scripts rely on, and text of strangers that must not break a terminal."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ESCAPE = "\x1b[31m"
OVERRIDE = "\u202e"
LINES = (
    {
        "url": "https://example.org/1",
        "outlet": "Example Post [bold]",
        "lang": "en",
        "published": "2026-02-10T08:00:00Z",
        "title": "Americans remain",
        "text": "US troops remain at the Qasrak base in Hasakah, the coalition said on Tuesday.",
        "reliability": "B",
    },
    {
        "url": "https://example.org/2",
        "outlet": f"Évil [/red] {ESCAPE}Outlet{OVERRIDE}",
        "lang": "en",
        "published": "2026-02-21T08:00:00Z",
        "title": f"[link=x]Leaving[/link] {ESCAPE}{OVERRIDE}now",
        "text": f"US forces completed their withdrawal from Qasrak base [red] {ESCAPE} on Saturday, a spokesman said.",
        "reliability": "B",
    },
    {
        "url": "https://example.org/3",
        "outlet": "وكالة",
        "lang": "ar",
        "published": "2026-02-22T08:00:00Z",
        "title": "عدد القوات",
        "text": "قال البنتاغون يوم السبت إن عدد القوات الأمريكية في سوريا انخفض إلى أقل من ألف جندي.",
        "reliability": "B",
    },
)
BASELINE = [
    {"kind": "base_status", "subject": "qasrak", "value": "active", "since": "2026-02-01", "source": "survey"},
    {
        "kind": "troop_figure", "subject": "us-troops-syria", "role": "present", "low": 2000, "high": 2000,
        "comparator": "about", "since": "2025-12", "source": "Pentagon",
    },
]  # fmt: skip


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store with a baseline and three articles replayed: two changes. The tests only look at it."""
    folder = tmp_path_factory.mktemp("reports")
    (folder / "known.json").write_text(json.dumps(BASELINE), encoding="utf-8")
    (folder / "news.jsonl").write_text("\n".join(json.dumps(line) for line in LINES), encoding="utf-8")
    for arguments in (["init", "--baseline", "known.json"], ["ingest", "--replay", "news.jsonl"]):
        program = [sys.executable, "-c", "from monitor.cli import main; main()", *arguments]
        environ = {name: value for name, value in os.environ.items() if not name.startswith("DRAWDOWN_")}
        subprocess.run(program, cwd=folder, env=environ, check=True)
    return folder


@pytest.fixture
def desk(drawdown: Any, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Commands in that folder."""
    monkeypatch.chdir(folder)
    return drawdown


def test_status_has_the_keys_that_scripts_read(desk: Any) -> None:
    said = json.loads(desk("status", "--json").out)
    assert {"as_of", "topic", "bases", "figures", "deadlines", "changes", "sources", "deliveries"} <= set(said)
    [base] = said["bases"]
    assert set(base) >= {
        "id", "name", "status", "to", "since", "credibility", "confidence", "origins", "contested", "plan",
        "changed_at",
    }  # fmt: skip
    assert (base["id"], base["status"], base["since"]) == ("qasrak", "vacated", "2026-02-21")
    assert base["name"] == {"en": "Qasrak", "ar": "قسرك"}
    figure = said["figures"]["us-troops-syria"]
    assert set(figure) >= {"low", "high", "comparator", "since", "credibility", "confidence", "origins", "contested"}
    assert (figure["low"], figure["high"], figure["comparator"]) == (None, 1000, "less_than")


def test_changes_have_the_keys_that_scripts_read_oldest_first(desk: Any) -> None:
    changes = json.loads(desk("changes", "--json").out)
    assert [(change["type"], change["subject"]) for change in changes] == [
        ("update", "qasrak"),
        ("update", "us-troops-syria"),
    ]
    for change in changes:
        assert set(change) >= {"id", "kind", "subject", "type", "from", "to", "at", "article", "version", "claims"}
    assert changes[0]["from"] == {"value": "active", "to": None}
    assert changes[0]["to"] == {"value": "vacated", "to": None}
    assert changes[0]["at"] == "2026-02-21T08:00:00Z"
    assert changes[0]["article"] == "https://example.org/2"


def test_as_of_gives_what_was_known_then(desk: Any) -> None:
    then = json.loads(desk("status", "--as-of", "2026-02-15", "--json").out)
    assert [base["status"] for base in then["bases"]] == ["active"]
    assert then["figures"]["us-troops-syria"]["high"] == 2000
    assert then["changes"] == []
    assert "active" in desk("base", "qasrak", "--as-of", "2026-02-15").out
    assert "vacated" not in desk("base", "qasrak", "--as-of", "2026-02-15").out


@pytest.mark.parametrize(
    "command",
    [
        ("status",), ("base",), ("base", "qasrak"), ("changes",), ("why", "1"), ("why", "#2"), ("why", "qasrak"),
        ("diff", "https://example.org/2"), ("diff", "2"), ("sources",), ("alerts",), ("alerts", "list"),
    ],
    ids=" ".join,
)  # fmt: skip
def test_no_text_of_strangers_breaks_the_terminal(desk: Any, command: tuple[str, ...]) -> None:
    said = desk(*command)
    assert said.code == 0, said.err
    assert said.out.strip()
    assert "\x1b" not in said.out
    assert OVERRIDE not in said.out


def test_tables_of_how_things_fare_speak_arabic(desk: Any) -> None:
    assert desk("reject", "1", "--because", "a test").code == 0
    for command, header in ((("sources",), "آخر نجاح"), (("rulings",), "القرار")):
        said = desk(*command, "--lang", "ar")
        assert said.code == 0, said.err
        assert header in said.out
    assert "لا رسائل" in desk("alerts", "--lang", "ar").out
    assert "لا رسائل" in desk("alerts", "list", "--lang", "ar").out
    assert desk("sources", "--lang", "xx").code == 1


@pytest.mark.parametrize(
    "command",
    [
        ("status",), ("base",), ("base", "qasrak"), ("changes",), ("why", "1"), ("why", "qasrak"), ("diff", "2"),
        ("sources",), ("alerts", "list"),
    ],
    ids=" ".join,
)  # fmt: skip
def test_every_listing_has_json(desk: Any, command: tuple[str, ...]) -> None:
    json.loads(desk(*command, "--json").out)


def test_why_goes_down_to_quote_weight_and_rule(desk: Any) -> None:
    told = json.loads(desk("why", "1", "--json").out)
    [claim] = told["held"]["support"]
    line = LINES[1]["text"]
    assert claim["quote"] == line[claim["start"] : claim["end"]]
    assert claim["article"] == "https://example.org/2"
    assert claim["rule"]
    assert claim["capture"]["status"] == 200
    assert len(claim["capture"]["sha256"]) == 64
    assert claim["weight"] == pytest.approx(_product(claim["factors"].values()))
    assert told["previous"]["source"] == "survey"
    shown = " ".join(desk("why", "1").out.split())
    assert claim["quote"] in shown
    assert f"rule \u2068{claim['rule']}\u2069" in shown
    assert claim["capture"]["sha256"] in shown


def _product(numbers: Any) -> float:
    out = 1.0
    for number in numbers:
        out *= number
    return out
