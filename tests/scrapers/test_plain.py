"""Text from strangers in logs and messages."""

from __future__ import annotations

import logging
from datetime import UTC, datetime

from scrapers.plain import printable, shown
from scrapers.tally import Tally


def test_a_line_stays_a_line_and_obeys_nobody() -> None:
    assert printable("a\r\nb\x1b[31m\x9b2J\u202e\ud800\x00 c\u2028d") == "a b[31m2J c d"
    assert printable("أخبار\u200cی") == "أخبار\u200cی"
    assert len(printable("x" * 1_000_000)) == 2000
    assert shown({"a": 1}) == "{'a': 1}"
    assert len(shown(["x"] * 1000)) == 80


def test_what_a_pass_logs_has_no_control_characters(caplog) -> None:
    tally = Tally("rafid")
    with caplog.at_level(logging.WARNING):
        tally.refuse("http://x.example/\x1b]0;mine\x07", "is\nbad")
        tally.fault("http://x.example/\r\nINFO all is well", "\x1b[2Jgone")
    assert all(record.getMessage().isprintable() for record in caplog.records)
    errors = tally.result(datetime(2026, 2, 21, tzinfo=UTC)).errors
    assert all(error.isprintable() for error in errors)
    assert len(errors) == 2
