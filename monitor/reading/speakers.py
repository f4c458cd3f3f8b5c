"""Who says it: the nearest named or described source of a span, as the text writes it, and what kind it is.

Sources are introduced by predicates of speech before, after or between ("said", قال), by prepositions ("according
to", بحسب), or by the colon of a headline. One who spoke is carried over by وأضاف or "he added".
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache

from monitor.reading import speech_words as sw
from monitor.reading.attribution import Attribution, arabic_source, attributions
from monitor.reading.tokens import Token, tokenize
from monitor.topics import Topic

NAMED = "named-person"
ANONYMOUS = "anonymous"


class Speakers:
    """The sources of one text. Built once a text; `of` answers for a span."""

    def __init__(self, text: str, tokens: Sequence[Token] | None = None) -> None:
        self.text = text
        self._tokens = tokenize(text) if tokens is None else tokens
        self._found = attributions(text, self._tokens)

    @property
    def found(self) -> Sequence[Attribution]:
        """All attributions in order."""
        return self._found

    def of(self, start: int, end: int, sentence: tuple[int, int]) -> str | None:
        """The source of [start, end): nearest in its sentence, else one that a carrying verb takes over, else None."""
        inside = [a for a in self._found if sentence[0] <= a.cue_start < sentence[1]]
        named = [a for a in inside if not a.carried and not (a.start >= start and a.end <= end and a.cue_start >= end)]
        if named:
            best = min(named, key=lambda a: _distance(a, start, end))
            return self.text[best.start : best.end]
        if any(a.carried for a in inside):
            before = [a for a in self._found if a.cue_start < sentence[0] and not a.carried]
            if before:
                return self.text[before[-1].start : before[-1].end]
        return None


def _distance(a: Attribution, start: int, end: int) -> int:
    first, last = min(a.start, a.cue_start), max(a.end, a.cue_end)
    if last <= start:
        return start - last
    if first >= end:
        return first - end + 1
    return 0


# --- Kinds ----------------------------------------------------------------------------------------------------------


def kind_of(speaker: str | None, topic: Topic) -> str:
    """The id of the topic's speaker kind that a source falls under: the longest name that it contains.

    "anonymous" for a described source that no kind names and for None, "named-person" for a bare name.
    """
    if not speaker:
        return ANONYMOUS
    folded = [token.norm for token in tokenize(speaker) if token.sort != "mark"]
    best, longest = "", 0
    for kind_id, names in _names(topic).items():
        for name in names:
            if len(name) > longest and _contains(folded, name):
                best, longest = kind_id, len(name)
    described = any(arabic_source(word) or word.removesuffix("'s") in sw.EN_SOURCE_NOUNS for word in folded)
    anonymous = described and _indefinite(folded)
    if best and not (anonymous and topic.speakers[best].official):
        return best
    if anonymous and best:
        return "unnamed-official" if "unnamed-official" in topic.speakers else ANONYMOUS
    return ANONYMOUS if described or not folded else (NAMED if NAMED in topic.speakers else ANONYMOUS)


_PERSONAL = frozenset(
    [
        "official",
        "officials",
        "source",
        "sources",
        "officer",
        "officers",
        "commander",
        "commanders",
        "diplomat",
        "diplomats",
        "aide",
        "aides",
        "people",
    ]
) | frozenset(
    [
        "مصدر",
        "مصادر",
        "مصدران",
        "مصدرين",
        "مسؤول",
        "مسؤولون",
        "مسؤولين",
        "مسؤولان",
        "ضابط",
        "ضباط",
        "قيادي",
        "دبلوماسي",
        "المصدر",
        "المصادر",
        "المسؤول",
        "الضابط",
        "مسؤولو",
    ]
)


def _indefinite(folded: Sequence[str]) -> bool:
    """Whether it is a person without a name: "a Pentagon official", مصدر في البنتاغون."""
    return any(word in _PERSONAL for word in folded)


@lru_cache(maxsize=8)
def _names_of(pairs: tuple[tuple[str, tuple[str, ...]], ...]) -> Mapping[str, tuple[tuple[str, ...], ...]]:
    return {
        kind: tuple(tuple(token.norm for token in tokenize(name) if token.sort != "mark") for name in names)
        for kind, names in pairs
    }


def _names(topic: Topic) -> Mapping[str, tuple[tuple[str, ...], ...]]:
    return _names_of(
        tuple((kind.id, tuple(n for names in kind.names.values() for n in names)) for kind in topic.speakers.values())
    )


def _contains(words: Sequence[str], name: Sequence[str]) -> bool:
    if not name:
        return False
    return any(all(_same(words[at + i], name[i]) for i in range(len(name))) for at in range(len(words) - len(name) + 1))


def _same(word: str, name: str) -> bool:
    if word == name or word.removesuffix("'s") == name:
        return True
    if word.isascii():
        return False
    return any(word == prefix + name for prefix in ("و", "ب", "ل", "ف", "ال", "وال", "بال")) or (
        "لل" + name.removeprefix("ال") == word
    )


def agency_of(speaker: str | None, topic: Topic) -> str | None:
    """The id of the news agency or outlet that a source names, by which origins can be told; None for others."""
    if not speaker:
        return None
    words = [token.norm for token in tokenize(speaker) if token.sort != "mark"]
    best, longest = None, 0
    for agency, names in _agency_names(topic).items():
        for name in names:
            if len(name) > longest and _contains(words, name):
                best, longest = agency, len(name)
    return best


def _agency_names(topic: Topic) -> Mapping[str, tuple[tuple[str, ...], ...]]:
    return _names_of(
        tuple(
            (party.id, tuple(n for names in party.spellings.values() for n in names))
            for party in topic.agencies.values()
        )
    )


def cited_agencies(text: str, topic: Topic) -> list[str]:
    """The agencies that a text names as its source anywhere, in order of first mention, each once."""
    tokens = tokenize(text)
    found: dict[str, int] = {}
    for attribution in attributions(text, tokens):
        if attribution.carried:
            continue
        around = text[max(0, attribution.cue_start - 40) : attribution.cue_end + 60]
        for piece in (text[attribution.start : attribution.end], around):
            agency = agency_of(piece, topic)
            if agency:
                found.setdefault(agency, attribution.start)
                break
    return sorted(found, key=found.__getitem__)
