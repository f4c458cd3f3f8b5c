"""Training of the first reader's models from labelled passages: `python -m monitor.reading.training FOLDER`.

FOLDER holds labelled passages, JSON lines. Deterministic: the same passages give the same models, byte for byte.
`--hold-out` leaves a part of the passages out, which then tells how well unseen outlets and registers are read.
"""

from __future__ import annotations

import argparse
import hashlib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from monitor.reading import figure_training, status_training
from monitor.topics import load_topic

HELD_OUT_FILES = ("r2_ar_agency", "r2_en_regional")  # kept unseen whole: two registers
LATER_ROUNDS = (
    "r3_",
    "r4_",
    "r5_",
)  # the models of figures do not learn from them: they would grow by more than they gain
HELD_OUT_OUTLETS = 7  # and, of the other files, one outlet in so many


def read_passages(folder: Path) -> list[dict[str, Any]]:
    """All labelled passages of a folder, in the order of their files; each knows its file's name as `file`."""
    rows = []
    for path in sorted(folder.glob("*.jsonl")):
        lines = path.read_text(encoding="utf-8").splitlines()
        rows += [json.loads(line) | {"file": path.stem} for line in lines if line.strip()]
    return rows


def held_out(passage: Mapping[str, Any]) -> bool:
    """Whether a passage is of the part that is kept unseen: by file, and by outlet."""
    turn = int(hashlib.md5(str(passage.get("outlet")).encode(), usedforsecurity=False).hexdigest(), 16)
    return passage["file"] in HELD_OUT_FILES or turn % HELD_OUT_OUTLETS == 0


def train(topic_folder: str | Path, passages: Sequence[Mapping[str, Any]], *, record: Mapping[str, Any]) -> None:
    """Train on the passages and write every model into the topic's folder. record: kept in each, with its own facts."""
    topic = load_topic(topic_folder)
    early = [row for row in passages if not row["file"].startswith(LATER_ROUNDS)]
    for module, rows in ((status_training, passages), (figure_training, early)):
        said = {"files": sorted({row["file"] for row in rows}), "passages": len(rows), **record}
        for name, model, facts in module.models(topic, rows):
            model.save(topic.folder / name, {**said, **facts, "features": len(model.weights)})


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(description="Train a topic's models from labelled passages.")
    parser.add_argument("folder", type=Path, help="labelled passages, JSON lines")
    parser.add_argument("--topic", default="syria", help="the topic whose models are written")
    parser.add_argument("--hold-out", action="store_true", help="leave out the part that is kept unseen")
    given = parser.parse_args()
    rows = read_passages(given.folder)
    chosen = [row for row in rows if not (given.hold_out and held_out(row))]
    train(given.topic, chosen, record={"held out": len(rows) - len(chosen)})


if __name__ == "__main__":
    main()
