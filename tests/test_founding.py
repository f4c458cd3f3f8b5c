"""The two articles that the project began with, from files to status. They are other people's, and stay outside."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

FOUNDING = Path(__file__).resolve().parents[2] / "shared" / "corpus" / "founding"
FILES = sorted(str(path) for path in FOUNDING.glob("*.txt"))

pytestmark = pytest.mark.skipif(not FILES, reason="../shared/corpus/founding is not beside the project")


@pytest.fixture
def ask(drawdown: Any) -> Any:
    """A command's standard output, in a folder where `init` was done; the command must succeed."""

    def run(*arguments: str) -> str:
        said = drawdown(*arguments)
        assert said.code == 0, said.err
        return str(said.out)

    run("init")
    return run


@pytest.mark.parametrize("files", [FILES, FILES[::-1]], ids=["in order", "the other way round"])
def test_what_the_two_say_is_known_and_ingesting_again_adds_nothing(ask: Any, files: list[str]) -> None:
    ask("ingest", "--published", "2026-02-23", *files)
    first = json.loads(ask("status", "--json"))
    bases = {base["id"]: base for base in first["bases"]}

    assert (bases["qasrak"]["status"], bases["qasrak"]["since"]) in {
        ("withdrawing", "2026-02-21"),
        ("withdrawing", "2026-02-23"),
    }
    assert (bases["tanf"]["status"], bases["tanf"]["to"]) == ("handed_over", "syrian-government")
    assert bases["tanf"]["since"] == "2026-02-11"
    assert (bases["shaddadi"]["status"], bases["shaddadi"]["to"]) == ("handed_over", "syrian-government")
    assert bases["shaddadi"]["since"] == "2026-02-15"
    assert bases["omar-field"]["status"] == "vacated"
    assert bases["omar-field"]["contested"]
    assert (bases["conoco"]["status"], bases["conoco"]["since"]) == ("vacated", "2025")
    for base_id in ("rmeilan", "kharab-al-jir", "life-stone"):
        assert (bases[base_id]["status"], bases[base_id]["since"]) == ("active", "2026-02-23"), base_id

    troops = first["figures"]["us-troops-syria"]
    assert troops["high"] == 1000
    assert troops["comparator"] in ("about", "less_than")
    assert troops["since"].startswith("2026-02")
    numbers = {claim["high"] for claim in _claims(ask, "us-troops-syria")}
    assert 5700 not in numbers

    ask("ingest", "--published", "2026-02-23", *files)
    again = json.loads(ask("status", "--json"))
    assert {**again, "as_of": first["as_of"]} == first
    assert json.loads(ask("changes", "--json")) == []


def test_why_shows_quotes_that_stand_in_the_files(ask: Any) -> None:
    ask("ingest", "--published", "2026-02-23", *FILES)
    texts = "\n".join(Path(path).read_text(encoding="utf-8") for path in FILES)
    claims = _claims(ask, "shaddadi")
    assert claims
    for claim in claims:
        assert claim["quote"] in texts
        assert 0 < claim["weight"] <= 1
    shown = ask("why", "shaddadi")
    assert "weight" in shown
    assert "rule" in shown


def _claims(ask: Any, subject: str) -> list[dict[str, Any]]:
    facts = json.loads(ask("why", subject, "--json"))
    return [claim for fact in facts for side in (fact["held"], *fact["rivals"]) for claim in side["support"]]
