"""What a text may claim something about: its cases. Each base that a sentence names, or speaks on of, each number that
counts, each date or duration that may be a deadline. Cheap to find; what is said of each is for the network.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from monitor.reading import clauses
from monitor.reading.clauses import Clause, Group, Site
from monitor.reading.cues import Lexicon
from monitor.reading.dates import DateMention
from monitor.reading.figures import Line, Number, Passage
from monitor.reading.gazetteer import Mention
from monitor.reading.kinds import deadline as deadlines
from monitor.reading.numbers import Sort
from monitor.reading.second import marks
from monitor.reading.second.shape import Question, Sentence

LARGEST = 20_000  # larger numbers count neither soldiers nor bases, vehicles or prisoners
_CARRIED = 6  # bases of earlier sentences that one sentence may speak on of
_BACK = 2  # sentences without a base through which it may go on


@dataclass(frozen=True, slots=True)
class BaseCase:
    """A base in a sentence; site and group are None where it is carried over from an earlier one."""

    base: str
    question: Question
    site: Site | None = None
    group: Group | None = None


@dataclass(frozen=True, slots=True)
class FigureCase:
    """A number that counts something. places: the bases that it may be of, by which of `shape.PLACES` they take."""

    number: Number
    question: Question
    places: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class DeadlineCase:
    """A date or duration that may be a deadline. places: as of a number."""

    deadline: deadlines.Candidate
    question: Question
    places: Mapping[str, str]


Case = BaseCase | FigureCase | DeadlineCase


class View:
    """A text taken apart: its sentences as clauses, as lines of numbers and as the network sees them; its cases.

    Sentences are taken apart when they are asked for: those without a case, or one behind them, never are.
    """

    def __init__(self, passage: Passage, lexicon: Lexicon) -> None:
        self.passage = passage
        self.text = passage.text
        self.lexicon = lexicon
        self.spans = self.text.sentences
        self.mentions = passage.mentions
        self._sentences: dict[int, clauses.Sentence] = {}
        self._shown: dict[int, Sentence] = {}

    @cached_property
    def lines(self) -> list[Line]:
        """The sentences as those see them that read numbers."""
        return self.passage.lines

    @cached_property
    def named(self) -> list[Sequence[Mention]]:
        """The names of bases in each sentence."""
        starts = [mention.start for mention in self.mentions]
        return [self.mentions[bisect_left(starts, s.start) : bisect_left(starts, s.end)] for s in self.spans]

    def sentence(self, index: int) -> clauses.Sentence:
        """One sentence taken apart."""
        if index not in self._sentences:
            words = self.lines[index].words
            self._sentences[index] = clauses.analyse(
                self.text, self.spans[index], self.named[index], self.lexicon, words
            )
        return self._sentences[index]

    def shown(self, index: int) -> Sentence:
        """One sentence as the network sees it."""
        if index not in self._shown:
            self._shown[index] = marks.show(self.sentence(index), self.lines[index])
        return self._shown[index]

    def clause(self, case: BaseCase) -> Clause | None:
        """The clause that a base stands in; None where it is carried over."""
        if case.site is None:
            return None
        where = case.site.first
        return next((c for c in self.sentence(case.question.here).clauses if c.first <= where < c.last), None)

    def dates(self, case: BaseCase | FigureCase) -> dict[str, DateMention]:
        """The dates at which what is said of a case may be so, by which of `shape.DATES` they take."""
        inside = self._dated(case.question.here)
        found = {"first": inside[0], "last": inside[-1]} if inside else {}
        if isinstance(case, FigureCase):
            at = case.number.quantity.start
        else:
            at = -1 if case.site is None else self.text.start_of(case.site.mention.start)
        for date in inside if at >= 0 else ():
            if date.end <= at:
                found["before"] = date
            elif date.start >= at:
                found.setdefault("after", date)
        earlier = self._dated(case.question.here - 1) if case.question.here else []
        return found | ({"back": earlier[-1]} if earlier else {})

    def _dated(self, index: int) -> list[DateMention]:
        start, end = self.text.span(self.spans[index].start, self.spans[index].end)
        dates = self.passage.dates
        first = bisect_left(dates, start, key=lambda date: date.start)
        return [date for date in dates[first : bisect_left(dates, end, key=lambda date: date.start)] if date.end <= end]

    @cached_property
    def cases(self) -> list[Case]:
        """All cases, in the order of the text within each sort."""
        return [*self._bases(), *self._figures(), *self._deadlines()]

    def _bases(self) -> Iterator[BaseCase]:
        going: list[tuple[str, int, Site]] = []  # the bases last named: id, sentence, where
        for index in range(len(self.spans)):
            named = [mention.base for mention in self.named[index]]
            if named:
                here = []
                for group in self.sentence(index).groups:
                    if _is_a_word(group):
                        continue
                    for site in group.sites:
                        yield BaseCase(site.mention.base, _named_here(index, site, group), site, group)
                        here.append((site.mention.base, index, site))
            yield from self._carried([each for each in going if each[0] not in named], index, len(set(named)))
            going = here if named else [each for each in going if index - each[1] < _BACK]

    def _carried(self, going: Sequence[tuple[str, int, Site]], index: int, named: int) -> Iterator[BaseCase]:
        last = {base: (where, site) for base, where, site in going}
        recent = list(dict.fromkeys(base for base, _, _ in reversed(going)))
        for rank, base in enumerate(recent[:_CARRIED]):
            where, site = last[base]
            seen = ["carried", f"rank={min(rank, 3)}", f"many={min(len(recent), 3)}", f"back={index - where}"]
            seen.append(f"named={min(named, 2)}")
            yield BaseCase(base, Question(0, index, where, site.first, True, seen))

    def _figures(self) -> Iterator[FigureCase]:
        for index, line in enumerate(self.lines):
            if not line.has_numbers:
                continue
            for number in line.numbers:
                quantity = number.quantity
                size = quantity.high if quantity.high is not None else quantity.low
                if size is not None and size <= LARGEST:
                    seen = [f"counts={number.unit}", f"sort={quantity.sort.value}"]
                    yield FigureCase(number, _at(1, index, number, line, seen), self._places(index, number))

    def _deadlines(self) -> Iterator[DeadlineCase]:
        rows = {id(line): index for index, line in enumerate(self.lines)}
        for deadline in deadlines.candidates(self.passage):
            index = rows[id(deadline.line)]
            far = deadlines.distance(deadline)
            sort = "duration" if deadline.number.quantity.sort is Sort.DURATION else "date"
            seen = [f"far={far}", sort, f"{sort}={far}|{deadline.number.quantity.unit}"]
            question = _at(2, index, deadline.number, deadline.line, seen)
            yield DeadlineCase(deadline, question, self._places(index, deadline.number))

    def _places(self, index: int, number: Number) -> dict[str, str]:
        """The bases that a number or date may be of: the nearest on either side, the first, the last one before."""
        sites = self.lines[index].sites
        found = {"first": sites[0][0]} if sites else {}
        for base, first, last in sites:
            if last <= number.core:
                found["before"] = base
            elif first >= number.last:
                found.setdefault("after", base)
        for earlier in range(index - 1, max(index - 1 - _BACK, -1), -1):
            if self.named[earlier]:
                found["back"] = self.named[earlier][-1].base
                break
        return found


def _is_a_word(group: Group) -> bool:
    """Whether a name that is an ordinary word, too, stands alone and without a base word: "in the prime of العمر"."""
    return len(group.sites) == 1 and group.sites[0].mention.strength == "weak" and not group.has_head


def _named_here(index: int, site: Site, group: Group) -> Question:
    return Question(0, index, index - 1 if index else None, site.first, False, marks.site_marks(site, group))


def _at(sort: int, index: int, number: Number, line: Line, seen: Sequence[str]) -> Question:
    word = min(number.core, len(line.words) - 1)
    return Question(sort, index, index - 1 if index else None, word, False, seen)
