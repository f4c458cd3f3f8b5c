"""Text of strangers in what the commands print."""

from __future__ import annotations

import json

import pytest

from monitor.cli.app import print_json

ODD = "a\x1b[31m\x9b2J\u202eb\u2028c\x00\ud800 قسرك"


def test_json_has_nothing_that_a_terminal_obeys_and_loses_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    print_json({"title": ODD})
    printed = capsys.readouterr().out
    assert all(char.isprintable() or char == "\n" for char in printed)
    assert "قسرك" in printed
    assert json.loads(printed)["title"] == ODD
