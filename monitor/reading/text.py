"""A text in two views: as stored, and normalised for matching, with a map between the two.

Normalising strips Arabic marks, tatweel and invisible characters, folds alef, ya and ta marbuta, Eastern digits,
quotation marks and accents, and lowers Latin letters. Every index of the normalised view leads back to the
original, so that what is found there can be quoted as it stands. Sentences and clauses are spans of the normalised
view; `Text.span` and `Text.quote` turn them into original offsets.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import NamedTuple

_DROP = "\ue000"  # a private character that stands for "nothing here" until it is removed
_LOST = "\ufffd"

_SAME = {
    "أ": "ا", "إ": "ا", "آ": "ا", "ٱ": "ا", "ى": "ي", "ی": "ي", "ې": "ي", "ة": "ه", "ە": "ه", "ک": "ك", "ڪ": "ك",
    "گ": "ك", "ڤ": "ف", "چ": "ج", "پ": "ب", "،": ",", "؛": ";", "؟": "?", "٪": "%", "٫": ".", "٬": ",", "۔": ".",
    "“": '"', "”": '"', "„": '"', "‟": '"', "«": '"', "»": '"', "″": '"', "❝": '"', "❞": '"', "＂": '"',
    "‘": "'", "’": "'", "‚": "'", "‛": "'", "´": "'", "`": "'", "ʼ": "'", "′": "'",
    "‐": "-", "‑": "-", "‒": "-", "−": "-", "ı": "i", "ł": "l", "ø": "o", "đ": "d", "…": "…",
    "\t": " ", "\v": "\n", "\f": "\n", "\r": "\n", "\x85": "\n", "\u2028": "\n", "\u2029": "\n", _DROP: _LOST,
}  # fmt: skip


def _fold_one(char: str) -> str:
    """One character of the normalised view for one of the original; `_DROP` for none."""
    if char in _SAME:
        return _SAME[char]
    category = unicodedata.category(char)
    if category in ("Mn", "Me", "Cf") or char == "ـ":
        return _DROP
    if category == "Cs":
        return _LOST
    if category == "Cc":
        return "\n" if char == "\n" else " "
    if category in ("Zs", "Zl", "Zp"):
        return " "
    if category == "Nd":
        return str(unicodedata.digit(char))
    if category[0] == "L" and char > "\x7f":
        plain = unicodedata.normalize("NFKD", char)[0]
        char = _SAME.get(plain, plain)
    lowered = char.lower()
    return lowered if len(lowered) == 1 else lowered[0]


class _Folding(dict[int, str]):
    """A table for `str.translate` that fills itself: one character in, one out."""

    def __missing__(self, code: int) -> str:
        folded = _fold_one(chr(code))
        if len(self) < 70_000:
            self[code] = folded
        return folded


_FOLDING = _Folding()


def fold(text: str) -> str:
    """The normalised view of a word or phrase alone, as cue data and names are compared."""
    return text.translate(_FOLDING).replace(_DROP, "")


class Token(NamedTuple):
    """A word, number or mark of the normalised view: `[start, end)` there, and its text."""

    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class Span:
    """A half-open span of the normalised view."""

    start: int
    end: int

    def holds(self, index: int) -> bool:
        """Whether the index lies inside."""
        return self.start <= index < self.end


_TOKEN = re.compile(r"[a-z]+(?:'[a-z]+)?|[\u0600-\u06ff\u0750-\u077f]+|\d+(?:[.,]\d+)*|[^\W\d_]+|[^\s\w]|_", re.UNICODE)
_ABBREVIATION = re.compile(
    r"(?:\b(?:u\.s|u\.n|u\.k|mr|mrs|ms|dr|gen|lt|col|maj|capt|sgt|spc|sen|rep|gov|st|no|vs|jan|feb|mar|apr|jun|jul|"
    r"aug|sept|sep|oct|nov|dec|a\.m|p\.m|inc|approx|etc)|\b[a-z])$"
)
_STOP = re.compile(r"\n+|[.!?…]+[\"')\]]*(?=\s|$|[\u0600-\u06ff])|(?<=\s)[•▪●◆✦■►]\s")
_LONGEST = 1200  # characters of a sentence
_LOOKBACK = 12


class Text:
    """A text as stored (`original`) and normalised (`norm`). Cheap to make; tokens and sentences come on demand."""

    def __init__(self, original: str) -> None:
        self.original = original
        folded = original.translate(_FOLDING)
        if _DROP in folded:
            self._kept: list[int] | None = [i for i, char in enumerate(folded) if char != _DROP]
            folded = folded.replace(_DROP, "")
        else:
            self._kept = None
        self.norm = folded

    def start_of(self, index: int) -> int:
        """The original offset at which the normalised character at `index` begins."""
        if self._kept is None:
            return min(index, len(self.original))
        return self._kept[index] if index < len(self._kept) else len(self.original)

    def end_of(self, index: int) -> int:
        """The original offset just behind the normalised character before `index`, with the marks on it."""
        if self._kept is None:
            return min(index, len(self.original))
        if index <= 0:
            return 0
        if index >= len(self._kept):
            return len(self.original)
        end = self._kept[index - 1] + 1
        while end < self._kept[index] and unicodedata.category(self.original[end]) in ("Mn", "Me"):
            end += 1
        return end

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Original offsets of a normalised span, white space at its ends left out."""
        norm = self.norm
        end = min(end, len(norm))
        while start < end and norm[start].isspace():
            start += 1
        while end > start and norm[end - 1].isspace():
            end -= 1
        if start >= end:
            where = self.start_of(start)
            return where, where
        return self.start_of(start), self.end_of(end)

    def quote(self, start: int, end: int) -> str:
        """The original text of a normalised span."""
        first, last = self.span(start, end)
        return self.original[first:last]

    @cached_property
    def tokens(self) -> list[Token]:
        """All tokens of the normalised view, in order."""
        return list(tokens_of(self.norm))

    @cached_property
    def _token_starts(self) -> list[int]:
        return [token.start for token in self.tokens]

    def tokens_in(self, start: int, end: int) -> list[Token]:
        """The tokens that begin inside a normalised span."""
        starts = self._token_starts
        return self.tokens[bisect_left(starts, start) : bisect_left(starts, end)]

    @cached_property
    def sentences(self) -> list[Span]:
        """Sentences and headline lines, in order, as normalised spans without white space at their ends."""
        return list(_sentences(self.norm))


def tokens_of(norm: str, offset: int = 0) -> Iterator[Token]:
    """Split a normalised string into words, numbers and single marks; `offset` is added to every index."""
    for match in _TOKEN.finditer(norm):
        yield Token(match.start() + offset, match.end() + offset, match.group())


def _sentences(norm: str) -> Iterator[Span]:
    begin = 0
    for stop in _STOP.finditer(norm):
        mark = stop.group()
        if mark[0] == "." and len(mark) == 1 and _is_abbreviation(norm, stop.start(), stop.end()):
            continue
        end = stop.start() if mark[0] == "\n" or mark[0] not in ".!?…" else stop.end()
        yield from _bounded(norm, begin, end)
        begin = stop.end()
    yield from _bounded(norm, begin, len(norm))


def _bounded(norm: str, start: int, end: int) -> Iterator[Span]:
    """What stands between two stops, cut at commas or spaces where it is longer than any sentence that people write.

    Tables and pages without stops would else be one sentence, and what is composed in a sentence takes time with its
    square.
    """
    while end - start > _LONGEST:
        piece = norm[start : start + _LONGEST]
        cut = max(piece.rfind(mark, _LONGEST // 2) for mark in (",", "،", "\t"))
        cut = cut if cut > 0 else piece.rfind(" ", _LONGEST // 2)
        cut = cut if cut > 0 else _LONGEST - 1
        yield from _trimmed(norm, start, start + cut + 1)
        start += cut + 1
    yield from _trimmed(norm, start, end)


def _is_abbreviation(norm: str, dot: int, end: int) -> bool:
    before = norm[max(0, dot - _LOOKBACK) : dot]
    return bool(_ABBREVIATION.search(before)) and end < len(norm) and norm[end : end + 1] != "\n"


def _trimmed(norm: str, start: int, end: int) -> Iterator[Span]:
    while start < end and norm[start].isspace():
        start += 1
    while end > start and norm[end - 1].isspace():
        end -= 1
    if start < end:
        yield Span(start, end)


# -- Arabic words -----------------------------------------------------------------------------------------------------

_CONJ = ("و", "ف")
_PREP = ("ب", "ك", "ل", "س")
PRONOUNS = ("هما", "هم", "هن", "ها", "ه", "نا", "كم", "ي")


@lru_cache(maxsize=65_536)
def stems(word: str) -> tuple[tuple[str, str], ...]:
    """All readings of a normalised Arabic word as (clitics, rest), the word itself first.

    Conjunctions و ف, prepositions ب ل ك, future س and the article ال are taken off in their order; لل is ل + ال.
    Nothing shorter than two letters is left as a rest.
    """
    found: dict[str, str] = {word: ""}
    heads = [("", word)]
    if word[:1] in _CONJ and len(word) > 3:
        heads.append((word[0], word[1:]))
        found.setdefault(word[1:], word[0])
    for clitic, rest in list(heads):
        if rest[:1] in _PREP and len(rest) > 3:
            heads.append((clitic + rest[0], rest[1:]))
            found.setdefault(rest[1:], clitic + rest[0])
    for clitic, rest in heads:
        if rest.startswith("ال") and len(rest) > 3:
            found.setdefault(rest[2:], clitic + "ال")
        elif rest.startswith("لل") and len(rest) > 3:
            found.setdefault(rest[2:], clitic + "لال")
    return tuple((clitic, rest) for rest, clitic in found.items())


_ARABIC = re.compile(r"[\u0620-\u064a]")
_LATIN = re.compile(r"[a-z]")
_SORANI = re.compile(r"[ەێۆڕڵڤگچپژ]")
_ENGLISH_WORDS = frozenset(
    [
        "the",
        "of",
        "and",
        "to",
        "in",
        "a",
        "is",
        "was",
        "were",
        "from",
        "by",
        "that",
        "for",
        "with",
        "on",
        "at",
        "its",
        "has",
        "have",
        "had",
        "after",
        "said",
        "but",
        "not",
        "be",
        "are",
        "as",
        "it",
        "an",
        "will",
        "which",
        "who",
        "this",
        "their",
        "they",
        "out",
        "up",
        "no",
        "one",
        "all",
        "last",
        "into",
        "off",
        "over",
        "more",
        "than",
    ]
)
_OTHER_WORDS = frozenset(
    [
        "le",
        "la",
        "les",
        "des",
        "du",
        "et",
        "est",
        "dans",
        "une",
        "un",
        "pour",
        "que",
        "qui",
        "sur",
        "par",
        "avec",
        "au",
        "aux",
        "de",
        "l",
        "d",
        "sont",
        "ont",
        "il",
        "leur",
        "ve",
        "bir",
        "bu",
        "ile",
        "icin",
        "da",
        "den",
        "dan",
        "ndan",
        "tan",
        "abd",
        "asker",
        "ussu",
        "el",
        "los",
        "las",
        "del",
        "se",
        "por",
        "con",
        "y",
        "en",
        "una",
        "su",
        "der",
        "die",
        "das",
        "und",
        "von",
        "den",
        "mit",
        "auf",
        "ist",
        "ji",
        "li",
        "ku",
        "bo",
        "ye",
        "ya",
        "xwe",
        "hezen",
        "emerika",
        "amerika",
        "baregeha",
    ]
)
_LANG_WINDOW = 4_000


def language(text: Text) -> str | None:
    """The language of a text by its script and commonest words: "ar", "en", or None when it is another.

    A headline without any common word counts as English when it is in Latin script and has no other language's.
    """
    window = text.norm[:_LANG_WINDOW]
    arabic, latin = len(_ARABIC.findall(window)), len(_LATIN.findall(window))
    if arabic > latin:
        odd = len(_SORANI.findall(text.original[:_LANG_WINDOW]))
        return "ar" if odd * 12 < arabic else None
    if not latin:
        return None
    words = re.findall(r"[a-z]+", window)
    english = sum(word in _ENGLISH_WORDS for word in words)
    other = sum(word in _OTHER_WORDS for word in words)
    return "en" if english >= other else None
