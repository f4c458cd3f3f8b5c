"""Whose voice a claim is: ten reprints of one agency report are one.

Citations come first: the speaker, the byline, the credit line, the sentence. Then the text itself: an article that
repeats most of an earlier one's word sequences is its copy, whatever it says of itself. Names of agencies and
outlets are data, given as a mapping from a name as texts write it to a root, such as an outlet's source id.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import lru_cache
from hashlib import blake2b

from db.records import Claim, Version
from monitor.knowing.rules import SpeakerKind

_MARKS = re.compile(r"[\u0640\u064b-\u065f\u0670]")
_LETTERS = str.maketrans({"أ": "ا", "إ": "ا", "آ": "ا", "ٱ": "ا", "ى": "ي", "ة": "ه", "ؤ": "و", "ئ": "ي"})
_WORD = re.compile(r"\w+")
_SENTENCE_END = re.compile(r"[.!?؟]\s|\n")
_LEAD = 200  # characters in which an article says whose report it retells
_CREDIT = 60  # characters in which a closing credit line stands


def plain(text: str) -> str:
    """Text as it is compared: lower case, no marks, one form of each Arabic letter, words parted by one space."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    return " ".join(_WORD.findall(_MARKS.sub("", folded).translate(_LETTERS)))


_plain_name = lru_cache(maxsize=4096)(plain)


def outlet_names(outlets: Mapping[str, str], generic: Iterable[str] = ()) -> dict[str, str]:
    """Names to look for, from outlets: root id → name gives plain name → root id.

    generic: words that say only what sort of outlet it is ("agency", "وكالة", "للأنباء"); a name is also known
    without them, unless nothing of three letters is left.
    """
    dull = {plain(word) for word in generic}
    names: dict[str, str] = {}
    for root, name in outlets.items():
        whole = plain(name)
        core = " ".join(word for word in whole.split() if word not in dull)
        for form in (whole, core):
            if len(form) >= 3:
                names.setdefault(form, root)
    return names


def cited(text: str, names: Mapping[str, str]) -> list[str]:
    """The roots that a text names, in the order of their first mention; names are matched as whole words.

    An Arabic name is also found behind one of the particles that are written together with a word.
    """
    inside = f" {plain(text)} "
    found: dict[str, int] = {}
    for name, root in names.items():
        form = _plain_name(name)
        places = [inside.find(f" {head}{form} ") for head in ("", "و", "ل", "ب", "لل", "ول", "وب")]
        first = min((place for place in places if place >= 0), default=-1) if form else -1
        if first >= 0 and (root not in found or first < found[root]):
            found[root] = first
    return sorted(found, key=lambda root: (found[root], root))


@dataclass(frozen=True, kw_only=True)
class Citations:
    """What `origin_of` needs to know of the world: names as texts write them → root id.

    names: agencies, and others whose name is no ordinary word: found anywhere. outlets: the names of outlets at
    large, which may be ordinary words ("Dawn", "الميزان"): found where a source is named, not in running text.
    speaker_kind: as in Rules; it tells the names whose mention beside a claim makes them its root (outlets,
    organisations) from bodies that speak for themselves alone.
    """

    names: Mapping[str, str]
    speaker_kind: Callable[[str | None], str]
    outlets: Mapping[str, str] = field(default_factory=dict)

    def besides(self, version: Version, names: Mapping[str, str]) -> Mapping[str, str]:
        """The names of all but the outlet itself."""
        own = {version.source, version.outlet, *cited(version.outlet, self.names), *cited(version.outlet, self.outlets)}
        return {name: root for name, root in names.items() if root not in own}

    def reporting(self, version: Version) -> Mapping[str, str]:
        """The names that may stand in running text, of those who report what others did or said."""
        reporters = (SpeakerKind.MEDIA, SpeakerKind.ORGANISATION)
        others = self.besides(version, self.names)
        return {name: root for name, root in others.items() if self.speaker_kind(name) in reporters}

    def all_besides(self, version: Version) -> Mapping[str, str]:
        """Every name that may stand where a source is named; an agency's name goes before an outlet's."""
        return self.besides(version, {**self.outlets, **self.names})

    def credited(self, version: Version) -> str | None:
        """The root that an article is credited to as a whole: in its byline, its dateline or its closing line."""
        crediting = {**self.besides(version, self.outlets), **self.reporting(version)}
        lines = (version.byline, _dateline(version.text), _credit(version.text))
        return next((roots[0] for roots in (cited(line, crediting) for line in lines) if roots), None)

    def own(self, version: Version) -> str:
        """The root of the outlet itself: an agency that bears its name, else its source id, else its name."""
        named = cited(version.outlet, self.names)
        return named[0] if named else version.source or next(iter(cited(version.outlet, self.outlets)), version.outlet)


def origin_of(claim: Claim, version: Version, citations: Citations, *, copy_of: str | None = None) -> str:
    """The root under which a claim is counted; claims of one root are one voice.

    copy_of: the origin of an earlier article that this one is a near-duplicate of (see `Copies`).
    The first that says something decides: the speaker; a byline, dateline or credit line; the copied article; the
    sentence; the lead, where the sentence has no speaker with a name of its own. Else it is the outlet's own voice.
    """
    by_speaker = cited(claim.speaker or "", citations.all_besides(version))
    if by_speaker:
        return by_speaker[0]
    credit = citations.credited(version)
    if credit is not None:
        return credit
    if copy_of is not None:
        return copy_of
    reporting = citations.reporting(version)
    sentence = cited(_sentence(version.text, claim), reporting)
    if sentence:
        return sentence[0]
    nameless = (SpeakerKind.OUTLET, SpeakerKind.MEDIA, SpeakerKind.OFFICIAL_UNNAMED)
    if citations.speaker_kind(claim.speaker) in nameless:
        lead = cited(f"{version.title}\n{version.text[:_LEAD]}", reporting)
        if lead:
            return lead[0]
    return citations.own(version)


def _dateline(text: str) -> str:
    """What stands in brackets before the first dash, or at the head of the first line: "(Reuters) -", "رويترز -"."""
    head = text.lstrip()[:_CREDIT].split("\n")[0]
    return re.split(r"\s[-–—]", head)[0] if re.search(r"\s[-–—]", head) else ""


def _credit(text: str) -> str:
    """A last line or closing words short enough to be a credit line."""
    last = text.rstrip().rsplit("\n", 1)[-1]
    tail = _SENTENCE_END.split(last)[-1]
    return tail if len(tail) <= _CREDIT / 2 else ""


def _sentence(text: str, claim: Claim) -> str:
    """The sentence or sentences in which a claim's quote stands."""
    start = max((match.end() for match in _SENTENCE_END.finditer(text, 0, max(claim.start, 0))), default=0)
    after = _SENTENCE_END.search(text, claim.end)
    return text[start : after.start() if after else len(text)]


def shingles(text: str, size: int = 4) -> frozenset[int]:
    """Hashes of every run of `size` words: the same on every machine and in every run, so that they can be kept."""
    words = plain(text).split()
    runs = (" ".join(words[i : i + size]) for i in range(max(len(words) - size + 1, 0)))
    return frozenset(int.from_bytes(blake2b(run.encode(), digest_size=8).digest(), "big", signed=True) for run in runs)


class Copies:
    """Remembers the texts of some days, and tells of a new one whose copy it is.

    A copy repeats at least `share` of the shorter text's shingles: that lets cuts and new headlines pass (containment
    after Broder, "On the resemblance and containment of documents", 1997). Both texts must have `least` shingles,
    since short ones agree by chance. Feed it versions in the order they were seen; after a restart, those of the last
    `days` first, and it tells the same again.
    """

    def __init__(self, *, days: int = 7, share: float = 0.5, least: int = 20) -> None:
        self._span = timedelta(days=days)
        self._share = share
        self._least = least
        self._texts: dict[str, tuple[str, frozenset[int], datetime]] = {}  # URL → root, shingles, when seen
        self._where: dict[int, set[str]] = {}  # shingle → URLs

    def take(self, version: Version, citations: Citations) -> str | None:
        """The root of another outlet's article that this version copies, or None; and remember it."""
        self._forget(version.seen_at - self._span)
        mine = shingles(version.text)
        root = self._root(version, mine)
        self._drop(version.url)
        own = citations.own(version)
        self._texts[version.url] = (root or citations.credited(version) or own, mine, version.seen_at)
        for run in mine:
            self._where.setdefault(run, set()).add(version.url)
        return root if root != own else None

    def _root(self, version: Version, mine: frozenset[int]) -> str | None:
        if len(mine) < self._least:
            return None
        shared: dict[str, int] = {}
        for run in mine:
            for url in self._where.get(run, ()):
                shared[url] = shared.get(url, 0) + 1
        best: tuple[float, float, str] | None = None
        for url, count in shared.items():
            root, theirs, seen = self._texts[url]
            part = count / min(len(mine), len(theirs))
            rank = (part, -seen.timestamp(), root)
            if url != version.url and len(theirs) >= self._least and part >= self._share and (not best or rank > best):
                best = rank
        return best[2] if best else None

    def _forget(self, before: datetime) -> None:
        for url in [url for url, (_, _, seen) in self._texts.items() if seen < before]:
            self._drop(url)

    def _drop(self, url: str) -> None:
        for run in self._texts.pop(url, ("", frozenset(), None))[1]:
            self._where[run].discard(url)
            if not self._where[run]:
                del self._where[run]
