"""Words, numbers and marks of a text with their offsets, each with a folded form to look up in tables.

Folding never moves an offset: it is done a token at a time. Arabic loses its vowel marks and tatweel, the forms of
alef, final yeh and teh marbuta become one; digits of all scripts become ASCII; English becomes lower case.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

_MARKS = "\u0610-\u061a\u064b-\u065f\u0670\u06d6-\u06ed\u0640"
_TOKEN = re.compile(
    r"(?P<number>\d+(?:[.,٬٫،](?=\d)\d+)*)"
    rf"|(?P<word>(?:[^\W\d_]|[{_MARKS}])+(?:['’][A-Za-z]+)*)"
    r"|(?P<mark>[^\w\s\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff\u00ad]|_)"
)
_STRIP = re.compile(f"[{_MARKS}]")
_FOLD = str.maketrans(
    {"أ": "ا", "إ": "ا", "آ": "ا", "ٱ": "ا", "ى": "ي", "ة": "ه", "ی": "ي", "ک": "ك", "’": "'", "گ": "ك"}
)


class Token(NamedTuple):
    """One word, number or mark: `text[start:end]` is what was written, `norm` its folded form.

    sort: "word", "number" or "mark". glued: nothing stands between it and the token before.
    """

    start: int
    end: int
    norm: str
    sort: str
    glued: bool


@lru_cache(maxsize=65_536)
def fold(word: str) -> str:
    """The form under which a word is looked up. Idempotent."""
    if word.isascii():
        return word.lower()
    return _STRIP.sub("", word).translate(_FOLD).lower()


def tokenize(text: str) -> list[Token]:
    """All tokens in order; linear in the length of the text."""
    tokens = []
    last = -1
    for match in _TOKEN.finditer(text):
        sort = match.lastgroup or "mark"
        raw = match[0]
        norm = _ascii_digits(raw) if sort == "number" else fold(raw)
        if norm:
            tokens.append(Token(match.start(), match.end(), norm, sort, match.start() == last))
        last = match.end()
    return tokens


def _ascii_digits(raw: str) -> str:
    if raw.isascii():
        return raw
    out = []
    for char in raw:
        value = unicodedata.decimal(char, None)
        out.append(str(value) if value is not None else {"٬": ",", "٫": ".", "،": ","}.get(char, char))
    return "".join(out)


def index_at(tokens: Sequence[Token], offset: int) -> int:
    """Index of the first token that ends after the offset."""
    return bisect_left(tokens, offset + 1, key=lambda token: token.end)
