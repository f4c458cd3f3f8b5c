"""Reading a text: from words to claims."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache

from db.records import Claim, Kind, Modality
from monitor.reading.cues import Lexicon
from monitor.reading.dates import date_for
from monitor.reading.figures import FigureCues, Passage
from monitor.reading.gazetteer import Mention
from monitor.reading.kinds import base_status, coreference
from monitor.reading.kinds.base_count import base_counts
from monitor.reading.kinds.convoy import convoys
from monitor.reading.kinds.deadline import deadlines
from monitor.reading.kinds.decide import Decider
from monitor.reading.kinds.detainees import detainees
from monitor.reading.kinds.troop_figure import troop_figures
from monitor.reading.second.cases import View
from monitor.reading.second.read import Least, SecondReader, said_by
from monitor.reading.setting import in_their_setting
from monitor.reading.status_rules import Context
from monitor.reading.text import Text, language
from monitor.topics import Topic

# The kinds that read numbers and dates: each gives the claims of one prepared passage.
NUMBER_KINDS: tuple[Callable[[Passage], Iterator[Claim]], ...] = (
    troop_figures,
    deadlines,
    base_counts,
    convoys,
    detainees,
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Examined:
    """A text that was read. undecided, on_topic: its sentences, by their place in `view.lines`, in which the built-in
    reading is not sure, and all that name a base or count or date something."""

    view: View
    claims: Sequence[Claim]
    undecided: frozenset[int]
    on_topic: frozenset[int]


class Reader:
    """Reads texts of one topic. Made once, used for many."""

    def __init__(self, topic: Topic, *, least: Least | None = None) -> None:
        """least: how sure the second reader must be."""
        self._languages = frozenset(topic.cues)
        self._lexicon = cache(lambda lang: Lexicon(lang, topic))
        self._together = cache(lambda lang: coreference.lexicon(lang, topic))
        self._decider = Decider.load(topic.folder)
        self._figures = FigureCues(topic)
        self._second = SecondReader(topic, least=least)

    def read(self, text: str, lang: str | None = None, published: datetime | None = None) -> list[Claim]:
        """The claims of a text, by position; none in a language that the topic has no cues for."""
        view = self.view(text, lang, published)
        return [] if view is None else self._read(view, *self._first(view))

    def examine(self, text: str, lang: str | None = None, published: datetime | None = None) -> Examined | None:
        """The claims of a text with what may be asked about it; None in a language without cues."""
        view = self.view(text, lang, published)
        if view is None:
            return None
        first, nearly = self._first(view)
        return Examined(
            view=view,
            claims=self._read(view, first, nearly),
            undecided=frozenset(self._second.undecided(view, first)),
            on_topic=frozenset(case.question.here for case in view.cases if not case.question.carried),
        )

    def _first(self, view: View) -> tuple[list[Claim], list[Claim]]:
        """What the first reader claims, and nearly claims."""
        claims, nearly = self._statuses(view)
        for kind in NUMBER_KINDS:
            claims += kind(view.passage)
        return claims, nearly

    def _read(self, view: View, first: Sequence[Claim], nearly: Sequence[Claim]) -> list[Claim]:
        return _distinct(in_their_setting(view, self._second.weigh(view, first, nearly)))

    def view(self, text: str, lang: str | None = None, published: datetime | None = None) -> View | None:
        """A text taken apart, with all that it may claim something about; None in a language without cues."""
        normal = Text(text)
        lang = lang or language(normal)
        if lang is None or lang not in self._languages:
            return None
        return View(Passage(normal, lang, self._figures, published), self._lexicon(lang))

    def forget(self) -> None:
        """Let go of what is kept between texts."""
        self._second.forget()

    def _statuses(self, view: View) -> tuple[list[Claim], list[Claim]]:
        claims: list[Claim] = []
        nearly: list[Claim] = []
        for scene in _scenes(view):
            decided = self._decider.decide(scene, view.lexicon.lang)
            claims += [_placed(claim, scene, view.passage) for claim in decided]
            if not decided:
                proposed = self._decider.nearly(scene, view.lexicon.lang)
                nearly += [_placed(claim, scene, view.passage) for claim in proposed]
        words = self._together(view.lexicon.lang)
        for index in range(len(view.spans)):
            for scene in coreference.scenes(view, index, words):
                claims += [_placed(claim, scene, view.passage) for claim in base_status.by_rule(scene)]
        return claims, nearly

    def scenes(self, text: str, lang: str, published: datetime | None = None) -> list[base_status.Scene]:
        """What the first reader decides on: every base in its clause. For training and for tests."""
        view = self.view(text, lang, published)
        return [] if view is None else list(_scenes(view))


def _scenes(view: View) -> Iterator[base_status.Scene]:
    antecedent: tuple[str, ...] = ()
    for index, named in enumerate(view.named):
        if not named and not antecedent:
            continue
        context = Context(view.lexicon.lang, view.passage.published, antecedent)
        yield from base_status.scenes(view.sentence(index), context)
        antecedent = _named(named)


def _named(mentions: Sequence[Mention]) -> tuple[str, ...]:
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
    if when is None and scene.told is not None:
        when = date_for(dates, claim.start, claim.end, clause=scene.told, sentence=scene.told)
    if when is None and index and not sentence.clauses[index - 1].groups and scene.site is None:
        before = sentence.clauses[index - 1]
        span = sentence.span_of(before.first, before.last)
        when = date_for(dates, claim.start, claim.end, clause=span, sentence=span)
    speaker = passage.speakers.of(claim.start, claim.end, bounds)
    return replace(claim, date=when, speaker=speaker)


def _distinct(claims: list[Claim]) -> list[Claim]:
    """In order of position; of the same said twice the first with its date, and none without where one has it."""
    dated = {said_by(claim) for claim in claims if claim.date}
    seen: set[tuple[object, ...]] = set()
    out = []
    for claim in sorted(claims, key=lambda c: (c.start, c.end, c.kind, c.subject)):
        key = (*said_by(claim), claim.date)
        if key in seen or (claim.date is None and claim.kind is Kind.BASE_STATUS and said_by(claim) in dated):
            continue
        seen.add(key)
        out.append(claim)
    return out
