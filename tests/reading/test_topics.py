"""Loading a topic: what is in it, and what is said of a fault."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from db.errors import ConfigError
from monitor.topics import load_topic

BASES = (
    "qasrak shaddadi omar-field conoco tanf zakf rmeilan kharab-al-jir life-stone himo ghweiran mabrouka tal-abyad "
    "tal-baydar malikiyah ain-issa sarrin kobani lafarge manbij wazir abdulaziz qulayb tal-alo dadat umm-mial tabqa "
    "raqqa h2 damascus-airbase"
)
PARTIES = ("syrian-government", "sdf", "russia", "turkey", "iraq", "other")


def test_the_bundled_topic_names_every_base_and_party() -> None:
    topic = load_topic("syria")
    assert set(topic.bases) == set(BASES.split(" "))
    assert set(topic.parties) == set(PARTIES)
    assert all(base.name["en"] and base.name["ar"] and base.governorate["ar"] for base in topic.bases.values())
    assert topic.bases["rmeilan"].same_site == ("kharab-al-jir",)
    assert {"ar", "en"} <= set(topic.cues)


def test_a_position_carries_its_precision() -> None:
    for base in load_topic().bases.values():
        assert (base.lat is None) == (base.precision == "-")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(load_topic().folder, tmp_path / "syria"))


@pytest.mark.parametrize(
    ("file", "old", "new", "said"),
    [
        ("bases.toml", "lat = 36.72", "lat = 136.72", "bases.toml [base qasrak] lat: must be a number from -90 to 90"),
        ("bases.toml", "lat = 36.72", "latitude = 36.72", "bases.toml [base qasrak] latitude: is not a key"),
        ("bases.toml", 'id = "shaddadi"', 'id = "qasrak"', "defined twice"),
        ("bases.toml", 'same_site = ["kharab-al-jir"]', 'same_site = ["atlantis"]', "no such base: 'atlantis'"),
        ("bases.toml", 'precision = "R"', 'precision = "X"', "precision: must be one of W, G, R, -"),
        ("topic.toml", 'id = "syria"', "id = 3", "topic.toml id: must be a text"),
        ("topic.toml", "[name]", "[name", "topic.toml: is not TOML"),
        ("cues_en.toml", "[aspect]", "[aspect]\nsmall = 3", "cues_en.toml [aspect] small: must be a list of texts"),
        ("parties.toml", "[[party]]", "[[parties]]", "parties.toml"),
    ],
)
def test_a_fault_is_told_with_file_table_and_key(folder: Path, file: str, old: str, new: str, said: str) -> None:
    path = folder / file
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        load_topic(folder)
    assert said in str(caught.value)


def test_an_unknown_topic_is_told_with_those_that_are_bundled() -> None:
    with pytest.raises(ConfigError, match="no such topic; bundled are: syria"):
        load_topic("atlantis")


def test_a_missing_file_is_told(folder: Path) -> None:
    (folder / "bases.toml").unlink()
    with pytest.raises(ConfigError, match="is missing from the topic"):
        load_topic(folder)
