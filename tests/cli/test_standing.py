"""What `status`, `base`, `changes`, `why` and `diff` look like in a terminal, in both languages and two widths."""

from __future__ import annotations

import io
import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

from monitor.cli.lines import Line, say, wrapped

FSI, LRI, RLI, PDI = "\u2068", "\u2066", "\u2067", "\u2069"
KNOWN = [
    {"kind": "base_status", "subject": "qasrak", "value": "active", "since": "2026-02-01", "source": "survey"},
    {"kind": "base_status", "subject": "tanf", "value": "handed_over", "to": "syrian-government",
     "since": "2026-02-11", "source": "survey"},
    {"kind": "troop_figure", "subject": "us-troops-syria", "role": "present", "low": 2000, "high": 2000,
     "comparator": "about", "since": "2025-12", "source": "Pentagon"},
]  # fmt: skip
PUBLISHED = "2026-02-22T08:00:00Z"
NEWS = [
    {"url": "https://example.org/qasrak-and-a-very-long-address/that-no-terminal-of-eighty-columns-has-room-for/1",
     "outlet": "وكالة المثال", "lang": "ar", "published": PUBLISHED, "title": "قسرك", "reliability": "B",
     "text": "قال مصدر محلي يوم السبت إن القوات الأمريكية أخلت قاعدة قسرك بالكامل، ولم يبق فيها أحد من الجنود."},
    {"url": "https://example.org/2", "outlet": "Example Post", "lang": "en", "published": PUBLISHED,
     "title": "Fewer troops", "reliability": "B",
     "text": "The Pentagon said on Saturday that fewer than 1,000 American troops remain in Syria. It said that the "
             "withdrawal of US forces from Syria will be completed by March 15, 2026."},
    {"url": "https://example.org/2", "outlet": "Example Post", "lang": "en", "published": PUBLISHED,
     "at": "2026-02-22T10:00:00Z", "title": "Fewer troops", "reliability": "B",
     "text": "The Pentagon said on Saturday that fewer than 900 American troops remain in Syria. It said that the "
             "withdrawal of US forces from Syria will be completed by March 15, 2026."},
]  # fmt: skip
COMMANDS = [("status",), ("base", "qasrak"), ("changes",), ("why", "1"), ("why", "qasrak"), ("diff", "2")]


def program(*arguments: str, cwd: Path, **environ: str) -> str:
    """What a command prints when it is not a terminal that it prints to."""
    command = [sys.executable, "-c", "from monitor.cli import main; main()", *arguments]
    kept = {name: value for name, value in os.environ.items() if not name.startswith("DRAWDOWN_")}
    ran = subprocess.run(command, cwd=cwd, env=kept | environ, check=True, capture_output=True)
    return ran.stdout.decode()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store with a baseline, two articles and an edit. The tests only look at it."""
    folder = tmp_path_factory.mktemp("standing")
    (folder / "known.json").write_text(json.dumps(KNOWN), encoding="utf-8")
    (folder / "news.jsonl").write_text("\n".join(map(json.dumps, NEWS)), encoding="utf-8")
    program("init", "--baseline", "known.json", cwd=folder)
    program("ingest", "--replay", "news.jsonl", cwd=folder)
    return folder


@pytest.fixture
def at_width(drawdown: Any, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., str]:
    """What a command prints in a terminal of so many columns, without its colours."""

    def run(width: int, *command: str) -> str:
        monkeypatch.chdir(folder)
        monkeypatch.setattr("monitor.cli.reports.console", lambda: Console(highlight=False, width=width))
        said = drawdown(*command)
        assert said.code == 0, said.err
        return str(said.out)

    return run


def balanced(line: str) -> bool:
    depth = 0
    for char in line:
        depth += (char in (FSI, LRI, RLI)) - (char == PDI)
        if depth < 0:
            return False
    return depth == 0


@pytest.mark.parametrize(("width", "lang"), [(80, "en"), (80, "ar"), (120, "ar")])
@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_no_line_is_too_long_or_leaves_an_isolate_open(
    at_width: Callable[..., str], command: tuple[str, ...], lang: str, width: int
) -> None:
    lines = at_width(width, *command, "--lang", lang).splitlines()
    assert len(lines) > 3
    for line in lines:
        assert balanced(line), line
        assert cell_len(line) <= width or line.lstrip().startswith("https://"), line
        arabic = re.search("[\u0621-\u064a]", line)
        assert not arabic or re.search(f"[{FSI}{RLI}].*[\u0621-\u064a].*{PDI}", line), line


def test_an_address_is_never_cut(at_width: Callable[..., str]) -> None:
    for command in (("changes",), ("why", "qasrak"), ("diff", "1")):
        assert str(NEWS[0]["url"]) in at_width(80, *command)


def test_status_says_bases_by_state_with_the_latest_quotes_source(at_width: Callable[..., str]) -> None:
    text = at_width(120, "status")
    assert re.search(r"vacated +Qasrak +2026-02-2\d +B3 \(1\) +\S?2026-02-22 وكالة المثال", text)
    assert re.search(r"handed over +al-Tanf +2026-02-11 .* to the Syrian government", text)
    assert text.index("vacated ") < text.index("handed over ")
    assert re.search(r"Troops +fewer than 900 .* 2,000 █\S+ 900", text)
    assert re.search(r"The Pentagon +Complete withdrawal: by 15 March 2026", text)
    assert "update  Qasrak: active → vacated [B3]" in text


def test_status_says_what_about_covers(at_width: Callable[..., str]) -> None:
    text = at_width(120, "status", "--as-of", "2026-02-22T07:00:00Z")
    assert re.search(r"Troops +about 2,000 \(1,800 to 2,200\) +2025-12 +F6 \(1\) +Pentagon", text)


def test_status_in_arabic_is_arabic(at_width: Callable[..., str]) -> None:
    text = at_width(120, "status", "--lang", "ar")
    assert "آخر اقتباس" in text
    assert f"{RLI}قسرك{PDI}" in text
    assert f"{RLI}تحديث  قسرك: نشطة ← مُخلاة [B3]{PDI}" in text
    words = set(re.findall("[A-Za-z]+", text))
    assert words <= {"UTC", "B", "F", "T", "Z", "Example", "Post", "The", "Pentagon", "survey"}


def test_dates_keep_their_order_in_an_arabic_sentence(at_width: Callable[..., str]) -> None:
    text = at_width(120, "why", "qasrak", "--lang", "ar")
    assert re.search(f"منذ {LRI}2026-02-2\\d{PDI}", text)
    assert f"نُشر {LRI}2026-02-22 08:00{PDI}" in text


def test_why_says_in_the_readers_language_what_a_claim_weighs(at_width: Callable[..., str]) -> None:
    assert re.search(r"= reliability B 0\.8 × speaker \S.* × asserted 1", at_width(120, "why", "qasrak"))
    text = at_width(120, "why", "qasrak", "--lang", "ar")
    assert re.search(r"= موثوقية المصدر B 0\.8 × القائل .* × مؤكَّد 1", text)


def test_status_json_names_the_latest_quote_and_the_course(drawdown: Any, folder: Path, monkeypatch: Any) -> None:
    monkeypatch.chdir(folder)
    told = json.loads(drawdown("status", "--json").out)
    qasrak = next(base for base in told["bases"] if base["id"] == "qasrak")
    assert qasrak["latest"] == {"outlet": "وكالة المثال", "published": PUBLISHED, "article": NEWS[0]["url"]}
    course = told["figures"]["us-troops-syria"]["history"]
    assert (course[0]["high"], course[-1]["high"]) == (2000, 900)
    assert [line["speaker"] for line in told["deadlines"]] == ["The Pentagon"]


def test_an_unknown_language_is_said(drawdown: Any, folder: Path, monkeypatch: Any) -> None:
    monkeypatch.chdir(folder)
    said = drawdown("status", "--lang", "xx")
    assert said.code == 1
    assert "--lang" in said.err
    assert "ar, en" in said.err


def test_there_is_no_colour_where_there_is_no_terminal(folder: Path) -> None:
    assert "\x1b" not in program("status", cwd=folder, TERM="xterm-256color")


def test_no_colour_means_no_colour_in_a_terminal() -> None:
    shown = io.StringIO()
    console = Console(file=shown, force_terminal=True, width=80, _environ={"NO_COLOR": "1", "TERM": "xterm-256color"})
    say(console, [Line(Text("vacated", style="red"))])
    assert "\x1b[31m" not in shown.getvalue()


def test_a_wrapped_isolate_is_closed_and_opened_again() -> None:
    console = Console(width=20)
    text = Text(f"said by {FSI}قوات سوريا الديمقراطية في بيان{PDI} yesterday")
    lines = [line.plain for line in wrapped(console, text, 20)]
    assert len(lines) > 2
    assert all(balanced(line) and cell_len(line) <= 20 for line in lines)
    assert all(line.startswith(FSI) and line.endswith(PDI) for line in lines)
    kept = "".join(char for char in " ".join(lines) if char not in (FSI, PDI))
    assert kept == "said by قوات سوريا الديمقراطية في بيان yesterday"


def test_latin_text_gets_no_isolates() -> None:
    console = Console(width=40)
    assert [line.plain for line in wrapped(console, Text("US forces left Qasrak"), 40)] == ["US forces left Qasrak"]
