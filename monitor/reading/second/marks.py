"""What is seen of each word of a sentence, as named marks: the input of the network (`network.py`).

A word is seen as itself, as its stem and letters, so that what was never met still resembles something; as the cues it
opens or goes on with, their voice and tense; as a number by size and comparator, as a date by its age. The name of a
base is seen as *a* base with what stands before it, never as which one: what is said of one must hold for all.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache

from db.records import Period
from monitor.reading import clauses
from monitor.reading.clauses import PREDICATES
from monitor.reading.cues import Hit
from monitor.reading.dates import DateMention
from monitor.reading.figures import Line
from monitor.reading.modality import arabic_voice, english_voice
from monitor.reading.numbers import Quantity
from monitor.reading.second.shape import Sentence
from monitor.reading.senses import lemma, stem
from monitor.reading.speech_words import EN_SAYINGS

LEXICAL = ("w=", "l=", "k=", "s=", "p=", "e=")  # marks of the word itself; training hides them now and then
_STAGES = frozenset(("begin", "complete", "continue"))
_CUTS = frozenset(",.;:()[]—–-|•!?\n")
_WEAK = str.maketrans("", "", "اويءت")  # letters that inflection puts in and takes out
_LARGE = 13  # smaller numbers are seen as themselves


def show(sentence: clauses.Sentence, line: Line) -> Sentence:
    """A sentence as the network sees it; `line` is the same sentence as the kinds that read numbers see it."""
    words, text = sentence.words, sentence.text
    marks: list[list[str]] = [[] for _ in words]
    ends = [text.end_of(word.end) for word in words]
    starts = [text.start_of(word.start) for word in words]
    hidden = [False] * len(words)  # its letters are not looked at
    for date in _inside(line.passage.dates, line.bounds):
        first, last = bisect_right(ends, date.start), bisect_left(starts, date.end)
        for index in range(first, last):
            marks[index] += _date(date, line.passage.published) if index == first else ("date+",)
            hidden[index] = words[index].text[:1].isdigit()
    for quantity in line.quantities:
        first, last = bisect_right(ends, quantity.number_start), bisect_left(starts, quantity.number_end)
        for index in range(first, last):
            marks[index] += _number(quantity) if index == first else ("num+",)
            hidden[index] = True
    groups = _bases(sentence, marks, hidden)
    voice_of = arabic_voice if line.passage.lang == "ar" else english_voice
    for hit in sentence.hits:
        marks[hit.first] += _cue(hit.cls, hit.form, hit.cue.entry if hit.last > hit.first + 1 else "", hit.clitics)
        if hit.pronoun:
            marks[hit.first].append("pronoun")
        if hit.cls in PREDICATES or hit.cls in _STAGES:
            voice = voice_of(words, hit)
            marks[hit.first] += _voice(
                hit.cls, voice.tense.value, voice.negated, voice.possible, voice.once, voice.passive
            )
        _go_on(marks, hit, f"c+{hit.cls}")
    for hit in line.hits:
        marks[hit.first].append(f"g={hit.cls}")
        _go_on(marks, hit, f"g+{hit.cls}")
    senses = line.passage.cues.senses(line.passage.lang)
    plain = _plain(sentence, line, starts)
    cuts = []
    passed = 0
    for index, word in enumerate(words):
        cuts.append(passed)
        if word.text in _CUTS or "c=link.split" in marks[index]:
            passed += 1
        if not hidden[index]:
            seen = plain.get(index, word.text)
            marks[index] += _letters(seen)
            marks[index] += senses.of(seen)
            if index and word.text[0] < "\u0600" and text.original[starts[index]].isupper():
                marks[index].append("capital")
    return Sentence(marks, cuts, groups)


def _plain(sentence: clauses.Sentence, line: Line, starts: Sequence[int]) -> dict[int, str]:
    """ "The agency reports", "reports say": seen as "says" and "sources", unlike reports that somebody denies."""
    found = {}
    for index, word in enumerate(sentence.words):
        if word.text in EN_SAYINGS:
            for said in line.passage.speakers.found:
                if said.cue_start <= starts[index] < said.cue_end:
                    found[index] = "says"
                elif said.start <= starts[index] < said.end:
                    found[index] = "sources"
    return found


def _inside(dates: Sequence[DateMention], bounds: tuple[int, int]) -> list[DateMention]:
    return [date for date in dates if bounds[0] <= date.start and date.end <= bounds[1]]


def _go_on(marks: list[list[str]], hit: Hit, name: str) -> None:
    for index in range(hit.first + 1, hit.last):
        marks[index].append(name)


def _bases(sentence: clauses.Sentence, marks: list[list[str]], hidden: list[bool]) -> list[int]:
    """Mark the bases, and tell for each word how many groups of bases have begun before it."""
    opens = set()
    for group in sentence.groups:
        opens.add(group.first)
        for place, site in enumerate(group.sites):
            for index in range(site.first, site.last):
                hidden[index] = True
                marks[index].append("base+" if index > site.first else "base")
            marks[site.first] += site_marks(site, group)
            marks[site.first].append(f"member={min(place, 2)}/{min(len(group.sites), 3)}")
    passed = 0
    groups = []
    for index in range(len(sentence.words)):
        passed += index in opens
        groups.append(passed)
    return groups


def site_marks(site: clauses.Site, group: clauses.Group) -> list[str]:
    """How a base is named: how sure the name is, its base word, its preposition, whether it is a landmark."""
    found = [f"name={site.mention.strength}", f"head={site.head}", f"link={group.link}"]
    if site.landmark:
        found.append("landmark")
    if site.mention.clitics:
        found.append(f"clitic={site.mention.clitics}")
    return found


@lru_cache(maxsize=16_384)
def _cue(cls: str, form: str, entry: str, clitics: str) -> tuple[str, ...]:
    found = [f"c={cls}"]
    if form:
        found.append(f"c={cls}|{form}")
    if entry:
        found.append(f"e={entry}")
    if clitics:
        found.append(f"cc={clitics}")
    return tuple(found)


@lru_cache(maxsize=4_096)
def _voice(cls: str, tense: str, negated: bool, possible: bool, once: bool, passive: bool) -> tuple[str, ...]:
    found = [f"t={tense}", f"t={cls}|{tense}"]
    if negated:
        found += ["not", f"not {cls}"]
    found += [name for name, is_so in (("may", possible), ("once", once), ("passive", passive)) if is_so]
    return tuple(found)


def _date(date: DateMention, published: datetime | None) -> tuple[str, ...]:
    age = _age(date.date, published)
    return (f"date={age}", f"date={date.sort}", f"date={age}|{date.sort}")


def _age(date: str, published: datetime | None) -> str:
    """How long before publication a date lies; two years part what may be news from background (DOMAIN.md, 2)."""
    if published is None:
        return "?"
    period = Period.parse(date)
    days = (published.date() - period.last).days
    if (published.date() - period.first).days < 0:
        return "ahead"
    return "now" if days <= 31 else "months" if days <= 365 else "year" if days <= 730 else "old"


def _number(quantity: Quantity) -> list[str]:
    size = quantity.high if quantity.high is not None else quantity.low
    digits = min(len(str(size)), 6) if size else 0
    found = [
        f"num={quantity.sort.value}", f"digits={digits}", f"cmp={quantity.comparator.value}",
        f"rel={quantity.relation}", f"unit={quantity.unit}",
    ]  # fmt: skip
    if size is not None and size < _LARGE:
        found.append(f"is={size}")
    return found


@lru_cache(maxsize=65_536)
def _letters(word: str) -> tuple[str, ...]:
    """A word by itself, by its stem, and by parts that related words share."""
    found = [f"w={word}"]
    if not word[0].isalpha():
        return tuple(found)
    short = lemma(word)
    found.append(f"l={short}")
    if word[0] < "\u0600":
        return (*found, f"s={word[-3:]}", f"p={word[:4]}")
    clitics, rest = stem(word)
    if clitics:
        found.append(f"clitics={clitics}")
    return (*found, f"s={word[-2:]}", f"p={rest[:1]}", f"k={short.translate(_WEAK)}")
