"""How a number is meant: the comparators before and after it, in both languages, and what negation makes of them."""

from __future__ import annotations

from collections.abc import Sequence

from db.records import Comparator
from monitor.reading import number_words as nw
from monitor.reading.tokens import Token

_Table = dict[str, list[tuple[tuple[frozenset[str], ...], Comparator]]]


def _table(phrases: dict[str, tuple[str, ...]], *, key: int) -> _Table:
    """Phrases by their last (key -1) or first (key 0) word, longest first."""
    table: _Table = {}
    for name, lines in phrases.items():
        for line in lines:
            words = tuple(frozenset(word.split("|")) for word in line.split())
            for word in words[key]:
                table.setdefault(word, []).append((words, Comparator(name)))
    for entries in table.values():
        entries.sort(key=lambda entry: -len(entry[0]))
    return table


_BEFORE = _table(nw.BEFORE, key=-1)


_AFTER = _table(nw.AFTER, key=0)


_GLUED_SIGNS = frozenset({"<", ">", "~", "≈", "≤", "≥"})


def _fits(tokens: Sequence[Token], at: int, words: Sequence[frozenset[str]]) -> bool:
    """Whether the phrase stands at this index; its first word may carry و, ف or ب."""
    if at < 0 or at + len(words) > len(tokens):
        return False
    return all(_is_one(tokens[at + i].norm, words[i], first=i == 0) for i in range(len(words)))


def _is_one(norm: str, forms: frozenset[str], *, first: bool) -> bool:
    return norm in forms or (first and len(norm) > 3 and norm[0] in "وفبل" and norm[1:] in forms)


def comparator_before(tokens: Sequence[Token], first: int, prefix: str) -> tuple[Comparator | None, int]:
    """The comparator that ends right before the number, and the index at which it begins."""
    index, steps = first - 1, 0
    result: Comparator | None = None
    begin = first
    while index >= 0 and steps < 4:
        entry = _ending_at(tokens, index)
        if entry:
            comparator, start = entry
            comparator, start = _negate(tokens, start, comparator)
            if result is None or (result is Comparator.ABOUT and comparator is not Comparator.ABOUT):
                result = comparator
            begin, index, steps = start, start - 1, steps
            if result is not Comparator.ABOUT:
                break
            steps = 3
            continue
        if tokens[index].norm not in nw.BETWEEN:
            break
        index, steps = index - 1, steps + 1
    if result in (None, Comparator.ABOUT):
        far = _far(tokens, first)
        if far:
            return far
    return result, begin


_FAR_LOWER = ("يقل", "تقل", "يقلون", "ينزل", "تنزل", "النزول", "يهبط", "تهبط", "تنخفض", "ينخفض")


_FAR_HIGHER = (
    "يزيد", "تزيد", "يزيدون", "يربو", "تربو", "يتعدي", "تتعدي", "يتعدون", "يتعدوا", "يتجاوز", "تتجاوز", "يتجاوزون",
    "يتجاوزوا", "يتخطي", "تتخطي", "يتخطون", "يتخطوا", "يفوق", "تفوق",
)  # fmt: skip


def _far(tokens: Sequence[Token], first: int) -> tuple[Comparator, int] | None:
    """An Arabic verb of comparing that words stand behind: "لا يقل عدد العسكريين في سوريا عن ألف"."""
    linked = first > 0 and tokens[first - 1].norm in ("عن", "علي")
    for back in range(first - 1, max(first - (11 if linked else 8), -1), -1):
        norm = tokens[back].norm
        if tokens[back].sort == "number" or norm in (".", "؛", ";", ":", "،", ","):
            return None
        lower, higher = norm in _FAR_LOWER, norm in _FAR_HIGHER
        if not (lower or higher):
            continue
        negated = any(
            token.norm in nw.NEGATIONS or token.norm[1:] in nw.NEGATIONS or token.norm in ("بالا", "الا", "عدم", "بعدم")
            for token in tokens[max(back - 2, 0) : back]
        )
        if lower and linked:
            return (Comparator.AT_LEAST if negated else Comparator.LESS_THAN), back
        if higher and negated:
            return Comparator.AT_MOST, back
        if higher and linked and norm in ("يزيد", "تزيد", "يربو", "تربو"):
            return Comparator.MORE_THAN, back
        return None
    return None


def _ending_at(tokens: Sequence[Token], index: int) -> tuple[Comparator, int] | None:
    norm = tokens[index].norm
    if norm in _GLUED_SIGNS and not (index + 1 < len(tokens) and tokens[index + 1].glued):
        return None
    candidates = _BEFORE.get(norm) or (_BEFORE.get(norm[1:]) if len(norm) > 3 and norm[0] in "وفبل" else None) or ()
    for words, comparator in candidates:
        start = index - len(words) + 1
        if _fits(tokens, start, words):
            return comparator, start
    return None


def _negate(tokens: Sequence[Token], start: int, comparator: Comparator) -> tuple[Comparator, int]:
    if comparator.value not in nw.NEGATED or start == 0:
        return comparator, start
    for back in (1, 2, 3):
        if start - back < 0:
            break
        norm = tokens[start - back].norm
        if norm in nw.NEGATIONS or norm.lstrip("وف") in nw.NEGATIONS:
            begin = start - back
            if begin and tokens[begin - 1].norm in ("ما", "بما"):
                begin -= 1
            return Comparator(nw.NEGATED[comparator.value]), begin
        if norm not in (
            "عددهم",
            "عددها",
            "now",
            "currently",
            "be",
            "any",
            "fall",
            "fallen",
            "drop",
            "go",
            "dropped",
            "gone",
        ):
            break
    if start and tokens[start - 1].norm in ("ما", "بما", "لما"):
        start -= 1
    return comparator, start


def comparator_after(tokens: Sequence[Token], last: int) -> tuple[Comparator | None, int]:
    """The comparator after the number, also past one counted word ("500 soldiers at least"), and its last token."""
    for gap in (1, 2, 3):
        at = last + gap
        if at >= len(tokens) or (gap > 1 and tokens[at - 1].sort != "word"):
            break
        norm = tokens[at].norm
        for words, comparator in _AFTER.get(norm, ()):
            if gap > 1 and (norm in ("-", "+", "ish", "odd", "plus", "max", "tops") or not _fits(tokens, at, words)):
                continue
            behind = tokens[at + len(words)].norm if at + len(words) < len(tokens) else ""
            if behind in ("than", "من"):  # it belongs to the next number
                continue
            if _fits(tokens, at, words) and (norm not in ("-", "+") or tokens[at].glued):
                return comparator, (at + len(words) - 1 if gap == 1 else last)
    return None, last


STRENGTH = (Comparator.AT_MOST, Comparator.AT_LEAST, Comparator.LESS_THAN, Comparator.MORE_THAN, Comparator.ABOUT)


def bounds(value: int, comparator: Comparator) -> tuple[int | None, int | None]:
    """Low and high of one number, by the contract of a claim."""
    if comparator in (Comparator.LESS_THAN, Comparator.AT_MOST):
        return None, value
    if comparator in (Comparator.MORE_THAN, Comparator.AT_LEAST):
        return value, None
    return value, value
