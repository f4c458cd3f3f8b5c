"""One instance a store: it names its holder, and the operating system lets go when the holder is killed."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Callable

import pytest

from db import marks
from db.errors import StoreError
from db.session import Store

HOLD = """
import sys
from db.session import Store
store = Store.open(sys.argv[1])
with store.hold("drawdown run"):
    print("held", flush=True)
    sys.stdin.readline()
print("let go", flush=True)
sys.stdin.readline()
"""


@pytest.fixture
def holder(
    store: Store, database_url: str, start_process: Callable[..., subprocess.Popen[str]]
) -> subprocess.Popen[str]:
    process = start_process(HOLD, database_url)
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    return process


def test_a_second_one_is_told_who_holds_it(store: Store, holder: subprocess.Popen[str]) -> None:
    with (
        pytest.raises(
            StoreError, match=r"in use by drawdown run \(pid \d+ on .+\) since 20..-..-..T..:..:..Z"
        ) as caught,
        store.hold("drawdown crawl"),
    ):
        pass
    assert f"pid {holder.pid} " in caught.value.what
    assert caught.value.where == store.name


def test_killed_holders_hold_nothing(store: Store, holder: subprocess.Popen[str]) -> None:
    os.kill(holder.pid, signal.SIGKILL)
    holder.wait()
    hold_soon(store)


def test_let_go_at_the_end_of_the_block(store: Store, holder: subprocess.Popen[str]) -> None:
    assert holder.stdin is not None
    assert holder.stdout is not None
    holder.stdin.write("\n")
    holder.stdin.flush()
    assert holder.stdout.readline() == "let go\n"
    hold_soon(store)


def test_a_held_store_can_be_read_and_written_by_others(store: Store, holder: subprocess.Popen[str]) -> None:
    with store.writing() as session:
        marks.put(session, "topic", "x")
    with store.reading() as session:
        assert marks.get(session, "topic") == "x"


def test_not_twice_in_one_process_either(store: Store, database_url: str) -> None:
    other = Store.open(database_url)
    with store.hold("first"):
        with pytest.raises(StoreError, match=r"in use by first \(pid"), other.hold("second"):
            pass
        with pytest.raises(StoreError, match="in use by first"), store.hold("third"):
            pass
    with other.hold("second"):
        pass
    other.close()


def test_let_go_when_the_block_fails(store: Store) -> None:
    with pytest.raises(KeyError), store.hold("first"):
        raise KeyError("anything")
    with store.hold("second"):
        pass


def hold_soon(store: Store) -> None:
    """PostgreSQL notices an ended connection a moment after the process ended."""
    for _ in range(200):
        try:
            with store.hold("next"):
                return
        except StoreError:
            time.sleep(0.02)
    pytest.fail("the lock was not released")
