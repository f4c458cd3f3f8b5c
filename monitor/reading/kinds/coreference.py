"""What a sentence says of bases that a sentence before it names, and what is said of bases whose names follow.

"SDF fighters took over both bases." "Three bases are being closed. They are A, B and C." Rules alone decide: what
they say is doubted by the second reader as all else.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from monitor.reading.clauses import Clause, Group, Sentence
from monitor.reading.cues import Hit, Lexicon
from monitor.reading.kinds.base_status import Scene, asks, read_back
from monitor.reading.second.cases import View
from monitor.reading.status_rules import Context, Reading, compose
from monitor.topics import Topic

_SECTION = "coreference"
_FEW = 4  # bases that one sentence may name for another to speak of all of them
_BACK = 3  # sentences back to the one that names them
_OPENING = 6  # words between what says that names follow and the first name


def lexicon(lang: str, topic: Topic) -> Lexicon:
    """The words that mean two bases (`pair`) or `several` together, and those behind which `names` of bases follow."""
    found = Lexicon(lang)
    cues = topic.cues.get(lang)
    for name, entries in cues.section(_SECTION).items() if cues else ():
        found.add(name, entries)
    return found


def scenes(view: View, index: int, words: Lexicon) -> Iterator[Scene]:
    """The bases that a sentence speaks of together, and those that it names for what the sentence before says."""
    if not any(view.named[max(0, index - _BACK) : index + 1]):
        return
    hits = words.find(view.lines[index].words)
    if not hits:
        return
    context = Context(words.lang, view.passage.published)
    together = [hit for hit in hits if hit.cls != "names"]
    if together and any(view.named[max(0, index - _BACK) : index]):
        yield from _together(view, index, together, context)
    names = [hit for hit in hits if hit.cls == "names"]
    if names and view.named[index]:
        yield from _listed(view, index, names, context)


def _together(view: View, index: int, hits: list[Hit], context: Context) -> Iterator[Scene]:
    """ "Both bases" where two were named last, "the vacated bases" where some were."""
    sentence = view.sentence(index)
    for clause in sentence.clauses:
        mine = [hit for hit in hits if clause.first <= hit.first < clause.last]
        if not mine or clause.groups:
            continue
        bases = _named_before(view, index, pair=any(hit.cls == "pair" for hit in mine))
        readings = read_back(clause, sentence, context, mine, asks(sentence))
        for base in bases if readings else ():
            yield Scene(base, sentence, clause, None, None, True, readings, context.published)


def _named_before(view: View, index: int, *, pair: bool) -> tuple[str, ...]:
    """The bases of the last sentence that names more than one, if they are two, or at most a few."""
    for named in reversed(view.named[max(0, index - _BACK) : index]):
        bases = tuple(dict.fromkeys(mention.base for mention in named if mention.strength != "weak"))
        if len(bases) > 1:
            return bases if len(bases) == 2 or (not pair and len(bases) <= _FEW) else ()
    return ()


def _listed(view: View, index: int, names: list[Hit], context: Context) -> Iterator[Scene]:
    """ "They are A, B and C": what is said of bases without a name in this sentence, or else the one before."""
    sentence = view.sentence(index)
    for clause in sentence.clauses:
        groups = [g for g in clause.groups if any(0 <= g.first - hit.last <= _OPENING for hit in names)]
        if not groups:
            continue
        name = max(hit.first for hit in names if hit.last <= groups[0].first)
        told = _said_of_bases(sentence, name, context)
        if told is None and index and not view.named[index - 1] and not _says_itself(clause, groups[0]):
            before = view.sentence(index - 1)
            told = _said_of_bases(before, len(before.words), context)
        if told is None:
            continue
        at, reading = told
        for group in clause.groups:
            for site in group.sites:
                counts = not site.landmark and site.mention.strength != "weak"
                base, when = site.mention.base, context.published
                yield Scene(base, sentence, clause, site, group, counts, (reading,), when, told=at)


def _says_itself(clause: Clause, group: Group) -> bool:
    return any(hit.last <= group.first for hit in clause.predicates)


def _said_of_bases(sentence: Sentence, until: int, context: Context) -> tuple[tuple[int, int], Reading] | None:
    """What the last clause before a word that speaks of bases without a name says of them, and its offsets.

    "Its operational bases" says nothing.
    """
    for clause in reversed([clause for clause in sentence.clauses if clause.first < until]):
        heads = [hit for hit in clause.of("head.base") if hit.last <= until]
        doing = [hit for hit in clause.predicates if hit.cls != "present" and hit.last <= until]
        if not heads or not doing or any(group.first < until for group in clause.groups):
            continue
        doing.sort(key=lambda hit: abs(hit.first - heads[0].first))
        readings = (compose(hit, None, clause, sentence, context, asks(sentence)) for hit in doing)
        reading = next((each for each in readings if each is not None), None)
        if reading is None:
            return None
        told = replace(reading, head=None, rule=f"listed:{reading.rule}")
        return sentence.span_of(clause.first, min(clause.last, until)), told
    return None
