"""A person's word on the command line: kept, shown, above all claims, and released."""

from __future__ import annotations

import json
from typing import Any

import pytest

LINES = (
    {
        "url": "https://example.org/1",
        "outlet": "Example Post",
        "lang": "en",
        "published": "2026-02-21T08:00:00Z",
        "title": "Leaving",
        "text": "US forces completed their withdrawal from Qasrak base on Saturday, a spokesman said.",
        "reliability": "B",
    },
)


@pytest.fixture
def desk(desk_of: Any) -> Any:
    """Commands in a folder whose store knows of one change: Qasrak was left."""
    return desk_of(LINES)


def status(desk: Any) -> dict[str, Any]:
    [base] = json.loads(desk("status", "--json").out)["bases"]
    found: dict[str, Any] = base
    return found


def test_a_rejected_change_is_taken_back_with_a_correction(desk: Any) -> None:
    assert status(desk)["status"] == "vacated"
    said = desk("reject", "1", "--because", "a rotation", "--by", "Mona")
    assert said.code == 0
    assert "correction" in said.out
    assert status(desk)["status"] == "active"
    first, second = json.loads(desk("changes", "--json").out)
    assert (first["ruling"]["verdict"], first["ruling"]["who"], first["ruling"]["because"]) == (
        "reject", "Mona", "a rotation",
    )  # fmt: skip
    assert (second["type"], second["to"]) == ("correction", {"value": "active", "to": None})
    assert "(rejected)" in desk("changes").out
    assert "a rotation" in desk("why", "1").out
    assert "a rotation" in desk("why", "qasrak").out
    assert "a rotation" in desk("base", "qasrak").out
    assert [given["because"] for given in json.loads(desk("base", "qasrak", "--json").out)["rulings"]] == ["a rotation"]
    assert json.loads(desk("status", "--json").out)["set_aside"] == 1
    assert "1 claim is set aside" in desk("status").out
    assert desk("release", "1").code == 0
    assert status(desk)["status"] == "vacated"
    [given] = json.loads(desk("rulings", "--json").out)
    assert given["released_at"]


def test_a_confirmed_change_is_sure(desk: Any) -> None:
    assert desk("confirm", "#1", "--by", "Mona").code == 0
    base = status(desk)
    assert (base["status"], base["credibility"], base["confidence"]) == ("vacated", "A1", 1.0)
    assert "(confirmed)" in desk("changes").out
    assert len(json.loads(desk("changes", "--json").out)) == 1, "it alerts nobody"


def test_a_pinned_base_is_shown_as_such_and_history_stays(desk: Any) -> None:
    pin = ("pin", "qasrak", "handed_over", "--to", "sdf", "--since", "2026-02-22", "--source", "https://a.example/")
    assert desk(*pin, "--by", "Mona").code == 0
    base = status(desk)
    assert (base["status"], base["to"], base["since"]) == ("handed_over", "sdf", "2026-02-22")
    assert "pinned by a person" in " ".join(desk("status").out.split())
    assert "pinned by Mona" in desk("why", "qasrak").out
    [then] = json.loads(desk("status", "--as-of", "2026-02-21T09:00:00Z", "--json").out)["bases"]
    assert then["status"] == "vacated"
    assert "Mona" in desk("rulings").out
    assert desk("release", "1").code == 0
    assert status(desk)["status"] == "vacated"
    assert "nothing differs" in desk("rebuild", "--dry-run").out


@pytest.mark.parametrize(
    ("command", "fault"),
    [
        (("confirm", "9"), "no change has this number"),
        (("confirm", "x"), "is no number"),
        (("reject", "1", "--because", " "), "say why"),
        (("pin", "nowhere", "active", "--since", "2026", "--source", "https://a.example/"), "no base of the topic"),
        (("pin", "tanf", "active", "--since", "2031", "--source", "https://a.example/"), "to today"),
        (("pin", "tanf", "active", "--since", "soon", "--source", "https://a.example/"), "not an ISO date"),
        (("pin", "tanf", "active", "--since", "2026", "--source", "hearsay"), "no http or https address"),
        (("pin", "tanf", "active", "--since", "2026", "--source", "file:///a"), "no http or https address"),
        (("pin", "tanf", "active", "--to", "sdf", "--since", "2026", "--source", "https://a.example/"), "receiver"),
        (("release", "4"), "no ruling has this number"),
    ],
    ids=" ".join,
)
def test_what_cannot_be_ruled_is_told(desk: Any, command: tuple[str, ...], fault: str) -> None:
    said = desk(*command)
    assert said.code == 1
    assert fault in said.err


def test_a_change_is_ruled_on_once_and_a_correction_never(desk: Any) -> None:
    desk("reject", "1", "--because", "a rotation", "--by", "Mona")
    assert "Mona has ruled on it (reject)" in desk("confirm", "1").err
    assert "is a correction" in desk("reject", "2", "--because", "no").err
