"""The generic words of `signals.toml`, ready to be looked for. Data, so that a language can be added without code."""

from __future__ import annotations

import re
import tomllib
import unicodedata
from functools import cache
from importlib.resources import files

_ALEF = str.maketrans({"أ": "ا", "إ": "ا", "آ": "ا", "ٱ": "ا", "ى": "ي", "ة": "ه", "ـ": None, "’": "'", "‘": "'"})


def fold(text: str) -> str:
    """Text for comparison only: no case, no harakat, one alef, one ya, ta marbuta as ha, single spaces."""
    bare = "".join(c for c in text.casefold() if not unicodedata.combining(c))
    return re.sub(r"\s+", " ", bare.translate(_ALEF)).strip()


@cache
def words(group: str, name: str) -> tuple[str, ...]:
    """One list of the file, folded."""
    return tuple(fold(word) for word in _document()[group][name])


@cache
def pattern(group: str, name: str) -> re.Pattern[str]:
    """Matches any word of the list as a whole word in folded text; Arabic words also behind an attached particle."""
    alternatives = "|".join(sorted(map(re.escape, words(group, name)), key=len, reverse=True))
    return re.compile(rf"(?<![^\W_])(?:[وفبلك]|ال|وال|بال|لل)?(?:{alternatives})(?![^\W_])")


@cache
def _document() -> dict[str, dict[str, list[str]]]:
    return tomllib.loads(files("scrapers").joinpath("signals.toml").read_text(encoding="utf-8"))
