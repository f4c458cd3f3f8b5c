"""How well the reader reads what its models have not seen: `make heldout`.

Trains on all labelled passages but those of some files and outlets, then scores these. The models go into a copy of
the topic; the shipped ones, trained on everything, stay as they are.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from pathlib import Path

from db.records import parse_moment
from monitor.evaluate import Gold, evaluate
from monitor.reading.read import Reader
from monitor.reading.training import held_out, read_passages, train
from monitor.topics import load_topic


def main(corpus: Path) -> None:
    """Print precision and recall on the unseen part, per kind."""
    rows = read_passages(corpus)
    unseen = [row for row in rows if held_out(row)]
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(shutil.copytree(load_topic("syria").folder, Path(folder) / "topic"))
        train(copy, [row for row in rows if not held_out(row)], record={})
        reader = Reader(load_topic(copy))
        scores = evaluate(
            Gold.parse(row, reader.read(row["text"], row["lang"], parse_moment(row["published"])), row["id"])
            for row in unseen
        )
    print(f"{len(unseen)} unseen passages of {len(rows)}")
    print(f"{'kind':<14} {'right':>6} {'false':>6} {'missed':>6} {'P':>6} {'R':>6} {'F1':>6}")
    for tally in scores.tallies:
        name, right, false, missed, precision, recall, f1 = tally.cells()
        print(f"{name:<14} {right:>6} {false:>6} {missed:>6} {precision:>6} {recall:>6} {f1:>6}")
    print(f"modality right on {scores.modality_right} of {scores.modality_total}; bad quotes {scores.bad_quotes}")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
