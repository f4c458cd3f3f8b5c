"""How sure a position is, and the Admiralty pair that an alert carries."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from math import prod

from monitor.knowing.rules import SpeakerKind
from monitor.knowing.weighed import BASELINE, PERSON, Weighed


def noisy_or(weights: Iterable[float]) -> float:
    """`1 - Π(1 - w)`: that at least one of several independent voices is right. Empty gives 0."""
    return round(1 - prod(1 - w for w in weights), 4)


def strongest_by_origin(claims: Iterable[Weighed]) -> dict[str, Weighed]:
    """One voice an origin: its heaviest claim, of equals the first published.

    Where the root itself is heard, its word weighs, whoever reprints it. Reports of what other, unknown outlets
    report are one voice together, since they may all repeat one report; it adds nothing to those who were heard
    themselves, and stands only where it weighs more than they do.
    """
    direct, hearsay = voices(claims)
    one = dict(sorted(hearsay.items(), key=lambda item: (-item[1].weight, item[1].key))[:1])
    return max(direct, one, key=lambda voices: noisy_or(claim.weight for claim in voices.values()))


def voices(claims: Iterable[Weighed]) -> tuple[dict[str, Weighed], dict[str, Weighed]]:
    """The heaviest claim of each origin, its own word and what it heard of others apart."""
    direct: dict[str, Weighed] = {}
    hearsay: dict[str, Weighed] = {}
    for claim in sorted(claims, key=lambda c: (c.source != c.origin, -c.weight, c.key)):
        echo = claim.speaker_kind == SpeakerKind.MEDIA and claim.origin == claim.source
        (hearsay if echo else direct).setdefault(claim.origin, claim)
    return direct, hearsay


def confidence(claims: Iterable[Weighed]) -> float:
    """The noisy-OR of one weight per origin."""
    return noisy_or(claim.weight for claim in strongest_by_origin(claims).values())


def admiralty(claims: Sequence[Weighed], *, contested: bool) -> str:
    """The pair such as "B2": reliability of the best source, credibility of the information.

    After NATO's AJP-2.1 (Allied Joint Doctrine for Intelligence Procedures), tables of source reliability and
    information credibility: 1 confirmed by other, independent sources; 2 probably true, here one official voice;
    3 possibly true, one other voice; 4 doubtful, here contested; 6 cannot be judged, here a baseline alone.
    5 (improbable) is never held. Hearsay of another outlet confirms nothing; a person's word confirms.
    """
    told = [claim for claim in claims if claim.origin != BASELINE]
    if not told:
        return "F6"
    letter = min(claim.reliability for claim in told)
    if contested:
        return f"{letter}4"
    if any(claim.origin == PERSON for claim in told) or len(strongest_by_origin(told)) >= 2:
        return f"{letter}1"
    official = any(claim.speaker_kind == SpeakerKind.OFFICIAL for claim in told)
    return f"{letter}{2 if official else 3}"
