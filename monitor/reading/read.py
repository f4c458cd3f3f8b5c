"""Reading a text: from words to claims."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime

from db.records import Claim, Kind, Modality, StatusValue
from monitor.reading.clauses import analyse
from monitor.reading.cues import Lexicon
from monitor.reading.dates import date_for
from monitor.reading.figures import FigureCues, Passage
from monitor.reading.gazetteer import Gazetteer, Mention
from monitor.reading.kinds import base_status
from monitor.reading.kinds.base_count import base_counts
from monitor.reading.kinds.convoy import convoys
from monitor.reading.kinds.deadline import deadlines
from monitor.reading.kinds.decide import Decider
from monitor.reading.kinds.detainees import detainees
from monitor.reading.kinds.troop_figure import troop_figures
from monitor.reading.status_rules import Context
from monitor.reading.text import Span, Text, language
from monitor.topics import Topic

# The kinds that read numbers and dates: each gives the claims of one prepared passage.
NUMBER_KINDS: tuple[Callable[[Passage], Iterator[Claim]], ...] = (
    troop_figures,
    deadlines,
    base_counts,
    convoys,
    detainees,
)

_LONGEST = 2_000  # characters of a sentence that are read at once


class Reader:
    """Reads texts of one topic. Made once, used for many; holds no state between texts."""

    def __init__(self, topic: Topic) -> None:
        self._gazetteer = Gazetteer(topic)
        self._lexicons = {lang: Lexicon(lang, topic) for lang in topic.cues}
        self._decider = Decider.load(topic.folder)
        self._figures = FigureCues(topic)

    def read(self, text: str, lang: str | None = None, published: datetime | None = None) -> list[Claim]:
        """The claims of a text, by position; none in a language that the topic has no cues for."""
        normal = Text(text)
        lang = lang or language(normal)
        lexicon = self._lexicons.get(lang or "")
        if lexicon is None:
            return []
        passage = Passage(normal, lexicon.lang, self._figures, published)
        claims = self._statuses(normal, lexicon, passage)
        for kind in NUMBER_KINDS:
            claims += kind(passage)
        return _distinct(claims)

    def _statuses(self, text: Text, lexicon: Lexicon, passage: Passage) -> list[Claim]:
        claims: list[Claim] = []
        for scene in self._scenes(text, lexicon, passage.published):
            claims += [_placed(claim, scene, passage) for claim in self._decider.decide(scene, lexicon.lang)]
        return claims

    def scenes(self, text: str, lang: str, published: datetime | None = None) -> list[base_status.Scene]:
        """What the decision is made on: every base in its clause. For training and for tests."""
        return list(self._scenes(Text(text), self._lexicons[lang], published))

    def _scenes(self, text: Text, lexicon: Lexicon, published: datetime | None) -> Iterator[base_status.Scene]:
        mentions = self._gazetteer.find(text)
        starts = [mention.start for mention in mentions]
        antecedent: tuple[str, ...] = ()
        for span in _readable(text):
            inside = mentions[bisect_left(starts, span.start) : bisect_left(starts, span.end)]
            if not inside and not antecedent:
                continue
            sentence = analyse(text, span, inside, lexicon)
            yield from base_status.scenes(sentence, Context(lexicon.lang, published, antecedent))
            antecedent = _named(inside)


def _readable(text: Text) -> Iterator[Span]:
    """The sentences; one without end is cut at a space, so that time grows with the text and not with its square."""
    for span in text.sentences:
        start = span.start
        while span.end - start > _LONGEST:
            cut = text.norm.rfind(" ", start + _LONGEST // 2, start + _LONGEST)
            cut = cut if cut > 0 else start + _LONGEST
            yield Span(start, cut)
            start = cut
        yield Span(start, span.end)


def _named(mentions: list[Mention]) -> tuple[str, ...]:
    """The bases that "it" and "the base" of the next sentence mean: one that is named alone."""
    bases = {mention.base for mention in mentions if mention.strength != "weak"}
    return tuple(bases) if len(bases) == 1 else ()


def _placed(claim: Claim, scene: base_status.Scene, passage: Passage) -> Claim:
    """The claim with its speaker, and its date: of its clause, else of the clause before or the sentence's opening."""
    text, sentence = scene.sentence.text, scene.sentence
    bounds = text.span(sentence.span.start, sentence.span.end)
    ahead = claim.modality in (Modality.PLANNED, Modality.POSSIBLE)
    dates = passage.dates_ahead if ahead else passage.dates
    when = date_for(dates, claim.start, claim.end, clause=scene.span, sentence=bounds)
    index = sentence.clauses.index(scene.clause)
    if when is None and index and not sentence.clauses[index - 1].groups and scene.site is None:
        before = sentence.clauses[index - 1]
        span = sentence.span_of(before.first, before.last)
        when = date_for(dates, claim.start, claim.end, clause=span, sentence=span)
    speaker = passage.speakers.of(claim.start, claim.end, bounds)
    return replace(claim, date=when, speaker=speaker)


def _distinct(claims: list[Claim]) -> list[Claim]:
    """In order of position; of the same said twice the first with its date, and none without where one has it."""
    dated = {_said(claim) for claim in claims if claim.date}
    seen: set[tuple[object, ...]] = set()
    out = []
    for claim in sorted(claims, key=lambda c: (c.start, c.end, c.kind, c.subject)):
        key = (*_said(claim), claim.date)
        if key in seen or (claim.date is None and claim.kind is Kind.BASE_STATUS and _said(claim) in dated):
            continue
        seen.add(key)
        out.append(claim)
    return out


def _said(claim: Claim) -> tuple[object, ...]:
    value = claim.value.status if isinstance(claim.value, StatusValue) else claim.value
    return (claim.kind, claim.subject, value, claim.modality)
