"""Holding a language model to the text: of what it says of a sentence only what can be found there again is a claim.

The quote must stand in the sentence as it is; base, number and date are found again inside it by the gazetteer and
the grammars that the built-in reading uses, in the whole text and in the quote alone; what is told of a base needs a
predicate there, and the modality may not contradict the cues of negation and of plans. Whatever is left out is
counted, by the first reason.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from db.records import Claim, Deadline, Figure, Kind, Modality, Status, StatusValue, Value
from monitor.reading.clauses import Clause, Group, Sentence
from monitor.reading.cues import Hit
from monitor.reading.dates import find_dates
from monitor.reading.kinds import deadline as deadlines
from monitor.reading.llm.answer import Said, parse
from monitor.reading.modality import arabic_voice, english_voice, governing, settle
from monitor.reading.numbers import Quantity, Sort, find_quantities
from monitor.reading.protocol import LLM
from monitor.reading.second.cases import View
from monitor.reading.second.claims import SITED
from monitor.reading.text import Text


class Reason(StrEnum):
    """Why something that the model said is no claim."""

    SCHEMA = "schema"
    QUOTE = "quote"
    OFFSETS = "offsets"
    BASE = "base"
    RECEIVER = "receiver"
    NUMBER = "number"
    DATE = "date"
    PREDICATE = "predicate"
    MODALITY = "modality"


@dataclass(frozen=True, kw_only=True, slots=True)
class Verdict:
    """What came of one answer: the claims that the text bears out, and how many of the others fell for each reason."""

    claims: tuple[Claim, ...] = ()
    rejected: Mapping[Reason, int] = field(default_factory=dict)


class _RejectedError(Exception):
    def __init__(self, reason: Reason) -> None:
        self.reason = reason


def verify(view: View, index: int, answer: str, *, rule: str = LLM) -> Verdict:
    """Hold an answer about one sentence of a text against the text. rule: what the claims are marked with."""
    claims: list[Claim] = []
    rejected: Counter[Reason] = Counter()
    try:
        found = parse(answer)
    except ValueError:
        return Verdict(rejected={Reason.SCHEMA: 1})
    for said in found:
        try:
            claim = _Held(view, index, said).claim(rule)
        except _RejectedError as error:
            rejected[error.reason] += 1
        else:
            claims += [] if claim in claims else [claim]
    return Verdict(claims=tuple(claims), rejected=dict(rejected))


class _Held:
    """One claim of the model being held against its sentence."""

    def __init__(self, view: View, index: int, said: Said | None) -> None:
        if said is None:
            raise _RejectedError(Reason.SCHEMA)
        self.view = view
        self.index = index
        self.said = said
        self.topic = view.passage.cues.topic
        self.text = view.text.original

    def claim(self, rule: str) -> Claim:
        """The claim, with what was found again in place of what the model said. Raises _RejectedError."""
        said = self.said
        try:
            value = said.meant()
        except ValueError:
            raise _RejectedError(Reason.SCHEMA) from None
        start, end = self._quoted()
        self._check_subject(start, end)
        match value:
            case StatusValue():
                self._check_receiver(value)
            case Figure():
                value = self._figure(value, start, end)
            case Deadline():
                value = self._deadline(value, start, end)
        date = self._date(start, end)
        cues = self._cues(start, end)
        if isinstance(value, StatusValue) and said.modality in _SO and not cues.tell:
            raise _RejectedError(Reason.PREDICATE)
        if _contradicts(cues, said, value):
            raise _RejectedError(Reason.MODALITY)
        return Claim(
            kind=said.kind,
            subject=said.subject,
            value=value,
            modality=said.modality,
            quote=self.text[start:end],
            start=start,
            end=end,
            speaker=self.view.passage.speakers.of(start, end, self._bounds),  # whose word it is weighs: by the grammar
            date=date,
            rule=rule,
            reader=LLM,
        )

    @property
    def _bounds(self) -> tuple[int, int]:
        return self.view.lines[self.index].bounds

    def _quoted(self) -> tuple[int, int]:
        """Where the quote stands in the text: in its sentence, as it is, in whole words."""
        first, last = self._bounds
        sentence, quote = self.text[first:last], self.said.quote
        at = sentence.find(quote) if quote.strip() else -1
        if at < 0:
            raise _RejectedError(Reason.QUOTE)
        start, end = self.said.start, self.said.end
        if start is not None or end is not None:
            at = at if start is None else start
            if at < 0 or sentence[at : end if end is not None else at + len(quote)] != quote:
                raise _RejectedError(Reason.OFFSETS)
        return first + at, first + at + len(quote)

    def _check_subject(self, start: int, end: int) -> None:
        """A base is named in the quote; anything else is the one subject that the kind has beside bases."""
        kind, subject = self.said.kind, self.said.subject
        if subject not in self.topic.bases:
            if kind is Kind.BASE_STATUS or subject != self.topic.whole(kind):
                raise _RejectedError(Reason.BASE)
        elif kind not in (Kind.BASE_STATUS, *SITED) or not self._names(subject, start, end):
            raise _RejectedError(Reason.BASE)

    def _names(self, base: str, start: int, end: int) -> bool:
        text = self.view.text
        sites = [site for group in self.view.sentence(self.index).groups for site in group.sites if _is_base(group)]
        within = any(
            site.mention.base == base
            and start <= text.start_of(site.mention.start)
            and text.end_of(site.mention.end) <= end
            for site in sites
        )
        alone = self.view.passage.cues.gazetteer.find(Text(self.text[start:end]))
        return within and any(mention.base == base for mention in alone)

    def _check_receiver(self, value: StatusValue) -> None:
        """Who took a base over is named in the sentence."""
        named = {hit.cls for hit in self.view.sentence(self.index).hits}
        if value.to is not None and f"party.{value.to}" not in named:
            raise _RejectedError(Reason.RECEIVER)

    def _figure(self, value: Figure, start: int, end: int) -> Figure:
        """The figure with the bounds and the comparator that the grammar reads in the quote."""
        numbers = {value.low, value.high} - {None}
        alone = [quantity for quantity in self._alone(start, end) if _numbers(quantity) == numbers]
        for number in self.view.lines[self.index].numbers:
            quantity = number.quantity
            if start <= quantity.start and quantity.end <= end and _numbers(quantity) == numbers and alone:
                if self.said.kind is Kind.TROOP_FIGURE and not number.unit:
                    continue  # it counts something else
                return Figure(
                    low=quantity.low,
                    high=quantity.high,
                    comparator=quantity.comparator,
                    role=value.role,
                    direction=value.direction,
                )
        raise _RejectedError(Reason.NUMBER)

    def _alone(self, start: int, end: int) -> Iterator[Quantity]:
        """The counts in the quote by itself."""
        quote = self.text[start:end]
        dates = find_dates(quote, self.view.passage.published)
        for quantity in find_quantities(quote, dates=[(date.start, date.end) for date in dates]):
            if quantity.sort in (Sort.COUNT, Sort.YEAR):
                yield quantity

    def _deadline(self, value: Deadline, start: int, end: int) -> Deadline:
        """The days that the grammar reads in the quote, where they are those that the model said."""
        for candidate in deadlines.candidates(self.view.passage):
            quantity = candidate.number.quantity
            inside = start <= quantity.number_start and quantity.number_end <= end
            days = candidate.value
            if inside and value.latest in (days.latest, None) and value.earliest in (days.earliest, None):
                return days
        raise _RejectedError(Reason.DATE)

    def _date(self, start: int, end: int) -> str | None:
        """The date, when a date in the quote can be read as it."""
        if self.said.date is None:
            return None
        passage = self.view.passage
        for found in (*passage.dates, *passage.dates_ahead):
            if start <= found.start and found.end <= end and found.date == self.said.date:
                return self.said.date
        raise _RejectedError(Reason.DATE)

    def _cues(self, start: int, end: int) -> _Cues:
        """What the quote says of negation and of plans: in the clauses of the base, where it is about one."""
        sentence = self.view.sentence(self.index)
        first, last = self._words(sentence, start, end)
        clauses = [c for c in sentence.clauses if c.first < last and first < c.last]
        if self.said.subject in self.topic.bases:
            named = [
                c
                for c in clauses
                if any(s.mention.base == self.said.subject for group in c.groups for s in group.sites)
            ]
            clauses = [c for c in named if _predicates(c, first, last)] or clauses
        voice = arabic_voice if self.view.lexicon.lang == "ar" else english_voice
        cues = _Cues()
        for clause in clauses:
            cues.words |= {hit.cls for hit in clause.hits if first <= hit.first and hit.last <= last}
            for hit in _predicates(clause, first, last):
                said = voice(sentence.words, hit)
                modality = settle(governing(clause, sentence, hit), said, question=False)
                cues.said.append((hit.cls, modality, said.negated))
        return cues

    @staticmethod
    def _words(sentence: Sentence, start: int, end: int) -> tuple[int, int]:
        """The words `[first, last)` that the quote holds."""
        text = sentence.text
        inside = [
            i
            for i, word in enumerate(sentence.words)
            if start < text.end_of(word.end) and text.start_of(word.start) < end
        ]
        return (inside[0], inside[-1] + 1) if inside else (0, 0)


@dataclass(slots=True)
class _Cues:
    """The cues of a quote: its words' classes; of each predicate its class, its modality and whether it is negated."""

    words: set[str] = field(default_factory=set)
    said: list[tuple[str, Modality | None, bool]] = field(default_factory=list)

    @property
    def tell(self) -> bool:
        """Whether anything is told: a name by itself bears out no status, whatever an article bids the model say."""
        return bool(self.said) or "obj.empty" in self.words


_SO = (Modality.ASSERTED, Modality.HISTORICAL)
_GOING = frozenset({"leave", "vacate", "dismantle", "handover", "handover_to", "takeover"})
_BEING = frozenset({"stay", "present", "return", "reinforce", "arrive"})
_GONE = (Status.WITHDRAWING, Status.VACATED, Status.HANDED_OVER)
_AHEAD = frozenset({"mod.planned", "mod.possible", "mod.condition", "mod.considered"})
_NOT = frozenset({"mod.denied", "mod.negation"})


def _contradicts(cues: _Cues, said: Said, value: Value) -> bool:
    """Whether the quote's cues speak against the modality."""
    negated = bool(cues.words & _NOT) or any(no for _, _, no in cues.said)
    if said.modality is Modality.DENIED:
        return not negated
    modalities = {modality for _, modality, _ in cues.said}
    if said.modality not in _SO:
        return bool(modalities) and modalities <= set(_SO) and not cues.words & _AHEAD
    if cues.said and not modalities & set(_SO):
        return True
    if not cues.said and cues.words & (_AHEAD | _NOT):
        return True
    if "mod.denied" in cues.words:
        return True
    if isinstance(value, StatusValue):
        family = _GOING if value.status in _GONE else _BEING
        own = [(modality, no) for cls, modality, no in cues.said if cls in family]
        return bool(own) and all(no or modality not in _SO for modality, no in own)
    return False


def _predicates(clause: Clause, first: int, last: int) -> list[Hit]:
    return [hit for hit in clause.predicates if first <= hit.first and hit.last <= last]


def _is_base(group: Group) -> bool:
    """Whether the names of an enumeration are bases': a name that is an ordinary word, too, needs a base word."""
    return group.has_head or any(site.mention.strength != "weak" for site in group.sites)


def _numbers(quantity: Quantity) -> set[int | None]:
    return {quantity.low, quantity.high} - {None}
