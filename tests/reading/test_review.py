"""Faults of a topic's data as a whole: ambiguous names, contradicting cues, examples that no longer hold."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from monitor.reading import review
from monitor.topics import load_topic


def test_the_bundled_topic_has_none() -> None:
    assert [str(fault) for fault in review.faults(load_topic())] == []


@pytest.mark.parametrize(
    ("file", "old", "new", "said"),
    [
        (
            "bases.toml",
            'id = "himo"',
            'id = "himo"\nstrong = { en = ["Qasrak"] }',
            "bases.toml [base himo]: 'qasrak' is also a name of qasrak",
        ),
        (
            "cues_en.toml",
            '"linger"',
            '"linger", "vacate"',
            "cues_en.toml [verbs]: 'vacate' cannot be both stay and vacate",
        ),
        ("cues_en.toml", '"linger"', '"linger", "linger"', "cues_en.toml [verbs] stay: 'linger' stands twice"),
        (
            "examples.toml",
            "The US military vacated its bases",
            "The US military admired its bases",
            "examples.toml [example 1]: no longer holds: 'The US military admired its bases",
        ),
    ],
)
def test_a_fault_is_told_with_file_and_table(tmp_path: Path, file: str, old: str, new: str, said: str) -> None:
    folder = Path(shutil.copytree(load_topic().folder, tmp_path / "syria"))
    path = folder / file
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    assert any(said in str(fault) for fault in review.faults(load_topic(folder)))
