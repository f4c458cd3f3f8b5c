"""Precision and recall of the reading against labelled passages, per kind.

A found claim is right when it says what a labelled one says: same kind, modality, subject and value (or role and
number), each labelled claim once. Dates of deadlines may differ by four days. A labelled claim marked `optional` is
neither wanted nor wrong, and so is `vacated` beside `handed_over` of the same base.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from db.errors import InputError
from db.records import Claim, Comparator, Deadline, Figure, Kind, Modality, Period, Role, Status, StatusValue, Value

ALERT_BEARING = "alert-bearing"  # asserted base statuses and figures of troops present: what can raise an alert
ALIKE = {
    Comparator.AT_MOST: Comparator.LESS_THAN,
    Comparator.AT_LEAST: Comparator.MORE_THAN,
    Comparator.ABOUT: Comparator.EXACT,
}
LEFT = {Status.VACATED, Status.HANDED_OVER}
DEADLINE_SLACK_DAYS = 4


@dataclass(frozen=True, kw_only=True)
class Gold:
    """One labelled passage with what was found in it."""

    id: str
    text: str
    wanted: Sequence[Claim]
    optional: Sequence[Claim]
    found: Sequence[Claim]

    @classmethod
    def parse(cls, row: dict[str, Any], found: Sequence[Claim], where: str) -> Gold:
        """Read a labelled passage `{id, text, claims}`. Raises InputError naming the claim at fault."""
        wanted: list[Claim] = []
        optional: list[Claim] = []
        for number, data in enumerate(row["claims"], 1):
            try:
                (optional if data.get("optional") else wanted).append(_parse(data))
            except (KeyError, ValueError, AttributeError) as error:
                raise InputError(f"claim {number} breaks the contract: {error}", where=where) from error
        return cls(id=str(row["id"]), text=row["text"], wanted=wanted, optional=optional, found=found)


def _parse(data: dict[str, Any]) -> Claim:
    return Claim.from_json(data)


@dataclass(kw_only=True)
class Tally:
    """Counts of one kind."""

    name: str
    right: int = 0
    false: int = 0
    missed: int = 0

    @property
    def precision(self) -> float:
        """Right of found, 0 to 1."""
        return self.right / (self.right + self.false) if self.right + self.false else 0.0

    @property
    def recall(self) -> float:
        """Right of wanted, 0 to 1."""
        return self.right / (self.right + self.missed) if self.right + self.missed else 0.0

    @property
    def f1(self) -> float:
        """The harmonic mean of precision and recall."""
        total = self.precision + self.recall
        return 2 * self.precision * self.recall / total if total else 0.0

    def cells(self) -> tuple[str, ...]:
        """A table's row."""
        shares = (f"{share:.3f}" for share in (self.precision, self.recall, self.f1))
        return (self.name, str(self.right), str(self.false), str(self.missed), *shares)


@dataclass(kw_only=True)
class Scores:
    """What `drawdown eval` prints."""

    tallies: list[Tally] = field(default_factory=list)
    modality_right: int = 0
    modality_total: int = 0
    bad_quotes: int = 0
    misses: list[str] = field(default_factory=list)

    def tally(self, name: str) -> Tally:
        """The tally of that name, made when it is new."""
        for tally in self.tallies:
            if tally.name == name:
                return tally
        self.tallies.append(Tally(name=name))
        return self.tallies[-1]

    def to_json(self) -> dict[str, Any]:
        """The object that `eval --json` prints."""
        return {
            "kinds": [
                {
                    "kind": t.name,
                    "right": t.right,
                    "false": t.false,
                    "missed": t.missed,
                    "precision": round(t.precision, 4),
                    "recall": round(t.recall, 4),
                    "f1": round(t.f1, 4),
                }
                for t in self.tallies
            ],
            "modality_right": self.modality_right,
            "modality_total": self.modality_total,
            "bad_quotes": self.bad_quotes,
        }


def evaluate(passages: Iterable[Gold]) -> Scores:
    """Score what was found in the passages against their labels."""
    scores = Scores()
    for passage in passages:
        _score(passage, scores)
    everything = Tally(name="all")
    for tally in scores.tallies:
        if tally.name != ALERT_BEARING:
            everything.right += tally.right
            everything.false += tally.false
            everything.missed += tally.missed
    scores.tallies.sort(key=lambda tally: (tally.name == ALERT_BEARING, tally.name))
    scores.tallies.append(everything)
    return scores


def _score(passage: Gold, scores: Scores) -> None:
    open_gold = list(passage.wanted)
    left: list[Claim] = []
    for claim in passage.found:
        if passage.text[claim.start : claim.end] != claim.quote or not claim.quote:
            scores.bad_quotes += 1
            _count_false(passage, claim, scores)
            continue
        match = next((gold for gold in open_gold if says_the_same(gold, claim)), None)
        if match is None:
            left.append(claim)
            continue
        open_gold.remove(match)
        scores.modality_right += 1
        scores.modality_total += 1
        for name in _names(match):
            scores.tally(name).right += 1
    for claim in left:
        if not _forgiven(claim, passage):
            scores.modality_total += any(says_the_same(gold, claim, modality=False) for gold in passage.wanted)
            _count_false(passage, claim, scores)
    for gold in open_gold:
        for name in _names(gold):
            scores.tally(name).missed += 1
        scores.misses.append(f"MISSED {passage.id}: {_brief(gold)}")


def _count_false(passage: Gold, claim: Claim, scores: Scores) -> None:
    for name in _names(claim):
        scores.tally(name).false += 1
    scores.misses.append(f"FALSE  {passage.id}: {_brief(claim)}  [{claim.rule}]")


def _names(claim: Claim) -> list[str]:
    return [claim.kind.value] + ([ALERT_BEARING] if _bears_alerts(claim) else [])


def _bears_alerts(claim: Claim) -> bool:
    if claim.modality is not Modality.ASSERTED:
        return False
    return claim.kind is Kind.BASE_STATUS or (
        isinstance(claim.value, Figure) and claim.kind is Kind.TROOP_FIGURE and claim.value.role is Role.PRESENT
    )


def _brief(claim: Claim) -> str:
    return f"{claim.kind.value} {claim.subject} {claim.modality.value} {_value(claim.value)} “{claim.quote}”"


def _value(value: Value) -> str:
    match value:
        case StatusValue():
            return value.status.value + (f" to {value.to}" if value.to else "")
        case Figure():
            return f"{value.role or ''} {value.comparator.value} {value.low}–{value.high}".strip()
        case Deadline():
            return f"{value.earliest}–{value.latest}"


def says_the_same(gold: Claim, found: Claim, *, modality: bool = True) -> bool:
    """Whether the two claims assert the same. modality: whether it counts, too."""
    if gold.kind is not found.kind or (modality and gold.modality is not found.modality):
        return False
    match gold.value, found.value:
        case StatusValue(status=wanted), StatusValue(status=got):
            return gold.subject == found.subject and wanted is got
        case Deadline(latest=wanted_day), Deadline(latest=got_day):
            return near(wanted_day, got_day)
        case Figure() as a, Figure() as b:
            ways = {a.direction, b.direction} - {None}
            return a.role is b.role and len(ways) < 2 and _number(a) == _number(b)
        case _:
            return False


def _number(figure: Figure) -> tuple[int | None, int | None, Comparator]:
    return figure.low, figure.high, ALIKE.get(figure.comparator, figure.comparator)


def near(a: str | None, b: str | None) -> bool:
    """Whether two ISO dates lie within four days of each other; a month or year covers its days."""
    if a is None or b is None:
        return a == b
    one, other = Period.parse(a), Period.parse(b)
    gap = max((one.first - other.last).days, (other.first - one.last).days)
    return gap <= DEADLINE_SLACK_DAYS


def _forgiven(claim: Claim, passage: Gold) -> bool:
    labelled = [*passage.wanted, *passage.optional]
    if any(says_the_same(gold, claim) for gold in labelled):
        return True
    match claim.value:
        case StatusValue(status=status) if status in LEFT:
            return any(
                isinstance(gold.value, StatusValue)
                and gold.value.status in LEFT
                and gold.subject == claim.subject
                and gold.modality is claim.modality
                for gold in passage.wanted
            )
        case Figure(role=Role.TO_WITHDRAW):
            return any(
                isinstance(gold.value, Figure)
                and gold.value.role is Role.PRESENT
                and _number(gold.value) == _number(claim.value)
                for gold in passage.wanted
            )
        case _:
            return False
