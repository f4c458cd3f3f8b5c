"""A sentence with a base in it, taken apart: base groups, and clauses that each have one say.

A group is an enumeration of bases that share one predicate ("قسرك والشدادي", "Himo, Life Stone and Tal Baydar"). A
clause is cut where both sides have a predicate of their own; a piece without one joins its neighbour, so that lists,
times and places stay with the predicate that governs them.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, field

from monitor.reading.cues import Hit, Lexicon, Word, words_of
from monitor.reading.gazetteer import Mention
from monitor.reading.text import Span, Text

PREDICATES = frozenset(
    (
        "leave",
        "vacate",
        "dismantle",
        "stay",
        "present",
        "return",
        "reinforce",
        "arrive",
        "handover",
        "handover_to",
        "takeover",
    )
)
_STAGES = frozenset(("begin", "complete", "continue"))
_VERB_FOLLOWS = frozenset(
    re.findall(
        r"\w+",
        "to will would shall may might can could must should do does did they we who that which it he she not never "
        "also still now then and or soon cannot nobody others there either again both all people men personnel what",
    )
)
_STEPPED_OVER = frozenset(
    re.findall(r"\w+", "the al its s their two a an nearby big military oil air own العسكريه العسكري")
)
_HARD = frozenset(";:—()[]\n|•")
_SOFT = frozenset((",",))
_ASIDES = frozenset(("after", "بعد", "عقب", "اثر", "بعدما"))
_OPENING = 6  # behind a comma a clause of its own has its predicate among its first words
_REACH = 7  # how far before an enumeration its base word may stand
_NAME_GAP = 4  # words that may stand between two members of an enumeration


@dataclass(frozen=True, slots=True)
class Site:
    """A mention in its sentence: words `[first, last)`; head: "base", "place" or ""; landmark: only near it."""

    mention: Mention
    first: int
    last: int
    head: str
    landmark: bool


@dataclass(slots=True)
class Group:
    """An enumeration of sites. link: "to", "from", "at" or "" by the word before its first member."""

    sites: list[Site]
    link: str = ""

    @property
    def first(self) -> int:
        return self.sites[0].first

    @property
    def last(self) -> int:
        return self.sites[-1].last

    @property
    def has_head(self) -> bool:
        return any(site.head == "base" for site in self.sites)


@dataclass(slots=True)
class Clause:
    """Words `[first, last)` of the sentence, with the groups and hits that lie in them."""

    first: int
    last: int
    opener: str = ""
    groups: list[Group] = field(default_factory=list)
    hits: list[Hit] = field(default_factory=list)

    def of(self, *classes: str) -> list[Hit]:
        """The hits of these classes, in order."""
        return [hit for hit in self.hits if hit.cls in classes]

    @property
    def predicates(self) -> list[Hit]:
        return [hit for hit in self.hits if hit.cls in PREDICATES]


@dataclass(slots=True)
class Sentence:
    """One sentence taken apart."""

    text: Text
    span: Span
    words: list[Word]
    hits: list[Hit]
    groups: list[Group]
    clauses: list[Clause]

    def span_of(self, first: int, last: int) -> tuple[int, int]:
        """Original offsets of words `[first, last)`."""
        return self.text.span(self.words[first].start, self.words[last - 1].end)


def analyse(
    text: Text, span: Span, mentions: Sequence[Mention], lexicon: Lexicon, words: list[Word] | None = None
) -> Sentence:
    """Take one sentence apart; `mentions` are those inside its span, `words` its words where they are known."""
    words = words_of(text, span.start, span.end) if words is None else words
    sites_words = _cover(words, mentions)
    named = {index for first, last in sites_words for index in range(first, last)}
    hits = [kept for hit in lexicon.find(words) if (kept := _beside(hit, named)) is not None]
    if lexicon.lang == "en":
        agents = {hit.last for hit in hits if _is_agent(hit)} | {last for _, last in sites_words}
        hits = [hit for hit in hits if _is_verb(hit, words, agents)]
    hits = _prune(hits)
    sites = [
        _site(m, first, last, words, hits, lexicon.lang)
        for m, (first, last) in zip(mentions, sites_words, strict=True)
        if last
    ]
    groups = _groups(sites, words, hits)
    sentence = Sentence(text, span, words, hits, groups, [])
    sentence.clauses = _clauses(sentence)
    return sentence


def _cover(words: list[Word], mentions: Sequence[Mention]) -> list[tuple[int, int]]:
    """The words that each mention covers; (0, 0) when it covers none."""
    out = []
    index = 0
    for mention in mentions:
        while index < len(words) and words[index].end <= mention.start:
            index += 1
        last = index
        while last < len(words) and words[last].start < mention.end:
            last += 1
        out.append((index, last) if last > index else (0, 0))
    return out


def _beside(hit: Hit, named: set[int]) -> Hit | None:
    """A cue that does not lie in a name; of one whose words enclose it ("handed A over") the first."""
    if not named.intersection(range(hit.first, hit.last)):
        return hit
    if hit.first in named or hit.last - 1 in named:
        return None
    return hit._replace(last=hit.first + 1)


def _prune(hits: list[Hit]) -> list[Hit]:
    """Drop an agent inside a longer agent ("army" in "Syrian army"), and a predicate inside a longer one.

    "returned to A" and "passed to A" are kept beside each other: who receives it tells which of them it is.
    """
    kept: list[Hit] = []
    for kind in (_is_agent, _is_predicate, _is_passing):
        covers: dict[int, tuple[int, int]] = {}
        for hit in hits:
            if kind(hit):
                for index in range(hit.first, hit.last):
                    best = covers.get(index)
                    if best is None or hit.last - hit.first > best[1] - best[0]:
                        covers[index] = (hit.first, hit.last)
        kept += [
            hit
            for hit in hits
            if kind(hit)
            and all(covers[i][1] - covers[i][0] <= hit.last - hit.first for i in range(hit.first, hit.last))
        ]
    kept += [hit for hit in hits if not _is_agent(hit) and hit.cls not in PREDICATES]
    return sorted(kept, key=lambda hit: (hit.first, hit.last))


def _is_verb(hit: Hit, words: list[Word], agents: set[int]) -> bool:
    """Whether an English word that may be a noun as well ("patrols", "camp", "base") stands where a verb does."""
    if hit.form not in ("base", "pres") or hit.cls not in PREDICATES | _STAGES:
        return True
    if hit.first == 0:
        return hit.form == "base" and hit.last - hit.first > 1
    before = words[hit.first - 1].text
    if hit.first in agents or before in _VERB_FOLLOWS or before.endswith(("n't", "ly")):
        return True
    return hit.form == "base" and before.endswith("s") and len(before) > 3


def _is_agent(hit: Hit) -> bool:
    return hit.cls == "ours" or hit.cls.startswith("party.") or hit.cls == "elsewhere"


def _is_predicate(hit: Hit) -> bool:
    return hit.cls in PREDICATES and hit.cls != "handover_to"


def _is_passing(hit: Hit) -> bool:
    return hit.cls == "handover_to"


def _site(mention: Mention, first: int, last: int, words: list[Word], hits: list[Hit], lang: str) -> Site:
    """Look at the words around a name for a base word, a place word, or nearness."""
    before = {hit.cls for hit in hits if hit.last in (first, first - 1) and _adjacent(hit, first, words)}
    touching = {hit.cls for hit in hits if hit.last == first}
    after = {
        hit.cls
        for hit in hits
        if hit.first == last
        or (hit.first == last + 1 and words[last].text in ("s", "us", "american", "military", "air"))
    }
    if lang == "ar":  # an Arabic base word stands before the name
        after = set()
    head = ""
    if "head.base" in before or "head.base" in after:
        head = "base"
    elif "head.place" in touching or "head.place" in after:
        head = "place"
    if "head.place" in touching and "head.base" in before:
        head = "base"
    landmark = _is_landmark(first, words, hits)
    return Site(mention, first, last, head, landmark)


def _adjacent(hit: Hit, first: int, words: list[Word]) -> bool:
    """A head counts one word away only over a small word: "base at X", "مطار بلدة X"."""
    return (
        hit.last == first
        or words[first - 1].text in ("at", "in", "of", "the", "al", "في", "ب", "s")
        or (words[first - 1].text in ("مدينه", "بلده", "حقل", "حقول", "جبل"))
    )


def _is_landmark(first: int, words: list[Word], hits: list[Hit]) -> bool:
    for hit in hits:
        if hit.cls == "head.landmark":
            gap = words[hit.last : first] if hit.last <= first else []
            if hit.last == first or (
                len(gap) == 1
                and hit.last + 1 == first
                and gap[0].text in ("the", "of", "من", "مدينه", "بلده", "قريه", "al")
            ):
                return True
    return False


def _groups(sites: list[Site], words: list[Word], hits: list[Hit]) -> list[Group]:
    groups: list[Group] = []
    joiners = {
        index
        for hit in hits
        if hit.cls in ("link.list", "head.base", "link.at")
        for index in range(hit.first, hit.last)
    }
    for site in sites:
        if groups and _joined(groups[-1].sites[-1], site, words, joiners):
            groups[-1].sites.append(site)
        else:
            groups.append(Group([site]))
    heads = [hit for hit in hits if hit.cls == "head.base"]
    previous: Group | None = None
    for group in groups:
        group.link = _link(group, words, hits)
        last = previous.last if previous else 0
        headed = any(last <= h.first and 0 <= group.first - h.last <= _REACH for h in heads)
        _share_head(group, headed or (previous is not None and _goes_on(previous, group, words)))
        previous = group
    return groups


def _goes_on(before: Group, group: Group, words: list[Word]) -> bool:
    """Whether a group continues an enumeration that a base word governs: "bases A in the south and B in the east"."""
    return (
        before.has_head
        and group.first - before.last <= _REACH
        and group.sites[0].mention.clitics.startswith(("و", "ف"))
        and not any(words[index].text in _HARD for index in range(before.last, group.first))
    )


def _joined(before: Site, site: Site, words: list[Word], joiners: set[int]) -> bool:
    """Whether only list words lie between two names."""
    between = range(before.last, site.first)
    if len(between) > _NAME_GAP + 2 or before.landmark != site.landmark:
        return False
    if not between:
        return bool(site.mention.clitics)
    return all(words[index].text in (",", "و", "&", "/", "،", "+") or index in joiners for index in between)


def _share_head(group: Group, before: bool) -> None:
    """One base word governs the whole enumeration, also from some words before it: "its sites in …, at A and B"."""
    if before and not any(site.head == "place" for site in group.sites):
        group.sites = [Site(s.mention, s.first, s.last, "base", s.landmark) for s in group.sites]
    elif group.sites[0].head == "base" or group.sites[-1].head == "base":
        group.sites = [Site(s.mention, s.first, s.last, s.head or "base", s.landmark) for s in group.sites]


def _link(group: Group, words: list[Word], hits: list[Hit]) -> str:
    """The preposition that the group hangs on, over its base word and the words that describe it."""
    site = group.sites[0]
    clitic = site.mention.clitics.removesuffix("ال")
    if clitic.endswith("ل"):
        return "to"
    if clitic.endswith("ب"):
        return "at"
    index = site.first
    joined = {  # "in addition to", "save for"
        hit.last for hit in hits if hit.cls in ("link.list", "asp.only") and hit.last - hit.first > 1
    }
    for _ in range(5):
        if index in joined:
            return ""
        for hit in hits:
            if hit.last == index and hit.cls in ("link.to", "link.from", "link.at"):
                return hit.cls.removeprefix("link.")
        step = next(
            (
                h.first
                for h in hits
                if h.last == index and (h.cls in ("head.base", "ours", "head.place") or h.cls.startswith("party"))
            ),
            None,
        )
        if step is None:
            if index > 0 and words[index - 1].text in _STEPPED_OVER:
                step = index - 1
            else:
                return ""
        head = next((h for h in hits if h.first == step and h.cls == "head.base"), None)
        if head is not None and head.clitics[-1:] in ("ل", "ب"):
            return "to" if head.clitics[-1:] == "ل" else "at"
        index = step
    return ""


def _clauses(sentence: Sentence) -> list[Clause]:
    words, hits = sentence.words, sentence.hits
    cuts = _cut_points(sentence)
    clauses: list[Clause] = []
    begin, opener = 0, ""
    for at, mark in [*cuts, (len(words), "")]:
        if at > begin:
            clauses.append(Clause(begin, at, opener))
        begin, opener = at, mark
    for clause in clauses:
        clause.hits = [hit for hit in hits if clause.first <= hit.first < clause.last]
        clause.groups = [group for group in sentence.groups if clause.first <= group.first < clause.last]
    return clauses


def _cut_points(sentence: Sentence) -> list[tuple[int, str]]:
    """Where the sentence is cut, and by what: both sides must have a predicate."""
    words, hits = sentence.words, sentence.hits
    inside = {index for group in sentence.groups for index in range(group.first + 1, group.last)}
    predicate_at = sorted({hit.first for hit in hits if hit.cls in PREDICATES})
    group_at = sorted(group.first for group in sentence.groups)
    splits = {
        hit.first: words[hit.first].text for hit in hits if hit.cls == "link.split" and not hit.clitics.endswith("ل")
    }
    conjoined = _conjoined_verbs(words, hits)
    points: list[tuple[int, str]] = []
    for index, word in enumerate(words):
        if index in inside:
            continue
        if word.text in _HARD or word.text in _SOFT:
            points.append((index, word.text))
        elif index in splits:
            points.append((index, splits[index]))
        elif index in conjoined:
            points.append((index, "and"))
    cuts: list[tuple[int, str]] = []
    last = 0
    for number, (index, mark) in enumerate(points):
        following = points[number + 1][0] if number + 1 < len(points) else len(words)
        end = following if mark in _SOFT or mark == "and" else len(words)
        opening = min(end, index + _OPENING) if end == following else end
        predicates = _within(predicate_at, last, index) and _within(predicate_at, index, opening)
        predicates = predicates or _is_aside(sentence, last, index, opening, mark)
        named = mark != "and" and _within(group_at, last, index) and _within(group_at, index, end)
        closes = mark == ")" and bool(cuts) and cuts[-1][1] == "("
        if predicates or named or closes:
            cuts.append((index, mark))
            last = index
    return cuts


def _is_aside(sentence: Sentence, begin: int, index: int, end: int, mark: str) -> bool:
    """Whether one side only tells when: "days after rockets hit it, they left", "they left, days after rockets …".

    No base is named there. The sides are the words `[begin, index)` and `[index, end)`; one has a predicate.
    """
    before = [hit for hit in sentence.hits if begin <= hit.first < index]
    behind = [hit for hit in sentence.hits if index <= hit.first < end]
    if any(hit.cls in PREDICATES for hit in behind):
        opens = mark == "," and any(hit.cls == "asp.after" and hit.first == begin == 0 for hit in before)
        told = opens or any(hit.cls == "obj.attack" for hit in before)
        return told and not any(begin <= group.first < index for group in sentence.groups)
    told = mark in _ASIDES and any(hit.cls == "obj.attack" for hit in behind)
    return told and any(hit.cls in PREDICATES for hit in before)


def _within(sorted_at: list[int], first: int, end: int) -> bool:
    """Whether one of the sorted indexes lies in `[first, end)`."""
    at = bisect_left(sorted_at, first)
    return at < len(sorted_at) and sorted_at[at] < end


def _conjoined_verbs(words: list[Word], hits: list[Hit]) -> set[int]:
    """Where "and" or و/ف directly before a verb opens a clause of its own."""
    found = set()
    for hit in hits:
        if hit.cls not in PREDICATES:
            continue
        if hit.clitics[:1] in ("و", "ف") and hit.form in ("past", "impf"):
            found.add(hit.first)
        if hit.form in ("ed", "pres", "past", "impf"):
            found.update(i for i in range(max(0, hit.first - 3), hit.first) if words[i].text in ("and", "but"))
    return found
