"""The generic words of `signals.toml`, ready to be looked for. Data, so that a language can be added without code."""

from __future__ import annotations

import re
import tomllib
import unicodedata
from functools import cache
from importlib.resources import files


class _Folding(dict[int, int | str | None]):
    """A table for `str.translate` that drops combining marks, and learns each character when it first meets it."""

    def __missing__(self, code: int) -> int | None:
        kept = None if unicodedata.combining(chr(code)) else code
        self[code] = kept
        return kept


_ALEF: dict[str, int | str | None] = {"أ": "ا", "إ": "ا", "آ": "ا", "ٱ": "ا", "ى": "ي", "ة": "ه", "ـ": None}
_FOLDING = _Folding(str.maketrans({**_ALEF, "’": "'", "‘": "'"}))


def fold(text: str) -> str:
    """Text for comparison only: no case, no harakat, one alef, one ya, ta marbuta as ha, single spaces."""
    return re.sub(r"\s+", " ", text.casefold().translate(_FOLDING)).strip()


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
