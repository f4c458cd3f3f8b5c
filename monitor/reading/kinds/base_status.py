"""What a text says of a base: `base_status` claims.

The way of a sentence: its bases are grouped into enumerations; the clause's predicate that governs a group is found;
its class gives a direction (leave, stay, hand over …), its voice and the aspect words around it a stage (begun,
complete), the modality cues a modality, and the agents around it who is meant.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from db.records import Claim, Kind, StatusValue
from monitor.reading.clauses import Clause, Group, Sentence, Site
from monitor.reading.cues import Hit
from monitor.reading.status_rules import Context, Reading, compose, heads_of

_RELATIVE = frozenset(("which", "who", "where", "that", "whose", "الذي", "التي", "الذين", "حيث"))  # say something else


@dataclass(frozen=True, slots=True)
class Scene:
    """One base in one clause, and what the rules read there: likeliest first, at most two.

    site and group are None where the clause only refers back to the base. told: original offsets of the clause that
    says what is said, where it stands in the sentence before.
    """

    base: str
    sentence: Sentence
    clause: Clause
    site: Site | None
    group: Group | None
    counts: bool
    readings: tuple[Reading, ...]
    published: datetime | None = None
    told: tuple[int, int] | None = None

    @property
    def span(self) -> tuple[int, int]:
        """Original offsets of the clause."""
        return self.sentence.span_of(self.clause.first, self.clause.last)


def scenes(sentence: Sentence, context: Context) -> list[Scene]:
    """Every base of a sentence in its clause, and the clauses that refer back to a base, in order."""
    out: list[Scene] = []
    carried = context.antecedent
    question = asks(sentence)
    shared: Hit | None = None
    for clause in sentence.clauses:
        counted = [g for g in clause.groups if _counts(g, clause, sentence)]
        for group in clause.groups:
            readings = _read_group(group, clause.groups, clause, sentence, context, question)
            if shared is not None and not clause.predicates and clause.opener not in _RELATIVE:
                readings = _read_shared(shared, group, clause, sentence, context, question)
            counts = group in counted
            out += [
                Scene(s.mention.base, sentence, clause, s, group, counts, readings, context.published)
                for s in group.sites
            ]
        if not clause.groups and carried and _refers_back(clause, len(carried) > 1):
            anaphors = clause.of("head.anaphor", "head.anaphors")
            readings = read_back(clause, sentence, context, anaphors, question)
            out += [Scene(base, sentence, clause, None, None, True, readings, context.published) for base in carried]
        if clause.opener != "(":
            shared = _sharer(clause) or shared
        if counted:
            carried = tuple(site.mention.base for site in counted[-1].sites)
        elif clause.groups:
            carried = ()
    return out


def asks(sentence: Sentence) -> bool:
    """Whether a sentence is a question."""
    return "?" in sentence.text.norm[sentence.span.end - 2 : sentence.span.end]


def by_rule(scene: Scene) -> list[Claim]:
    """What the rules alone claim of a scene."""
    if not scene.counts or not scene.readings:
        return []
    return [claim_of(scene, scene.readings[0])]


def claim_of(scene: Scene, reading: Reading) -> Claim:
    """A claim with the smallest quote that holds the base and the predicate; the clause when it refers back."""
    first, last = scene.clause.first, scene.clause.last
    if scene.site is not None and scene.group is not None:
        first = min(reading.head.first, scene.group.first) if reading.head else first
        last = max(reading.head.last, scene.site.last) if reading.head else last
    return _claim(reading, scene.base, first, last, scene.sentence)


def _counts(group: Group, clause: Clause, sentence: Sentence) -> bool:
    """Whether a group is bases of ours at all: DOMAIN.md, section 2, "Subjects that are not ours"."""
    site = group.sites[0]
    if any(s.landmark or s.head == "place" for s in group.sites):
        return _told_there(group, clause)
    strengths = {s.mention.strength for s in group.sites}
    if "weak" in strengths and len(group.sites) == 1 and not group.has_head:
        return False
    if strengths & {"strong", "plain"} or group.has_head:
        return True
    return site.mention.strength == "place" and any(hit.cls == "ours" for hit in sentence.hits)


def _told_there(group: Group, clause: Clause) -> bool:
    """Whether a place only tells who speaks, and "the base" behind it is the one there: "residents of A said …"."""
    heads = {h.last for h in clause.hits if h.cls == "head.base"}
    return len(clause.groups) == 1 == len(group.sites) and any(
        h.cls == "head.anaphor" and h.first > group.last and h.last in heads for h in clause.hits
    )


def _read_group(
    group: Group, groups: Sequence[Group], clause: Clause, sentence: Sentence, context: Context, question: bool
) -> tuple[Reading, ...]:
    heads = heads_of(group, groups, clause, context.lang)
    readings = (compose(head, group, clause, sentence, context, question) for head in heads[:4])
    return tuple(reading for reading in readings if reading is not None)[:2]


def _sharer(clause: Clause) -> Hit | None:
    """The predicate that a clause shares with one behind it that has none: its last before or around its bases."""
    return clause.predicates[-1] if clause.predicates else None


def _read_shared(
    head: Hit, group: Group, clause: Clause, sentence: Sentence, context: Context, question: bool
) -> tuple[Reading, ...]:
    """A clause without a predicate shares that of the clause before it: "at A …, in addition to base B"."""
    home = next(c for c in sentence.clauses if c.first <= head.first < c.last)
    neutral = Group(group.sites, "at" if head.cls in ("stay", "present") else "")
    reading = compose(head, neutral, home, sentence, context, question)
    return () if reading is None else (replace(reading, rule=f"shared:{reading.rule}"),)


def _refers_back(clause: Clause, many: bool) -> bool:
    wanted = ("head.anaphor", "head.anaphors") if many else ("head.anaphor",)
    return any(hit.cls in wanted for hit in clause.hits) or any(
        hit.pronoun or (hit.form == "noun" and hit.clitics.endswith("ال")) for hit in clause.predicates
    )


def read_back(
    clause: Clause, sentence: Sentence, context: Context, anaphors: Sequence[Hit], question: bool
) -> tuple[Reading, ...]:
    """What a clause without a base of its own says of those that it refers back to, likeliest first, at most two."""
    pronoun = [hit for hit in clause.predicates if hit.pronoun]
    at = anaphors[0].first if anaphors else clause.first
    heads = pronoun or sorted(clause.predicates, key=lambda h: abs(h.first - at))
    readings = (compose(head, None, clause, sentence, context, question) for head in heads[:4])
    return tuple(reading for reading in readings if reading is not None)[:2]


def receiver(scene: Scene, lang: str) -> str | None:
    """Who a base went to, where no predicate told: the party nearest to it in its clause."""
    parties = [h for h in scene.clause.hits if h.cls.startswith("party.")]
    if not parties:
        return None
    at = scene.site.first if scene.site else scene.clause.first
    return min(parties, key=lambda h: abs(h.first - at)).cls.removeprefix("party.")


def _claim(reading: Reading, base: str, first: int, last: int, sentence: Sentence) -> Claim:
    start, end = sentence.span_of(first, last)
    return Claim(
        kind=Kind.BASE_STATUS,
        subject=base,
        value=StatusValue(status=reading.status, to=reading.to),
        modality=reading.modality,
        quote=sentence.text.original[start:end],
        start=start,
        end=end,
        rule=reading.rule,
    )
