"""What is seen of a number in its sentence, as named features: the input of the decision what it counts.

Composed features come first (the rules' reading, the cues of the number's own part by side, distance and form, whose
and where it is); the words around the number stand beside them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta

from db.records import Period
from monitor.reading.cues import Hit
from monitor.reading.figures import HARD, SOFT, Line, Number
from monitor.reading.senses import lemma

_WINDOW = 8
_PLACES = ("home", "away")


def features(line: Line, number: Number, ruled: Sequence[str]) -> list[str]:
    """All features of one number, each once. ruled: what the rules read there, most telling first."""
    if number.seen is None:
        makers = (_self, _hits, _sides, _places, _neighbours, _dates, _words)
        number.seen = [name for maker in makers for name in maker(line, number)]
    return list(dict.fromkeys(("bias", f"lang={line.passage.lang}", *ruled, *number.seen)))


def _self(line: Line, number: Number) -> Iterator[str]:
    quantity = number.quantity
    size = quantity.high if quantity.high is not None else quantity.low or 0
    bucket = (
        0
        if size == 0
        else 1
        if size < 10
        else 2
        if size < 40
        else 3
        if size < 150
        else 4
        if size < 700
        else 5
        if size < 3000
        else 6
    )
    yield f"unit={number.unit}"
    yield f"size={bucket}"
    yield f"unit={number.unit}|size={bucket}"
    yield f"comparator={quantity.comparator.value}"
    yield f"unit={number.unit}|{quantity.comparator.value}"
    yield f"relation={quantity.relation}|{number.unit}"
    yield f"sort={quantity.sort.value}"
    yield f"words={quantity.words}|{number.unit}"
    if number.noun:
        yield f"noun={lemma(line.words[number.noun.first].text)}"
    word = line.words[number.core].text
    if line.passage.lang == "ar":
        yield f"prefix={word[:2] if word.startswith('ال') else word[0] if word[0] in 'وفبلك' and len(word) > 3 else ''}"
        yield f"definite={word.startswith('ال')}|{number.unit}"


def _near(gap: int) -> str:
    return "1" if abs(gap) <= 1 else "3" if abs(gap) <= 3 else "6" if abs(gap) <= 6 else "far"


def _hits(line: Line, number: Number) -> Iterator[str]:
    own = set(map(id, number.hits))
    for hit in line.hits:
        if hit.cls in ("adjective", "function"):
            continue
        gap = number.gap(hit)
        side = "<" if hit.last <= number.first else ">" if hit.first >= number.last else "="
        if id(hit) in own:
            yield f"h{side}{hit.cls}"
            yield f"h{side}{hit.cls}|{_near(gap)}"
            if hit.form:
                yield f"h{side}{hit.cls}|{hit.form}|{_state(line, hit)}"
            if abs(gap) <= 8:
                yield f"e{side}{hit.cls}:{hit.cue.entry}"
            if hit.cls in (
                "planned",
                "possible",
                "denied",
                "historical",
                "considered",
                "now",
                "captive",
                "hurt",
                "other",
            ):
                yield f"h{hit.cls}|{number.unit}"
        else:
            yield f"far{side}{hit.cls}"


def _state(line: Line, hit: Hit) -> str:
    """The small words before a verb: its tense and voice, as they stand."""
    if line.passage.lang == "ar":
        before = line.words[hit.first - 1].text if hit.first else ""
        small = (
            before
            if before in ("لم", "لن", "قد", "سوف", "كان", "كانت", "ان", "لا", "تم", "بعد", "عن", "من", "الي")
            else ""
        )
        return f"{'س' if 'س' in hit.clitics else ''}{small}"
    words = {line.words[i].text for i in range(max(hit.first - 3, 0), hit.first)}
    for group in (
        ("not", "never", "no"),
        ("will", "would", "to", "ll", "shall", "going"),
        ("could", "may", "might", "should"),
        ("had",),
        ("have", "has"),
        ("being",),
        ("be",),
        ("is", "are"),
        ("was", "were"),
    ):
        if words & set(group):
            return group[0]
    return ""


_GOVERN = ("leave", "reduce", "rise", "add", "stay", "present", "remains", "gone", "target", "more", "part", "whole")


def _sides(line: Line, number: Number) -> Iterator[str]:
    """The nearest governing cue on each side, and the two together."""
    left = [h for h in number.hits if h.cls in _GOVERN and h.last <= number.first]
    right = [h for h in number.hits if h.cls in _GOVERN and h.first >= number.last]
    one = max(left, key=lambda h: h.last, default=None)
    two = min(right, key=lambda h: h.first, default=None)
    first = f"{one.cls}/{_state(line, one)}/{one.form}" if one else "-"
    second = f"{two.cls}/{_state(line, two)}/{two.form}" if two else "-"
    yield f"L={first}"
    yield f"R={second}"
    yield f"LR={one.cls if one else '-'}+{two.cls if two else '-'}"
    mood = "+".join(
        sorted({h.cls for h in number.hits if h.cls in ("planned", "possible", "denied", "historical", "now")})
    )
    yield f"mood={mood}"
    yield f"L={one.cls if one else '-'}|{mood}"
    yield f"R={two.cls if two else '-'}|{mood}"


def _places(line: Line, number: Number) -> Iterator[str]:
    best: dict[str, int] = {}
    for hit in line.hits:
        if (
            hit.cls in _PLACES
            or hit.cls in ("ours", "other", "captive", "hurt", "force")
            or hit.cls.startswith("party.")
        ):
            cls = "party" if hit.cls.startswith("party.") else hit.cls
            gap = abs(number.gap(hit))
            best[cls] = min(gap, best.get(cls, gap))
    for cls, gap in best.items():
        yield f"near:{cls}={_near(gap)}"
    if "away" in best:
        yield f"away<home={best['away'] < best.get('home', 99)}"
    for cls in ("ours", "force", "home"):
        if cls not in best:
            yield f"no {cls}"
    sites = [
        (abs(number.first - first), base) for base, first, last in line.sites if number.left <= first < number.right
    ]
    yield f"sites={min(len(sites), 3)}"
    if sites:
        yield f"site={_near(min(sites)[0])}"


def _neighbours(line: Line, number: Number) -> Iterator[str]:
    numbers = line.numbers
    if number not in numbers:
        return
    at = numbers.index(number)
    yield f"at={min(at, 2)}/{min(len(numbers), 4)}"
    size = number.quantity.high or number.quantity.low or 0
    for name, other in (
        ("prev", numbers[at - 1] if at else None),
        ("next", numbers[at + 1] if at + 1 < len(numbers) else None),
    ):
        if other is None:
            yield f"{name}=none"
            continue
        theirs = other.quantity.high or other.quantity.low or 0
        more = "same" if theirs == size else "more" if theirs > size else "less"
        yield f"{name}={other.unit}|{more}"
        yield f"{name}:unit={other.unit}|{number.unit}"
        gap = line.words[min(other.last, number.last) : max(other.first, number.first)]
        if len(gap) <= 3:
            yield f"{name}:link={' '.join(word.text for word in gap)}"


def _dates(line: Line, number: Number) -> Iterator[str]:
    published = line.passage.published
    if published is None or number.right <= number.left:
        return
    begin, end = line.quote(number.left, number.right)
    for mention in line.passage.dates:
        if begin <= mention.start and mention.end <= end:
            days = Period.parse(mention.date)
            side = "<" if mention.start < number.quantity.start else ">"
            age = (
                "ahead"
                if days.first > published.date()
                else "old"
                if days.last < published.date() - timedelta(days=45)
                else "now"
            )
            yield f"date={age}"
            yield f"date{side}{age}"
            yield f"date={age}|{mention.sort}"


def _words(line: Line, number: Number) -> Iterator[str]:
    words = line.words
    before = [lemma(words[i].text) for i in range(max(0, number.first - _WINDOW), number.first)][::-1]
    behind = [lemma(words[i].text) for i in range(number.last, min(len(words), number.last + _WINDOW))]
    for side, near in (("<", before), (">", behind)):
        for index, word in enumerate(near):
            yield f"w{side}{word}"
            if index < 3:
                yield f"n{side}{word}"
            if index < 4 and index:
                yield f"b{side}{near[index - 1]} {word}"
        yield f"1{side}{near[0] if near else ''}"
        yield f"1{side}{near[0] if near else ''}|{number.unit}"
        if len(near) > 1:
            yield f"2{side}{near[0]} {near[1]}"
    for index in range(number.left, number.right):
        if not number.first <= index < number.last and words[index].text not in HARD and words[index].text not in SOFT:
            yield f"c={lemma(words[index].text)}"
    for each in words:
        if len(each.text) > 2:
            yield f"s={lemma(each.text)}"


LEXICAL = ("w<", "w>", "n<", "n>", "b<", "b>", "1<", "1>", "2<", "2>", "c=", "s=", "e<", "e>", "noun=")
