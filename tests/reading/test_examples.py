"""The topic's own examples, Arabic and English, also sentences that must give nothing."""

from __future__ import annotations

import shutil
from functools import cache
from pathlib import Path

import pytest

from db.errors import ConfigError
from db.records import Kind
from monitor.reading.examples import FILE, Example, load_examples
from monitor.reading.read import Reader
from monitor.topics import load_topic

EXAMPLES = load_examples(load_topic())


@cache
def _reader() -> Reader:
    return Reader(load_topic())


@pytest.mark.parametrize("example", EXAMPLES, ids=[f"{e.kind}: {e.text[:60]}" for e in EXAMPLES])
def test_an_example_holds(example: Example) -> None:
    assert example.fault(_reader()) is None
    claims = _reader().read(example.text, example.lang, example.published)
    assert all(example.text[claim.start : claim.end] == claim.quote for claim in claims)


@pytest.mark.parametrize("kind", list(Kind))
def test_every_kind_has_examples_in_both_languages_and_of_what_is_no_claim(kind: Kind) -> None:
    for lang in ("ar", "en"):
        mine = [example for example in EXAMPLES if example.lang == lang and example.kind is kind]
        assert any(example.claims for example in mine)
        assert any(not example.claims for example in mine)


def test_an_example_that_does_not_hold_is_told_with_its_place(tmp_path: Path) -> None:
    folder = Path(shutil.copytree(load_topic().folder, tmp_path / "syria"))
    (folder / FILE).write_text(
        '[[example]]\nkind = "base_status"\nlang = "en"\npublished = "2026-02-23"\n'
        'text = "US forces vacated the Himo base."\nclaims = []\n',
        encoding="utf-8",
    )
    (example,) = load_examples(load_topic(folder))
    fault = example.fault(_reader())
    assert fault is not None
    assert "examples.toml [example 1]" in str(fault)
    assert "vacated" in str(fault)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('kind = "base_status"', 'kind = "weather"', "examples.toml [example 1] kind: is no kind of claim: 'weather'"),
        ('lang = "en"', 'tongue = "en"', "examples.toml [example 1] lang: is missing"),
        ('lang = "en"', 'lang = "en"\nsize = 3', "examples.toml [example 1] size: is not a key of an example"),
        ("2025-06-03", "June", "examples.toml [example 1] published: is not a day: 'June'"),
        ("[[example]]", "[[example", "examples.toml: is not TOML"),
    ],
)
def test_a_fault_is_told_with_file_table_and_key(tmp_path: Path, old: str, new: str, said: str) -> None:
    folder = Path(shutil.copytree(load_topic().folder, tmp_path / "syria"))
    path = folder / FILE
    path.write_text(path.read_text(encoding="utf-8").replace(old, new, 1), encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        load_examples(load_topic(folder))
    assert said in str(caught.value)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("example = 3", "examples.toml example: must be tables [[example]]"),
        (
            '[[example]]\nkind = "convoy"\nlang = "en"\npublished = "2026-02-23"\ntext = "x"\nclaims = "none"',
            "examples.toml [example 1] claims: is no list of tables: 'none'",
        ),
    ],
)
def test_what_is_no_table_is_told_with_its_place(tmp_path: Path, text: str, said: str) -> None:
    folder = Path(shutil.copytree(load_topic().folder, tmp_path / "syria"))
    (folder / FILE).write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        load_examples(load_topic(folder))
    assert said in str(caught.value)
