"""The decision what a scene claims: the rules alone, or weighed by small linear models over composed features.

The models are data of the topic: one gives a scene's status, asserted or not, or none; one the modality of what is
claimed and not asserted. A claim is made when its probability reaches a threshold. Without models the rules decide.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from pathlib import Path

from db.records import Claim, Modality, Status
from monitor.reading.kinds.base_status import Scene, by_rule, claim_of, receiver
from monitor.reading.kinds.features import features, is_plain
from monitor.reading.linear import Linear
from monitor.reading.status_rules import Reading, convoy_leaves

STATUS_FILE = "statuses.json"
MODALITY_FILE = "modalities.json"
NONE = "none"
_ASSERTED = "asserted"
_OTHER = "other"
CLASSES = (*(f"{status.value}/{way}" for status in Status for way in (_ASSERTED, _OTHER)), NONE)
_CHANCE = re.compile(r" \(\d\.\d\d\)$")
_REASONS = "by "  # what begins the rule of a claim that no rule read
_UNLIKELY = 0.6  # where the model holds this much against any claim, none is proposed to a second reader
_SILENCES = 0.5  # a sure rule gives way where the model holds this much against any claim at all


def class_of(status: Status, modality: Modality) -> str:
    """The status model's class of a claim."""
    return f"{status.value}/{_ASSERTED if modality is Modality.ASSERTED else _OTHER}"


@dataclass(frozen=True, slots=True)
class Floors:
    """The least probability at which a claim is made, by what the rules' first reading says of it.

    agreed: the same status and modality; status: the same status; silent: the rules read nothing; against: the
    rules read another status. uncounted is added where the name may not be the base at all. Claims that are less
    sure, but agreed, are made in the knowledge that the second reader drops what it doubts.
    """

    agreed: float = 0.4
    status: float = 0.5
    silent: float = 0.45
    against: float = 0.45
    uncounted: float = 0.1

    @property
    def lowest(self) -> float:
        """Below this there is no claim in any case."""
        return min(self.agreed, self.status, self.silent, self.against)


def by_rule_alone(claim: Claim) -> bool:
    """Whether a sure rule decided a claim, so that its `rule` does not end with a model's chance."""
    return not _CHANCE.search(claim.rule)


def by_model_alone(claim: Claim) -> bool:
    """Whether a model decided a claim that no rule read, so that its `rule` names the model's reasons."""
    return claim.rule.startswith(_REASONS)


def in_part(claim: Claim) -> bool:
    """Whether a rule read that some men or vehicles left a base, so that nothing says that it is empty."""
    return ":part " in claim.rule


@dataclass(frozen=True, slots=True)
class Decider:
    """Decides scenes. asserted, other: the least probabilities of asserted claims, and of all others."""

    statuses: Linear | None = None
    modalities: Linear | None = None
    asserted: Floors = Floors()
    other: Floors = Floors(agreed=0.4, status=0.45, silent=0.45, against=0.45)

    @classmethod
    def load(cls, folder: Path) -> Decider:
        """The topic's models, or the rules alone when it has none. Raises ConfigError."""
        return cls(Linear.load(folder / STATUS_FILE), Linear.load(folder / MODALITY_FILE))

    def decide(self, scene: Scene, lang: str) -> list[Claim]:
        """The claims of a scene; none where a name that is an ordinary word, too, has no base word."""
        if scene.site is not None and scene.site.mention.strength == "weak" and not scene.counts:
            return []
        if self.statuses is None or self.modalities is None:
            return by_rule(scene)
        names = features(scene, lang)
        chances = self.statuses.probabilities(names)
        if scene.counts and scene.readings:
            first = scene.readings[0]
            if convoy_leaves(first, scene.clause, lang) or (first.sure and chances[NONE] < _SILENCES):
                return by_rule(scene)
        out = []
        for status in Status:
            sure = chances[class_of(status, Modality.ASSERTED)]
            modality = Modality.ASSERTED
            if sure < self._least(scene, status, modality):
                sure = chances[class_of(status, Modality.PLANNED)]
                if sure < self.other.lowest:
                    continue
                modality, share = self._otherwise(names)
                sure *= share
            if sure >= self._least(scene, status, modality):
                out.append(claim_of(scene, self._reading(scene, status, modality, sure, names, lang)))
        return out

    def nearly(self, scene: Scene, lang: str) -> list[Claim]:
        """What the rules read plainly of a base that is left, and the model neither claims nor thinks unlikely.

        For a second reader to confirm: a plain clause has one class of predicate, and no modality, party or other base.
        """
        first = scene.readings[0] if scene.readings else None
        if first is None or (first.status, first.modality) != (Status.VACATED, Modality.ASSERTED):
            return []
        if self.statuses is None or not scene.counts or not is_plain(scene):
            return []
        chances = self.statuses.probabilities(features(scene, lang))
        if chances[NONE] >= _UNLIKELY:
            return []
        sure = chances[class_of(first.status, first.modality)]
        return [claim_of(scene, replace(first, rule=f"{first.rule} ({sure:.2f})"))]

    def _otherwise(self, names: list[str]) -> tuple[Modality, float]:
        """The likeliest modality of a claim that is not asserted, and how likely it is."""
        modes = self.modalities.probabilities(names) if self.modalities else {}
        modes.pop(_ASSERTED, None)
        mode = max(modes, key=lambda name: modes[name])
        return Modality(mode), modes[mode] / sum(modes.values())

    def _least(self, scene: Scene, status: Status, modality: Modality) -> float:
        least = self.asserted if modality is Modality.ASSERTED else self.other
        more = 0.0 if scene.counts else least.uncounted
        if not scene.readings:
            return least.silent + more
        first = scene.readings[0]
        if first.status is not status:
            return least.against + more
        return (least.agreed if first.modality is modality else least.status) + more

    def _reading(
        self, scene: Scene, status: Status, modality: Modality, sure: float, names: list[str], lang: str
    ) -> Reading:
        ruled = next((r for r in scene.readings if r.status is status), None)
        to = None
        if status is Status.HANDED_OVER:
            to = ruled.to if ruled and ruled.to else receiver(scene, lang)
        if ruled:
            why = ruled.rule
        else:
            reasons = self.statuses.reasons(names, class_of(status, modality)) if self.statuses else []
            why = f"{_REASONS}{', '.join(reasons)} → {status.value}"
        return Reading(status, to, modality, f"{why} ({sure:.2f})", ruled.head if ruled else None)
