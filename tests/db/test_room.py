"""Room on the store's disk: what is said, and how often."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest

from db.room import MEGABYTE, Room


def test_shortage_is_logged_once_and_so_is_its_end(caplog: pytest.LogCaptureFixture) -> None:
    free = [500, 199, 150, 100, 200, 300, 100]
    room = Room(Path("/data"), 200, free=lambda folder: free.pop(0) * MEGABYTE)
    with caplog.at_level(logging.WARNING):
        assert [room.is_short() for _ in range(7)] == [False, True, True, True, False, False, True]
    assert caplog.messages == [
        "the disk of /data has 199 MB left, under the 200 MB of [store] least_free_mb: nothing is fetched until there"
        " is room",
        "there is room again; fetching goes on",
        "the disk of /data has 100 MB left, under the 200 MB of [store] least_free_mb: nothing is fetched until there"
        " is room",
    ]


def test_a_real_disk_is_asked(tmp_path: Path) -> None:
    assert Room(tmp_path, 1).shortage() is None
    assert "has " in (Room(tmp_path, 10**12).shortage() or "")


def test_where_there_is_nothing_to_look_at_there_is_room(tmp_path: Path) -> None:
    assert Room(None, 10**12).shortage() is None
    assert Room(tmp_path, 0, free=lambda folder: 0).shortage() is None
    assert Room(tmp_path / "gone", 10**12).shortage() is None
