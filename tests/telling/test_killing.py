"""`kill -9` of the sender at random points, a few times; `python -m bench.killing` does it two hundred times."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
KILLS, CHANGES = 4, 60


def test_a_killed_sender_loses_nothing_and_repeats_at_most_one_message_a_kill() -> None:
    program = [sys.executable, "-m", "bench.killing", str(KILLS), str(CHANGES)]
    done = subprocess.run(program, cwd=ROOT, capture_output=True, text=True, check=False)
    for name in ("mail", "hook"):
        found = re.search(rf"{name}: (\d+) of {CHANGES} changes delivered, 0 lost, (\d+) came twice", done.stdout)
        assert found, done.stdout + done.stderr
        assert int(found[1]) == CHANGES
        assert int(found[2]) <= KILLS
    assert re.search(r"broken: .*'(due|dead)'", done.stdout)
