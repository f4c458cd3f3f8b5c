"""How well the reader reads what its models have not seen: `make heldout`.

The first reader's models are trained on all labelled passages but those of some files and outlets, in a copy of the
topic; the shipped ones, trained on everything, stay as they are. The second reader's network is the shipped one: it was
trained without them.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from db.records import parse_moment
from monitor.evaluate import Gold, Scores, evaluate
from monitor.reading.read import Reader
from monitor.reading.second.read import Least
from monitor.reading.training import LATER_ROUNDS, held_out, read_passages, train
from monitor.topics import load_topic

LEASTS = (0.8, 0.9, 0.95, 0.975, 1.0)  # at 1.0 the second reader claims nothing: the first alone


def main(corpus: Path) -> None:
    """Print precision and recall on the unseen part, per kind, and what comes of several thresholds."""
    rows = read_passages(corpus)
    unseen = [row for row in rows if held_out(row)]
    first = [row for row in unseen if not row["file"].startswith(LATER_ROUNDS)]
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(shutil.copytree(load_topic("syria").folder, Path(folder) / "topic"))
        train(copy, [row for row in rows if not held_out(row)], record={})
        topic = load_topic(copy)
        for name, part in (("first two rounds", first), ("all", unseen)):
            print(f"{name}: {len(part)} unseen passages")
            for least in LEASTS:
                scores = _scores(Reader(topic, least=Least(alerting=least, other=min(least, 0.8))), part)
                alerting = next(tally for tally in scores.tallies if tally.name == "alert-bearing")
                print(f"  alert-bearing at {least}: {' '.join(alerting.cells()[1:])}")
            _table(_scores(Reader(topic), part))


def _scores(reader: Reader, rows: Sequence[dict[str, Any]]) -> Scores:
    return evaluate(
        Gold.parse(row, reader.read(row["text"], row["lang"], parse_moment(row["published"])), row["id"])
        for row in rows
    )


def _table(scores: Scores) -> None:
    print(f"{'kind':<14} {'right':>6} {'false':>6} {'missed':>6} {'P':>6} {'R':>6} {'F1':>6}")
    for tally in scores.tallies:
        name, right, false, missed, precision, recall, f1 = tally.cells()
        print(f"{name:<14} {right:>6} {false:>6} {missed:>6} {precision:>6} {recall:>6} {f1:>6}")
    print(f"modality right on {scores.modality_right} of {scores.modality_total}; bad quotes {scores.bad_quotes}")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
