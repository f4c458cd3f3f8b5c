"""Moments as text."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from db.records import parse_moment


@pytest.mark.parametrize(
    "text",
    [
        "0001-01-01",
        "0001-01-01T00:00:00+14:00",
        "9999-12-31T23:59:59-12:00",
        "1989-12-31",
        "2101-01-01",
        "1990-01-01T00:00:00+03:00",
        "yesterday",
    ],
)
def test_a_moment_at_an_end_of_the_calendar_is_none(text: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        parse_moment(text)


def test_a_moment_is_utc() -> None:
    assert parse_moment("1990-01-01") == datetime(1990, 1, 1, tzinfo=UTC)
    assert parse_moment(" 2100-12-31T23:00:00Z ") == datetime(2100, 12, 31, 23, tzinfo=UTC)
    assert parse_moment("2026-02-21T08:00:00+03:00").isoformat() == "2026-02-21T05:00:00+00:00"
