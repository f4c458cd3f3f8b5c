"""Numbers as written: digits of any script with separators, English and Arabic number words, prefixes and duals."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from monitor.reading import number_words as nw
from monitor.reading.tokens import Token


@dataclass(frozen=True, slots=True)
class Atom:
    """One number: tokens first..last, its value, whether in words, and its Arabic prefix letters."""

    first: int
    last: int
    value: int
    words: bool
    prefix: str = ""
    scale: int = 1
    unit: str = ""
    year: bool = False


def atoms_of(tokens: Sequence[Token]) -> list[Atom]:
    atoms = []
    index = 0
    while index < len(tokens):
        atom = _atom(tokens, index)
        if atom:
            atoms.append(atom)
            index = atom.last + 1
        else:
            index += 1
    return atoms


def _atom(tokens: Sequence[Token], at: int) -> Atom | None:
    token = tokens[at]
    if token.sort == "number":
        return _digits(tokens, at)
    if token.sort != "word":
        return None
    if token.norm.isascii():
        return _english(tokens, at)
    if token.norm in nw.PERCENT_HUNDRED and at and (token.norm[0] == "ب" or tokens[at - 1].norm in ("في", "ب")):
        return None
    return _arabic(tokens, at)


def _digits(tokens: Sequence[Token], at: int) -> Atom | None:
    value = _digit_value(tokens[at].norm)
    if value is None:
        return None
    scale, last = _scale_after(tokens, at)
    if value != int(value) and scale == 1:
        return None
    plain = tokens[at].norm.isdigit() and len(tokens[at].norm) == 4
    total = round(value * scale)
    if scale == 1000 and value == int(value):
        total, last = _arabic_tail(tokens, last, total)
    year = plain and scale == 1 and 1900 <= total <= 2100
    return Atom(at, last, total, False, scale=scale, year=year)


def _digit_value(norm: str) -> float | None:
    """The number that a run of digits and separators spells; None for what is none (1.2.3, 15.02.2026)."""
    for comma in (",", "."):
        parts = norm.split(comma)
        if len(parts) > 1 and all(part.isdigit() for part in parts):
            grouped = all(len(part) == 3 for part in parts[1:]) and 1 <= len(parts[0]) <= 3 and parts[0] != "0"
            if grouped:
                return int("".join(parts))
            if len(parts) == 2:
                return float(".".join(parts))
            return None
    return int(norm) if norm.isdigit() and len(norm) <= 12 else None


def _scale_after(tokens: Sequence[Token], at: int) -> tuple[int, int]:
    """The multiplier word after a number in digits, and the last token of the number."""
    if at + 1 >= len(tokens):
        return 1, at
    norm = tokens[at + 1].norm
    if norm == "k" and not tokens[at + 1].glued:
        return 1, at
    if norm in nw.EN_SCALES:
        return nw.EN_SCALES[norm], at + 1
    if norm in nw.AR_THOUSAND or norm in nw.AR_THOUSANDS_PLURAL or norm == nw.AR_THOUSAND_OR_TWO:
        return 1000, at + 1
    if norm in nw.AR_MILLIONS:
        return nw.AR_MILLIONS[norm], at + 1
    return 1, at


def _english(tokens: Sequence[Token], at: int) -> Atom | None:
    """English number words, "twenty-five", "a hundred and twenty", "fifteen hundred", "two dozen"."""
    index, article = at, tokens[at].norm in ("a", "an")
    if article:
        index += 1
    if index >= len(tokens) or not _english_value(tokens[index].norm):
        return None
    if article and tokens[index].norm not in ("hundred", "thousand", "million", "dozen"):
        return None
    total = current = 0
    last, seen, scale = at, "", 1
    while index < len(tokens):
        norm = tokens[index].norm
        kind = _english_value(norm)
        if not kind or not _may_follow(seen, kind, current):
            step = _joiner(tokens, index, kind, seen)
            if not step:
                break
            index += step
            continue
        if kind == "dozen":
            current, scale = max(current, 1) * nw.EN_DOZEN, nw.EN_DOZEN
        elif kind == "scale":
            scale = nw.EN_SCALES[norm]
            if scale == 100:
                current = max(current, 1) * 100
            else:
                total, current = total + max(current, 1) * scale, 0
        else:
            current += nw.EN_TENS.get(norm, nw.EN_UNITS.get(norm, 0))
        last, seen = index, kind
        index += 1
    return Atom(at, last, total + current, True, scale=scale)


def _english_value(norm: str) -> str:
    if norm in nw.EN_UNITS:
        return "unit"
    if norm in nw.EN_TENS:
        return "ten"
    if norm == "dozen":
        return "dozen"
    return "scale" if norm in nw.EN_SCALES and norm not in ("k", "bn") else ""


def _may_follow(seen: str, kind: str, current: int) -> bool:
    if kind == "unit":
        return seen in ("", "scale") or (seen == "ten" and current % 10 == 0)
    if kind == "ten":
        return seen in ("", "scale")
    return seen != "dozen"


def _joiner(tokens: Sequence[Token], index: int, kind: str, seen: str) -> int:
    """Tokens to skip for the hyphen of "twenty-five" and the "and" of "a hundred and twenty"; 0 ends the number."""
    if kind or index + 1 >= len(tokens):
        return 0
    following = _english_value(tokens[index + 1].norm)
    if tokens[index].norm == "-" and seen in ("ten", "unit") and following in ("unit", "scale"):
        return 1 if seen == "ten" or following == "scale" else 0
    if tokens[index].norm == "and" and seen == "scale" and following in ("unit", "ten"):
        return 1
    return 0


def _arabic(tokens: Sequence[Token], at: int) -> Atom | None:
    """Arabic number words with their prefixes: "ألفي", "الألف ومئة", "خمسة وسبعون", "ثلاثمئة وخمسين"."""
    norm = tokens[at].norm
    if norm in nw.DUALS or _strip(norm)[1] in nw.DUALS:
        prefix, word = ("", norm) if norm in nw.DUALS else _strip(norm)
        return Atom(at, at, 2, True, prefix=prefix, unit=nw.DUALS[word])
    prefix, word = _number_word(norm)
    if not word:
        return None
    first = _group(tokens, at, word)
    if first is None:
        return None
    value, last = first
    if value >= 1000:
        value, last = _arabic_tail(tokens, last, value)
    else:
        # "خمسة عشر ألفا", "مئة وخمسون ألفا"
        value, last = _small_tail(tokens, last, value)
        if last + 1 < len(tokens) and value > 0:
            after = tokens[last + 1].norm
            thousand = after in nw.AR_THOUSAND or after in nw.AR_THOUSANDS_PLURAL or after == nw.AR_THOUSAND_OR_TWO
            if thousand and (value != 2):
                value, last = _arabic_tail(tokens, last + 1, value * 1000)
    scale = 1000 if value % 1000 == 0 and value else 100 if value % 100 == 0 and value else 1
    return Atom(at, last, value, True, prefix=prefix, scale=scale)


@lru_cache(maxsize=65_536)
def _number_word(norm: str) -> tuple[str, str]:
    if _is_number_word(norm):
        return "", norm
    prefix, word = _strip(norm)
    return (prefix, word) if word and _is_number_word(word) else ("", "")


@lru_cache(maxsize=65_536)
def _strip(norm: str) -> tuple[str, str]:
    """Prefix letters and what is left, for the longest prefix that leaves a word of numbers; ("", "") if none."""
    for prefix in nw.AR_PREFIXES:
        if norm.startswith(prefix) and len(norm) > len(prefix) + 1:
            word = norm[len(prefix) :]
            if _is_number_word(word) or word in nw.DUALS:
                return prefix, word
    return "", ""


def _is_number_word(word: str) -> bool:
    return (
        word in nw.AR_UNITS
        or word in nw.AR_TENS
        or word in nw.AR_HUNDRED
        or word in nw.AR_TWO_HUNDRED
        or word in nw.AR_COMPOUND_HUNDREDS
        or word in nw.AR_THOUSAND
        or word in nw.AR_TWO_THOUSAND
        or word == nw.AR_THOUSAND_OR_TWO
        or word in nw.AR_DOZEN
    )


def _group(tokens: Sequence[Token], at: int, word: str) -> tuple[int, int] | None:
    """The value of one number word with what multiplies it, and its last token."""
    after = tokens[at + 1].norm if at + 1 < len(tokens) else ""
    if word in nw.AR_DOZEN:
        return 12, at
    if word in nw.AR_UNITS:
        unit = nw.AR_UNITS[word]
        if after in nw.AR_TEEN_TAILS and 1 <= unit <= 9:
            return unit + 10, at + 1
        if 3 <= unit <= 9 and (after in nw.AR_HUNDRED or after in nw.AR_HUNDREDS_PLURAL):
            return unit * 100, at + 1
        if 3 <= unit <= 10 and after in nw.AR_THOUSANDS_PLURAL:
            return unit * 1000, at + 1
        return unit, at
    if word in nw.AR_TENS:
        return nw.AR_TENS[word], at
    if word in nw.AR_HUNDRED:
        return 100, at
    if word in nw.AR_TWO_HUNDRED:
        return 200, at
    if word in nw.AR_COMPOUND_HUNDREDS:
        return nw.AR_COMPOUND_HUNDREDS[word], at
    if word in nw.AR_THOUSAND:
        return 1000, at
    # ألفاً with its tanwin is one thousand, ألفا before what is counted is the dual.
    return (1000 if _has_tanwin(tokens[at]) else 2000), at


def _has_tanwin(token: Token) -> bool:
    """Whether marks were folded away from the word, as in ألفاً."""
    return token.norm.endswith("ا") and token.end - token.start > len(token.norm)


def _small_tail(tokens: Sequence[Token], last: int, value: int) -> tuple[int, int]:
    """Units and tens after hundreds ("مئة وثمانين"), tens after units ("خمسة وسبعون"); each must have its و."""
    while last + 1 < len(tokens):
        part = _joined(tokens, last + 1)
        if part is None:
            break
        more, end = part
        lower = value % 100 == 0 and value > 0 and 0 < more < 100
        tens_after_unit = 0 < value % 100 < 10 and more % 10 == 0 and 20 <= more <= 90
        if not (lower or tens_after_unit):
            break
        value, last = value + more, end
    return value, last


def _joined(tokens: Sequence[Token], at: int) -> tuple[int, int] | None:
    token = tokens[at]
    if token.norm == "و" and at + 1 < len(tokens) and tokens[at + 1].sort == "number" and tokens[at + 1].norm.isdigit():
        return int(tokens[at + 1].norm[:9]), at + 1
    if token.sort != "word" or not token.norm.startswith("و"):
        return None
    word = token.norm[1:]
    word = word if _is_number_word(word) else word.removeprefix("ال")
    return _group(tokens, at, word) if _is_number_word(word) else None


def _arabic_tail(tokens: Sequence[Token], last: int, value: int) -> tuple[int, int]:
    """What is added to thousands: "ألف وخمسمئة", "ألف ومئتا", "ألف و500"."""
    if value % 1000 or last + 1 >= len(tokens):
        return value, last
    part = _joined(tokens, last + 1)
    if part is None or not 0 < part[0] < 1000 or (part[0] < 20 and tokens[part[1]].sort == "word"):
        return value, last
    more, end = _small_tail(tokens, part[1], part[0])
    return value + more, end
