"""What stands around a number: the unit it counts, whose it is, where, and the cues of its own part of the sentence.

Shared by the kinds that read numbers. Everything about soldiers, bases and places comes from the topic's
`figures_<lang>.toml`; offsets here are words of a sentence, and lead back to the text as stored.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cache, cached_property

from db.records import Kind
from monitor.reading.cues import Hit, Lexicon, Word, words_of
from monitor.reading.dates import DateMention, find_dates
from monitor.reading.gazetteer import Gazetteer, Mention
from monitor.reading.linear import Linear
from monitor.reading.numbers import Quantity, Sort, find_quantities
from monitor.reading.senses import Senses
from monitor.reading.speakers import Speakers
from monitor.reading.text import Span, Text
from monitor.reading.tokens import Token, tokenize
from monitor.topics import Cues, Topic

HARD = frozenset({";", ":", "(", ")", "[", "]", "—", "–", ".", "?", "!", "|", "•", "…"})
SOFT = frozenset({","})


MODEL_FILES = {
    Kind.TROOP_FIGURE: "figures.json",
    Kind.DEADLINE: "deadlines.json",
    Kind.BASE_COUNT: "base_counts.json",
    Kind.CONVOY: "convoys.json",
    Kind.DETAINEES: "detainees.json",
}


class FigureCues:
    """The lexicons of a topic's figures, one a language, its gazetteer and its models. Built once a topic.

    models: what is given, else those in the topic's folder; a kind without one goes by its rules.
    least_asserted, least_other: the least probability at which an asserted troop figure, or any other, is claimed;
    least_deadline, least_count: the same for deadlines, and for bases, vehicles and prisoners.
    """

    def __init__(self, topic: Topic, *, models: Mapping[Kind, Linear | None] | None = None) -> None:
        self.topic = topic
        loaded = (
            {kind: Linear.load(topic.folder / file) for kind, file in MODEL_FILES.items()} if models is None else models
        )
        self.models = {kind: model for kind, model in loaded.items() if model is not None}
        self.least_asserted = 0.65
        self.least_other = 0.4
        self.least_deadline = 0.2
        self.least_count = 0.35
        self.gazetteer = Gazetteer(topic)
        self.senses = cache(lambda lang: Senses(topic, lang))
        self.lexicon = cache(lambda lang: Lexicon(lang, replace(topic, cues={lang: _figures(topic.cues[lang])})))


def _figures(cues: Cues) -> Cues:
    families = {"verbs": cues.section("figure_verbs"), "phrases": cues.section("figure_phrases")}
    return Cues(lang=cues.lang, families=families)


class Passage:
    """One text prepared for the kinds that read numbers; its parts come on demand."""

    def __init__(
        self,
        text: Text,
        lang: str,
        cues: FigureCues,
        published: datetime | None,
        mentions: Sequence[Mention] | None = None,
    ) -> None:
        self.text = text
        self.lang = lang
        self.cues = cues
        self.published = published
        self.lexicon = cues.lexicon(lang)
        self._mentions = mentions

    @cached_property
    def tokens(self) -> list[Token]:
        """Tokens of the text as stored."""
        return tokenize(self.text.original)

    @cached_property
    def dates(self) -> list[DateMention]:
        """Dates, read as past where they may be either."""
        return find_dates(self.text.original, self.published, tokens=self.tokens)

    @cached_property
    def dates_ahead(self) -> list[DateMention]:
        """The same dates, read as to come where they may be either."""
        return find_dates(self.text.original, self.published, tokens=self.tokens, ahead=True, within=self.dates)

    @cached_property
    def quantities(self) -> list[Quantity]:
        """Quantities outside dates."""
        return find_quantities(self.text.original, tokens=self.tokens, dates=[(d.start, d.end) for d in self.dates])

    @cached_property
    def speakers(self) -> Speakers:
        """Who says what."""
        return Speakers(self.text.original, self.tokens)

    @cached_property
    def mentions(self) -> Sequence[Mention]:
        """Names of bases, in the normalised view."""
        return self.cues.gazetteer.find(self.text) if self._mentions is None else self._mentions

    @cached_property
    def lines(self) -> list[Line]:
        """The sentences, in order."""
        return [self.sentence(span) for span in self.text.sentences]

    def sentence(self, span: Span) -> Line:
        """One sentence with its words, cues, numbers and bases."""
        bounds = self.text.span(span.start, span.end)
        low = bisect_left(self._starts, bounds[0])
        high = bisect_left(self._starts, bounds[1])
        inside = [quantity for quantity in self.quantities[low:high] if quantity.end <= bounds[1]]
        return Line(self, span, bounds, inside)

    @cached_property
    def _starts(self) -> list[int]:
        return [quantity.start for quantity in self.quantities]


@dataclass(slots=True)
class Number:
    """A quantity in its sentence: words `[first, last)` with its comparator, `[core, last)` without.

    left, right: the part of the sentence that is its own. unit: "people", "bare" or "" (something else).
    seen: what is seen around it (`figure_features`), once it was asked for.
    """

    quantity: Quantity
    first: int
    core: int
    last: int
    left: int = 0
    right: int = 0
    unit: str = ""
    noun: Hit | None = None
    hits: list[Hit] = field(default_factory=list)
    seen: list[str] | None = field(default=None, compare=False)

    def has(self, *classes: str) -> bool:
        """Whether a cue of these classes stands in its part of the sentence."""
        return any(hit.cls in classes for hit in self.hits)

    def gap(self, hit: Hit) -> int:
        """Words between the number and a cue; negative to its left."""
        if hit.last <= self.first:
            return hit.last - self.first - 1
        return max(hit.first - self.last + 1, 0)


class Line:
    """One sentence of a passage."""

    def __init__(self, passage: Passage, span: Span, bounds: tuple[int, int], quantities: Sequence[Quantity]) -> None:
        self.passage = passage
        self.span = span
        self.bounds = bounds
        self.quantities = quantities

    @property
    def has_numbers(self) -> bool:
        """Whether there is anything to count: sentences without are never taken apart."""
        return bool(self.quantities)

    @cached_property
    def words(self) -> list[Word]:
        """The words of the normalised view."""
        return words_of(self.passage.text, self.span.start, self.span.end)

    @cached_property
    def hits(self) -> list[Hit]:
        """All cues of figures, parties and places."""
        return _longest(self.passage.lexicon.find(self.words))

    @cached_property
    def at(self) -> dict[int, list[Hit]]:
        """Cues by their first word."""
        table: dict[int, list[Hit]] = {}
        for hit in self.hits:
            table.setdefault(hit.first, []).append(hit)
        return table

    @cached_property
    def sites(self) -> list[tuple[str, int, int]]:
        """Bases named here as (id, first word, last word)."""
        out = []
        for mention in self.passage.mentions:
            if self.span.start <= mention.start < self.span.end:
                first = next((i for i, w in enumerate(self.words) if w.end > mention.start), None)
                last = next((i for i, w in enumerate(self.words) if w.start >= mention.end), len(self.words))
                if first is not None:
                    out.append((mention.base, first, last))
        return out

    def index(self, offset: int) -> int:
        """The word that holds or follows an original offset."""
        return bisect_right(self._ends, offset)

    @cached_property
    def _ends(self) -> list[int]:
        return [self.passage.text.end_of(word.end) for word in self.words]

    def quote(self, first: int, last: int) -> tuple[int, int]:
        """Original offsets of words `[first, last)`."""
        return self.passage.text.span(self.words[first].start, self.words[last - 1].end)

    def is_class(self, index: int, *classes: str) -> Hit | None:
        """A cue of these classes that begins at this word."""
        return next((hit for hit in self.at.get(index, ()) if hit.cls in classes), None)

    @cached_property
    def numbers(self) -> list[Number]:
        """Counts in this sentence with their parts and units."""
        numbers: list[Number] = []
        for quantity in self.quantities:
            if quantity.sort not in (Sort.COUNT, Sort.YEAR):
                continue
            first, core, last = (
                self.index(quantity.start),
                self.index(quantity.number_start),
                self.index(quantity.end - 1) + 1,
            )
            if first < last:
                numbers.append(Number(quantity, min(first, core), core, last))
        for number in numbers:
            number.unit, number.noun = _unit(self, number)
        self.part(numbers)
        return numbers

    def part(self, numbers: Sequence[Number]) -> None:
        """Give each of these numbers its part of the sentence and the cues in it."""
        _parts(self, numbers)


def _longest(hits: list[Hit]) -> list[Hit]:
    """Without verbs and single words inside a longer fixed phrase ("أصل" in "من أصل", "left" in "are left")."""
    covers = [
        (h.first, h.last)
        for h in hits
        if not h.form and h.last - h.first > 1 and h.cls in ("remains", "out_of", "part", "historical", "whole")
    ]
    keep = []
    for hit in hits:
        size = hit.last - hit.first
        inside = any(first <= hit.first and hit.last <= last and last - first > size for first, last in covers)
        if not inside or hit.cls in ("people", "force", "home", "away", "ours", "adjective", "function", "other"):
            keep.append(hit)
    return keep


def _unit(line: Line, number: Number) -> tuple[str, Hit | None]:
    """What is counted, by the noun after the number, or before it in Arabic ("الجنود الألف")."""
    return _unit_ar(line, number) if line.passage.lang == "ar" else _unit_en(line, number)


def _unit_en(line: Line, number: Number) -> tuple[str, Hit | None]:
    index = number.last
    for _ in range(7):
        if index >= len(line.words):
            break
        word = line.words[index].text
        noun = line.is_class(index, "people")
        modifier = line.is_class(index, "adjective")
        following = line.is_class(index + 1, "people") if modifier and index + 1 < len(line.words) else None
        if noun and not following:
            return "people", noun
        if line.is_class(index, "captive", "other") and not modifier:
            return "", None
        if word in HARD or word in SOFT:
            return "bare", None
        if line.is_class(index, "function") and not modifier:
            return "bare", None
        if (
            word in ("of", "more", "others", "or", "so", "and", "to")
            and not following
            and not _people_near(line, index + 1, 4)
        ):
            return "bare", None
        if modifier:
            index += max(modifier.last - modifier.first, 1)
            continue
        return (
            ("people", _people_near(line, index + 1, 2))
            if _people_near(line, index + 1, 2) and index > number.last
            else ("", None)
        )
    return "bare", None


def _people_near(line: Line, index: int, steps: int) -> Hit | None:
    for at in range(index, min(index + steps, len(line.words))):
        if line.words[at].text in HARD or line.words[at].text in SOFT:
            return None
        hit = line.is_class(at, "people")
        if hit:
            return hit
    return None


def _unit_ar(line: Line, number: Number) -> tuple[str, Hit | None]:
    index = number.last
    if index < len(line.words):
        for skip in (0, 1):
            if index + skip >= len(line.words):
                break
            if skip and not (line.words[index].text in ("من", "ال") or line.is_class(index, "more")):
                break
            noun = line.is_class(index + skip, "people")
            if noun and not line.is_class(index + skip, "captive"):
                return "people", noun
    for back in (1, 2, 3):
        at = number.first - back
        if at < 0 or line.words[at].text in HARD or line.words[at].text in SOFT:
            break
        noun = line.is_class(at, "people")
        if noun and line.words[at].text.startswith(("ال", "وال", "بال", "لل", "جنود", "قوات")):
            return "people", noun
    if index >= len(line.words) or line.words[index].text in HARD or line.words[index].text in SOFT:
        return "bare", None
    if line.is_class(index, "captive", "other"):
        return "", None
    if line.is_class(index, "function", "home", "remains", "part", "now", "planned", "into"):
        return "bare", None
    verb = any(hit.form in ("impf", "past") for hit in line.at.get(index, ()))
    clitic = line.words[index].text[:1] in "بلوس" and len(line.words[index].text) > 3
    if verb or clitic or any(site[1] <= index < site[2] for site in line.sites):
        return "bare", None
    return "", None


def _parts(line: Line, numbers: Sequence[Number]) -> None:
    """Give each number its part of the sentence: to the next hard mark, or a soft cut between two numbers."""
    words = line.words
    for position, number in enumerate(numbers):
        before = numbers[position - 1] if position else None
        after = numbers[position + 1] if position + 1 < len(numbers) else None
        number.left = _cut(words, before.last, number.first, toward=1) if before else 0
        number.right = _cut(words, number.last, after.first, toward=-1) if after else len(words)
        for index in range(number.first - 1, number.left - 1, -1):
            if words[index].text in HARD and not _inner_colon(words, index):
                number.left = index + 1
                break
        for index in range(number.last, number.right):
            if words[index].text in HARD:
                number.right = index
                break
        _brackets(words, number)
        number.hits = [
            hit
            for hit in line.hits
            if number.left <= hit.first
            and hit.last <= number.right
            and not (hit.first < number.last and hit.last > number.first)
        ]


def _brackets(words: Sequence[Word], number: Number) -> None:
    """ "Shaddadi (400)" and "2000 (Dec)": a short bracket belongs to what stands before it."""
    if 0 < number.left <= number.first and words[number.left - 1].text == "(" and number.last - number.left <= 3:
        index = number.left - 1
        while (
            index > 0
            and words[index - 1].text not in HARD
            and words[index - 1].text not in SOFT
            and number.left - index < 6
        ):
            index -= 1
        number.left = index
    if number.right < len(words) and words[number.right].text == "(" and number.right == number.last:
        close = next((i for i in range(number.right, min(number.right + 4, len(words))) if words[i].text == ")"), None)
        number.right = close if close is not None else number.right


def _inner_colon(words: Sequence[Word], index: int) -> bool:
    """A headline's colon ("القوات: أقل من 1000") does not part a number from its noun."""
    return words[index].text == ":" and index <= 3


_JOINTS = frozenset(
    {
        "and",
        "while",
        "but",
        "with",
        "leaving",
        "whereas",
        "then",
        "plus",
        "against",
        "including",
        "out",
        "down",
        "فيما",
        "بينما",
        "لكن",
        "ثم",
        "بينهم",
        "منهم",
        "بل",
    }
)


def _cut(words: Sequence[Word], begin: int, end: int, *, toward: int) -> int:
    """Where the words between two numbers are parted: at the first mark or joint; else both have them all."""
    for index in range(begin, end):
        text = words[index].text
        if text in SOFT or text in HARD or text in _JOINTS:
            return index + 1 if toward > 0 and (text in SOFT or text in HARD) else index
    return begin if toward > 0 else end
