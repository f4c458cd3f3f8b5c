"""Quantities of a text, Arabic and English: what is said, how it is meant, and what sort of thing it measures.

A grammar over tokens: digits of any script with separators, number words, ranges, from-to, comparators before and
after. It does not know soldiers from trucks; that is for the claim kinds. Words are in `number_words`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from db.records import Comparator
from monitor.reading import number_words as nw
from monitor.reading.comparators import STRENGTH, bounds, comparator_after, comparator_before
from monitor.reading.number_atoms import Atom, atoms_of
from monitor.reading.tokens import Token, tokenize

MAX_NUMBER = 10_000_000_000  # larger ones are phone numbers, ids and noise


class Sort(StrEnum):
    """What a number measures, as far as its neighbours tell."""

    COUNT = "count"
    DURATION = "duration"
    YEAR = "year"
    MEASURE = "measure"
    PERCENT = "percent"
    MONEY = "money"
    NAME = "name"


@dataclass(frozen=True, kw_only=True, slots=True)
class Quantity:
    """A number as said: `text[start:end]` with its comparator, `text[number_start:number_end]` without.

    first, last: indexes of the tokens of the number itself (last included). unit: "day", "month" … of a duration.
    relation: "from" or "to" for the two ends of a from-to that is not a range, else "".
    """

    start: int
    end: int
    number_start: int
    number_end: int
    first: int
    last: int
    low: int | None
    high: int | None
    comparator: Comparator
    sort: Sort
    unit: str = ""
    relation: str = ""
    words: bool = False


def find_quantities(
    text: str, *, tokens: Sequence[Token] | None = None, dates: Iterable[tuple[int, int]] = ()
) -> list[Quantity]:
    """All quantities in order. dates: spans that are dates; numbers inside them are not quantities."""
    tokens = tokenize(text) if tokens is None else tokens
    inside = _covered(tokens, dates)
    atoms = [
        atom for atom in atoms_of(tokens) if not any(inside[atom.first : atom.last + 1]) and not _vague(tokens, atom)
    ]
    found: list[Quantity] = []
    index = 0
    while index < len(atoms):
        pair = _pair(tokens, atoms, index)
        found.extend(pair or [_single(tokens, atoms[index])])
        index += 2 if pair else 1
    return [quantity for quantity in found if quantity.low != quantity.high or (quantity.low or 0) <= MAX_NUMBER]


def _vague(tokens: Sequence[Token], atom: Atom) -> bool:
    """ "several hundred", "a few dozen", بضع مئات carry no number."""
    return atom.words and atom.first > 0 and tokens[atom.first - 1].norm in _VAGUE


_VAGUE = frozenset({"several", "few", "many", "couple", "some-odd", "بضع", "بضعه", "عده", "half"})


def _covered(tokens: Sequence[Token], spans: Iterable[tuple[int, int]]) -> list[bool]:
    out = [False] * len(tokens)
    ordered = sorted(spans)
    at = 0
    for index, token in enumerate(tokens):
        while at < len(ordered) and ordered[at][1] <= token.start:
            at += 1
        out[index] = at < len(ordered) and ordered[at][0] < token.end and token.start < ordered[at][1]
    return out


# --- How it is meant -------------------------------------------------------------------------------------------------


def _single(tokens: Sequence[Token], atom: Atom, *, plain: bool = False) -> Quantity:
    sort, unit, _ = _sort(tokens, atom)
    before, begin = (None, atom.first) if plain else comparator_before(tokens, atom.first, atom.prefix)
    after, last = comparator_after(tokens, atom.last)
    said = [comparator for comparator in (before, after) if comparator]
    comparator = min(said, key=STRENGTH.index) if said else Comparator.EXACT
    low, high = bounds(atom.value, comparator)
    return Quantity(
        start=tokens[begin].start,
        end=tokens[last].end,
        number_start=tokens[atom.first].start,
        number_end=tokens[atom.last].end,
        first=atom.first,
        last=atom.last,
        low=low,
        high=high,
        comparator=comparator,
        sort=sort,
        unit=unit,
        words=atom.words,
    )


# --- Ranges and from-to ---------------------------------------------------------------------------------------------

_TO_WORDS = frozenset({"to", "الي", "ل", "حتي"})
_OR_WORDS = frozenset({"or", "او"})
_DASHES = frozenset({"-", "–", "—", "−"})
_BETWEEN_WORDS = frozenset({"between", "بين", "وبين", "مابين", "بما بين"})
_FROM_WORDS = frozenset({"from", "من"})
_SKIPPED = frozenset({"about", "around", "some", "roughly", "نحو", "حوالي", "قرابه", "just", "even"})


def _pair(tokens: Sequence[Token], atoms: Sequence[Atom], index: int) -> list[Quantity] | None:
    """Two numbers that are one range, or the two ends of a from-to; None when they are neither."""
    if index + 1 >= len(atoms):
        return None
    one, two = atoms[index], atoms[index + 1]
    if two.first - one.last > 10:
        return None
    link = [token.norm for token in tokens[one.last + 1 : two.first]]
    opening = _opening(tokens, one)
    if opening == "between" and _joins(link, two):
        return [_range(tokens, _rescaled(one, two), two, lead=True)]
    joined = _range_link(tokens, one, two, link)
    if opening == "from" and (joined == "to" or (link and _TO_WORDS & set(link))):
        if _sort(tokens, two)[0] is Sort.DURATION and one.value < two.value:
            return [_range(tokens, _rescaled(one, two), two, lead=True)]
        ends = [_single(tokens, _rescaled(one, two)), _single(tokens, two)]
        return [replace(ends[0], relation="from"), replace(ends[1], relation="to")]
    if joined and opening not in ("from", "by") and one.value < two.value and not (one.year and two.year):
        scaled = _rescaled(one, two)
        if scaled.value < two.value and two.value <= 20 * scaled.value:
            return [_range(tokens, scaled, two, lead=False)]
    if two.first - one.last <= 6 and one.value < two.value:
        ends = [_single(tokens, one), _single(tokens, two)]
        lower, upper = ends[0].comparator, ends[1].comparator
        if lower in (Comparator.AT_LEAST, Comparator.MORE_THAN) and upper in (Comparator.AT_MOST, Comparator.LESS_THAN):
            return [_range(tokens, one, two, lead=False)]
    if joined == "to" and one.value > two.value and len(link) == 1:
        ends = [_single(tokens, one), _single(tokens, two)]
        return [replace(ends[0], relation="from"), replace(ends[1], relation="to")]
    return None


def _opening(tokens: Sequence[Token], atom: Atom) -> str:
    """Whether "between" or "from" stands before the number, past its comparator."""
    index = comparator_before(tokens, atom.first, atom.prefix)[1] - 1
    for back in range(index, max(index - 2, -1), -1):
        norm = tokens[back].norm
        if _is_between(norm):
            return "between"
        if norm in _FROM_WORDS:
            return "from"
        if norm == "by":
            return "by"
        if norm not in _SKIPPED and norm not in nw.BETWEEN:
            break
    return ""


def _is_between(norm: str) -> bool:
    return norm in _BETWEEN_WORDS or (len(norm) == 4 and norm[0] in "وبف" and norm[1:] in _BETWEEN_WORDS)


def _joins(link: Sequence[str], two: Atom) -> bool:
    if two.prefix.startswith("و") and not [w for w in link if w not in _SKIPPED]:
        return True
    words = [word for word in link if word not in _SKIPPED]
    return (
        len(words) <= 2
        and bool(words)
        and (words[-1] in {"and", "و", "الي", "to", "-", "–"} or words[0] in {"and", "و"})
    )


def _listed(tokens: Sequence[Token], one: Atom) -> bool:
    """Whether a number before this one and a comma make a list: "800, 1,000 or 1,200"."""
    return one.first >= 2 and tokens[one.first - 1].norm in (",", "،") and tokens[one.first - 2].sort == "number"


def _range_link(tokens: Sequence[Token], one: Atom, two: Atom, link: Sequence[str]) -> str:
    """ "dash", "to" or "or" where the words between two numbers make a range or a from-to of them, else ""."""
    if not link and two.prefix in ("ل", "لل"):
        return "to"
    if len(link) == 1:
        if link[0] in _DASHES and one.words == two.words:
            return "dash"
        if link[0] in _TO_WORDS:
            return "to"
        if (
            link[0] in _OR_WORDS
            and not _listed(tokens, one)
            and one.words == two.words
            and two.value <= 3 * _rescaled(one, two).value
        ):
            return "or"
    return ""


def _rescaled(one: Atom, two: Atom) -> Atom:
    """ "four or five hundred", "5 to 6 thousand": the first number takes the scale of the second."""
    if two.scale > 1 and one.scale == 1 and one.value < 20 and one.value * two.scale < two.value:
        return replace(one, value=one.value * two.scale)
    return one


def _range(tokens: Sequence[Token], one: Atom, two: Atom, *, lead: bool) -> Quantity:
    first, second = _single(tokens, one), _single(tokens, two, plain=True)
    start = first.start
    if lead:
        index = comparator_before(tokens, one.first, one.prefix)[1] - 1
        while index >= 0 and tokens[index].norm in nw.BETWEEN | _SKIPPED:
            index -= 1
        if index >= 0 and (_is_between(tokens[index].norm) or tokens[index].norm in _FROM_WORDS):
            start = tokens[index].start
            if index and tokens[index - 1].norm in ("ما", "بما", "الي"):
                start = tokens[index - 1].start if tokens[index - 1].norm != "الي" else start
    unit = second.unit or first.unit
    sort = second.sort if second.sort is not Sort.COUNT else first.sort
    if first.sort is Sort.NAME or (first.sort is Sort.MONEY):
        sort = first.sort
    low, high = sorted((one.value, two.value))
    return replace(
        first,
        start=start,
        end=max(second.end, first.end),
        number_end=second.number_end,
        last=second.last,
        low=low,
        high=high,
        comparator=Comparator.RANGE,
        sort=sort,
        unit=unit,
    )


# --- What it measures -----------------------------------------------------------------------------------------------


def _sort(tokens: Sequence[Token], atom: Atom) -> tuple[Sort, str, int]:
    """What sort of number this is, the unit of a duration, and the last token that says so."""
    if atom.unit:
        return Sort.DURATION, atom.unit, atom.last
    after = tokens[atom.last + 1] if atom.last + 1 < len(tokens) else None
    before = tokens[atom.first - 1] if atom.first else None
    if after is not None:
        found = _sort_after(tokens, atom, after)
        if found:
            return found
    if before is not None and _is_name(tokens, atom, before):
        return Sort.NAME, "", atom.first
    if before is not None and before.norm in nw.MONEY_BEFORE:
        return Sort.MONEY, "", atom.first
    if atom.year and not _counts(tokens, atom):
        return Sort.YEAR, "", atom.last
    return Sort.COUNT, "", atom.last


def _sort_after(tokens: Sequence[Token], atom: Atom, after: Token) -> tuple[Sort, str, int] | None:
    last = atom.last
    following = tokens[last + 2].norm if last + 2 < len(tokens) else ""
    if after.glued and after.norm in nw.ORDINAL_TAILS:
        return Sort.NAME, "", last + 1
    if after.norm in nw.PERCENT or (
        after.norm in ("في", "ب", "per") and following in ("المئه", "المايه", "المائه", "cent")
    ):
        return Sort.PERCENT, "", last + 1
    if after.norm in ("بالمئه", "بالمائه", "بالمايه"):
        return Sort.PERCENT, "", last + 1
    if after.norm in nw.MONEY_AFTER or (after.norm in ("million", "billion", "مليون", "مليار") and not atom.words):
        return Sort.MONEY, "", last + 1
    for step in (1, 2, 3):
        at = last + step
        if at >= len(tokens):
            break
        norm = tokens[at].norm
        if norm in nw.MEASURES and (norm != "m" or tokens[at].glued):
            return Sort.MEASURE, "", at
        if norm in nw.DURATION_UNIT and (step == 1 or _adjectival(tokens, last + 1, at)):
            return Sort.DURATION, nw.DURATION_UNIT[norm], at
        if norm not in (
            "-",
            "or",
            "so",
            "more",
            "other",
            "full",
            "consecutive",
            "additional",
            "further",
            "long",
            "to",
            "square",
        ):
            break
    if (
        after.glued
        and after.norm in (":", "/")
        and tokens[last + 2 : last + 3]
        and tokens[last + 2].sort == "number"
        and tokens[last + 2].glued
    ):
        return Sort.NAME, "", last + 2
    if after.glued and after.sort == "word" and after.norm.isascii() and not atom.words and len(after.norm) <= 2:
        return Sort.NAME, "", last + 1
    return None


def _adjectival(tokens: Sequence[Token], begin: int, at: int) -> bool:
    return all(
        tokens[i].norm in ("-", "or", "so", "more", "full", "further", "additional", "consecutive", "other")
        for i in range(begin, at)
    )


def _is_name(tokens: Sequence[Token], atom: Atom, before: Token) -> bool:
    """M4, C-130, Tower 22, الفرقة 17, $-less ids and the second half of 12:30."""
    token = tokens[atom.first]
    if not atom.words and before.norm in nw.NAME_BEFORE:
        return True
    if atom.words:
        return False
    if token.glued and before.sort == "word" and before.norm.isascii():
        return True
    if token.glued and before.norm in ("-", "–") and atom.first >= 2 and before.glued:
        letter = tokens[atom.first - 2]
        return letter.norm != "sub" and letter.sort == "word" and letter.norm.isascii() and len(letter.norm) <= 3
    if token.glued and before.norm in (":", "/", ".") and before.glued and atom.first >= 2:
        return tokens[atom.first - 2].sort == "number"
    return False


def _counts(tokens: Sequence[Token], atom: Atom) -> bool:
    """Whether a bare number between 1900 and 2100 has a comparator before it or is a round 2000 not dated by a word."""
    comparator, begin = comparator_before(tokens, atom.first, atom.prefix)
    if atom.value == 2000 and begin:
        return tokens[begin - 1].norm not in ("in", "since", "عام", "سنه", "منذ", "العام")
    return comparator is not None and comparator not in (Comparator.ABOUT,)
