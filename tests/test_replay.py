"""A replay that is killed and begun again gives the same as one left in peace; a file told twice gives nothing."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from monitor.demo.scenario import load_lines

UNTIL = "2026-02-10T00:00:00Z"
LINES = 24  # of the demo's scenario: enough for edits, a wall, reprints and a denial


def write_news(folder: Path) -> str:
    rows = [
        {
            "url": line.url,
            "outlet": line.outlet,
            "lang": line.lang,
            "published": line.published.isoformat(),
            "at": line.at.isoformat(),
            "title": line.title,
            "byline": line.byline,
            "paragraphs": list(line.paragraphs),
            "reliability": line.reliability,
        }
        for line in load_lines()[:LINES]
    ]
    (folder / "news.jsonl").write_text("\n".join(json.dumps(row) for row in rows), encoding="utf-8")
    return "news.jsonl"


def start(folder: Path, *arguments: str) -> subprocess.Popen[bytes]:
    environ = {name: value for name, value in os.environ.items() if not name.startswith("DRAWDOWN_")}
    program = [sys.executable, "-c", "from monitor.cli import main; main()", *arguments]
    return subprocess.Popen(program, cwd=folder, env=environ, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def changes(drawdown: Any) -> list[tuple[Any, ...]]:
    keys = ("at", "type", "kind", "subject", "from", "to", "since", "article")
    return [tuple(json.dumps(change[key]) for key in keys) for change in json.loads(drawdown("changes", "--json").out)]


def test_killed_and_begun_again(drawdown: Any, tmp_path: Path, monkeypatch: Any) -> None:
    folders = [tmp_path / "in peace", tmp_path / "killed"]
    found = []
    for folder in folders:
        folder.mkdir()
        monkeypatch.chdir(folder)
        command = ("ingest", "--replay", "--baseline-until", UNTIL, write_news(folder))
        assert drawdown("init").code == 0
        if folder.name == "killed":
            for seconds in (1.8, 2.4, 3.0, 3.6):
                process = start(folder, *command)
                time.sleep(seconds)
                process.send_signal(signal.SIGKILL)
                process.wait()
        assert drawdown(*command).code == 0
        found.append(changes(drawdown))
    assert found[0] == found[1]
    assert len(found[0]) > 3

    assert "new" not in drawdown(*command).out
    assert changes(drawdown) == found[0]


def test_a_file_with_an_article_that_came_back_to_its_text(drawdown: Any, tmp_path: Path) -> None:
    first = "US troops remain at the Qasrak base in Hasakah, the coalition said on Tuesday."
    texts = [first, first.replace("Tuesday", "Wednesday"), first]
    rows = [{"url": "https://example.org/1", "lang": "en", "published": "2026-02-10", "text": text} for text in texts]
    (tmp_path / "news.jsonl").write_text("\n".join(json.dumps(row) for row in rows), encoding="utf-8")
    drawdown("init")
    assert drawdown("ingest", "news.jsonl").out.startswith("1 new, 1 changed, 1 unchanged")
    for _ in range(2):
        assert drawdown("ingest", "news.jsonl").out.startswith("3 unchanged")
