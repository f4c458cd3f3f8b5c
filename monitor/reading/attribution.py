"""Where a text names a source: predicates of speech, prepositions, headlines, and those that carry one over."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from monitor.reading import speech_words as sw
from monitor.reading.tokens import Token

_LONGEST = 9  # tokens of a source's name


@dataclass(frozen=True, kw_only=True, slots=True)
class Attribution:
    """`text[start:end]` names a source; `cue_start:cue_end` is the predicate that introduces it.

    carried: no source stands here, the one before goes on speaking (start = end = -1 until resolved).
    """

    start: int
    end: int
    cue_start: int
    cue_end: int
    carried: bool = False


def attributions(text: str, tokens: Sequence[Token]) -> list[Attribution]:
    found: list[Attribution] = []
    for index, token in enumerate(tokens):
        hit = None
        if token.norm == ":" and token.sort == "mark":
            hit = _headline(text, tokens, index)
        elif token.sort == "word":
            hit = _english(text, tokens, index) if token.norm.isascii() else _arabic(tokens, index)
        if hit:
            found.append(hit)
    return sorted(found, key=lambda a: a.cue_start)


def _span(tokens: Sequence[Token], first: int, last: int, cue: tuple[int, int]) -> Attribution:
    return Attribution(
        start=tokens[first].start, end=tokens[last].end, cue_start=tokens[cue[0]].start, cue_end=tokens[cue[1]].end
    )


def _carry(tokens: Sequence[Token], cue: tuple[int, int]) -> Attribution:
    return Attribution(start=-1, end=-1, cue_start=tokens[cue[0]].start, cue_end=tokens[cue[1]].end, carried=True)


_QUOTES = frozenset("\"“”«»‘’'")


_BREAKS = frozenset(".!?؟:;؛()[]–—\n،,")


def _english(text: str, tokens: Sequence[Token], at: int) -> Attribution | None:
    preposition = _english_preposition(tokens, at)
    if preposition:
        span = _english_after(tokens, at + preposition)
        return _span(tokens, *span, (at, at + preposition - 1)) if span else None
    weak = tokens[at].norm in sw.EN_WEAK_VERBS
    if tokens[at].norm not in sw.EN_VERBS or (weak and text[tokens[at].start].isupper()):  # "the United States"
        return None
    before = _english_before(text, tokens, at)
    if before:
        words = [tokens[i].norm for i in range(before[0], before[1] + 1)]
        if len(words) == 1 and words[0] in ("he", "she", "they", "it", "who", "we", "i"):
            return _carry(tokens, (at, at))
        if _is_source(text, tokens, before, weak=weak):
            return _span(tokens, *before, (at, at))
    if at and tokens[at - 1].norm in _QUOTES | {",", "،"}:
        after = _english_after(tokens, at + 1)
        if after and _is_source(text, tokens, after, weak=True):
            return _span(tokens, *after, (at, at))
    return None


_EN_PREPOSITIONS = tuple(sorted((tuple(p.split()) for p in sw.EN_PREPOSITIONS), key=len, reverse=True))


def _english_preposition(tokens: Sequence[Token], at: int) -> int:
    for words in _EN_PREPOSITIONS:
        if tokens[at].norm == words[0] and tuple(t.norm for t in tokens[at : at + len(words)]) == words:
            return len(words)
    return 0


def _english_before(text: str, tokens: Sequence[Token], at: int) -> tuple[int, int] | None:
    """The noun phrase that ends before the verb: back to a break, a stop word or the start of its sentence."""
    last = at - 1
    while last >= 0 and (tokens[last].norm in sw.WEEKDAYS_AND_ADVERBS or tokens[last].norm in ("has", "have", "had")):
        last -= 1
    if last >= 1 and tokens[last].norm == ",":
        # "The officer, who asked not to be named, said": the phrase before the aside.
        opening = _aside(tokens, last)
        if opening is None:
            return None
        last = opening - 1
    first = last
    while first >= 0 and last - first < _LONGEST and not _ends_english(text, tokens, first):
        first -= 1
    first += 1
    while first <= last and tokens[first].norm in sw.LEADING:
        first += 1
    return (first, last) if first <= last else None


def _aside(tokens: Sequence[Token], comma: int) -> int | None:
    for back in range(comma - 1, max(comma - 14, -1), -1):
        if tokens[back].norm == ",":
            return back if tokens[back + 1].norm in ("who", "which", "speaking", "whose", "a", "an", "the") else None
        if tokens[back].norm in (".", ";"):
            return None
    return None


def _ends_english(text: str, tokens: Sequence[Token], index: int) -> bool:
    norm = tokens[index].norm
    if tokens[index].sort == "mark":
        if norm == "." and index + 1 < len(tokens) and tokens[index + 1].glued:
            return False
        if (
            norm == "."
            and index
            and tokens[index - 1].norm
            in ("mr", "gen", "maj", "col", "lt", "capt", "s", "u", "sgt", "adm", "brig", "dr", "sen")
        ):
            return False
        return norm not in ("-", "'", "’", "/")
    return norm in sw.EN_STOP and norm not in ("on", "in")


def _english_after(tokens: Sequence[Token], at: int) -> tuple[int, int] | None:
    """The noun phrase that begins here: up to a break or a word that opens a clause."""
    index = at
    while index < len(tokens) and index - at < _LONGEST:
        norm = tokens[index].norm
        if (
            tokens[index].sort == "mark"
            and norm not in ("-", "'", "’", "/")
            and not (norm == "." and _dotted(tokens, index))
        ):
            break
        if (
            index > at
            and norm in sw.EN_STOP
            and not (
                norm in ("in", "on")
                and index + 1 < len(tokens)
                and tokens[index + 1].norm not in sw.EN_STOP
                and tokens[index + 1].norm != "condition"
            )
        ):
            break
        if index > at and norm in sw.EN_VERBS and norm not in sw.EN_SOURCE_NOUNS:
            break
        index += 1
    return (at, index - 1) if index > at else None


def _dotted(tokens: Sequence[Token], index: int) -> bool:
    before = tokens[index - 1].norm if index else ""
    return len(before) <= 3 and before.isalpha() and index + 1 < len(tokens)


def _is_source(text: str, tokens: Sequence[Token], span: tuple[int, int], *, weak: bool) -> bool:
    """Whether the phrase can speak: it has a word for a source, or a name."""
    words = [tokens[i] for i in range(span[0], span[1] + 1)]
    if any(word.norm.removesuffix("'s") in sw.EN_SOURCE_NOUNS for word in words):
        return True
    named = any(text[word.start].isupper() for word in words if word.sort == "word")
    return named and len(words) <= 6 and (not weak or len(words) <= 4)


def _headline(text: str, tokens: Sequence[Token], colon: int) -> Attribution | None:
    """The source before the colon that opens a sentence: "SOHR: …", مصدر عسكري: …"""
    first = colon
    while (
        first > 0
        and colon - first < _LONGEST
        and tokens[first - 1].norm not in (".", "!", "؟", ":", ";", "؛")
        and not _newline(text, tokens, first)
    ):
        first -= 1
    if first >= colon or colon - first >= _LONGEST:
        return None
    while first < colon and tokens[first].norm in sw.HEADLINE_TAGS | _QUOTES | {"#", "🔴", ",", "،"}:
        first += 1
    words = tokens[first:colon]
    if not words or any(word.sort == "number" for word in words):
        return None
    verbs = sum(
        word.norm in sw.AR_VERBS or word.norm in sw.EN_VERBS or word.norm.lstrip("و") in sw.AR_VERBS for word in words
    )
    named = any(arabic_source(word.norm) or word.norm.removesuffix("'s") in sw.EN_SOURCE_NOUNS for word in words)
    short = len(words) <= 2 and (not words[0].norm.isascii() or text[words[0].start].isupper())
    if verbs or not (named or short):
        return None
    return _span(tokens, first, colon - 1, (colon, colon))


def _newline(text: str, tokens: Sequence[Token], first: int) -> bool:
    return "\n" in text[tokens[first - 1].end : tokens[first].start]


_AR_PREPOSITIONS = tuple(sorted((tuple(p.split()) for p in sw.AR_PREPOSITIONS), key=len, reverse=True))


_AR_FIRST = frozenset(words[0] for words in _AR_PREPOSITIONS)


def _bare(norm: str) -> str:
    return norm[1:] if len(norm) > 3 and norm[0] in "وف" else norm


def _arabic(tokens: Sequence[Token], at: int) -> Attribution | None:
    size, glued = _arabic_preposition(tokens, at)
    if size and not glued and [token.norm for token in tokens[at + size : at + size + 1]] == ["ما"]:
        return _by_what(tokens, at, at + size + 1)
    if size:
        span = _arabic_after(tokens, at + size - 1 if glued else _behind(tokens, at + size - 1), cut=glued)
        return _span(tokens, *span, (at, at + max(size - (2 if glued else 1), 0))) if span else None
    norm = tokens[at].norm
    verb = norm if norm in sw.AR_VERBS else _bare(norm)
    if verb not in sw.AR_VERBS:
        return None
    if verb in ("نقل", "نقلت", "ينقل", "تنقل"):
        return _quoted_from(tokens, at)
    after = _arabic_after(tokens, _behind(tokens, at))
    if after and (_has_source(tokens, after) or (verb not in sw.AR_WEAK_VERBS and _may_name(tokens, after))):
        return _span(tokens, *after, (at, at))
    before = _arabic_before(tokens, at)
    if before:
        return _span(tokens, *before, (at, at))
    if verb in sw.AR_CARRIED or (
        verb not in sw.AR_WEAK_VERBS and at + 1 < len(tokens) and tokens[at + 1].norm in ("ان", "انه", "انها", "ان")
    ):
        return _carry(tokens, (at, at))
    return None


def _arabic_preposition(tokens: Sequence[Token], at: int) -> tuple[int, bool]:
    """(tokens of the preposition, whether its last letter ل is glued to the source), (0, False) if none stands here."""
    first = tokens[at].norm if tokens[at].norm in _AR_FIRST else _bare(tokens[at].norm)
    if first not in _AR_FIRST:
        return 0, False
    for words in _AR_PREPOSITIONS:
        if words[0] != first:
            continue
        here = [first, *(t.norm for t in tokens[at + 1 : at + len(words)])]
        if len(here) < len(words):
            continue
        if words[-1] == "ل" and here[:-1] == list(words[:-1]) and here[-1].startswith("ل") and len(here[-1]) > 2:
            return len(words), True
        if tuple(here) == words:
            return len(words), False
    return 0, False


def _by_what(tokens: Sequence[Token], at: int, verb: int) -> Attribution | None:
    """وفق ما أعلنت Y, وفق ما أفاد به Y, بحسب ما نقلته X عن Y; but not وفق ما تقتضيه الخطة, which nobody says."""
    if verb < len(tokens) and sw.without_pronoun(tokens[verb].norm).startswith("نقل"):
        quoted = _quoted_from(tokens, verb)
        if quoted:
            return quoted
    span = _arabic_after(tokens, _behind(tokens, verb))
    if span and (_has_source(tokens, span) or sw.without_pronoun(tokens[verb].norm) in sw.AR_VERBS):
        return _span(tokens, *span, (at, verb))
    return None


def _behind(tokens: Sequence[Token], verb: int) -> int:
    """Where the subject may begin behind a verb: أفاد به Y."""
    back = verb + 1 < len(tokens) and tokens[verb + 1].norm in ("به", "بها", "عنه", "عنها", "اليه")
    return verb + (2 if back else 1)


def _quoted_from(tokens: Sequence[Token], at: int) -> Attribution | None:
    """نقلت X عن Y: the source is Y."""
    for index in range(at + 1, min(at + 10, len(tokens) - 1)):
        if tokens[index].norm == "عن":
            span = _arabic_after(tokens, index + 1)
            return _span(tokens, *span, (at, index)) if span and _may_name(tokens, span) else None
        if tokens[index].norm in (".", "الي", "من", ":"):
            break
    return None


def _arabic_after(tokens: Sequence[Token], at: int, *, cut: bool = False) -> tuple[int, int] | None:
    index = at
    described = False
    while index < len(tokens) and index - at < _LONGEST:
        token = tokens[index]
        if token.sort == "mark":
            if token.norm in _QUOTES and (index == at or described or index - at <= 4):
                if index > at and index + 1 < len(tokens) and not tokens[index].glued and not described:
                    break
                index += 1
                continue
            break
        if token.sort == "number" and not (index and tokens[index - 1].norm in ("الفرقه", "اللواء")):
            break
        if index > at and (
            _stops_arabic(tokens, index, described) or (cut and token.norm[0] == "ي" and len(token.norm) > 3)
        ):
            break
        if index == at and token.norm in sw.AR_STOP:
            return None
        described = described or arabic_source(token.norm)
        index += 1
    while index > at and tokens[index - 1].norm in _QUOTES and not _balanced(tokens, at, index):
        index -= 1
    return (at, index - 1) if index > at else None


def _balanced(tokens: Sequence[Token], at: int, end: int) -> bool:
    return sum(1 for token in tokens[at:end] if token.norm in _QUOTES) % 2 == 0


def _stops_arabic(tokens: Sequence[Token], index: int, described: bool) -> bool:
    norm = tokens[index].norm
    following = tokens[index + 1].norm if index + 1 < len(tokens) else ""
    if norm in ("في", "من", "علي", "داخل"):
        return (
            not described
            or norm == "علي"
            or following in sw.AR_NOT_DESCRIBED
            or (norm == "من" and following in ("ان", "قاعده"))
        )
    if described and norm.startswith("ل") and len(norm) > 4 and not norm.startswith("لد"):
        return True
    if norm in sw.AR_STOP or (
        norm.startswith("ل") and norm[1:].startswith(("وكال", "صحيف", "قنا", "موقع", "ل", "شبك"))
    ):
        return True
    return _bare(norm) in sw.AR_VERBS and norm not in ("بين",)


def arabic_source(norm: str) -> bool:
    if norm in sw.AR_SOURCE_NOUNS:
        return True
    word = _bare(norm)
    if word[:1] in "لب" and word[1:] in sw.AR_SOURCE_NOUNS:
        return True
    return word in sw.AR_SOURCE_NOUNS or (word.startswith("ال") and word[2:] in sw.AR_SOURCE_NOUNS)


def _has_source(tokens: Sequence[Token], span: tuple[int, int]) -> bool:
    return any(arabic_source(tokens[i].norm) for i in range(span[0], min(span[1], span[0] + 2) + 1))


def _may_name(tokens: Sequence[Token], span: tuple[int, int]) -> bool:
    """Whether a phrase without a word for a source can be a name: short, and not about what is told."""
    size = span[1] - span[0] + 1
    return size <= 5 and tokens[span[0]].norm not in sw.AR_NOT_NAMES and not tokens[span[0]].norm.startswith("ب")


def _arabic_before(tokens: Sequence[Token], at: int) -> tuple[int, int] | None:
    """The source of a nominal sentence (المتحدث قال إن): back to a break, only with a word for a source or one word."""
    first = at
    while first > 0 and at - first < 6:
        norm = tokens[first - 1].norm
        if (
            tokens[first - 1].sort != "word"
            or norm in sw.AR_STOP
            or _bare(norm) in sw.AR_VERBS
            or norm in ("كما", "ما", "فيما", "وفيما")
        ):
            break
        first -= 1
    if first == at:
        return None
    for index in range(first, at):
        if arabic_source(tokens[index].norm):
            return index, at - 1
    return None
