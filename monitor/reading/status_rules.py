"""The rules of base statuses: what the predicate that governs a base says of it, composed.

Its class gives a direction (leave, stay, hand over …), its voice and the aspect words around it a stage (begun,
complete), the modality cues a modality, and the agents around it who is meant.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from db.records import Modality, Status
from monitor.reading.clauses import Clause, Group, Sentence
from monitor.reading.cues import Hit
from monitor.reading.modality import Tense, Voice, arabic_voice, english_voice, governing, settle

_LEAVING = ("leave", "vacate", "dismantle")
_SURE = (":moved",)
_CARGO = ("obj.arms", "obj.supply", "obj.troops", "reinforce")
_INTO = (" to", " into")
_OWN_LINKS = frozenset(("to", "from", "of", "on", "at", "into", "over", "من", "عن", "علي", "الي", "في"))
_OBJECTS = frozenset(("the", "a", "an", "their", "his", "its", "for"))  # behind "left": what was left, or for where
_NONE = frozenset(("no", "not", "none", "zero", "لا"))
_COUNTED = frozenset(("more", "longer", "any", "a", "single", "one", "of", "the", "its", "اي", "وجود"))
_STAGES = ("begin", "complete", "continue")
_SUBJECT = 3  # words between an Arabic verb and the convoy that is its subject
_YEAR = re.compile(r"(?:19|20)\d\d")


@dataclass(frozen=True, slots=True)
class Reading:
    """What a clause says of a group. sure: so by its structure alone that no model need weigh it."""

    status: Status
    to: str | None
    modality: Modality
    rule: str
    head: Hit | None
    sure: bool = False


@dataclass(frozen=True, slots=True)
class Context:
    """What a sentence is read with. antecedent: the bases last named before it."""

    lang: str
    published: datetime | None
    antecedent: tuple[str, ...] = ()


def heads_of(group: Group, groups: Sequence[Group], clause: Clause, lang: str) -> list[Hit]:
    """The predicates that may govern a group, likeliest first: the nearest before it, then the nearest behind."""
    others = [g for g in groups if g is not group]
    before = [h for h in clause.predicates if h.last <= group.first]
    behind = [h for h in clause.predicates if h.first >= group.last]
    before.sort(key=lambda h: (-h.last, h.first - h.last))
    behind.sort(key=lambda h: (h.first, h.first - h.last))
    near_behind = [h for h in behind if not any(group.last <= g.first < h.first for g in others)]
    if not before and not near_behind:  # one predicate behind a loose enumeration governs all of it
        near_behind = behind[:1]
    if lang == "en" and before and before[0].cls == "present" and near_behind and near_behind[0].cls in _LEAVING:
        return [near_behind[0], *before, *near_behind[1:]]
    if before and lang == "en" and any(h.last <= g.first and g.last <= group.first for g in others for h in before[:1]):
        return [*near_behind, *before]
    return [*before, *near_behind]


def compose(
    head: Hit, group: Group | None, clause: Clause, sentence: Sentence, context: Context, question: bool
) -> Reading | None:
    voice = (arabic_voice if context.lang == "ar" else english_voice)(sentence.words, head)
    stages = _stages(head, clause)
    if voice.tense is Tense.INFINITIVE and head.form == "noun" and head.clitics.removesuffix("ال")[-1:] != "ل":
        voice = replace(voice, tense=Tense.NOUN)  # the article is no "to"
    if group is not None:
        if _cannot_take(head, group, voice, clause, sentence, context):
            return None
        if _negated_between(head, group, clause):
            voice = replace(voice, negated=True)
    if head.cls in _LEAVING and head.form == "ed" and _none_of_ours(head, clause, sentence):
        voice = replace(voice, negated=True)
    if stages:
        voice = _staged_voice(voice, stages, sentence, context.lang)
    classes = governing(clause, sentence, head)
    modality = settle(classes, voice, question)
    if modality is None:
        return None
    found = _status(head, group, voice, stages, modality, clause, sentence, context)
    if found is None:
        return None
    status, to, why, modality = found
    modality = _aged(modality, clause, sentence, context)
    shown = " ".join(word.text for word in sentence.words[head.first : head.last])
    return Reading(status, to, modality, f"{why} '{shown}' → {status.value}", head, why.endswith(_SURE))


def _stages(head: Hit, clause: Clause) -> list[Hit]:
    """Aspect verbs that govern a predicate: before it with no other predicate between, nearest first."""
    blocked = [h.last for h in clause.predicates if h.last <= head.first and not (h.first <= head.first < h.last)]
    floor = max(blocked, default=clause.first)
    found = [h for h in clause.of(*_STAGES) if floor <= h.first and 0 <= head.first - h.last <= 7]
    behind = [
        h for h in clause.of(*_STAGES) if 0 <= h.first - head.last <= 7 and h.form in ("past", "impf", "ed", "pres")
    ]
    return sorted(found, key=lambda h: -h.first) or behind[:1]


def _staged_voice(voice: Voice, stages: list[Hit], sentence: Sentence, lang: str) -> Voice:
    """The outermost aspect verb tells the tense: "plans to begin leaving"."""
    outer = stages[-1]
    return (arabic_voice if lang == "ar" else english_voice)(sentence.words, outer)


_Found = tuple[Status, str | None, str, Modality]


def _status(
    head: Hit,
    group: Group | None,
    voice: Voice,
    stages: list[Hit],
    modality: Modality,
    clause: Clause,
    sentence: Sentence,
    context: Context,
) -> _Found | None:
    link = _link_of(head, group, sentence)
    cls = head.cls
    if cls in _LEAVING:
        return _leaving(head, group, link, voice, stages, modality, clause, sentence, context)
    if cls in ("handover", "handover_to"):
        receiver = _receiver(head, clause, sentence)
        if cls == "handover_to" and receiver is None:
            return None
        return (Status.HANDED_OVER, receiver, "handover", modality) if link != "from" else None
    if cls == "takeover":
        taker = _taker(head, group, clause, context.lang)
        if taker is None or link == "from":
            return None
        return Status.HANDED_OVER, taker, "takeover", modality
    if _foreign(head, clause, context.lang):
        return None
    if cls == "arrive":
        loaded = any(hit.cls in _CARGO for hit in clause.hits) or _convoy_in(link, clause)
        if link == "from" or _are_hurt(clause):
            return None
        if not loaded and _to_load(clause, sentence):
            return Status.WITHDRAWING, None, "arrive:to load", modality
        return (Status.REINFORCED, None, "arrive", modality) if loaded else None
    if cls == "reinforce":
        brought = link != "from" and _brings(head, clause)
        return (Status.REINFORCED, None, "reinforce", modality) if brought else None
    if link == "from" and cls == "return":
        return None
    if link == "to" and cls != "return":
        return None
    if cls == "present" and any(stage.cls == "complete" for stage in stages) and not voice.negated:
        return Status.VACATED, None, "present:complete", modality
    if cls in ("stay", "present") and _none_of_ours(head, clause, sentence):
        return _not_staying(replace(voice, negated=True), modality, clause)
    if cls == "stay" and voice.negated:
        return _not_staying(voice, modality, clause)
    if cls in ("stay", "present"):
        if (
            voice.tense is Tense.PAST
            and cls == "present"
            and context.lang == "en"
            and voice.passive is False
            and head.form == "ed"
        ):
            return None
        if voice.negated and modality is Modality.ASSERTED:
            modality = Modality.DENIED
    return Status.ACTIVE, None, cls, modality


def _brings(head: Hit, clause: Clause) -> bool:
    """Whether what is brought is force: not the wounded; and where a verb only moves ("flown to") anything at all."""
    if _are_hurt(clause):
        return False
    moves = head.form != "noun" and head.cue.entry.endswith(_INTO)
    return not moves or any(h.cls in (*_CARGO, "obj.gear", "obj.truck") for h in clause.hits if h is not head)


def _are_hurt(clause: Clause) -> bool:
    """Whether it is casualties who are moved, and nothing else."""
    kinds = {hit.cls for hit in clause.hits}
    return "obj.hurt" in kinds and not kinds & {"obj.arms", "obj.supply", "obj.gear", "obj.truck"}


def _convoy_in(link: str, clause: Clause) -> bool:
    """Whether a convoy goes to the base, not said to be empty."""
    vehicles = any(hit.cls in ("obj.truck", "obj.plane", "obj.gear") for hit in clause.hits)
    return link == "to" and vehicles and not any(hit.cls in ("obj.empty", "dismantle") for hit in clause.hits)


def _to_load(clause: Clause, sentence: Sentence) -> bool:
    """Whether vehicles came for what they are to take away: loading or dismantling in the rest of the sentence."""
    later = [c for c in sentence.clauses if c.first >= clause.first]
    trucks = any(hit.cls == "obj.truck" for hit in clause.hits)
    return trucks and any(hit.cls == "dismantle" for c in later for hit in c.hits)


def _not_staying(voice: Voice, modality: Modality, clause: Clause) -> _Found | None:
    """ "Only A will remain" is an active base, "none will remain" one that is left."""
    if modality is Modality.DENIED and voice.tense is Tense.FUTURE:
        modality = Modality.PLANNED
    if any(hit.cls == "asp.only" for hit in clause.hits):
        return Status.ACTIVE, None, "stay:only", modality
    return Status.VACATED, None, "stay:not", modality


def _none_of_ours(head: Hit, clause: Clause, sentence: Sentence) -> bool:
    """ "No more US troops at A", "not a single soldier remains": a negation that belongs to who is there."""
    ours = {i for h in clause.hits if h.cls in ("ours", "obj.troops") for i in range(h.first, h.last)}
    for hit in clause.hits:
        if hit.cls == "mod.negation" and hit.last <= head.last and sentence.words[hit.first].text in _NONE:
            who = hit.last
            while who < head.last and who not in ours and sentence.words[who].text in _COUNTED:
                who += 1
            if who in ours and not any(hit.last <= h.first and h.last <= head.first for h in clause.predicates):
                return True
    return False


def _cannot_take(head: Hit, group: Group, voice: Voice, clause: Clause, sentence: Sentence, context: Context) -> bool:
    """English word order: "left at A" is who stayed there; "A … left" without a passive says nothing of A."""
    if context.lang != "en" or head.cls != "leave" or head.form != "ed":
        return False
    if head.last <= group.first:
        between = {word.text for word in sentence.words[head.last : group.first]}
        return group.link == "at" and between <= {"at", "in", "the", "al", "on", "base"}
    inside = [h for h in clause.hits if group.last <= h.first < head.first]
    if voice.passive or any(h.cls in ("ours", "head.anaphor") for h in inside):
        return False
    return not _is_garrison(head, group, clause, sentence)


def _is_garrison(head: Hit, group: Group, clause: Clause, sentence: Sentence) -> bool:
    """Whether the base only tells which troops left: "part of the garrison at A departed on Monday"."""
    behind = sentence.words[head.last].text if head.last < len(sentence.words) else "."
    if group.link != "at" or behind in _OBJECTS or head.first - group.last > 2:
        return False
    return any(
        h.cls in ("obj.troops", "head.base") and 0 <= group.first - h.last <= 2 and h.first >= clause.first
        for h in clause.hits
    )


def _negated_between(head: Hit, group: Group, clause: Clause) -> bool:
    """ "left neither A nor B" """
    return any(
        h.cls == "mod.negation" and head.last <= h.first and h.last <= group.first and group.first - h.first <= 3
        for h in clause.hits
    )


def _excepted(group: Group | None, clause: Clause) -> bool:
    """ "all but A", "ما عدا A" """
    return group is not None and any(
        h.cls == "asp.only" and h.last <= group.first and group.first - h.last <= 2 for h in clause.hits
    )


def _all_moved(head: Hit, clause: Clause) -> bool:
    """ "moved the soldiers from A to B": with the article it is the whole garrison, and A is left."""
    troops = any(
        h.cls == "obj.troops" and h.clitics.endswith("ال") and head.first < h.first <= head.last + 1
        for h in clause.hits
    )
    return troops and any(h.cls == "link.to" and h.first > head.last for h in clause.hits)


def _part_only(head: Hit, clause: Clause, aspects: set[str], sentence: Sentence) -> bool:
    """Whether only some men or vehicles left: a number of troops, trucks or aircraft is what moves."""
    if head.cls != "leave" or "asp.whole" in aspects:
        return False
    if any(h.cls in ("obj.truck", "obj.plane", "obj.gear") for h in clause.hits):
        return True
    return any(
        h.cls == "obj.troops" and any(w.text.isdigit() for w in sentence.words[max(clause.first, h.first - 2) : h.last])
        for h in clause.hits
    )


def convoy_leaves(reading: Reading, clause: Clause, lang: str) -> bool:
    """Whether what left is a convoy, not said to be the last: whoever stayed is not spoken of."""
    head = reading.head
    if head is None or head.cls != "leave" or ":part" not in reading.rule:
        return False
    if lang == "ar":  # "غادر رتل", "قافلة أميركية غادرت"
        near = range(head.first - _SUBJECT, head.last + _SUBJECT)
        return any(hit.first in near for hit in clause.of("obj.truck"))
    return any(hit.last <= head.first for hit in clause.of("obj.truck"))


def _link_of(head: Hit, group: Group | None, sentence: Sentence) -> str:
    """The preposition before a group, unless it belongs to the predicate: "hang on to A"."""
    if group is None:
        return ""
    last = sentence.words[head.last - 1].text
    own = head.last - head.first > 1 and last in _OWN_LINKS and group.first - head.last <= 3
    return "" if own else group.link


def _leaving(
    head: Hit,
    group: Group | None,
    link: str,
    voice: Voice,
    stages: list[Hit],
    modality: Modality,
    clause: Clause,
    sentence: Sentence,
    context: Context,
) -> _Found | None:
    if link == "to" or _foreign(head, clause, context.lang):
        return None
    if _excepted(group, clause):
        return Status.ACTIVE, None, f"{head.cls}:except", modality
    good = head.cls == "vacate"
    aspects = {hit.cls for hit in clause.hits if hit.cls.startswith("asp.")}
    if modality in (Modality.PLANNED, Modality.DENIED, Modality.POSSIBLE):
        begun = any(stage.cls == "begin" for stage in stages)
        done = any(stage.cls == "complete" for stage in stages)
        value = Status.VACATED if (good and not begun) or done else Status.WITHDRAWING
        return value, None, f"{head.cls}:{modality.value}", modality
    stage = next((s.cls for s in reversed(stages)), None)
    if voice.negated and stage == "complete":
        return Status.WITHDRAWING, None, f"{head.cls}:incomplete", modality
    if voice.negated and (stage is not None or voice.tense is Tense.NOUN):
        value = Status.VACATED if good and stage is None else Status.WITHDRAWING
        return value, None, f"{head.cls}:none", Modality.DENIED
    if voice.negated:
        return Status.ACTIVE, None, f"{head.cls}:not", modality
    if stage == "complete":
        if voice.tense in (Tense.ONGOING,) or "asp.almost" in aspects:
            return Status.WITHDRAWING, None, f"{head.cls}:completing", modality
        return Status.VACATED, None, f"{head.cls}:complete", modality
    if stage in ("begin", "continue"):
        return Status.WITHDRAWING, None, f"{head.cls}:{stage}", modality
    if _all_moved(head, clause):
        return Status.VACATED, None, f"{head.cls}:moved", modality
    if head.cls == "dismantle":
        return Status.WITHDRAWING, None, "dismantle", modality
    if _part_only(head, clause, aspects, sentence):
        return Status.WITHDRAWING, None, f"{head.cls}:part", modality
    if "asp.almost" in aspects or ("asp.partial" in aspects and "asp.whole" not in aspects):
        return Status.WITHDRAWING, None, f"{head.cls}:partial", modality
    if voice.tense is Tense.ONGOING and context.lang == "ar" and _wholly(head, clause):
        return Status.VACATED, None, f"{head.cls}:wholly", modality
    if voice.tense in (Tense.ONGOING, Tense.STATE) and not good:
        return Status.WITHDRAWING, None, f"{head.cls}:ongoing", modality
    if voice.tense is Tense.ONGOING:
        return Status.WITHDRAWING, None, f"{head.cls}:ongoing", modality
    if voice.tense is Tense.NOUN:
        after = any(h.cls == "asp.after" and h.last <= head.first and head.first - h.last <= 2 for h in clause.hits)
        if after or "asp.whole" in aspects:
            return Status.VACATED, None, f"{head.cls}:after", modality
        if good:
            return None
        return Status.WITHDRAWING, None, f"{head.cls}:noun", modality
    return Status.VACATED, None, f"{head.cls}:past", modality


def _wholly(head: Hit, clause: Clause) -> bool:
    """A headline's imperfect with "completely" behind it, or of a verb of ending, tells what is done.

    "القوات الأميركية تغادر القاعدة بالكامل", "تنهي وجودها في القاعدة"
    """
    if any(h.cls == "complete" and h.first == head.first for h in clause.hits):
        return True
    return any(h.cls == "asp.wholly" and h.first >= head.last for h in clause.hits)


def _agents(clause: Clause) -> list[Hit]:
    return [hit for hit in clause.hits if hit.cls == "ours" or hit.cls.startswith("party.")]


def _foreign(head: Hit, clause: Clause, lang: str) -> bool:
    """Whether somebody else than our forces is who acts."""
    agents = _agents(clause)
    if not agents:
        return False
    if lang == "ar":
        behind = [a for a in agents if 0 <= a.first - head.last <= 3]
        if behind:
            return behind[0].cls != "ours" and behind[0].clitics.removesuffix("ال")[-1:] not in ("ل", "ب")
    before = [a for a in agents if a.last <= head.first]
    if before:
        return before[-1].cls != "ours"
    return False


def _receiver(head: Hit, clause: Clause, sentence: Sentence) -> str | None:
    """Who a base is handed to: the party behind "to"."""
    for hit in clause.hits:
        if hit.cls.startswith("party.") and hit.first >= head.last:
            before = {h.cls for h in clause.hits if h.last in (hit.first, hit.first - 1)}
            if hit.clitics.endswith(("ل", "لال")) or "link.to" in before:
                return hit.cls.removeprefix("party.")
    return next(
        (h.cls.removeprefix("party.") for h in clause.hits if h.cls.startswith("party.") and h.first >= head.last), None
    )


def _taker(head: Hit, group: Group | None, clause: Clause, lang: str) -> str | None:
    """Who takes a base over: the party that acts; not one behind "from" or "after"."""
    agents = [a for a in _agents(clause) if not _apart(a, clause)]
    before = [a for a in agents if a.last <= head.first]
    limit = group.first if group and group.first >= head.last else head.last + 5
    behind = [a for a in agents if head.last <= a.first < limit]
    late = [a for a in agents if a.first >= limit]
    order = (
        behind[:1] + before[::-1] + late[:1]
        if lang == "ar" or head.form == "noun"
        else before[::-1][:1] + behind + late
    )
    for agent in order[:1]:
        return None if agent.cls == "ours" else agent.cls.removeprefix("party.")
    return None


def _apart(agent: Hit, clause: Clause) -> bool:
    """Whether an agent hangs on "from" or "after": "received it from the coalition", not "soldiers from the army"."""
    parts = {hit.last for hit in clause.of("obj.troops")}
    return any(hit.last == agent.first and hit.first not in parts for hit in clause.of("link.from", "asp.after"))


def _aged(modality: Modality, clause: Clause, sentence: Sentence, context: Context) -> Modality:
    """An event more than two years before publication is background."""
    if modality is not Modality.ASSERTED or context.published is None:
        return modality
    if any(hit.cls == "mod.longago" for hit in clause.hits):
        return Modality.HISTORICAL
    years = [int(w.text) for w in sentence.words[clause.first : clause.last] if _YEAR.fullmatch(w.text)]
    if years and max(years) < context.published.year - 1:
        return Modality.HISTORICAL
    return modality
