"""Where a text names a base: whole words only, clitics and articles allowed, by one Aho-Corasick pass.

A mention says how sure the name is: `strong` names the site alone, `plain` is its name, `place` is the name of a
town, field or prison as well, `weak` is an ordinary word as well. Whether the mention counts is decided where its
sentence is read.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import ahocorasick_rs

from monitor.reading.text import Text, fold
from monitor.topics import Base, Topic

_ARABIC = re.compile(r"[\u0600-\u06ff]")
# What may stand before a name inside its word: conjunction, preposition, article.
_BEFORE = re.compile(r"(?:[وف]?(?:[بلك]?(?:ال)?|لل))$")
_WORD = re.compile(r"[^\W_]")
# Where a report was written, and by whom: "AL-TANF, Syria, Feb. 11 (Reuters) -". It says nothing of the place.
_DATELINE = re.compile(
    r"^[^\n!?:;()]{2,60}\([^\n()]{2,30}\)\s*[-–—]"
    # "QAMISHLI – Soldiers …": a few words before the text's first dash, and no second one that would close a remark.
    r"|\A(?P<place>(?:[^\s.!?:;()\d–—]+\s){1,3})[-–—]\s(?![^\n.!?]*\s[-–—]\s)",
    re.MULTILINE,
)
_RANK = {"strong": 0, "plain": 1, "place": 2, "weak": 3}


@dataclass(frozen=True, slots=True)
class Mention:
    """A span of the normalised view that names a base; `clitics` stand before the name inside its word."""

    base: str
    start: int
    end: int
    strength: str
    clitics: str = ""


class Gazetteer:
    """Finds the names of a topic's bases. Linear in the text's length."""

    def __init__(self, topic: Topic) -> None:
        self._names: list[tuple[str, str, tuple[str, ...]]] = []
        forms: dict[str, int] = {}
        for base in topic.bases.values():
            for strength, spelling in spellings_of(base):
                if spelling not in forms:
                    forms[spelling] = len(self._names)
                    after = base.not_followed.get("en", ()) + base.not_followed.get("ar", ())
                    self._names.append((base.id, strength, tuple(fold(word) for word in after)))
        self._bases = {fold(word) for cues in topic.cues.values() for word in cues.get("heads", "base")}
        self._order = list(forms)
        self._automaton = ahocorasick_rs.AhoCorasick(self._order, matchkind=ahocorasick_rs.MatchKind.Standard)

    def find(self, text: Text) -> list[Mention]:
        """All mentions outside datelines in order, none overlapping: the longest wins, then the surest."""
        norm = text.norm.replace("-", " ")
        found: list[Mention] = []
        for which, start, end in self._automaton.find_matches_as_indexes(norm, overlapping=True):
            mention = self._whole(norm, start, end, which)
            if mention is not None:
                found.append(mention)
        found.sort(key=lambda m: (m.start, -(m.end - m.start), _RANK[m.strength]))
        kept: list[Mention] = []
        for mention in found:
            if kept and mention.start < kept[-1].end:
                if mention.end - mention.start > kept[-1].end - kept[-1].start:
                    kept[-1] = mention
                continue
            kept.append(mention)
        datelines = [match.span() for match in _DATELINE.finditer(text.norm) if not self._is_of_a_base(match)]
        return [mention for mention in kept if not _inside(mention.start, datelines)]

    def _is_of_a_base(self, dateline: re.Match[str]) -> bool:
        """ "Shaddadi base – vacated" is a headline; with an agency in brackets the place of writing may be a base."""
        return not self._bases.isdisjoint((dateline["place"] or "").split())

    def _whole(self, norm: str, start: int, end: int, which: int) -> Mention | None:
        base, strength, after = self._names[which]
        if end < len(norm) and _WORD.match(norm[end]):
            return None
        begin = start
        while begin > 0 and start - begin < 6 and _WORD.match(norm[begin - 1]):
            begin -= 1
        clitics = norm[begin:start]
        if clitics:
            if not _ARABIC.match(norm[start]) or not _BEFORE.fullmatch(clitics):
                return None
            if begin > 0 and _WORD.match(norm[begin - 1]):
                return None
        if after and norm[end : end + 12].split()[:1] and norm[end : end + 12].split()[0] in after:
            return None
        return Mention(base, start, end, strength, clitics)


def _inside(place: int, spans: Sequence[tuple[int, int]]) -> bool:
    """Whether a place lies in one of these spans, which stand in order."""
    at = bisect_right(spans, place, key=lambda span: span[0]) - 1
    return at >= 0 and place < spans[at][1]


def spellings_of(base: Base) -> Iterator[tuple[str, str]]:
    """All names of a base as they are looked for, each with its strength, the surest first."""
    plain = "place" if base.place else "plain"
    tables: tuple[tuple[str, Mapping[str, tuple[str, ...]]], ...] = (
        ("strong", base.strong),
        (plain, base.spellings),
        ("weak", base.weak),
    )
    for strength, table in tables:
        for names in table.values():
            for name in names:
                for form in _variants(fold(name).replace("-", " ")):
                    yield strength, form


def _variants(name: str) -> Iterator[str]:
    """The name as written, and without its article (clitics and article are allowed before it anyway)."""
    yield name
    if name.startswith("ال") and len(name) > 4 and " " not in name:
        yield name[2:]
    for article in ("al ", "el ", "ash ", "at "):
        if name.startswith(article):
            yield name[len(article) :]
