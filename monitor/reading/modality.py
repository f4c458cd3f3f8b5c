"""How a predicate is meant: its tense and polarity, and the modality of its clause.

Tense is read from the auxiliaries and particles right before the predicate; modality from the cue words that govern
it in its clause, by the table of DOMAIN.md, section 2.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

from db.records import Modality
from monitor.reading.clauses import Clause, Sentence
from monitor.reading.cues import Hit, Word


class Tense(Enum):
    """When a predicate's event lies, as its form says."""

    PAST = "past"
    ONGOING = "ongoing"
    FUTURE = "future"
    INFINITIVE = "infinitive"
    NOUN = "noun"
    STATE = "state"


@dataclass(frozen=True, slots=True)
class Voice:
    """A predicate's tense, whether it is negated, whether it is only possible, whether it once was (used to)."""

    tense: Tense
    negated: bool = False
    possible: bool = False
    once: bool = False
    passive: bool = False


_BE = frozenset(
    [
        "be",
        "been",
        "being",
        "am",
        "is",
        "are",
        "was",
        "were",
        "'s",
        "'re",
        "get",
        "gets",
        "got",
        "isn't",
        "aren't",
        "wasn't",
        "weren't",
        "it's",
        "they're",
        "that's",
    ]
)
_HAVE = frozenset(["has", "have", "had", "having", "'ve", "hasn't", "haven't", "hadn't", "they've", "we've"])
_FUTURE = frozenset(["will", "shall", "would", "'ll", "won't", "wouldn't", "they'll", "it'll", "we'll"])
_MAY = frozenset(["may", "might", "could", "can", "cannot", "can't", "couldn't"])
_DO = frozenset(["do", "does", "did", "don't", "doesn't", "didn't"])
_NOT = frozenset(["not", "never", "no", "nor", "neither", "without", "nobody", "none", "hardly"])
_SKIP = frozenset(
    [
        "also",
        "now",
        "already",
        "since",
        "recently",
        "reportedly",
        "all",
        "both",
        "still",
        "yet",
        "just",
        "finally",
        "largely",
        "then",
        "soon",
        "only",
        "ever",
        "even",
        "each",
        "first",
        "long",
        "again",
        "currently",
        "so",
        "once",
        "only",
        "completely",
        "fully",
        "quietly",
        "slowly",
        "partly",
        "mostly",
        "nearly",
        "almost",
        "about",
    ]
)
_DETERMINERS = frozenset(
    [
        "the",
        "a",
        "an",
        "this",
        "that",
        "its",
        "their",
        "his",
        "of",
        "any",
        "no",
        "full",
        "partial",
        "final",
        "complete",
        "total",
    ]
)


def english_voice(words: Sequence[Word], hit: Hit) -> Voice:
    """The voice of an English predicate."""
    form = hit.form
    if form == "noun":
        return Voice(Tense.NOUN, negated=bool(hit.first) and words[hit.first - 1].text in ("no", "without"))
    if form in ("past", "impf", "adj") and hit.cue.entry.find("/") < 0:
        return _english_fixed(words, hit)
    aux = _auxiliaries(words, hit.first)
    negated = bool(aux & _NOT) or any(word.endswith("n't") for word in aux)
    if form == "base" and words[hit.first - 1].text in _DETERMINERS and hit.first > 0:
        return Voice(Tense.NOUN)
    if aux & _MAY:
        return Voice(Tense.FUTURE, negated, possible=True)
    if aux & _FUTURE:
        return Voice(Tense.FUTURE, negated)
    if form == "base":
        return _english_base(aux, negated)
    if form == "pres":
        return Voice(Tense.PAST if not negated else Tense.ONGOING, negated)
    if form == "ing":
        return Voice(Tense.ONGOING if aux & _BE else Tense.NOUN if not aux else Tense.ONGOING, negated)
    if "being" in aux:
        return Voice(Tense.ONGOING, negated, passive=True)
    if "to" in aux:
        return Voice(Tense.INFINITIVE, negated, passive=bool(aux & _BE))
    return Voice(Tense.PAST, negated, passive=bool(aux & _BE))


def _english_base(aux: set[str], negated: bool) -> Voice:
    if aux & _DO:
        return Voice(Tense.PAST, negated or bool(aux & {"don't", "doesn't", "didn't"}))
    if "to" in aux:
        return Voice(Tense.INFINITIVE, negated)
    return Voice(Tense.PAST, negated)


def _english_fixed(words: Sequence[Word], hit: Hit) -> Voice:
    aux = _auxiliaries(words, hit.first)
    negated = bool(aux & _NOT) or any(word.endswith("n't") for word in aux)
    if aux & _MAY:
        return Voice(Tense.FUTURE, negated, possible=True)
    if aux & _FUTURE or ("be" in aux and "to" in aux):
        return Voice(Tense.FUTURE, negated)
    once = bool(aux & {"was", "were", "had"})
    return Voice(Tense.PAST if hit.form == "past" else Tense.STATE, negated, once=once)


def _auxiliaries(words: Sequence[Word], first: int) -> set[str]:
    """The auxiliaries and negations that stand right before a verb, adverbs skipped."""
    found: set[str] = set()
    known = _BE | _HAVE | _FUTURE | _MAY | _DO | _NOT | {"to"}
    skipped = 0
    for index in range(first - 1, max(-1, first - 8), -1):
        word = words[index].text
        if word in known:
            found.add(word)
        elif word == "s" and index and words[index - 1].text in ("it", "that", "there"):
            found.add("is")
        elif (word in _SKIP or word.endswith("ly")) and skipped < 3:
            skipped += 1
        else:
            break
    return found


_PAST_NEGATION = frozenset(("لم", "لما"))
_DONE_VERBS = frozenset(
    ("تم", "تمت", "جري", "جرت", "قام", "قامت", "قاموا", "وتم", "وتمت", "وجري", "وجرت", "وقامت", "انه", "حصل", "حصلت")
)
_DOING_VERBS = frozenset(
    (
        "يتم",
        "يجري",
        "تجري",
        "تتم",
        "جار",
        "جاري",
        "جاريه",
        "يقوم",
        "تقوم",
        "يقومون",
        "ويجري",
        "وتجري",
        "عم",
        "قيد",
        "طور",
        "يشهد",
        "تشهد",
    )
)
_WILL_VERBS = frozenset(("سيتم", "ستتم", "سيجري", "ستجري", "وسيتم", "سوف", "رح", "راح", "حا", "ستقوم", "سيقوم"))
_WERE = frozenset(("كان", "كانت", "كانوا", "كنا", "وكان", "وكانت", "وكانوا"))
_WHAT = frozenset(
    [
        "ان",
        "وان",
        "كل",
        "بكل",
        "هذا",
        "هو",
        "هي",
        "علي",
        "في",
        "من",
        "بعض",
        "جميع",
        "عن",
        "الي",
        "اول",
        "اخر",
        "اهم",
        "بين",
        "مع",
        "بعد",
        "قبل",
        "وفق",
        "حسب",
        "عند",
    ]
)


def arabic_voice(words: Sequence[Word], hit: Hit) -> Voice:
    """The voice of an Arabic predicate."""
    before = [words[index].text for index in range(hit.first - 1, max(-1, hit.first - 5), -1)]
    last = before[0] if before else ""
    if hit.form == "noun":
        return _arabic_noun(before, hit)
    negated = last in ("لم", "ولم", "فلم", "لما", "لن", "ولن", "فلن", "لا", "ولا", "ما", "وما", "دون", "غير")
    if last == "ما" and before[1:2] and before[1] in _WHAT:
        negated = False
    if last in ("لن", "ولن", "فلن"):
        return Voice(Tense.FUTURE, negated)
    if hit.form == "impf" and "/" in hit.cue.entry:
        if "س" in hit.clitics or last in _WILL_VERBS:
            return Voice(Tense.FUTURE, negated)
        if last in ("لم", "ولم", "فلم"):
            return Voice(Tense.PAST, True)
        if last in ("قد", "وقد", "فقد", "ربما", "وربما") or before[1:2] == ["قد"]:
            return Voice(Tense.FUTURE, negated, possible=True)
        if last in ("ان", "لان", "بان", "كي", "لكي", "حتي") or hit.clitics.endswith("ل"):
            return Voice(Tense.INFINITIVE, negated)
        return Voice(Tense.ONGOING, negated, once=bool(_WERE & set(before[:3])))
    if hit.form == "past":
        return Voice(Tense.PAST, negated)
    if hit.form == "part":
        return Voice(Tense.STATE, negated, once=bool(_WERE & set(before[:3])))
    return Voice(Tense.STATE, negated, once=bool(_WERE & set(before[:3])))


def _arabic_noun(before: list[str], hit: Hit) -> Voice:
    near = set(before[:2])
    if near & _WILL_VERBS:
        return Voice(Tense.FUTURE)
    if near & _DONE_VERBS:
        return Voice(Tense.PAST, negated="لم" in before[:3])
    if near & _DOING_VERBS:
        negated = bool({"لم", "ولم", "لا"} & set(before[:3]))
        return Voice(Tense.PAST if negated else Tense.ONGOING, negated)
    if hit.clitics.endswith("ل"):
        return Voice(Tense.INFINITIVE)
    return Voice(Tense.NOUN, negated=before[:1] in (["عدم"], ["دون"], ["بدون"]))


_EARLY = ("mod.planned", "mod.possible", "mod.condition", "mod.considered", "mod.historical", "mod.denied")


def governing(clause: Clause, sentence: Sentence, head: Hit) -> set[str]:
    """The modality classes that govern a predicate: those before it in its clause, and denials behind it."""
    found = set()
    for hit in clause.hits:
        if hit.cls not in _EARLY or _inside(hit, head):
            continue
        behind = hit.cls == "mod.denied" and not any(
            head.last <= other.first < hit.first for other in clause.predicates
        )
        if hit.first < head.first or behind:
            found.add(hit.cls)
    return found


def _inside(hit: Hit, head: Hit) -> bool:
    return head.first <= hit.first and hit.last <= head.last


def settle(classes: set[str], voice: Voice, question: bool) -> Modality | None:
    """One modality out of the cues that govern a predicate and its voice; None where nothing is claimed at all."""
    if question or ("mod.considered" in classes and voice.tense is not Tense.PAST):
        return None
    if "mod.denied" in classes:
        return Modality.DENIED
    if voice.possible:
        return Modality.POSSIBLE
    future = voice.tense in (Tense.FUTURE, Tense.INFINITIVE)
    planned = future or ("mod.planned" in classes and voice.tense is not Tense.PAST)
    if "mod.possible" in classes and voice.tense is not Tense.PAST:
        return Modality.POSSIBLE
    if "mod.condition" in classes:
        return Modality.PLANNED if "mod.planned" in classes else Modality.POSSIBLE
    if planned:
        return Modality.DENIED if voice.negated else Modality.PLANNED
    if voice.once:
        return Modality.HISTORICAL
    return Modality.ASSERTED
