"""A troop figure, folded: claims in the order of their days become spells, each of figures that can all be true.

A spell's anchor is its first figure with both bounds, and what it is compared by: so neither a vague "fewer than"
nor a chain of small steps can hide a change.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from db.records import Comparator, Figure, Kind, KnownFact, Modality, Role, Slot
from monitor.knowing.credibility import confidence, strongest_by_origin
from monitor.knowing.intervals import interval, overlap, same_number, two_sided
from monitor.knowing.position import carriers, comparable, position
from monitor.knowing.rules import Rules, SpeakerKind
from monitor.knowing.weighed import BASELINE, Weighed

_OFFICIALS = (SpeakerKind.OFFICIAL, SpeakerKind.OFFICIAL_UNNAMED)


def figure_of(claim: Weighed) -> Figure:
    """The number that a claim gives. Raises TypeError for another kind's."""
    if not isinstance(claim.value, Figure):
        raise TypeError(f"not a figure: {claim.value!r}")
    return claim.value


@dataclass(kw_only=True, slots=True)
class Spell:
    """Figures that can all be true, and those about the same time that cannot."""

    anchor: Figure
    supports: list[Weighed]
    opposing: list[Weighed] = field(default_factory=list)

    def admits(self, figure: Figure, rules: Rules) -> bool:
        """Whether a figure can be true together with the anchor."""
        return overlap(interval(self.anchor, rules), interval(figure, rules))

    def join(self, claim: Weighed) -> None:
        """Take a figure in. The anchor becomes the first with both bounds, and a plain number rather than a range."""
        self.supports.append(claim)
        figure = figure_of(claim)
        vague = not two_sided(self.anchor) or (
            self.anchor.comparator is Comparator.RANGE and figure.comparator is not Comparator.RANGE
        )
        if vague and two_sided(figure):
            self.anchor = figure

    def sides(self, rules: Rules) -> list[list[Weighed]]:
        """What is said against it, in groups that can be true together, the strongest first."""
        groups: list[Spell] = []
        for claim in self.opposing:
            home = next((g for g in groups if g.admits(figure_of(claim), rules)), None)
            if home is None:
                groups.append(Spell(anchor=figure_of(claim), supports=[claim]))
            else:
                home.join(claim)
        return sorted((g.supports for g in groups), key=lambda side: -confidence(side))


def spells(claims: Iterable[Weighed], baseline: Weighed | None, rules: Rules) -> list[Spell]:
    """The spells of one figure, oldest first. Only asserted claims with the role `present` count."""
    moving = [c for c in claims if c.modality is Modality.ASSERTED and figure_of(c).role is Role.PRESENT]
    if baseline is not None:
        moving = [baseline, *(claim for claim in moving if claim.last >= baseline.last)]
    line: list[Spell] = []
    weak: list[Weighed] = []
    for claim in sorted(moving, key=lambda c: (c.last, c.origin != BASELINE, -c.weight, c.key)):
        if _too_weak(claim, weak, rules):
            weak.append(claim)
        else:
            _take(line, claim, rules)
    return line


def _too_weak(claim: Weighed, weak: list[Weighed], rules: Rules) -> bool:
    near = timedelta(days=rules.weak_days)
    same = [
        c
        for c in weak
        if claim.last - c.last <= near and overlap(interval(figure_of(c), rules), interval(figure_of(claim), rules))
    ]
    return claim.origin != BASELINE and confidence([*same, claim]) < rules.threshold


def _take(line: list[Spell], claim: Weighed, rules: Rules) -> None:
    now = line[-1] if line else None
    if now is None:
        line.append(Spell(anchor=figure_of(claim), supports=[claim]))
    elif now.admits(figure_of(claim), rules):
        now.join(claim)
        if _tells(claim) and now.opposing and claim.first > max(c.last for c in now.opposing):
            now.opposing.clear()  # said again of a later day than the doubt was about
    elif _copied(line, claim, rules):
        return
    else:
        _differ(line, claim, rules)


def _differ(line: list[Spell], claim: Weighed, rules: Rules) -> None:
    """Take a figure that cannot be true together with what is held: later, or against it about the same time."""
    now = line[-1]
    if any(c.article == claim.article and not (claim.dated and claim.first > c.last) for c in now.supports):
        return  # a slip, or another count, in an article that says the held figure too
    rivals = [c for c in now.supports if _same_time(c, claim, opened=now.supports[0], rules=rules)]
    if rivals and any(c.origin != claim.origin for c in rivals):
        now.opposing.append(claim)
    elif not rivals or claim.published > max(c.published for c in rivals):
        line.append(Spell(anchor=figure_of(claim), supports=[claim]))


def _tells(claim: Weighed) -> bool:
    """Whether a claim speaks of its own time: an undated figure of no official voice may be copied background."""
    return claim.dated or claim.speaker_kind == SpeakerKind.OFFICIAL


def _copied(line: list[Spell], claim: Weighed, rules: Rules) -> bool:
    """Whether a figure is background that outlived its spell: an undated number that was held not long ago."""
    if _tells(claim):
        return False
    span = timedelta(days=rules.stale_days)
    return any(
        same_number(figure_of(c), figure_of(claim)) and claim.last - c.last <= span
        for spell in line[:-1]
        for c in spell.supports
    )


def _same_time(held: Weighed, claim: Weighed, *, opened: Weighed, rules: Rules) -> bool:
    """Whether a held figure is about the time of another: about the same day, each speaking of its own time.

    A vague date is not, nor an earlier repetition without a date. A figure without a date does not overtake what
    officials said some days before, either: it contradicts it.
    """
    if held.origin == BASELINE or not (held.precise and claim.precise):
        return False
    if held.speaker_kind in _OFFICIALS and not _tells(claim):
        return claim.last - held.last <= timedelta(days=rules.recent_days)
    return held.period == claim.period and (_tells(held) or held is opened or held.published >= claim.published)


def figure_fact(
    subject: str, claims: list[Weighed], baseline: Weighed | None, *, rules: Rules, at: datetime
) -> tuple[KnownFact | None, Figure | None]:
    """What is held of a figure, and its anchor. The figure shown is that of most confidence, the latest of equals."""
    line = spells(claims, baseline, rules)
    if not line:
        return None, None
    now, anchor = _strongest(line[-1], rules)
    against = now.sides(rules)
    own = confidence(now.supports)
    contested = any(comparable(own, confidence(side), rules.comparable) for side in against)
    held, others = _shown(now.supports), [_shown(side) for side in against]
    fact = KnownFact(
        kind=Kind.TROOP_FIGURE,
        subject=subject,
        slot=Slot.FACT,
        held=position(held[0].value, held, contested=contested),
        contested=contested,
        rivals=tuple(position(side[0].value, side, contested=contested) for side in others),
        recorded_at=at,
    )
    return fact, anchor


def carrying_figures(
    claims: Iterable[Weighed], baseline: Weighed | None, rules: Rules, *, at: datetime
) -> list[Weighed]:
    """The claims without which a figure would be another: of each number said in the last spell, or against it, those
    that carry it; of each that was held in the spells of the last `stale_days`, one of each origin and the latest."""
    line = spells(claims, baseline, rules)
    out: list[Weighed] = []
    for spell in line[-1:]:
        sides = [spell.supports, *spell.sides(rules)]
        out += [side[0] for side in sides]
        out += [next(c for c in spell.supports if figure_of(c) == spell.anchor)]
        for side in sides:
            for said in _by_number(side):
                out += [*carriers(said), max(said, key=lambda c: c.last)]
    oldest = at.date() - timedelta(days=rules.stale_days)
    for spell in line[:-1]:
        for said in _by_number(c for c in spell.supports if c.last >= oldest):
            out += [*strongest_by_origin(said).values(), max(said, key=lambda c: c.last)]
    return out


def _by_number(claims: Iterable[Weighed]) -> list[list[Weighed]]:
    """Claims that give a figure alike, together."""
    groups: dict[tuple[int | None, int | None, Comparator], list[Weighed]] = {}
    for claim in claims:
        figure = figure_of(claim)
        groups.setdefault((figure.low, figure.high, figure.comparator), []).append(claim)
    return list(groups.values())


def _strongest(now: Spell, rules: Rules) -> tuple[Spell, Figure]:
    """The spell, or a side that outweighs it beyond comparison, in which case the spell stands against that side."""
    sides = now.sides(rules)
    own, other = confidence(now.supports), confidence(sides[0]) if sides else 0.0
    if other <= own or comparable(own, other, rules.comparable):
        return now, now.anchor
    turned = Spell(anchor=figure_of(sides[0][0]), supports=[])
    for claim in sides[0]:
        turned.join(claim)
    turned.opposing = [*now.supports, *(c for side in sides[1:] for c in side)]
    return turned, turned.anchor


def _shown(claims: list[Weighed]) -> list[Weighed]:
    """The claims of the figure to show: figures said alike, by confidence, then by their latest day."""

    def rank(group: list[Weighed]) -> tuple[float, date, tuple[str, ...]]:
        return confidence(group), max(c.last for c in group), min(c.key for c in group)

    return max(_by_number(claims), key=rank)
