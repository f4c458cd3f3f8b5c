"""Cue words as data become a lexicon that finds them in a sentence, in all their inflected forms.

A cue has a class ("leave", "begin", "mod.planned", "party.russia", …) and a form: `past`, `impf` (under way),
`noun`, `part` (participle), `adj`, and for English also `base`, `ing`, `ed`; fixed words have form "". Verbs are
inflected here by regular paradigms, so that the topic's data lists only their principal parts.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from monitor.reading.text import PRONOUNS, Text, fold, stems, tokens_of
from monitor.topics import Cues, Party, Topic

_SILENT = frozenset("-\"'–")
_VOWELS = "aeiou"
_NOUNS = ("noun", "adj")
_ARABIC_GAP = 2
_ENGLISH_GAP = 4
_KEPT = 50_000  # words whose cues are kept between sentences
_FEMININE = ("ها", "هما")  # with a noun only these can mean the base: حضوره, انسحابهم are the forces' own
_SUFFIXES = tuple(p for p in PRONOUNS if p not in ("كم", "ي"))


@dataclass(frozen=True, slots=True)
class Cue:
    """A line of the topic's data: its class, the form it stands in, and the entry it comes from."""

    cls: str
    form: str
    entry: str


class Word(NamedTuple):
    """A word or mark of a sentence, in the normalised view; hyphens and quotation marks are left out."""

    text: str
    start: int
    end: int


class Hit(NamedTuple):
    """A cue found in a sentence: words `[first, last)`, with the clitics before and a pronoun behind it.

    cls, form: the cue's, since they are looked at more often than anything else.
    """

    cue: Cue
    cls: str
    form: str
    first: int
    last: int
    clitics: str
    pronoun: bool


@dataclass(frozen=True, slots=True)
class _Pattern:
    rest: tuple[str, ...]
    gap: int
    cue: Cue
    pronoun: bool


@dataclass(frozen=True, slots=True)
class _Opened:
    """The patterns that one word may open. alone: those of one word; by_second: the others by their second word, with
    their order; window: how many words behind the first the second may stand.
    """

    alone: tuple[tuple[str, _Pattern], ...]
    by_second: dict[str, list[tuple[int, tuple[str, _Pattern]]]]
    window: int

    @classmethod
    def of(cls, patterns: Iterable[tuple[str, _Pattern]]) -> _Opened:
        alone: list[tuple[str, _Pattern]] = []
        by_second: dict[str, list[tuple[int, tuple[str, _Pattern]]]] = {}
        window = 0
        for order, (clitics, pattern) in enumerate(patterns):
            if not pattern.rest:
                alone.append((clitics, pattern))
                continue
            far = pattern.rest[0] == "~"
            by_second.setdefault(pattern.rest[1 if far else 0], []).append((order, (clitics, pattern)))
            window = max(window, 1 + (_ENGLISH_GAP if far else pattern.gap))
        return cls(tuple(alone), by_second, window)


_NOTHING = _Opened((), {}, 0)


def words_of(text: Text, start: int, end: int) -> list[Word]:
    """The words of a normalised span; "U.S." becomes "us", the pronoun "us" becomes "us_"."""
    words: list[Word] = []
    tokens = text.tokens_in(start, end)
    index = 0
    while index < len(tokens):
        token = tokens[index]
        index += 1
        if token.text in _SILENT:
            continue
        if (
            token.text == "u"
            and index + 1 < len(tokens)
            and tokens[index].text == "."
            and tokens[index + 1].text == "s"
        ):
            last = tokens[index + 1]
            index += 2
            if index < len(tokens) and tokens[index].text == "." and tokens[index].start == last.end:
                last = tokens[index]
                index += 1
            words.append(Word("us", token.start, last.end))
        elif token.text == "us" and text.quote(token.start, token.end) != "US":
            words.append(Word("us_", token.start, token.end))
        else:
            words.append(Word(token.text, token.start, token.end))
    return words


class Lexicon:
    """All cues of one language, with parties and our forces among them; without a topic those that are added."""

    def __init__(self, lang: str, topic: Topic | None = None) -> None:
        self.lang = lang
        self._first: dict[str, list[_Pattern]] = {}
        self._opening: dict[str, _Opened] = {}
        if topic is None:
            return
        cues = topic.cues.get(lang)
        if cues is not None:
            self._add_cues(cues)
        for party in topic.parties.values():
            self._add_party(f"party.{party.id}", party)
        self._add_party("ours", topic.ours)
        self.add("elsewhere", topic.elsewhere.get(lang, ()))

    def add(self, cls: str, phrases: Iterable[str]) -> None:
        """Fixed words more, under a class of their own."""
        for phrase in phrases:
            self._add_fixed(Cue(cls, "", phrase), phrase)

    def _add_party(self, cls: str, party: Party) -> None:
        self.add(cls, party.spellings.get(self.lang, ()))

    def _add_cues(self, cues: Cues) -> None:
        inflect = _arabic_forms if self.lang == "ar" else _english_forms
        gap = _ARABIC_GAP if self.lang == "ar" else 0
        for cls, entries in cues.section("verbs").items():
            for entry in entries:
                for form, word, rest, pronoun in inflect(entry):
                    self._add(word, _Pattern(rest, gap, Cue(cls, form, entry), pronoun))
        for name, entries in cues.section("phrases").items():
            cls, _, form = name.partition(".")
            for entry in entries:
                self._add_fixed(Cue(cls, form, entry), entry)
        for section, prefix in (
            ("aspect", "asp."),
            ("modality", "mod."),
            ("heads", "head."),
            ("links", "link."),
            ("objects", "obj."),
        ):
            for name, entries in cues.section(section).items():
                for entry in entries:
                    self._add_fixed(Cue(prefix + name, "", entry), entry)

    def _add_fixed(self, cue: Cue, phrase: str) -> None:
        words = [token.text for token in tokens_of(fold(phrase)) if token.text not in _SILENT]
        if words == ["u", ".", "s", "."]:
            words = ["us"]
        if not words:
            return
        first = words[0]
        if (
            self.lang == "ar"
            and first.startswith("ال")
            and len(first) > 3
            and cue.cls.startswith(("party", "elsewhere"))
        ):
            first = first[2:]
        self._add(first, _Pattern(tuple(words[1:]), 0, cue, False))

    def _add(self, word: str, pattern: _Pattern) -> None:
        self._first.setdefault(word, []).append(pattern)

    def find(self, words: list[Word]) -> list[Hit]:
        """All cues in a sentence's words, by position; of one class at one place only the longest."""
        best: dict[tuple[str, bool, int], Hit] = {}
        for index, word in enumerate(words):
            opened = self._openings(word.text)
            if opened is _NOTHING:
                continue
            for clitics, pattern in (*opened.alone, *self._follow(words, index, opened)):
                last = self._match_rest(words, index + 1, pattern) if pattern.rest else index + 1
                if last:
                    cue = pattern.cue
                    key = (cue.cls, cue.form in _NOUNS, index)
                    if key not in best or best[key].last < last:
                        best[key] = Hit(cue, cue.cls, cue.form, index, last, clitics, pattern.pronoun)
        return sorted(best.values(), key=lambda hit: (hit.first, hit.last))

    def _follow(self, words: list[Word], index: int, opened: _Opened) -> Iterable[tuple[str, _Pattern]]:
        """The patterns of several words whose second stands close behind, in the order of the data."""
        if not opened.by_second:
            return ()
        found: dict[int, tuple[str, _Pattern]] = {}
        for word in words[index + 1 : index + 1 + opened.window]:
            if word.text in ",.;:":
                break
            for key in self._says(word.text):
                found.update(opened.by_second.get(key, ()))
        return [found[order] for order in sorted(found)]

    def _says(self, word: str) -> tuple[str, ...]:
        """Every word of the data that `_same` finds in a word of a text."""
        if self.lang == "ar":
            return _says_arabic(word)
        return (word, word[:-2]) if word.endswith("'s") else (word,)

    def _openings(self, word: str) -> _Opened:
        """The patterns that a word may open, with its clitics; kept, for most words come again."""
        known = self._opening.get(word)
        if known is None:
            if len(self._opening) >= _KEPT:
                self._opening.clear()
            patterns = [
                (clitics, pattern)
                for clitics, rest in self._readings(word)
                for pattern in self._first.get(rest, ())
                if _fits(pattern.cue, clitics)
            ]
            known = self._opening[word] = _Opened.of(patterns) if patterns else _NOTHING
        return known

    def _readings(self, word: str) -> Iterable[tuple[str, str]]:
        if self.lang == "ar":
            return stems(word)
        if word.endswith("'s") and len(word) > 3:
            return (("", word), ("", word[:-2]))
        return (("", word),)

    def _match_rest(self, words: list[Word], index: int, pattern: _Pattern) -> int:
        """Where the pattern ends when its other words follow from `index`; 0 when they do not."""
        gap = pattern.gap
        for wanted in pattern.rest:
            if wanted == "~":
                gap = _ENGLISH_GAP
                continue
            for at in range(index, min(index + gap + 1, len(words))):
                if words[at].text in ",.;:":
                    return 0
                if self._same(words[at].text, wanted):
                    index = at + 1
                    break
            else:
                return 0
            gap = pattern.gap
        return index

    def _same(self, word: str, wanted: str) -> bool:
        if word == wanted:
            return True
        return _same_arabic(word, wanted) if self.lang == "ar" else word == wanted + "'s"


@lru_cache(maxsize=65_536)
def _same_arabic(word: str, wanted: str) -> bool:
    if len(wanted) == 1:
        return word.startswith(wanted)
    for _, rest in stems(word):
        if rest == wanted or (
            rest.startswith(wanted[:-1]) and rest[len(wanted) :] in _SUFFIXES and _joins(rest, wanted)
        ):
            return True
    return False


@lru_cache(maxsize=65_536)
def _says_arabic(word: str) -> tuple[str, ...]:
    """Every word that `_same_arabic` finds in this one: its first letter, its readings, those without a pronoun."""
    found = {word: None, word[0]: None}
    for _, rest in stems(word):
        found[rest] = None
        for suffix in _SUFFIXES:
            if rest.endswith(suffix) and len(rest) > len(suffix):
                head = rest[: -len(suffix)]
                found[head] = None
                if head[-1] in "تا":
                    found[head[:-1] + ("ه" if head[-1] == "ت" else "ي")] = None
    return tuple(found)


def _joins(word: str, stem: str) -> bool:
    head = word[: len(stem)]
    return (
        head == stem or (stem[-1] == "ه" and head == stem[:-1] + "ت") or (stem[-1] == "ي" and head == stem[:-1] + "ا")
    )


def _fits(cue: Cue, clitics: str) -> bool:
    """Whether a cue may carry these clitics: the future س only before an imperfect, the article not before a verb."""
    if not clitics:
        return True
    if "س" in clitics:
        return cue.form == "impf"
    if "ال" in clitics or clitics[-1] in "بك":
        return cue.form not in ("past", "impf") or (cue.cls in ("stay", "vacate", "reinforce") and "/" not in cue.entry)
    if clitics[-1] == "ل":
        return cue.form != "past"
    return True


# -- Arabic paradigms --------------------------------------------------------------------------------------------------

_Form = tuple[str, str, tuple[str, ...], bool]


def _arabic_forms(entry: str) -> Iterator[_Form]:
    """(form, first word, further words, has a pronoun) of "past/imperfect/verbal noun/participle"."""
    makers = (("past", _past), ("impf", _imperfect), ("noun", _noun), ("part", _participle))
    for (form, make), part in zip(makers, entry.split("/"), strict=False):
        words = fold(part).split()
        if not words:
            continue
        seen = set()
        bare = words[0].endswith("-")  # takes no object
        hamza = part.split()[0].endswith("أ")
        for word, pronoun in make(words[0].rstrip("-"), hamza):
            if pronoun and bare:
                continue
            if len(word) > 1 and (word, pronoun) not in seen:
                seen.add((word, pronoun))
                yield form, word, tuple(words[1:]), pronoun


def _past(verb: str, hamza: bool) -> Iterator[tuple[str, bool]]:
    """Third persons and "we", active and passive, with and without an object pronoun."""
    weak = verb[-1] in "يا" and len(verb) > 2 and not hamza
    stem = verb[:-1] if weak else verb
    bare = [verb, stem + "ت", stem + "وا", stem + "و", stem + "تا", stem + ("ينا" if weak else "نا")]
    if weak:
        bare += [stem + "يت", stem + "ا"]
    elif len(verb) == 3 and verb[1] == "ا":  # hollow: عاد, passive عيد
        bare += [verb[0] + verb[2] + "نا"]
    yield from ((word, False) for word in bare)
    for host in (stem + "ا" if weak else verb, stem + "ت", stem + "و"):
        yield from ((host + pronoun, True) for pronoun in _SUFFIXES)


def _imperfect(verb: str, hamza: bool) -> Iterator[tuple[str, bool]]:
    """All persons by prefix, plural, dual and jussive, with and without an object pronoun; dialect ب before."""
    root = verb[1:]
    weak = root[-1:] in ("ي", "ا", "و") and len(root) > 2 and not hamza
    short = root[:-1] if weak else root
    for prefix in "يتنا":
        yield prefix + root, False
        yield "ب" + prefix + root, False
        if weak and prefix in "يت":
            yield prefix + short, False
        yield from ((prefix + root + pronoun, True) for pronoun in _SUFFIXES)
        if weak and root[-1] == "ي":
            yield from ((prefix + short + "ا" + pronoun, True) for pronoun in _SUFFIXES)
    for prefix in "يت":
        yield from ((prefix + short + ending, False) for ending in ("ون", "وا", "و", "ان"))
        yield from ((prefix + short + "و" + pronoun, True) for pronoun in _SUFFIXES)


def _noun(noun: str, hamza: bool) -> Iterator[tuple[str, bool]]:
    """The verbal noun, also with tanwin and pronouns."""
    yield noun, False
    yield noun + "ا", False
    hosts = [noun]
    if noun[-1] == "ه":
        hosts = [noun[:-1] + "ت"]
    elif noun[-1] == "ء":
        hosts = [noun, noun[:-1] + "و", noun[:-1] + "ي"]
    for host in hosts:
        yield from ((host + pronoun, pronoun in _FEMININE) for pronoun in _SUFFIXES)


def _participle(word: str, hamza: bool) -> Iterator[tuple[str, bool]]:
    """Gender and number of a participle."""
    stem = word[:-1] if word[-1] == "ه" else word
    yield from ((stem + ending, False) for ending in ("", "ه", "ا", "ون", "ين", "ات", "ان", "تان", "تين"))


# -- English paradigms -------------------------------------------------------------------------------------------------


def _english_forms(entry: str) -> Iterator[_Form]:
    """(form, first word, further words, False) of "base/past/participle particle …" or "base particle …"."""
    first, *rest = fold(entry.replace("-", " ")).split()
    parts = first.split("/")
    base = parts[0]
    past = parts[1] if len(parts) > 1 else _regular_past(base)
    participle = parts[2] if len(parts) > 2 else past
    tail = tuple(rest)
    if base == "be":
        forms = [("base", "be"), ("past", "is"), ("past", "are"), ("past", "was"), ("past", "were")]
    elif past == base:  # shut, quit: the form does not tell the tense
        forms = [("ed", base), ("pres", _third(base)), ("ing", _ing(base))]
    else:
        forms = [("base", base), ("pres", _third(base)), ("ing", _ing(base)), ("ed", past)]
        if participle != past:
            forms.append(("ed", participle))
    for form, word in forms:
        yield form, word, tail, False


def _third(base: str) -> str:
    if base.endswith(("s", "sh", "ch", "x", "z", "o")):
        return base + "es"
    if base.endswith("y") and base[-2] not in _VOWELS:
        return base[:-1] + "ies"
    return base + "s"


def _doubles(base: str) -> bool:
    return (
        len(base) <= 5
        and base[-1] not in "wxyaeiouhnlkdr"
        and base[-2] in _VOWELS
        and (len(base) < 3 or base[-3] not in _VOWELS)
    ) or base in ("thin", "shed", "run", "man", "let", "cut", "set", "shut", "get", "begin")


def _regular_past(base: str) -> str:
    if base.endswith("e"):
        return base + "d"
    if base.endswith("y") and base[-2] not in _VOWELS:
        return base[:-1] + "ied"
    return base + (base[-1] if _doubles(base) else "") + "ed"


def _ing(base: str) -> str:
    if base.endswith("e") and not base.endswith(("ee", "oe")):
        return base[:-1] + "ing"
    return base + (base[-1] if _doubles(base) else "") + "ing"
